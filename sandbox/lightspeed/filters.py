"""Filters: what a row must say to be listed (docs/vendors/lightspeed-r-series.md, filters)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from sandbox.lightspeed.resources import RESOURCES
from sandbox.lightspeed.world import Row, World, listed, rank

MAX_IN = 100
OPERATOR = re.compile(r"^(><|>=|<=|!=|!~|>|<|=|~|IN),(.*)$", re.DOTALL)
RANGES = (">", ">=", "<", "<=", "><")
INSTANT = re.compile(r"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?")
PHONES = {"phoneHome": "Home", "phoneWork": "Work", "mobile": "Mobile", "pager": "Pager", "fax": "Fax"}
"""What a search calls the numbers of a contact, and what the contact says that they are for."""
CODES = ("itemID", "upc", "ean")
"""What ``itemCode`` looks through."""
Test = Callable[[Row], bool]
Values = Callable[[Row], Sequence[Any]]


class BadRequest(Exception):
    """The vendor's 400, with its sentence."""


@dataclass(frozen=True)
class Condition:
    """``field=op,value`` or ``Relation.field=op,value``."""

    name: str
    operator: str
    value: str

    @classmethod
    def read(cls, name: str, text: str) -> Condition:
        """From a parameter of the query string."""
        found = OPERATOR.match(text)
        return cls(name, found[1], found[2]) if found else cls(name, "=", text)

    @property
    def relation(self) -> str:
        """The relation whose rows are asked; empty for the row itself."""
        return self.name.rpartition(".")[0]

    @property
    def column(self) -> str:
        """The field, by the name that rows have it under."""
        return column(self.name.rpartition(".")[2])


def alternatives(text: str) -> tuple[Condition, ...]:
    """The operands of ``or=``."""
    return tuple(Condition.read(*each.partition("=")[::2]) for each in text.split("|")) if text else ()


def column(name: str) -> str:
    """A field under the name that rows have it under: the update time is spelt in two ways."""
    return "updateTime" if name.lower() == "updatetime" else name


def test_of(condition: Condition, resource: str, relations: Sequence[str], world: World) -> Test:
    """A condition as a function of a row; on a to-many relation, any of its rows will do.

    Raises:
        BadRequest: It cannot be asked so.
    """
    _check(condition, resource, relations, world)
    if _is_ignored(condition, resource, world):
        return lambda _: True
    compare, values = _comparison(condition.operator, condition.value), _values(condition, resource, world)
    return lambda row: any(compare(value) for value in values(row))


def _check(condition: Condition, resource: str, relations: Sequence[str], world: World) -> None:
    name, operator = condition.name, condition.operator
    if condition.relation and condition.relation not in relations:
        raise BadRequest(f"{condition.relation} must be loaded to be searched.")
    if "." in condition.relation:
        raise BadRequest(f"{name}: relations can be searched one level deep.")
    refused = condition.column == "updateTime" and world.switches.updatetime_filter == "false"
    if refused or (world.switches.unknown_filter == "400" and _is_unknown(condition, resource, world)):
        raise BadRequest(f"Filtering by {name} is not supported.")
    if name == "itemCode" and operator not in ("=", "IN"):
        raise BadRequest(f"itemCode can be looked up by = and IN only, not by {operator}.")
    by_equals_only = name == "code" or not world.switches.credit_account_ranges
    if resource == "CreditAccount" and operator != "=" and by_equals_only:
        raise BadRequest(f"Credit accounts can be looked up by = only, not by {operator}.")


def _is_ignored(condition: Condition, resource: str, world: World) -> bool:
    """Whether rows come as if it had not been asked."""
    switches = world.switches
    return (
        (condition.name == RESOURCES[resource].hides and switches.gift_card_query == "also")
        or (condition.column == "updateTime" and switches.updatetime_filter == "ignore")
        or _is_unknown(condition, resource, world)
    )


def _is_unknown(condition: Condition, resource: str, world: World) -> bool:
    """Whether no row has such a field; of a table without rows nobody can tell, nor of what is looked for elsewhere."""
    known, rows, name = RESOURCES[resource], world.tables[resource].values(), condition.column
    elsewhere = condition.relation or name in (known.key, known.hides, "itemCode", *known.sorts)
    return not elsewhere and bool(rows) and not any(name in row for row in rows)


def _values(condition: Condition, resource: str, world: World) -> Values:
    """What a row has for the condition to look at."""
    name, relation = condition.column, condition.relation
    if resource == "Item" and name == "itemCode":
        return lambda row: [row.get(code) for code in CODES]
    if not relation:
        return lambda row: [row.get(name)]
    if relation == "Contact":
        return lambda row: _of_contact(row.get("Contact") or {}, name)
    return lambda row: [each.get(name) for each in _related(row, relation, resource, world)]


def _of_contact(contact: Row, name: str) -> list[Any]:
    if name == "email":
        return [each.get("address") for each in listed(contact, "Emails")]
    if name in PHONES:
        return [each.get("number") for each in listed(contact, "Phones") if each.get("useType") == PHONES[name]]
    return [contact.get(name)]


def _related(row: Row, name: str, resource: str, world: World) -> list[Row]:
    """The rows of a relation."""
    relation = RESOURCES[resource].relations[name]
    if not relation.resource:
        return [each for each in listed(row, name) if isinstance(each, dict)]
    if relation.many:
        return world.children(relation.resource, relation.key, int(row[RESOURCES[resource].key]))
    other = world.get(relation.resource, int(row.get(relation.key) or 0))
    return [other] if other else []


def _comparison(operator: str, text: str) -> Callable[[Any], bool]:
    if operator == "IN":
        wanted = {asked(each.strip()) for each in text.strip("[]").split(",")}
        if len(wanted) > MAX_IN:
            raise BadRequest(f"IN takes at most {MAX_IN} values.")
        return lambda value: rank(value) in wanted
    if operator in ("~", "!~"):
        return _like(text, wanted=operator == "~")
    if operator == "><":
        low, _, high = (asked(each) for each in text.partition(","))
        return lambda value: value is not None and low <= rank(value) <= high
    return _ordered(operator, asked(text))


def _like(text: str, *, wanted: bool) -> Callable[[Any], bool]:
    """``%`` is anything; the pages read ``~,foo`` as "starting with foo"."""
    like = re.compile(".*".join(map(re.escape, text.split("%"))), re.IGNORECASE | re.DOTALL)
    return lambda value: (value is not None and bool(like.match(str(value)))) is wanted


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


def asked(text: str) -> Any:
    """A value of a query string in comparable form; instants in any offset that the vendor takes.

    Raises:
        BadRequest: It looks like an instant, and is none.
    """
    if not INSTANT.match(text):
        return rank(text)
    sound = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text.strip().replace("Z", "+00:00"))
    try:
        moment = datetime.fromisoformat(sound)
    except ValueError:
        raise BadRequest("This is no date and time.") from None
    return rank(moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc))
