"""List requests: what they ask for, and the pages that answer them.

Source: docs/vendors/lightspeed-r-series.md, cursors, filters.
"""

from __future__ import annotations

import base64
import json
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.lightspeed.filters import BadRequest, Condition, Test, alternatives, column, test_of
from sandbox.lightspeed.resources import RESOURCES, walk
from sandbox.lightspeed.world import Row, SortKey, World, rank

MAX_LIMIT = 100
OLD = ("offset", "orderby", "orderby_desc")
"""How the version before had its pages."""
SPECIAL = {"limit", "sort", "after", "before", "load_relations", "archived", "count", "or", *OLD}
UNLOADED = ("CustomFieldValues", "CustomFieldValues.value")
"""What ``load_relations=all`` leaves out."""


@dataclass(frozen=True)
class Ask:
    """A list request, read.

    Attributes:
        relations: What is loaded.
        priced: What is paid for; ``all`` is the sum of all relations, although it leaves some out.
    """

    resource: str
    limit: int
    sort: str
    descending: bool
    after: list[Any] | None
    before: list[Any] | None
    relations: tuple[str, ...]
    priced: tuple[str, ...]
    archived: str
    count: bool
    filters: tuple[Condition, ...]
    alternatives: tuple[Condition, ...]

    @property
    def sort_text(self) -> str:
        """The sort as the URL says it."""
        return f"-{self.sort}" if self.descending else self.sort

    @property
    def looks_up_code(self) -> bool:
        """Whether it looks a gift card up by its code, which has a limit of its own."""
        named = [condition.name for condition in (*self.filters, *self.alternatives)]
        return self.resource == "CreditAccount" and "code" in named


@dataclass(frozen=True)
class Page:
    """A page of rows, with the cursors to its neighbours; None where there is none."""

    rows: list[Row]
    after: str | None
    before: str | None


def read(resource: str, params: Sequence[tuple[str, str]], world: World) -> Ask:
    """What a list request asks for.

    Raises:
        BadRequest: It cannot be asked so.
    """
    given = dict(params)
    _exclude(given, world)
    relations, priced = _relations(resource, given.get("load_relations", ""), world)
    sort, descending = _sort(resource, given.get("sort"))
    return Ask(
        resource=resource,
        limit=_limit(given.get("limit", "100"), world),
        sort=sort,
        descending=descending,
        after=_cursor(given.get("after")),
        before=_cursor(given.get("before")),
        relations=relations,
        priced=priced,
        archived=given.get("archived", "false"),
        count=given.get("count") == "1",
        filters=_filters(params, world),
        alternatives=alternatives(given.get("or", "")),
    )


def page(ask: Ask, world: World) -> Page:
    """The page: keyset paging, so inserts and deletes elsewhere neither skip nor repeat a row."""
    passes = _test(ask, world)
    order = world.order(ask.resource, column(ask.sort))
    keys = order[::-1] if ask.descending else order
    backwards = ask.before is not None
    span = _span(keys, ask)
    chosen: list[SortKey] = []
    for key in reversed(span) if backwards else span:
        if passes(world.tables[ask.resource][key[1]]):
            chosen.append(key)
            if len(chosen) > ask.limit:
                break
    more = len(chosen) > ask.limit
    kept = chosen[: ask.limit]
    if backwards:
        kept.reverse()
    forward = bool(kept) and (more if not backwards else True)
    back = bool(kept) and (more if backwards else ask.after is not None)
    rows = [world.tables[ask.resource][key[1]] for key in kept]
    return Page(rows, _token(kept[-1], ask) if forward else None, _token(kept[0], ask) if back else None)


def count(ask: Ask, world: World) -> int:
    """How many rows there are."""
    passes = _test(ask, world)
    return sum(1 for row in world.tables[ask.resource].values() if passes(row))


def _span(keys: Sequence[SortKey], ask: Ask) -> Sequence[SortKey]:
    """The rows on the asked side of the cursor."""
    cursor = ask.after or ask.before
    if cursor is None:
        return keys
    mark: SortKey = (rank(cursor[0]), int(cursor[-1]))
    if ask.descending:
        rising = list(reversed(keys))
        part = rising[: bisect_left(rising, mark)] if ask.after else rising[bisect_right(rising, mark) :]
        return list(reversed(part))
    return keys[bisect_right(keys, mark) :] if ask.after else keys[: bisect_left(keys, mark)]


