"""An org in memory: cases run on it, so that a mapping can be tried without Salesforce."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from target_salesforce_retail.mapping.features import DEFAULT
from target_salesforce_retail.mapping.phone_keys import phone_keys_of
from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.metadata import CREATED_BY, MODIFIED_BY, FieldDescribe, ObjectDescribe, RecordType
from target_salesforce_retail.nouns import Conversion, Fault, Merge, OrgRow, Reason, Recovery, Result, Value
from target_salesforce_retail.ports import Condition, Criteria

Values = dict[str, Value]
MERGED = ("Account", "Contact", "Lead")
"""Objects whose records people merge."""
ACCOUNTLESS = {"Lead": frozenset({"AccountId"})}
"""Lookups that no org has there, though they are on another object that the mapping creates."""
BECAME = "ConvertedContactId"
OF_THE_ORG = frozenset({"Id", "CreatedDate", "LastActivityDate", "MasterRecordId", CREATED_BY, MODIFIED_BY, BECAME})
"""Fields that nobody writes."""
EPOCH = datetime(2026, 1, 1, tzinfo=timezone.utc)


def describes_of(mappings: Mappings) -> dict[str, ObjectDescribe]:
    """Describes in which every object has every field that the mappings name for it, and takes any value."""
    names: dict[str, set[str]] = {}
    for mapping in mappings.ordered:
        for name in mapping.objects:
            fields = names.setdefault(name, {"Id", "CreatedDate", "LastActivityDate"})
            fields |= {mapping.key.field, *(field for rule in mapping.links for field in rule.fields.values())}
            fields |= {rule.name for rule in mapping.fields if not rule.only or name in rule.only}
            fields |= {field for rule in mapping.match if name in rule.objects for field in rule.fields(name)}
            fields |= set(phone_keys_of(mapping, name).read)
            fields |= OF_THE_ORG - ({BECAME} if name != "Lead" else set()) if name in MERGED else set()
        for account in mapping.accounts:
            for name in mapping.created:
                names[name] |= {account.lookup} - ACCOUNTLESS.get(name, frozenset())
            fields = names.setdefault(account.object, {"Id", "CreatedDate", "LastActivityDate"})
            fields |= {account.key, *(rule.name for rule in account.fields)}
            fields |= OF_THE_ORG - {BECAME} if account.object in MERGED else set()
        if mapping.convert:
            names["Lead"] |= {"Company", "Status"}
        if mapping.profile:
            names.setdefault(mapping.profile.object, {"Id", "CreatedDate"}).update(mapping.profile.all_fields)
    keys = {mapping.key.field for mapping in mappings.ordered}
    keys |= {account.key for mapping in mappings.ordered for account in mapping.accounts}
    keys |= {rule.key for mapping in mappings.ordered if (rule := mapping.profile)}
    checkboxes = {
        rule.name for mapping in mappings.ordered for rule in mapping.value_rules if rule.convert == "boolean"
    }
    masters = {
        (mapping.object, field)
        for mapping in mappings.ordered
        if mapping.parent
        for field in mapping.parent.reference.fields.values()
    }
    return {
        name: ObjectDescribe(
            name,
            {
                field: FieldDescribe(
                    field,
                    _type(field, checkboxes),
                    case_sensitive=field in keys,
                    createable=field not in OF_THE_ORG,
                    updateable=field not in OF_THE_ORG and (name, field) not in masters,
                )
                for field in fields
            },
            tuple(_record_types(mappings, name)),
            converted_statuses=("Closed - Converted",) if name == "Lead" else (),
        )
        for name, fields in names.items()
    }


def _record_types(mappings: Mappings, name: str) -> Iterator[RecordType]:
    """The record types that the mappings name; here the name is the id."""
    for mapping in mappings.ordered:
        if name in mapping.created and mapping.record_type not in (None, DEFAULT):
            yield RecordType(str(mapping.record_type), str(mapping.record_type))


def _type(field: str, checkboxes: Set[str]) -> str:
    if field in checkboxes:
        return "boolean"
    return "email" if field == "Email" else "anyType"


class MemoryOrg:
    """Rows in memory; text compares without regard to case, except keys. Its time moves with every write.

    Attributes:
        merged: Id of a row that is gone -> id of the one that it was merged into.
        converted: Id of a lead -> id of its contact.
        user_id: Who runs us.
    """

    def __init__(self, describes: Mapping[str, ObjectDescribe]) -> None:
        self._describes = describes
        self.tables: dict[str, dict[str, Values]] = {name: {} for name in describes}
        self.sent: list[tuple[str, str, Values]] = []
        self.merged: dict[str, str] = {}
        self.converted: dict[str, str] = {}
        self.user_id = ""
        self._time = EPOCH
        self._touched: dict[str, datetime] = {}
        self._made = 0

    def put(self, name: str, values: Values) -> str:
        """A row that is there already; returns its id."""
        self._made += 1
        record_id = str(values.get("Id") or f"{name[:3]}{self._made:012d}AAA")
        self.tables[name][record_id] = {**values, "Id": record_id}
        self._touch(record_id)
        return record_id

    def merge_by_hand(self, name: str, winner: str, loser: str) -> None:
        """What a person does with two records: the loser goes, and leads to the winner."""
        del self.tables[name][loser]
        self.merged[loser] = winner
        self._touch(winner)

    def _touch(self, record_id: str) -> None:
        self._time += timedelta(seconds=1)
        self._touched[record_id] = self._time

    def describe(self, names: Sequence[str]) -> dict[str, ObjectDescribe]:
        """The describes."""
        return {name: self._describes[name] for name in names if name in self._describes}

    def find(self, wanted: Criteria, fields: Mapping[str, Sequence[str]]) -> list[OrgRow]:
        """Rows that any of the conditions finds; of a lead that was converted its contact."""
        found = [row for name, conditions in wanted.items() for row in self._find(name, conditions, fields[name])]
        return [self._followed(row, fields) for row in found]

    def _followed(self, row: OrgRow, fields: Mapping[str, Sequence[str]]) -> OrgRow:
        if row.id not in self.converted:
            return row
        contact = self._heir(self.converted[row.id])
        if contact not in self.tables["Contact"] or "Contact" not in fields:
            return replace(row, dead_end=True)
        return replace(
            self._row("Contact", contact, fields["Contact"]), searched="Lead", via={**row.values, "Id": row.id}
        )

    def _find(self, name: str, conditions: Sequence[Condition], fields: Sequence[str]) -> list[OrgRow]:
        asked = [
            {field: {self._casefold(name, field, value) for value in values} for field, values in condition.items()}
            for condition in conditions
        ]
        brought = (*fields, *(field for condition in conditions for field in condition))
        return [
            self._row(name, record_id, brought)
            for record_id, row in self.tables[name].items()
            if any(self._finds(name, row, condition) for condition in asked)
        ]

    def _finds(self, name: str, row: Values, condition: Mapping[str, Set[str]]) -> bool:
        return all(
            row.get(field) is not None and self._casefold(name, field, row[field]) in values
            for field, values in condition.items()
        )

    def _row(self, name: str, record_id: str, fields: Sequence[str]) -> OrgRow:
        row = self.tables[name][record_id]
        return OrgRow(name, record_id, {field: row.get(field) for field in fields}, name)

    def answers(self) -> bool:
        """Always."""
        return True

    def hurry(self, is_hurried: bool) -> None:
        """It answers at once as it is."""

    def now(self) -> datetime:
        """The time of the next write."""
        return self._time + timedelta(seconds=1)

    def changed_since(self, moment: datetime, fields: Mapping[str, Sequence[str]]) -> list[OrgRow]:
        """Rows that were written since."""
        return [
            self._row(name, record_id, brought)
            for name, brought in fields.items()
            for record_id in self.tables[name]
            if self._touched[record_id] >= moment and record_id not in self.converted
        ]

    def count_unkeyed(self, phones: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
        """How many have a phone number and no key beside it."""
        return {name: len(list(self._unkeyed(name, pairs))) for name, pairs in phones.items()}

    def unkeyed(
        self, name: str, phones: Mapping[str, str], fields: Sequence[str], limit: int, after: str = ""
    ) -> list[OrgRow]:
        """Such rows, by id."""
        ids = sorted(each for each in self._unkeyed(name, phones) if each > after)
        return [self._row(name, record_id, fields) for record_id in ids[:limit]]

    def _unkeyed(self, name: str, phones: Mapping[str, str]) -> Iterator[str]:
        for record_id, row in self.tables[name].items():
            if record_id not in self.converted and any(row.get(phones[key]) and not row.get(key) for key in phones):
                yield record_id

    def survivors(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """Ids that live, through any chain of merges."""
        return {record_id: heir for record_id in ids if (heir := self._heir(record_id)) in self.tables[name]}

    def _heir(self, record_id: str) -> str:
        while record_id in self.merged:
            record_id = self.merged[record_id]
        return record_id

    def upsert(
        self, name: str, key_field: str, rows: Sequence[Mapping[str, Value]], *, allow_duplicates: bool = False
    ) -> list[Result]:
        """Create or update by key."""
        del allow_duplicates
        return [self._upsert(name, key_field, dict(row)) for row in rows]

    def _upsert(self, name: str, key_field: str, row: Values) -> Result:
        self.sent.append(("upsert", name, row))
        there = next((each for each in self.tables[name].values() if each.get(key_field) == row[key_field]), None)
        if there is None:
            return Result(self.put(name, {**row, **self._by(CREATED_BY, MODIFIED_BY)}), created=True)
        there.update({**row, **self._by(MODIFIED_BY)})
        self._touch(str(there["Id"]))
        return Result(str(there["Id"]))

    def update(
        self,
        name: str,
        key_field: str,
        rows: Sequence[tuple[str, Mapping[str, Value], Mapping[str, Value]]],
        *,
        allow_duplicates: bool = False,
    ) -> list[Result]:
        """Update by id."""
        del key_field, allow_duplicates
        return [self._update(name, record_id, dict(row)) for record_id, row, _ in rows]

    def _update(self, name: str, record_id: str, row: Values) -> Result:
        self.sent.append(("update", name, row))
        if record_id not in self.tables[name]:
            return Result(None, fault=Fault(Reason.GONE, Recovery.RETRY, "ENTITY_IS_DELETED", "entity is deleted"))
        self.tables[name][record_id].update({**row, **self._by(MODIFIED_BY)})
        self._touch(record_id)
        return Result(record_id)

    def _by(self, *fields: str) -> Values:
        """Who writes, where that is known."""
        return dict.fromkeys(fields, self.user_id) if self.user_id else {}

    def delete(self, name: str, ids: Sequence[str]) -> list[Result]:
        """Delete by id."""
        for record_id in ids:
            self.sent.append(("delete", name, {"Id": record_id}))
            self.tables[name].pop(record_id, None)
        return [Result(record_id) for record_id in ids]

    def merge(self, name: str, pairs: Sequence[Merge]) -> list[Result]:
        """Merge; what refers to the one that goes follows."""
        return [self._merge(name, pair) for pair in pairs]

    def _merge(self, name: str, pair: Merge) -> Result:
        self.sent.append(("merge", name, {"Id": pair.stays, "goes": pair.goes, **pair.fill}))
        rows = self.tables[name]
        if pair.stays not in rows or pair.goes not in rows:
            if self._heir(pair.stays) == self._heir(pair.goes) in rows:
                return Result(self._heir(pair.stays))
            return Result(None, fault=Fault(Reason.GONE, Recovery.RETRY, "ENTITY_IS_DELETED", "entity is deleted"))
        if pair.stays in self.converted or pair.goes in self.converted:
            fault = Fault(Reason.CONVERTED, Recovery.RETRY, "CANNOT_UPDATE_CONVERTED_LEAD", "a converted lead")
            return Result(None, fault=fault)
        stays = rows[pair.stays]
        stays.update({**pair.still_blank(stays), **self._by(MODIFIED_BY)})
        self.merge_by_hand(name, pair.stays, pair.goes)
        self._point(pair.goes, pair.stays)
        return Result(pair.stays)

    def _point(self, before: str, after: str) -> None:
        for table in self.tables.values():
            for row in table.values():
                row.update({field: after for field, value in row.items() if value == before})

    def convert(self, leads: Sequence[Conversion]) -> list[Result]:
        """Convert; the contact has what the lead holds in fields that both have."""
        return [self._convert(each) for each in leads]

    def _convert(self, conversion: Conversion) -> Result:
        self.sent.append(("convert", "Lead", {"Id": conversion.lead, "AccountId": conversion.account}))
        lead = self.tables["Lead"].get(conversion.lead)
        if lead is None:
            return Result(None, fault=Fault(Reason.GONE, Recovery.RETRY, "ENTITY_IS_DELETED", "entity is deleted"))
        if conversion.lead not in self.converted:
            shared = {field: value for field, value in lead.items() if field in self._describes["Contact"].fields}
            account = {"AccountId": conversion.account} if conversion.account else {}
            made = {**shared, **account, **self._by(CREATED_BY, MODIFIED_BY), "Id": None}
            self.converted[conversion.lead] = self.put("Contact", made)
            lead |= {"Status": conversion.status, BECAME: self.converted[conversion.lead]}
            self._touch(conversion.lead)
        return Result(self._heir(self.converted[conversion.lead]))

    def _casefold(self, name: str, field: str, value: Value) -> str:
        describe = self._describes[name].fields.get(field)
        return str(value) if describe and describe.case_sensitive else str(value).lower()
