"""`salesforce-retail plan`: what a run would do, said before it does it, with nothing written anywhere."""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from target_salesforce_retail.ledger.listing import RecordSummary
from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.nouns import Verdict

from sandbox.salesforce.people import merge
from sandbox.salesforce.rules import ValidationRule
from tests.journeys.lines import change, item, line, person, said, sale, shop, state
from tests.journeys.pair import BIN, ROOT, Pair, environment, run

LAST_NAMES = ("Lovelace", "Byron", "Newlyn")


def plan(pair: Pair, singer: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A plan of these lines, from a file."""
    file = pair.folder / "messages.singer"
    file.write_text(singer, "utf-8")
    return pair.companion("plan", "--input", str(file), *words)


def kept(folder: Path) -> dict[str, bytes]:
    """Every file of the ledger, as it is on disk."""
    return {path.name: path.read_bytes() for path in folder.glob("ledger.db*")}


def told(done: subprocess.CompletedProcess[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """Stream and verdict of each group of a plan in JSON -> the group, where there is one of the kind."""
    return {(group["stream"], group["verdict"]): group for group in json.loads(done.stdout)["groups"]}


@pytest.fixture
def met(pair: Pair) -> Pair:
    """Ada is in the CRM with an old phone; twice there is somebody with Byron's e-mail."""
    insert = pair.box.org.insert_as_user
    insert(
        "Contact",
        {"FirstName": "Ada", "LastName": "Lovelace", "Email": "ada@example.com", "Phone_Key__c": "+15142500001"},
    )
    insert("Contact", {"FirstName": "George", "LastName": "Byron", "Email": "byron@example.com"})
    insert("Contact", {"FirstName": "George", "LastName": "Byron", "Email": "byron@example.com"})
    return pair


def day_one() -> str:
    """Ada with another phone, Byron, somebody new, the receipt of who is new, and a STATE."""
    people = (
        person(1, "Ada", "Lovelace", email="ada@example.com", mobile="514-250-0002"),
        person(2, "George", "Byron", email="byron@example.com"),
        person(3, "Nell", "Newlyn", email="nell@example.com"),
    )
    receipt = sale(9, 91, customer_id="3")
    told = said("shops", shop()) + said("customers", *people) + said("sales", receipt) + said("sale_lines", line(91, 9))
    return told + state(bookmark=1)


def test_a_plan_says_what_a_run_then_does(met: Pair) -> None:
    """By verdict, rule and field; a receipt hangs on a shopper who is not there yet. Nothing is written."""
    before = copy.deepcopy(met.box.org.tables)

    done = plan(met, day_one(), "--format", "json", "--values")

    assert done.returncode == 4, done.stderr
    assert (met.box.org.tables, met.writes(), kept(met.folder)) == (before, {}, {})
    groups = told(done)
    assert (groups["customers", "updated"]["rule"], groups["customers", "updated"]["object"]) == ("email", "Contact")
    (ada,) = groups["customers", "updated"]["examples"]
    phone = {each["field"]: (each["before"], each["after"]) for each in ada["changes"]}["Phone_Key__c"]
    assert phone == ("+15142500001", "+15142500002")
    assert groups["customers", "held"]["reason"] == "many_matches"
    (nell,) = groups["customers", "created"]["examples"]
    (receipt,) = groups["sales", "created"]["examples"]
    assert re.fullmatch("003PLAN[0-9]{8}[A-Z0-5]{3}", nell["id"])
    assert nell["id"] in [each["after"] for each in receipt["changes"]]

    met.load(day_one())

    assert met.writes() == {
        ("create", "Contact"): 1,
        ("create", "Retail_Profile__c"): 1,
        ("create", "Retail_Shop__c"): 1,
        ("create", "Retail_Sale__c"): 1,
        ("create", "Retail_Sale_Line__c"): 1,
        ("update", "Contact"): 1,
    }


def test_a_plan_after_the_run_has_nothing_to_write(met: Pair) -> None:
    """Who was held is held still; the ledger is left as it is, byte for byte."""
    met.load(day_one())
    before, tables = kept(met.folder), copy.deepcopy(met.box.org.tables)

    done = plan(met, day_one(), "--format", "json")

    assert done.returncode == 4, done.stderr
    assert {verdict for _, verdict in told(done)} == {"held"}
    assert (kept(met.folder), met.box.org.tables) == (before, tables)


def test_nothing_to_do_and_something_to_write_have_exit_codes_of_their_own(pair: Pair) -> None:
    """For a CI job: 3 first, 0 when it is done."""
    first = plan(pair, said("shops", shop()))
    pair.load(said("shops", shop()))
    again = plan(pair, said("shops", shop()))

    assert (first.returncode, again.returncode) == (3, 0), first.stderr + again.stderr


def test_values_are_told_only_when_asked_for(met: Pair) -> None:
    """In every format; what is told without them are keys, ids and names of fields."""
    for form in ("table", "json", "markdown"):
        plain = plan(met, day_one(), "--format", form)
        whole = plan(met, day_one(), "--format", form, "--values")

        assert not any(name in plain.stdout + plain.stderr for name in (*LAST_NAMES, "250", "example.com"))
        assert "Newlyn" in whole.stdout
        assert "7:3" in plain.stdout
        assert "Phone_Key__c" in plain.stdout


def test_a_plan_reads_a_pipe(pair: Pair) -> None:
    """`tap | salesforce-retail plan --input -`."""
    config = pair._config("target", pair.box.target_config(pair.folder))
    command = [str(BIN / "salesforce-retail"), "--config", config, "plan", "--input", "-", "--format", "markdown"]

    done = run(command, input=said("shops", shop()))

    assert done.returncode == 3, done.stderr
    assert "| shops | 1 | 0 | 0 | 0 | 0 |" in done.stdout


def test_without_input_a_plan_tells_of_the_holds(met: Pair) -> None:
    """What `replay` would take: two of Byron were merged by a person since, and the plan says what comes of that."""
    met.load(day_one())
    first, second = [row["Id"] for row in met.rows("Contact") if row["LastName"] == "Byron"]
    before = kept(met.folder)

    still = met.companion("plan", "--format", "json")
    merge(met.box.org, first, [second])
    then = met.companion("plan", "--format", "json")

    assert (still.returncode, then.returncode) == (4, 3), still.stderr + then.stderr
    assert told(then)["customers", "updated"]["examples"][0]["id"] == first
    assert kept(met.folder) == before
    assert "1 updated" in met.companion("replay").stdout


def test_without_input_a_plan_tells_what_follows_from_the_holds(pair: Pair) -> None:
    """A product is held, and its receipt's line is in without it: once the product comes in, the line gets it."""
    rules = pair.box.org.rules
    rules.append(ValidationRule("Product2", "Name", "Teapot 3", "no teapots"))
    receipt = said("sales", sale(9, 91)) + said("sale_lines", line(91, 9, item_id="3"))
    pair.load(said("shops", shop()) + said("items", item(3)) + receipt)
    rules.clear()

    done = pair.companion("plan", "--format", "json")

    assert done.returncode == 3, done.stderr
    (product,) = told(done)["items", "created"]["examples"]
    assert product["is_new"]
    assert told(done)["sale_lines", "updated"]["fields"] == {"Item__c": 1}
    replayed = pair.companion("replay").stdout
    assert replayed.startswith("1 created; 1 that waited for them tried again"), replayed


def test_what_ends_a_run_ends_a_plan(pair: Pair) -> None:
    """A line that is no Singer: exit 1; a mapping that names what the org has not: exit 2; damaged records are held."""
    broken = plan(pair, "no singer\n")
    odd = plan(pair, said("customers", person(1, "Ada", email_opt_out="?")))
    change(pair, "shops", "fields:", "fields:\n  Nowhere__c: {value: 1}")
    wrong = plan(pair, said("shops", shop()))

    assert (broken.returncode, odd.returncode, wrong.returncode) == (1, 4, 2), odd.stderr
    assert "input, line 1" in broken.stderr
    assert "Nowhere__c" in wrong.stderr


def test_too_much_to_delete_ends_a_plan_too(pair: Pair) -> None:
    """And the lines of a receipt that would go are counted where they are few."""
    lines = range(100, 160)
    pair.load(said("shops", shop()) + said("sales", sale(9, *lines)) + said("sale_lines", *(line(n, 9) for n in lines)))
    rows = pair.rows("Retail_Sale_Line__c")

    none = plan(pair, said("sales", sale(9, on=2)))
    fewer = plan(pair, said("sales", sale(9, *lines[2:], on=2)), "--format", "json")

    assert (none.returncode, fewer.returncode) == (1, 3), none.stderr + fewer.stderr
    assert "This run would delete 60 of 60 records" in none.stderr
    deleted = json.loads(fewer.stdout)["deleted"]["Retail_Sale_Line__c"]
    gone = {row["Id"] for row in rows if row["Lightspeed_Key__c"] in ("7:100", "7:101")}
    assert (deleted["records"], set(deleted["examples"])) == (2, gone)
    assert pair.rows("Retail_Sale_Line__c") == rows


def test_a_ledger_of_another_org_plans_nothing(pair: Pair) -> None:
    """Its ids mean nothing here."""
    open_ledger(pair.box.target_config(pair.folder)["ledger_url"]).claim("00D000000000009")

    done = plan(pair, said("shops", shop()))

    assert done.returncode == 1
    assert "belongs to org 00D000000000009" in done.stderr


def test_a_plan_of_a_whole_chain_is_what_the_sync_then_does(chain: Pair) -> None:
    """Shoppers, receipts and stock of four shops, and again after a day of trade: every record, every value."""
    for _ in range(2):
        singer = chain.extract()
        foretold = records_of(plan(chain, singer, "--format", "json", "--values", "--examples", "100000"))
        written = sum(chain.writes().values())

        assert chain.load(singer).returncode == 0

        ledger = open_ledger(chain.box.target_config(chain.folder)["ledger_url"])
        assert {place: record_of(ledger.record(*place)) for place in foretold} == foretold
        assert sum(chain.writes().values()) > written
        chain.box.trade(hours=8)


def records_of(done: subprocess.CompletedProcess[str]) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Stream and key of every record of a plan -> what would become of it."""
    assert done.returncode in (3, 4), done.stderr
    return {
        (group["stream"], each["key"]): line_of(
            *(group[name] for name in ("verdict", "object", "rule", "reason")),
            {change["field"]: change["after"] for change in each.get("changes", ())},
        )
        for group in json.loads(done.stdout)["groups"]
        for each in group["examples"]
    }


def record_of(known: RecordSummary | None) -> tuple[Any, ...]:
    """The same of what a run has done."""
    assert known
    sent = json.loads(json.dumps(known.sent, default=float)) if known.verdict is not Verdict.HELD else {}
    reason = known.reason.value if known.reason else None
    return line_of(known.verdict.value, known.object, known.rule, reason, sent)


def line_of(verdict: str, name: str | None, rule: str | None, reason: str | None, sent: Mapping[str, Any]) -> Any:
    """Whom lookups refer to is not said; nor, of what is skipped, its object: the ledger knows an earlier version's."""
    values = {field: without_ids(value) for field, value in sent.items()}
    return verdict, name if verdict != "skipped" else None, rule, reason, values


def without_ids(value: Any) -> Any:
    return "an id" if re.fullmatch("[a-zA-Z0-9]{15}[A-Z0-5]{3}", str(value)) else value


def test_a_run_that_would_stop_for_its_holds_says_so_before(pair: Pair) -> None:
    """The plan is told, and the exit code is that of the run."""
    pair.target_settings["max_holds"] = 0

    done = plan(pair, said("customers", person(1, "Ada", email_opt_out="?")))

    assert done.returncode == 1
    assert "invalid" in done.stdout
    assert "max_holds = 0" in done.stderr


def test_what_a_run_warns_of_a_plan_warns_of(pair: Pair) -> None:
    """A stream that receipts wait for, and that nobody has selected."""
    done = plan(pair, said("shops", shop()) + said("sales", sale(1, customer_id="5")))

    assert done.returncode == 4
    assert "parent_missing" in done.stdout
    assert "waits for `customers`" in done.stderr


def test_input_that_is_not_there_is_named(pair: Pair) -> None:
    """Exit 1, without a traceback."""
    done = pair.companion("plan", "--input", "nowhere.singer")

    assert done.returncode == 1
    assert done.stderr.startswith("nowhere.singer: It cannot be read")


@pytest.mark.parametrize("singer", ["", said("shops"), state(bookmark=1)], ids=["nothing", "a SCHEMA", "a STATE"])
def test_input_without_a_record_is_no_all_clear(pair: Pair, singer: str) -> None:
    """A tap that failed before its first record must not turn a job green: exit 5, and no plan."""
    done = plan(pair, singer)

    assert (done.returncode, done.stdout) == (5, ""), done.stderr
    assert "messages.singer: No record came" in done.stderr


def test_what_is_piped_in_is_not_passed_over(pair: Pair) -> None:
    """Without `--input` the ledger would be planned, and the messages would be lost: exit 2, with what to say."""
    config = pair._config("target", pair.box.target_config(pair.folder))

    done = run([str(BIN / "salesforce-retail"), "--config", config, "plan"], input=said("shops", shop()))

    assert (done.returncode, done.stdout) == (2, "")
    assert "--input -" in done.stderr


def test_the_job_of_the_guide_does_what_it_says(met: Pair) -> None:
    """The step of `docs/guides/plan.md`, as it stands: a comment, a warning for holds, red for wrong mappings."""
    page = (ROOT / "docs" / "guides" / "plan.md").read_text("utf-8")
    job = YAML(typ="safe").load(page.partition("```yaml\n")[2].partition("```")[0])["jobs"]["plan"]
    (script,) = [step["run"] for step in job["steps"] if step.get("name") == "plan"]
    settings = {**met.box.target_config(met.folder), "transforms": str(ROOT / "transforms")}
    (met.folder / "messages.singer").write_text(day_one(), "utf-8")

    def step(**changed: str) -> subprocess.CompletedProcess[str]:
        told = {name: str(value) for name, value in {**settings, **changed}.items()}
        env = {f"TARGET_SALESFORCE_RETAIL_{name.upper()}": value for name, value in told.items()}
        path = f"{BIN}:{os.environ['PATH']}"
        return run(["bash", "-e", "-c", script], env=environment(**env, PATH=path), cwd=met.folder)

    held, wrong = step(), step(transforms="nowhere")

    assert (held.returncode, wrong.returncode) == (0, 2), held.stderr + wrong.stderr
    assert "::warning::" in held.stdout
    assert set(job["env"]) <= {f"TARGET_SALESFORCE_RETAIL_{name.upper()}" for name in settings}


def test_the_plan_that_the_guide_shows_is_one(met: Pair) -> None:
    """Its tables have the columns that a plan has, and its last line adds up as one."""
    page = (ROOT / "docs" / "guides" / "plan.md").read_text("utf-8")
    shown = page.partition("```\n")[2].partition("```")[0].splitlines()
    said = plan(met, day_one()).stdout.splitlines()

    for column in (0, 4):
        assert shown[column].split() in [row.split() for row in said]
    for start in ("update customers 7:1 -> Contact", "hold customers 7:2 -> Contact (none): many_matches"):
        assert any(row.startswith(start) for row in shown)
        assert any(row.startswith(start) for row in said)
    assert re.sub("[0-9]+", "N", shown[-1]) == re.sub("[0-9]+", "N", said[-1])
