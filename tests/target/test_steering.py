"""How the target steers the SDK: order of drains, checkpoints, discretion."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from target_salesforce_retail.nouns import Arrival, Outcome, Stage, Verdict
from target_salesforce_retail.singer.arrivals import ArrivalBuilder
from target_salesforce_retail.singer.settings import setting_problems, with_defaults
from target_salesforce_retail.singer.target import TargetSalesforceRetail

CONFIG = {"login_url": "http://127.0.0.1:9", "client_id": "id", "client_secret": "hunter2"}
SETTINGS = TargetSalesforceRetail.config_jsonschema
TargetSalesforceRetail.append_builtin_config(SETTINGS)
ORDER = ["shops", "customers", "sales", "sale_lines"]


class FakeRun:
    """Remembers what was written, in order, and what had been acknowledged by then."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, int]] = []

    def rank(self, stream: str) -> int:
        return ORDER.index(stream)

    def check_schema(self, stream: str, schema: dict[str, Any]) -> None:
        """Any stream will do."""

    def is_mapped(self, stream: str) -> bool:
        return True

    def count_filtered(self) -> None:
        """Nobody asks for it here."""

    def load(self, stream: str, arrivals: list[Arrival]) -> list[Outcome]:
        if arrivals:
            self.batches.append((stream, len(arrivals)))
        return [Outcome(arrival, Verdict.CREATED, Stage.SETTLE) for arrival in arrivals]

    def finish(self) -> None:
        """Nothing waits."""


@pytest.fixture
def run() -> FakeRun:
    return FakeRun()


