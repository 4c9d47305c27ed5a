"""What a list may be asked for: searches through relations, alternatives and their price, and what is refused."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.lightspeed.filters import BadRequest, alternatives
from sandbox.lightspeed.price import alternatives_cost, cost
from sandbox.lightspeed.query import count, page, read
from sandbox.lightspeed.resources import RESOURCES, walk
from sandbox.lightspeed.world import PRIMARY_KEYS, World, rank
from sandbox.switches import Switches

START = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)
Params = list[tuple[str, str]]


def world(**switches: str) -> World:
    """Shoppers, goods on two shelves, a sale: enough to search through."""
    made = World(Clock(START), Switches.parse(switches))
    for number, (mail, home) in enumerate((("ann@example.com", "514-245-0101"), ("bo@example.com", "")), 1):
        phones = [{"number": home, "useType": "Home"}] if home else []
        contact = {"Emails": [{"address": mail, "useType": "Primary"}], "Phones": phones, "custom": f"c{number}"}
        row = {"customerID": number, "firstName": f"n{number}", "lastName": "4711" if number == 1 else "Lee"}
        made.put("Customer", {**row, "Contact": contact, "timeStamp": START, "customerTypeID": number - 1})
    made.put("CustomerType", {"customerTypeID": 1, "name": "Staff"})
    for number, levels in enumerate(((0, 3), (0, 0), (9, 0)), 1):
        codes = {"upc": f"88{number}", "ean": f"99{number}", "description": f"Thing {number}"}
        made.put("Item", {"itemID": number, **codes, "timeStamp": START + timedelta(seconds=number)})
        for level in levels:
            made.put("ItemShop", {"itemID": number, "shopID": 1, "qoh": Decimal(level)})
    return made


def keys(resource: str, params: Params, made: World | None = None) -> list[int]:
    where = made or world()
    return [row[PRIMARY_KEYS[resource]] for row in page(read(resource, params, where), where).rows]


def loaded(*names: str) -> tuple[str, str]:
    return "load_relations", json.dumps(names)


@pytest.mark.parametrize(
    ("resource", "params", "expected"),
    [
        ("Item", [loaded("ItemShops"), ("ItemShops.qoh", ">,1")], [1, 3]),
        ("Item", [loaded("ItemShops"), ("ItemShops.qoh", ">,5")], [3]),
        ("Customer", [loaded("CustomerType"), ("CustomerType.name", "Staff")], [2]),
        ("Customer", [loaded("Contact"), ("Contact.email", "bo@example.com")], [2]),
        ("Customer", [loaded("Contact"), ("Contact.phoneHome", "~,514%")], [1]),
        ("Customer", [loaded("Contact"), ("Contact.mobile", "514-245-0101")], []),
        ("Customer", [loaded("Contact"), ("Contact.custom", "c2")], [2]),
        ("Customer", [("load_relations", "all"), ("Contact.email", "ann@example.com")], [1]),
        ("Item", [("itemCode", "2")], [2]),
        ("Item", [("itemCode", "881")], [1]),
        ("Item", [("itemCode", "IN,993,881")], [1, 3]),
        ("Item", [("or", "itemCode=993|description=Thing 1")], [1, 3]),
        ("Item", [("or", "description=~,Thing 1|description=~,Thing 2")], [1, 2]),
        ("Item", [("or", "itemID=1|itemID=2"), ("upc", "882")], [2]),
        ("Item", [loaded("ItemShops"), ("or", "ItemShops.qoh=9|itemID=2")], [2, 3]),
        ("Item", [("itemID", "><,2,3")], [2, 3]),
        ("Item", [("timeStamp", "><,2026-11-20T12:00:01Z,2026-11-20T12:00:02Z")], [1, 2]),
        ("Item", [("description", "!~,%2")], [1, 3]),
    ],
)
def test_what_is_found(resource: str, params: Params, expected: list[int]) -> None:
    """On a to-many relation any of its rows will do; contacts have search names of their own."""
    assert keys(resource, params) == expected


@pytest.mark.parametrize(
    ("resource", "params", "said"),
    [
        ("Item", [("ItemShops.qoh", ">,1")], "ItemShops must be loaded"),
        ("Item", [loaded("Note"), ("or", "ItemShops.qoh=1|itemID=2")], "ItemShops must be loaded"),
        ("Sale", [loaded("SaleLines", "SaleLines.Item"), ("SaleLines.Item.upc", "1")], "one level deep"),
        ("Item", [("itemCode", ">,5")], "= and IN only"),
        ("CreditAccount", [("code", "~,60%")], "= only"),
        ("Sale", [("sort", "total")], "supported are: saleID, timeStamp, completeTime, updatetime"),
        ("Shop", [("sort", "timeStamp")], "supported are: shopID\\."),
        ("Item", [("limit", "-1")], "between 0 and 100"),
        ("Item", [("timeStamp", ">,2026-13-01T00:00:00Z")], "no date"),
        *(
            ("Item", [("count", "1"), (name, "1")], "cannot be combined")
            for name in ("limit", "sort", "after", "before")
        ),
        ("Item", [loaded("Nonsense")], "Unknown relation: Nonsense"),
        ("Item", [loaded("ItemShops.Item")], "Unknown relation: ItemShops.Item"),
        ("Item", [loaded("ItemShops", "Manufacturer.name")], "Unknown relation: Manufacturer.name"),
        ("Item", [("load_relations", "[ItemShops]")], "no JSON array"),
        ("Item", [("after", "WyJ4Il0=")], "cursor is not valid"),
    ],
)
def test_what_is_refused_with_its_sentence(resource: str, params: Params, said: str) -> None:
    made = world()
    with pytest.raises(BadRequest, match=said):
        page(read(resource, params, made), made)


def test_recorded_contacts_are_searched_too() -> None:
    """They keep the vendor's own wrapping."""
    made = world()
    contact = {"Emails": {"ContactEmail": {"address": "cy@example.com"}}, "Phones": {"ContactPhone": []}}
    made.put("Customer", {"customerID": "7", "archived": "false", "Contact": contact})
    assert page(read("Customer", [loaded("Contact"), ("Contact.email", "cy@example.com")], made), made).rows
    assert not page(read("Customer", [loaded("Contact"), ("Contact.mobile", "1")], made), made).rows


