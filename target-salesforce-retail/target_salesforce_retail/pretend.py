"""An org in memory: cases run on it, so that a mapping can be tried without Salesforce."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.nouns import (
    Fault,
    FieldShape,
    ObjectShape,
    Reason,
    Recovery,
    Result,
    Row,
    Value,
)

Values = dict[str, Value]


def shapes_of(mappings: Mappings) -> dict[str, ObjectShape]:
    """Shapes in which every object has every field that the mappings name for it, and takes any value."""
    names: dict[str, set[str]] = {}
    for mapping in mappings.ordered:
        for name in mapping.objects:
            fields = names.setdefault(name, {"Id", "CreatedDate"})
            fields |= {mapping.key.field, *(field for rule in mapping.links for field in rule.fields.values())}
            fields |= {rule.name for rule in mapping.fields if not rule.only or name in rule.only}
            fields |= {field for rule in mapping.match for field in (*rule.to.get(name, ()), *rule.agree)}
    return {
        name: ObjectShape(name, {field: FieldShape(field, _type(field)) for field in fields})
        for name, fields in names.items()
    }


def _type(field: str) -> str:
    return "email" if field == "Email" else "anyType"


class PretendOrg:
    """Rows in memory; text compares without regard to case, except keys."""

    def __init__(self, shapes: Mapping[str, ObjectShape], key_fields: Iterable[str]) -> None:
        self._shapes = shapes
        self._keys = set(key_fields)
        self.tables: dict[str, dict[str, Values]] = {name: {} for name in shapes}
        self.sent: list[tuple[str, str, Values]] = []

    def put(self, name: str, values: Values) -> str:
        """A row that is there already; returns its id."""
        record_id = str(values.get("Id") or f"{name[:3]}{sum(map(len, self.tables.values())) + 1:012d}AAA")
        self.tables[name][record_id] = {**values, "Id": record_id}
        return record_id

    def describe(self, name: str) -> ObjectShape | None:
        """The shape."""
        return self._shapes.get(name)

    def find(self, name: str, wanted: Mapping[str, Sequence[str]], fields: Mapping[str, Sequence[str]]) -> list[Row]:
        """Rows where any wanted field has any of its values."""
        folded = {field: {self._fold(field, value) for value in values} for field, values in wanted.items()}
        return [
            Row(name, record_id, {field: row.get(field) for field in (*fields[name], *wanted)}, name)
            for record_id, row in self.tables[name].items()
            if any(row.get(field) is not None and self._fold(field, row[field]) in folded[field] for field in folded)
        ]

    def survivors(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """Ids that live."""
        return {record_id: record_id for record_id in ids if record_id in self.tables[name]}

    def upsert(self, name: str, key_field: str, rows: Sequence[Mapping[str, Value]]) -> list[Result]:
        """Create or update by key."""
        return [self._upsert(name, key_field, dict(row)) for row in rows]

    def _upsert(self, name: str, key_field: str, row: Values) -> Result:
        self.sent.append(("upsert", name, row))
        there = next((each for each in self.tables[name].values() if each.get(key_field) == row[key_field]), None)
        if there is None:
            return Result(self.put(name, row), created=True)
        there.update(row)
        return Result(str(there["Id"]))

    def update(self, name: str, rows: Sequence[tuple[str, Mapping[str, Value]]]) -> list[Result]:
        """Update by id."""
        return [self._update(name, record_id, dict(row)) for record_id, row in rows]

    def _update(self, name: str, record_id: str, row: Values) -> Result:
        self.sent.append(("update", name, row))
        if record_id not in self.tables[name]:
            return Result(None, fault=Fault(Reason.GONE, Recovery.RETRY, "ENTITY_IS_DELETED", "entity is deleted"))
        self.tables[name][record_id].update(row)
        return Result(record_id)

    def delete(self, name: str, ids: Sequence[str]) -> list[Result]:
        """Delete by id."""
        for record_id in ids:
            self.sent.append(("delete", name, {"Id": record_id}))
            self.tables[name].pop(record_id, None)
        return [Result(record_id) for record_id in ids]

    def _fold(self, field: str, value: Value) -> str:
        return str(value) if field in self._keys else str(value).casefold()
