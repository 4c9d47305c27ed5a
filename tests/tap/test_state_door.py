"""A STATE that cannot be read ends in one sentence before anything is read; whatever else it says goes on in a run.

What stands in it at random follows from hypothesis; the vendor is the one of ``test_fuzz``, undamaged.
"""

from __future__ import annotations

import ast
import copy
import inspect
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tap_lightspeed_retail.errors import SettingsError
from tap_lightspeed_retail.r_series import bookmark as bookmark_module
from tap_lightspeed_retail.r_series import departures, progress, reread
from tap_lightspeed_retail.r_series.bookmark import RENAMED, Bookmark, Position
from tap_lightspeed_retail.r_series.bookmark_schema import bookmark_misfit, words_of
from tap_lightspeed_retail.r_series.ids import END
from tap_lightspeed_retail.r_series.progress import Progress
from tap_lightspeed_retail.r_series.scans import by_children, by_id, by_time, full, still_open
from tap_lightspeed_retail.r_series.table import SOURCES
from tap_lightspeed_retail.tap import TapLightspeedRetail

from .old_states import FIXTURE
from .test_fuzz import A_DAY_LATER, Fuzzed, Vendor

CONFIG = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
NOON = "2026-01-31T12:00:00+00:00"
AN_ID = "whole number from 0 on"
AN_INSTANT = "an instant such as 2026-01-31T12:00:00+00:00"


def taken(state: Any) -> TapLightspeedRetail:
    """A tap that has taken it up, as the command does before it reads anything."""
    tap = TapLightspeedRetail(config=CONFIG, state=copy.deepcopy(state))
    tap._reset_state_progress_markers()
    return tap


def refusal(state: Any) -> str:
    """The sentence that it is refused with."""
    with pytest.raises(SettingsError) as caught:
        taken(state)
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("state", "place", "wanted"),
    [
        ({"bookmarks": None}, "bookmarks", "an object that holds a bookmark for each stream"),
        ({"bookmarks": []}, "bookmarks", "an object that holds a bookmark for each stream"),
        ({"account_id": 5}, "account_id", "a text"),
        ({"account_id": "\ud800"}, "account_id", "halves of characters"),
        ({"note": ["\ud800"]}, "note.0", "halves of characters"),
        ({"note": {"\ud800": 1}}, r"note.\ud800", "halves of characters"),
    ],
)
def test_a_state_that_is_none_is_refused(state: Any, place: str, wanted: str) -> None:
    """The word is named, and what was expected there."""
    told = refusal(state)

    assert told.startswith(f"state: {place} is not ")
    assert wanted in told
    assert told.endswith("Repair the state, or clear it: everything is then read anew.")


