"""Each setting of the tap has an effect: with two values, a run does two things that a hand has written down."""

from __future__ import annotations

from typing import Any

import pytest
from tap_lightspeed_retail.errors import Refused, TapError
from tap_lightspeed_retail.tap import TapLightspeedRetail

from .runs import ALWAYS, CUSTOMERS, Shop, gust, plan

TABLE: dict[str, tuple[Any, type[BaseException]]] = {
    "client_id": ("nobody", TapError),
    "client_secret": ("wrong", TapError),
    "refresh_token": ("stale", TapError),
    "account_id": ("999", TapError),
    "api_url": ("http://127.0.0.1:9", TapError),
    "auth_url": ("http://127.0.0.1:9", TapError),
}
"""Settings without which nothing is read: a wrong value, and what the run ends with."""
BELOW = {"page_size", "on_forbidden", "token_store"}
ELSEWHERE = {
    "series": "one value only",
    "opt_in": "test_all_streams",
    "start_date": "test_growth",
    "overlap_seconds": "test_loses_nothing: the bookmark's distance",
    "reconcile_hours": "test_loses_nothing, test_what_left",
    "reconcile_days": "test_what_left",
    "max_deleted_share": "test_absence",
    "follow": "test_follow",
    "poll_seconds": "test_follow",
    "rate_reserve": "test_throttle",
    "stream_maps": "the SDK's",
    "stream_map_config": "the SDK's",
    "faker_config": "the SDK's",
    "flattening_enabled": "the SDK's",
    "flattening_max_depth": "the SDK's",
    "flattening_max_key_length": "the SDK's",
    "flattening_separator": "the SDK's",
}
"""Settings whose effect other tests show."""


def test_every_setting_is_written_down_here() -> None:
    """A new one fails until somebody has said what it does."""
    declared = {**TapLightspeedRetail.config_jsonschema["properties"]}
    TapLightspeedRetail.append_builtin_config({"properties": declared})

    assert {*declared} == {*TABLE, *BELOW, *ELSEWHERE}


@pytest.mark.parametrize("name", TABLE)
def test_a_wrong_value_opens_nothing(shop: Shop, name: str) -> None:
    """And the right one reads the shop."""
    value, ends = TABLE[name]
    assert shop.run(**{name: value}, ends=ends).messages == []


def test_page_size_is_how_many_rows_come_at_once(shop: Shop) -> None:
    """The fewer, the more requests."""
    few = asked(shop, page_size=100)
    shop.target.state = {}

    assert asked(shop, page_size=2) > few


def asked(shop: Shop, **settings: Any) -> int:
    """How many requests a run takes."""
    return shop.run(**settings).log.count('"GET /API/V3/')


@pytest.mark.parametrize(("value", "ends"), [("skip", None), ("fail", Refused)])
def test_on_forbidden_skips_or_fails(shop: Shop, value: str, ends: Any) -> None:
    """A stream that the scopes do not open."""
    plan(shop, gust("403", CUSTOMERS, skip=0, times=ALWAYS))

    assert ("is skipped" in shop.run(on_forbidden=value, ends=ends).log) is (value == "skip")


def test_the_token_store_is_where_the_setting_says(shop: Shop, tmp_path: Any) -> None:
    """There, and with nobody else's eyes on it."""
    store = tmp_path / "elsewhere.json"
    shop.run(token_store=str(store))

    assert store.stat().st_mode & 0o777 == 0o600


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
