"""What a rehearsal has noted: rows that would be there, changed or gone, found as the org finds rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import OrgRow, Value
from target_salesforce_retail.org.ids import long_id
from target_salesforce_retail.ports import Condition

IDS = ("id", "reference")
Compared = Sequence[Mapping[str, set[str]]]
"""Conditions, with values as the org compares them."""


class Noted:
    """Rows by id, with what was noted of each.

    Args:
        described: What the org says of an object.
    """

    def __init__(self, described: Callable[[str], ObjectDescribe]) -> None:
        self._described = described
        self._values: dict[str, dict[str, Value]] = {}
        self._made: set[str] = set()
        self._gone: set[str] = set()
        self._heirs: dict[str, str] = {}
        """Id of a row that would be merged -> id of the row that it would be merged into."""
        self._merged_into: dict[str, list[str]] = defaultdict(list)
        self._became: dict[str, tuple[str, str]] = {}
        """Id of a lead that would be converted -> object and id of whom it would become."""
        self._index: dict[tuple[str, str, str], dict[str, None]] = defaultdict(dict)
        self._written: dict[str, tuple[str, datetime]] = {}
        """Id -> object and time, what was written last at the end."""

    # Notes

    def make(self, describe: ObjectDescribe, values: Mapping[str, Value], moment: datetime) -> str:
        """Note a row that would be created; returns an id that looks like one of its object's."""
        record_id = long_id(f"{describe.key_prefix or '000'}PLAN{len(self._made):08d}")
        self._made.add(record_id)
        self.change(describe.name, record_id, {"Id": record_id, **values}, moment)
        return record_id

    def change(self, name: str, record_id: str, values: Mapping[str, Value], moment: datetime) -> None:
        """Note what would be written to a row."""
        self._values.setdefault(record_id, {}).update(values)
        for field, value in values.items():
            if value is not None:
                self._index[name, field, self._compared(name, field, value)][record_id] = None
        self._written.pop(record_id, None)
        self._written[record_id] = name, moment

    def delete(self, record_id: str) -> None:
        """Note that a row would be gone."""
        self._gone.add(record_id)
        self._written.pop(record_id, None)

    def merge(self, stays: str, goes: str) -> None:
        """Note that a row would be merged into another, and that whatever leads to it would follow."""
        self.delete(goes)
        self._heirs[goes] = stays
        self._merged_into[stays] += [goes, *self._merged_into.pop(goes, ())]

    def convert(self, lead: str, name: str, record_id: str) -> None:
        """Note that a lead would be converted, and to whom."""
        self._became[lead] = name, record_id
        self._written.pop(lead, None)

    # What would be there

    def is_made(self, record_id: str) -> bool:
        """True for a row that would be created: the org knows nothing of its id."""
        return record_id in self._made

    def is_gone(self, record_id: str) -> bool:
        """True for a row that would be deleted."""
        return record_id in self._gone

    def heir(self, record_id: str) -> str:
        """Whoever would live on in its place: itself, if it is not merged."""
        while record_id in self._heirs:
            record_id = self._heirs[record_id]
        return record_id

    def became(self, lead: str) -> tuple[str, str] | None:
        """Object and id of whom a lead would have become; None where it would not be converted."""
        found = self._became.get(lead)
        return (found[0], self.heir(found[1])) if found else None

    def followed(self, row: OrgRow, fields: Mapping[str, Sequence[str]]) -> OrgRow:
        """For a lead that would be converted whom it would have become, as the port ``find`` has it."""
        became = self.became(row.id) if row.searched in ("", "Lead") else None
        if became is None:
            return row
        name, record_id = became
        if name not in fields or record_id in self._gone:
            return replace(row, dead_end=True)
        return replace(self.made_row(name, record_id, fields[name]), searched="Lead", via=row.via)

    def since(self, moment: datetime) -> Iterator[tuple[str, str]]:
        """Object and id of what was written at this moment or later."""
        for record_id, (name, at) in reversed(self._written.items()):
            if at < moment:
                return
            yield name, record_id

    def asked(self, name: str, wanted: Sequence[Condition]) -> list[Condition]:
        """What to ask the org: nothing by ids that are made up, and by id what may answer by now."""
        asked: list[Condition] = [
            {field: self._asked_values(name, field, values) for field, values in condition.items()}
            for condition in wanted
        ]
        changed = [each for each in self.holding(name, wanted) if each not in self._made]
        return [*asked, {"Id": changed}] if changed else asked

    def _asked_values(self, name: str, field: str, values: Sequence[str]) -> list[str]:
        """Without ids that are made up, and with those that would lead to the same row."""
        beside = [each for value in values for each in self._merged_into.get(value, ()) if self._is_lookup(name, field)]
        return [each for each in dict.fromkeys([*values, *beside]) if each not in self._made]

    def answering(self, rows: Iterable[OrgRow], wanted: Mapping[str, Sequence[Condition]]) -> Iterator[OrgRow]:
        """Rows that the org has found, as they would be; without those that would not be found any more."""
        compared = {name: self._all_compared(name, sought) for name, sought in wanted.items()}
        for row in rows:
            searched = row.searched or row.object
            after = self.overlaid(row)
            is_changed = searched == row.object and (row.id in self._values or after != row)
            if after and (not is_changed or self._answers(row.object, row.id, after.values, compared[searched])):
                fields = {field for condition in wanted[searched] for field, values in condition.items() if values}
                yield replace(after, via={field: held for field, held in after.via.items() if field in fields})

    def overlaid(self, row: OrgRow) -> OrgRow | None:
        """A row of the org as it would be; None when it would be gone."""
        if row.id in self._gone:
            return None
        noted = self._values.get(row.id, {})
        values = self._led(row.object, {field: noted.get(field, value) for field, value in row.values.items()})
        is_led_to = row.searched not in ("", row.object)
        via = {} if is_led_to else {field: noted.get(field, value) for field, value in row.via.items()}
        return replace(row, values=values, via=row.via if is_led_to else self._led(row.object, via))

    def _led(self, name: str, values: Mapping[str, Value]) -> dict[str, Value]:
        """The values, with lookups that follow merges."""
        if not self._heirs:
            return dict(values)
        return {
            field: self.heir(value) if isinstance(value, str) and self._is_lookup(name, field) else value
            for field, value in values.items()
        }

    def _is_lookup(self, name: str, field: str) -> bool:
        describe = self._described(name).fields.get(field)
        return field != "Id" and describe is not None and describe.type in IDS

    def made_row(self, name: str, record_id: str, fields: Iterable[str], wanted: Sequence[Condition] = ()) -> OrgRow:
        """A row that would be created, with these fields."""
        held = self._led(name, self._values[record_id])
        via = {field: held.get(field) for condition in wanted for field, values in condition.items() if values}
        return OrgRow(name, record_id, {field: held.get(field) for field in fields}, name, via)

    def holding(self, name: str, wanted: Sequence[Condition]) -> list[str]:
        """Ids of rows to which a wanted value was written, and that may answer by what else was written to them."""
        compared = self._all_compared(name, wanted)
        indexed = (
            self._index.get((name, field, self._compared(name, field, each)), ())
            for condition in wanted
            for field, values in condition.items()
            for value in values
            for each in (value, *(self._merged_into.get(value, ()) if self._is_lookup(name, field) else ()))
        )
        found = dict.fromkeys(record_id for ids in indexed for record_id in ids if record_id not in self._gone)
        return [each for each in found if self._may_answer(name, each, compared)]

    def _may_answer(self, name: str, record_id: str, compared: Compared) -> bool:
        """Of a row that is in the org nothing is known here but what was written; of a new one that is all."""
        noted = self._values[record_id]
        known = compared
        if record_id not in self._made:
            known = [{field: some for field, some in each.items() if field in noted} for each in compared]
        return self._answers(name, record_id, noted, [each for each in known if each])

    def _answers(self, name: str, record_id: str, values: Mapping[str, Value], compared: Compared) -> bool:
        held = {**self._led(name, values), "Id": record_id}
        return any(
            all(
                held.get(field) is not None and self._compared(name, field, held[field]) in some
                for field, some in condition.items()
            )
            for condition in compared
        )

    def _all_compared(self, name: str, wanted: Sequence[Condition]) -> Compared:
        return [
            {field: {self._compared(name, field, each) for each in values} for field, values in condition.items()}
            for condition in wanted
        ]

    def _compared(self, name: str, field: str, value: Value) -> str:
        """As the org compares (docs/vendors/salesforce.md, comparing text, ids)."""
        describe = self._described(name).fields.get(field)
        if field == "Id" or (describe and describe.type in IDS):
            return str(value)[:15]
        return str(value) if describe and describe.case_sensitive else str(value).lower()
