"""Merges and conversions, which only SOAP has. Who is gone by now is looked for afterwards.

A conversion bears repetition. A merge does too, but it rests on a look at the two: what has failed in passing is not
sent again, for by then somebody may have changed one of them.

Source: docs/vendors/salesforce.md, soap. Two rows that name the same record do not travel in one call: what one of them
does the other must find done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from target_salesforce_retail.errors import OrgBusy
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Conversion, Fault, Merge, Reason, Recovery, Result
from target_salesforce_retail.org import query
from target_salesforce_retail.org.collections import Road, WriteKind, send_rows
from target_salesforce_retail.org.composite import Request, Subresponse
from target_salesforce_retail.org.ids import long_id
from target_salesforce_retail.org.judge import Body, Judge
from target_salesforce_retail.org.query import Question
from target_salesforce_retail.org.session import Session
from target_salesforce_retail.org.soap import (
    OBJECT,
    UNSENDABLE,
    Element,
    element,
    errors_of,
    exchange,
    inner,
    success_of,
    text_of,
)


def _once(session: Session, requests: Sequence[Request], headers: object = None, *, owed: bool) -> list[Subresponse]:
    """The call of one request; what is not answered is a fault of it, for a look may say that it is done."""
    try:
        return exchange(session, requests, headers, owed=owed)
    except OrgBusy:
        return [Subresponse(503, [{"errorCode": "NO_ANSWER", "message": ""}])]


MERGES = Road(_once, rows_per_request=200, requests_per_call=1, name="SOAP merge", once=True)
CONVERSIONS = Road(exchange, rows_per_request=100, requests_per_call=1, name="SOAP convertLead")
OWNER = "OwnerId"
QUEUE = "00G"
"""What the ids of queues start with."""
MALFORMED = Fault(Reason.VALUE_REFUSED, Recovery.HOLD, "MALFORMED_ID", "this is no id", ("Id",))


def merge(session: Session, describe: ObjectDescribe, pairs: Sequence[Merge], judge: Judge) -> list[Result]:
    """Merge; results in the order of the pairs, and a fault for one that has been merged before, or got no answer.

    Raises:
        ValueError: A record is to be merged into itself.
    """
    if any(long_id(pair.stays) == long_id(pair.goes) != "" for pair in pairs):
        message = "a record merged into itself"
        raise ValueError(message)

    def request(rows: Sequence[Body]) -> Request:
        def items() -> list[Element]:
            held = _held(session, describe, [row["pair"] for row in rows])
            return [_merge_request(describe.name, row["pair"], held) for row in rows]

        return {"call": "merge", "items": items, "entry": _merge_entry, "once": True}

    kind = WriteKind(request)
    refused = [_unsendable((each.stays, each.goes), each.fill) for each in pairs]

    def send(places: Sequence[int]) -> list[Result]:
        return send_rows(session, [(kind, {"pair": pairs[place]}) for place in places], {}, judge, road=MERGES)

    return _in_waves(refused, [(each.stays, each.goes) for each in pairs], send)


def convert(session: Session, describe: ObjectDescribe, leads: Sequence[Conversion], judge: Judge) -> list[Result]:
    """Convert leads; results in their order, and a fault for one that has been converted before.

    What becomes of a lead belongs to its owner, and where that is a queue, which can own no contact, to who runs us.
    """
    kind = WriteKind(_conversions)
    refused = [_unsendable((each.lead, each.account or each.lead), {}) for each in leads]

    def send(places: Sequence[int]) -> list[Result]:
        asked = [leads[place] for place in places]
        queued = _queued(session, describe, [each.lead for each in asked])
        rows = [
            {
                "lead": each.lead,
                "status": each.status,
                "account": each.account,
                "owner": session.user_id if long_id(each.lead) in queued else "",
            }
            for each in asked
        ]
        return send_rows(session, [(kind, row) for row in rows], {}, judge, road=CONVERSIONS)

    return _in_waves(refused, [(each.lead,) for each in leads], send)


def _in_waves(
    refused: Sequence[Result | None],
    named: Sequence[Sequence[str]],
    send: Callable[[Sequence[int]], list[Result]],
) -> list[Result]:
    """The results of all: what is refused here is not sent."""
    results = dict(enumerate(refused))
    places = [place for place, result in results.items() if result is None]
    for wave in _waves([named[place] for place in places]):
        sent = [places[each] for each in wave]
        results |= dict(zip(sent, send(sent), strict=True))
    return [result for result in results.values() if result is not None]


def _queued(session: Session, describe: ObjectDescribe, leads: Sequence[str]) -> set[str]:
    """Those of the leads that belong to a queue."""
    (found,) = query.select(session, [Question(describe, [{"Id": list(map(long_id, leads))}], [OWNER])])
    return {str(each["Id"]) for each in found if str(each[OWNER]).startswith(QUEUE)}


def _unsendable(ids: Sequence[str], fill: Mapping[str, Any]) -> Result | None:
    """Why it cannot be sent: what is no id spoils a whole call, and some characters no XML can hold."""
    if not all(map(long_id, ids)):
        return Result(None, fault=MALFORMED)
    unheld = tuple(name for name, value in fill.items() if isinstance(value, str) and UNSENDABLE.search(value))
    if not unheld:
        return None
    message = "a character that no XML can hold"
    return Result(None, fault=Fault(Reason.VALUE_REFUSED, Recovery.HOLD, "UNSENDABLE", message, unheld))


def _waves(named: Sequence[Sequence[str]]) -> list[list[int]]:
    """Places, so that no record is named twice in one wave, and whoever names it first goes first."""
    waves: list[list[int]] = []
    after: dict[str, int] = {}
    for place, ids in enumerate(named):
        wave = max(after.get(long_id(each), 0) for each in ids)
        waves.extend([] for _ in range(wave + 1 - len(waves)))
        waves[wave].append(place)
        after |= {long_id(each): wave + 1 for each in ids}
    return waves


def _held(session: Session, describe: ObjectDescribe, pairs: Sequence[Merge]) -> dict[str, Mapping[str, Any]]:
    """What those that stay hold by now of what is to be filled in: by then somebody may have done so."""
    fields = sorted({name for pair in pairs for name in pair.fill})
    if not fields:
        return {}
    ids = [long_id(pair.stays) for pair in pairs if pair.fill]
    (found,) = query.select(session, [Question(describe, [{"Id": ids}], fields)])
    return {str(each["Id"]): each for each in found}


def _merge_request(name: str, pair: Merge, held: Mapping[str, Mapping[str, Any]]) -> Element:
    fill = pair.still_blank(held.get(long_id(pair.stays), {}))
    values = [
        (f"{{{OBJECT}}}{query.checked_name(field)}", text_of(value))
        for field, value in fill.items()
        if value is not None
    ]
    master = element("masterRecord", [*_of_object(name, pair.stays), *values])
    return element("request", [("masterRecord", master), ("recordToMergeIds", pair.goes)])


def _of_object(name: str, record_id: str) -> Iterator[tuple[str, str]]:
    yield f"{{{OBJECT}}}type", name
    yield f"{{{OBJECT}}}Id", record_id


def _merge_entry(result: Element) -> dict[str, Any]:
    return {"success": success_of(result), "id": inner(result, "id"), "errors": errors_of(result)}


def _conversions(rows: Sequence[Body]) -> Request:
    def items() -> list[Element]:
        return [_conversion(row) for row in rows]

    return {"call": "convertLead", "items": items, "entry": _conversion_entry, "once": False}


def _conversion(row: Body) -> Element:
    account = [("accountId", row["account"])] if row["account"] else []
    owner = [("ownerId", row["owner"])] if row["owner"] else []
    return element(
        "leadConverts",
        [
            *account,
            ("convertedStatus", row["status"]),
            ("doNotCreateOpportunity", "true"),
            ("leadId", row["lead"]),
            ("overwriteLeadSource", "false"),
            *owner,
            ("sendNotificationEmail", "false"),
        ],
    )


def _conversion_entry(result: Element) -> dict[str, Any]:
    person = inner(result, "contactId") or inner(result, "accountId")
    return {"success": success_of(result), "id": person, "errors": errors_of(result)}
