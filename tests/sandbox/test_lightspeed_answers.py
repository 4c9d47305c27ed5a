"""How answers are said: JSON with its quirks, XML, errors, links; and the faults that spoil them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree as ET

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.lightspeed.answers import wants_json
from sandbox.lightspeed.wire import Wire, scalar
from sandbox.lightspeed.world import World
from sandbox.serve import running
from sandbox.switches import Switches
from sandbox.weather import Gust
from tests.sandbox.lightspeed_client import Retail, cursor

START = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)
XML = "application/vnd.merchantos.pos-v1+xml"


@contextmanager
def seven_shoppers() -> Iterator[Retail]:
    with running(clock=Clock(START)) as box:
        for number in range(1, 8):
            row = {"customerID": number, "firstName": "Zoë/Ann", "lastName": 'said "so"\n🎿', "timeStamp": START}
            box.world.put("Customer", {**row, "Contact": {"Emails": [], "Phones": []}})
        box.world.put("Sale", {"saleID": 1, "customerID": 1, "total": Decimal("1.50")})
        yield Retail(box)


@pytest.fixture(scope="module")
def served() -> Iterator[Retail]:
    with seven_shoppers() as retail:
        yield retail


@pytest.fixture
def own() -> Iterator[Retail]:
    """For a test that changes what others count on."""
    with seven_shoppers() as retail:
        yield retail


@pytest.fixture
def retail(served: Retail) -> Retail:
    served.box.weather_l.clear()
    served.box.clock.advance(60)
    return served


def world(**switches: str) -> World:
    return World(Clock(START), Switches.parse(switches))


@pytest.mark.parametrize(
    ("path", "accept", "accept_wins", "expected"),
    [
        ("/Sale.json", "*/*", True, True),
        ("/Sale", "application/json", True, True),
        ("/Sale", "*/*", True, False),
        ("/Sale", "", False, False),
        ("/Sale.xml", "*/*", True, False),
        ("/Sale.json", "application/xml", True, False),
        ("/Sale.json", "application/xml", False, True),
        ("/Sale.xml", "application/json", True, True),
        ("/Sale.xml", "application/json", False, False),
    ],
)
def test_json_is_said_to_who_asks_for_it(path: str, accept: str, accept_wins: bool, expected: bool) -> None:
    """XML is what comes unasked; which of path and header wins is a switch."""
    assert wants_json(path, accept, accept_wins=accept_wins) is expected


def test_xml_comes_unasked(retail: Retail) -> None:
    """Lists, single rows, errors, the account; under the vendor's type."""
    listed = retail.call("Customer", limit="2", archived="true")
    root = ET.fromstring(listed.content)
    assert listed.headers["Content-Type"] == XML
    assert [node.findtext("customerID") for node in root.findall("Customer")] == ["1", "2"]
    assert root.attrib["next"].startswith("http")
    assert ET.fromstring(retail.call("Customer/3").content).findtext("Customer/lastName") == 'said "so"\n🎿'
    assert ET.fromstring(retail.call("Customer/99").content).findtext("httpCode") == "404"
    assert ET.fromstring(retail.call("/API/V3/Account").content).findtext("Account/accountID") == retail.box.account_id
    own = retail.call(f"/API/V3/Account/{retail.box.account_id}")
    assert ET.fromstring(own.content).findtext("defaultCurrency/code") == "CAD"
    assert ET.fromstring(retail.call("/API/Session").content).findtext("systemCustomerID") == retail.box.account_id
    assert retail.call("Customer", accept="application/json").json()["Customer"][0]["customerID"] == "1"
    assert retail.call("Customer.json", accept="application/xml").headers["Content-Type"] == XML


def test_the_switch_lets_the_path_win() -> None:
    with running(switches={"accept_wins": "false"}, clock=Clock(START)) as box:
        retail = Retail(box)
        assert retail.call("Customer.json", accept="application/xml").json() == {
            "@attributes": {"next": "", "previous": ""}
        }


def test_an_account_says_its_currency_unwrapped(retail: Retail) -> None:
    """Beside its id; it is counted as an account is."""
    before = retail.counters()["calls"].get("Account", 0)
    body = retail.call(f"/API/V3/Account/{retail.box.account_id}.json").json()
    assert body["@attributes"] == {"systemCustomerID": retail.box.account_id}
    assert body["defaultCurrency"]["code"] == "CAD"
    assert retail.counters()["calls"]["Account"] == before + 1


