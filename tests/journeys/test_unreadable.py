"""What cannot be read keeps nobody waiting: the record goes in without it, or is held with its reason."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from tests.journeys.lines import by_key, said, sale, shop, state, summary, told
from tests.journeys.pair import Pair, run


def contact(pair: Pair, number: int) -> dict[str, Any] | None:
    key = f"{pair.box.account_id}:{number}"
    return next((row for row in pair.rows("Contact") if row["Lightspeed_Key__c"] == key), None)


def test_a_birthday_that_is_none_keeps_no_shopper_out(pair: Pair) -> None:
    """Old accounts are full of such dates."""
    world = pair.box.world
    now = pair.box.clock.now().replace(microsecond=0)
    empty = {"Addresses": [], "Phones": [], "Emails": [], "Websites": []}
    common = {"archived": False, "Contact": empty, "timeStamp": now, "createTime": now, "customerTypeID": 0}
    for number, dob in ((1, datetime(1990, 5, 17, 4, tzinfo=timezone.utc)), (2, "0000-00-00"), (3, None)):
        world.put(
            "Customer", {"customerID": number, "firstName": "Ann", "lastName": f"Lee{number}", "dob": dob, **common}
        )

    said = pair.extract()
    done = pair.load(said)

    assert done.returncode == 0, done.stderr
    came = [contact(pair, number) for number in (1, 2, 3)]
    assert [row and row["Birthdate"] for row in came] == ["1990-05-17", None, None]
    assert all(came)
    assert told(pair, "customers", f"{pair.box.account_id}:2")["left_out"] == ["Birthdate"]
    assert "0 open holds" in pair.companion("holds").stdout


def test_a_property_that_nobody_selected_holds_nobody(pair: Pair) -> None:
    """Who leaves out birthdays is not told that one of them cannot be read."""
    now = pair.box.clock.now().replace(microsecond=0)
    empty = {"Addresses": [], "Phones": [], "Emails": [], "Websites": []}
    common = {"archived": False, "Contact": empty, "timeStamp": now, "createTime": now, "customerTypeID": 0}
    pair.box.world.put(
        "Customer", {"customerID": 1, "firstName": "Ann", "lastName": "Lee", "dob": "0000-00-00", **common}
    )
    catalog = json.loads(run([*pair.tap_command(), "--discover"]).stdout)
    for stream in catalog["streams"]:
        for each in stream["metadata"]:
            if (stream["stream"], each["breadcrumb"]) == ("customers", ["properties", "birth_date"]):
                each["metadata"]["selected"] = False
    path = pair.folder / "catalog.json"
    path.write_text(json.dumps(catalog))

    told = run([*pair.tap_command(), "--catalog", str(path)]).stdout

    (record,) = (
        each["record"]
        for each in map(json.loads, told.splitlines())
        if each.get("stream") == "customers" and each["type"] == "RECORD"
    )
    assert "birth_date" not in record
    assert record["unreadable"] == []


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ({"total": float("nan")}, "invalid"),
        ({"total": float("inf")}, "invalid"),
        ({"total": 10**40}, "value_refused"),
        ({"completed_at": "9999-12-31T23:59:59-14:00"}, "unconvertible"),
        ({"completed_at": "0001-01-01T00:00:00+14:00"}, "unconvertible"),
    ],
    ids=str,
)
def test_a_value_beyond_all_bounds_holds_one_receipt(pair: Pair, odd: dict[str, Any], reason: str) -> None:
    """A number that is none, one that no field holds, an instant that UTC does not have: held, and the others go in."""
    done = pair.load(said("shops", shop()) + said("sales", sale(1, **odd), sale(2)) + state(n=1))

    assert "3 arrived = 2 created + 0 updated + 0 unchanged + 0 skipped + 1 held" in summary(done)
    assert told(pair, "sales", "7:1")["reason"] == reason
    assert set(by_key(pair, "Retail_Sale__c")) == {"2"}
    assert done.stdout
