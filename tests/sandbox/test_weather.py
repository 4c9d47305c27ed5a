"""Weather: every fault at a chosen call, row or moment, before or after it took effect."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest
import requests

from sandbox.lightspeed.oauth import OAuth
from sandbox.serve import Box
from sandbox.weather import Gust, Weather
from sandbox.weather.faults import FAULTS, PAGE
from tests.sandbox.lightspeed_client import Retail
from tests.sandbox.loopback import Rest

CALLS = [kind for kind in FAULTS.values() if kind.strikes == "call"]
ROWS = [kind for kind in FAULTS.values() if kind.strikes == "row"]
CONTACT = {"attributes": {"type": "Contact"}}


@pytest.mark.parametrize(("fault", "status"), [("404", 404), ("200-error", 200)])
def test_a_composite_may_be_answered_by_an_error_with_any_status(box: Box, rest: Rest, fault: str, status: int) -> None:
    box.weather_s.plan([Gust(fault, method="POST", path="*/composite")])
    body = {"compositeRequest": [{"method": "GET", "url": "/services/data/v66.0/limits", "referenceId": "one"}]}
    answer = rest.call("POST", "composite", json=body)
    assert (answer.status_code, [*answer.json()[0]]) == (status, ["message", "errorCode"])
    assert rest.call("POST", "composite", json=body).json()["compositeResponse"][0]["httpStatusCode"] == 200


@pytest.mark.parametrize("kind", CALLS, ids=lambda kind: kind.name)
def test_a_fault_answers_in_the_words_of_each_vendor(box: Box, rest: Rest, kind: object) -> None:
    fault = next(one for one in CALLS if one is kind)
    box.weather_s.plan([Gust(fault.name, path="*/limits")])
    answer = rest.call("GET", "limits")
    assert answer.status_code == fault.status
    if fault.message == PAGE:
        assert (answer.headers["content-type"], answer.text) == ("text/html;charset=UTF-8", PAGE)
    else:
        assert answer.json() == [{"message": fault.message, "errorCode": fault.code}]
    assert rest.call("GET", "limits").status_code == 200
    box.weather_l.plan([Gust(fault.name)])
    theirs = requests.get(f"{box.lightspeed_url}/API/Session.json", timeout=5, allow_redirects=False)
    assert theirs.status_code == fault.status
    assert all(theirs.headers[name] == value for name, value in fault.headers)
    if fault.status == 401:
        assert theirs.json()["hint"] == "Access token could not be verified"
    elif fault.message != PAGE:
        assert theirs.json()["message"] == fault.message


@pytest.mark.parametrize(("commit", "rows"), [(False, 0), (True, 1)])
@pytest.mark.parametrize("fault", ["503", "html", "drop"])
def test_a_call_may_have_taken_effect_all_the_same(box: Box, rest: Rest, fault: str, commit: bool, rows: int) -> None:
    box.weather_s.plan([Gust(fault, method="POST", containing="Ann", commit=commit)])
    try:
        rest.call("POST", "sobjects/Contact", json={"LastName": "Ann"}, timeout=5)
    except requests.ConnectionError:
        assert fault == "drop"
    assert len(box.org.tables["Contact"]) == rows
    assert list(box.weather_s.struck) == [
        {"fault": fault, "commit": commit, "method": "POST", "path": "/services/data/v66.0/sobjects/Contact"}
    ]


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.name)
def test_a_fault_of_rows_refuses_the_rows_it_is_planned_for(box: Box, rest: Rest, kind: object) -> None:
    fault = next(one for one in ROWS if one is kind)
    box.weather_s.plan([Gust(fault.name, rows="*@bad.example", skip=1)])
    mails = ("a@good.example", "b@bad.example", "c@bad.example", "d@bad.example")
    records = [{**CONTACT, "LastName": "Ann", "Email": mail} for mail in mails]
    results = rest.call("POST", "composite/sobjects", json={"records": records}).json()
    assert [result["success"] for result in results] == [True, True, False, True]
    assert results[2]["errors"] == [{"message": fault.message, "statusCode": fault.code, "fields": []}]
    assert box.weather_s.struck[0]["object"] == "Contact"
    box.org.insert_as_user("Contact", {"LastName": "Bo", "Email": "e@bad.example"})


def test_a_slow_body_comes_in_pieces_and_whole(box: Box, rest: Rest) -> None:
    whole = rest.call("GET", "sobjects").json()
    box.weather_s.plan([Gust("slow_body", seconds=0.02), Gust("slow", seconds=0.01, skip=1)])
    assert rest.call("GET", "sobjects").json() == whole
    assert rest.call("GET", "sobjects").json() == whole


def page(box: Box, after: str = "", timeout: float = 5, headers: dict[str, str] | None = None) -> requests.Response:
    """A page of two customers."""
    client_id, secret, seed = box.lightspeed_client
    box.world.oauth._refreshes[seed].revoked = False  # the tests of this module share one account
    box.clock.advance(60)
    form = {"client_id": client_id, "client_secret": secret, "grant_type": "refresh_token", "refresh_token": seed}
    token = box.world.oauth.token(form)[1]["access_token"]
    for number in range(1, 8):
        box.world.put("Customer", {"customerID": number, "archived": False})
    return requests.get(
        f"{box.lightspeed_url}/API/V3/Account/{box.account_id}/Customer.json",
        params={"limit": "2", **({"after": after} if after else {})},
        headers={"Authorization": f"Bearer {token}", **(headers or {})},
        timeout=timeout,
    )


def ids(answer: requests.Response) -> list[str]:
    return [row["customerID"] for row in answer.json()["Customer"]]


def test_a_body_may_be_cut_and_its_length_gives_it_away(box: Box) -> None:
    box.weather_l.plan([Gust("cut", path="*Customer.json")])
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        page(box)
    assert ids(page(box)) == ["1", "2"]


def test_a_clock_may_be_wrong(box: Box) -> None:
    box.weather_l.plan([Gust("skew", path="*Customer.json", seconds=seconds) for seconds in (3600, -3600)])
    dates = [parsedate_to_datetime(page(box).headers["Date"]) for _ in range(3)]
    hours = [round((date - box.clock.now()).total_seconds() / 3600) for date in dates]
    assert hours == [1, -1, 0]


def test_a_fault_may_say_something_else(box: Box) -> None:
    box.weather_l.plan([Gust("503", path="*Customer.json", body=said) for said in ("", "[]")])
    answers = [page(box) for _ in range(2)]
    assert [(each.status_code, each.text, each.headers["content-length"]) for each in answers] == [
        (503, "", "0"),
        (503, "[]", "2"),
    ]


def test_an_answer_may_be_garbled(box: Box) -> None:
    box.weather_l.plan([Gust("garbled", path="*Customer.json")])
    with pytest.raises(requests.exceptions.ContentDecodingError):
        page(box)


def test_a_page_may_lead_to_itself(box: Box) -> None:
    box.weather_l.plan([Gust("next_self", path="*Customer.json", times=2)])
    first, second = page(box), page(box, "WzJd")
    assert "after=" not in first.json()["@attributes"]["next"]
    assert second.json()["@attributes"]["next"].endswith("after=WzJd")
    assert ids(first) + ids(second) == ["1", "2", "3", "4"]


def test_a_page_may_begin_with_the_row_that_ended_the_one_before(box: Box) -> None:
    box.weather_l.plan([Gust("repeat", path="*Customer.json", times=2)])
    assert ids(page(box)) == ["1", "2"]
    assert ids(page(box, "WzJd")) == ["2", "3"]
    assert ids(page(box, "WzJd")) == ["3", "4"]


def test_an_answer_may_quote_the_token(box: Box) -> None:
    box.weather_l.plan([Gust("400-echo")])
    answer = page(box, headers={"Authorization": "Bearer abc"})
    assert (answer.status_code, answer.json()["message"]) == (400, "Bad request: Bearer abc")


def test_a_gust_may_be_for_some_questions_only(box: Box) -> None:
    box.weather_l.plan([Gust("500", query="*limit=9*", times=5), Gust("503", query="*after=W*", times=1)])
    assert [page(box).status_code, page(box, "WzJd").status_code, page(box, "WzJd").status_code] == [200, 503, 200]


def test_a_storm_is_the_same_for_the_same_seed(box: Box, rest: Rest) -> None:
    def sky(seed: int) -> list[int]:
        box.weather_s.clear()
        box.weather_s.storm(seed, 0.4, ["503", "401", "html"])
        return [rest.call("GET", "limits").status_code for _ in range(30)]

    first, again, other = sky(7), sky(7), sky(8)
    assert first == again
    assert first != other
    assert {200, 503} <= set(first)


def test_an_admin_plans_and_is_told(box: Box, rest: Rest) -> None:
    home = f"{box.salesforce_url}/_sandbox"
    post = rest.session.post
    assert post(f"{home}/weather", json=[{"fault": "503", "times": 2}]).json() == {"planned": 1}
    assert post(f"{home}/storm", json={"seed": 1, "rate": 0.0, "faults": ["drop"]}).json() == {"rate": 0.0}
    rest.call("GET", "limits")
    told = rest.session.get(f"{home}/weather").json()
    assert (told["planned"][0]["times"], told["struck"][0]["fault"]) == (1, "503")
    assert rest.session.delete(f"{home}/weather").json() == {"planned": 0}
    assert rest.call("GET", "limits").status_code == 200
    calls = rest.session.get(f"{home}/calls").json()
    assert [call["status"] for call in calls][-2:] == [503, 200]


@pytest.mark.parametrize(
    ("verb", "body", "said"),
    [
        ("weather", [{"fault": "hail"}], "unknown fault hail; there are 301"),
        ("weather", [{"fault": "503", "colour": 1}], "unknown colour; a gust has body"),
        ("storm", {"seed": 1, "rate": 1, "faults": ["UNABLE_TO_LOCK_ROW"]}, "plan gusts for rows"),
        ("clock", {}, "it takes {"),
    ],
)
def test_what_cannot_be_planned_is_told(box: Box, rest: Rest, verb: str, body: object, said: str) -> None:
    answer = rest.session.post(f"{box.salesforce_url}/_sandbox/{verb}", json=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_an_unknown_verb_is_told_which_there_are(box: Box) -> None:
    answer = requests.get(f"{box.salesforce_url}/_sandbox/counter", timeout=5)
    assert answer.status_code == 404
    assert "GET /_sandbox/counters" in answer.json()["error"]


def test_rows_are_remembered_and_restored(box: Box, rest: Rest) -> None:
    home = f"{box.salesforce_url}/_sandbox"
    ann = rest.call("POST", "sobjects/Contact", json={"LastName": "Ann"}).json()["id"]
    rest.session.post(f"{home}/snapshot", json={"name": "before"})
    rest.call("PATCH", f"sobjects/Contact/{ann}", json={"LastName": "Bo", "Email": "bo@example.com"})
    new = rest.call("POST", "sobjects/Contact", json={"LastName": "Cy"}).json()["id"]
    assert rest.session.post(f"{home}/restore", json={"name": "before"}).json() == {"restored": "before"}
    found = rest.call("GET", "query", params={"q": "SELECT Id, LastName FROM Contact"}).json()["records"]
    assert [record["LastName"] for record in found] == ["Ann"]
    by_mail = rest.call("GET", "query", params={"q": "SELECT Id FROM Contact WHERE Email = 'bo@example.com'"})
    assert by_mail.json()["totalSize"] == 0
    assert rest.call("POST", "sobjects/Contact", json={"LastName": "Di"}).json()["id"] != new
    assert rest.session.post(f"{home}/restore", json={"name": "never"}).status_code == 400


def test_fair_weather_lets_everything_through() -> None:
    weather = Weather()
    assert weather.concerned("GET", "/x") == []
    weather.plan([Gust("503", times=0), Gust("UNABLE_TO_LOCK_ROW")])
    assert weather.concerned("GET", "/x") == []
    assert weather.planned() == [weather.planned()[0]]


def connected(box: Box) -> Retail:
    """With tokens of its own: the first ones are spent."""
    box.world.oauth = OAuth(box.clock, box.account_id, strict=False)
    return Retail(box)


SPOILT = [
    ("rows_renamed", {"@attributes", "Sales"}, None),
    ("rows_gone", {"@attributes"}, None),
    ("within_renamed", {"@attributes", "Sale"}, "SaleLines"),
    ("within_gone", {"@attributes", "Sale"}, ""),
]


@pytest.mark.parametrize(("fault", "names", "within"), SPOILT)
def test_a_page_may_come_amiss(box: Box, fault: str, names: set[str], within: str | None) -> None:
    """Its rows, or the lists within them; the next answer is whole."""
    box.world.reset()
    box.world.put("Sale", {"saleID": 1, "archived": False})
    box.world.put("SaleLine", {"saleLineID": 1, "saleID": 1, "archived": False})
    box.weather_l.plan([Gust(fault, path="*/Sale.json")])
    shop = connected(box)
    page = shop.call("Sale.json", load_relations='["SaleLines"]').json()
    whole = shop.call("Sale.json", load_relations='["SaleLines"]').json()

    assert {*page} == names
    assert {*whole} == {"@attributes", "Sale"}
    assert "SaleLine" in whole["Sale"]["SaleLines"]
    if within is not None:
        assert {*page["Sale"].get("SaleLines", ())} == ({"SaleLines"} if within else set())


def test_a_page_may_not_say_whether_there_is_a_next_one(box: Box) -> None:
    """It has its rows, and no attributes; the next answer is whole."""
    box.world.reset()
    box.world.put("Sale", {"saleID": 1, "archived": False})
    box.weather_l.plan([Gust("no_attributes", path="*/Sale.json")])
    shop = connected(box)

    assert [{*shop.call("Sale.json").json()} for _ in range(2)] == [{"Sale"}, {"@attributes", "Sale"}]


def test_filters_may_not_be_heeded(box: Box) -> None:
    box.world.reset()
    for number in (1, 2, 3):
        box.world.put("Sale", {"saleID": number, "archived": False})
    box.weather_l.plan([Gust("unheeded", path="*/Sale.json")])
    shop = connected(box)

    assert [len(shop.call("Sale.json", saleID="IN,[1,2]").json()["Sale"]) for _ in range(2)] == [3, 2]
