"""SOAP: what goes out, and what may come back. Whatever that is, no value and no secret of ours is in an error."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
import responses
from hypothesis import given, settings
from hypothesis import strategies as st
from target_salesforce_retail.errors import LoginFailed, OrgBusy, OrgError, OrgRefused
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Conversion, Merge, Reason, Result
from target_salesforce_retail.org import merging
from target_salesforce_retail.org.judge import Judge, Operation
from target_salesforce_retail.org.session import ATTEMPTS, OrgSettings, Session
from target_salesforce_retail.org.soap import LONGEST, UNSENDABLE, element, envelope, exchange, inner, read, text_of

from tests.lanes import examples

SOAP = "https://eu1.test/services/Soap/u/66.0"
ENVELOPE, PARTNER = "http://schemas.xmlsoap.org/soap/envelope/", "urn:partner.soap.sforce.com"
WINNER, LOSER = "003000000000001AAA", "003000000000002AAA"
PAIR = Merge(WINNER, LOSER)
DONE = f"<result><id>{WINNER}</id><success>true</success></result>"
TOKEN = "00D!secret"
USER = "005000000000001AAA"


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        body = {
            "access_token": TOKEN,
            "instance_url": "https://eu1.test",
            "id": f"https://login.test/id/00D000000000001EAA/{USER}",
        }
        mock.post("https://acme.test/services/oauth2/token", json=body)
        yield mock


def said(inside: str, header: str = "") -> str:
    return (
        f'<s:Envelope xmlns:s="{ENVELOPE}" xmlns="{PARTNER}"><s:Header>{header}</s:Header>'
        f"<s:Body>{inside}</s:Body></s:Envelope>"
    )


def fault(code: str) -> str:
    return said(
        f"<s:Fault><faultcode xmlns=''>{code}</faultcode><faultstring xmlns=''>ann@x.org</faultstring></s:Fault>"
    )


def results(*each: str) -> str:
    return said(f"<mergeResponse>{''.join(each)}</mergeResponse>")


def judge() -> Judge:
    return Judge("Contact", Operation.MERGE, lambda: None, set())


def merged(*pairs: Merge) -> list[Result]:
    session = Session(OrgSettings("https://acme.test", "id", "hunter2"), sleep=lambda _: None)
    return merging.merge(session, ObjectDescribe("Contact", {}), pairs, judge())


def test_the_envelope_is_as_the_vendors_schema_has_it(web: responses.RequestsMock) -> None:
    """The token is in the envelope alone; the elements come in the order of the WSDL."""
    web.post(SOAP, body=results(DONE))

    merged(PAIR)

    call = web.calls[-1].request
    sent = ElementTree.fromstring(call.body or "")
    assert "Authorization" not in call.headers
    assert {"text/xml; charset=UTF-8", '""'} == {call.headers["Content-Type"], call.headers["SOAPAction"]}
    assert sent.findtext(f"{{{ENVELOPE}}}Header/{{{PARTNER}}}SessionHeader/{{{PARTNER}}}sessionId") == TOKEN
    request = sent.find(f"{{{ENVELOPE}}}Body/{{{PARTNER}}}merge/{{{PARTNER}}}request")
    assert request is not None
    assert [each.tag.rpartition("}")[2] for each in request] == ["masterRecord", "recordToMergeIds"]
    assert [each.tag for each in request[0]] == [
        f"{{urn:sobject.partner.soap.sforce.com}}{each}" for each in ("type", "Id")
    ]


def test_a_conversion_is_as_the_vendors_schema_has_it(web: responses.RequestsMock) -> None:
    """No opportunity, no mail, no lead source overwritten; an owner where the lead is a queue's."""
    lead = "00Q000000000001AAA"
    page = {"records": [{"Id": lead, "OwnerId": "00G000000000001AAA"}], "done": True, "totalSize": 1}
    part = {"referenceId": "r0", "httpStatusCode": 200, "body": page}
    web.post("https://eu1.test/services/data/v66.0/composite", json={"compositeResponse": [part]})
    done = f"<result><contactId>{WINNER}</contactId><success>true</success></result>"
    web.post(SOAP, body=said(f"<convertLeadResponse>{done}</convertLeadResponse>"))
    session = Session(OrgSettings("https://acme.test", "id", "hunter2"), sleep=lambda _: None)
    conversion = Conversion(lead, "Done", "001000000000001AAA")

    (result,) = merging.convert(session, ObjectDescribe("Lead", {}), [conversion], judge())

    (asked,) = ElementTree.fromstring(web.calls[-1].request.body or "").iter(f"{{{PARTNER}}}leadConverts")
    assert result.id == WINNER
    assert [(each.tag.rpartition("}")[2], each.text) for each in asked] == [
        ("accountId", "001000000000001AAA"),
        ("convertedStatus", "Done"),
        ("doNotCreateOpportunity", "true"),
        ("leadId", "00Q000000000001AAA"),
        ("overwriteLeadSource", "false"),
        ("ownerId", USER),
        ("sendNotificationEmail", "false"),
    ]


