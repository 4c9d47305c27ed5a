"""sObject Collections: up to 200 rows a request, and a result for every row in order.

Facts: Salesforce sections 5 and 6. All-or-none is never asked for: one refused row must not take its neighbours down.
Nor may it by spoiling their request: what is refused as a whole is sent again in halves, until the culprit is alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.nouns import Fault, Recovery, Result
from target_salesforce_retail.org.composite import HEAVY_PER_CALL, Part, Request, exchange, no_answer
from target_salesforce_retail.org.faults import INESCAPABLE, SENT_ALONE, fault_of, fault_passes
from target_salesforce_retail.org.session import Session

ROWS_PER_REQUEST = 200
ATTEMPTS = 4
Record = Mapping[str, Any]
Chunk = Sequence[int]
"""Places of rows that travel in one request."""


@dataclass(frozen=True)
class Errand:
    """What is to be done with the rows of one object.

    Attributes:
        request: The request for some of the rows.
        headers: Headers of every call and request.
        key_field: The external id that is written by, if one is.
        look: A query to be run right before the request for some of the rows.
        seen: Takes the answer to that query.
        owed: See ``Session.call``.
    """

    request: Callable[[Sequence[Record]], Request]
    headers: Mapping[str, str]
    key_field: str = ""
    look: Callable[[Sequence[Record]], Request] | None = None
    seen: Callable[[Part], None] = lambda _: None
    owed: bool = False


@dataclass
class _Tally:
    """Where the rows stand: what came back, and what has to be sent again."""

    results: list[Result | None]
    pending: deque[Chunk]
    apart: deque[Chunk] = field(default_factory=deque)
    """Requests of a call that could not be read: each gets a call of its own, so that it shows which is to blame."""
    again: list[int] = field(default_factory=list)
    halted: list[int] = field(default_factory=list)
    refused_alone: set[int] = field(default_factory=set)

    def renew(self) -> bool:
        """Line up what is worth another attempt; False when nothing is."""
        self.pending.extend(_chunks(sorted(self.again)) + [[place] for place in self.halted])
        self.again, self.halted = [], []
        return bool(self.pending)


def send(session: Session, errand: Errand, records: Sequence[Record]) -> list[Result]:
    """Send all rows, and again what met a lock (after a pause), was halted (alone) or was refused in company (halved).

    Raises:
        OrgRefused: No row could escape the refusal.
        OrgError: The org as a whole did not answer.
    """
    tally = _Tally([None] * len(records), deque(_chunks(list(range(len(records))))))
    for attempt in range(ATTEMPTS):
        while tally.pending or tally.apart:
            _call(session, errand, records, tally)
        if attempt == ATTEMPTS - 1 or not tally.renew():
            break
        session.pause(attempt)
    results = [result for result in tally.results if result is not None]
    _stop_if_inescapable(results, tally)
    return results


def _call(session: Session, errand: Errand, records: Sequence[Record], tally: _Tally) -> None:
    """One call: as many requests as it takes, or one that has to be alone."""
    weight = 2 if errand.look else 1
    if tally.pending:
        packed = [tally.pending.popleft() for _ in range(min(HEAVY_PER_CALL // weight, len(tally.pending)))]
    else:
        packed = [tally.apart.popleft()]
    requests = [request for chunk in packed for request in _requests(errand, [records[place] for place in chunk])]
    parts = exchange(session, requests, errand.headers, owed=errand.owed)
    if parts[0].spoiled and len(packed) > 1:
        tally.apart.extend(packed)
        return
    for chunk, place in zip(packed, range(0, len(parts), weight), strict=True):
        if errand.look:
            errand.seen(parts[place])
        _take(errand, chunk, parts[place + weight - 1], tally)


def _requests(errand: Errand, rows: Sequence[Record]) -> Iterator[Request]:
    if errand.look:
        yield errand.look(rows)
    yield errand.request(rows)


def _take(errand: Errand, chunk: Chunk, part: Part, tally: _Tally) -> None:
    """Enter the answer to one request."""
    if part.refused:
        _take_refusal(errand, chunk, part, tally)
        return
    if not isinstance(part.body, list):
        raise no_answer("composite/sobjects")
    if len(part.body) != len(chunk):
        raise OrgRefused(
            f"{len(chunk)} rows were sent and {len(part.body)} results came back.",
            where="composite/sobjects",
            hint="Nothing of the batch is acknowledged; the next run sends it again.",
        )
    for place, entry in zip(chunk, part.body, strict=True):
        result = _result(entry, errand.key_field)
        tally.results[place] = result
        if result.fault and result.fault.code in SENT_ALONE:
            tally.halted.append(place)
        elif result.fault and fault_passes(result.fault):
            tally.again.append(place)


def _take_refusal(errand: Errand, chunk: Chunk, part: Part, tally: _Tally) -> None:
    """A request that was refused as a whole."""
    fault = fault_of(part.body if isinstance(part.body, list) else [], errand.key_field)
    if fault.recovery is Recovery.STOP and fault.code in INESCAPABLE:
        raise _refused(fault)
    for place in chunk:
        tally.results[place] = Result(None, fault=fault)
    if part.passing:
        tally.again.extend(chunk)
    elif len(chunk) > 1:
        middle = len(chunk) // 2
        (tally.apart if part.spoiled else tally.pending).extend([chunk[:middle], chunk[middle:]])
    else:
        tally.refused_alone.update(chunk)


def _chunks(places: Chunk) -> list[Chunk]:
    return [places[start : start + ROWS_PER_REQUEST] for start in range(0, len(places), ROWS_PER_REQUEST)]


def _result(entry: Any, key_field: str) -> Result:
    if not isinstance(entry, dict) or (entry.get("success") and not entry.get("id")):
        raise no_answer("composite/sobjects")
    if entry.get("success"):
        return Result(str(entry["id"]), created=bool(entry.get("created")))
    errors = entry.get("errors")
    return Result(None, fault=fault_of(errors if isinstance(errors, list) else [], key_field))


def _stop_if_inescapable(results: Sequence[Result], tally: _Tally) -> None:
    """A refusal that every row meets, alone as in company, is not about rows."""
    faults = [result.fault for result in results if result.fault and result.fault.recovery is Recovery.STOP]
    same = len({fault.code for fault in faults}) == 1
    if same and len(faults) == len(results) == len(tally.refused_alone):
        raise _refused(faults[0])


def _refused(fault: Fault) -> OrgRefused:
    return OrgRefused(
        f"Salesforce refused a whole request: {fault.code}.",
        where="composite/sobjects",
        hint="Run `salesforce-retail preflight`, and check the permission set.",
    )