def test_a_hundred_values_pass_and_one_more_does_not() -> None:
    """In IN."""
    hundred = ",".join(map(str, range(1, 101)))
    assert keys("Item", [("itemID", f"IN,[{hundred}]")]) == [1, 2, 3]
    with pytest.raises(BadRequest, match="at most 100"):
        keys("Item", [("itemID", f"IN,[{hundred},101]")])


def many(**switches: str) -> World:
    made = world(**switches)
    for number in range(10, 130):
        made.put("Item", {"itemID": number, "timeStamp": START})
    return made


@pytest.mark.parametrize(("limit", "rows"), [("0", 0), ("1", 1), ("100", 100), ("101", 100)])
def test_the_limit_goes_to_a_hundred(limit: str, rows: int) -> None:
    """More is cut to that, unless the switch refuses it."""
    assert len(keys("Item", [("limit", limit)], many())) == rows
    with pytest.raises(BadRequest, match="between 0 and 100"):
        read("Item", [("limit", "101")], world(long_limit="400"))
    assert len(keys("Item", [("limit", "100")], many(long_limit="400"))) == 100


@pytest.mark.parametrize("name", ["offset", "orderby", "orderby_desc"])
def test_the_old_pages_are_refused_or_overlooked(name: str) -> None:
    """By the switch; overlooked, they are no filter either."""
    with pytest.raises(BadRequest, match=f"{name} is not supported"):
        read("Item", [(name, "2")], world())
    assert keys("Item", [(name, "2")], world(offset="ignore")) == [1, 2, 3]


@pytest.mark.parametrize("asked", ['["Nonsense","ItemShops"]', "[Nonsense, ItemShops]", '"ItemShops"'])
def test_an_unknown_relation_is_refused_or_overlooked(asked: str) -> None:
    """By the switch; of a list that is no JSON nothing is left, and nothing is paid for what is not loaded."""
    with pytest.raises(BadRequest, match="Unknown relation"):
        read("Item", [("load_relations", asked)], world())
    ask = read("Item", [("load_relations", asked)], world(unknown_relation="ignore"))
    assert ask.relations == (("ItemShops",) if asked.startswith('["') else ())
    assert ask.priced == ask.relations


def test_two_conditions_on_one_field_narrow_or_the_last_one_counts() -> None:
    """By the switch."""
    twice = [("itemID", ">=,2"), ("itemID", "<=,2")]
    assert keys("Item", twice, world()) == [2]
    assert keys("Item", twice, world(same_field_twice="last")) == [1, 2]