@pytest.mark.parametrize(
    ("stream", "bookmark", "place", "wanted"),
    [
        ("customers", None, "", "an object"),
        ("customers", [], "", "an object"),
        ("of another tap", 5, "", "an object"),
        ("customers", {"progress_markers": None}, "progress_markers", "an object"),
        ("of another tap", {"progress_markers": 5}, "progress_markers", "an object"),
        ("customers", {"partitions": {}}, "partitions", "a list of objects"),
        ("customers", {"partitions": [5]}, "partitions.0", "an object"),
        ("customers", {"partitions": [{"progress_markers": []}]}, "partitions.0.progress_markers", "an object"),
        ("customers", {"replication_key_value": 5}, "replication_key_value", AN_INSTANT),
        ("customers", {"replication_key_value": "yesterday"}, "replication_key_value", AN_INSTANT),
        ("customers", {"replication_key_value": "2026-01-31T12:00:00Z"}, "replication_key_value", AN_INSTANT),
        ("customers", {"replication_key_value": "2026-02-31T12:00:00+00:00"}, "replication_key_value", AN_INSTANT),
        ("customers", {"replication_key_value": "0001-01-01T00:00:00+00:00"}, "replication_key_value", AN_INSTANT),
        ("customers", {"last_id": "5"}, "last_id", AN_ID),
        ("customers", {"last_id": -1}, "last_id", AN_ID),
        ("customers", {"last_id": 0.5}, "last_id", AN_ID),
        ("customers", {"last_id": True}, "last_id", AN_ID),
        ("customers", {"passed_id": []}, "passed_id", AN_ID),
        ("customers", {"span": -100}, "span", AN_ID),
        ("customers", {"scan_began": {}}, "scan_began", AN_INSTANT),
        ("customers", {"scanned_at": "2026"}, "scanned_at", AN_INSTANT),
        ("customers", {"known": [1, 2]}, "known", "rising ids"),
        ("customers", {"known": "5 1-3"}, "known", "rising ids"),
        ("customers", {"known": "9-1"}, "known", "rising ids"),
        ("customers", {"known": "1-4611686018427387904"}, "known", "rising ids"),
        ("customers", {"known": "²"}, "known", "rising ids"),
        ("customers", {"known": "1-2-3"}, "known", "rising ids"),
        ("customers", {"blocks": "7"}, "blocks", "digests by number"),
        ("customers", {"blocks": {"7": 5}}, "blocks", "digests by number"),
        ("customers", {"positions": []}, "positions", "an object of positions by table"),
        ("sales", {"positions": {"SaleLine": "1-5"}}, "positions.SaleLine", AN_INSTANT),
        ("sales", {"positions": {"SaleLine": None}}, "positions.SaleLine", AN_INSTANT),
        ("sales", {"positions": {"SaleLine": f"{NOON} x"}}, "positions.SaleLine", AN_INSTANT),
        ("sales", {"positions": {"SaleLine": f"{NOON} 7-9"}}, "positions.SaleLine", AN_INSTANT),
        ("sales", {"seen": {"SaleLine": f"{NOON} 7-9"}}, "seen.SaleLine", AN_INSTANT),
        ("sales", {"positions": {"SaleLine": f"{NOON} 7 9"}}, "positions.SaleLine", AN_INSTANT),
        ("sales", {"positions": {"SaleLine": f"{NOON} "}}, "positions.SaleLine", AN_INSTANT),
        ("sales", {"positions": {"SaleLine": f"{NOON}  7"}}, "positions.SaleLine", AN_INSTANT),
        ("sales", {"positions": {"SaleLine": f"{NOON} 7\n"}}, "positions.SaleLine", AN_INSTANT),
        ("sales", {"positions": {"SaleLine": f"{NOON} -7"}}, "positions.SaleLine", AN_INSTANT),
        ("sales", {"positions": {"SaleLine": f"{NOON} +7"}}, "positions.SaleLine", AN_INSTANT),
        ("sales", {"positions": {"SalePayment": NOON}}, "positions.SalePayment", "rising ids"),
        ("sales", {"positions": {"timeStamp": 5}}, "positions.timeStamp", AN_INSTANT),
        ("sales", {"seen": {"timeStamp": 5}}, "seen.timeStamp", AN_INSTANT),
        ("sale_voids", {"positions": {"SaleVoid": 5}}, "positions.SaleVoid", "rising ids"),
        ("sales", {"open": "7:xyz"}, "open", "digests by number"),
        ("sales", {"open_parts": "7:1-3"}, "open_parts", "rows with 2 lists of ids"),
        ("sales", {"open_parts": "7:1-3:5,4"}, "open_parts", "rows with 2 lists of ids"),
        ("sales", {"open_parts": "7:1-3:1-1000000000"}, "open_parts", "rows with 2 lists of ids"),
        ("sales", {"open_parts": "7:1-3:5:6"}, "open_parts", "rows with 2 lists of ids"),
        ("sales", {"open_parts": "7-9:1-3:5"}, "open_parts", "rows with 2 lists of ids"),
        ("sales", {"open_parts": "1-3"}, "open_parts", "rows with 2 lists of ids"),
        ("sales", {"open_parts": "²:1-3:5"}, "open_parts", "rows with 2 lists of ids"),
        ("sales", {"emitted_parts": {"SaleLine": 5}}, "emitted_parts.SaleLine", "rising ids"),
        ("sales", {"missing_parts": "1-3"}, "missing_parts", "an object of rising ids"),
        ("customers", {"odd": "\ud800"}, "odd", "halves of characters"),
    ],
)
def test_a_bookmark_that_cannot_be_read_is_refused(stream: str, bookmark: Any, place: str, wanted: str) -> None:
    """Stream and word are named, what was expected there, and what to do; not what is there instead."""
    told = refusal({"account_id": "1000", "bookmarks": {stream: bookmark}})

    assert told.startswith(f"state: bookmarks.{stream}{'.' if place else ''}{place} is not ")
    assert wanted in told
    assert told.endswith(f"Repair the state, or remove the bookmark of {stream}: that stream is then read anew.")


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"bookmarks": {}},
        {"currently_syncing": None, "bookmarks": {"of another tap": {"last_id": "x", "known": {}}}},
        {"bookmarks": {"customers": {}}},
        {"bookmarks": {"customers": {"replication_key": "updated_at", "replication_key_value": NOON}}},
        {"bookmarks": {"customers": {"starting_replication_value": None, "replication_key_signpost": NOON}}},
        {"bookmarks": {"customers": {"progress_markers": {"Note": "x"}, "partitions": [{"context": {}}]}}},
        {"bookmarks": {"customers": {"last_id": None, "known": None, "positions": None, "scanned_at": ""}}},
        {"bookmarks": {"customers": {"odd": {"deep": [1.5, None, True]}}}},
        {"bookmarks": {"sales": {"positions": {"SaleLine": "", "SaleVoid": "", "odd": 5}, "open_parts": "7::1,3-4"}}},
        {"bookmarks": {"sale_lines": {"known": 5}}},
        *(each["state"] for each in json.loads(FIXTURE.read_text("utf-8")).values()),
    ],
)
def test_what_the_sdk_others_and_older_versions_write_is_taken(state: Any) -> None:
    """Word for word: what nobody here reads stays as it is."""
    taken(state)


