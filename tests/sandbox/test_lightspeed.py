"""The R-Series stand-in: paging, filters, quirks, limits, tokens."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.lightspeed.bucket import Bucket
from sandbox.lightspeed.filters import BadRequest
from sandbox.lightspeed.price import cost
from sandbox.lightspeed.query import page, read
from sandbox.lightspeed.resources import RESOURCES
from sandbox.lightspeed.wire import Wire, scalar
from sandbox.lightspeed.world import World
from sandbox.serve import Box, running
from sandbox.switches import Switches

START = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)


def world(**switches: str) -> World:
    return World(Clock(START), Switches.parse(switches))


def filled(stamps: list[int], **switches: str) -> World:
    """Customers 1, 2, 3 ... with these minutes as time stamps."""
    made = world(**switches)
    for number, minute in enumerate(stamps, 1):
        row = {"customerID": number, "firstName": f"n{minute}", "archived": minute % 5 == 4}
        made.put("Customer", {**row, "timeStamp": START + timedelta(minutes=minute)})
    return made


def walk(made: World, **params: str) -> list[list[int]]:
    pages, cursor = [], ""
    while True:
        ask = read("Customer", [*params.items(), *([("after", cursor)] if cursor else [])], made)
        found = page(ask, made)
        pages.append([row["customerID"] for row in found.rows])
        if not found.after:
            return pages
        cursor = found.after


@given(
    st.lists(st.integers(0, 6), max_size=25),
    st.integers(1, 7),
    st.sampled_from(["customerID", "timeStamp", "-timeStamp"]),
)
def test_a_walk_meets_every_row_once_in_order(stamps: list[int], limit: int, sort: str) -> None:
    """Whatever the page size, and however many rows share a second."""
    made = filled(stamps)
    rows = [
        row["customerID"]
        for each in walk(made, limit=str(limit), sort=sort, archived="true")
        for row in [{"customerID": i} for i in each]
    ]
    key = (lambda n: n) if sort == "customerID" else (lambda n: (stamps[n - 1], n))

    assert sorted(range(1, len(stamps) + 1), key=key, reverse=sort.startswith("-")) == rows


@given(st.lists(st.integers(0, 6), min_size=3, max_size=20), st.data())
def test_pages_are_stable_against_other_rows(stamps: list[int], data: Any) -> None:
    """Rows deleted behind the cursor neither skip nor repeat one ahead of it."""
    made = filled(stamps)
    first = page(read("Customer", [("limit", "2"), ("archived", "true")], made), made)
    made.remove("Customer", data.draw(st.sampled_from([1, 2])))
    cursor = str(first.after)

    second = page(read("Customer", [("limit", "2"), ("archived", "true"), ("after", cursor)], made), made)

    assert [3, 4][: len(second.rows)] == [row["customerID"] for row in second.rows]


def test_a_cursor_is_the_last_rows_keys() -> None:
    """Base64 of a JSON array, as the documentation's samples decode."""
    made = filled([1, 2, 3])
    by_key = page(read("Customer", [("limit", "2")], made), made)
    by_time = page(read("Customer", [("limit", "2"), ("sort", "timeStamp")], made), made)

    assert json.loads(base64.b64decode(str(by_key.after))) == [2]
    assert json.loads(base64.b64decode(str(by_time.after))) == ["2026-11-20T12:02:00+00:00", 2]


