"""Holds as a person works them: what waits for one undecided record is one line, however many receipts that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from target_salesforce_retail.companion.candidates import objects_in, shown
from target_salesforce_retail.companion.printable import printable
from target_salesforce_retail.ledger.listing import HoldSummary, RecordSummary
from target_salesforce_retail.ledger.store import SqlLedger
from target_salesforce_retail.nouns import Stage
from target_salesforce_retail.stages.inside.profiles import TO_DECIDE
from target_salesforce_retail.trail import unconverted_lead

COLUMNS = ("hold", "stream", "key", "reason", "fields", "code", "candidates", "waits for", "tries", "what to do")
Place = tuple[str, str]
"""Stream and key."""


@dataclass
class HoldLine:
    """One line of the list.

    Attributes:
        first: The number of the oldest hold in it.
        streams: Those of all holds in it.
        holds: How many there are.
        roots: What all of them wait for in the end; empty where each is a line of its own.
    """

    first: int
    streams: list[str]
    holds: int = 1
    roots: frozenset[Place] = frozenset()

    def add(self, stream: str) -> None:
        """Count one more, that waits for the same."""
        self.holds += 1
        if stream not in self.streams:
            self.streams.append(stream)


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
    for number, its, key in ledger.places_of_holds(stream, reason):
        roots = roots_of((its, key), parents)
        if roots in groups:
            groups[roots].add(its)
        elif len(found) < limit:
            found.append(HoldLine(number, [its], roots=roots))
            groups |= {roots: found[-1]} if roots else {}
    return found


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


def rows_of(lines: Sequence[HoldLine], ledger: SqlLedger) -> Iterator[list[str]]:
    """The cells of each line, as ``COLUMNS`` heads them; of others' text what would act on a terminal is spelt out."""
    holds = {hold.number: hold for hold in ledger.holds_numbered(line.first for line in lines)}
    return (_cells(line, holds[line.first], ledger) for line in lines if line.first in holds)


def candidates_of(lines: Sequence[HoldLine], ledger: SqlLedger, login_url: str) -> Iterator[str]:
    """A line for each record that one of the holds may be, with the address at which to look at it.

    Of one whose lead could not be converted that lead goes before them.
    """
    for hold in ledger.holds_numbered(line.first for line in lines):
        is_asked = bool(hold.candidates) or hold.stage is Stage.SEND
        record = ledger.record(hold.stream, hold.key) if is_asked else None
        trail = record.trail if record else ()
        objects = objects_in(trail)
        for each in shown(filter(None, [unconverted_lead(trail)]), objects, login_url):
            yield printable(f"  hold {hold.number}: {each}, which could not be converted")
        for each in shown(hold.candidates, objects, login_url):
            yield printable(f"  hold {hold.number}: {each}")


def _cells(line: HoldLine, hold: HoldSummary, ledger: SqlLedger) -> list[str]:
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
        _settle(line, hold, ledger) if together else _what_to_do(hold),
    )
    return list(map(printable, row))


def _what_to_do(hold: HoldSummary) -> str:
    return f"{hold.message}. {hold.reason.remedy}" if hold.message else hold.reason.remedy


def _settle(line: HoldLine, hold: HoldSummary, ledger: SqlLedger) -> str:
    """What is to be done about what they wait for, where that is held itself."""
    known = [(each, ledger.record(*each)) for each in sorted(line.roots)]
    held = [_remedy(each, record) for each, record in known if record and record.hold]
    return " ".join(held) or _what_to_do(hold)


def _remedy(place: Place, record: RecordSummary) -> str:
    """A decision helps only where the question is who it is; elsewhere it would be taken, and change nothing."""
    who = f"{_name(place)} (hold {record.hold})"
    if record.reason is None or record.reason in TO_DECIDE:
        return f"Decide about {who}: they come in with it."
    return f"They come in with {who}, {record.reason.value}. {record.reason.remedy}"


def _name(place: Place) -> str:
    return ":".join(place)
