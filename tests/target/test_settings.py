"""What settings may hold: an impossible value ends in a sentence that names the setting, and never in its value."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from target_salesforce_retail.companion.cli import main
from target_salesforce_retail.defects import REPORT
from target_salesforce_retail.singer.settings import ENV_PREFIX, setting_problems
from target_salesforce_retail.singer.target import TargetSalesforceRetail

from tests.lanes import examples
from tests.target.doorway import CONFIG
from tests.target.proof import Ended, Target
from tests.target.test_proof_faults import SHOPPERS, people

SETTINGS: dict[str, Any] = {"properties": {**TargetSalesforceRetail.config_jsonschema["properties"]}}
TargetSalesforceRetail.append_builtin_config(SETTINGS)
REQUIRED: list[str] = sorted(TargetSalesforceRetail.config_jsonschema["required"])
NAMES = sorted(SETTINGS["properties"])
TEXTS = [name for name in NAMES if "string" in SETTINGS["properties"][name]["type"]]
NUMBERS = [name for name in NAMES if {"number", "integer"} & {*SETTINGS["properties"][name]["type"]}]
OBJECTS = [name for name in NAMES if "object" in SETTINGS["properties"][name]["type"]]
CANARY = "quince"

ADDRESSES = [
    "", CANARY, "http://", "http://[", "http://[::::]", "http://quince:99999", "http://quince:0", "http://quince:port",
    f"http://{'q' * 64}.test", f"http://{'q.' * 200}", "http://qu\0ince", "http://qu ince", "http://quince..test",
    "http://quince\n", "ftp://quince", "http://quince?q=1", "http://quince#q", "http://user:quince@127.0.0.1:9",
    "http://127.0.0.1:9/?token=quince", "http://\u0663", "http://*quince",
]  # fmt: skip
VERSIONS = ["", CANARY, "66", "v66.0", "66.0\n", "51.0", "9.0", "066.0", "66.1", "1000.0", "\u0666\u0666.0", "66.0/x"]
LEDGERS = [
    "", CANARY, "http://[", "quince://x", "sqlite+quince:///x", "sqlite:///qu\0ince", "sqlite:///quince?timeout=soon",
    "sqlite:///quince?timeout=1&timeout=2", "sqlite:///quince?plugin=x", "postgresql+psycopg://u:quince@h:port/x",
    "postgresql+psycopg://u:quince@h:99999999999999999999999/x",
]  # fmt: skip
IMPOSSIBLE = [
    *(("login_url", text) for text in ADDRESSES),
    *(("api_version", text) for text in VERSIONS),
    *(("ledger_url", text) for text in LEDGERS),
    *((name, text) for name in TEXTS for text in ("\ud800", f"{CANARY}\udfff")),
    *((name, number) for name in NUMBERS for number in (float("nan"), float("inf"), float("-inf"), -(10**400), -1)),
    *((name, 0) for name in ("api_budget_share", "checkpoint_rows", "batch_size_rows")),
    *((name, 10**400) for name in ("api_budget_share", "max_deleted_share")),
    ("api_budget_share", 1.01),
    *((name, {CANARY: value}) for name in OBJECTS for value in ("\ud800", float("nan"))),
    *(("stream_maps", {key: value}) for key in ("__else__", "customers", CANARY) for value in (0, [CANARY], CANARY)),
    *(("stream_maps", {"customers": {key: "\0"}}) for key in ("email", "__filter__", "__alias__")),
    *(("stream_maps", {"customers": {key: ""}}) for key in ("email", "__filter__", "__alias__")),
    ("stream_maps", {"customers": {"__alias__": "[]"}}),
]


def run(whole: Target, **told: Any) -> Ended:
    target = replace(whole, settings={"ledger_url": "sqlite://", **told}).maps(customers=SHOPPERS)
    return target.hear(*people("Ann"))


def shown(value: object) -> str:
    return ascii(value)[:50]


@pytest.mark.parametrize(("name", "value"), IMPOSSIBLE, ids=shown)
def test_what_no_setting_can_be_is_refused_by_its_name(
    whole: Target, monkeypatch: pytest.MonkeyPatch, name: str, value: Any
) -> None:
    """Before anything is read or written; whatever was said of it, it was not quoted."""
    monkeypatch.chdir(whole.folder)
    ended = run(whole, **{name: value})

    assert ended.exit_code == 2
    assert name in ended.log.splitlines()[-1]
    assert CANARY not in ended.log or name in OBJECTS


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([10**400, "\ud800", "\0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=examples(24), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=ANYTHING)
@example(value=10**400)
@example(value={"customers": {"email": "'x'"}})
def test_any_value_of_any_setting_ends_in_a_start_or_in_a_sentence(
    whole: Target, monkeypatch: pytest.MonkeyPatch, name: str, value: Any
) -> None:
    """Never as a defect of the target, for it is none."""
    monkeypatch.chdir(whole.folder)
    ended = run(whole, **{name: value})

    assert ended.exit_code in ({0, 1, 2} if name in TEXTS else {0, 2})
    assert REPORT not in ended.log
    assert ended.exit_code != 2 or name in ended.log


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_of_a_setting_is_in_what_a_failed_run_says(whole: Target, name: str) -> None:
    """At the finest level of the log; by the companion neither."""
    told = {
        "login_url": f"http://127.0.0.1:9/{CANARY}", "transforms": f"/{CANARY}", "api_version": f"66.0{CANARY}",
        "ledger_url": f"postgresql+psycopg://u:{CANARY}@127.0.0.1:9/x",
    }.get(name, CANARY)  # fmt: skip
    ended = run(whole, **{name: told})
    said = replace(whole, settings={name: told}).companion("preflight" if name != "ledger_url" else "runs")

    assert ended.exit_code in (1, 2)
    assert CANARY not in ended.log + said
    assert REPORT not in ended.log + said


@pytest.mark.parametrize("command", ["lint", "cases", "holds", "runs"])
@pytest.mark.parametrize(
    ("name", "value"), [("transforms", 5), ("ledger_url", 5), ("api_version", "x"), ("login_url", "x")]
)
def test_the_companion_refuses_them_too(whole: Target, command: str, name: str, value: Any) -> None:
    """Whatever it was asked for; what is missing is missed only where it is needed."""
    file = whole.folder / "config.json"
    file.write_text(json.dumps({"transforms": str(whole.folder), name: value}), "utf-8")

    ended = CliRunner().invoke(main, ["--config", str(file), command])

    assert ended.exit_code == 2
    assert f"Setting `{name}`" in ended.stderr


@pytest.mark.parametrize("least", ["max_holds", "checkpoint_seconds", "max_deleted_share"])
def test_nothing_is_enough_where_nothing_has_a_meaning(least: str) -> None:
    """Zero is no mistake there, and neither is as much as Python can count where there is no most."""
    assert setting_problems(SETTINGS, {**CONFIG, least: 0}, ENV_PREFIX) == []
    assert setting_problems(SETTINGS, {**CONFIG, "checkpoint_seconds": 10**400}, ENV_PREFIX) == []


@given(st.sets(st.sampled_from(REQUIRED)))
def test_each_setting_that_is_missing_is_named_once(missing: set[str]) -> None:
    """However many are: whoever starts without any reads three sentences."""
    given_settings = {name: value for name, value in CONFIG.items() if name not in missing}

    said = setting_problems({**SETTINGS, "required": REQUIRED}, given_settings, ENV_PREFIX)

    assert [each.split("`")[1] for each in said] == sorted(missing)
