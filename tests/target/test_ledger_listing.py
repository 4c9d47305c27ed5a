"""What a person sees of the ledger: why a record is held and what to do, and no shopper."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner
from target_salesforce_retail.companion.cli import main
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.nouns import Reason, Reference, Stage

from tests.target.ledgers import done, fresh, held, settle

TWO = ("003000000000001AAA", "003000000000002AAA")


def shown(tmp_path: Path, *command: str) -> str:
    """What a command prints about a ledger with one record of each kind."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    filled(open_ledger(url))
    settings = tmp_path / "settings.json"
    settings.write_text(f'{{"ledger_url": "{url}"}}')
    result = CliRunner().invoke(main, ["--config", str(settings), *command], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def filled(ledger: SqlLedger) -> SqlLedger:
    doubt = replace(held(Reason.MANY_MATCHES, key="1:1"), candidates=TWO)
    child = held(Reason.PARENT_MISSING, (Reference("Sale__c", "sales", "1:9"),), stream="sale_lines", key="1:2")
    flawed = replace(held(Reason.INVALID, key="1:3"), stage=Stage.CHECK, message="email: breaks `type: string`")
    refused = replace(held(key="1:4"), message="secret-shopper is no e-mail", code="INVALID_EMAIL_ADDRESS")
    settle(ledger, doubt, child, flawed, refused)
    return ledger


def test_a_hold_says_what_a_person_needs() -> None:
    """Who it may be, what it waits for, what is wrong in our own words; Salesforce's may quote a shopper."""
    holds = {hold.key: hold for hold in filled(fresh()).holds()}

    assert holds["1:1"].candidates == TWO
    assert holds["1:2"].waits_for == ("sales:1:9",)
    assert holds["1:3"].message == "email: breaks `type: string`"
    assert holds["1:4"].message is None


def test_the_command_shows_it(tmp_path: Path) -> None:
    """Without a shopper."""
    said = shown(tmp_path, "holds")

    for wanted in (*TWO, "sales:1:9", "email: breaks `type: string`", "4 open holds."):
        assert wanted in said
    assert "secret-shopper" not in said


def test_explain_shows_the_holds_reason(tmp_path: Path) -> None:
    """And whom it may be."""
    said = shown(tmp_path, "explain", "customers", "1:1", "--json")

    assert '"reason": "many_matches"' in said
    assert TWO[1] in said


def test_a_record_that_is_held_is_explained_by_its_hold() -> None:
    """What went before is in the link, not in the reason."""
    ledger = fresh()
    settle(ledger, done(version="1"), replace(held(Reason.RULE_BROKEN, version="2"), fields=("Email",)))

    record = ledger.record("customers", "1:7")

    assert record is not None
    assert (record.reason, record.fields, record.id) == (Reason.RULE_BROKEN, ("Email",), "003A")


def test_a_reason_that_is_no_more_reads_as_refused() -> None:
    """An old ledger may say what no version of ours says."""
    assert Reason.of("retired_reason") is Reason.REFUSED
    assert Reason.of("locked") is Reason.LOCKED
