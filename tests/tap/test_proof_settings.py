"""Each setting of the tap has an effect: with two values, a run does two things that a hand has written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from tap_lightspeed_retail.errors import FEW, Refused, SettingsError, TapError, Unlikely
from tap_lightspeed_retail.settings import invalid_settings, with_defaults
from tap_lightspeed_retail.tap import TapLightspeedRetail
from urllib3.exceptions import LocationParseError

from benchmarks.simulated import Said, Watched
from tests.shown import of_the_sdk, unshown

from .runs import ALWAYS, CUSTOMERS, HOUR, Shop, gust, plan

TABLE: dict[str, tuple[Any, type[BaseException]]] = {
    "client_id": ("nobody", TapError),
    "client_secret": ("wrong", TapError),
    "refresh_token": ("stale", TapError),
    "account_id": ("999", TapError),
    "api_url": ("http://127.0.0.1:9", TapError),
    "auth_url": ("http://127.0.0.1:9", TapError),
}
"""Settings without which nothing is read: a wrong value, and what the run ends with."""
HERE = "tests/tap/test_proof_settings.py::"
SHOWN = {
    "series": f"{HERE}test_there_is_one_series",
    "page_size": f"{HERE}test_page_size_is_how_many_rows_come_at_once",
    "on_forbidden": f"{HERE}test_on_forbidden_skips_or_fails",
    "token_store": f"{HERE}test_the_token_store_is_where_the_setting_says",
    "opt_in": f"{HERE}test_staff_come_where_somebody_opts_in",
    "start_date": f"{HERE}test_a_first_run_reads_what_changed_since_the_start_date",
    "overlap_seconds": f"{HERE}test_the_bookmark_stays_behind_by_the_overlap",
    "reconcile_hours": f"{HERE}test_a_silent_change_is_told_after_the_hours",
    "reconcile_days": f"{HERE}test_sales_of_the_last_days_are_scanned_again",
    "find_moved_sales": "tests/tap/test_moved_sales.py::test_without_the_setting_they_stay",
    "max_deleted_share": f"{HERE}test_a_large_share_is_believed_to_be_deleted_where_somebody_says_so",
    "follow": f"{HERE}test_a_tap_that_follows_stays",
    "poll_seconds": f"{HERE}test_polls_come_as_often_as_the_setting_says",
    "rate_reserve": f"{HERE}test_the_bucket_is_filled_but_for_the_reserve",
}
"""Settings with a test of their own, here or elsewhere."""


def test_every_setting_is_written_down_here() -> None:
    """A new one fails until somebody has said what it does; the SDK's own are the SDK's to test."""
    declared = {**TapLightspeedRetail.config_jsonschema["properties"]}
    TapLightspeedRetail.append_builtin_config({"properties": declared})

    assert {*declared} == {*TABLE} | {*SHOWN} | of_the_sdk(TapLightspeedRetail)
    assert unshown(SHOWN) == []


@pytest.mark.parametrize("name", TABLE)
def test_a_wrong_value_opens_nothing(shop: Shop, name: str) -> None:
    """And the right one reads the shop."""
    value, ends = TABLE[name]
    assert shop.run(**{name: value}, ends=ends).messages == []


@pytest.mark.parametrize("name", ["api_url", "auth_url"])
def test_an_address_that_the_http_library_refuses_is_named(shop: Shop, name: str) -> None:
    """It is a setting that is wrong, and no traceback."""
    told = shop.run(**{name: "http://*.example"}, ends=SettingsError)

    assert f"{name}: The request cannot be made: " in str(told.error)
    assert told.error.exit_code == 2  # type: ignore[union-attr]


@pytest.mark.parametrize("error", [LocationParseError("a..b"), UnicodeError("label too long")])
@pytest.mark.parametrize(("method", "name"), [("get", "api_url"), ("post", "auth_url")])
def test_so_is_one_that_it_refuses_in_the_words_of_its_parts(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, method: str, name: str, error: Exception
) -> None:
    """They are none of its own errors."""

    def refuse(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(requests.Session, method, refuse)

    assert f"{name}: The request cannot be made: " in str(shop.run(ends=SettingsError).error)


@pytest.mark.parametrize("fault", ["403", "404"])
def test_an_account_that_is_not_opened_is_no_stream_to_deselect(shop: Shop, fault: str) -> None:
    """The setting is named."""
    plan(shop, gust(fault, "*/Account/999.json", skip=0))

    assert f"answered {fault}. Check account_id" in str(shop.run(account_id="999", ends=Refused).error)


def test_page_size_is_how_many_rows_come_at_once(shop: Shop) -> None:
    """The fewer, the more requests."""
    few = asked(shop, page_size=100)
    shop.target.state = {}

    assert asked(shop, page_size=2) > few


def asked(shop: Shop, **settings: Any) -> int:
    """How many requests a run takes."""
    return shop.run(**settings).log.count('"GET /API/V3/')


def test_there_is_one_series() -> None:
    """Any other is refused; a second one is a reason to show here what the choice does."""
    assert TapLightspeedRetail.config_jsonschema["properties"]["series"]["enum"] == ["r"]


@pytest.mark.parametrize(("value", "ends"), [("skip", None), ("fail", Refused)])
def test_on_forbidden_skips_or_fails(shop: Shop, value: str, ends: Any) -> None:
    """A stream that the scopes do not open."""
    plan(shop, gust("403", CUSTOMERS, skip=0, times=ALWAYS))

    assert ("is skipped" in shop.run(on_forbidden=value, ends=ends).log) is (value == "skip")


@pytest.mark.parametrize("name", ["one", "another"])
def test_the_token_store_is_where_the_setting_says(shop: Shop, tmp_path: Path, name: str) -> None:
    """There, with a lock beside it, and with nobody else's eyes on it."""
    shop.run(token_store=str(tmp_path / name))

    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert {each.name for each in tmp_path.iterdir()} == {name, f"{name}.lock"}


