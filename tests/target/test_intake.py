"""What each message does, damaged or sound: held, ignored, or the end of the run; and STATE passes nothing."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from target_salesforce_retail.errors import ConfigError, InputError
from target_salesforce_retail.nouns import Outcome, Verdict

from tests.target.doorway import Doorway, Line, record, schema, state

CANARY = "quince@example.org"


@pytest.fixture
def doorway(caplog: pytest.LogCaptureFixture) -> Doorway:
    caplog.set_level(1)
    return Doorway()


def damaged(what: Any) -> Line:
    return {"type": "RECORD", "stream": "customers", "record": what}


# Held: there is a record, and a stream


@pytest.mark.parametrize(
    "line",
    [
        damaged(None),
        damaged(CANARY),
        damaged([CANARY]),
        damaged(5),
        damaged({}),
        {"type": "RECORD", "stream": "customers"},
        damaged({"id": "2", "email": CANARY}),
        record("customers", 2, **{f"\ud83d{CANARY}": 1}),
    ],
    ids=lambda line: str(line)[:90],
)
def test_a_damaged_record_is_held_and_its_neighbours_go_in(
    doorway: Doorway, line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    """With its payload; the log holds nothing of it."""
    assert doorway.hear(schema("customers"), record("customers", 1), line, record("customers", 3), state(1)) is None

    assert doorway.verdicts() == ["created", "held invalid", "created"]
    assert doorway.states == [{"n": 1}]
    assert len(doorway.world.rows("Contact")) == 2
    (held,) = doorway.world.ledger.held("customers")
    assert held.flaws
    assert "quince" not in caplog.text


@pytest.mark.parametrize(
    "line",
    [
        record("customers", 2, email=f"\ud83d{CANARY}"),
        record("customers", 2, points=CANARY),
        record("customers", 2, email={"a": [CANARY]}),
        json.dumps(record("customers", 2, points=0)).replace('"points": 0', f'"points": "{CANARY}", "points": NaN'),
        json.dumps(record("customers", 2, tags=[])).replace("[]", "[" * 5000 + f'"{CANARY}"' + "]" * 5000),
        json.dumps(record("customers", 2, email=CANARY)).replace("@", "\u00e9").encode("latin-1"),
    ],
    ids=lambda line: str(line)[-90:],
)
def test_a_record_goes_in_without_a_damaged_property_that_it_can_do_without(
    doorway: Doorway, line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    """The mapping leaves an e-mail out that is not sound, and reads no points and tags. The log holds nothing of it."""
    assert doorway.hear(schema("customers"), record("customers", 1), line, record("customers", 3), state(1)) is None

    assert doorway.verdicts() == ["created"] * 3
    assert doorway.states == [{"n": 1}]
    assert [row.get("Email") for row in doorway.world.rows("Contact")] == [None] * 3
    assert "quince" not in caplog.text


def test_a_damaged_record_that_comes_again_is_one_hold(doorway: Doorway) -> None:
    """Its name is made of what is in it."""
    lines = [schema("customers"), damaged(CANARY), damaged([CANARY])]

    assert doorway.hear(*lines) is None
    assert doorway.hear(*lines) is None
    assert [hold.attempts for hold in doorway.world.ledger.holds()] == [2, 2]


def test_a_number_that_no_field_takes_is_left_to_its_stage(doorway: Doorway) -> None:
    """1e400 is sound JSON and sound to the schema; it does not stop anybody."""
    lines = [record("sales", number) for number in (1, 2)]
    huge = json.dumps(record("sales", 3, total=0)).replace('"total": 0', '"total": 1e999999999')

    assert doorway.hear(schema("sales"), *lines, huge, state(1)) is None
    assert [outcome.verdict for outcome in doorway.outcomes[:2]] == [Verdict.CREATED] * 2
    assert len(doorway.outcomes) == 3


# The end of the run: what no STATE may pass


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (CANARY, "not JSON"),
        (f'["{CANARY}"]', "no object"),
        ({"stream": CANARY}, "no type"),
        ({"type": "RECORDS", "record": CANARY}, "`RECORDS`"),
        ({"type": "RECORD", "record": {"email": CANARY}}, "names no stream"),
        ({"type": "RECORD", "stream": None, "record": CANARY}, "names no stream"),
        ({"type": "RECORD", "stream": ["customers"], "record": CANARY}, "names no stream"),
        ({"type": "RECORD", "stream": f"\ud83d{CANARY}", "record": {}}, "not printable"),
        ({"type": "RECORD", "stream": CANARY + "\0" * 9, "record": {}}, "not printable"),
        ({"type": "RECORD", "stream": "n" * 300, "record": CANARY}, "too long"),
        ({"type": "RECORD", "stream": "shoppers", "record": {"email": CANARY}}, "`shoppers`, whose SCHEMA"),
        ({"type": "BATCH", "stream": "shoppers", "manifest": [CANARY]}, "`shoppers`, whose SCHEMA"),
        ({"type": "BATCH", "manifest": [CANARY]}, "names no stream"),
        ({"type": "ACTIVATE_VERSION", "version": CANARY}, "names no stream"),
        ({"type": "SCHEMA", "schema": {"properties": {}}}, "names no stream"),
        ({"type": "SCHEMA", "stream": "customers"}, "no schema"),
        ({"type": "SCHEMA", "stream": "customers", "schema": CANARY}, "no schema"),
        ({"type": "SCHEMA", "stream": "customers", "schema": {"type": "object"}}, "no schema"),
        ({"type": "SCHEMA", "stream": "customers", "schema": {"properties": [CANARY]}}, "no schema"),
        (
            {"type": "SCHEMA", "stream": "weather", "schema": {"properties": {}}, "key_properties": "id"},
            "key_properties",
        ),
        (
            {"type": "SCHEMA", "stream": "weather", "schema": {"properties": {}}, "key_properties": [1]},
            "key_properties",
        ),
        (schema("customers", email={"$ref": "http://127.0.0.1:9/x"}), "not fetched"),
        (schema("customers", email={"pattern": "("}), "no JSON Schema"),
        ({"type": "STATE"}, "STATE"),
        ({"type": "STATE", "value": CANARY}, "STATE"),
        ({"type": "STATE", "value": [CANARY]}, "STATE"),
    ],
    ids=lambda each: str(each)[:70],
)
def test_a_message_that_cannot_be_processed_ends_the_run_in_a_sentence(
    doorway: Doorway, line: Line, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It says the line, never what is in it. What was acknowledged stays; nothing more is."""
    doorway.settings["checkpoint_rows"] = 1
    before = [schema("customers"), record("customers", 1), state(1)]

    stopped = doorway.hear(*before, line, record("customers", 2), state(2))

    assert isinstance(stopped, InputError)
    assert stopped.exit_code == 1
    assert str(stopped).startswith("input, line 4: ")
    assert words in str(stopped)
    assert CANARY not in str(stopped) + caplog.text
    assert doorway.states == [{"n": 1}]
    assert doorway.verdicts() == ["created"]