@pytest.fixture
def listen(run: FakeRun, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    def hear(messages: list[dict[str, Any]], **settings: Any) -> list[Any]:
        target = TargetSalesforceRetail(config={**CONFIG, **settings})
        target.__dict__["run"] = run
        target.listen(io.StringIO("".join(f"{json.dumps(message)}\n" for message in messages)))
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return hear


def schema(stream: str) -> dict[str, Any]:
    return {
        "type": "SCHEMA",
        "stream": stream,
        "key_properties": ["id"],
        "schema": {"properties": {"id": {"type": "string"}}},
    }


def records(stream: str, *ids: int) -> list[dict[str, Any]]:
    return [{"type": "RECORD", "stream": stream, "record": {"id": str(each)}} for each in ids]


def state(number: int) -> dict[str, Any]:
    return {"type": "STATE", "value": {"n": number}}


def test_parents_drain_before_a_full_child(listen: Any, run: FakeRun) -> None:
    """Lines fill their batch first; the sales and shoppers still in memory are written before them."""
    messages = [schema("sale_lines"), schema("sales"), schema("customers")]
    messages += records("customers", 1) + records("sales", 1, 2) + records("sale_lines", 1, 2, 3)

    listen(messages, batch_size_rows=3)

    assert run.batches == [("customers", 1), ("sales", 2), ("sale_lines", 3)]


def test_streams_drain_in_the_mappings_order_at_the_end(listen: Any, run: FakeRun) -> None:
    """Whatever the order of arrival."""
    messages = [schema("sale_lines"), schema("shops"), schema("sales")]
    messages += records("sale_lines", 1) + records("sales", 1) + records("shops", 1)

    listen(messages)

    assert [stream for stream, _ in run.batches] == ["shops", "sales", "sale_lines"]


def test_a_sink_whose_schema_changed_still_drains_before_its_children(listen: Any, run: FakeRun) -> None:
    """The SDK sets the old sink aside; it must not be overtaken by lines of its sales."""
    changed = schema("sales")
    changed["schema"] = {"properties": {"id": {"type": "string"}, "total": {"type": "number"}}}
    messages = [schema("sales"), schema("sale_lines"), *records("sales", 1), changed, *records("sale_lines", 1, 2)]

    listen(messages, batch_size_rows=2)

    assert run.batches == [("sales", 1), ("sale_lines", 2)]


def test_a_state_is_a_checkpoint_after_enough_rows(listen: Any, run: FakeRun) -> None:
    """Every second record's STATE is acknowledged; the last one at the end."""
    messages: list[dict[str, Any]] = [schema("customers")]
    for number in range(1, 6):
        messages += [*records("customers", number), state(number)]

    said = listen(messages, checkpoint_rows=2, checkpoint_seconds=1000)

    assert said == [{"n": 2}, {"n": 4}, {"n": 5}]
    assert run.batches == [("customers", 2), ("customers", 2), ("customers", 1)]


def test_a_state_is_a_checkpoint_after_enough_seconds(listen: Any) -> None:
    """With no patience at all every STATE is one."""
    messages: list[dict[str, Any]] = [schema("customers")]
    for number in range(1, 4):
        messages += [*records("customers", number), state(number)]

    said = listen(messages, checkpoint_seconds=0)

    assert {"n": 1} in said
    assert said[-1] == {"n": 3}


def test_nothing_is_acknowledged_when_a_batch_fails(
    listen: Any, run: FakeRun, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The pipeline raised: no STATE leaves."""

    def fail(stream: str, arrivals: list[Arrival]) -> list[Outcome]:
        raise RuntimeError

    monkeypatch.setattr(run, "load", fail)
    with pytest.raises(RuntimeError):
        listen([schema("customers"), *records("customers", 1), state(1)], checkpoint_rows=1)

    assert capsys.readouterr().out == ""


def test_faults_name_the_property_and_the_rule_never_the_value() -> None:
    """All faults of a record, each once and with its place."""
    builder = ArrivalBuilder(
        "customers",
        {"type": "object", "required": ["id", "at"], "properties": {"email": {"type": "string"}, "n": {"enum": [1]}}},
        ["id"],
    )

    arrival = builder.arrival({"email": 4711, "n": 2})

    assert [str(flaw) for flaw in arrival.flaws] == [
        "email: breaks `type: string`",
        "n: breaks `enum: [1]`",
        "record: lacks at, id",
    ]
    assert "4711" not in " ".join(map(str, arrival.flaws))


def test_a_sound_record_has_no_faults() -> None:
    """And its key joins its key properties."""
    builder = ArrivalBuilder(
        "customers", {"type": "object", "properties": {"id": {"type": "string"}}}, ["account_id", "id"]
    )

    arrival = builder.arrival({"account_id": "1000", "id": "42"})

    assert arrival.flaws == ()
    assert arrival.key == "1000:42"


def test_a_wrong_setting_never_shows_its_value() -> None:
    """The type error of a secret says the rule, not the secret."""
    faults = setting_problems(TargetSalesforceRetail.config_jsonschema, {**CONFIG, "client_secret": 4711}, "X_")

    assert len(faults) == 1
    assert "client_secret" in faults[0]
    assert "4711" not in faults[0]


@pytest.mark.parametrize(("text", "read"), [("0.5", 0.5), (" 1 ", 1.0), ("nan", "nan"), ("much", "much")])
def test_a_decimal_of_the_environment_is_read(text: str, read: float | str) -> None:
    """The environment holds text only; what is no number stays, and is refused by name."""
    schema = TargetSalesforceRetail.config_jsonschema

    config = with_defaults(schema, {**CONFIG, "api_budget_share": text, "client_id": "0.5"})

    assert config["api_budget_share"] == read
    assert config["client_id"] == "0.5"
    assert [fault for fault in setting_problems(schema, config, "X_") if "api_budget_share" not in fault] == []
    assert bool(setting_problems(schema, config, "X_")) is isinstance(read, str)


@pytest.mark.parametrize("name", SETTINGS["properties"])
def test_null_is_a_setting_left_away(name: str) -> None:
    """The schema lets it in wherever a setting is not required; then its default holds, if it has one."""
    told, left = {**CONFIG, name: None}, {each: value for each, value in CONFIG.items() if each != name}

    assert bool(setting_problems(SETTINGS, with_defaults(SETTINGS, told), "X_")) is (name in SETTINGS["required"])
    if name not in SETTINGS["required"]:
        assert with_defaults(SETTINGS, told) == with_defaults(SETTINGS, left)
        assert TargetSalesforceRetail(config=told).config == TargetSalesforceRetail(config=left).config


def test_debug_logging_shows_no_record(listen: Any, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """At the finest level no record and no state is written to the log."""
    caplog.set_level(1)
    messages = [schema("customers"), {"type": "RECORD", "stream": "customers", "record": {"id": "secret-shopper"}}]

    listen([*messages, {"type": "STATE", "value": {"secret": "secret-state"}}])

    assert "secret-" not in caplog.text
