"""A catalog that cannot be read ends in one sentence before anything is read; any other one is run with."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tap_lightspeed_retail import tap as door
from tap_lightspeed_retail.catalog import read_catalog
from tap_lightspeed_retail.errors import SettingsError
from tap_lightspeed_retail.scan import Batch, Reading, Scan
from tap_lightspeed_retail.series import Offer
from tap_lightspeed_retail.tap import TapLightspeedRetail

CONFIG = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
NOON = "2026-01-31T12:00:00+00:00"
PLAIN = {"account_id": "1", "updated_at": NOON, "unreadable": ["note"]}
STREAMS = ("shops", "customers", "sales", "sale_lines")


class One:
    """A series with one row, and one that was deleted, in each stream."""

    account_id = "1"
    requests = 1

    def now(self) -> str:
        return NOON

    def scans(self, _stream: str, _state: dict[str, Any]) -> list[Scan]:
        reading = Reading("5", {"id": "5", **PLAIN}, 1, 1, {"sale_lines": [{"id": "6", **PLAIN}]})
        return [Scan(1, lambda: iter([Batch([reading], ["7"])]))]


@pytest.fixture(scope="module", autouse=True)
def _one() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(door.SERIES, "r", Offer(lambda _settings, _clock: One(), lambda _stream, _bookmark: None))
        yield


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """What --discover writes, of a few streams."""
    streams = json.loads(TapLightspeedRetail(config=CONFIG).catalog_json_text)["streams"]
    return {"streams": [each for each in streams if each["tap_stream_id"] in STREAMS]}


def run(catalog: Any) -> None:
    """As the command does."""
    TapLightspeedRetail(config=CONFIG, catalog=read_catalog(catalog)).sync_all()


def refusal(catalog: Any) -> str:
    """The sentence that it is refused with."""
    with pytest.raises(SettingsError) as caught:
        run(catalog)
    assert caught.value.exit_code == 2
    assert str(caught.value).endswith(
        "Make it anew: `tap-lightspeed-retail --config <file> --discover > catalog.json`."
    )
    return str(caught.value)


@pytest.mark.parametrize(
    ("catalog", "what"),
    [
        ({"streams": None}, "streams is not a list of streams."),
        ({"streams": {}}, "streams is not a list of streams."),
        ({"streams": [5]}, "streams.0 is not an object with a tap_stream_id."),
        ({"streams": [{}]}, "streams.0 is not an object with a tap_stream_id."),
        ({"streams": [{"tap_stream_id": None}]}, "streams.0.tap_stream_id is not a text."),
    ],
)
def test_what_is_no_catalog_is_named(catalog: Any, what: str) -> None:
    """By its place in the file."""
    assert refusal(catalog).startswith(f"--catalog: {what}")


def of_root(**root: Any) -> list[dict[str, Any]]:
    return [{"breadcrumb": [], "metadata": {"selected": True, **root}}]


ID = {"id": {"type": "string"}, "updated_at": {"type": "string", "format": "date-time"}}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"key_properties": "id"}, "key_properties is not a list of texts"),
        ({"key_properties": [5]}, "key_properties.0 is not a text"),
        ({"replication_key": 5}, "replication_key is not a text"),
        ({"replication_key": "nowhere"}, "replication_key is not a property of its schema"),
        (
            {"replication_key": None, "metadata": of_root(**{"replication-key": "nowhere"})},
            "replication_key is not a prop",
        ),
        ({"replication_method": []}, "replication_method is not a text"),
        ({"stream": "another"}, "stream is not the same as tap_stream_id"),
        ({"schema": None}, "schema is not an object"),
        ({"schema": {}}, "replication_key is not a property of its schema"),
        ({"schema": {"properties": 5}}, "schema.properties is not an object of objects"),
        ({"schema": {"properties": {"id": True}}}, "schema.properties.id is not an object"),
        ({"schema": {"properties": {"id": {"type": "nonsense"}}}}, "schema.properties.id.type is not JSON Schema"),
        ({"schema": {"properties": ID, "required": ["nowhere"]}}, "schema.required is not of properties of its schema"),
        ({"metadata": None}, "metadata is not a list"),
        ({"metadata": [5]}, "metadata.0 is not an object with breadcrumb and metadata"),
        ({"metadata": [{"metadata": {}}]}, "metadata.0 is not an object with breadcrumb and metadata"),
        ({"metadata": [{"breadcrumb": [[]], "metadata": {}}]}, "metadata.0.breadcrumb.0 is not a text"),
        ({"metadata": of_root(selected="false")}, "metadata.0.metadata.selected is not true or false"),
    ],
)
def test_a_stream_of_it_that_cannot_be_read_is_named(made: dict[str, Any], changes: dict[str, Any], place: str) -> None:
    """By stream and word, and what was expected there."""
    catalog = copy.deepcopy(made)
    next(each for each in catalog["streams"] if each["tap_stream_id"] == "customers").update(changes)

    assert refusal(catalog).startswith(f"--catalog: streams.customers.{place}")


def test_half_a_character_in_it_is_named(made: dict[str, Any]) -> None:
    """Nothing can write it."""
    catalog = copy.deepcopy(made)
    catalog["streams"][0]["schema"]["description"] = "\ud800"

    assert "streams.0.schema.description is not text without halves" in refusal(catalog)


@pytest.mark.parametrize("extra", [{}, {"row_count": "many"}, {"stream": None}, {"metadata": []}])
def test_what_nobody_reads_of_it_may_be_anything(made: dict[str, Any], extra: dict[str, Any]) -> None:
    """And streams of another tap are passed over."""
    catalog = copy.deepcopy(made)
    catalog["streams"][0].update(extra)
    catalog["streams"].append({"tap_stream_id": "of another tap", "stream": "x"})

    run(catalog)


# The law: a run, or a sentence

ODD = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2)
NEARLY = st.sampled_from(["", "id", "nowhere", "FULL_TABLE", "string", "date-time", ["id"], [], {}, [5], {"id": {}}])


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """(holder, name) of everything within a catalog."""
    inner = list(node.items()) if isinstance(node, dict) else list(enumerate(node)) if isinstance(node, list) else []
    for name, value in inner:
        yield node, name
        yield from places(value)


@given(seed=st.integers(0, 10**9), depth=st.integers(1, 8), odd=NEARLY | ODD)
def test_whatever_a_catalog_is_a_run_goes_with_it_or_it_is_refused(
    made: dict[str, Any], seed: int, depth: int, odd: Any
) -> None:
    """One place of it is something else."""
    catalog, random = copy.deepcopy(made), Random(seed)
    holder, name = catalog, "streams"
    for _ in range(depth):
        inner = list(places(holder[name]))
        holder, name = random.choice(inner) if inner else (holder, name)
    holder[name] = odd
    try:
        run(catalog)
    except SettingsError as refused:
        str(refused).encode()
