"""An org that is asked and never written: it notes what it is told to write, and answers from then on as if it were.

A later batch must see what an earlier one would have done: a shopper that would be created answers to the next record
by her e-mail, and an e-mail that would be changed does not answer any more. What only the org itself would do to a row
is not known: duplicate rules, validation rules, triggers, flows, defaults. What the describe and a look can tell is
foreseen (``foresee.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from target_salesforce_retail.metadata import CREATED_BY, MODIFIED_BY, ObjectDescribe
from target_salesforce_retail.nouns import Conversion, Fault, Merge, OrgRow, Reason, Recovery, Result, Value
from target_salesforce_retail.org.foresee import as_kept, foreseen
from target_salesforce_retail.org.noted import Noted
from target_salesforce_retail.org.persons import READ, person_of
from target_salesforce_retail.ports import Criteria, ReadableOrg

CREATED = "CreatedDate"
A_MOMENT = timedelta(seconds=1)
"""A row is older than the look-up of the next round, as one is that took its time to be written."""
DELETED = Fault(Reason.GONE, Recovery.RETRY, "ENTITY_IS_DELETED", "deleted by this plan")
CONVERTED = Fault(Reason.CONVERTED, Recovery.RETRY, "CANNOT_UPDATE_CONVERTED_LEAD", "a converted lead is not merged")


@dataclass(frozen=True, slots=True)
class Unsent:
    """A write that was noted.

    Attributes:
        object: Object.
        id: The row's id; one that is made up for a row that would be created.
        body: Field -> value; empty for a deletion.
        before: What the row held where ``body`` says something else, as far as it is known.
        is_new: The row would be created.
        deleted: The row would be deleted.
        becomes: The id of the row that it would be merged into, or of whom it would be as a converted lead.
    """

    object: str
    id: str
    body: Mapping[str, Value]
    before: Mapping[str, Value]
    is_new: bool = False
    deleted: bool = False
    becomes: str = ""


class Rehearsal:
    """Behind the port ``Org``, on top of an org that it can only read.

    Args:
        org: The org. Of its type nothing is known but questions, so that there is no way to send it a write.
    """

    def __init__(self, org: ReadableOrg) -> None:
        self._org = org
        self._describes: dict[str, ObjectDescribe] = {}
        self._noted = Noted(self._described)
        self._unsent: list[Unsent] = []
        self._seen: dict[str, Mapping[str, Value]] = {}
        self._has_written = False

    def take_unsent(self) -> list[Unsent]:
        """What was noted since the last call, in order."""
        taken, self._unsent = self._unsent, []
        return taken

    def is_made_up(self, record_id: str) -> bool:
        """True for the id of a row that would be created."""
        return self._noted.is_made(record_id)

    # Questions, which go to the org

    @property
    def user_id(self) -> str:
        """As the org says."""
        return self._org.user_id

    def describe(self, names: Sequence[str]) -> dict[str, ObjectDescribe]:
        """As the org says."""
        return self._org.describe(names)

    def now(self) -> datetime:
        """As the org says."""
        return self._org.now()

    def answers(self) -> bool:
        """Whether the org does."""
        return self._org.answers()

    def hurry(self, is_hurried: bool) -> None:
        """The org's questions."""
        self._org.hurry(is_hurried)

    def find(self, wanted: Criteria, fields: Mapping[str, Sequence[str]]) -> list[OrgRow]:
        """Rows as they would answer after the writes."""
        if self._has_written:  # a new look-up; what all of them saw would be the whole org in the end
            self._seen, self._has_written = {}, False
        rows = self._find(wanted, fields)
        for row in rows:
            self._seen[row.id] = {**self._seen.get(row.id, {}), **row.values}
        return rows

    def _find(self, wanted: Criteria, fields: Mapping[str, Sequence[str]]) -> list[OrgRow]:
        asked = {name: self._noted.asked(name, sought) for name, sought in wanted.items()}
        found = self._org.find(asked, fields)
        there = self._noted.answering(found, wanted)
        made = [
            self._noted.made_row(
                name, record_id, [*fields[name], *(field for each in sought for field in each)], sought
            )
            for name, sought in wanted.items()
            for record_id in self._noted.holding(name, sought)
            if self._noted.is_made(record_id)
        ]
        return [self._noted.followed(row, fields) for row in (*there, *made)]

    def changed_since(self, moment: datetime, fields: Mapping[str, Sequence[str]]) -> list[OrgRow]:
        """Rows that changed in the org or would have."""
        found = [row for each in self._org.changed_since(moment, fields) if (row := self._noted.overlaid(each))]
        there = {row.id for row in found}
        late = [(name, each) for name, each in self._noted.since(moment) if name in fields and each not in there]
        made = [self._noted.made_row(name, each, fields[name]) for name, each in late if self._noted.is_made(each)]
        changed: dict[str, list[str]] = {}
        for name, each in late:
            if not self._noted.is_made(each):
                changed.setdefault(name, []).append(each)
        wanted = {name: [{"Id": ids}] for name, ids in changed.items()}
        return [*found, *made, *(self._find(wanted, fields) if wanted else ())]

    def count_unkeyed(self, phones: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
        """As the org says: what is noted has its keys."""
        return self._org.count_unkeyed(phones)

    def unkeyed(
        self, name: str, phones: Mapping[str, str], fields: Sequence[str], limit: int, after: str = ""
    ) -> list[OrgRow]:
        """As the org says."""
        return self._org.unkeyed(name, phones, fields, limit, after)

    def survivors(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """Who would live on."""
        living = {asked: self._noted.heir(there) for asked, there in self._there(name, ids).items()}
        return {asked: heir for asked, heir in living.items() if not self._noted.is_gone(heir)}

    def _there(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """Who lives now, before what is noted, or is made up."""
        known = [each for each in ids if not self._noted.is_made(each)]
        made = {each: each for each in ids if self._noted.is_made(each)}
        return made | (self._org.survivors(name, known) if known else {})

    # Writes, which are noted

    def upsert(
        self, name: str, key_field: str, rows: Sequence[Mapping[str, Value]], *, allow_duplicates: bool = False
    ) -> list[Result]:
        """Note rows that would be created; one whose key was noted before would be updated.

        That the org itself has no such key its caller knows: it has just looked.
        """
        del allow_duplicates
        owners = [next(iter(self._noted.holding(name, [{key_field: [str(row[key_field])]}])), None) for row in rows]
        return self._write(name, key_field, list(zip(owners, rows, strict=True)))

    def update(
        self,
        name: str,
        key_field: str,
        rows: Sequence[tuple[str, Mapping[str, Value], Mapping[str, Value]]],
        *,
        allow_duplicates: bool = False,
    ) -> list[Result]:
        """Note what would be changed. Nobody fills in a blank meanwhile."""
        del allow_duplicates
        return self._write(name, key_field, [(record_id, body) for record_id, body, _ in rows])

    def delete(self, name: str, ids: Sequence[str]) -> list[Result]:
        """Note what would be deleted."""
        self._has_written = True
        for record_id in ids:
            if not self._noted.is_gone(record_id):
                self._unsent.append(Unsent(name, record_id, {}, self._seen.get(record_id, {}), deleted=True))
                self._noted.delete(record_id)
        return [Result(record_id) for record_id in ids]

    def merge(self, name: str, pairs: Sequence[Merge]) -> list[Result]:
        """Note what would be merged, and what that would fill."""
        ids = [each for pair in pairs for each in (pair.stays, pair.goes)]
        there = self._there(name, ids)
        rows = self._by_id(name, ids, sorted({field for pair in pairs for field in pair.fill}))
        # one after the other: a pair may name whom the one before has merged
        return [self._merge(name, pair, there, rows) for pair in pairs]

    def _by_id(self, name: str, ids: Sequence[str], fields: Sequence[str]) -> dict[str, OrgRow]:
        """Rows by the id that is asked for: of a converted lead whom it became, or a dead end."""
        seen = {**dict.fromkeys(self.describe(["Contact", "Account"]), ()), name: fields}
        return {str(row.via.get("Id", row.id)): row for row in self._find({name: [{"Id": ids}]}, seen)}

    def _merge(self, name: str, pair: Merge, there: Mapping[str, str], rows: Mapping[str, OrgRow]) -> Result:
        stays, goes = (self._noted.heir(there.get(each, "")) for each in (pair.stays, pair.goes))
        if stays == goes and stays and not self._noted.is_gone(stays):
            return Result(stays)
        if (stays, goes) != (pair.stays, pair.goes) or self._noted.is_gone(stays) or self._noted.is_gone(goes):
            return Result(None, fault=DELETED)
        if any(row.object != name or row.dead_end for row in map(rows.get, (stays, goes)) if row):
            return Result(None, fault=CONVERTED)
        now = self._noted.overlaid(rows[stays]) if stays in rows else None
        held = now.values if now else {}
        fill = pair.still_blank(held)
        (filled,) = self._write(name, "", [(stays, fill)]) if fill else [Result(stays)]
        if filled.fault is None:
            self._unsent.append(Unsent(name, goes, {}, self._seen.get(goes, {}), becomes=stays))
            self._noted.merge(stays, goes)
            self._has_written = True
        return filled

    def convert(self, leads: Sequence[Conversion]) -> list[Result]:
        """Note which leads would be converted, and make up whom they would become."""
        ids = [each.lead for each in leads]
        rows = self._by_id("Lead", ids, [name for name in READ if name in self._described("Lead").fields])
        return [self._convert(each, rows.get(each.lead)) for each in leads]

    def _convert(self, conversion: Conversion, row: OrgRow | None) -> Result:
        if row is None:
            return Result(None, fault=DELETED)
        became = self._noted.became(conversion.lead)
        if became or row.object != "Lead":
            return Result(became[1] if became else row.id)
        if row.dead_end:
            return Result(None, fault=DELETED)
        describe, values = person_of(conversion, row.values, self.describe(["Contact", "Account"]))
        moment = self._org.now()
        made = self._noted.make(describe, {**values, CREATED: moment - A_MOMENT}, moment)
        self._unsent.append(Unsent("Lead", conversion.lead, {}, {}, becomes=made))
        self._noted.convert(conversion.lead, describe.name, made)
        self._has_written = True
        return Result(made)

    def _write(self, name: str, key_field: str, rows: Sequence[tuple[str | None, Mapping[str, Value]]]) -> list[Result]:
        self._has_written = True
        describe = self._described(name)
        faults = list(foreseen(describe, key_field, rows, self._find))
        return [
            self._note(describe, record_id, body) if fault is None else Result(None, fault=fault)
            for (record_id, body), fault in zip(rows, faults, strict=True)
        ]

    def _note(self, describe: ObjectDescribe, record_id: str | None, body: Mapping[str, Value]) -> Result:
        if record_id is not None and self._noted.is_gone(record_id):
            return Result(None, fault=DELETED)
        values = as_kept(describe, body)
        moment = self._org.now()
        if record_id is None:
            made_by: dict[str, Value] = {
                CREATED: moment - A_MOMENT,
                CREATED_BY: self.user_id,
                MODIFIED_BY: self.user_id,
            }
            made = self._noted.make(describe, {**values, **made_by}, moment)
            self._unsent.append(Unsent(describe.name, made, dict(body), {}, is_new=True))
            return Result(made, created=True)
        seen = self._seen.get(record_id, {})
        self._unsent.append(Unsent(describe.name, record_id, dict(body), {f: seen[f] for f in body if f in seen}))
        self._noted.change(describe.name, record_id, {**values, MODIFIED_BY: self.user_id}, moment)
        return Result(record_id)

    def _described(self, name: str) -> ObjectDescribe:
        if name not in self._describes:  # asked for every value that is compared
            self._describes |= self._org.describe([name])
        return self._describes[name]
