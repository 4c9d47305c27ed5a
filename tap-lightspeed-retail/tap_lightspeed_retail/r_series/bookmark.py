"""What STATE says of one stream, in words and whole numbers, and the rules by which it moves.

Every move is one ``update`` of the SDK's dictionary, so that a signal finds STATE before it or after it, never between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tap_lightspeed_retail.r_series.ids import Ids

SPAN = 100
"""Ids per block of a sweep, at least."""
MOST_BLOCKS = 512
MOST_OPEN = 500
WITHIN_ROOM = 32_768
"""Characters that STATE has for the lines and payments of unfinished rows: some thirty for each row."""


class Reached(NamedTuple):
    """How far a table was read in the order of time: an instant, and the last row read at that very instant."""

    stamp: str
    id: int = 0

    def __str__(self) -> str:
        return f"{self.stamp} {self.id}" if self.id else self.stamp

    @classmethod
    def read(cls, text: str) -> Reached:
        """What ``str`` said."""
        stamp, _, number = text.partition(" ")
        return cls(stamp, int(number or 0))


NOWHERE = Reached("")
EVER = "1970-01-01T00:00:00+00:00"
"""Before all rows."""


class Bookmark:
    """One stream's bookmark.

    ``replication_key_value`` is the instant up to which everything was read, ``passed_id`` the last row read at that
    very instant; ``sweep_*`` and ``swept_at`` say how far a walk by id has come, what it has not met, and when the last
    one began; ``blocks`` are digests of what such walks found, ``known`` ids that were read, ``open`` the digests of
    unfinished rows, ``seen`` how far each trigger was read. Of lines and payments ``within`` says which were told with
    each unfinished row, ``told`` which were told with any row, and ``unmet`` which of those a walk has not met yet.

    Args:
        state: The SDK's dictionary of the stream.
        replication_key: The stream's.
    """

    def __init__(self, state: dict[str, Any], replication_key: str | None) -> None:
        self._state = state
        self._key = replication_key

    def text(self, name: str) -> str:
        """A word of it; empty when it is not there."""
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
        return self._digests("blocks")

    @property
    def open(self) -> dict[int, int]:
        """Digests of unfinished rows, by id."""
        return self._digests("open")

    def _digests(self, name: str) -> dict[int, int]:
        pairs = (word.partition(":") for word in self.text(name).split())
        return {int(number): int(digest, 16) for number, _, digest in pairs}

    @property
    def within(self) -> dict[int, tuple[Ids, ...]]:
        """What was told with each unfinished row, a set for each list."""
        words = (word.split(":") for word in self.text("within").split())
        return {int(owner): tuple(Ids(each.replace(",", " ")) for each in lists) for owner, *lists in words}

    def sets(self, name: str) -> dict[str, Ids]:
        """Sets of ids by resource."""
        return {resource: Ids(text) for resource, text in dict(self._state.get(name) or {}).items()}

    @property
    def span(self) -> int:
        """Ids per block."""
        return self.number("span") or SPAN

    @property
    def seen(self) -> Mapping[str, str]:
        """How far each trigger was read: an instant, or the last ids."""
        return dict(self._state.get("seen") or {})

    def move(self, **words: str | int | dict[str, str]) -> None:
        """Say something new, all at once."""
        self._state.update(words)

    def read_through(self, stamp: str, passed_id: int = 0) -> dict[str, str | int]:
        """The words for: everything up to this instant was read. It never goes back."""
        if not self._key or not stamp or stamp < self.since:
            return {}
        return {"replication_key": self._key, "replication_key_value": stamp, "passed_id": passed_id}

    def saw(self, name: str, how_far: str) -> dict[str, dict[str, str]]:
        """The words for: this trigger was read so far."""
        return {"seen": {**self.seen, name: how_far}}


def digests_text(digests: Mapping[int, int], most: int) -> str:
    """Digests by number, as STATE says them; of more than ``most`` the lowest are forgotten."""
    return " ".join(f"{number}:{digests[number]:08x}" for number in sorted(digests)[-most:])


def within_text(lists: Mapping[int, Iterable[Ids]]) -> str:
    """What was told with unfinished rows, as STATE says it; where that is too much, the oldest are forgotten."""
    words: list[str] = []
    room = WITHIN_ROOM
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
