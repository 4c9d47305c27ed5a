"""Days: one that was typed comes back as it was typed, and a sale has the day of its shop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from tap_lightspeed_retail.errors import Refused
from tap_lightspeed_retail.r_series.account import read_account
from tap_lightspeed_retail.r_series.context import Context, zone_named
from tap_lightspeed_retail.r_series.dates import day_there, day_typed, instant
from tap_lightspeed_retail.r_series.shape.people import customer
from tap_lightspeed_retail.r_series.shape.sales import sale

from .test_known_traps import answer, client

ZONES = sorted(available_timezones() - {"localtime"})
DAYS = st.dates(date(1900, 1, 1), date(2037, 12, 31))
SEEN = ["2019-04-29T04:00:00+00:00", "2019-04-29T07:00:00+00:00", "2019-04-28T22:00:00+00:00", "2019-04-29T04:00:00Z"]


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins there; the vendor writes it in UTC."""
    return datetime.combine(day, time(), zone).astimezone(timezone.utc)


@given(st.sampled_from(ZONES), DAYS)
@example("America/Sao_Paulo", date(2018, 11, 4))  # its midnight is left out
@example("America/Havana", date(2019, 11, 3))  # and this one comes twice
@example("Pacific/Kiritimati", date(2020, 1, 1))
@example("Pacific/Honolulu", date(1940, 6, 1))
@example("Etc/GMT+12", date(2020, 1, 1))
def test_a_day_that_was_typed_comes_back_in_every_zone(name: str, day: date) -> None:
    """Summer time or not; also where the shop is only one of several."""
    zone, away = ZoneInfo(name), ZoneInfo("America/Toronto")
    moment = midnight(day, zone)
    assume(moment.astimezone(zone).date() == day)  # a day that was left out at the date line nobody was born on

    assert day_typed(moment.isoformat(), [zone]) == day
    if moment.astimezone(away).time() != time():
        assert day_typed(moment.isoformat(), [away, zone]) == day


@given(st.sampled_from(ZONES), DAYS)
def test_the_nearest_midnight_is_right_wherever_the_zone_is_not_known(name: str, day: date) -> None:
    """But near the date line, where it may be either: that is not guessed."""
    zone = ZoneInfo(name)
    moment = midnight(day, zone)
    assume(moment.astimezone(zone).time() == time())
    try:
        assert day_typed(moment.isoformat(), []) == day
    except ValueError:
        assert timedelta(hours=10) <= abs(moment.astimezone(zone).utcoffset() or timedelta(0))


@pytest.mark.parametrize("zones", [[], ["America/Toronto"], ["Europe/Berlin"], ["Pacific/Auckland"], ["Mars/Olympus"]])
@pytest.mark.parametrize("said", [*SEEN, "2019-04-29", "2019-04-29T00:00:00", "2019-04-29T00:00:00-04:00"])
def test_a_birthday_is_the_day_that_the_clerk_typed(said: str, zones: list[str]) -> None:
    """Whichever zone is known; a plain date is that day."""
    known = Context("1000", "CAD", {str(number): name for number, name in enumerate(zones)})
    record = customer({"customerID": "7", "dob": said}, known).record

    assert (record["birth_date"], record["unreadable"]) == ("2019-04-29", [])


def read(said: str) -> date | None:
    try:
        return day_typed(said, [])
    except ValueError:
        return None


@pytest.mark.parametrize(
    "said", ["0000-00-00", "2019-02-29", "29.04.2019", "2019-04", "yesterday", "9999-12-31T23:00:00Z", ""]
)
def test_a_day_that_never_was_is_none(said: str) -> None:
    assert read(said) is None


@pytest.mark.parametrize(
    ("clock", "day"),
    [("09:59:59", 28), ("10:00:00", None), ("11:00:00", None), ("12:00:00", None), ("12:00:01", 29)],
)
def test_without_a_zone_a_midnight_of_two_days_is_neither(clock: str, day: int | None) -> None:
    """In Auckland one day begins while in Honolulu another does."""
    assert read(f"2019-04-28T{clock}+00:00") == (day and date(2019, 4, day))


def test_a_day_is_no_instant() -> None:
    """Nobody knows where it began."""
    with pytest.raises(ValueError, match="a day"):
        instant("2019-04-28")


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "America", "\0", "\ud800", "/etc/localtime"])
def test_a_zone_that_is_none_is_not_utc(name: str) -> None:
    assert zone_named(name) is None