def test_slashes_are_escaped_and_nothing_is_but_ascii(retail: Retail) -> None:
    """To a parser it is what it was."""
    answer = retail.call("Customer/1.json")
    assert b"Zo\\u00eb\\/Ann" in answer.content
    assert answer.content.isascii()
    row = answer.json()["Customer"]
    assert (row["firstName"], row["lastName"]) == ("Zoë/Ann", 'said "so"\n🎿')


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("Customer/99.json", 404, "with primary ID '99'"),
        ("Customer/abc.json", 404, "with primary ID 'abc'"),
        ("Nonsense.json", 404, "'Nonsense' not found"),
        ("Customer.json?sort=dob", 400, "customerID, timeStamp, firstName, lastName"),
        ("Customer/1.json?load_relations=[x", 400, "no JSON array"),
        ("/API/V3/Account/4711/Sale.json", 403, "does not open this account"),
        ("/API/V2/Nonsense.json", 404, "Not Found"),
    ],
)
def test_an_error_is_json_under_text_html(retail: Retail, path: str, status: int, word: str) -> None:
    """As recorded: sniff, don't trust."""
    answer = retail.call(path, accept="application/json")
    body = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=UTF-8")
    assert (body["httpCode"], body["errorClass"]) == (str(status), "Exception")
    assert word in body["message"]


def test_nothing_can_be_written(retail: Retail) -> None:
    """The stand-in is for reading; it says so as the vendor says what a method is not for."""
    url = f"{retail.box.lightspeed_url}/API/V3/Account/{retail.box.account_id}/Sale.json"
    assert requests.post(url, json={}, timeout=5).json()["httpCode"] == "405"


Q = {"archived": "true", "timeStamp": ">=,2026-01-01T00:00:00+00:00", "load_relations": '["Contact"]'}


def test_links_repeat_the_question_under_the_host_that_was_asked(retail: Retail) -> None:
    """All parameters as they were, the defaulted sort and limit; following them meets every row once, and back."""
    url = f"http://localhost:{urlsplit(retail.box.lightspeed_url).port}"
    headers = {"Authorization": f"Bearer {retail.token}"}
    first = requests.get(
        f"{url}/API/V3/Account/{retail.box.account_id}/Customer.json", {**Q, "limit": "3"}, headers=headers, timeout=5
    )
    link = first.json()["@attributes"]["next"]
    assert link.startswith(f"{url}/API/V3/Account/{retail.box.account_id}/Customer.json?")
    asked = dict(parse_qsl(urlsplit(link).query))
    assert {name: asked[name] for name in Q} == Q
    assert (asked["limit"], asked["sort"]) == ("3", "customerID")
    assert first.json()["@attributes"]["previous"] == ""
    second = requests.get(link, headers=headers, timeout=5).json()
    third = requests.get(second["@attributes"]["next"], headers=headers, timeout=5).json()
    assert [row["customerID"] for row in second["Customer"]] == ["4", "5", "6"]
    assert (third["Customer"]["customerID"], third["@attributes"]["next"]) == ("7", "")
    back = requests.get(second["@attributes"]["previous"], headers=headers, timeout=5).json()
    assert [row["customerID"] for row in back["Customer"]] == ["1", "2", "3"]
    plain = retail.call("Customer.json", limit="7").json()["@attributes"]
    assert plain["next"] == ""
    defaulted = dict(
        parse_qsl(urlsplit(retail.call("Customer.json", before="WzldCg==").json()["@attributes"]["next"]).query)
    )
    assert (defaulted["limit"], defaulted["sort"]) == ("100", "customerID")


LINKS = {"@attributes": {"next": "", "previous": ""}}


@pytest.mark.parametrize(
    ("switch", "body"),
    [
        ("absent", LINKS),
        ("text", {**LINKS, "Sale": ""}),
        ("object", {**LINKS, "Sale": {}}),
        ("list", {**LINKS, "Sale": []}),
        ("body", {}),
    ],
)
def test_a_page_without_rows(switch: str, body: dict[str, Any]) -> None:
    """No key, empty text, an empty object or an empty list, or nothing but an empty body, by the switch."""
    with running(switches={"empty_page": switch}, clock=Clock(START)) as box:
        assert Retail(box).call("Sale.json").json() == body


def test_rows_may_come_under_another_name(retail: Retail) -> None:
    """Shipments are called order shipments, alone and in lists."""
    retail.box.world.put("Shipment", {"orderShipmentID": 3, "orderID": 1})
    row = {"orderShipmentID": "3", "orderID": "1"}
    assert retail.call("Shipment.json").json()["OrderShipment"] == row
    assert retail.call("Shipment/3.json").json()["OrderShipment"] == row
    assert "OrderShipment" not in retail.call("Shipment.json", orderShipmentID="9").json()


