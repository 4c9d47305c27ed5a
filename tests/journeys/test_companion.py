"""The companion command: what an operator and a reviewer type."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from rich.console import Console
from target_salesforce_retail.companion.command import table_of

from sandbox.salesforce.rules import ValidationRule
from tests.journeys.pair import BIN, MELTANO, ROOT, Pair, environment, run
from tests.journeys.test_singer_file import shopper, singer


def test_explain_says_what_became_of_a_record(pair: Pair) -> None:
    """Which rule, to what, which fields were sent; values only when asked for."""
    pair.box.org.insert_as_user("Contact", {"FirstName": "Ada", "LastName": "Lovelock1", "Email": "ada1@example.com"})
    pair.load(singer(shopper(1, mobile="514-250-0001")))

    plain = pair.companion("explain", "customers", "1:1", "--json")
    whole = pair.companion("explain", "customers", "1:1", "--values", "--json")

    said = json.loads(plain.stdout)
    assert (said["verdict"], said["object"], said["rule"]) == ("updated", "Contact", "email")
    assert {"Lightspeed_Key__c", "MobilePhone", "Phone_Key__c"} <= set(said["sent"])
    assert "514" not in plain.stdout
    assert json.loads(whole.stdout)["sent"]["Phone_Key__c"] == "+15142500001"


def test_explain_of_an_unknown_record_says_what_keys_look_like(pair: Pair) -> None:
    """Exit 1, without a traceback."""
    done = pair.companion("explain", "customers", "nobody")

    assert done.returncode == 1
    assert "<account_id>:<id>" in done.stderr


def test_what_salesforce_said_is_shown_on_demand_only(pair: Pair) -> None:
    """Its words may hold the value."""
    pair.box.org.rules.append(ValidationRule("Contact", "FirstName", "Secretia", "no Secretia here"))
    pair.load(singer(shopper(1, first_name="Secretia")))

    assert "Secretia" not in pair.companion("explain", "customers", "1:1").stdout
    assert "no Secretia here" in pair.companion("explain", "customers", "1:1", "--values").stdout


def test_lint_cases_and_preflight_pass_for_the_shipped_mappings(pair: Pair) -> None:
    """And preflight writes nothing."""
    for words in (["lint"], ["cases"], ["preflight"]):
        done = pair.companion(*words)
        assert done.returncode == 0, done.stderr
    assert pair.writes() == {}


def test_runs_add_up(pair: Pair) -> None:
    """One line per run, and the counts as JSON."""
    pair.load(singer(shopper(1), shopper(2, archived=True), shopper(3, email_opt_out="?")))

    table = pair.companion("runs").stdout
    (counted,) = json.loads(pair.companion("runs", "--format", "json").stdout)

    assert "3 arrived = 1 created + 0 updated + 0 unchanged + 1 skipped + 1 held" in table
    assert counted["streams"]["customers"] == {"created": 1, "skipped": 1, "held": 1}
    assert counted["reasons"] == {"excluded": 1, "invalid": 1}
    assert counted["state"] == "done"


def test_wrong_settings_of_the_companion_are_named(pair: Pair) -> None:
    """Only where they are needed: lint needs no org."""
    config = pair.folder / "partial.json"
    config.write_text(json.dumps({"transforms": str(ROOT / "transforms")}))
    command = str(BIN / "salesforce-retail")

    linted = run([command, "--config", str(config), "lint"])
    replayed = run([command, "--config", str(config), "replay"])

    assert linted.returncode == 0, linted.stderr
    assert replayed.returncode == 2
    assert "TARGET_SALESFORCE_RETAIL_LOGIN_URL" in replayed.stderr


@pytest.mark.usefixtures("installed")
def test_meltano_invokes_it_with_the_targets_settings(pair: Pair) -> None:
    """As the guides say."""
    ledger = f"sqlite:///{pair.folder / 'ledger.db'}"
    env = environment(
        TARGET_SALESFORCE_RETAIL_LOGIN_URL=pair.box.salesforce_url,
        TARGET_SALESFORCE_RETAIL_LEDGER_URL=ledger,
        TARGET_SALESFORCE_RETAIL_CHECKPOINT_SECONDS="2.5",  # Meltano itself ends on one that it is told is a decimal
        MELTANO_DATABASE_URI=f"sqlite:///{pair.folder / 'm.db'}",
    )
    pair.load(singer(shopper(1, email_opt_out="?")))

    done = run([MELTANO, "invoke", "target-salesforce-retail:holds"], cwd=ROOT, env=env)
    refused = run([MELTANO, "invoke", "target-salesforce-retail:replay", "--hold", "99"], cwd=ROOT, env=env)

    assert done.returncode == 0, done.stderr[-2000:]
    assert "invalid" in done.stdout
    assert "There is no open hold 99. See `meltano invoke target-salesforce-retail:holds`." in refused.stderr


def test_what_to_do_can_be_read_beside_long_lists() -> None:
    """A receipt that waits, and a shopper with two candidates: the sentence keeps lines of some words."""
    table = table_of("hold", "key", "reason", "candidates", "waits for", "what to do")
    remedy = "Merge the duplicates in Salesforce, then replay."
    table.add_row("1", "182255:3", "many_matches", "0035e0000000002AAA, 0035e0000000003AAA", "", remedy)
    table.add_row("2", "182255:1042", "parent_missing", "", "customers 182255:3", remedy)
    console = Console(width=120, record=True, file=StringIO())

    console.print(table)

    assert "Merge the duplicates in" in console.export_text()
