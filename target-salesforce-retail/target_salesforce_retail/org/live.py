"""The live org, behind the port ``Org``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.nouns import ObjectShape, Result, Row, Value
from target_salesforce_retail.org import query, write
from target_salesforce_retail.org.describe import describe
from target_salesforce_retail.org.session import Session

CONVERTED = ("IsConverted", "ConvertedContactId")
"""On a lead: whether it was converted, and to which contact."""


class LiveOrg:
    """A Salesforce org over its REST API."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[str, tuple[ObjectShape, str] | None] = {}

    def describe(self, name: str) -> ObjectShape | None:
        """What the org has under this object name; asked once per run."""
        if name not in self._known:
            self._known[name] = describe(self._session, name)
        known = self._known[name]
        return known[0] if known else None

    def find(self, name: str, wanted: Mapping[str, Sequence[str]], fields: Mapping[str, Sequence[str]]) -> list[Row]:
        """Live records where any wanted field has any of its values; converted leads are followed to their contact."""
        shape = self._shape(name)
        asked = self._askable(name, wanted)
        if not asked:
            return []
        follow = name == "Lead" and "Contact" in fields
        brought = [*fields[name], *(CONVERTED if follow else ())]
        records = query.select(self._session, shape, asked, brought)
        rows = [
            Row(name, str(record["Id"]), record, name, {field: record.get(field) for field in asked})
            for record in records
            if not (follow and record["IsConverted"])
        ]
        return rows + (self._contacts(records, asked, fields["Contact"]) if follow else [])

    def survivors(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """Id asked -> id that lives now, through any chain of merges; what is gone without a survivor is absent."""
        wanted = self._askable(name, {"Id": ids}).get("Id", [])
        if "MasterRecordId" not in self._shape(name).fields:
            alive = query.select(self._session, self._shape(name), {"Id": wanted}, ()) if wanted else []
            return {str(record["Id"]): str(record["Id"]) for record in alive}
        fates: dict[str, tuple[bool, str | None]] = {}
        unknown = list(wanted)
        while unknown:
            fates |= query.masters(self._session, name, unknown)
            heirs = {master for deleted, master in fates.values() if deleted and master}
            unknown = [heir for heir in heirs if heir not in fates]
        return {asked: heir for asked in wanted if (heir := _heir(asked, fates))}

    def upsert(self, name: str, key_field: str, rows: Sequence[Mapping[str, Value]]) -> list[Result]:
        """Create or update by external id; results in order."""
        return write.upsert(self._session, name, key_field, rows)

    def update(self, name: str, rows: Sequence[tuple[str, Mapping[str, Value]]]) -> list[Result]:
        """Update by id; results in order."""
        return write.update(self._session, name, rows)

    def delete(self, name: str, ids: Sequence[str]) -> list[Result]:
        """Delete by id; results in order."""
        del name
        return write.delete(self._session, ids)

    def _shape(self, name: str) -> ObjectShape:
        shape = self.describe(name)
        if shape is None:
            raise OrgRefused(f"The org has no object {name}, or hides it.", where="describe", hint="Run preflight.")
        return shape

    def _askable(self, name: str, wanted: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
        """What can be asked of this object: ids of other objects are left out, and fields without values."""
        self._shape(name)
        known = self._known[name]
        prefix = known[1] if known else ""
        asked = {**wanted, "Id": [each for each in wanted.get("Id", ()) if each.startswith(prefix)]}
        return {field: values for field, values in asked.items() if values}

    def _contacts(
        self, leads: Sequence[query.Record], asked: Mapping[str, Sequence[str]], fields: Sequence[str]
    ) -> list[Row]:
        converted = {str(lead["ConvertedContactId"]): lead for lead in leads if lead["IsConverted"]}
        if not converted:
            return []
        contacts = query.select(self._session, self._shape("Contact"), {"Id": list(converted)}, fields)
        return [
            Row(
                "Contact",
                str(contact["Id"]),
                contact,
                "Lead",
                {field: converted[str(contact["Id"])].get(field) for field in asked},
            )
            for contact in contacts
            if str(contact["Id"]) in converted
        ]


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
