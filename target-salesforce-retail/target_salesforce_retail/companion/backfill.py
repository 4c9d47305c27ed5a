"""Gives their phone keys to people of the org who lack them: in pieces by id, each person read in her own country.

What is written is what a run would have compared them by. Whoever has a key is not asked for again, so that a backfill
that was stopped goes on where it was. A number that nobody can read gets a mark, and is asked for again only when told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from target_salesforce_retail.invocation import invoked
from target_salesforce_retail.mapping.phone_keys import UNREADABLE, PhoneKeys, phone_keys_of
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import OrgRow, Value
from target_salesforce_retail.ports import Org

PIECE = 2_000
"""Persons that are read at once: a page of a query, and ten collections."""
Keys = dict[str, Value]


@dataclass
class Tally:
    """What became of those who lack a key.

    Attributes:
        lacking: How many there were.
        read: How many were looked at.
        keyed: How many got a number in E.164.
        unreadable: How many have a number that nobody can read; the two may be one person.
        changed: How many typed another number meanwhile: they lack their key as before.
        still_marked: How many have a mark, were tried again, and cannot be read now either: nothing is written to them.
        refused: Salesforce's code -> how many it did not let us write to, or take back what we wrote.
    """

    lacking: int = 0
    read: int = 0
    keyed: int = 0
    unreadable: int = 0
    changed: int = 0
    still_marked: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def exit_code(self) -> int:
        """0 when nobody lacks a key any more, 3 when some are left, 4 when some were refused."""
        return 4 if self.refused else 3 if self.read < self.lacking or self.changed else 0

    def __str__(self) -> str:
        """One line that adds up."""
        codes = ", ".join(f"{count:,} {code}" for code, count in self.refused.most_common())
        refused = f", {self.refused.total():,} refused ({codes})" if codes else ""
        changed = f", {self.changed:,} changed meanwhile" if self.changed else ""
        marked = f", {self.still_marked:,} more as unreadable as before" if self.still_marked else ""
        done = f"{self.keyed:,} keyed, {self.unreadable:,} with an unreadable number{refused}{changed}{marked}"
        return f"{self.read:,} of {self.lacking:,} read: {done}"


@dataclass(frozen=True)
class Backfill:
    """A backfill of one object, by the phone keys of one mapping.

    Attributes:
        org: The org.
        name: The object.
        keys: Its phone keys.
        key_field: The key field of its mapping.
        writes: False to read and count alone.
        tell: Called with the tally after each piece.
    """

    org: Org
    name: str
    keys: PhoneKeys
    key_field: str
    writes: bool
    tell: Callable[[str], None]

    def run(self, limit: int, *, again: bool = False) -> Tally:
        """Give keys to those who lack them.

        Args:
            limit: At most to so many persons.
            again: Also to those whose number could not be read when it was tried.

        Raises:
            OrgError: The org as a whole did not answer: what is done is done, the next backfill goes on.
        """
        tried = self._marked() if again else []
        marked = [row for row in tried if any(self.keys.numbers(_without_marks(row).values))]
        lacking = self.org.count_unkeyed({self.name: self.keys.phones})[self.name] + len(marked)
        tally = Tally(lacking, still_marked=len(tried) - len(marked))
        for rows in self._pieces(limit, marked):
            self._give([*map(_without_marks, rows)] if again else rows, tally)
            self.tell(f"{self.name}: {tally}")
        return tally

    def _pieces(self, limit: int, marked: Sequence[OrgRow]) -> Iterator[Sequence[OrgRow]]:
        for start in range(0, min(limit, len(marked)), PIECE):
            yield marked[start : min(start + PIECE, limit)]
        left, after = limit - len(marked), ""
        while left > 0:
            rows = self.org.unkeyed(self.name, self.keys.phones, self.keys.read, min(PIECE, left), after)
            if not rows:
                return
            yield rows
            left, after = left - len(rows), rows[-1].id

    def _marked(self) -> list[OrgRow]:
        """Those whose number could not be read; who lacks a key besides comes with all who lack one."""
        found = self.org.find({self.name: [{key: [UNREADABLE]} for key in self.keys.phones]}, {self.name: self._read})
        return [row for row in found if row.object == self.name and not self.keys.lacking(row.values)]

    @property
    def _read(self) -> Sequence[str]:
        fields = self.org.describe([self.name])[self.name].fields
        return [each for each in self.keys.read if each in fields]

    def _give(self, rows: Sequence[OrgRow], tally: Tally) -> None:
        given: dict[str, Keys] = {row.id: {**self.keys.lacking(row.values)} for row in rows}
        refused = self._write(given, tally) if self.writes else {}
        stale = self._stale(rows, given.keys() - refused.keys()) if self.writes else {}
        left_wrong = self._take_back(stale, tally)
        kept = [keys.values() for record_id, keys in given.items() if record_id not in refused.keys() | stale.keys()]
        tally.read += len(rows)
        tally.changed += len(stale) - len(left_wrong)
        tally.keyed += sum(any(value != UNREADABLE for value in keys) for keys in kept)
        tally.unreadable += sum(UNREADABLE in keys for keys in kept)

    def _write(self, given: Mapping[str, Keys], tally: Tally) -> dict[str, str]:
        """Write the keys; the ids of those that the org refused, with its codes."""
        rows = [(record_id, keys, dict[str, Value]()) for record_id, keys in given.items()]
        results = self.org.update(self.name, self.key_field, rows, allow_duplicates=True) if rows else []
        codes = {record_id: each.fault.code for record_id, each in zip(given, results, strict=True) if each.fault}
        tally.refused.update(codes.values())
        return codes

    def _take_back(self, stale: Mapping[str, Keys], tally: Tally) -> Mapping[str, str]:
        """Blank keys; the ids of those that the org refused: told, for no other backfill looks at them."""
        refused = self._write(stale, tally)
        for record_id, code in refused.items():
            self.tell(
                f"{self.name} {record_id}: its number changed while we wrote its key, and Salesforce refuses to let us "
                f"take that back ({code}): it is found by the number before. Blank {', '.join(stale[record_id])} "
                f"in Salesforce, then run {invoked('backfill-keys')}."
            )
        return refused

    def _stale(self, rows: Sequence[OrgRow], written: set[str]) -> dict[str, Keys]:
        """The keys to blank of those who typed another number between our look and our write."""
        now = self.org.find({self.name: [{"Id": sorted(written)}]}, {self.name: self._read}) if written else []
        there = {row.id: row.values for row in now}
        stale: dict[str, Keys] = {}
        for row in rows:
            values = there.get(row.id, row.values)
            keys = [key for key, phone in self.keys.phones.items() if values.get(phone) != row.values.get(phone)]
            if row.id in written and keys:
                stale[row.id] = dict.fromkeys(keys)
        return stale


def backfills(
    mappings: Sequence[StreamMapping], org: Org, tell: Callable[[str], None], *, writes: bool
) -> list[Backfill]:
    """Backfills that give each phone key once: an object has one for each mapping with keys of its own."""
    found: list[Backfill] = []
    for mapping in mappings:
        for name in mapping.objects:
            keys = phone_keys_of(mapping, name)
            given = {key for each in found if each.name == name for key in each.keys.phones}
            left = {key: phone for key, phone in keys.phones.items() if key not in given}
            if left:
                found.append(Backfill(org, name, replace(keys, phones=left), mapping.key.field, writes, tell))
    return found


def _without_marks(row: OrgRow) -> OrgRow:
    return replace(row, values={field: None if value == UNREADABLE else value for field, value in row.values.items()})
