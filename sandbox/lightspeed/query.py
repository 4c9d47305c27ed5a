"""Filters, sorts and keyset cursors (facts: R-Series sections 5 and 6)."""

from __future__ import annotations

import base64
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from sandbox.lightspeed.resources import RESOURCES, walk
from sandbox.lightspeed.world import Row, SortKey, World, rank

MAX_LIMIT = 100
MAX_IN = 100
SPECIAL = {"limit", "sort", "after", "before", "offset", "load_relations", "archived", "count", "or"}
OPERATOR = re.compile(r"^(><|>=|<=|!=|!~|>|<|=|~|IN),(.*)$", re.DOTALL)
INSTANT = re.compile(r"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?")


class BadRequest(Exception):
    """The vendor's 400, with its sentence."""


@dataclass(frozen=True)
class Ask:
    """A list request, read."""

    resource: str
    limit: int
    sort: str
    descending: bool
    after: list[Any] | None
    before: list[Any] | None
    relations: tuple[str, ...]
    archived: str
    count: bool
    filters: tuple[tuple[str, str], ...]
    alternatives: tuple[tuple[str, str], ...]

    @property
    def sort_text(self) -> str:
        """The sort as the URL says it."""
        return f"-{self.sort}" if self.descending else self.sort


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
    if given.get("count") == "1" and {"limit", "sort", "after", "before"} & set(given):
        raise BadRequest("count cannot be combined with limit, sort, after or before.")
    if "offset" in given:
        raise BadRequest("offset is not supported by this version; use the next link.")
    relations = _relations(resource, given.get("load_relations", ""))
    sort, descending = _sort(resource, given.get("sort"))
    return Ask(
        resource=resource,
        limit=_limit(given.get("limit", "100"), world),
        sort=sort,
        descending=descending,
        after=_cursor(given.get("after")),
        before=_cursor(given.get("before")),
        relations=relations,
        archived=given.get("archived", "false"),
        count=given.get("count") == "1",
        filters=tuple((name, value) for name, value in params if name not in SPECIAL),
        alternatives=tuple(_pair(each) for each in given["or"].split("|")) if given.get("or") else (),
    )


def page(ask: Ask, world: World) -> Page:
    """The page: keyset paging, so inserts and deletes elsewhere neither skip nor repeat a row."""
    passes = _test(ask, world)
    order = world.order(ask.resource, _column(ask.sort))
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
    value, row_id = key
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
    if not isinstance(values, list) or len(values) not in (1, 2):
        raise BadRequest("The cursor is not valid.")
    return values


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


def _relations(resource: str, text: str) -> tuple[str, ...]:
    if not text:
        return ()
    if text == "all":
        return tuple(name for name in RESOURCES[resource].relations if name != "CustomFieldValues")
    try:
        names = json.loads(text)
    except ValueError:
        raise BadRequest("load_relations must be a JSON array.") from None
    unknown = [name for name in names if walk(resource, str(name)) is None]
    if unknown:
        raise BadRequest(f"Unknown relation: {', '.join(map(str, unknown))}.")
    return tuple(map(str, names))


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _test(ask: Ask, world: World) -> Callable[[Row], bool]:
    tests = [_condition(name, value, ask, world) for name, value in ask.filters]
    hides = RESOURCES[ask.resource].hides
    if hides and hides not in dict(ask.filters):
        tests.append(lambda row: rank(row.get(hides) or False) == "false")
    any_of = [_condition(name, value, ask, world) for name, value in ask.alternatives]
    states = {"true": (True, False), "only": (True,)}.get(ask.archived, (False,))

    def passes(row: Row) -> bool:
        archived = str(row.get("archived", False)).lower() == "true"
        return archived in states and all(test(row) for test in tests) and (not any_of or any(t(row) for t in any_of))

    return passes


def _column(name: str) -> str:
    return "updateTime" if name.lower() == "updatetime" else name


def _condition(name: str, text: str, ask: Ask, world: World) -> Callable[[Row], bool]:
    """One filter as a function of a row."""
    head, _, tail = name.partition(".")
    if tail and head not in ask.relations:
        raise BadRequest(f"{head} must be loaded to be searched.")
    column = _column(tail or head)
    if head == RESOURCES[ask.resource].hides and world.switches.gift_card_query == "also":
        return lambda _: True
    if column == "updateTime" and not world.switches.updatetime_filter:
        raise BadRequest(f"Filtering by {name} is not supported.")
    found = OPERATOR.match(text)
    operator, value = (found[1], found[2]) if found else ("=", text)
    if operator != "=" and ask.resource == "CreditAccount" and not world.switches.credit_account_ranges:
        raise BadRequest(f"Credit accounts can be looked up by = only, not by {operator}.")
    compare = _comparison(operator, value)
    if tail:
        return lambda row: compare((row.get(head) or {}).get(column))
    return lambda row: compare(row.get(column))


def _comparison(operator: str, text: str) -> Callable[[Any], bool]:
    if operator == "IN":
        wanted = {_asked(each.strip()) for each in text.strip("[]").split(",")}
        if len(wanted) > MAX_IN:
            raise BadRequest(f"IN takes at most {MAX_IN} values.")
        return lambda value: rank(value) in wanted
    if operator in ("~", "!~"):
        like = re.compile(".*".join(map(re.escape, text.split("%"))), re.IGNORECASE | re.DOTALL)

        def hits(value: Any) -> bool:
            return value is not None and bool(like.match(str(value)))

        return hits if operator == "~" else (lambda value: not hits(value))
    if operator == "><":
        low, _, high = text.partition(",")
        return lambda value: value is not None and _asked(low) <= rank(value) <= _asked(high)
    return _ordered(operator, _asked(text))


def _ordered(operator: str, wanted: Any) -> Callable[[Any], bool]:
    tests: dict[str, Callable[[Any], bool]] = {
        "=": lambda value: rank(value) == wanted,
        "!=": lambda value: rank(value) != wanted,
        ">": lambda value: value is not None and rank(value) > wanted,
        ">=": lambda value: value is not None and rank(value) >= wanted,
        "<": lambda value: value is not None and rank(value) < wanted,
        "<=": lambda value: value is not None and rank(value) <= wanted,
    }
    return tests[operator]


def _asked(text: str) -> Any:
    """A value of a query string in comparable form; instants in any offset that the vendor takes."""
    if INSTANT.match(text):
        sound = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text.strip().replace("Z", "+00:00"))
        try:
            moment = datetime.fromisoformat(sound)
        except ValueError:
            raise BadRequest("This is no date and time.") from None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        return rank(aware)
    return rank(text)