# Which rows


@dataclass
class Runs:
    """Runs of a tap that reads one stream, each from the STATE of the one before."""

    shop: Shop
    folder: Path
    stream: str
    state: dict[str, Any] | None = None

    def run(self, **settings: Any) -> list[dict[str, Any]]:
        """The records of one run; a tap that follows is stopped after ten minutes."""
        told: list[Said] = []
        watched = Watched(self.shop.box, self.folder, (self.stream,), self.state, **settings)
        if settings.get("follow"):
            watched.clock.end(600)
        watched.run(told.append)
        self.state = watched.state
        return [each.record for each in told]


@pytest.fixture
def one(shop: Shop, tmp_path: Path) -> Callable[[str], Runs]:
    """Runs over one stream."""
    return lambda stream: Runs(shop, tmp_path, stream)


def ids(records: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in records]


def gone(records: list[dict[str, Any]]) -> int:
    return len([each for each in records if each.get("deleted_at")])


def now(shop: Shop) -> datetime:
    return shop.box.clock.now().replace(microsecond=0)


def test_staff_come_where_somebody_opts_in(shop: Shop, one: Any) -> None:
    """Else the stream is not even offered."""
    assert one("employees").run(opt_in=[]) == []
    assert len(one("employees").run(opt_in=["employees"])) == len(shop.box.world.rows("Employee")) > 0


@pytest.mark.parametrize(("days", "come"), [(10, 1), (40, 24)])
def test_a_first_run_reads_what_changed_since_the_start_date(shop: Shop, one: Any, days: int, come: int) -> None:
    """Shoppers of thirty days ago, and one of today."""
    for number, row in enumerate(shop.box.world.rows("Customer")):
        shop.box.world.put("Customer", {**row, "timeStamp": now(shop) - timedelta(days=30 if number else 0)})

    assert len(one("customers").run(start_date=(now(shop) - timedelta(days=days)).isoformat())) == come


@pytest.mark.parametrize(("value", "comes"), [(60, False), (120, True)])
def test_the_bookmark_stays_behind_by_the_overlap(shop: Shop, one: Any, value: int, comes: bool) -> None:
    """A receipt that is committed with a time a hundred seconds old comes with the next run, or not by its time."""
    sales, sale = one("sales"), {**shop.box.world.rows("Sale")[0], "updateTime": now(shop)}
    shop.box.world.put("Sale", sale)
    sales.run(overlap_seconds=value, reconcile_hours=0)
    shop.box.world.put("Sale", {**sale, "saleID": 7000, "updateTime": now(shop) - timedelta(seconds=100)})

    assert ("7000" in ids(sales.run(overlap_seconds=value, reconcile_hours=0))) is comes


@pytest.mark.parametrize(("value", "departures"), [(0, 0), (1, 1), (3, 0)])
def test_a_silent_change_is_told_after_the_hours(shop: Shop, one: Any, value: int, departures: int) -> None:
    """An item that is gone, two hours later; 0 is never."""
    items = one("items")
    items.run()
    shop.box.world.remove("Item", shop.box.world.rows("Item")[0]["itemID"])
    shop.box.clock.advance(2 * HOUR)

    assert gone(items.run(reconcile_hours=value)) == departures


@pytest.mark.parametrize(("value", "come"), [(10, []), (40, ["1"])])
def test_sales_of_the_last_days_are_scanned_again(shop: Shop, one: Any, value: int, come: list[str]) -> None:
    """A receipt of thirty days ago changes without a trace; one of today is far from it by its number."""
    world, sales = shop.box.world, one("sales")
    for days, row in [(30, row) for row in world.rows("Sale")] + [(0, {**world.rows("Sale")[0], "saleID": 1_000_000})]:
        moment = now(shop) - timedelta(days=days)
        times = dict.fromkeys(("createTime", "completeTime", "timeStamp", "updateTime"), moment)
        world.put("Sale", {**row, **times, "completed": True})
    sales.run()
    world.put("Sale", {**world.tables["Sale"][1], "referenceNumber": "another"})
    shop.box.clock.advance(2 * HOUR)

    assert [each for each in ids(sales.run(reconcile_hours=1, reconcile_days=value)) if each == "1"] == come