def test_before_walks_back() -> None:
    """To the page before."""
    made = filled([1, 2, 3, 5, 6])
    token = base64.b64encode(b"[4]").decode()

    found = page(read("Customer", [("limit", "2"), ("before", token)], made), made)

    assert [row["customerID"] for row in found.rows] == [2, 3]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("customerID", "2", [2]),
        ("customerID", "!=,2", [1, 3]),
        ("customerID", ">,1", [2, 3]),
        ("customerID", ">=,2", [2, 3]),
        ("customerID", "<,2", [1]),
        ("customerID", "<=,2", [1, 2]),
        ("customerID", "><,1,2", [1, 2]),
        ("customerID", "IN,[1,3]", [1, 3]),
        ("customerID", "IN,1,3", [1, 3]),
        ("firstName", "~,n%", [1, 2, 3]),
        ("firstName", "~,%2", [2]),
        ("firstName", "!~,%2", [1, 3]),
        ("timeStamp", ">=,2026-11-20T12:02:00Z", [2, 3]),
        ("timeStamp", ">=,2026-11-20T14:02:00+02:00", [2, 3]),
        ("timeStamp", ">,2026-11-20T07:02:00-0500", [3]),
        ("timeStamp", "<,2026-11-20", []),
    ],
)
def test_operators(name: str, value: str, expected: list[int]) -> None:
    """Source: docs/vendors/lightspeed-r-series.md, filters."""
    made = filled([1, 2, 3])

    assert expected == [row["customerID"] for row in page(read("Customer", [(name, value)], made), made).rows]


@pytest.mark.parametrize(("archived", "expected"), [(None, [1]), ("false", [1]), ("true", [1, 2]), ("only", [2])])
def test_archived_rows_are_silent_unless_asked_for(archived: str | None, expected: list[int]) -> None:
    """The default hides them."""
    made = filled([1, 4])
    params = [("archived", archived)] if archived else []

    assert expected == [row["customerID"] for row in page(read("Customer", params, made), made).rows]


@pytest.mark.parametrize(
    ("resource", "params"),
    [
        ("Customer", {"sort": "dob"}),
        ("Customer", {"offset": "100"}),
        ("Customer", {"count": "1", "limit": "5"}),
        ("Customer", {"load_relations": '["Nonsense"]'}),
        ("Customer", {"load_relations": "Contact"}),
        ("Customer", {"after": "###"}),
        ("Customer", {"limit": "many"}),
    ],
)
def test_what_is_refused(resource: str, params: dict[str, str]) -> None:
    """With a sentence."""
    with pytest.raises(BadRequest):
        read(resource, list(params.items()), world())


def test_in_takes_a_hundred_values() -> None:
    """And no more."""
    made = filled([1])
    with pytest.raises(BadRequest, match="100"):
        page(read("Customer", [("customerID", "IN," + ",".join(map(str, range(101))))], made), made)


def test_switches_change_what_is_not_known() -> None:
    """Both ways."""
    assert read("Sale", [("limit", "500")], world()).limit == 100
    with pytest.raises(BadRequest):
        read("Sale", [("limit", "500")], world(long_limit="400"))
    strict = world(updatetime_filter="false")
    with pytest.raises(BadRequest):
        page(read("Sale", [("updatetime", ">=,2026-01-01T00:00:00Z")], strict), strict)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "true"),
        (12, "12"),
        (Decimal("24.90"), "24.9"),
        (Decimal("10.00"), "10"),
        (Decimal("-0.825"), "-0.825"),
        (datetime(2026, 11, 20, 13, 0, tzinfo=timezone(timedelta(hours=1))), "2026-11-20T12:00:00+00:00"),
    ],
)
def test_every_scalar_is_text(value: Any, said: str) -> None:
    """Source: docs/vendors/lightspeed-r-series.md, spellings."""
    assert said == scalar(value)


@pytest.mark.parametrize(("switch", "expected"), [("absent", "missing"), ("text", ""), ("object", {})])
def test_lists_of_one_none_and_many(switch: str, expected: Any) -> None:
    """One as an object, none as the switch says."""
    made = world(empty_relation=switch)
    made.put("Sale", {"saleID": 1, "customerID": 0})
    wire = Wire(made, ["SaleLines", "Customer"])
    assert (
        expected == wire.row("Sale", {"saleID": 1, "customerID": 0}).get("SaleLines", "missing") or switch == "absent"
    )
    made.put("SaleLine", {"saleLineID": 5, "saleID": 1})
    one = wire.row("Sale", {"saleID": 1, "customerID": 0})
    assert one["SaleLines"] == {"SaleLine": {"saleLineID": "5", "saleID": "1"}}
    assert "Customer" not in one
    made.put("SaleLine", {"saleLineID": 6, "saleID": 1})
    assert len(wire.row("Sale", {"saleID": 1, "customerID": 0})["SaleLines"]["SaleLine"]) == 2


