"""The org: rows behind the vendor's rules, whether the API writes them or a person does."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.clock import Clock
from sandbox.salesforce.addresses import in_step
from sandbox.salesforce.allowance import Allowance
from sandbox.salesforce.assignment import AssignmentRule, owner_of
from sandbox.salesforce.behaviours import derive
from sandbox.salesforce.dml import (
    Caller,
    Reader,
    bad_references,
    duplicates,
    existing,
    missing,
    rows_by_key,
    several,
)
from sandbox.salesforce.duplicates import DuplicateRule, StandardRules
from sandbox.salesforce.faults import Fault, Refused, refuse
from sandbox.salesforce.founding import founded
from sandbox.salesforce.ids import long_id, make_id
from sandbox.salesforce.persons import barred_contact, keeps_contact
from sandbox.salesforce.record_types import chosen
from sandbox.salesforce.recycle import given_up
from sandbox.salesforce.rollups import settle
from sandbox.salesforce.row import AnyRow, NewRow, Row
from sandbox.salesforce.rules import Rule, broken, locked
from sandbox.salesforce.schema import ChildRelationship, Field, Schema, SObject
from sandbox.salesforce.sharing import UNWRITTEN, barred, barred_parents
from sandbox.salesforce.store import Store, numbered
from sandbox.salesforce.values import vendor_time
from sandbox.switches import Switches
from sandbox.weather.faults import FaultKind

API = Caller()
PERSON = Caller(person=True)
_ROW_KB = 2


class Org(Store):
    """One Salesforce org.

    Args:
        schema: What the API user sees.
        clock: Tells every timestamp.
        switches: Behaviours nobody has verified.
        daily_calls: API calls a day; ``calls`` counts them by kind, ``allowance`` says how many of this day are used.
        storage_mb: How much data fits; a row takes two kilobytes.

    Attributes:
        row_weather: Asked for every row that the API writes, whether and how it is refused.
        long_calls: How many calls of 20 seconds and more are running, as an administrator makes it seem.
        most_long_calls: So many at once stop every other call (docs/vendors/salesforce.md, allowances).
    """

    most_long_calls = 25

    def __init__(
        self,
        schema: Schema,
        clock: Clock,
        switches: Switches,
        *,
        daily_calls: int = 15_000,
        storage_mb: int = 2_048,
    ) -> None:
        super().__init__(schema)
        self.clock, self.switches, self.daily_calls = clock, switches, daily_calls
        self.storage_mb, self.long_calls = storage_mb, 0
        self.row_weather: Callable[[str, AnyRow], FaultKind | None] | None = None
        self.deployed_at = clock.now().replace(microsecond=0)
        self._told = self.deployed_at, vendor_time(self.deployed_at)
        self.writes: Counter[tuple[str, str]] = Counter()
        self.calls: Counter[str] = Counter()
        self.allowance = Allowance(clock, self.calls)
        self.rules: list[Rule] = []
        self.duplicate_rules: list[DuplicateRule] = []
        self._standard_rules = StandardRules(self)
        self._together: set[str] | None = None
        self.read_only: set[str] = set()
        self.assignment_rules: list[AssignmentRule] = []
        self.locks: set[str] = set()
        self.org_id = ""
        self._gone_with: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        self.reset()

    def reset(self) -> None:
        """Back to an org that nobody has used: two users, one organisation, the standard price book."""
        self.clear()
        self.writes.clear()
        self.calls.clear()
        self.allowance.restart()
        self.rules.clear()
        self.duplicate_rules.clear()
        self.assignment_rules.clear()
        self.locks.clear()
        self.read_only.clear()
        self._gone_with.clear()
        self.long_calls = 0
        self.user_id, self.person_id = make_id("005", 1), make_id("005", 2)
        for name, values in founded(self.switches):
            record_id = self._found(name, **values)
            self.org_id = record_id if name == "Organization" else self.org_id

    def _found(self, name: str, **values: Any) -> str:
        if self.schema.object(name) is None:
            return ""
        record_id = self.new_id(name)
        self.put(name, record_id, {**self.templates[name], **self._stamps(), "Id": record_id, **values})
        return record_id

    def object(self, name: str) -> SObject:
        """The object of that name; raises Refused NOT_FOUND as the vendor does (recorded)."""
        sobject = self.schema.object(name)
        if sobject is None:
            raise refuse("NOT_FOUND", "The requested resource does not exist")
        return sobject

    def now(self) -> str:
        """Now in the vendor's spelling; audit fields carry whole seconds."""
        instant = self.clock.now().replace(microsecond=0)
        if instant != self._told[0]:
            self._told = instant, vendor_time(instant)
        return self._told[1]

    def id_of(self, text: Any) -> str | None:
        """As the store's; a switch says whether the last three characters mend the case of the others."""
        return long_id(text, mend=self.switches.wrong_case_id == "mend")

    @property
    def is_busy(self) -> bool:
        """Whether too many long calls are running."""
        return self.long_calls >= self.most_long_calls

    @property
    def used_mb(self) -> int:
        """How much of the storage is used, the recycle bin not counted by the vendor but by us."""
        return sum(map(len, self.tables.values())) * _ROW_KB // 1024

    # -- writes, each one row ---------------------------------------------------------------------------------------

    def create(self, name: str, values: dict[str, Any], caller: Caller = API) -> str:
        """Insert a row and answer its id; raises Refused with every fault the vendor would list."""
        sobject = self.object(name)
        if not (sobject.createable or caller.person):
            raise refuse("INVALID_TYPE_FOR_OPERATION", f"entity type {sobject.name} does not support create")
        if self.used_mb >= self.storage_mb:
            raise refuse("STORAGE_LIMIT_EXCEEDED", "storage limit exceeded")
        reader = Reader(self, self.switches, sobject, None, caller)
        changes = reader.read(values)
        self._refuse_any(barred_contact(self, sobject, None, changes, self.switches))
        row = {**self.templates[sobject.name], **self._stamps(caller), **changes}
        if "OwnerId" in row:
            row["OwnerId"] = row["OwnerId"] or self.user_id
        row["Id"] = self.new_id(sobject.name)
        self._number(sobject, row)
        self._keep(sobject, row, changes, None, faults=reader.faults, caller=caller)
        return str(row["Id"])

    def update(self, name: str, record_id: Any, values: dict[str, Any], caller: Caller = API) -> None:
        """Change the fields given; others stay. Raises Refused."""
        sobject = self.object(name)
        before = existing(self, sobject, record_id)
        self._refuse_barred(before, caller)
        reader = Reader(self, self.switches, sobject, before, caller)
        changes = reader.read(values)
        self._refuse_any(barred_contact(self, sobject, before, changes, self.switches))
        now = self.now()
        stamps = {"LastModifiedDate": now, "LastModifiedById": self.who(caller), "SystemModstamp": now}
        row = before.changed({**stamps, **changes})
        self._keep(sobject, row, changes, before, faults=reader.faults, caller=caller)

    def upsert(
        self,
        name: str,
        key: str,
        value: Any,
        values: dict[str, Any],
        caller: Caller = API,
        *,
        update_only: bool = False,
    ) -> tuple[str, bool]:
        """Insert or update the row that ``key`` names; answers its id and whether it is new.

        Raises:
            Refused: also DUPLICATE_EXTERNAL_ID when the key names several rows.
        """
        sobject = self.object(name)
        field = self.key_field(sobject, key)
        if field.name == "Id":
            return self._upsert_by_id(sobject.name, value, values, caller)
        if value in (None, ""):
            raise refuse("MISSING_ARGUMENT", f"{field.name} not specified", field.name)
        found = rows_by_key(self, self.switches, sobject, field, value)
        if len(found) > 1:
            raise several(field, found)
        if found:
            self.update(sobject.name, found[0]["Id"], values, caller)
            return str(found[0]["Id"]), False
        if update_only:
            raise refuse("NOT_FOUND", "The requested resource does not exist")
        return self.create(sobject.name, {**values, field.name: value}, caller), True

    def _upsert_by_id(self, name: str, value: Any, values: dict[str, Any], caller: Caller) -> tuple[str, bool]:
        if value is None:
            return self.create(name, values, caller), True
        self.update(name, value, values, caller)
        return str(existing(self, self.object(name), value)["Id"]), False

    def key_field(self, sobject: SObject, key: str) -> Field:
        """The field that upserts may use; raises Refused NOT_FOUND (docs/vendors/salesforce.md, single rows)."""
        field = sobject.field(key)
        if field is None or not field.is_key:
            message = f"Provided external ID field does not exist or is not accessible: {key}"
            raise refuse("NOT_FOUND", message)
        return field

    def delete(self, name: str, record_id: Any, caller: Caller = API) -> None:
        """Into the recycle bin, details with it; lookups that pointed here are cleared. Raises Refused."""
        sobject = self.object(name)
        row = existing(self, sobject, record_id)
        self._refuse_barred(row, caller)
        self._refuse_any(keeps_contact(self, sobject, row))
        self._refuse_any(() if sobject.deletable or caller.person else [UNWRITTEN])
        fault = locked(self.locks, sobject, row)
        if fault:
            raise Refused(fault)
        with self.atomic():
            self._remove(sobject, row)
        if not caller.person:
            self.writes["delete", sobject.name] += 1

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """As the store's; rows that were undone do not count as written either."""
        written = self.writes.copy()
        try:
            with super().atomic():
                yield
        except BaseException:
            self.writes = written
            raise

    @contextmanager
    def one_save(self) -> Iterator[None]:
        """Rows written inside are one save: duplicate rules do not compare them with each other."""
        outer, self._together = self._together, set()
        try:
            yield
        finally:
            self._together = outer

    # -- what people do -------------------------------------------------------------------------------------------

    def insert_as_user(self, name: str, values: dict[str, Any]) -> str:
        """What a person would type in; may carry CreatedDate and LastModifiedDate. Raises Refused."""
        return self.create(name, values, PERSON)

    def edit_as_user(self, name: str, record_id: str, values: dict[str, Any]) -> None:
        """A person edits a row. Raises Refused."""
        self.update(name, record_id, values, PERSON)

    def delete_as_user(self, name: str, record_id: str) -> None:
        """A person deletes a row. Raises Refused."""
        self.delete(name, record_id, PERSON)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _keep(
        self,
        sobject: SObject,
        row: NewRow,
        changes: NewRow,
        before: Row | None,
        *,
        faults: list[Fault],
        caller: Caller,
    ) -> None:
        held = locked(self.locks, sobject, row) or self._blown(sobject, row, caller)
        if held:
            raise Refused(held)
        # A value that does not fit is there all the same, so its field is not missing.
        refused = {name for fault in faults for name in fault.fields or ()}
        self._refuse_any([*missing(sobject, row, changes, creating=before is None, given=refused), *faults])
        self._refuse_any(chosen(self, sobject, row, changes))
        self._refuse_any(bad_references(self, sobject, changes))
        if not caller.person and (self.hidden or self.read_only):
            self._refuse_any(barred_parents(sobject, changes, hidden=self.hidden, read_only=self.read_only))
        self._refuse_any(in_step(sobject, row, changes, code_as_text=self.switches.code_as_text))
        for flow in self.schema.flows if before is not None else ():
            if before is not None and flow.object == sobject.name:
                said = flow.run(row, before)
                row.update(said)
                changes.update(said)
        with self.atomic():
            derive(self, sobject.name, row, changes, before)
            self._refuse_any(duplicates(self, sobject, row["Id"], changes))
            self._refuse_any(broken(self.rules, sobject.name, row))
            if not caller.person:
                self._refuse_any(self._look_alikes(sobject, row, before, caller) if caller.dedupes else ())
                self.writes["create" if before is None else "update", sobject.name] += 1
            owner = owner_of(self.assignment_rules, sobject, row, caller)
            self.put(sobject.name, row["Id"], {**row, "OwnerId": owner} if owner else row)
            settle(self, sobject, before, row)
        if self._together is not None:
            self._together.add(row["Id"])

    def _refuse_barred(self, row: Row, caller: Caller) -> None:
        if not caller.person:
            self._refuse_any(barred(row, hidden=self.hidden, read_only=self.read_only))

    def _blown(self, sobject: SObject, row: AnyRow, caller: Caller) -> Fault | None:
        """What the weather refuses the row with; people have none."""
        kind = None if caller.person or self.row_weather is None else self.row_weather(sobject.name, row)
        return Fault(kind.code, kind.message) if kind else None

    @staticmethod
    def _refuse_any(faults: Iterable[Fault]) -> None:
        found = list(faults)
        if found:
            raise Refused(*found)

    def _look_alikes(self, sobject: SObject, row: AnyRow, before: Row | None, caller: Caller) -> Iterator[Fault]:
        spelling, together = self.switches.duplicate_key, self._together or ()
        for rule in self.duplicate_rules:
            fault = rule.fault(
                self, sobject, row, before, together=together, allow_save=caller.allow_save, spelling=spelling
            )
            if fault:
                yield fault
        # The standard rules only report edits, and an alert is what the header lets through.
        if before is None and self.switches.standard_duplicate_rules and not caller.allow_save:
            fault = self._standard_rules.fault(sobject.name, row, together=together, spelling=spelling)
            if fault:
                yield fault

    def who(self, caller: Caller) -> str:
        """Whom a row names for what is done to it: what people do, one of them does."""
        return self.person_id if caller.person else self.user_id

    def _stamps(self, caller: Caller = API) -> NewRow:
        now, who = self.now(), self.who(caller)
        made = {"CreatedDate": now, "CreatedById": who}
        return {**made, "LastModifiedDate": now, "LastModifiedById": who, "SystemModstamp": now}

    def _number(self, sobject: SObject, row: NewRow) -> None:
        for field in sobject.fields.values():
            if field.number_format:
                row[field.name] = numbered(field.number_format, self.count_up(f"{sobject.name}.{field.name}"))
        # A custom object whose rows are named by people gets its id for a name when nobody gives one.
        if sobject.custom and row["Name"] is None:
            row["Name"] = row["Id"]

    def children(self, sobject: SObject, record_id: str) -> Iterator[tuple[ChildRelationship, Row]]:
        """Every row that points to this one, with the relationship by which it does."""
        for relation in sobject.child_relationships:
            for child in self.lookup(relation.child, relation.field, [record_id]):
                yield relation, child

    def _remove(self, sobject: SObject, row: Row, owner: str | None = None) -> None:
        """Into the recycle bin; ``owner`` is the row with which this one goes."""
        for relation, child in list(self.children(sobject, row["Id"])):
            if relation.restricted:
                message = (
                    f"Your attempt to delete {row['Id']} could not be completed because {child['Id']} refers to it."
                )
                raise refuse("DELETE_FAILED", message)
            if relation.cascade:
                self._remove(self.object(relation.child), child, owner or row["Id"])
            else:
                self.put(relation.child, child["Id"], {**child, relation.field: None, "SystemModstamp": self.now()})
        if owner:
            self._gone_with[owner].append((sobject.name, row["Id"]))
        gone = row.changed({"IsDeleted": True, "SystemModstamp": self.now()})
        self.put(sobject.name, row["Id"], gone)
        settle(self, sobject, row, gone)

    def restore(self, sobject: SObject, row: Row) -> int:
        """Out of the recycle bin, with the details that went with the row; answers how many rows. Raises Refused."""
        names = [(sobject.name, row["Id"]), *self._gone_with.get(row["Id"], ())]
        with self.atomic():
            for name, record_id in names:
                self._bring_back(self.object(name), self.tables[name][record_id])
        self._gone_with.pop(row["Id"], None)
        return len(names)

    def _bring_back(self, sobject: SObject, gone: Row) -> None:
        lost = given_up(self, sobject, gone, self.switches.undelete_taken_key)
        back = gone.changed({**lost, "IsDeleted": False, "SystemModstamp": self.now()})
        self.put(sobject.name, gone["Id"], back)
        settle(self, sobject, None, back)
