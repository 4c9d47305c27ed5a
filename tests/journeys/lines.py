"""Singer lines of our own, stream by stream: what a till with a handful of people and receipts would say.

And what came of them, as the org and the companion tell it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

from tests.journeys.pair import ROOT, Pair

SCHEMAS = ROOT / "tap-lightspeed-retail" / "tap_lightspeed_retail" / "schemas"
Record = dict[str, Any]


def said(stream: str, *records: Record, key: Sequence[str] = ("account_id", "id")) -> str:
    """A SCHEMA and these RECORDs; without records, a stream that came and had nothing to say."""
    schema = json.loads((SCHEMAS / f"{stream}.json").read_text())
    lines = [{"type": "SCHEMA", "stream": stream, "key_properties": list(key), "schema": schema}]
    lines += [{"type": "RECORD", "stream": stream, "record": {"account_id": "7", **each}} for each in records]
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def state(**value: Any) -> str:
    """A STATE."""
    return f"{json.dumps({'type': 'STATE', 'value': value})}\n"


def day(number: int) -> str:
    """Noon of a day in March."""
    return f"2026-03-{number:02d}T12:00:00+00:00"


def person(number: int | None, first: str | None = None, last: str | None = None, **more: Any) -> Record:
    """A customer, as of the first."""
    named = {"id": str(number)} if number is not None else {}
    return {**named, "first_name": first, "last_name": last, "archived": False, "updated_at": day(1), **more}


def shop(number: int = 1, **more: Any) -> Record:
    """A shop."""
    return {"id": str(number), "name": "Harbour Street", "currency": "CAD", "archived": False, **more}


def item(number: int, **more: Any) -> Record:
    """A product, as of the first."""
    return {"id": str(number), "name": f"Teapot {number}", "archived": False, "updated_at": day(1), **more}


def sale(number: int, *lines: int, on: int = 1, **more: Any) -> Record:
    """A completed receipt of a walk-in with these lines, as of a day."""
    return {
        "id": str(number),
        "number": f"R-{number}",
        "kind": "sale",
        "state": "completed",
        "shop_id": "1",
        "customer_id": None,
        "total": 20,
        "currency": "CAD",
        "completed_at": day(1),
        "updated_at": day(on),
        "line_ids": [str(each) for each in lines],
        "payment_ids": [],
        **more,
    }


def line(number: int, of: int, *, on: int = 1, **more: Any) -> Record:
    """A line of a receipt, as of a day of that receipt."""
    return {
        "id": str(number),
        "sale_id": str(of),
        "kind": "item",
        "item_id": None,
        "quantity": 1,
        "unit_price": 20,
        "total": 20,
        "sale_updated_at": day(on),
        **more,
    }


# What came of it


def told(pair: Pair, stream: str, key: str) -> Record:
    """What the companion explains of a record."""
    done = pair.companion("explain", stream, key, "--json")
    assert done.returncode == 0, done.stderr
    answer: Record = json.loads(done.stdout)
    return answer


def by_key(pair: Pair, name: str) -> dict[str, Record]:
    """The rows of an object that carry a key of ours, by the id in it."""
    rows = (row for row in pair.rows(name) if row["Lightspeed_Key__c"])
    return {row["Lightspeed_Key__c"].removeprefix("7:"): row for row in rows}


def summary(done: subprocess.CompletedProcess[str]) -> str:
    """The line that adds up, of a run that ended well."""
    assert done.returncode == 0, done.stderr
    return done.stderr.strip().splitlines()[-1]


def change(pair: Pair, stream: str, old: str, new: str) -> None:
    """A mapping of one's own: the shipped ones, with a change of one file."""
    folder = pair.folder / "transforms"
    if not folder.exists():
        shutil.copytree(ROOT / "transforms", folder)
        pair.target_settings["transforms"] = str(folder)
    mapping = folder / f"{stream}.yml"
    assert old in mapping.read_text()
    mapping.write_text(mapping.read_text().replace(old, new, 1))


def in_words(text: str) -> str:
    """Without what sets columns apart, which is as wide as the longest name of a rule."""
    return re.sub(r"(?<=\S) {2,}", "  ", text)