@pytest.mark.parametrize("switch", ["object", "list"])
def test_a_list_of_one_is_its_one_element_or_a_list(switch: str) -> None:
    """By the switch: pages, relations, lists inside a row, scalars. Two are a list, a single row is none."""
    with running(switches={"lists_of_one": switch}, clock=Clock(START)) as box:
        retail = Retail(box)
        box.world.put("Sale", {"saleID": 1})
        box.world.put("SaleLine", {"saleLineID": 1, "saleID": 1})
        box.world.put("ItemMatrix", {"itemMatrixID": 1, "attribute1Values": ["M"]})
        box.world.put("Customer", {"customerID": 1, "Contact": {"Phones": [{"number": "1"}]}, "Tags": ["vip"]})

        def wrapped(value: Any) -> Any:
            return value if switch == "object" else [value]

        line = {"saleLineID": "1", "saleID": "1"}
        page = retail.call("Sale.json", load_relations='["SaleLines"]').json()["Sale"]
        assert page == wrapped({"saleID": "1", "SaleLines": {"SaleLine": wrapped(line)}})
        one = retail.call("Customer/1.json", load_relations='["Contact","Tags"]').json()["Customer"]
        assert one["Contact"]["Phones"] == {"ContactPhone": wrapped({"number": "1"})}
        assert one["Tags"] == {"Tag": wrapped("vip")}
        assert retail.call("ItemMatrix/1.json").json()["ItemMatrix"]["attribute1Values"] == wrapped("M")
        box.world.put("SaleLine", {"saleLineID": 2, "saleID": 1})
        single = retail.call("Sale/1.json", load_relations='["SaleLines"]').json()["Sale"]
        assert len(single["SaleLines"]["SaleLine"]) == 2


@pytest.mark.parametrize(("switch", "said"), [("absent", None), ("text", ""), ("object", {})])
def test_a_relation_without_rows(switch: str, said: Any) -> None:
    """No key, empty text or an empty object; a to-one without a row has no key whatever the switch says."""
    made = world(empty_relation=switch)
    row = made.put("Sale", {"saleID": 1, "customerID": 0, "discountID": 0})
    body = Wire(made, ["SaleLines", "SaleNotes", "SalePayments", "Customer", "Discount", "ShipTo"]).row("Sale", row)
    for name in ("SaleLines", "SalePayments"):
        assert body.get(name) == said
        assert (name in body) is (said is not None)
    assert not {"SaleNotes", "Customer", "Discount", "ShipTo"} & set(body)


@pytest.mark.parametrize("most", [0, 100])
def test_a_nested_list_is_whole_or_cut(most: int) -> None:
    """By the switch."""
    made = world(nested_limit=str(most))
    row = made.put("Sale", {"saleID": 1})
    for number in range(1, 102):
        made.put("SaleLine", {"saleLineID": number, "saleID": 1})
    assert len(Wire(made, ["SaleLines"]).row("Sale", row)["SaleLines"]["SaleLine"]) == (most or 101)


@pytest.mark.parametrize(
    ("switch", "resource", "field", "names"),
    [
        ("updatetime_name", "Sale", "updateTime", ("updateTime", "updatetime")),
        ("onworkorder_name", "ItemShop", "onWorkOrder", ("onWorkOrder", "onWorkorder")),
    ],
)
def test_a_field_is_spelt_as_the_switch_says(switch: str, resource: str, field: str, names: tuple[str, str]) -> None:
    for name in names:
        assert Wire(world(**{switch: name}), []).row(resource, {field: 1}) == {name: "1"}


ADDRESS = {"address1": "1 Front Street", "address2": "", "city": ""}
SHOPPER = {"customerID": 1, "contactID": 20001, "noteID": 0, "employeeID": 0, "measurementID": 0, "firstName": ""}


def test_a_nested_shopper_says_other_things_than_the_shopper() -> None:
    """At home without the contact's id and with every key; nested with it, and sparse."""
    made = world()
    contact = {"noEmail": False, "Addresses": [ADDRESS], "Emails": [], "custom": ""}
    shopper = made.put("Customer", {**SHOPPER, "Contact": contact})
    sale = made.put("Sale", {"saleID": 1, "customerID": 1})
    own = Wire(made, ["Contact"]).row("Customer", shopper)
    nested = Wire(made, ["Customer", "Customer.Contact"]).row("Sale", sale)["Customer"]

    assert own == {
        "customerID": "1",
        "firstName": "",
        "Contact": {"noEmail": "false", "Addresses": {"ContactAddress": ADDRESS}, "Emails": "", "custom": ""},
    }
    assert nested == {
        **{name: str(value) for name, value in SHOPPER.items()},
        "Contact": {
            "contactID": "20001",
            "noEmail": "false",
            "Addresses": {"ContactAddress": {"address1": "1 Front Street"}},
            "Emails": "",
        },
    }