@pytest.mark.parametrize("name", ["updateTime", "updatetime", "UpdateTime"])
def test_the_update_time_is_filtered_under_either_spelling_or_refused_or_ignored(name: str) -> None:
    """By the switch; sorting by it is documented either way."""
    since = [(name, ">=,2026-11-20T12:00:00Z")]
    for made in (world(), world(updatetime_filter="ignore"), world(updatetime_filter="false")):
        made.put("Sale", {"saleID": 1, "updateTime": START - timedelta(seconds=1)})
        made.put("Sale", {"saleID": 2, "updateTime": START})
        assert keys("Sale", [("sort", f"-{name}")], made) == [2, 1]
        if made.switches.updatetime_filter != "false":
            assert keys("Sale", since, made) == ([2] if made.switches.updatetime_filter == "true" else [1, 2])
        else:
            with pytest.raises(BadRequest, match=f"Filtering by {name}"):
                keys("Sale", since, made)


def test_a_filter_that_nobody_knows_is_refused_or_ignored() -> None:
    """By the switch. What some row has is known, and what sorts; of a table without rows nobody can tell."""
    for switch in ("400", "ignore"):
        made = world(unknown_filter=switch)
        assert keys("Vendor", [("colour", "red")], made) == []
        made.put("Vendor", {"vendorID": 1, "name": "Acme"})
        made.put("Vendor", {"vendorID": 2, "b2bSellerUID": "7"})
        assert keys("Vendor", [("b2bSellerUID", "7")], made) == [2]
        assert keys("Vendor", [("timeStamp", ">,2026-01-01T00:00:00Z")], made) == []
        if switch == "ignore":
            assert keys("Vendor", [("colour", "red")], made) == [1, 2]
        else:
            with pytest.raises(BadRequest, match="Filtering by colour"):
                keys("Vendor", [("colour", "red")], made)


def test_how_many_there_are_is_counted_by_the_same_conditions() -> None:
    made = many()
    made.put("Item", {"itemID": 500, "archived": True})

    assert count(read("Item", [("count", "1")], made), made) == 123
    assert count(read("Item", [("count", "1"), ("archived", "true")], made), made) == 124
    assert count(read("Item", [("count", "1"), ("archived", "only")], made), made) == 1
    assert count(read("Item", [("count", "1"), ("itemID", "IN,1,500")], made), made) == 1


@given(st.lists(st.one_of(st.none(), st.text(max_size=4), st.integers(), st.booleans(), st.decimals(allow_nan=False,
       allow_infinity=False), st.datetimes(timezones=st.just(timezone.utc))), max_size=8))  # fmt: skip
def test_whatever_rows_hold_can_be_sorted(values: list[Any]) -> None:
    """A name of digits among names, nothing among dates: no page fails on it."""
    assert len(sorted(map(rank, values))) == len(values)


def test_names_of_digits_sort_beside_names() -> None:
    assert keys("Customer", [("sort", "lastName")]) == [1, 2]
    assert keys("Customer", [("lastName", ">,5")]) == [1, 2]


OR: dict[str, float] = {
    "": 0,
    "description=~,a|description=~,b|description=~,c": 0,
    "timeStamp=>,2026-01-01|timeStamp=<,2025-01-01": 0,
    "upc=1|ean=2": 2,
    "upc=1|ean=2|itemID=3": 3,
    "upc=1|timeStamp=>,2026-01-01": 2,
    "createTime=>,2026-01-01|timeStamp=>,2026-01-01": 11,
    "createTime=>,2026-01-01|timeStamp=>,2026-01-01|upc=1": 12,
    "timeStamp=>,2026-01-01|ItemShops.timeStamp=>,2026-01-01": 20,
    "upc=1|ItemShops.qoh=1|ItemShops.sellable=1": 21,
}


@pytest.mark.parametrize(("text", "drips"), OR.items())
def test_alternatives_cost_what_the_page_says(text: str, drips: float) -> None:
    """One field nothing, one entity a drip an operand, several entities or ranges ten each and one for each more."""
    assert alternatives_cost(alternatives(text)) == drips


PLANS: list[tuple[str, str, float]] = [
    ("Sale", "SaleLines SalePayments SalePayments.PaymentType Customer Customer.Contact", 2.4),
    ("Sale", "SaleLines SalePayments", 1.8),
    ("Customer", "Contact Tags CustomFieldValues", 2.0),
    ("ItemShop", "", 1.0),
    ("Sale", "all", 6.4),
    ("Item", "all", 5.6),
    ("Customer", "all", 3.2),
    ("Workorder", "all", 3.8),
    ("ItemMatrix", "all", 3.8),
]


