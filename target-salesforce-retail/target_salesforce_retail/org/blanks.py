"""What a person wrote into a field that was blank when we looked: it must not be lost to our filling that blank.

The org has no write that asks first. So a query of these fields runs in the same call right before the write; what it
saw and we overwrote is written back at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Result, Value
from target_salesforce_retail.org.composite import Request, Subresponse
from target_salesforce_retail.org.ids import long_id
from target_salesforce_retail.org.query import FieldValues, by_ids, pages, typed
from target_salesforce_retail.org.session import Session


class BlankGuard:
    """Remembers what the fields of some records held just before they were written.

    Args:
        session: The session.
        describe: The object.
        blanks: Id -> fields that are about to be filled -> what stood there: nothing, or what a mapping takes for it.
    """

    def __init__(self, session: Session, describe: ObjectDescribe, blanks: Mapping[str, Mapping[str, Value]]) -> None:
        self._session = session
        self._describe = describe
        self._blanks = blanks
        self._seen: dict[str, FieldValues] = {}

    def look(self, records: Sequence[Mapping[str, Any]]) -> Request:
        """The query for some of the records."""
        fields = sorted({field for record in records for field in self._blanks[record["Id"]]})
        # A malformed id would refuse the query for all; its own write is refused anyway
        ids = [record_id for record in records if (record_id := long_id(record["Id"]))]
        return {"method": "GET", "url": by_ids(self._session.base, self._describe.name, ids or [NOBODY], fields)}

    def note(self, part: Subresponse) -> None:
        """Take in what the query saw.

        A query that fails in passing has seen nothing: the write after it has run, and there is nothing to go by.

        Raises:
            OrgRefused: The query itself is refused, so that no blank could be guarded.
        """
        if part.refused and not (part.passing or part.spoiled):
            raise OrgRefused(
                f"Salesforce refused the look at the fields to be filled: {part.status_and_code}.",
                where=self._describe.name,
                hint="Check that the integration user may read what it fills.",
            )
        if not part.refused:
            records = (typed(record, self._describe) for record in pages(self._session, part.body, ["Id"]))
            self._seen |= {
                str(record["Id"]): {name.lower(): value for name, value in record.items()} for record in records
            }

    def overwritten(
        self, records: Sequence[Mapping[str, Any]], results: Sequence[Result]
    ) -> dict[int, dict[str, Value]]:
        """Place -> field -> what it held, for fields of records just written that were not blank any more."""
        pairs = enumerate(zip(records, results, strict=True))
        return {
            place: found
            for place, (record, result) in pairs
            if result.fault is None and (found := dict(self._lost(record)))
        }

    def _lost(self, record: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
        seen = self._seen.get(long_id(record["Id"]), {})
        blanks = self._blanks[record["Id"]]
        theirs = {
            field
            for field in blanks
            if not self._is_ours(field, seen.get(field.lower()), (record[field], blanks[field]))
        }
        for field in blanks:
            # Our state does not go with their country: as it was, if only blank
            if field in theirs or self._describe.fields[field].controller in theirs:
                yield field, seen.get(field.lower())

    def _is_ours(self, field: str, seen: Value, ours: tuple[Value, Value]) -> bool:
        """True where it holds what it held or what we write, or nothing. A checkbox that is not ticked is blank."""
        return seen in (None, "", *ours) or (seen is False and self._describe.fields[field].type == "boolean")


NOBODY = "000000000000000AAA"
"""An id of no record."""
