"""What a person sees of the ledger: why a record is held and what to do, and no shopper."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from target_salesforce_retail.companion.cli import main
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.nouns import Arrival, Decided, DecisionKind, Outcome, Reason, Reference, Stage, Why
from target_salesforce_retail.org.session import Session
from target_salesforce_retail.trail import clue

from tests.target.ledgers import done, fresh, held, settle

ROOT = Path(__file__).parents[2]
TWO = ("003000000000001AAA", "003000000000002AAA")


def shown(
    tmp_path: Path, *command: str, fill: Callable[[SqlLedger], SqlLedger] | None = None, exit_code: int = 0
) -> str:
    """What a command prints about a ledger with one record of each kind."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    (fill or filled)(open_ledger(url))
    settings = tmp_path / "settings.json"
    org = {"login_url": "https://nowhere.my.salesforce.com", "client_id": "x", "client_secret": "x"}
    settings.write_text(json.dumps({"ledger_url": url, "transforms": str(ROOT / "transforms"), **org}))
    result = CliRunner().invoke(main, ["--config", str(settings), *command], catch_exceptions=False)
    assert result.exit_code == exit_code
    return " ".join(result.output.split())


def filled(ledger: SqlLedger) -> SqlLedger:
    doubt = replace(held(Reason.MANY_MATCHES, key="1:1"), candidates=TWO)
    child = held(Reason.PARENT_MISSING, (Reference("Sale__c", "sales", "1:9"),), stream="sale_lines", key="1:2")
    flawed = replace(held(Reason.INVALID, key="1:3"), stage=Stage.CHECK, message="email: breaks `type: string`")
    refused = replace(held(key="1:4"), message="secret-shopper is no e-mail", code="INVALID_EMAIL_ADDRESS")
    settle(ledger, doubt, child, flawed, refused)
    return ledger


def test_whom_a_hold_may_be_is_shown_with_where_to_look(tmp_path: Path) -> None:
    """Object, id and address of each candidate: nobody recognises a person by an id."""

    def fill(ledger: SqlLedger) -> SqlLedger:
        doubt = replace(held(Reason.MANY_MATCHES, key="1:1"), candidates=TWO)
        several = clue("email", Why.SEVERAL, [("Contact", TWO[0]), ("Contact", TWO[1])])
        settle(ledger, replace(doubt, trail=(several,)))
        return ledger

    said = shown(tmp_path, "holds", fill=fill)
    for each in TWO:
        assert f"hold 1: Contact {each} https://nowhere.my.salesforce.com/{each}" in said
    asked = shown(tmp_path, "decide", "1", fill=fill, exit_code=2)
    assert f"Say one of --is ID, --new and --not ID. hold 1: Contact {TWO[0]} https://nowhere" in asked


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


def receipts(ledger: SqlLedger) -> SqlLedger:
    """A shopper who is held, her three receipts, a line of one of them, and a receipt of somebody else."""
    settle(ledger, held(Reason.MANY_MATCHES, key="1:1"))
    for key, shopper in (("1:7", "1:1"), ("1:8", "1:1"), ("1:9", "1:1"), ("1:10", "1:2")):
        settle(ledger, waiting("sales", key, "customers", shopper))
    settle(ledger, waiting("sale_lines", "1:70", "sales", "1:7"))
    return ledger


def waiting(stream: str, key: str, parent: str, of: str) -> Outcome:
    return held(Reason.PARENT_MISSING, (Reference("Parent", parent, of),), stream=stream, key=key)


def test_what_waits_for_one_record_is_one_line(tmp_path: Path) -> None:
    """Receipts and their lines, named by the oldest; what to do is to decide about the shopper."""
    said = shown(tmp_path, "holds", fill=receipts)

    assert "2 sales, sale_lines 1:7 and 3 more parent_missing customers:1:1 Decide about customers:1:1 (hold 1)" in said
    assert "1:10" in said
    assert "1:8" not in said
    assert "6 open holds." in said


def test_they_are_told_to_decide_only_where_that_helps(tmp_path: Path) -> None:
    """A shopper who is held for a value: what mends that is said, of every record that they wait for."""

    def fill(ledger: SqlLedger) -> SqlLedger:
        receipts(ledger)
        settle(ledger, held(Reason.UNCONVERTIBLE, key="1:1"))
        return ledger

    said = shown(tmp_path, "holds", fill=fill)

    assert "They come in with customers:1:1 (hold 1), unconvertible. Mend the value in Lightspeed" in said
    assert "Decide about" not in said


def test_each_of_them_is_shown_on_demand(tmp_path: Path) -> None:
    """With what it waits for itself."""
    said = shown(tmp_path, "holds", "--all", fill=receipts)

    assert "1:8" in said
    assert "sale_lines 1:70 parent_missing sales:1:7 1" in said


@pytest.mark.parametrize(
    ("words", "ending"),
    [
        ((), "6 open holds."),
        (("--limit", "1"), "1 of 6 open holds shown."),
        (("--limit", "2"), "5 of 6 open holds shown."),
        (("--limit", "2", "--all"), "2 of 6 open holds shown."),
        (("--stream", "sales"), "4 open holds."),
        (("--reason", "parent_missing", "--limit", "1"), "4 of 5 open holds shown."),
        (("--stream", "items"), "0 open holds."),
        (("--reason", "locked"), "0 open holds."),
    ],
)
def test_what_is_not_shown_is_counted(tmp_path: Path, words: tuple[str, ...], ending: str) -> None:
    """Of those that were asked for."""
    assert shown(tmp_path, "holds", *words, fill=receipts).endswith(ending)