# The law: each word that is read is declared


def test_every_word_that_is_read_is_declared() -> None:
    """A new one fails until somebody has said what it holds."""
    declared = {word for source in SOURCES.values() for word in words_of(source)}
    read = {
        node.args[0].value
        for module in (bookmark_module, departures, progress, reread, by_children, by_id, by_time, full, still_open)
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("text", "number", "ids", "sets", "_digests")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }

    assert {*RENAMED.values()} <= declared
    assert read <= declared
    assert len(read) > 10


# The law: a run, or a sentence

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NEARLY = st.sampled_from(
    [
        *("", NOON, f"{NOON} 5", "9999-12-31T23:59:59+00:00", "1-3", "1-3 7", "5 4", "3-1", "7:1c", "0:0 3:ff"),
        *("7:1:2", "7:1:", "7::", "7", "\ud800", "1:2:3:4", 0, 1, 7, 100, 2**62, 2**62 + 1, -1, {}, [], None),
        *({"SaleLine": NOON}, {"SaleLine": "1-3"}, {"SalePayment": "1-3", "SaleVoid": "5"}, {"odd": "1"}),
        *({"timeStamp": NOON}, {"SaleVoid": "1-9"}, {"InventoryLog": "1-9"}, {"InventoryLog": 5}),
        *({"SaleLine": f"{NOON} {near}"} for near in ("7", "7-9", "7 9", "-7", "+7", " 7", "7 ", "", "07")),
        *({"timeStamp": f"{NOON} {near}"} for near in ("7", "7-9", "7 9")),
    ]
)
WORDS = sorted({word for source in SOURCES.values() for word in words_of(source)} | {*RENAMED})
OF_THE_SDK = [
    *("replication_key", "replication_key_value", "starting_replication_value", "replication_key_signpost"),
    *("progress_markers", "partitions", "odd"),
]
BOOKMARKS = JSON | st.dictionaries(st.sampled_from([*WORDS, *OF_THE_SDK]), NEARLY | JSON, max_size=4)
STATES = st.dictionaries(st.sampled_from(["account_id", "bookmarks", "odd"]), JSON) | st.fixed_dictionaries(
    {"bookmarks": st.dictionaries(st.text(), JSON, max_size=2)}
)


def attempt(state: Any) -> TapLightspeedRetail | None:
    """A tap that has taken it up, or None where a sentence, which every log can hold, refuses it."""
    try:
        return taken(state)
    except SettingsError as refused:
        str(refused).encode()
        return None


NEAR_TEXTS = st.lists(
    st.sampled_from(
        [NOON, *("7", "9", "0", "19" * 9, "-", "+", ":", ",", " ", "\n", "_", "²", "\u0667", "1c", "7:1:2")]
    ),
    max_size=6,
).map("".join)