def test_the_bucket_lets_the_overflowing_call_pass_and_refuses_the_next() -> None:
    """And drips empty again."""
    clock = Clock(START)
    bucket = Bucket(clock, refused_calls_cost=False)
    for _ in range(10):
        clock.advance(0.06)
        assert bucket.take(9.5, 1).refused is None
    refused = bucket.take(1, 1)
    assert refused.refused == "api-leaky-bucket"
    assert int(refused.headers["Retry-After"]) >= 1
    clock.advance(10)
    assert bucket.take(1, 1).refused is None


def test_the_burst_window_is_a_whole_second() -> None:
    """Twenty for one register."""
    clock = Clock(START)
    bucket = Bucket(clock, refused_calls_cost=False)

    assert [bucket.take(1, 1).refused for _ in range(21)] == [None] * 20 + ["api-burst-limiter"]
    clock.advance(1)
    assert bucket.take(1, 1).refused is None


MISCOUNTED = {("Shipment", "OrderShipmentItems")}
"""The computed table takes this plural for one row, against its own rule."""


@pytest.mark.recorded
def test_costs_are_those_of_the_documented_formula(recorded: Path) -> None:
    """For every relation that both know."""
    known = json.loads((recorded / "r-series" / "relation_costs.json").read_text())["resources"]
    compared = 0
    for resource, declared in RESOURCES.items():
        for name in declared.relations:
            entry = known.get(resource, {}).get("relations", {}).get(name)
            if entry and (resource, name) not in MISCOUNTED:
                compared += 1
                assert 1 + entry["cost_query"] == pytest.approx(cost(resource, [name], single=False, count=False)), (
                    resource,
                    name,
                )
                assert 1 + entry["cost_single"] == pytest.approx(cost(resource, [name], single=True, count=False)), (
                    resource,
                    name,
                )
    assert compared > 20


def stored_value(**switches: str) -> World:
    """A credit account and a gift card."""
    made = world(**switches)
    for number, gift in ((1, False), (2, True)):
        row = {"creditAccountID": number, "giftCard": gift, "archived": False}
        made.put("CreditAccount", {**row, "timeStamp": START + timedelta(minutes=number)})
    return made


@pytest.mark.parametrize(
    ("switch", "asked", "expected"),
    [
        ("only", [], [1]),
        ("only", [("giftCard", "true")], [2]),
        ("only", [("giftCard", "false")], [1]),
        ("also", [], [1]),
        ("also", [("giftCard", "true")], [1, 2]),
    ],
)
def test_gift_cards_come_when_they_are_asked_for(
    switch: str, asked: list[tuple[str, str]], expected: list[int]
) -> None:
    """Alone or with the others: the page does not say."""
    made = stored_value(gift_card_query=switch)

    found = page(read("CreditAccount", asked, made), made)

    assert expected == [row["creditAccountID"] for row in found.rows]


def test_credit_accounts_may_refuse_ranges() -> None:
    """Their page allows `=` alone; whether it means the code only, it does not say."""
    since = [("timeStamp", ">=,2026-11-20T12:01:00Z")]
    open_minded, strict = stored_value(), stored_value(credit_account_ranges="false")

    assert len(page(read("CreditAccount", since, open_minded), open_minded).rows) == 1
    with pytest.raises(BadRequest, match="= only"):
        page(read("CreditAccount", since, strict), strict)
    assert len(page(read("CreditAccount", [("creditAccountID", "1")], strict), strict).rows) == 1


@pytest.mark.parametrize(("values", "said"), [([], ""), (["M"], "M"), (["M", "L"], ["M", "L"])])
def test_values_without_a_name_for_each(values: list[str], said: Any) -> None:
    """One comes as itself, none as empty text."""
    row = {"itemMatrixID": 1, "attribute1Values": values}

    assert Wire(world(), []).row("ItemMatrix", row)["attribute1Values"] == said


