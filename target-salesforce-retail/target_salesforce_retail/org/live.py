"""The live org, behind the port ``Org``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.nouns import Result, Row, Value
from target_salesforce_retail.org import query, write
from target_salesforce_retail.org.describe import describe
from target_salesforce_retail.org.ids import long_id
from target_salesforce_retail.org.query import Question, Record, Wanted
from target_salesforce_retail.org.session import Session
from target_salesforce_retail.shapes import ObjectShape

CONVERTED = ("IsConverted", "ConvertedContactId")
"""On a lead: whether it was converted, and to which contact."""


class LiveOrg:
    """A Salesforce org over its REST API."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, tuple[ObjectShape, str] | None] = {}

    def describe(self, names: Sequence[str]) -> dict[str, ObjectShape]:
        """What the org has under these names; each is asked for once per run."""
        self._known |= describe(self._session, [name for name in dict.fromkeys(names) if name not in self._known])
        return {name: known[0] for name in names if (known := self._known[name])}

    def find(self, wanted: Mapping[str, Wanted], fields: Mapping[str, Sequence[str]]) -> list[Row]:
        """Live records where any wanted field has any of its values; converted leads are followed to their contact.

        A contact that a lead leads to comes once for each such lead, and once for itself if it answers too: ``asked``
        and ``via`` differ.
        """
        self.describe(list(wanted))
        asked = {name: askable for name in wanted if (askable := self._askable(name, wanted[name]))}
        questions = [Question(self._shape(name), asked[name], self._brought(name, fields[name])) for name in asked]
        found = dict(zip(asked, query.select(self._session, questions), strict=True))
        rows = [
            Row(name, str(record["Id"]), record, name, _answering(record, asked[name]))
            for name, records in found.items()
            for record in records
            if not _is_converted(name, record)
        ]
        leads = [record for record in found.get("Lead", ()) if _is_converted("Lead", record)]
        return [*rows, *self._contacts(leads, asked.get("Lead", {}), fields.get("Contact", ()))]

    def now(self) -> datetime:
        """The org's own time, as far as its last answer tells."""
        return self._session.org_time

    def changed_since(self, moment: datetime, fields: Mapping[str, Sequence[str]]) -> list[Row]:
        """Live records that were created or changed at this moment of the org's time or later."""
        questions = [(self._shape(name), self._brought(name, brought)) for name, brought in fields.items()]
        found = zip(fields, query.changed(self._session, questions, moment), strict=True)
        return [
            Row(name, str(record["Id"]), record, name)
            for name, records in found
            for record in records
            if not _is_converted(name, record)
        ]

    def survivors(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """Id asked -> id that lives now, through any chain of merges; what is gone without a survivor is absent."""
        wanted = {each: long_id(each) for each in self._askable(name, {"Id": ids}).get("Id", [])}
        if not wanted:
            return {}
        if not self._shape(name).moves:
            (alive,) = query.select(self._session, [Question(self._shape(name), {"Id": list(wanted.values())})])
            living = {str(record["Id"]) for record in alive}
            return {asked: record_id for asked, record_id in wanted.items() if record_id in living}
        fates: dict[str, tuple[bool, str | None]] = {}
        unknown = list(wanted.values())
        while unknown:
            fates |= query.masters(self._session, name, unknown)
            heirs = {master for deleted, master in fates.values() if deleted and master}
            unknown = [heir for heir in heirs if heir not in fates]
        return {asked: heir for asked, record_id in wanted.items() if (heir := _heir(record_id, fates))}

    def upsert(
        self, name: str, key_field: str, rows: Sequence[Mapping[str, Value]], *, allow_duplicates: bool = False
    ) -> list[Result]:
        """Create or update by external id; results in order."""
        return write.upsert(self._session, name, key_field, rows, allow_duplicates=allow_duplicates)

    def update(
        self,
        name: str,
        key_field: str,
        rows: Sequence[tuple[str, Mapping[str, Value], frozenset[str]]],
        *,
        allow_duplicates: bool = False,
    ) -> list[Result]:
        """Update by id; results in order. What a person has filled in meanwhile is put back."""
        return write.update(self._session, self._shape(name), key_field, rows, allow_duplicates=allow_duplicates)

    def delete(self, name: str, ids: Sequence[str]) -> list[Result]:
        """Delete by id; results in order."""
        del name
        return write.delete(self._session, ids)

    def _shape(self, name: str) -> ObjectShape:
        shape = self.describe([name]).get(name)
        if shape is None:
            raise OrgRefused(f"The org has no object {name}, or hides it.", where="describe", hint="Run preflight.")
        return shape

    def _askable(self, name: str, wanted: Wanted) -> dict[str, list[str]]:
        shape = self._shape(name)
        known = self._known[name]
        return query.askable(shape, known[1] if known else "", wanted)

    def _brought(self, name: str, fields: Sequence[str]) -> list[str]:
        return [*fields, *(CONVERTED if name == "Lead" else ())]

    def _contacts(self, leads: Sequence[Record], asked: Wanted, fields: Sequence[str]) -> Iterator[Row]:
        """The living contacts of converted leads: a row for each lead, for each may answer to another value."""
        if not leads:
            return
        ids = dict.fromkeys(str(lead["ConvertedContactId"]) for lead in leads)
        wanted = self._askable("Contact", {"Id": list(ids)})
        (contacts,) = query.select(self._session, [Question(self._shape("Contact"), wanted, fields)])
        living = {str(contact["Id"]): contact for contact in contacts}
        for lead in leads:
            record_id = str(lead["ConvertedContactId"])
            if record_id in living:
                yield Row("Contact", record_id, living[record_id], "Lead", _answering(lead, asked))


def _is_converted(name: str, record: Record) -> bool:
    return name == "Lead" and bool(record["IsConverted"])


def _answering(record: Record, asked: Wanted) -> Record:
    return {field: record.get(field) for field in asked}


def _heir(record_id: str, fates: Mapping[str, tuple[bool, str | None]]) -> str | None:
    seen: set[str] = set()
    current: str | None = record_id
    while current and current in fates and current not in seen:
        seen.add(current)
        deleted, master = fates[current]
        if not deleted:
            return current
        current = master
    return None
