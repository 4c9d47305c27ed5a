"""The quirks of the JSON: text for every scalar, objects for lists of one, absent for what is not set.

Source: docs/vendors/lightspeed-r-series.md, spellings.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sandbox.lightspeed.resources import ELEMENTS, RESOURCES, WITHIN
from sandbox.lightspeed.schema import Relation
from sandbox.lightspeed.world import Row, World, listed

SHOWN = 4
"""So many characters of a gift card's code are said without the scope for all of them."""
SCIENTIFIC = -5
"""From this power of ten on a number is said with an exponent."""


class Wire:
    """Says rows as the vendor does.

    Args:
        world: Whose rows, and the switches.
        relations: What was asked for, ``A`` and ``A.B``.
        codes: Gift cards' codes are said whole.
    """

    def __init__(self, world: World, relations: Sequence[str], *, codes: bool = False) -> None:
        self._world = world
        self._relations = relations
        self._codes = codes
        switches = world.switches
        self._names = {"updateTime": switches.updatetime_name, "onWorkOrder": switches.onworkorder_name}

    def row(self, resource: str, row: Row, prefix: str = "") -> dict[str, Any]:
        """One row with its loaded relations."""
        known = RESOURCES[resource].relations
        hidden = () if prefix else RESOURCES[resource].nested_only
        said: dict[str, Any] = {}
        for name, value in row.items():
            if name in known or name in hidden or value is None:
                continue
            said[self._names.get(name, name)] = self._value(name, value)
        if resource == "CreditAccount" and not self._codes:
            said |= {"code": masked(str(row["code"]))} if row.get("code") else {}
        for name in self._asked(prefix):
            relation = known[name]
            body = self._related(relation, name, row, RESOURCES[resource].key, f"{prefix}{name}.")
            if body is not None:
                said[name] = body
        return said

    def _asked(self, prefix: str) -> list[str]:
        names = (path.removeprefix(prefix) for path in self._relations if path.startswith(prefix))
        return list(dict.fromkeys(name.partition(".")[0] for name in names))

    def _related(self, relation: Relation, name: str, row: Row, key: str, prefix: str) -> Any:
        if not relation.resource:
            return self._inside(relation, name, row, prefix)
        if relation.many:
            rows = self._world.children(relation.resource, relation.key, int(row[key]))
            most = self._world.switches.nested_limit or None
            return self.many(relation.resource, [self.row(relation.resource, each, prefix) for each in rows[:most]])
        other = self._world.get(relation.resource, int(row.get(relation.key) or 0))
        return self.row(relation.resource, other, prefix) if other else None

    def _inside(self, relation: Relation, name: str, row: Row, prefix: str) -> Any:
        """What is kept inside the row; a contact says less where its owner is nested in another row."""
        if relation.many and name in ELEMENTS:
            element = ELEMENTS[name]
            return self.many(element, [self._kept(element, name, each, prefix) for each in listed(row, name)])
        value = row.get(name)
        if name == "Contact" and value and prefix != "Contact.":
            value = {"contactID": row.get("contactID"), **sparse(value)}
        return self._kept(name, name, value, prefix) if value else None

    def _kept(self, element: str, name: str, value: Any, prefix: str) -> Any:
        said = self._value(element, value)
        return {**said, **self._within(name, value, prefix)} if isinstance(said, dict) else said

    def _within(self, name: str, value: Row, prefix: str) -> dict[str, Any]:
        """The rows that were asked for with what is kept inside a row."""
        known = {step: relation for step, relation in WITHIN.get(name, {}).items() if relation.resource}
        wanted = [step for step in self._asked(prefix) if step in known]
        found = {step: self._related(known[step], step, value, "", f"{prefix}{step}.") for step in wanted}
        return {step: body for step, body in found.items() if body is not None}

    def many(self, element: str, rows: Sequence[Any]) -> Any:
        """A list: an object for one, and for none what the switch says."""
        if rows:
            return {element: self.listed(rows)}
        return {"absent": None, "text": "", "object": {}}[self._world.switches.empty_relation]

    def listed(self, rows: Sequence[Any]) -> Any:
        """Some rows: a list of one comes as its one element."""
        return rows[0] if len(rows) == 1 and self._world.switches.lists_of_one == "object" else list(rows)

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._value(key, each) for key, each in value.items() if each is not None}
        if isinstance(value, list):
            element = ELEMENTS.get(name)
            if element is None or not value:
                return self._bare([self._value(name, each) for each in value])
            return self.many(element, [self._value(element, each) for each in value])
        return scalar(value)

    def _bare(self, values: list[Any]) -> Any:
        """A list of scalars without a name for its elements: none comes as empty text."""
        return self.listed(values) if values else ""


def scalar(value: Any) -> str:
    """A scalar as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, Decimal):
        return _number(value)
    return str(value)


@lru_cache(maxsize=4096)
def _instant(value: datetime) -> str:
    return value.astimezone(timezone.utc).isoformat(timespec="seconds")


def _number(value: Decimal) -> str:
    """Without trailing zeros; very small ones with an exponent, as recorded ("1.0E-8")."""
    whole = value.to_integral_value()
    if value == whole:
        return str(int(whole))
    digits, tail = value.normalize(), value.adjusted()
    if tail > SCIENTIFIC:
        return f"{digits:f}"
    mantissa = digits.scaleb(-tail)
    return f"{mantissa:.1f}E{tail}" if mantissa == mantissa.to_integral_value() else f"{mantissa:f}E{tail}"


def masked(code: str) -> str:
    """A gift card's code without the scope to see it."""
    return f"**********{code[-SHOWN:]}"


def sparse(value: Any) -> Any:
    """Without what is empty, at any depth."""
    if isinstance(value, list):
        return [sparse(each) for each in value]
    if isinstance(value, dict):
        return {name: sparse(each) for name, each in value.items() if each not in ("", None)}
    return value
