"""Whatever somebody sets, a run starts, or sentences name what is wrong; a value is never in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from singer_sdk.exceptions import ConfigValidationError
from tap_lightspeed_retail.clock import Clock
from tap_lightspeed_retail.errors import SettingsError, TapError
from tap_lightspeed_retail.tap import TapLightspeedRetail

CONFIG = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
ADDRESS = "is not an http or https address such as https://api.lightspeedapp.com."
AN_INSTANT = "is not an instant such as 2026-01-31T00:00:00Z, from 1970 on."
WHOLE = "is not text without halves of characters (lone surrogates)."


def refusals(**settings: Any) -> list[str]:
    """The sentences that settings are refused with."""
    with pytest.raises(ConfigValidationError) as caught:
        TapLightspeedRetail(config={**CONFIG, **settings})
    return list(caught.value.errors)


@pytest.mark.parametrize("name", ["api_url", "auth_url"])
@pytest.mark.parametrize(
    "address",
    [
        *("api.lightspeedapp.com", "", "https://", "https:///path", "https://a b.example", "ftp://a.example"),
        *("http://[", "http://[::1", "http://a:99999", "http://a:0x1", "http://a\0b", "http://a\nb", "http://a\\b"),
        *(f"http://{'a' * 64}.example", "http://a..example", "http://.example", " http://a.example", "http://a?b=c"),
        *("http://a#b",),
    ],
)
def test_what_can_be_no_address_is_named(name: str, address: str) -> None:
    """Before anything is asked for."""
    assert refusals(**{name: address}) == [f"Setting `{name}` {ADDRESS} Mend it in meltano.yml or in the config file."]


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9", "http://[::1]:80", "HTTPS://A.example/", "https://ä.example", "http://localhost/x"],
)
def test_an_address_is_taken(address: str) -> None:
    """A proxy's on a path of its own, too."""
    assert TapLightspeedRetail(config={**CONFIG, "api_url": address}).config["api_url"] == address


@pytest.mark.parametrize(
    "text",
    [
        *("x", "0000-01-01", "0001-01-01T00:00:00Z", "1969-12-31", "9999-12-31T23:59:59-05:00", "2026-02-30", "2026"),
        *("20260131", "2026-W05-6", "2026-01-31T25:00:00Z", "2026-01-31T", "12:00", "2026-01-31T12:00:00+99:00"),
    ],
)
def test_what_is_no_start_date_is_named(text: str) -> None:
    """A year before the vendor's time, or beyond the calendar, is none either."""
    assert refusals(start_date=text) == [
        f"Setting `start_date` {AN_INSTANT} Mend it in meltano.yml or in the config file."
    ]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-31", "2026-01-31T00:00:00+00:00"),
        ("2026-01-31T12:00:00", "2026-01-31T12:00:00+00:00"),
        ("2026-01-31 12:00:00Z", "2026-01-31T12:00:00+00:00"),
        ("2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00+00:00"),
        ("", ""),
    ],
)
def test_a_start_date_is_an_instant_whichever_machine_reads_it(text: str, instant: str) -> None:
    """A day, and an instant without offset, are in UTC."""
    assert TapLightspeedRetail(config={**CONFIG, "start_date": text}).config["start_date"] == instant


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        *(({name: "\ud800"}, name) for name in ("client_id", "client_secret", "refresh_token", "account_id")),
        ({"token_store": "a/\ud800"}, "token_store"),
        ({"stream_maps": {"customers": {"note": "'\ud800'"}}}, "stream_maps.customers.note"),
        ({"stream_maps": {"\ud800": None}}, r"stream_maps.\ud800"),
        ({"nobodys": ["\ud800"]}, "nobodys.0"),
    ],
)
def test_half_a_character_is_named(settings: dict[str, Any], name: str) -> None:
    """Nothing can send it or write it."""
    assert f"Setting `{name}` {WHOLE} Mend it in meltano.yml or in the config file." in refusals(**settings)


@pytest.mark.parametrize("maps", [{"customers": {"note": "("}}, {"customers": {"__key_properties__": ["nowhere"]}}])
def test_stream_maps_that_the_sdk_cannot_make_are_a_setting_that_is_wrong(maps: Any) -> None:
    """It says so in errors of many kinds, which quote the setting."""
    with pytest.raises(SettingsError, match=r"stream_maps: The SDK cannot make stream maps of it: \w+\. See https://"):
        TapLightspeedRetail(config={**CONFIG, "stream_maps": maps})


def test_a_wrong_rest_of_stream_maps_is_named() -> None:
    """The SDK's own schema ends there in an error of the validator."""
    assert any("Setting `stream_maps.__else__` breaks" in each for each in refusals(stream_maps={"__else__": 5}))


# The law: a run starts, or it is said why not

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NEARLY = st.sampled_from(
    [
        *("", "\ud800", "\0", "r", "skip", "2026-01-31", "http://a.example", "http://*", "1", "nan", ".", "..", "é"),
        *({}, [], {"sales": 5}, {"customers": {"note": "("}}, {"customers": {"x": "1"}}, {"__else__": "__NULL__"}),
        *({"customers": {"__else__": 5}}, {"customers": "__NULL__"}, {"x": {"__source__": "nowhere"}}, ["employees"]),
    ]
)
SETTINGS: dict[str, Any] = {"properties": {**TapLightspeedRetail.config_jsonschema["properties"]}}
TapLightspeedRetail.append_builtin_config(SETTINGS)
NAMES = ["nobodys", *SETTINGS["properties"]]


class Hasty(Clock):
    """Nothing waits."""

    def sleep(self, seconds: float) -> None:
        del seconds


@pytest.fixture(scope="module", autouse=True)
def _offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Requests are made, and not sent; the token store is in a folder of its own."""

    def lost(*_: Any, **__: Any) -> None:
        raise requests.ConnectionError

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("here"))
        patch.setattr(requests.Session, "send", lost)
        yield


@given(st.sampled_from(NAMES), NEARLY | JSON)
def test_whatever_a_setting_is_a_run_starts_or_it_is_named(name: str, value: Any) -> None:
    """A run has started where it asks for a token."""
    if name == "token_store" and isinstance(value, str):
        value = value.replace("/", "")
    try:
        tap = TapLightspeedRetail(config={**CONFIG, name: value})
        tap.clock = Hasty()
        tap.sync_all()
    except ConfigValidationError as refused:
        "".join(refused.errors).encode()
    except TapError as ended:
        assert_named(ended, name)
    for each in Path().iterdir():
        each.unlink()


def assert_named(ended: TapError, name: str) -> None:
    """A setting, where it is one that is wrong; else nobody has answered."""
    if isinstance(ended, SettingsError):
        assert name in str(ended)
    else:
        assert "The authorization server did not answer" in str(ended)
