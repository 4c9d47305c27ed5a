"""The standard duplicate rules of a new org: on create an alert, on edit a report only.

Source: docs/vendors/salesforce.md, duplicate rules.

Rows are found by the vendor's own idea, match keys: an index of keys says which few rows to look at, so that a save
costs the same in an org of a million rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from sandbox.salesforce.duplicates.kinds import KINDS, Entry, Kind, confidence, keys, kind_of, swapped
from sandbox.salesforce.duplicates.result import Matches, detected
from sandbox.salesforce.faults import Fault
from sandbox.salesforce.row import AnyRow, Row
from sandbox.salesforce.store import Store

_TEXT = "Use one of these records?"
_MOST_CANDIDATES = 100  # rows looked at for one key


class KeyIndex:
    """Which rows of a kind have which match keys; told of every row that changes, once it has been asked for."""

    def __init__(self, store: Store, kind: Kind) -> None:
        self._store, self._kind = store, kind
        self._ids: dict[str, dict[str, None]] = {}
        self._last: tuple[Entry, list[str]] = ({}, [])
        for record_id, row in store.tables[kind.object].items():
            self.moved(record_id, None, row)

    def moved(self, record_id: str, before: Row | None, after: Row | None) -> None:
        """Keep up with one row."""
        had, has = self._keys(before), self._keys(after)
        if had == has:
            return
        for key in had:
            self._ids[key].pop(record_id, None)
        for key in has:
            self._ids.setdefault(key, {})[record_id] = None

    def _keys(self, row: Row | None) -> list[str]:
        if row is None or row["IsDeleted"] or not self._kind.holds(row):
            return []
        return self.keys_of(self._kind.entry(self._store, row))

    def keys_of(self, entry: Entry) -> list[str]:
        """The keys of a row; the row looked for is mostly the next to be kept, so the last ones are remembered."""
        if entry != self._last[0]:
            self._last = entry, list(keys(self._kind, entry))
        return self._last[1]

    def found(self, key: str) -> Iterator[str]:
        """Ids of rows with a key, as many as are looked at."""
        return islice(self._ids.get(key, ()), _MOST_CANDIDATES)


class StandardRules:
    """The standard rules of one org."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def fault(self, name: str, row: AnyRow, *, together: Collection[str], spelling: str) -> Fault | None:
        """DUPLICATES_DETECTED for a new row that looks like others.

        Args:
            name: The object.
            row: As it would be.
            together: Ids of rows of the same save, with which it is not compared.
            spelling: The key of the result.
        """
        kind = kind_of(name, row)
        if kind is None:
            return None
        entry = kind.entry(self._store, row)
        hits = []
        for other, candidates in self._candidates(kind, entry):
            matches = self._matches(other, entry, candidates.difference(together, self._store.hidden))
            if matches.found:
                hits.append(matches)
        if not hits:
            return None
        return detected(kind.duplicate_rule, name, _TEXT, hits, allow_save=True, spelling=spelling)

    def _matches(self, kind: Kind, entry: Entry, candidates: set[str]) -> Matches:
        """The rows of a kind that its rule takes for this one, the surest first."""
        table = self._store.tables[kind.object]
        scores = [(confidence(kind, entry, kind.entry(self._store, table[one])), one) for one in candidates]
        hits = sorted((hit for hit in scores if hit[0]), key=lambda hit: (-hit[0], hit[1]))
        return Matches(kind.object, kind.rule, "FuzzyMatchEngine", {one: score for score, one in hits})

    def _candidates(self, kind: Kind, entry: Entry) -> Iterator[tuple[Kind, set[str]]]:
        """The rows to look at, by kind; a kind without any is left out."""
        wanted = [*self._index(kind).keys_of(entry), *swapped(kind, entry)]
        mail = entry.get("email")
        for other in self._others(kind):
            found = self._by_mail(other, mail) if mail else set()
            if wanted:
                index = self._index(other)
                found.update(one for key in wanted for one in index.found(key))
            if found:
                yield other, found

    def _by_mail(self, kind: Kind, mail: str) -> set[str]:
        rows = self._store.lookup(kind.object, kind.fields["email"], [mail], most=_MOST_CANDIDATES)
        return {row["Id"] for row in rows if kind.holds(row)}

    def _others(self, kind: Kind) -> list[Kind]:
        persons = self._store.schema.objects["account"].field("IsPersonAccount") is not None
        return [KINDS[name] for name in kind.others if name != "person" or persons]

    def _index(self, kind: Kind) -> KeyIndex:
        observers = self._store.observers[kind.object]
        observer = observers.get(kind.name)
        if not isinstance(observer, KeyIndex):
            observer = observers[kind.name] = KeyIndex(self._store, kind)
        return observer