@pytest.mark.parametrize("command", ["holds", "replay"])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("--stream", "sale"),
            "There is no stream `sale`; did you mean `sales`? What is held has: customers, sale_lines",
        ),
        (
            ("--reason", "many_match"),
            "There is no reason `many_match`; did you mean `many_matches`? What is held has: many_matches",
        ),
        (("--reason", "\x1b[2J"), "There is no reason `\\x1b[2J`. What is held has: many_matches, parent_missing."),
    ],
)
def test_what_does_not_exist_is_said_with_what_does(
    tmp_path: Path, command: str, words: tuple[str, ...], message: str
) -> None:
    """A mistake is no empty list."""
    assert message in shown(tmp_path, command, *words, fill=receipts, exit_code=2)


def test_a_hold_that_is_not_there_is_no_run(tmp_path: Path) -> None:
    """`replay` says so, and records none."""
    assert "There is no open hold 99." in shown(tmp_path, "replay", "--hold", "99", fill=receipts, exit_code=1)
    assert open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}").runs(9) == []


@pytest.mark.parametrize("words", [(), ("--stream", "items"), ("--reason", "locked")])
def test_a_replay_that_finds_nothing_is_no_run(
    tmp_path: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the org it is only asked whether the ledger is its own."""
    monkeypatch.setattr(Session, "org_id", "00D000000000001")
    fill = receipts if words else lambda ledger: ledger

    said = shown(tmp_path, "replay", *words, fill=fill)

    assert said == f"nothing to replay. {6 if words else 0} open holds."
    assert open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}").runs(9) == []


def decided_twice(ledger: SqlLedger) -> SqlLedger:
    settle(ledger, done(key="1:1"))
    for each in TWO:
        ledger.note([(Arrival("customers", "1:1", {}), Decided(DecisionKind.IS, each, "", "Kim"))])
    ledger.note([(Arrival("customers", "1:2", {}), Decided(DecisionKind.IS_NEW, "", "", "Kim"))])
    for _ in range(2):
        ledger.open_run()
    return ledger


@pytest.mark.parametrize(
    ("words", "ending"),
    [
        (("decisions",), " 3 decisions."),
        (("decisions", "--limit", "2"), " 2 of 3 decisions shown."),
        (("decisions", "--key", "1:1", "--limit", "1"), " 1 of 2 decisions shown."),
        (("decisions", "--stream", "items"), " 0 decisions."),
        (("runs", "--limit", "1"), " 1 of 2 runs shown."),
        (("decisions", "--key", "1:2"), " 1 decision."),
        (("runs",), " 2 runs."),
    ],
)
def test_what_is_not_shown_of_decisions_and_runs_is_counted(
    tmp_path: Path, words: tuple[str, ...], ending: str
) -> None:
    """As of holds."""
    assert shown(tmp_path, *words, fill=decided_twice).endswith(ending)


def merged_too(ledger: SqlLedger) -> SqlLedger:
    """Of a decision and a merge, which took three records down."""
    ledger.note([(Arrival("customers", "1:1", {}), Decided(DecisionKind.IS, "A", "", "Kim"))])
    merge = Decided(DecisionKind.MERGED, "A", "B", "the rules email and phone, for 1:7")
    ledger.note([(Arrival("customers", key, {}), merge) for key in ("1:1", "1:2", "1:7")])
    return ledger


def test_a_merge_is_one_line_and_no_decision(tmp_path: Path) -> None:
    """With the keys of all whom it concerns; whom each was linked to before it, it does not tell."""
    listed = shown(tmp_path, "decisions", fill=merged_too)
    of_one = shown(tmp_path, "decisions", "--key", "1:2", fill=merged_too)

    assert "customers 1:1, 1:2, 1:7 B was merged into A " in f"{listed} "
    assert listed.count("B") == 1
    assert listed.endswith(" 1 decision. 1 merge.")
    assert of_one.endswith(" 0 decisions. 1 merge.")


def test_decisions_of_a_stream_that_there_is_not_are_no_empty_list(tmp_path: Path) -> None:
    """What was mistyped is named."""
    said = shown(tmp_path, "decisions", "--stream", "customer", fill=decided_twice, exit_code=2)

    assert "There is no stream `customer`; did you mean `customers`? What is known has: customers." in said


def test_text_of_others_does_nothing_to_a_terminal(tmp_path: Path) -> None:
    """Neither in a hold's words nor in a run's."""

    def odd(ledger: SqlLedger) -> SqlLedger:
        ledger.open_run()
        flawed = replace(held(Reason.INVALID), stage=Stage.CHECK, message="e\x1b[2J", code="C\x9b", fields=("F\u202e",))
        settle(ledger, flawed)
        ledger.close_run("failed", "note\x1b[2J")
        return ledger

    said = shown(tmp_path, "holds", fill=odd)

    assert [each for each in ("e\\x1b[2J", "C\\x9b", "F\\u202e") if each not in said] == []
    assert "note\\x1b[2J" in shown(tmp_path, "runs", fill=lambda ledger: ledger)
    assert "\x1b" not in shown(tmp_path, "explain", "customers", "1:7", fill=lambda ledger: ledger)


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
