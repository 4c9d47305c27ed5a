"""What a run takes out of the org, and when that is too much to be true.

A table that reads as empty by mistake looks like one whose rows were all deleted. A shop deletes a few records a day:
a run that would take out a large share of a stream stops before it does, and a person looks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from target_salesforce_retail.errors import TooManyDeleted
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import Action, Intent, Retirement
from target_salesforce_retail.ports import Ledger

FLOOR = 25
"""So many records of a stream may go in a run whatever the share: a corner shop that tidies up is no mishap."""
ALL = 1.0
"""The share that never stops."""
SETTING = "max_deleted_share"
DELETE = "delete"
LETS_GO = {Retirement.UNLINKED: "unlink", Retirement.ERASED: "anonymise"}
HOW = (DELETE, *LETS_GO.values())
"""What a run does to records that are gone from the shop; one that is only marked counts as deleted."""


class Deletions:
    """The records of each stream that one run has taken out, or marked as deleted.

    Args:
        share: How much of a stream that may be, of what the ledger knows to have gone into the org.
        warned: The last run stopped for this reason. What a run may delete it may delete once: else run after run, by
            themselves, would take a share each until nothing was left.
    """

    def __init__(self, share: float = ALL, *, warned: bool = False) -> None:
        self._share = share
        self._warned = warned
        self._taken: dict[str, set[str]] = defaultdict(set)
        self._how: dict[str, set[str]] = defaultdict(set)
        self._let_go: dict[str, set[str]] = defaultdict(set)
        self._totals: dict[str, int] = {}

    def admit(self, actions: Sequence[Action], mapping: StreamMapping, ledger: Ledger) -> None:
        """Count what these actions take out, before any of them is sent.

        Raises:
            TooManyDeleted: With them the run passes the share of a stream.
        """
        for stream, record_id, how in _taken_by(actions, mapping):
            self._taken[stream].add(record_id)
            self._how[stream].add(how)
        drafts = (action.match.draft for action in actions if action.id)
        self._let_go[mapping.stream] |= {draft.key for draft in drafts if draft.releases}
        for stream, taken in self._taken.items():
            if len(taken) > FLOOR and self._is_too_much(stream, len(taken)):
                self._learn(stream, actions, mapping, ledger)
                self._stop_if_too_much(stream, len(taken))

    def _is_too_much(self, stream: str, taken: int) -> bool:
        allowed = 0 if self._warned else self._share * self._totals.get(stream, 0)
        return self._share < ALL and taken > allowed

    def _learn(self, stream: str, actions: Sequence[Action], mapping: StreamMapping, ledger: Ledger) -> None:
        """Asked only where it decides: what went in before, and what is here that the ledger has still to learn of.

        Whom this run has let go the ledger knows no more, but they were there: else it would depend on how it is cut.
        """
        here = {action.match.draft.key for action in actions if action.id or action.intent is Intent.CREATE}
        there = self._let_go[stream] | (here if stream == mapping.stream else set())
        unknown = there - ledger.links(stream, there).keys()
        parts = {row.id for action in actions for row in action.match.children.get(stream, ())}
        self._totals[stream] = max(ledger.count(stream) + len(unknown), len(parts))

    def _stop_if_too_much(self, stream: str, taken: int) -> None:
        if self._is_too_much(stream, taken):
            too = ", and the last run did too" if self._warned else ""
            raise TooManyDeleted(
                f"This run would {self._would(stream, taken)}; it stopped before, for {SETTING} is "
                f"{self._share:g}{too}.",
                where=stream,
                hint=f"{self._question(stream)} If they are gone indeed, set {SETTING} to 1 for one run.",
            )

    def _would(self, stream: str, taken: int) -> str:
        """What it would do to how many records, in words."""
        records = f"{taken:,} of {self._totals[stream]:,} records"
        if self._how[stream] == {DELETE}:
            return f"delete {records}, or mark them as deleted"
        *others, last = (how for how in HOW if how in self._how[stream])
        return f"{', '.join(others)} or {last} {records}" if others else f"{last} {records}"

    def _question(self, stream: str) -> str:
        """What to look at in the shop."""
        if self._how[stream] == {DELETE}:
            return "Look at the shop: was a table emptied, or the right to read it taken away?"
        return "Look at the shop: were so many archived or made anonymous, or does a `when` of `retired` meet too many?"


def _taken_by(actions: Iterable[Action], mapping: StreamMapping) -> Iterator[tuple[str, str, str]]:
    """(stream, id, how) of every record that is taken out or marked, stale parts under their own stream."""
    for action in actions:
        leaves = action.intent is Intent.DELETE
        taken = action.id or action.replaces
        if taken and (leaves or (action.writes and (action.match.draft.deleted or action.match.draft.releases))):
            retirement = action.match.draft.retirement
            yield mapping.stream, taken, LETS_GO.get(retirement, DELETE) if retirement else DELETE
        stale = {record_id for _, record_id in action.stale_children}
        for stream, rows in action.match.children.items():
            yield from ((stream, row.id, DELETE) for row in rows if row.id in stale)
