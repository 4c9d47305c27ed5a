"""The whole target in this process, on an org in memory and a ledger in memory: lines in, STATE and outcomes out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

from target_salesforce_retail.errors import RetailError
from target_salesforce_retail.nouns import Arrival, Outcome
from target_salesforce_retail.run import Run
from target_salesforce_retail.singer.target import TargetSalesforceRetail

from tests.target.world import World

CONFIG = {"login_url": "http://127.0.0.1:9", "client_id": "id", "client_secret": "hunter2"}
TEXT, DECIMAL, FLAG = {"type": ["string", "null"]}, {"type": ["number", "null"]}, {"type": ["boolean", "null"]}
PROPERTIES: dict[str, dict[str, Any]] = {
    "customers": {
        **dict.fromkeys(("account_id", "id", "first_name", "last_name", "email", "phone", "mobile"), TEXT),
        **dict.fromkeys(("birth_date", "updated_at"), TEXT),
        "archived": FLAG,
        "tags": {"type": ["array", "null"], "items": {"type": "string"}},
        "points": DECIMAL,
    },
    "sales": {
        **dict.fromkeys(("account_id", "id", "state", "shop_id", "customer_id", "updated_at"), TEXT),
        "total": DECIMAL,
        "line_ids": {"type": ["array", "null"], "items": {"type": "string"}},
    },
}
Line = dict[str, Any] | str | bytes


def schema(stream: str, keys: Any = ("account_id", "id"), *, required: bool = True, **properties: Any) -> Line:
    """A SCHEMA; further properties, or others in their place."""
    whole = {"type": "object", "properties": {**PROPERTIES.get(stream, {}), **properties}}
    if required:
        whole["required"] = ["account_id", "id"]
    return {"type": "SCHEMA", "stream": stream, "key_properties": list(keys), "schema": whole}


def record(stream: str, number: Any, **more: Any) -> dict[str, Any]:
    """A RECORD that goes in."""
    said = {"account_id": "1", "id": str(number), "updated_at": "2026-11-01T10:00:00Z"}
    said |= {"archived": False, "last_name": f"Lee{number}"} if stream == "customers" else {"state": "completed"}
    return {"type": "RECORD", "stream": stream, "record": {**said, **more}}


def state(number: int) -> Line:
    return {"type": "STATE", "value": {"n": number}}


def written(line: Line) -> bytes:
    if isinstance(line, bytes):
        return line + b"\n"
    return (line if isinstance(line, str) else json.dumps(line)).encode() + b"\n"


class Doorway:
    """One ledger and one org; every ``hear`` is a run."""

    def __init__(self, **settings: Any) -> None:
        self.world = World()
        self.settings = settings
        self.outcomes: list[Outcome] = []
        self.states: list[Any] = []
        self.summary = ""

    def hear(self, *lines: Line) -> RetailError | None:
        """A run over these lines; what stopped it, or None."""
        return self.listen(b"".join(map(written, lines)))

    def listen(self, text: bytes) -> RetailError | None:
        run = Run({**CONFIG, **self.settings})
        world = self.world
        run.__dict__.update(
            mappings=world.mappings,
            describes=world.describes,
            ledger=world.ledger,
            org=world.org,
            pipeline=world.pipeline,
        )
        load = run.load

        def note(stream: str, arrivals: Iterable[Arrival]) -> list[Outcome]:
            found = load(stream, list(arrivals))
            self.outcomes += found
            return found

        run.load = note  # type: ignore[method-assign]
        target = TargetSalesforceRetail(config={**CONFIG, **self.settings})
        target.__dict__["run"] = run
        emit = target._write_state_message

        def emitted(value: dict[str, Any]) -> None:
            self.acknowledged(value)
            emit(value)

        target._write_state_message = emitted  # type: ignore[method-assign]
        try:
            target.listen(io.TextIOWrapper(io.BytesIO(text), encoding="utf-8"))
        except RetailError as stopped:
            return stopped
        self.summary = run.summary()
        return None

    def acknowledged(self, value: Any) -> None:
        """A STATE leaves."""
        self.states.append(value)

    def verdicts(self) -> list[str]:
        """What became of each arrival, with the reason of a hold."""
        return [
            f"{each.verdict.value} {each.reason.value}" if each.reason else each.verdict.value for each in self.outcomes
        ]