BOMB = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + results(DONE).replace(WINNER, "&b;")
OUTSIDE = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + results(DONE).replace(WINNER, "&a;")
DEEP = "<a>" * 100_000


NO_ANSWERS = {
    "empty": "",
    "text": "ann@x.org",
    "html": "<html><body>ann@x.org</body></html>",
    "json": '{"id": 1}',
    "cut": results(DONE)[:-20],
    "no call": said(""),
    "another call": said("<convertLeadResponse/>"),
    "bare": f"<Envelope>{DONE}</Envelope>",
    "bomb": BOMB,
    "entity": OUTSIDE,
    "deep": DEEP,
    "long": results(DONE) + f"<!--{' ' * (LONGEST // 2)}-->" * 2,
    "nul": "\x00",
}


@pytest.mark.parametrize("body", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_envelope_is_no_answer(web: responses.RequestsMock, body: str) -> None:
    """It is asked for again, and given up as unanswered; nothing of it is in the error, and nothing is fetched."""
    web.post(SOAP, body=body)
    session = Session(OrgSettings("https://acme.test", "id", "hunter2"), sleep=lambda _: None)
    request = {"call": "merge", "items": list, "entry": dict, "once": False}

    with pytest.raises(OrgBusy, match=f"after {ATTEMPTS} attempts: 200 without the XML it announced") as error:
        exchange(session, [request])

    assert "ann@x.org" not in str(error.value)
    assert unanswered(web) == "NO_ANSWER"


@pytest.mark.parametrize("entries", [(), (DONE, DONE)], ids=["none", "two"])
def test_as_many_results_as_requests_or_none_counts(web: responses.RequestsMock, entries: tuple[str, ...]) -> None:
    """Which of them is whose cannot be told, so that nothing is acknowledged."""
    web.post(SOAP, body=results(*entries))

    with pytest.raises(OrgRefused, match=f"1 rows were sent and {len(entries)} results came back"):
        merged(PAIR)


@pytest.mark.parametrize(
    "entry",
    [
        "<result/>",
        "<result><success>true</success></result>",
        "<result><id>ann@x.org</id><success>true</success></result>",
        f"<result><id>{WINNER}</id><success>maybe</success></result>",
        "<result><success><b/></success></result>",
    ],
)
def test_a_result_that_is_none_stops(web: responses.RequestsMock, entry: str) -> None:
    """Neither done nor refused: nobody knows."""
    web.post(SOAP, body=results(entry))

    with pytest.raises(OrgRefused, match="answer is none") as error:
        merged(PAIR)

    assert "ann" not in str(error.value)


def test_a_refused_row_is_judged_by_the_one_table(web: responses.RequestsMock) -> None:
    """Code, words and fields are those of its errors."""
    inside = "<fields>Email</fields><message>ann@x.org</message><statusCode>INVALID_EMAIL_ADDRESS</statusCode>"
    web.post(SOAP, body=results(f"<result><errors>{inside}</errors><success>false</success></result>"))

    (result,) = merged(PAIR)

    assert result.fault is not None
    assert (result.fault.reason, result.fault.fields, result.fault.message) == (
        Reason.VALUE_REFUSED,
        ("Email",),
        "ann@x.org",
    )


def unanswered(web: responses.RequestsMock) -> str:
    """The code with which a merge is given up after one call."""
    before = len([each for each in web.calls if each.request.url == SOAP])
    (result,) = merged(PAIR)
    assert len([each for each in web.calls if each.request.url == SOAP]) == before + 1
    assert result.fault is not None
    assert result.fault.reason is Reason.UNANSWERED
    return result.fault.code


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("code", ["SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION"])
def test_what_passes_ends_the_try_of_a_merge(web: responses.RequestsMock, status: int, code: str) -> None:
    """The same with 200; it is asked for once."""
    web.post(SOAP, status=status, body=fault(f"sf:{code}"))

    assert unanswered(web) in (code, "NO_ANSWER")


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("sf:INVALID_SESSION_ID", LoginFailed),
        ("sf:REQUEST_LIMIT_EXCEEDED", OrgRefused),
        ("sf:API_DISABLED_FOR_ORG", OrgRefused),
    ],
)
def test_a_fault_of_the_call(web: responses.RequestsMock, status: int, code: str, error: type[OrgError]) -> None:
    """The same with 200: the envelope counts, and its words stay out of the error."""
    web.post(SOAP, status=status, body=fault(code))

    with pytest.raises(error) as raised:
        merged(PAIR)

    assert "ann@x.org" not in str(raised.value)
    assert TOKEN not in str(raised.value)


