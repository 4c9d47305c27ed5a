"""The target without Meltano: Singer lines from anywhere."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from sandbox.salesforce.rules import ValidationRule
from tests.journeys.pair import BIN, Pair, run

CUSTOMERS = {
    "type": "SCHEMA",
    "stream": "customers",
    "key_properties": ["account_id", "id"],
    "schema": json.loads(
        (BIN.parents[1] / "tap-lightspeed-retail/tap_lightspeed_retail/schemas/customers.json").read_text()
    ),
}


def singer(*records: dict[str, Any], state: dict[str, Any] | None = None) -> str:
    lines = [
        CUSTOMERS,
        *({"type": "RECORD", "stream": "customers", "record": {"account_id": "1", **each}} for each in records),
    ]
    if state is not None:
        lines.append({"type": "STATE", "value": state})
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def shopper(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "first_name": "Ada",
        "last_name": f"Lovelock{number}",
        "email": f"ada{number}@example.com",
        "archived": False,
        "updated_at": "2026-11-01T10:00:00+00:00",
        **more,
    }


def test_lines_from_a_file_are_loaded(pair: Pair) -> None:
    """`cat file.singer | target-salesforce-retail` creates the shoppers and says the state."""
    done = pair.load(singer(shopper(1), shopper(2), state={"bookmark": 7}))

    assert done.returncode == 0, done.stderr
    assert {"Lovelock1", "Lovelock2"} == {row["LastName"] for row in pair.rows("Contact")}
    assert [json.loads(line) for line in done.stdout.splitlines()] == [{"bookmark": 7}]


def test_what_salesforce_refuses_is_held_and_the_others_are_in(pair: Pair) -> None:
    """A rule of the org refuses one shopper: held with its reason, the neighbours are in, the exit code is 0."""
    secret = "Unwelcomename"
    pair.box.org.rules.append(ValidationRule("Contact", "LastName", secret, f"{secret} is not welcome"))
    done = pair.load(singer(shopper(1), shopper(2, last_name=secret), shopper(3), state={"n": 1}))

    assert done.returncode == 0, done.stderr
    assert {"Lovelock1", "Lovelock3"} == {row["LastName"] for row in pair.rows("Contact")}
    last = done.stderr.strip().splitlines()[-1]
    assert "3 arrived = 2 created" in last
    assert "1 held" in last
    assert secret not in done.stderr
    holds = pair.companion("holds")
    assert "rule_broken" in holds.stdout
    assert "FIELD_CUSTOM_VALIDATION_EXCEPTION" in holds.stdout
    assert secret not in holds.stdout


def test_holds_fail_the_run_when_told_to(pair: Pair) -> None:
    """With max_holds 0 the same load exits 1, after the state: what is held is kept all the same."""
    pair.target_settings["max_holds"] = 0
    done = pair.load(singer(shopper(1, email_opt_out="?"), shopper(2), state={"n": 1}))

    assert done.returncode == 1
    assert "max_holds" in done.stderr.strip().splitlines()[-1]
    assert done.stdout.strip()
    assert len(pair.rows("Contact")) == 1


def test_a_held_record_is_replayed_once_it_is_mended(pair: Pair) -> None:
    """A newer version closes the hold; replay of what is still held never makes a duplicate."""
    pair.box.org.rules.append(ValidationRule("Contact", "LastName", "Taboo", "not this one"))
    pair.load(singer(shopper(1, last_name="Taboo"), shopper(2, last_name="Taboo")))
    pair.load(singer(shopper(1, last_name="Mended", updated_at="2026-11-02T10:00:00+00:00")))
    pair.box.org.rules.clear()  # the admin takes the rule away

    replayed = pair.companion("replay")
    again = pair.companion("replay")

    assert "1 created" in replayed.stdout, replayed.stderr
    assert "nothing to replay" in again.stdout
    assert sorted(row["LastName"] for row in pair.rows("Contact")) == ["Mended", "Taboo"]


def test_an_invalid_record_is_held_not_fatal(pair: Pair) -> None:
    """A record that breaks its schema waits with a reason that quotes no value."""
    done = pair.load(singer(shopper(1, email_opt_out=["secret@example.com"]), shopper(2)))

    assert done.returncode == 0, done.stderr
    assert len(pair.rows("Contact")) == 1
    assert "invalid" in pair.companion("holds").stdout
    assert "secret@example.com" not in done.stderr


def test_a_line_that_is_not_json_is_not_quoted(pair: Pair) -> None:
    """The error says where, not what: the line holds a shopper."""
    done = run(pair.target_command(), input=singer(shopper(1)) + '{"type": "RECORD", "secret@example.com\n')

    assert done.returncode == 1
    assert "not JSON" in done.stderr
    assert "secret@example.com" not in done.stderr


def test_decimals_in_state_survive(pair: Pair) -> None:
    """A float in STATE does not crash the target."""
    done = pair.load(singer(shopper(1), state={"rate": 1.5}))

    assert json.loads(done.stdout, parse_float=Decimal) == {"rate": Decimal("1.5")}


@pytest.mark.parametrize("plugin", ["tap-lightspeed-retail", "target-salesforce-retail"])
@pytest.mark.parametrize("words", [["--about"], ["--about", "--format", "json"], ["--help"], ["--version"]])
def test_the_plugins_introduce_themselves(plugin: str, words: list[str]) -> None:
    """Without settings and without network."""
    done = run([str(BIN / plugin), *words])

    assert done.returncode == 0, done.stderr
    assert plugin in done.stdout


@pytest.mark.parametrize(
    ("plugin", "missing"), [("tap-lightspeed-retail", "client_id"), ("target-salesforce-retail", "login_url")]
)
def test_a_wrong_setting_is_named_with_the_remedy(pair: Pair, plugin: str, missing: str) -> None:
    """The setting, what it is for, and where to set it; no other setting's value is printed."""
    config = pair.folder / "config.json"
    config.write_text(json.dumps({"client_secret": "hunter2hunter2"}))

    done = run([str(BIN / plugin), "--config", str(config)], input="")

    assert done.returncode != 0
    assert missing in done.stderr
    assert f"{plugin.replace('-', '_').upper()}_{missing.upper()}" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