def test_what_lies_inside_a_row_brings_what_was_asked_for_with_it() -> None:
    """The tax class of each class of a category; recorded rows keep the vendor's own wrapping."""
    made = world()
    made.put("TaxClass", {"taxClassID": 1, "name": "Item"})
    for classes in ([{"taxClassID": 1}], {"TaxCategoryClass": {"taxClassID": "1"}}):
        row = made.put("TaxCategory", {"taxCategoryID": 1, "TaxCategoryClasses": classes})
        body = Wire(made, ["TaxCategoryClasses", "TaxCategoryClasses.TaxClass"]).row("TaxCategory", row)
        assert body["TaxCategoryClasses"] == {
            "TaxCategoryClass": {"taxClassID": "1", "TaxClass": {"taxClassID": "1", "name": "Item"}}
        }
        bare = Wire(made, ["TaxCategoryClasses"]).row("TaxCategory", row)["TaxCategoryClasses"]["TaxCategoryClass"]
        assert bare == {"taxClassID": "1"}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0.00000001", "1.0E-8"),
        ("0.0000123", "1.23E-5"),
        ("-0.00005", "-5.0E-5"),
        ("0.0001", "0.0001"),
        ("11.4860025", "11.4860025"),
        ("296.96875", "296.96875"),
        ("100000", "100000"),
    ],
)
def test_a_very_small_number_has_an_exponent(value: str, said: str) -> None:
    assert scalar(Decimal(value)) == said


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**6), max_value=10**6))
def test_a_number_is_said_exactly(value: Decimal) -> None:
    """With an exponent or without."""
    assert Decimal(scalar(value)) == value


def test_a_late_commit_is_late_for_clients_only() -> None:
    """Lists, counts and single rows do not show the row; the owner's door does."""
    with running(switches={"commit_lag_seconds": "30"}, clock=Clock(START)) as box:
        retail = Retail(box)
        retail.box.world.put("Sale", {"saleID": 1, "updateTime": START})
        assert "Sale" not in retail.call("Sale.json").json()
        assert retail.call("Sale.json", count="1").json()["@attributes"]["count"] == "0"
        assert retail.call("Sale/1.json").status_code == 404
        assert box.world.get("Sale", 1)
        box.clock.advance(30)
        assert retail.call("Sale/1.json").status_code == 200
        assert retail.call("Sale.json").json()["Sale"]["saleID"] == "1"


def ids(answer: requests.Response) -> list[str]:
    return [row["customerID"] for row in answer.json()["Customer"]]


ANSWERS: dict[str, Callable[[requests.Response], bool]] = {
    "401": lambda answer: answer.json()["hint"] == "Access token could not be verified",
    "403": lambda answer: answer.json()["httpMessage"] == "Forbidden",
    "404": lambda answer: answer.json()["httpMessage"] == "Not Found",
    "400-later": lambda answer: answer.status_code == 400 and "Please try again later." in answer.text,
    "429": lambda answer: _limiter(answer) == ("api-leaky-bucket", "1"),
    "429-burst": lambda answer: _limiter(answer) == ("api-burst-limiter", None),
    "500": lambda answer: answer.status_code == 500,
    "502": lambda answer: answer.status_code == 502 and answer.text.startswith("<html>"),
    "503": lambda answer: answer.status_code == 503,
    "504": lambda answer: answer.status_code == 504 and answer.text.startswith("<html>"),
    "html": lambda answer: answer.status_code == 200 and answer.text.startswith("<html>"),
    "truncate": lambda answer: answer.status_code == 200 and not _is_json(answer.text),
    "420": lambda answer: answer.json()["httpMessage"] == "Fault",
}


def _limiter(answer: requests.Response) -> tuple[str | None, str | None]:
    assert answer.status_code == 429
    return answer.headers.get("X-LS-API-RateLimit-Type"), answer.headers.get("Retry-After")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("fault", ANSWERS)
