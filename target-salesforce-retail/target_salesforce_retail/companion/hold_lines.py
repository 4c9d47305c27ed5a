"""Holds as a person works them: what waits for one undecided record is one line, however many receipts that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from target_salesforce_retail.companion.printable import printable
from target_salesforce_retail.ledger.listing import HoldSummary
from target_salesforce_retail.ledger.store import SqlLedger

COLUMNS = ("hold", "stream", "key", "reason", "fields", "code", "candidates", "waits for", "tries", "what to do")
AT_ONCE = 500
Place = tuple[str, str]
"""Stream and key."""


@dataclass
class HoldLine:
    """One line of the list.

    Attributes:
        first: The oldest hold in it.
        streams: Those of all holds in it.
        holds: How many there are.
        roots: What all of them wait for in the end; empty where each is a line of its own.
    """

    first: HoldSummary
    streams: list[str]
    holds: int = 1
    roots: frozenset[Place] = frozenset()

    def add(self, hold: HoldSummary) -> None:
        """Count one more, that waits for the same."""
        self.holds += 1
        if hold.stream not in self.streams:
            self.streams.append(hold.stream)


def lines_of(ledger: SqlLedger, *, stream: str | None, reason: str | None, limit: int, is_all: bool) -> list[HoldLine]:
    """The first lines of the list of open holds.

    Args:
        ledger: The ledger.
        stream: Only this stream.
        reason: Only this reason.
        limit: So many lines.
        is_all: Each hold is a line.
    """
    found: list[HoldLine] = []
    groups: dict[frozenset[Place], HoldLine] = {}
    parents = {} if is_all else ledger.parents_of_holds()
    for hold in _holds(ledger, stream, reason, limit if is_all else None):
        roots = roots_of((hold.stream, hold.key), parents) if hold.waits_for else frozenset()
        if roots in groups:
            groups[roots].add(hold)
        elif len(found) < limit:
            found.append(HoldLine(hold, [hold.stream], roots=roots))
            groups |= {roots: found[-1]} if roots else {}
    return found


def _holds(ledger: SqlLedger, stream: str | None, reason: str | None, most: int | None) -> Iterator[HoldSummary]:
    after, left = 0, most
    while left is None or left > 0:
        some = ledger.holds(stream=stream, reason=reason, after=after, limit=min(AT_ONCE, left or AT_ONCE))
        if not some:
            return
        yield from some
        after = some[-1].number
        left = None if left is None else left - len(some)


def roots_of(place: Place, parents: Mapping[Place, Sequence[Place]]) -> frozenset[Place]:
    """What a record waits for in the end: of a line whose receipt waits for a shopper, the shopper."""
    roots: set[Place] = set()
    seen, open_ends = {place}, list(parents.get(place, ()))
    while open_ends:
        each = open_ends.pop()
        if each in seen:
            continue
        seen.add(each)
        if each in parents:
            open_ends += parents[each]
        else:
            roots.add(each)
    return frozenset(roots)


def cells(line: HoldLine, ledger: SqlLedger) -> list[str]:
    """The cells of a line, as ``COLUMNS`` heads them; of text of others what would act on a terminal is spelt out."""
    hold = line.first
    together = line.holds > 1
    row = (
        str(hold.number),
        ", ".join(line.streams),
        f"{hold.key} and {line.holds - 1:,} more" if together else hold.key,
        hold.reason.value,
        "" if together else ", ".join(hold.fields),
        hold.code or "",
        ", ".join(hold.candidates),
        ", ".join(_name(each) for each in sorted(line.roots)) if together else ", ".join(hold.waits_for),
        "" if together else str(hold.attempts),
        _decide(line, ledger) if together else _what_to_do(hold),
    )
    return list(map(printable, row))


def _what_to_do(hold: HoldSummary) -> str:
    return f"{hold.message}. {hold.reason.remedy}" if hold.message else hold.reason.remedy


def _decide(line: HoldLine, ledger: SqlLedger) -> str:
    """What is to be done about what they wait for, where that is held itself."""
    known = [(each, ledger.record(*each)) for each in sorted(line.roots)]
    held = [f"{_name(each)} (hold {record.hold})" for each, record in known if record and record.hold]
    return f"Decide about {', '.join(held)}: they come in with it." if held else _what_to_do(line.first)


def _name(place: Place) -> str:
    return ":".join(place)
