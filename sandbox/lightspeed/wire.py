"""The quirks of the JSON: text for every scalar, objects for lists of one, absent for what is not set.

Facts: R-Series section 4.1, which also says where each was recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from sandbox.lightspeed.resources import ELEMENTS, RESOURCES, WITHIN, Relation
from sandbox.lightspeed.world import Row, World

ALWAYS = {"Prices"}
"""Lists kept inside a row that come without asking."""


class Wire:
    """Says rows as the vendor does.

    Args:
        world: Whose rows, and the switches.
        relations: What was asked for, ``A`` and ``A.B``.
    """

    def __init__(self, world: World, relations: Sequence[str]) -> None:
        self._world = world
        self._relations = relations

    def row(self, resource: str, row: Row, prefix: str = "") -> dict[str, Any]:
        """One row with its loaded relations."""
        known = RESOURCES[resource].relations
        said: dict[str, Any] = {}
        for name, value in row.items():
            if name in known or value is None:
                continue
            said[self._name(name)] = self._value(name, value)
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
            return self._inside(relation, name, row.get(name), prefix)
        if relation.many:
            rows = self._world.children(relation.resource, relation.key, int(row[key]))
            return self.many(relation.resource, [self.row(relation.resource, each, prefix) for each in rows])
        other = self._world.get(relation.resource, int(row.get(relation.key) or 0))
        return self.row(relation.resource, other, prefix) if other else None

    def _inside(self, relation: Relation, name: str, value: Any, prefix: str) -> Any:
        if relation.many:
            element = ELEMENTS[name]
            return self.many(element, [self._value(element, each) for each in value or ()])
        return {**self._value(name, value), **self._within(name, value, prefix)} if value else None

    def _within(self, name: str, value: Row, prefix: str) -> dict[str, Any]:
        """What was asked for with what is kept inside a row."""
        known = WITHIN.get(name, {})
        found = {step: self._related(known[step], step, value, "", f"{prefix}{step}.") for step in self._asked(prefix)}
        return {step: body for step, body in found.items() if body is not None}

    def many(self, element: str, rows: Sequence[Any]) -> Any:
        """A list: an object for one, and for none what the switch says."""
        if rows:
            return {element: rows[0] if len(rows) == 1 else list(rows)}
        return {"absent": None, "text": "", "object": {}}[self._world.switches.empty_relation]

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._value(key, each) for key, each in value.items() if each is not None}
        if isinstance(value, list):
            element = ELEMENTS.get(name)
            if element is None or not value:
                return self._bare([self._value(name, each) for each in value])
            return self.many(element, [self._value(element, each) for each in value])
        return scalar(value)

    @staticmethod
    def _bare(values: list[Any]) -> Any:
        """A list of scalars without a name for its elements: one comes as itself, none as empty text."""
        return values if len(values) > 1 else (values or [""])[0]

    def _name(self, name: str) -> str:
        return self._world.switches.updatetime_name if name == "updateTime" else name


def scalar(value: Any) -> str:
    """A scalar as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="seconds")
    if isinstance(value, Decimal):
        whole = value.to_integral_value()
        return str(int(whole)) if value == whole else str(value.normalize())
    return str(value)