def test_a_fault_strikes_the_one_stream_in_the_middle_of_its_walk(retail: Retail, fault: str) -> None:
    """The second page of shoppers, and nothing else, before or after."""
    retail.box.weather_l.plan([Gust(fault, path="*/Customer.json", skip=1)])
    first = retail.call("Customer.json", limit="3")
    assert retail.call("Sale.json").status_code == 200
    struck = retail.call("Customer.json", limit="3", after=cursor(first))
    assert ANSWERS[fault](struck)
    assert ids(retail.call("Customer.json", limit="3", after=cursor(first))) == ["4", "5", "6"]


def test_a_connection_breaks(retail: Retail) -> None:
    retail.box.weather_l.plan([Gust("drop", path="*/Customer.json")])
    with pytest.raises(requests.ConnectionError):
        retail.call("Customer.json")


def test_a_body_comes_slowly_and_whole(retail: Retail) -> None:
    retail.box.weather_l.plan([Gust("slow_body", path="*/Customer.json", seconds=0.05)])
    began = time.monotonic()
    assert len(ids(retail.call("Customer.json"))) == 7
    assert time.monotonic() - began >= 0.05


def test_the_owner_plans_weather_for_this_side(retail: Retail) -> None:
    """By its address, and clears it."""
    assert retail.admin("weather", [{"fault": "400", "path": "*/Sale.json"}, {"fault": "503"}]).status_code == 200
    assert retail.call("Customer.json").status_code == 503
    assert retail.admin("weather", method="DELETE").status_code == 200
    assert retail.call("Customer.json").status_code == 200
    assert (
        retail.admin("weather", [{"fault": "hail"}]).json()["error"].startswith("/_sandbox/weather: unknown fault hail")
    )


def test_the_owner_changes_rows_and_the_clock(own: Retail) -> None:
    """A row is put, replaced and removed; time passes."""
    assert own.admin("rows/Vendor", {"name": "Acme"}, "PUT").json() == {"vendorID": 1, "name": "Acme"}
    assert own.call("Vendor/1.json").json()["Vendor"]["name"] == "Acme"
    own.admin("rows/Vendor", {"vendorID": 0, "name": "Bolt"}, "PUT")
    own.admin("rows/Vendor", {"vendorID": 1, "name": "Ajax"}, "PUT")
    assert [row["name"] for row in own.call("Vendor.json").json()["Vendor"]] == ["Ajax", "Bolt"]
    own.admin("rows/Vendor/1", method="DELETE")
    assert own.call("Vendor/1.json").status_code == 404
    before = own.box.clock.now()
    assert own.admin("clock", {"advance": 90}).json()["now"] == (before + timedelta(seconds=90)).isoformat()


def test_the_owner_lets_things_happen(own: Retail) -> None:
    """A merge, somebody forgotten, a line deleted, a sale completed late; rows come back as they are now."""
    world = own.box.world
    sale = {"saleID": 50, "customerID": 7, "completed": False, "createTime": START, "updateTime": START}
    world.put("Sale", {**sale, "timeStamp": START, "completeTime": None})
    assert own.admin("merge", {"keep": 6, "lose": 7}).json()["customerID"] == 6
    assert (world.get("Customer", 7), world.tables["Sale"][50]["customerID"]) == (None, 6)
    assert own.admin("anonymise", {"customer": 6}).json()["lastName"] == "[6]"
    done = own.admin("complete", {"sale": 50, "hours_ago": 5}).json()
    late = world.tables["Sale"][50]["updateTime"] - world.tables["Sale"][50]["completeTime"]
    assert (done["completed"], late) == (True, timedelta(hours=5, seconds=1))
    assert "IndexError" in own.admin("delete_line", {"sale": 50}).json()["error"]


@pytest.mark.parametrize(
    ("verb", "body", "said"),
    [
        ("clock", {}, 'it takes {"advance": 3600}'),
        ("clock", {"advance": "soon"}, "could not convert"),
        ("trade", {"hours": 4}, "has no chain"),
        ("merge", {"keep": 1}, "KeyError('lose')"),
        ("rows/Nonsense", {}, "there is no POST"),
        ("nonsense", {}, "GET /_sandbox/counters"),
    ],
)
def test_a_verb_that_cannot_be_done_is_told(retail: Retail, verb: str, body: Any, said: str) -> None:
    answer = retail.admin(verb, body)
    assert answer.status_code in (400, 404)
    assert said in answer.json()["error"]


def test_the_owner_empties_the_account() -> None:
    with running(clock=Clock(START)) as box:
        retail = Retail(box)
        box.world.put("Sale", {"saleID": 1})
        assert retail.admin("reset").json() == {}
        assert "Sale" not in retail.call("Sale.json").json()
