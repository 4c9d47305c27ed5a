"""A STATE of the version before is taken up: nothing is read again for it, and no deletion is lost."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tap_lightspeed_retail.r_series.bookmark import RENAMED, Bookmark

from .old_states import FIXTURE, STORIES, Told, begun, run

SAID: dict[str, Any] = json.loads(FIXTURE.read_text("utf-8"))
GROWN = {"customers"}
"""Streams whose records have a property more than they had then: a block of rows that was known is another one."""


@pytest.mark.parametrize("name", STORIES)
def test_a_run_goes_on_from_a_state_of_the_version_before(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It emits what that version would have emitted, and rows that say more by now; it asks no more for it."""
    said = SAID[name]

    told = _continued(name, tmp_path, capsys, monkeypatch)

    emitted, expected = Counter(told.records), Counter(tuple(each) for each in said["records"])
    assert expected - emitted == Counter()
    assert all(stream in GROWN and not is_deleted for stream, _, is_deleted in emitted - expected)
    assert told.requests == said["requests"]


def test_the_stories_are_of_all_kinds() -> None:
    """What STATE can hold is in one of them: a scan that was cut, what it has missed, open sales with their lines."""
    held = {
        word
        for each in SAID.values()
        for mark in each["state"]["bookmarks"].values()
        for word, what in mark.items()
        if what
    }

    assert held >= {
        *(
            "replication_key_value",
            "passed_id",
            "seen",
            "known",
            "blocks",
            "open",
            "within",
            "told",
            "unmet",
            "swept_at",
        ),
        *("sweep_began", "sweep_id", "sweep_missing"),
    }
    assert any(deleted for each in SAID.values() for _, _, deleted in each["records"])


def test_each_word_of_the_version_before_is_read_under_the_one_of_today() -> None:
    """And what is called today as it was then stays as it is."""
    now = {
        "passed_id": "last_id",
        "seen": "positions",
        "sweep_began": "scan_began",
        "sweep_from": "scan_from",
        "sweep_id": "scan_id",
        "sweep_sum": "scan_digest",
        "sweep_missing": "scan_missing",
        "swept_at": "scanned_at",
        "within": "open_parts",
        "told": "emitted_parts",
        "unmet": "missing_parts",
        "known": "known",
        "span": "span",
    }
    state: dict[str, Any] = {then: f"what was {then}" for then in now}
    Bookmark(state, None)

    assert state == {today: f"what was {then}" for then, today in now.items()}


@pytest.mark.parametrize(("then", "now"), RENAMED.items())
def test_where_both_words_stand_the_one_of_today_is_read(then: str, now: str) -> None:
    """Whichever comes first: what this version wrote is the newer of the two."""
    for words in ((then, now), (now, then)):
        state = {word: f"what was {word}" for word in words}
        Bookmark(state, None)

        assert state == {now: f"what was {now}"}


def _continued(name: str, folder: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> Told:
    """The last run of a story, whose earlier runs were the old version's."""
    said = SAID[name]
    with begun(name) as (box, runs):
        for moment in said["clocks"]:
            next(runs)
            box.clock.advance((datetime.fromisoformat(moment) - box.clock.now()).total_seconds())
        return run(box, said["state"], folder=folder, capsys=capsys, patch=patch, how=next(runs))