@pytest.mark.parametrize(("resource", "asked", "drips"), PLANS)
def test_lists_cost_what_the_pages_say(resource: str, asked: str, drips: float) -> None:
    """`all` costs the sum of all, although custom fields do not come with it.

    Source: docs/vendors/lightspeed-r-series.md, costs.
    """
    text = asked if asked == "all" else json.dumps(asked.split())
    ask = read(resource, [("load_relations", text)], world())
    assert cost(resource, ask.priced, single=False, count=False) == drips
    assert "CustomFieldValues" not in ask.relations or asked != "all"


@pytest.mark.parametrize(
    ("twice", "single", "path", "drips"),
    [
        (False, True, "SaleLines", 1.2),
        (False, False, "SaleLines", 1.4),
        (False, True, "SaleLines.Item", 1.2),
        (False, False, "SaleLines.Item", 1.2),
        (True, False, "SaleLines.Item", 1.4),
        (True, False, "SaleLines.InventorySales", 1.8),
        (True, True, "SaleLines.Item", 1.2),
    ],
)
def test_nested_on_a_list_is_doubled_once_or_twice(twice: bool, single: bool, path: str, drips: float) -> None:
    """By the switch; on a single row there is one reason to double."""
    assert cost("Sale", [path], single=single, count=False, twice=twice) == drips


def test_a_count_costs_ten_whatever_is_asked_with_it() -> None:
    assert cost("Sale", ["SaleLines"], single=False, count=True) == 10


@pytest.mark.parametrize("resource", RESOURCES)
def test_every_path_of_the_table_leads_somewhere(resource: str) -> None:
    """And what it does not name leads nowhere, though rows could be found there."""
    assert all(walk(resource, path) for path in RESOURCES[resource].paths)
    assert walk(resource, "Nonsense") is None
    assert walk("Sale", "SaleLines.Item.Category") is None


@pytest.mark.recorded
def test_relations_and_sorts_are_those_of_the_pages(recorded: Path) -> None:
    """For every resource that both know: no more and no fewer relations, no other sort fields."""
    pages: dict[str, Any] = json.loads((recorded / "r-series" / "endpoints.json").read_text())
    compared = 0
    for name, ours in RESOURCES.items():
        theirs = pages.get(f"{ours.folder} {name}".strip())
        if theirs is None:
            continue
        compared += 1
        starred = [path for path in theirs.get("relations") or () if not path.endswith("*")]
        assert {*starred} <= {*ours.paths}, name
        assert {path for path in ours.paths if f"{path}*" not in (theirs.get("relations") or ())} == {*starred}, name
        assert {ours.key, *ours.sorts} == {*theirs["sortable"]} or name == "PriceLevel", name
        assert {scope.removeprefix("employee:") for scope in theirs.get("scopes") or ()} == {*ours.scopes}, name
    assert compared > 30


def lagging() -> World:
    made = World(Clock(START), Switches.parse({"commit_lag_seconds": "30"}))
    made.put("Sale", {"saleID": 1, "total": 1, "updateTime": START - timedelta(hours=1)})
    return made


def seen(made: World) -> list[tuple[int, int]]:
    view = made.committed()
    return [(row["saleID"], row["total"]) for row in page(read("Sale", [], view), view).rows]


def test_a_row_is_seen_some_seconds_after_its_stamp() -> None:
    """Until then its old version, or none; what was stamped long ago is seen at once."""
    made = lagging()
    made.put("Sale", {"saleID": 1, "total": 2, "updateTime": START})
    made.put("Sale", {"saleID": 2, "total": 5, "updateTime": START - timedelta(seconds=10)})
    assert seen(made) == [(1, 1)]
    made.clock.advance(10)
    made.put("Sale", {"saleID": 1, "total": 3, "updateTime": START + timedelta(seconds=10)})
    made.clock.advance(11)
    assert seen(made) == [(1, 1), (2, 5)]
    made.clock.advance(20)
    assert seen(made) == [(1, 3), (2, 5)]
    assert made.committed() is made


def test_without_the_switch_a_row_is_seen_at_once() -> None:
    made = World(Clock(START), Switches())
    made.put("Sale", {"saleID": 1, "total": 1, "updateTime": START})
    assert made.committed() is made
    assert seen(made) == [(1, 1)]