def test_what_is_inside_a_row_may_have_relations_too() -> None:
    """The choice that a custom field's value names, and nothing else."""
    made = world()

    assert read("Customer", [("load_relations", '["CustomFieldValues","CustomFieldValues.value"]')], made).relations
    with pytest.raises(BadRequest, match="Unknown relation"):
        read("Customer", [("load_relations", '["CustomFieldValues.name"]')], made)


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with running(seed="chain", size="small") as made:
        yield made


def grant(box: Box, refresh_token: str, **more: str) -> requests.Response:
    client_id, secret, _ = box.lightspeed_client
    form = {
        "client_id": client_id,
        "client_secret": secret,
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
    }
    return requests.post(f"{box.lightspeed_url}/auth/oauth/token", data={**form, **more}, timeout=5)


def get(box: Box, path: str, token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{box.lightspeed_url}/API/V3/{path}", headers=headers, timeout=5)


def test_a_refresh_token_dies_when_its_access_token_is_used() -> None:
    """Until then the same refresh gives another pair."""
    with running() as box:
        seed = box.lightspeed_client[2]
        first, second = grant(box, seed).json(), grant(box, seed).json()
        assert first["refresh_token"] != second["refresh_token"]
        assert get(box, "Account.json", second["access_token"]).status_code == 200
        assert (grant(box, seed).status_code, grant(box, seed).json()["error"]) == (400, "invalid_grant")
        refused = [grant(box, seed) for _ in range(3)][-1]
        assert (refused.status_code, refused.json()["error"]) == (429, "too_many_requests")


def test_refresh_tokens_that_nobody_uses_die_after_thirty_days() -> None:
    """By the clock."""
    with running() as box:
        box.clock.advance(31 * 86400)
        assert grant(box, box.lightspeed_client[2]).status_code == 400


def test_answers_carry_the_limits_and_absolute_links(box: Box) -> None:
    """Under the host that was asked, with all parameters; errors as JSON under text/html."""
    token = grant(box, box.lightspeed_client[2]).json()["access_token"]
    path = f"Account/{box.account_id}/Sale.json?limit=10&archived=true"
    answer = get(box, path, token)
    assert {"X-LS-API-Bucket-Level", "X-LS-API-Burst-Level", "X-LS-Api-Drip-Rate", "X-LS-Api-Request-Cost", "Date"} <= {
        name
        for name in (
            "X-LS-API-Bucket-Level",
            "X-LS-API-Burst-Level",
            "X-LS-Api-Drip-Rate",
            "X-LS-Api-Request-Cost",
            "Date",
        )
        if name in answer.headers
    }
    following = answer.json()["@attributes"]["next"]
    assert following.startswith(f"{box.lightspeed_url}/API/V3/Account/{box.account_id}/Sale.json?")
    assert {"limit=10", "archived=true", "sort=saleID"} <= set(following.partition("?")[2].split("&"))
    missing = get(box, f"Account/{box.account_id}/Sale/999999.json", token)
    assert (
        missing.status_code,
        missing.headers["Content-Type"],
        missing.json()["httpCode"],
    ) == (404, "text/html; charset=UTF-8", "404")
    assert get(box, "Account/4711/Sale.json", token).status_code == 403
    unknown = get(box, "Account.json", "nonsense")
    assert (unknown.status_code, unknown.json()["error"]) == (401, "access_denied")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("Inventory/Transfer.json", 200),
        ("Inventory/Transfer/1.json", 200),
        ("Inventory/Transfer/99.json", 404),
        ("Transfer.json", 404),
        ("Inventory/Sale.json", 404),
        ("Inventory/Sale/1.json", 404),
        ("Sale/1.json", 200),
    ],
)
def test_a_resource_is_where_the_vendor_has_it(path: str, status: int) -> None:
    """Transfers in their folder, under the name of their last word; the rest without one."""
    with running(seed="chain") as made:
        token = grant(made, made.lightspeed_client[2]).json()["access_token"]
        answer = get(made, f"Account/{made.account_id}/{path}", token)

    assert answer.status_code == status
    assert status != 200 or path.removeprefix("Inventory/").partition("/")[0].removesuffix(".json") in answer.json()