def test_a_fault_without_a_code_holds_its_row(web: responses.RequestsMock) -> None:
    """Two of them that differ, and nothing else, stop the run."""
    web.post(SOAP, status=500, body=said("<s:Fault/>"))

    (result,) = merged(PAIR)
    assert result.fault is not None
    assert result.fault.code == "UNKNOWN"
    with pytest.raises(OrgRefused, match="no row of Contact was taken"):
        merged(PAIR, Merge("003000000000003AAA", "003000000000004AAA"))


def test_what_the_answer_says_of_the_allowance_is_read() -> None:
    """Only of the calls of the org, and only numbers."""

    def usage(*infos: str) -> tuple[int, int] | None:
        answer = read(
            _response(
                said(f"<mergeResponse>{DONE}</mergeResponse>", f"<LimitInfoHeader>{''.join(infos)}</LimitInfoHeader>")
            ),
            "merge",
            lambda _: {},
        )
        assert answer is not None
        return answer.usage

    info = "<limitInfo><current>{}</current><limit>{}</limit><type>{}</type></limitInfo>"
    assert usage(info.format(1, 2, "OTHER"), info.format(7, 15000, "API REQUESTS")) == (7, 15000)
    assert usage(info.format("x", 2, "API REQUESTS")) is None
    assert usage(info.format("1" * 50, 2, "API REQUESTS")) is None


def _response(body: str) -> Any:
    made = requests.Response()
    made.status_code, made._content = 200, body.encode()
    return made


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (date(2026, 5, 1), "2026-05-01"),
        (datetime(2026, 5, 1, 14, tzinfo=timezone(timedelta(hours=2))), "2026-05-01T12:00:00.000Z"),
        ("1 < 2", "1 < 2"),
    ],
)
def test_values_are_texts(value: Any, text: str) -> None:
    """Whatever the field is; exact, and in UTC."""
    assert text_of(value) == text


@given(st.text())
@settings(max_examples=examples(50))
def test_any_text_that_xml_can_hold_arrives(text: str) -> None:
    """And what it cannot hold is found before; a line end may come back as another, as XML has it."""
    if UNSENDABLE.search(text):
        return
    sent = envelope(TOKEN, "merge", [element("request", [("text", text)])])

    (found,) = ElementTree.fromstring(sent).iter(f"{{{PARTNER}}}text")
    assert (found.text or "") == text


@given(st.text())
@settings(max_examples=examples(50))
def test_any_answer_is_an_answer_or_none(text: str) -> None:
    """The reader itself fails on nothing."""
    read(_response(said(text)), "merge", lambda each: {"id": inner(each, "id")})