# Neither: it tells nothing of a record


def test_what_says_nothing_of_a_record_is_passed_over(doorway: Doorway, caplog: pytest.LogCaptureFixture) -> None:
    """A STATE that is null, times that are none, properties of a later Singer; and versions, with one warning."""
    version = {"type": "ACTIVATE_VERSION", "stream": "customers", "version": CANARY}
    odd = {**record("customers", 1), "time_extracted": "never", "version": CANARY, "later": {"a": CANARY}}

    assert doorway.hear(schema("customers"), odd, version, version, {"type": "STATE", "value": None}, state(2)) is None

    assert doorway.verdicts() == ["created"]
    assert doorway.states == [{"n": 2}]
    assert caplog.text.count("ACTIVATE_VERSION is ignored") == 1
    assert CANARY not in caplog.text


@pytest.mark.parametrize("keys", [None, [], ["id"], ["account_id", "id", "nowhere"]], ids=str)
def test_key_properties_may_be_anything_for_the_mapping_names_the_key(doorway: Doorway, keys: Any) -> None:
    """A property that no record has holds them: Singer promises it."""
    said = schema("customers")
    assert isinstance(said, dict)
    said["key_properties"] = keys

    assert doorway.hear(said, record("customers", 1), record("customers", 2)) is None
    assert doorway.verdicts() == (["held invalid"] if keys and "nowhere" in keys else ["created"]) * 2


