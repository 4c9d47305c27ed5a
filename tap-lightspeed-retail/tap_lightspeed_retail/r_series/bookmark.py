"""What STATE says of one stream, in text and whole numbers, and the rules by which it moves.

Every move is one ``update`` of the SDK's dictionary, so that a signal finds STATE before it or after it, never between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from tap_lightspeed_retail.r_series.digests import SPAN, digests_in
from tap_lightspeed_retail.r_series.ids import Ids

MOST_OPEN = 500
OPEN_PARTS_ROOM = 32_768
"""Characters that STATE has for the lines and payments of unfinished rows: some thirty for each row."""


RENAMED = {
    "passed_id": "last_id",
    "seen": "positions",
    "sweep_began": "scan_began",
    "sweep_from": "scan_from",
    "sweep_id": "scan_id",
    "sweep_sum": "scan_digest",
    "sweep_missing": "scan_missing",
    "swept_at": "scanned_at",
    "within": "open_parts",
    "told": "emitted_parts",
    "unmet": "missing_parts",
}
"""What STATE of version 0.1 called it -> what it is called now."""


class Position(NamedTuple):
    """How far a table was read in the order of time: an instant, and the last row read at that very instant."""

    stamp: str
    id: int = 0

    def __str__(self) -> str:
        return f"{self.stamp} {self.id}" if self.id else self.stamp

    @classmethod
    def read(cls, text: str) -> Position:
        """What ``str`` has written."""
        stamp, _, number = text.partition(" ")
        return cls(stamp, int(number or 0))


START = Position("")
EPOCH = "1970-01-01T00:00:00+00:00"
"""Before all rows."""


class Bookmark:
    """One stream's bookmark.

    ``replication_key_value`` is the instant up to which everything was read, ``last_id`` the last row read at that very
    instant; ``scan_*`` and ``scanned_at`` say how far a full scan has come, what it has not found, and when the last
    one began; ``blocks`` are digests of what such scans found, ``known`` ids that were read, ``open`` the digests of
    unfinished rows, ``positions`` how far each child table was read. Of lines and payments ``open_parts`` says which
    were emitted with each unfinished row, ``emitted_parts`` which were emitted with any row, and ``missing_parts``
    which of those a full scan has not found yet. Of customers ``vanished`` says when some were last seen to be gone. Of
    sales ``customer_*`` and ``scan_customers`` are what ``CustomerBlocks`` holds, and ``moved_*`` say how far the scan
    for what has moved has come, for which customers it is, and for which the last one was (``moved_before``).

    Args:
        state: The SDK's dictionary of the stream; what an older version called otherwise is renamed in it, where
            nothing stands under the new name.
        replication_key: The stream's.
    """

    def __init__(self, state: dict[str, Any], replication_key: str | None) -> None:
        self._state = state
        self._key = replication_key
        for old in [name for name in state if name in RENAMED]:
            state.setdefault(RENAMED[old], state.pop(old))

    def text(self, name: str) -> str:
        """A text of it; empty when it is not there."""
        return str(self._state.get(name) or "")

    def number(self, name: str) -> int:
        """A number of it; 0 when it is not there."""
        return int(self._state.get(name) or 0)

    def ids(self, name: str) -> Ids:
        """A set of ids."""
        return Ids(self.text(name))

    @property
    def since(self) -> str:
        """The instant up to which everything was read; empty before the first run."""
        return self.text("replication_key_value")

    @property
    def blocks(self) -> dict[int, int]:
        """Digests by block."""
        return self.digests("blocks")

    @property
    def open(self) -> dict[int, int]:
        """Digests of unfinished rows, by id."""
        return self.digests("open")

    def digests(self, name: str) -> dict[int, int]:
        """Digests by number."""
        return digests_in(self.text(name))

    @property
    def open_parts(self) -> dict[int, tuple[Ids, ...]]:
        """What was emitted with each unfinished row, a set for each list."""
        words = (word.split(":") for word in self.text("open_parts").split())
        return {int(owner): tuple(Ids(each.replace(",", " ")) for each in lists) for owner, *lists in words}

    def sets(self, name: str) -> dict[str, Ids]:
        """Sets of ids by resource."""
        return {resource: Ids(text) for resource, text in dict(self._state.get(name) or {}).items()}

    @property
    def span(self) -> int:
        """Ids per block."""
        return self.number("span") or SPAN

    @property
    def positions(self) -> Mapping[str, str]:
        """How far each child table was read: an instant, or the last ids."""
        return dict(self._state.get("positions") or {})

    def update(self, **changes: str | int | dict[str, str]) -> None:
        """Change something, all at once."""
        self._state.update(changes)

    def read_through(self, stamp: str, last_id: int = 0) -> dict[str, str | int]:
        """The changes for: everything up to this instant was read. It never goes back."""
        if not self._key or not stamp or stamp < self.since:
            return {}
        return {"replication_key": self._key, "replication_key_value": stamp, "last_id": last_id}

    def without_future(self, now: str, through: str, timed: Collection[str]) -> dict[str, Any]:
        """The changes for: no instant of it is still to come; empty where none is.

        Whatever wrote such an instant, what was read before it is not known: changes are read from ``through`` on, and
        a full scan is due.

        Args:
            now: The server's clock.
            through: The instant up to which all is committed.
            timed: Whose positions are instants.
        """
        positions = self.positions
        ahead = {name for name in timed if Position.read(positions.get(name, "")).stamp > now}
        changes: dict[str, Any] = {"positions": {**positions, **dict.fromkeys(ahead, through)}} if ahead else {}
        if self.since > now:
            changes |= {"replication_key_value": through, "last_id": 0}
        if self.text("scan_began") > now:
            changes["scan_began"] = now
        if self.text("scanned_at") and (changes or self.text("scanned_at") > now):
            changes["scanned_at"] = EPOCH
        return changes

    def with_position(self, name: str, position: str) -> dict[str, dict[str, str]]:
        """The changes for: this child table was read so far."""
        return {"positions": {**self.positions, name: position}}


def open_parts_text(lists: Mapping[int, Iterable[Ids]]) -> str:
    """What was emitted with unfinished rows, as STATE says it; where that is too much, the oldest are forgotten."""
    words: list[str] = []
    room = OPEN_PARTS_ROOM
    for owner in sorted(lists, reverse=True):
        word = ":".join([str(owner), *(str(each).replace(" ", ",") for each in lists[owner])])
        room -= len(word) + 1
        if room < 0:
            break
        words.append(word)
    return " ".join(reversed(words))


def with_ids(ids: Ids, *, add: Iterable[int] = (), drop: Iterable[int] = ()) -> str:
    """A changed set, as STATE says it."""
    ids.update(add)
    for number in drop:
        ids.discard(number)
    return str(ids)
