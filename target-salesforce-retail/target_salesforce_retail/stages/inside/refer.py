"""Fills in what a match needs to know of other records: the ids it refers to, and the children that hang on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.nouns import Match, Row
from target_salesforce_retail.ports import Ledger, Org

Found = dict[str, tuple[str, str]]
"""Org key -> (object, id)."""


class Resolver:
    """Resolves the references and children of one batch.

    The ledger's memory is believed at first, which costs no call; when rows are retried (``again``) the org is
    asked first, and what the ledger remembers is followed to its survivor.
    """

    def __init__(self, rules: Rules, mappings: Mappings, org: Org, ledger: Ledger, *, again: bool) -> None:
        self._rules = rules
        self._mappings = mappings
        self._org = org
        self._ledger = ledger
        self._again = again

    def resolve(self, matches: Sequence[Match]) -> list[Match]:
        """The matches with ``found`` and ``children`` filled."""
        wanted = self._wanted(matches)
        found = {stream: self._find(stream, keys) for stream, keys in wanted.items()}
        skipped = {
            stream: self._ledger.left_out(stream, [key for key in keys if key not in found[stream]])
            for stream, keys in wanted.items()
        }
        children = {
            child.stream: self._children(child, matches) for child in self._mappings.children(self._rules.stream)
        }
        return [
            replace(
                match,
                found={
                    reference.label: found[reference.stream][reference.key]
                    for reference in match.draft.references
                    if reference.key in found[reference.stream]
                },
                left_out=frozenset(
                    reference.label
                    for reference in match.draft.references
                    if reference.key in skipped[reference.stream]
                ),
                children={stream: tuple(rows.get(match.row.id, ())) for stream, rows in children.items()}
                if match.row
                else {},
            )
            for match in matches
        ]

    def _wanted(self, matches: Sequence[Match]) -> dict[str, list[str]]:
        wanted: dict[str, dict[str, None]] = defaultdict(dict)
        for match in matches:
            for reference in match.draft.references:
                wanted[reference.stream][reference.key] = None
        return {stream: list(keys) for stream, keys in wanted.items()}

    def _find(self, stream: str, keys: list[str]) -> Found:
        remembered = {key: (link.object, link.id) for key, link in self._ledger.links(stream, keys).items()}
        if not self._again:
            return {**self._ask(stream, [key for key in keys if key not in remembered]), **remembered}
        asked = self._ask(stream, keys)
        return {**self._alive({key: link for key, link in remembered.items() if key not in asked}), **asked}

    def _ask(self, stream: str, keys: list[str]) -> Found:
        other = self._mappings.of(stream)
        found: Found = {}
        for name in other.objects if other else ():
            missing = [key for key in keys if key not in found]
            if other and missing:
                field = other.key.field
                rows = self._org.find(name, {field: missing}, dict.fromkeys(other.objects, (field,)))
                found |= {str(row.via.get(field, row.values.get(field))): (row.object, row.id) for row in rows}
        return found

    def _alive(self, remembered: Found) -> Found:
        ids: dict[str, list[str]] = defaultdict(list)
        for name, record_id in remembered.values():
            ids[name].append(record_id)
        heirs = {name: self._org.survivors(name, asked) for name, asked in ids.items()}
        return {
            key: (name, heirs[name][record_id])
            for key, (name, record_id) in remembered.items()
            if record_id in heirs[name]
        }

    def _children(self, child: Rules, matches: Iterable[Match]) -> dict[str, list[Row]]:
        rows: dict[str, list[Row]] = defaultdict(list)
        parents = [match.row.id for match in matches if match.row]
        if child.parent and parents:
            field = next(iter(child.parent.reference.fields.values()))
            for row in self._org.find(child.object, {field: parents}, {child.object: (child.key.field, field)}):
                rows[str(row.values.get(field))].append(row)
        return rows