def test_a_schema_that_changes_in_mid_stream_is_that_of_the_records_after_it(doorway: Doorway) -> None:
    """What came before is judged by what was said before."""
    first, second = (record("customers", number, last_name=5) for number in (1, 2))
    stricter = schema("customers", last_name={"type": "string"})
    looser = schema("customers", last_name={"type": "integer"})

    assert doorway.hear(stricter, first, looser, second, stricter, record("customers", 3), state(1)) is None

    assert sorted(doorway.verdicts()) == ["created", "created", "held invalid"]
    assert doorway.states == [{"n": 1}]


@pytest.mark.parametrize("stream", ["customers ", "Straße/Ω %s {}", "a" * 255, "schema", "../../etc"])
def test_a_stream_may_have_any_printable_name(doorway: Doorway, stream: str) -> None:
    """Without a mapping its records are skipped by rule, whatever they are."""
    lines = [schema(stream, keys=["id"]), {"type": "RECORD", "stream": stream, "record": {"id": "\ud83d\0"}}]

    assert doorway.hear(*lines, {"type": "RECORD", "stream": stream, "record": None}) is None
    assert doorway.verdicts() == ["skipped unmapped"] * 2


# What stream_maps do


def test_what_stream_maps_take_out_is_counted(doorway: Doorway, caplog: pytest.LogCaptureFixture) -> None:
    """By filter, or as a stream; the filter's own findings are in no log."""
    doorway.settings["stream_maps"] = {"customers": {"__filter__": "email"}, "sales": None}
    lines = [schema("customers"), schema("sales"), record("sales", 1)]
    lines += [record("customers", 1, email=CANARY), record("customers", 2, email=None), state(1)]

    assert doorway.hear(*lines) is None

    assert doorway.verdicts() == ["created"]
    assert "1 arrived = 1 created" in doorway.summary
    assert "2 more filtered out by stream_maps" in doorway.summary
    assert "quince" not in caplog.text


def test_a_record_that_a_stream_map_fails_on_is_held(doorway: Doorway, caplog: pytest.LogCaptureFixture) -> None:
    """As it came; the others go in."""
    doorway.settings["stream_maps"] = {"customers": {"points": "int(self)"}}
    lines = [record("customers", 1, points=7), record("customers", 2, points=CANARY), damaged([CANARY])]

    assert doorway.hear(schema("customers"), *lines, state(1)) is None

    assert doorway.verdicts() == ["created", "held invalid", "held invalid"]
    held = doorway.world.ledger.held("customers")
    assert [str(flaw) for flaw in held[0].flaws] == ["record: its stream map fails (ValueError)"]
    assert held[0].record["points"] == CANARY
    assert "quince" not in caplog.text


@pytest.mark.parametrize("maps", [{"customers": {"points": "1 +"}}, {"__id__": None}], ids=str)
def test_stream_maps_that_are_none_are_a_setting_at_fault(doorway: Doorway, maps: Any) -> None:
    """Said as settings are, not as a traceback."""
    doorway.settings["stream_maps"] = maps

    try:
        stopped = doorway.hear(schema("customers"), record("customers", 1))
    except ConfigError as error:
        stopped = error

    assert isinstance(stopped, ConfigError)
    assert "stream_maps" in str(stopped)


# BATCH


def file_of(folder: Path, *records: Any, packed: bool, name: str = "batch-1") -> Path:
    text = b"".join(json.dumps(each).encode() + b"\n" for each in records)
    path = folder / f"{name}.jsonl{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(text) if packed else text)
    return path