@given(NEAR_TEXTS)
@example(f"{NOON} 7-9")
def test_whatever_position_is_taken_can_be_read(said: str) -> None:
    """And is an instant with an id, or without."""
    for word in ("positions", "seen"):
        if bookmark_misfit("sales", {word: {"SaleLine": said}}) is None:
            position = Position.read(said)
            assert position.stamp in ("", NOON)
            assert 0 <= position.id <= END


@given(st.sampled_from(["known", "scan_missing", "blocks", "open", "open_parts"]), NEAR_TEXTS)
@example("open_parts", "7-9:1:2")
@example("open_parts", "7:1")
def test_whatever_text_is_taken_can_be_read(word: str, said: str) -> None:
    """Each word by what reads it, and each unfinished row with as many lists as are watched."""
    if bookmark_misfit("sales", {word: said}) is None:
        bookmark = Bookmark({word: said}, None)
        read: Any = getattr(bookmark, word) if word in ("blocks", "open", "open_parts") else bookmark.ids(word)
        assert bool(len(read)) == bool(said.strip())
        assert all(len(lists) == len(SOURCES["sales"].watched) for lists in bookmark.open_parts.values())


@given(STATES)
def test_whatever_a_state_is_it_is_taken_or_refused(state: Any) -> None:
    """And never ends otherwise."""
    attempt(state)


@pytest.fixture(scope="module")
def fuzzed() -> dict[str, Fuzzed]:
    return {name: Fuzzed(name) for name in ("customers", "sales", "gift_cards", "shops", "inventory_log", "sale_voids")}


@given(data=st.data())
def test_whatever_a_bookmark_is_a_run_goes_on_from_it_or_it_is_refused(
    fuzzed: dict[str, Fuzzed], data: st.DataObject
) -> None:
    """A sound bookmark with a few words that are odd, in scans of each kind."""
    stream = data.draw(st.sampled_from(sorted(fuzzed)))
    odd = data.draw(BOOKMARKS)
    bookmark = {**fuzzed[stream].first, **odd} if isinstance(odd, dict) else odd
    tap: Any = attempt({"bookmarks": {stream: bookmark}})
    if tap:
        fuzzed[stream].run(Vendor(date=A_DAY_LATER), tap.state["bookmarks"].get(stream, {}))


@pytest.mark.parametrize("name", ["customers", "sales", "gift_cards", "shops"])
@pytest.mark.parametrize("word", ["known", "scan_missing"])
def test_more_rows_than_can_be_asked_for_are_refused_before_anybody_is_asked(
    fuzzed: dict[str, Fuzzed], name: str, word: str
) -> None:
    """A STATE of a thousand million rows costs no more than one of a thousand: it is not counted one by one."""
    bookmark = {**fuzzed[name].first, word: "1-1000000000", "known": "1-1000000000", "scanned_at": ""}

    fuzzed[name].run(Vendor(date=A_DAY_LATER), bookmark)

    assert fuzzed[name].stream.stopped_by is not None
    assert "rows that are not there, more than can be asked for by their ids" in str(fuzzed[name].stream.stopped_by)


def test_parts_of_a_thousand_million_are_forgotten_from_the_highest_on(fuzzed: dict[str, Fuzzed]) -> None:
    """So many at once as ever."""
    bookmark = {**fuzzed["sales"].first, "emitted_parts": {"SaleLine": "1-1000000000"}, "scanned_at": ""}

    fuzzed["sales"].run(Vendor(date=A_DAY_LATER), bookmark)

    assert fuzzed["sales"].stream.stream_state["missing_parts"] == {}


def test_a_bookmark_without_its_instant_reads_all_changes(fuzzed: dict[str, Fuzzed]) -> None:
    """Somebody has taken it out: before it, nothing is known to be read."""
    bookmark = {**fuzzed["customers"].first, "replication_key_value": ""}

    fuzzed["customers"].run(Vendor(date=A_DAY_LATER), bookmark)

    assert fuzzed["customers"].stream.stream_state["replication_key_value"] > "2"


def test_parts_that_are_missing_may_be_of_a_list_of_which_none_was_emitted() -> None:
    """There is nothing to take out, and they are not expected any more."""
    progress_of_sales = Progress(SOURCES["sales"], Bookmark({"missing_parts": {"SaleLine": "7"}}, None), lambda: NOON)

    changes = progress_of_sales.without_missing_parts({"SaleLine": [7]})

    assert changes == {"emitted_parts": {}, "missing_parts": {}}
