"""sObject Collections: up to 200 rows a request, and a result for every row in order.

Source: docs/vendors/salesforce.md, collections, composite. All-or-none is never asked for: one refused row must not
take its neighbours down. Nor may it by spoiling their request: what is refused as a whole is sent again in halves,
until the culprit is alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.nouns import Fault, Reason, Recovery, Result
from target_salesforce_retail.org.composite import HEAVY_PER_CALL, Request, Subresponse, busy, exchange, no_answer
from target_salesforce_retail.org.faults import SENT_ALONE, fault_of, fault_passes
from target_salesforce_retail.org.ids import long_id
from target_salesforce_retail.org.judge import Body, Judge
from target_salesforce_retail.org.session import Session

ATTEMPTS = 4
ENOUGH = 5
"""Rows refused alone, and nothing but refusals, that speak for all."""


@dataclass(frozen=True)
class WriteKind:
    """What is to be done with some of the rows.

    Attributes:
        request: The request for rows that travel together.
        look: A query to be run right before that request.
        seen: Takes the answer to that query.
        amend: Called with rows and their results as soon as they are known; gives the results as they are to be.
    """

    request: Callable[[Sequence[Body]], Request]
    look: Callable[[Sequence[Body]], Request] | None = None
    seen: Callable[[Subresponse], None] = lambda _: None
    amend: Callable[[Sequence[Body], list[Result]], list[Result]] = lambda _, results: results

    @property
    def weight(self) -> int:
        """How many requests it takes."""
        return 2 if self.look else 1


@dataclass(frozen=True)
class Road:
    """How requests travel.

    Attributes:
        exchange: Makes one call of several requests.
        rows_per_request: At most so many.
        requests_per_call: At most so many.
        name: What an error calls it.
        once: What fails in passing is not sent again, and stops no run: it counts as unanswered, or as locked.
    """

    exchange: Callable[..., list[Subresponse]]
    rows_per_request: int
    requests_per_call: int
    name: str
    once: bool = False


COLLECTIONS = Road(exchange, 200, HEAVY_PER_CALL, "composite/sobjects")
RowToSend = tuple[WriteKind, Body]


@dataclass(frozen=True)
class _Chunk:
    """Places of rows that travel in one request."""

    kind: WriteKind
    places: Sequence[int]

    def halves(self) -> list[_Chunk]:
        middle = len(self.places) // 2
        return [_Chunk(self.kind, self.places[:middle]), _Chunk(self.kind, self.places[middle:])]


def send_rows(
    session: Session,
    rows: Sequence[RowToSend],
    headers: Mapping[str, str],
    judge: Judge,
    key_field: str = "",
    *,
    owed: bool = False,
    road: Road = COLLECTIONS,
) -> list[Result]:
    """Send all rows, and again what met a lock (after a pause), was halted (alone) or was refused in company (halved).

    Args:
        session: The session.
        rows: What is to be done, and with what.
        headers: Of every call and every request.
        judge: Says what a refusal means.
        key_field: The external id that is written by, if one is.
        owed: See ``Session.call``.
        road: How they travel.

    Raises:
        OrgRefused: No row could escape the refusal.
        OrgBusy: No row was answered.
        OrgError: The org as a whole did not answer.
    """
    delivery = _Delivery(rows, judge, key_field, road)
    attempts = 1 if road.once else ATTEMPTS
    for attempt in range(attempts):
        delivery.is_last = attempt == attempts - 1
        while packed := delivery.pack():
            parts = road.exchange(
                session, [each for chunk in packed for each in delivery.requests(chunk)], headers, owed=owed
            )
            delivery.record_answers(packed, parts)
        if delivery.is_last or not delivery.renew():
            break
        session.pause(attempt)
    delivery.stop_if_none_is_answered()
    return judge.of_rows([record for _, record in rows], delivery.results)


class _Delivery:
    """Where the rows stand: what came back, and what has to be sent again.

    Args:
        rows: All rows.
        judge: Says what a refusal means.
        key_field: The external id that is written by.
        road: How they travel.

    Attributes:
        is_last: Whether nothing is sent again as it is: what goes unanswered now is halved.
    """

    def __init__(self, rows: Sequence[RowToSend], judge: Judge, key_field: str, road: Road) -> None:
        self._road = road
        self._rows = rows
        self._judge = judge
        self._key_field = key_field
        self.is_last = False
        self._results: list[Result | None] = [None] * len(rows)
        self._pending = deque(self._chunks(range(len(rows))))
        self._apart: deque[_Chunk] = deque()
        """Requests of a call that could not be read: each gets a call of its own, which shows who is to blame."""
        self._again: list[int] = []
        self._halted: list[int] = []
        self._alone: list[int] = []
        self._unanswered: set[int] = set()
        """Places whose request failed in passing: nobody knows whether it took effect."""

    def pack(self) -> list[_Chunk]:
        """What travels in the next call; nothing when all has been sent."""
        if not self._pending:
            return [self._apart.popleft()] if self._apart else []
        packed: list[_Chunk] = []
        room = self._road.requests_per_call
        while self._pending and self._pending[0].kind.weight <= room:
            packed.append(self._pending.popleft())
            room -= packed[-1].kind.weight
        return packed

    def requests(self, chunk: _Chunk) -> Iterator[Request]:
        """The requests for one chunk."""
        records = self._records(chunk)
        if chunk.kind.look:
            yield chunk.kind.look(records)
        yield chunk.kind.request(records)

    def record_answers(self, packed: Sequence[_Chunk], parts: Sequence[Subresponse]) -> None:
        """Enter the answers to one call."""
        if parts[0].spoiled and len(packed) > 1:
            self._apart.extend(packed)
            return
        answers = iter(parts)
        for chunk in packed:
            if chunk.kind.look:
                chunk.kind.seen(next(answers))
            answer = next(answers)
            if answer.refused:
                self._take_refusal(chunk, answer)
            else:
                self._take_results(chunk, answer)

    def renew(self) -> bool:
        """Line up what is worth another attempt; False when nothing is."""
        alone = (_Chunk(self._rows[place][0], [place]) for place in self._halted)
        self._pending.extend([*self._chunks(sorted(self._again)), *alone])
        self._again, self._halted = [], []
        return bool(self._pending)

    def stop_if_none_is_answered(self) -> None:
        """Then it need not be a row.

        Raises:
            OrgBusy: No row was answered.
        """
        faults = [] if self._road.once else [result.fault for result in self.results]
        if faults and all(fault and fault.reason is Reason.UNANSWERED for fault in faults):
            raise busy(faults[0].code if faults[0] else "", ATTEMPTS, self._road.name)

    @property
    def results(self) -> list[Result]:
        """What came back for each row, in their order."""
        return [result for result in self._results if result is not None]

    def _records(self, chunk: _Chunk) -> list[Body]:
        return [self._rows[place][1] for place in chunk.places]

    def _chunks(self, places: Sequence[int]) -> Iterator[_Chunk]:
        """Places by errand, as many to a request as it takes."""
        grouped: dict[int, list[int]] = {}
        for place in places:
            grouped.setdefault(id(self._rows[place][0]), []).append(place)
        for together in grouped.values():
            size = self._road.rows_per_request
            for start in range(0, len(together), size):
                yield _Chunk(self._rows[together[0]][0], together[start : start + size])

    def _take_results(self, chunk: _Chunk, answer: Subresponse) -> None:
        body = answer.body
        if not isinstance(body, list):
            raise no_answer(self._road.name)
        if len(body) != len(chunk.places):
            raise OrgRefused(
                f"{len(chunk.places)} rows were sent and {len(body)} results came back.",
                where=self._road.name,
                hint="Nothing of the batch is acknowledged; the next run sends it again.",
            )
        repeated = answer.repeated or not self._unanswered.isdisjoint(chunk.places)
        read = [replace(_result(entry, self._key_field, self._road.name), repeated=repeated) for entry in body]
        results = chunk.kind.amend(self._records(chunk), read)
        for place, result in zip(chunk.places, results, strict=True):
            self._results[place] = result
            if result.fault and result.fault.code in SENT_ALONE:
                self._halted.append(place)
            elif result.fault and fault_passes(result.fault):
                self._again.append(place)

    def _take_refusal(self, chunk: _Chunk, answer: Subresponse) -> None:
        """A request that was refused as a whole."""
        errors = fault_of(answer.body if isinstance(answer.body, list) else [], self._key_field)
        if errors.recovery is Recovery.STOP:
            raise _refused(errors, self._road.name)
        fault = self._judge.of_request(errors, answer.status, self._records(chunk))
        if answer.passing and fault.reason is not Reason.LOCKED:
            fault = replace(fault, reason=Reason.UNANSWERED, recovery=Recovery.HOLD, setup=False)
            self._unanswered.update(chunk.places)
        for place in chunk.places:
            self._results[place] = Result(None, fault=fault)
        if answer.passing and self._road.once:
            return
        if answer.passing and not (self.is_last and fault.reason is not Reason.LOCKED):
            self._again.extend(chunk.places)
        elif len(chunk.places) == 1:
            self._refused_alone(chunk.places[0])
        elif answer.spoiled:
            self._apart.extend(chunk.halves())
        else:
            self._pending.extendleft(reversed(chunk.halves()))

    def _refused_alone(self, place: int) -> None:
        """Where nothing else has come back, a few are enough to tell that none escapes: halves cost calls."""
        self._alone.append(place)
        if len(self._alone) == ENOUGH and not any(result and not result.fault for result in self._results):
            self._judge.of_rows(
                [self._rows[each][1] for each in self._alone],
                [result for each in self._alone if (result := self._results[each])],
            )
            self.stop_if_none_is_answered()


def _result(entry: Any, key_field: str, where: str) -> Result:
    answer = entry if isinstance(entry, dict) else {}
    record_id, errors = answer.get("id"), answer.get("errors")
    if answer.get("success") is True and isinstance(record_id, str) and long_id(record_id):
        return Result(record_id, created=answer.get("created") is True)
    if answer.get("success") is not False or not isinstance(errors, list):
        raise no_answer(where)
    return Result(None, fault=fault_of(errors, key_field))


def _refused(fault: Fault, where: str) -> OrgRefused:
    return OrgRefused(
        f"Salesforce refused a whole request: {fault.code}.",
        where=where,
        hint="Check the org's storage, its API access and its limits. Nothing of the batch is acknowledged.",
    )
