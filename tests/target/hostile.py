"""Singer lines that a tap or a pipe might bring: sound, damaged and hostile, by a seed. Every value tells itself.

What must become of a line is told by an oracle of its own: Python's JSON reader, and the few rules of Singer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

CANARY = "qUinCe"
"""In every text and in every odd name: a log that has it has a shopper."""
Record = dict[str, Any]

TEXTS: Sequence[Callable[[Random], str]] = (
    lambda r: f"{CANARY}{r.randrange(99)}",
    lambda r: f"{CANARY}{r.randrange(99)}@example.org",
    lambda r: f" {CANARY}\t\n ",
    lambda r: f"{CANARY}\ud83d",
    lambda r: f"\udc00{CANARY}",
    lambda r: f"{CANARY}\0",
    lambda r: f"{CANARY}\u200b\u202e\ufeff😀é",
    lambda r: f"'; {CANARY} \\\" %s {{}} ${{HOME}} <b>",
    lambda r: CANARY * 5000,
    lambda r: f"2026-13-45T{CANARY}",
    lambda r: f"+1 902 555 01{r.randrange(10, 99)} {CANARY}",
)
RAW = (
    "NaN",
    "-Infinity",
    "1e400",
    "1e999999999",
    "-1e-999999999",
    "1e" + "9" * 25,
    "9" * 30,
    "7" * 5000,
    "0.1" + "0" * 40,
    "-0",
)
"""Numbers as text: a place in the line is filled with them."""
DATES = ("0000-00-00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-02-30", "-1", "")


def value(r: Random, depth: int = 0) -> Any:
    """Any value; one in a few is a raw number, to be written later."""
    kind = r.randrange(12)
    if kind < 6 or depth > 3:
        return r.choice(TEXTS)(r)
    if kind == 6:
        return f"RAW{r.randrange(len(RAW))}RAW"
    if kind == 7:
        return r.choice([None, True, False, 0, -1, 7, 1.5, *DATES])
    if kind < 10:
        return [value(r, depth + 1) for _ in range(r.randrange(4))]
    return {r.choice(TEXTS)(r): value(r, depth + 1) for _ in range(r.randrange(3))}


def sound(r: Random, stream: str) -> Record:
    """A record that goes in, if the mapping has no objection."""
    number = r.randrange(400)
    said: Record = {
        "account_id": "1",
        "id": str(number),
        "updated_at": f"2026-11-{r.randrange(1, 28):02d}T10:00:00+00:00",
    }
    if stream == "customers":
        return {**said, "archived": False, "last_name": f"{CANARY}{number}", "email": f"{CANARY}{number}@example.org"}
    return {**said, "state": "completed", "total": r.randrange(10_000), "line_ids": [], "payment_ids": []}


def damaged(r: Random, stream: str) -> Any:
    """A record with one or a few things wrong; or none at all."""
    if not r.randrange(6):
        return r.choice([None, [], {}, value(r), [value(r)], CANARY, 7, True])
    record = sound(r, stream)
    for _ in range(r.randrange(1, 4)):
        name = r.choice([*record, *record, r.choice(TEXTS)(r), "birth_date", "completed_at", "tags"])
        if r.randrange(4):
            record[name] = value(r)
        else:
            record.pop(name, None)
    return record


def written(message: Any, r: Random) -> bytes:
    """A message as a line: escaped or not, with raw numbers in their places."""
    text = json.dumps(message, ensure_ascii=bool(r.randrange(3)))
    for number, raw in enumerate(RAW):
        text = text.replace(f'"RAW{number}RAW"', raw)
    line = text.encode("utf-8", "surrogatepass")  # bytes that are no UTF-8
    return line + r.choice([b"", b"", b"", b"\r", b"  "])


def deep(message: Any, r: Random) -> bytes:
    """A record with a value nested a few hundred, or many thousand levels."""
    depth = r.choice([90, 150, 500, 20_000])
    nest = "[" * depth + f'"{CANARY}"' + "]" * depth
    return written(message, r).replace(b'"account_id"', b'"extra": ' + nest.encode() + b', "account_id"', 1)


def mutated(line: bytes, r: Random) -> bytes:
    """A byte or a stretch that a pipe has lost, doubled or garbled; never a line end."""
    at = r.randrange(len(line))
    to = min(len(line), at + r.choice([1, 1, 2, 20]))
    return r.choice([line[:at] + line[to:], line[:at], line[:at] + bytes([r.choice(b'\xff\0"{}[],:x1')]) + line[at:]])


STOPS: Sequence[Any] = (
    {"type": "RECORD", "record": {"email": CANARY}},
    {"type": "RECORD", "stream": [CANARY], "record": {"email": CANARY}},
    {"type": "RECORD", "stream": f"{CANARY}\0", "record": {"email": CANARY}},
    {"type": CANARY, "stream": "customers", "record": {"email": CANARY}},
    {"stream": "customers", "record": {"email": CANARY}},
    {"type": "STATE", "value": CANARY},
    {"type": "STATE"},
    {"type": "BATCH", "stream": "customers", "encoding": {"format": "parquet"}, "manifest": [CANARY]},
    {"type": "BATCH", "stream": "customers", "encoding": {"format": "jsonl"}, "manifest": [f"/nowhere/{CANARY}"]},
    {"type": "BATCH", "stream": "customers", "encoding": {"format": "jsonl"}, "manifest": [f"s3://{CANARY}/x"]},
    {"type": "SCHEMA", "stream": "customers", "schema": CANARY},
    {"type": "SCHEMA", "stream": "customers", "schema": {"properties": {CANARY: CANARY}}},
    [CANARY],
    CANARY,
)


def stopping(r: Random) -> bytes:
    """A line that no STATE may pass."""
    if not r.randrange(3):
        return r.choice(
            [b"{" + CANARY.encode(), b"\xff\xfe" + CANARY.encode(), b'"' + CANARY.encode(), b"]" * 9, b"{" * 9000]
        )
    return written(r.choice(STOPS), r)


def line(r: Random, stream: str) -> bytes:
    """A RECORD of the stream, or one that was."""
    kind = r.randrange(100)
    record = sound(r, stream) if kind < 30 else damaged(r, stream)
    message: Record = {"type": "RECORD", "stream": stream, "record": record}
    if r.randrange(10) == 0:
        message["time_extracted"] = value(r)
    if 95 <= kind < 98:
        return deep(message, r)
    return mutated(written(message, r), r) if kind >= 98 else written(message, r)


def fate(text: bytes, streams: Sequence[str]) -> str:
    """``goes``: a record with an outcome; ``stops``: the end of the run; ``passes``: says nothing of a record."""
    try:
        message = json.loads(
            _flat(text).decode("utf-8", "surrogateescape"), strict=False, parse_int=str, parse_float=str
        )
    except ValueError:
        return "passes" if not text.strip() else "stops"
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return "stops"
    if message["type"] == "RECORD":
        return "goes" if message.get("stream") in streams else "stops"
    return "stops"  # what else comes out of a RECORD that was garbled


def _flat(text: bytes) -> bytes:
    """Without the levels that Python's reader does not take."""
    return text.replace(b"[" * 500, b"").replace(b"]" * 500, b"")


def runs(seed: int, lines: int, streams: Sequence[str]) -> Iterator[list[tuple[bytes, str]]]:
    """So many lines in all, each with its fate, cut into runs: one ends with the first line that stops it."""
    r = Random(seed)
    run: list[tuple[bytes, str]] = []
    for _ in range(lines):
        text = stopping(r) if r.randrange(200) == 0 else line(r, r.choice(streams))
        run.append((text, fate(text, streams)))
        if run[-1][1] == "stops":
            yield run
            run = []
    yield run
