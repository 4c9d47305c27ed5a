"""The live org, behind the port ``Org``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from target_salesforce_retail.errors import OrgBusy, OrgRefused, RequestRefused
from target_salesforce_retail.metadata import IS_PERSON, ObjectDescribe
from target_salesforce_retail.nouns import Conversion, Merge, OrgRow, Result, Value
from target_salesforce_retail.org import merging, query, unkeyed, write
from target_salesforce_retail.org.composite import exchange
from target_salesforce_retail.org.describe import describe_objects
from target_salesforce_retail.org.ids import long_id
from target_salesforce_retail.org.judge import Judge, Operation
from target_salesforce_retail.org.query import Condition, FieldValues, Question
from target_salesforce_retail.org.session import ATTEMPTS, HURRIED, Session

BECAME = {"Account": "ConvertedAccountId", "Contact": "ConvertedContactId"}
"""What a lead becomes -> the lead's field that says which one; the account is meant where it is a person's."""
CONVERTED = ("IsConverted", *BECAME.values())


class LiveOrg:
    """A Salesforce org over its REST API, and over SOAP for what that does not have."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._describes: dict[str, ObjectDescribe | None] = {}
        self._proven: set[tuple[str, Operation]] = set()

    @property
    def user_id(self) -> str:
        """The user that the login runs as."""
        return self._session.user_id

    def describe(self, names: Sequence[str]) -> dict[str, ObjectDescribe]:
        """What the org has under these names; each is asked for once per run."""
        self._describes |= describe_objects(
            self._session, [name for name in dict.fromkeys(names) if name not in self._describes]
        )
        return {name: described for name in names if (described := self._describes[name])}

    def find(self, wanted: Mapping[str, Sequence[Condition]], fields: Mapping[str, Sequence[str]]) -> list[OrgRow]:
        """Live records that any of the conditions finds; converted leads are followed to what they became.

        A contact that a lead leads to comes once for each such lead, and once for itself if it answers too: ``asked``
        and ``via`` differ. A lead that leads to nothing among ``fields`` comes as a dead end.
        """
        self.describe(list(wanted))
        asked = {name: askable for name in wanted if (askable := self._askable(name, wanted[name]))}
        questions = [Question(self._described(name), asked[name], self._brought(name, fields[name])) for name in asked]
        searched = {name: _fields_of(conditions) for name, conditions in asked.items()}
        with self._explaining({name: [*fields[name], *searched[name]] for name in asked}):
            found = dict(zip(asked, query.select(self._session, questions), strict=True))
        rows = [
            OrgRow(name, str(record["Id"]), record, name, _only(record, searched[name]))
            for name, records in found.items()
            for record in records
            if not _is_converted(name, record)
        ]
        leads = [record for record in found.get("Lead", ()) if _is_converted("Lead", record)]
        return [*rows, *self._followed(leads, searched.get("Lead", ()), fields)]

    def answers(self) -> bool:
        """Whether it answers a question that no row has a part in, on the road that all others take."""
        question = f"{self._session.base}/query?q=SELECT+Id+FROM+Organization"
        try:
            (answer,) = exchange(self._session, [{"method": "GET", "url": question}])
        except (OrgBusy, OrgRefused):
            return False
        return not answer.refused

    def hurry(self, is_hurried: bool) -> None:
        """From now on give calls up early, or as late as usual."""
        self._session.attempts = HURRIED if is_hurried else ATTEMPTS

    def now(self) -> datetime:
        """The org's own time, as far as its last answer tells."""
        return self._session.org_time

    def changed_since(self, moment: datetime, fields: Mapping[str, Sequence[str]]) -> list[OrgRow]:
        """Live records that were created or changed at this moment of the org's time or later."""
        questions = [(self._described(name), self._brought(name, brought)) for name, brought in fields.items()]
        with self._explaining(fields):
            found = zip(fields, query.changed(self._session, questions, moment), strict=True)
        return [
            OrgRow(name, str(record["Id"]), record, name)
            for name, records in found
            for record in records
            if not _is_converted(name, record)
        ]

    def count_unkeyed(self, phones: Mapping[str, Mapping[str, str]]) -> dict[str, int]:
        """How many have a phone number and no key beside it."""
        with self._explaining({name: [*pairs, *pairs.values()] for name, pairs in phones.items()}):
            return unkeyed.count(self._session, phones)

    def unkeyed(
        self, name: str, phones: Mapping[str, str], fields: Sequence[str], limit: int, after: str = ""
    ) -> list[OrgRow]:
        """Such records, by id."""
        describe = self._described(name)
        brought = [field for field in fields if field in describe.fields]
        with self._explaining({name: [*brought, *phones]}):
            found = unkeyed.select(self._session, describe, phones, brought, (limit, after))
        return [OrgRow(name, str(record["Id"]), record, name) for record in found]

    def survivors(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """Id asked -> id that lives now, through any chain of merges; what is gone without a survivor is absent."""
        wanted = {each: long_id(each) for condition in self._askable(name, [{"Id": ids}]) for each in condition["Id"]}
        if not wanted:
            return {}
        if not self._described(name).mergeable:
            (alive,) = query.select(self._session, [Question(self._described(name), [{"Id": list(wanted.values())}])])
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
        judge = self._judge(name, Operation.CREATE)
        return write.upsert(self._session, name, key_field, rows, judge, allow_duplicates=allow_duplicates)

    def update(
        self,
        name: str,
        key_field: str,
        rows: Sequence[tuple[str, Mapping[str, Value], frozenset[str]]],
        *,
        allow_duplicates: bool = False,
    ) -> list[Result]:
        """Update by id; results in order. What a person has filled in meanwhile is put back."""
        describe, judge = self._described(name), self._judge(name, Operation.UPDATE)
        return write.update(self._session, describe, key_field, rows, judge, allow_duplicates=allow_duplicates)

    def delete(self, name: str, ids: Sequence[str]) -> list[Result]:
        """Delete by id; results in order."""
        return write.delete(self._session, ids, self._judge(name, Operation.DELETE))

    def merge(self, name: str, pairs: Sequence[Merge]) -> list[Result]:
        """Merge; results in order. What is refused is looked for: it may have been merged before."""
        describe, judge = self._described(name), self._judge(name, Operation.MERGE)
        with self._explaining({name: [field for pair in pairs for field in pair.fill]}):
            results = merging.merge(self._session, describe, pairs, judge)
        refused = [pair for pair, result in zip(pairs, results, strict=True) if result.fault]
        heirs = self.survivors(name, [each for pair in refused for each in (pair.stays, pair.goes)])
        return [
            Result(heirs[pair.goes])
            if result.fault and pair.goes in heirs and heirs[pair.goes] == heirs.get(pair.stays)
            else result
            for pair, result in zip(pairs, results, strict=True)
        ]

    def convert(self, leads: Sequence[Conversion]) -> list[Result]:
        """Convert; results in order, as a look afterwards finds what has become of each."""
        judge = self._judge("Lead", Operation.CONVERT)
        results = merging.convert(self._session, self._described("Lead"), leads, judge)
        ids = [long_id(each.lead) for each in leads if long_id(each.lead)]
        seen = dict.fromkeys(self.describe(["Lead", *BECAME]), ())
        rows = self.find({"Lead": [{"Id": ids}]}, seen) if ids else []
        became = {str(row.via["Id"]): row.id for row in rows if row.object != "Lead"}
        return [
            Result(became[long_id(each.lead)]) if long_id(each.lead) in became else result
            for each, result in zip(leads, results, strict=True)
        ]

    def _judge(self, name: str, operation: Operation) -> Judge:
        return Judge(name, operation, lambda: self._anew([name]).get(name), self._proven)

    def _anew(self, names: Sequence[str]) -> dict[str, ObjectDescribe]:
        """What the org looks like now, whatever it looked like when the run began; what is gone may come back."""
        for name in names:
            self._describes.pop(name, None)
        there = self.describe(names)
        self._describes = {
            name: described for name, described in self._describes.items() if described or name not in names
        }
        return there

    @contextmanager
    def _explaining(self, asked: Mapping[str, Iterable[str]]) -> Iterator[None]:
        """Name what a query was refused for, where it is gone since the run began."""
        try:
            yield
        except RequestRefused as refused:
            if refused.code not in ("INVALID_FIELD", "INVALID_TYPE"):
                raise
            there = self._anew(list(asked))
            fields = {f"{name}.{field}": (name, field) for name, wanted in asked.items() for field in wanted}
            gone = [name for name in asked if name not in there]
            gone += [
                each for each, (name, field) in fields.items() if name in there and field not in there[name].fields
            ]
            if not gone:
                raise
            raise OrgRefused(
                f"{', '.join(gone)} is not there any more, or hidden.",
                where="query",
                hint="Nothing of the batch is acknowledged. Check the permission set of the integration user.",
            ) from None

    def _described(self, name: str) -> ObjectDescribe:
        describe = self.describe([name]).get(name)
        if describe is None:
            raise OrgRefused(f"The org has no object {name}, or hides it.", where="describe", hint="Run preflight.")
        return describe

    def _askable(self, name: str, wanted: Sequence[Condition]) -> list[Condition]:
        return query.askable(self._described(name), wanted)

    def _brought(self, name: str, fields: Sequence[str]) -> list[str]:
        return [*fields, *(CONVERTED if name == "Lead" else ())]

    def _followed(
        self, leads: Sequence[FieldValues], searched: Sequence[str], fields: Mapping[str, Sequence[str]]
    ) -> Iterator[OrgRow]:
        """What lives of what leads became: a row for each lead, for each may answer to another value."""
        names = [name for name in BECAME if leads and name in fields]
        living = {name: self._became(name, leads, fields[name]) for name in names}
        for lead in leads:
            via = _only(lead, searched)
            heirs = ((name, living[name].get(str(lead[BECAME[name]]))) for name in names)
            rows = (OrgRow(name, str(heir["Id"]), heir, "Lead", via) for name, heir in heirs if heir)
            yield next(rows, OrgRow("Lead", str(lead["Id"]), lead, "Lead", via, dead_end=True))

    def _became(self, name: str, leads: Sequence[FieldValues], fields: Sequence[str]) -> dict[str, FieldValues]:
        """Persons by id: contacts, and accounts that are one."""
        describe = self._described(name)
        kind = [IS_PERSON] if name == "Account" else []
        if not describe.fields.keys() >= set(kind):
            return {}
        wanted = self._askable(name, [{"Id": list(dict.fromkeys(str(lead[BECAME[name]]) for lead in leads))}])
        (found,) = query.select(self._session, [Question(describe, wanted, [*fields, *kind])])
        return {str(each["Id"]): each for each in found if all(each[field] for field in kind)}


def _is_converted(name: str, record: FieldValues) -> bool:
    return name == "Lead" and bool(record["IsConverted"])


def _fields_of(asked: Iterable[Condition]) -> list[str]:
    return list(dict.fromkeys(field for condition in asked for field in condition))


def _only(record: FieldValues, fields: Iterable[str]) -> FieldValues:
    return {field: record.get(field) for field in fields}


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