def test_a_large_share_is_believed_to_be_deleted_where_somebody_says_so(shop: Shop, one: Any) -> None:
    """More shoppers than a few, and more than a tenth, are not there any more."""
    customers, some = one("customers"), shop.box.world.rows("Customer")[0]
    for number in range(FEW + 1):
        shop.box.world.put("Customer", {**some, "customerID": 5000 + number})
    customers.run()
    for number in range(FEW + 1):
        shop.box.world.remove("Customer", 5000 + number)
    shop.box.clock.advance(25 * HOUR)
    with pytest.raises(Unlikely):
        customers.run(max_deleted_share=0.1)

    assert gone(customers.run(max_deleted_share=1)) == FEW + 1


# When


@pytest.mark.parametrize("value", [False, True])
def test_a_tap_that_follows_stays(shop: Shop, one: Any, value: bool) -> None:
    """It polls for the ten minutes that this test gives it; else one run asks for little."""
    one("customers").run(follow=value)

    assert (shop.box.world.calls["Customer"] > 10) is value


@pytest.mark.parametrize(("value", "polls"), [({}, 10), ({"customers": 20}, 30), ({"items": 20}, 10)])
def test_polls_come_as_often_as_the_setting_says(shop: Shop, one: Any, value: dict[str, int], polls: int) -> None:
    """Those for shoppers each minute, unless somebody says otherwise; in ten minutes, beside what one run asks for."""
    customers = one("customers")
    customers.run()
    before = shop.box.world.calls["Customer"]
    customers.run(follow=True, poll_seconds=value)

    assert polls - 1 <= shop.box.world.calls["Customer"] - before <= polls + 3


@pytest.mark.parametrize("value", [0.5, 0.8])
def test_the_bucket_is_filled_but_for_the_reserve(shop: Shop, monkeypatch: pytest.MonkeyPatch, value: float) -> None:
    """Up to it, and no further."""
    levels: list[float] = []
    bucket = shop.box.world.bucket
    take = bucket.take

    def watched(*args: Any, **how: Any) -> Any:
        meter = take(*args, **how)
        level, size = map(float, meter.headers["X-LS-API-Bucket-Level"].split("/"))
        levels.append(level / size)
        return meter

    monkeypatch.setattr(bucket, "take", watched)
    shop.run(rate_reserve=value, page_size=1)

    assert 0.9 - value < max(levels) <= 1 - value


ENVIRONMENT = [
    ("page_size", "7", 7),
    ("overlap_seconds", "60", 60),
    ("reconcile_hours", "1.5", 1.5),
    ("reconcile_days", "3", 3),
    ("max_deleted_share", "0.5", 0.5),
    ("rate_reserve", "0.25", 0.25),
    ("follow", "true", True),
    ("opt_in", '["employees"]', ["employees"]),
    ("poll_seconds", '{"sales": 10}', {"sales": 10}),
]


@pytest.mark.parametrize(("name", "text", "value"), ENVIRONMENT)
def test_the_environment_holds_text_only(monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: Any) -> None:
    """It is read as what the setting is."""
    told = {"client_id": "a", "client_secret": "b", name: text}
    for each, said in told.items():
        monkeypatch.setenv(f"TAP_LIGHTSPEED_RETAIL_{each.upper()}", said)

    config = TapLightspeedRetail(parse_env_config=True).config

    assert (config[name], type(config[name])) == (value, type(value))


@pytest.mark.parametrize("name", TapLightspeedRetail.config_jsonschema["properties"])
def test_a_null_is_as_if_it_were_left_away(name: str) -> None:
    """An empty key in YAML is one; a setting that is required is missing then."""
    schema = TapLightspeedRetail.config_jsonschema
    given = {"client_id": "a", "client_secret": "b", name: None}
    left_away = {each: value for each, value in given.items() if value is not None}

    assert with_defaults(schema, given) == with_defaults(schema, left_away)
    assert bool(invalid_settings(schema, with_defaults(schema, given), "TAP_")) is (name in schema["required"])


def test_a_null_within_an_object_is_as_if_it_were_left_away() -> None:
    """The stream keeps its own rhythm."""
    schema = TapLightspeedRetail.config_jsonschema

    assert with_defaults(schema, {"poll_seconds": {"sales": None, "items": 5}})["poll_seconds"] == {"items": 5}


@pytest.mark.parametrize("value", [10**12, 10**400, 1e300])
@pytest.mark.parametrize("name", ["overlap_seconds", "reconcile_hours", "reconcile_days", "poll_seconds"])
def test_a_span_beyond_the_calendar_is_refused(name: str, value: float) -> None:
    """Nobody could reckon with it; its setting is named, and how much it may be."""
    told = {"sales": value} if name == "poll_seconds" else value
    schema = TapLightspeedRetail.config_jsonschema
    (invalid,) = invalid_settings(schema, {"client_id": "a", "client_secret": "b", name: told}, "TAP_")

    assert f"Setting `{name}" in invalid
    assert "maximum" in invalid