@given(st.sampled_from(ZONES), st.integers(0, 2**31 - 1))
def test_a_sale_has_the_day_of_its_shop(name: str, seconds: int) -> None:
    """As its clock said it."""
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    row = {"saleID": "1", "shopID": "3", "completeTime": moment.isoformat()}
    record = sale(row, Context("1000", "CAD", {"3": name, "4": "Asia/Tokyo"})).record

    assert record["business_date"] == moment.astimezone(ZoneInfo(name)).date().isoformat()
    assert record["unreadable"] == []


def test_two_shops_may_have_two_days_at_once() -> None:
    """And an open sale has none."""
    known = Context("1000", "CAD", {"1": "America/Vancouver", "2": "Pacific/Auckland"})
    rows = [{"saleID": "1", "shopID": shop, "completeTime": "2026-11-20T08:00:00+00:00"} for shop in ("1", "2")]

    assert [sale(row, known).record["business_date"] for row in rows] == ["2026-11-20", "2026-11-20"]
    assert [
        sale({**row, "completeTime": "2026-11-20T07:00:00+00:00"}, known).record["business_date"] for row in rows
    ] == [
        "2026-11-19",
        "2026-11-20",
    ]
    assert sale({"saleID": "1", "shopID": "1"}, known).record["business_date"] is None


def test_a_day_beyond_the_calendar_is_none() -> None:
    """In UTC it is one still."""
    with pytest.raises(ValueError, match="beyond"):
        day_there(instant("9999-12-31T23:00:00Z"), ZoneInfo("Asia/Tokyo"))


# Shops


def shops(*rows: tuple[str, str]) -> dict[str, object]:
    return {"@attributes": {"next": ""}, "Shop": [{"shopID": number, "timeZone": zone} for number, zone in rows]}


def test_a_shop_that_was_made_meanwhile_is_asked_for_once() -> None:
    """When a row names it first; and one that is not there is not asked for again."""
    body = {"@attributes": {}, "defaultCurrency": {"code": "CAD"}}
    more = shops(("1", "America/Toronto"), ("2", "Asia/Tokyo"))
    made, vendor = client(answer(200, body), answer(200, shops(("1", "America/Toronto"))), answer(200, more))
    account = read_account(made, "1000")
    for number in ("1", "2", "2", "9", "9", None, "1"):
        account.note_shop(number)

    assert account.zones == {"1": "America/Toronto", "2": "Asia/Tokyo"}
    assert len(vendor.asked) == 2 + 2
    assert account.context.zone_of("2") == ZoneInfo("Asia/Tokyo")


def test_shops_that_may_not_be_read_leave_the_days_of_sales_open() -> None:
    """That is no reason not to read anything."""
    made, _ = client(answer(200, {"@attributes": {}}), answer(403, {"message": "No."}))
    account = read_account(made, "1000")

    assert (account.currency, account.zones) == (None, {})


def test_shops_that_are_refused_for_another_reason_stop_the_run() -> None:
    """A mistake in the request is no missing right, and all days would be left open for it."""
    made, _ = client(answer(200, {"@attributes": {}}), answer(422, {"message": "No."}))

    with pytest.raises(Refused, match="422"):
        read_account(made, "1000")


def test_shops_that_were_closed_down_have_their_zones_too() -> None:
    """Their old receipts have days."""
    made, vendor = client(answer(200, {"@attributes": {}}), answer(200, shops(("1", "America/Toronto"))))
    read_account(made, "1000")

    assert ("archived", "true") in vendor.asked[-1]["params"]


# The machine's own zones

PROGRAM = """
import sys
if sys.argv[1] == "none":
    sys.modules["tzdata"] = None
import json
from tap_lightspeed_retail.r_series.context import Context
from tap_lightspeed_retail.r_series.shape.people import customer
from tap_lightspeed_retail.r_series.shape.sales import sale
from tap_lightspeed_retail.r_series.unreadable import shaped
known = Context("1000", "CAD", {"3": "America/Toronto"})
row = {"saleID": "1", "shopID": "3", "completeTime": "2026-11-20T03:00:00+00:00"}
told, _ = shaped(sale, row, known)
born, _ = shaped(customer, {"customerID": "7", "dob": "1981-04-09T04:00:00+00:00"}, known)
print(json.dumps([born.record["birth_date"], told.record["business_date"], told.record["unreadable"]]))
"""


@pytest.mark.parametrize(
    ("package", "said"),
    [("tzdata", ["1981-04-09", "2026-11-19", []]), ("none", ["1981-04-09", None, ["business_date"]])],
)
def test_a_machine_without_zones_of_its_own_has_those_of_the_package(package: str, said: list[object]) -> None:
    """And without that too nothing is taken for UTC in silence."""
    env = {**os.environ, "PYTHONTZPATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, package], env=env, capture_output=True, text=True, check=True, timeout=60
    )

    assert json.loads(done.stdout) == said