def batch(*urls: str, packed: bool | None = False, stream: str = "customers", **encoding: Any) -> Line:
    said = {"format": "jsonl", **({} if packed is None else {"compression": "gzip" if packed else "none"}), **encoding}
    return {"type": "BATCH", "stream": stream, "encoding": said, "manifest": list(urls)}


def people(*numbers: int) -> list[Any]:
    return [record("customers", number)["record"] for number in numbers]


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("as_url", [True, False])
def test_records_of_batch_files_go_the_way_of_all_records(
    doorway: Doorway, tmp_path: Path, packed: bool, as_url: bool
) -> None:
    """Counted, held one by one, in batches of the usual size, before their STATE; beside records that come by line."""
    doorway.settings["batch_size_rows"] = 3
    folder = tmp_path / "with a blank"
    folder.mkdir()
    first = file_of(folder, *people(1, 2, 3, 4), None, packed=packed)
    second = file_of(folder, {"email": CANARY}, *people(5), packed=packed, name="batch-2")
    urls = [path.as_uri() if as_url else str(path) for path in (first, second)]

    assert doorway.hear(schema("customers"), record("customers", 9), batch(*urls, packed=packed), state(1)) is None

    assert doorway.verdicts().count("created") == 6
    assert doorway.verdicts().count("held invalid") == 2
    assert "8 arrived = 6 created" in doorway.summary
    assert doorway.states == [{"n": 1}]


def test_a_batch_file_is_never_in_memory_whole(doorway: Doorway, tmp_path: Path) -> None:
    """Nor is a checkpoint passed over: its records count."""
    doorway.settings |= {"batch_size_rows": 10, "checkpoint_rows": 30}
    sizes: list[int] = []
    run = doorway.world.ledger.settle

    def listening(some: Sequence[Outcome], *more: Any, **named: Any) -> None:
        sizes.append(len(some))
        run(some, *more, **named)

    doorway.world.ledger.settle = listening  # type: ignore[method-assign]
    path = file_of(tmp_path, *people(*range(35)), packed=True)

    assert doorway.hear(schema("customers"), batch(str(path), packed=True), state(1), state(2)) is None

    assert sizes == [10, 10, 10, 5]
    assert doorway.states[0] == {"n": 1}


def cut(path: Path, *, to: int = -9) -> Path:
    path.write_bytes(path.read_bytes()[:to])
    return path


@pytest.mark.parametrize(
    ("make", "encoding", "words"),
    [
        (lambda folder: "s3://bucket/batch-1.jsonl.gz?X-Amz-Signature=quince", {}, "file 1: It is not on this machine"),
        (lambda folder: "https://quince:pw@127.0.0.1/batch-1.jsonl", {}, "file 1: It is not on this machine"),
        (lambda folder: "file://quince/batch-1.jsonl", {}, "file 1: It is not on this machine"),
        (lambda folder: f"{folder}/quince.jsonl", {}, "file 1: There is no such file"),
        (str, {}, "file 1: There is no such file"),
        (lambda folder: "quince\0", {}, "file 1: There is no such file"),
        (lambda folder: str(file_of(folder, packed=False)), {"format": "parquet"}, "not encoded as jsonl"),
        (lambda folder: str(file_of(folder, packed=False)), {"compression": "zstd"}, "not by gzip"),
        (lambda folder: str(cut(file_of(folder, *people(1, 2), packed=True))), {"compression": "gzip"}, "damaged"),
        (lambda folder: str(cut(file_of(folder, *people(1, 2), packed=False))), {}, "file 1, line 2: This is not JSON"),
        (
            lambda folder: str(file_of(folder, *people(1), packed=False)),
            {"compression": "gzip"},
            "line 1: The file is damaged",
        ),
        (lambda folder: str(file_of(folder, *people(1), packed=True)), {}, "line 1: This is not JSON"),
        (
            lambda folder: str(cut(file_of(folder, *people(1), packed=True), to=0)),
            {"compression": "gzip"},
            "file 1, line 1: The file is damaged",
        ),
    ],
    ids=range(13),
)
def test_a_batch_that_cannot_be_read_ends_the_run_without_its_state(
    doorway: Doorway, tmp_path: Path, caplog: pytest.LogCaptureFixture, *, make: Any, encoding: Any, words: str
) -> None:
    """One sentence; no address, for it may hold a signature."""
    doorway.settings["checkpoint_rows"] = 1
    lines = [schema("customers"), record("customers", 9), state(1), batch(make(tmp_path), **encoding), state(2)]

    stopped = doorway.hear(*lines)

    assert isinstance(stopped, InputError)
    assert str(stopped).startswith("input, line 4")
    assert words in str(stopped)
    assert "quince" not in str(stopped) + caplog.text
    assert doorway.states == [{"n": 1}]