def _token(key: SortKey, ask: Ask) -> str:
    (_, value), row_id = key
    shown = str(value) if isinstance(value, str) else (int(value) if value == int(value) else str(value))
    values = [row_id] if ask.sort == RESOURCES[ask.resource].key else [shown, row_id]
    return base64.b64encode(json.dumps(values, separators=(",", ":")).encode()).decode()


def _cursor(token: str | None) -> list[Any] | None:
    if not token:
        return None
    try:
        values = json.loads(base64.b64decode(token, validate=True))
    except ValueError:
        raise BadRequest("The cursor is not valid.") from None
    if not isinstance(values, list) or len(values) not in (1, 2) or not str(values[-1]).isdigit():
        raise BadRequest("The cursor is not valid.")
    return values


def _exclude(given: dict[str, str], world: World) -> None:
    """Refuse what does not go together, and what is gone."""
    if given.get("count") == "1" and {"limit", "sort", "after", "before"} & set(given):
        raise BadRequest("count cannot be combined with limit, sort, after or before.")
    old = [name for name in OLD if name in given]
    if old and world.switches.offset == "400":
        raise BadRequest(f"{old[0]} is not supported by this version; use sort and the next link.")


def _limit(text: str, world: World) -> int:
    if not text.isdigit():
        raise BadRequest("limit must be a number between 0 and 100.")
    limit = int(text)
    if limit > MAX_LIMIT and world.switches.long_limit == "400":
        raise BadRequest("limit must be a number between 0 and 100.")
    return min(limit, MAX_LIMIT)


def _sort(resource: str, text: str | None) -> tuple[str, bool]:
    key = RESOURCES[resource].key
    allowed = dict.fromkeys((key, *RESOURCES[resource].sorts))
    name = (text or key).removeprefix("-")
    found = next((each for each in allowed if each.lower() == name.lower()), None)
    if found is None:
        raise BadRequest(f"Sorting by {name} is not supported; supported are: {', '.join(allowed)}.")
    return found, bool(text and text.startswith("-"))


def _relations(resource: str, text: str, world: World) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is loaded, and what is paid for."""
    if text == "all":
        paths = RESOURCES[resource].paths
        return tuple(path for path in paths if path not in UNLOADED), paths
    names = _names(text)
    unknown = names is None or [name for name in names if walk(resource, name) is None]
    if unknown and world.switches.unknown_relation == "400":
        what = ", ".join(unknown) if isinstance(unknown, list) else f"{text} is no JSON array"
        raise BadRequest(f"Unknown relation: {what}.")
    known = tuple(name for name in names or () if walk(resource, name) is not None)
    return known, known


def _names(text: str) -> list[str] | None:
    """The names in a JSON array; None where it is none."""
    try:
        names = json.loads(text or "[]")
    except ValueError:
        return None
    return [str(name) for name in names] if isinstance(names, list) else None


def _filters(params: Sequence[tuple[str, str]], world: World) -> tuple[Condition, ...]:
    given = [(name, value) for name, value in params if name not in SPECIAL]
    if world.switches.same_field_twice == "last":
        given = list(dict(given).items())
    return tuple(Condition.read(name, value) for name, value in given)


def _test(ask: Ask, world: World) -> Test:
    tests = [test_of(condition, ask.resource, ask.relations, world) for condition in ask.filters]
    hides = RESOURCES[ask.resource].hides
    if hides and hides not in {condition.name for condition in ask.filters}:
        tests.append(lambda row: rank(row.get(hides) or False) == rank(False))
    any_of = [test_of(condition, ask.resource, ask.relations, world) for condition in ask.alternatives]
    states = {"true": (True, False), "only": (True,)}.get(ask.archived, (False,))

    def passes(row: Row) -> bool:
        archived = str(row.get("archived", False)).lower() == "true"
        return archived in states and all(test(row) for test in tests) and (not any_of or any(t(row) for t in any_of))

    return passes
