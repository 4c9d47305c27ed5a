"""Damaged, hostile and batched input, as a pipe brings it to the real command."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.journeys.lines import SCHEMAS, by_key, day, person, said, shop, state, summary, told
from tests.journeys.pair import Pair, environment
from tests.lanes import FULL
from tests.target.hostile import CANARY, TEXTS, runs, written

STREAMS = ("customers", "sales")
MAPPED = ("customers", "items", "inventory", "sales", "sale_lines", "sale_payments")
BASE = {
    "archived": False,
    "last_name": "Lee",
    "name": "Teapot",
    "state": "completed",
    "kind": "sale",
    "currency": "CAD",
    "shop_id": "1",
    "item_id": "100",
    "sale_id": "100",
    "updated_at": day(1),
    "sale_updated_at": day(1),
}
"""Enough for a record of any stream to go in."""
DEBUG = {"TARGET_SALESFORCE_RETAIL_LOGLEVEL": "DEBUG", "LOGLEVEL": "DEBUG"}


def pipe(pair: Pair, lines: bytes, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        pair.target_command(), input=lines, capture_output=True, timeout=110, env=environment(**env), check=False
    )


def counts(pair: Pair) -> list[int]:
    """How many records each run has settled, the newest first."""
    found: list[dict[str, Any]] = json.loads(pair.companion("runs", "--format", "json").stdout)
    return [sum(sum(verdicts.values()) for verdicts in run["streams"].values()) for run in found]


def test_hundreds_of_hostile_lines_at_the_finest_log(pair: Pair) -> None:
    """No traceback and no value in what the command says, and STATE only after what it acknowledges."""
    head = b"".join(said(stream).encode() for stream in STREAMS)
    pair.target_settings["checkpoint_rows"] = 20
    for run in [each for each in runs(77, 700, STREAMS) if len(each) > 20][: 4 if FULL else 2]:
        lines, goes = [head], 0
        for text, fate in run:
            goes += fate == "goes"
            lines += [text + b"\n", state(n=goes).encode()]

        done = pipe(pair, b"".join(lines), **DEBUG)

        assert done.returncode == (1 if run[-1][1] == "stops" else 0), done.stderr[-2000:]
        assert CANARY.encode() not in done.stderr
        assert b"Traceback" not in done.stderr
        assert b"DEBUG" in done.stderr
        told_states = [json.loads(line)["n"] for line in done.stdout.splitlines()]
        assert told_states
        assert told_states == sorted(told_states)
        assert told_states[-1] <= counts(pair)[0]
        if done.returncode == 0:
            assert told_states[-1] == counts(pair)[0] == goes
        assert _defects(pair) == 0


def test_values_that_no_arithmetic_takes_in_every_field_of_every_stream(pair: Pair) -> None:
    """Sound to their schemas, and beyond any field of the org: only their rows are held, and nothing is a defect."""
    r, lines = Random(3), [said("shops", shop()).encode()]
    for stream in MAPPED:
        properties = json.loads((SCHEMAS / f"{stream}.json").read_text())["properties"]
        lines.append(said(stream).encode())
        for number, (name, spec) in enumerate(properties.items(), 100):
            if name not in ("account_id", "id"):
                record = {"account_id": "7", **BASE, "id": str(number), name: _odd(r, spec)}
                message = {"type": "RECORD", "stream": stream, "record": record}
                lines.append(written(message, r) + b"\n")

    done = pipe(pair, b"".join(lines) + state(n=1).encode(), **DEBUG)

    assert done.returncode == 0, done.stderr[-2000:]
    assert CANARY.encode() not in done.stderr
    assert json.loads(done.stdout) == {"n": 1}
    assert _defects(pair) == 0


def _odd(r: Random, spec: dict[str, Any]) -> Any:
    types = spec.get("type", "string")
    if "number" in types or "integer" in types:
        return f"RAW{r.choice([2, 3, 4, 6, 8])}RAW"
    if "array" in types:
        return [CANARY * 99]
    if "boolean" in types:
        return True
    return r.choice(TEXTS[:3] + TEXTS[5:])(r) if "string" in types else {CANARY: CANARY}


def _defects(pair: Pair) -> int:
    """How many records the target itself has failed on in its latest run."""
    latest = json.loads(pair.companion("runs", "--format", "json").stdout)[0]
    return int(latest["reasons"].get("defect", 0))


def test_batch_files_are_loaded_like_lines(pair: Pair, tmp_path: Path) -> None:
    """Gzipped JSON lines, as the SDK's taps write them: created, held, counted, and acknowledged after that."""
    people = [
        {"account_id": "7", **person(number, "Ann", f"Lee{number}", email=f"a{number}@x.org")} for number in range(5)
    ]
    people[3]["email_opt_out"] = ["none"]
    path = tmp_path / "customers-1.json.gz"
    path.write_bytes(gzip.compress("".join(f"{json.dumps(each)}\n" for each in people).encode()))
    message = {
        "type": "BATCH",
        "stream": "customers",
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "manifest": [path.as_uri()],
    }

    done = pair.load(said("customers") + json.dumps(message) + "\n" + state(n=1))

    assert "5 arrived = 4 created + 0 updated + 0 unchanged + 0 skipped + 1 held" in summary(done)
    assert set(by_key(pair, "Contact")) == {"0", "1", "2", "4"}
    assert json.loads(done.stdout) == {"n": 1}


def test_a_batch_that_cannot_be_read_is_not_acknowledged(pair: Pair) -> None:
    """One sentence, exit 1, and the records that came before are where they were acknowledged."""
    pair.target_settings["checkpoint_rows"] = 1
    message = {"type": "BATCH", "stream": "customers", "encoding": {"format": "parquet"}, "manifest": ["s3://b/x"]}

    done = pair.load(said("customers", person(1, "Ann", "Lee")) + state(n=1) + json.dumps(message) + "\n" + state(n=2))

    assert done.returncode == 1
    assert "input, line 4: This BATCH is not encoded as jsonl" in done.stderr
    assert "Traceback" not in done.stderr
    assert [json.loads(line) for line in done.stdout.splitlines()] == [{"n": 1}]


@pytest.mark.parametrize("locale", ["C.UTF-8", "C", "POSIX"])
def test_half_a_character_and_a_latin_name_hold_their_shoppers(pair: Pair, locale: str) -> None:
    """Whatever the locale: an emoji cut in two, and a name in the till's old encoding. Their neighbours are in."""
    first = said("customers", person(1, "Ann", "Lee"), person(2, "Bo\ud83d", "Roy"), person(3, "Josée", "Roy"))
    latin = json.dumps(
        {"type": "RECORD", "stream": "customers", "record": {"account_id": "7", **person(4, "José", "Ruiz")}},
        ensure_ascii=False,
    )

    done = pipe(pair, first.encode() + latin.encode("latin-1") + b"\n" + state(n=4).encode(), LC_ALL=locale)

    assert done.returncode == 0, done.stderr
    assert "4 arrived = 2 created" in done.stderr.decode()
    assert {row["FirstName"] for row in pair.rows("Contact")} == {"Ann", "Josée"}
    assert {told(pair, "customers", f"7:{number}")["reason"] for number in (2, 4)} == {"invalid"}