@pytest.mark.parametrize("packed", [True, False])
def test_a_batch_file_without_records_is_no_damage(doorway: Doorway, tmp_path: Path, packed: bool) -> None:
    """Gzip has a head and a tail even around nothing; lines as they are have none, and their file 0 bytes."""
    path = file_of(tmp_path, packed=packed)

    assert doorway.hear(schema("customers"), batch(str(path), packed=packed), state(1)) is None
    assert doorway.states == [{"n": 1}]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "BATCH", "stream": "customers"},
        {"type": "BATCH", "stream": "customers", "encoding": None, "manifest": []},
        {"type": "BATCH", "stream": "customers", "encoding": {"format": "jsonl"}},
        {"type": "BATCH", "stream": "customers", "encoding": {"format": "jsonl"}, "manifest": [CANARY, 5]},
        {"type": "BATCH", "stream": "customers", "encoding": {"format": ["jsonl"]}, "manifest": []},
        {"type": "BATCH", "stream": "customers", "encoding": {"format": "jsonl", "compression": []}, "manifest": []},
    ],
    ids=str,
)
def test_a_batch_that_is_none_ends_the_run(doorway: Doorway, message: Line) -> None:
    """In a sentence."""
    stopped = doorway.hear(schema("customers"), message, state(2))

    assert isinstance(stopped, InputError)
    assert str(stopped).startswith("input, line 2: This BATCH ")
    assert doorway.states == []


def test_batch_files_of_an_unmapped_stream_are_skipped_by_rule(doorway: Doorway, tmp_path: Path) -> None:
    """And counted."""
    path = file_of(tmp_path, {"id": 1}, {"id": 2}, packed=False)

    assert doorway.hear(schema("weather", keys=["id"]), batch(str(path), stream="weather"), state(1)) is None
    assert doorway.verdicts() == ["skipped unmapped"] * 2


def test_an_hour_without_a_drain_is_a_checkpoint_that_passes_nothing(doorway: Doorway) -> None:
    """The SDK drains by the clock: what is in memory is written first, and what was said before is acknowledged."""
    seen: list[tuple[Any, int]] = []
    doorway.acknowledged = lambda value: seen.append((value, len(doorway.outcomes)))  # type: ignore[method-assign]
    from target_salesforce_retail.singer.target import TargetSalesforceRetail  # noqa: PLC0415

    usual = TargetSalesforceRetail._MAX_RECORD_AGE_IN_MINUTES
    TargetSalesforceRetail._MAX_RECORD_AGE_IN_MINUTES = -1.0
    try:
        doorway.settings["checkpoint_rows"] = 1000
        assert (
            doorway.hear(schema("customers"), *(x for n in range(1, 4) for x in (record("customers", n), state(n))))
            is None
        )
    finally:
        TargetSalesforceRetail._MAX_RECORD_AGE_IN_MINUTES = usual

    assert all(value["n"] <= settled for value, settled in seen)
    assert len(seen) > 1, "not at the end of the input only"
    assert seen[-1] == ({"n": 3}, 3)


def test_the_log_of_the_mapper_stays_silent(doorway: Doorway) -> None:
    """Whatever the level of everything else."""
    doorway.hear(schema("customers"))

    assert logging.getLogger("singer_sdk.mapper").level >= logging.INFO
