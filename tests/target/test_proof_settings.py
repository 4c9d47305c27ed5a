"""Each setting has an effect: with two values, the whole target does two things that a hand has written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from target_salesforce_retail.singer.target import TargetSalesforceRetail
from target_salesforce_retail.stages.inside.deletions import FLOOR

from tests.shown import of_the_sdk, unshown
from tests.target.doorway import TEXT, record, schema, state
from tests.target.proof import Ended, Target
from tests.target.test_proof_faults import SHOPPERS, people

HELD = [*people("Ann", "Bob"), state(1)]
Seen = Callable[[Target, Ended], Any]


def code(_: Target, ended: Ended) -> int:
    return ended.exit_code


def said(words: str) -> Seen:
    return lambda _, ended: words in ended.log


def states(_: Target, ended: Ended) -> int:
    return len(ended.states)


TABLE: dict[str, tuple[Any, Any, Seen, Any, Any]] = {
    # Setting: one value, what is seen, another value, what is seen then
    "login_url": (None, "http://127.0.0.1:9/", said("did not answer"), False, True),
    "client_id": (None, "nobody", said("refused the login"), False, True),
    "client_secret": (None, "wrong", said("refused the login"), False, True),
    "expected_org_id": (None, "00D000000000000AAA", said("another org than expected_org_id"), False, True),
    "api_version": ("66.0", "60.0", said("/services/data/v60.0/"), False, True),
    "api_budget_share": (1, 1e-9, said("daily API calls are used"), False, True),
    "transforms": (None, "/nowhere", code, 0, 2),
    "ledger_url": (None, "sqlite:////proc/nowhere/ledger.db", code, 0, 1),
    "max_holds": (2, 1, code, 0, 1),
    "checkpoint_rows": (99, 1, states, 1, 2),
    "checkpoint_seconds": (99, 0, states, 1, 2),
    "stream_maps": ({}, {"customers": {"__filter__": "id == '0'"}}, said("2 more filtered out"), False, True),
}
HERE = "tests/target/test_proof_settings.py::"
SHOWN = {
    "batch_size_rows": f"{HERE}test_batch_size_is_how_many_rows_travel_together",
    "max_deleted_share": f"{HERE}test_a_large_share_is_deleted_where_somebody_says_so",
    "unkeyed_persons": f"{HERE}test_so_many_people_without_a_key_are_read_and_no_more",
}
"""Settings with a test of their own."""


def test_every_setting_is_written_down_here() -> None:
    """A new one fails until somebody has said what it does; of the SDK's own, those that are steered are here too."""
    declared = {**TargetSalesforceRetail.config_jsonschema["properties"]}
    TargetSalesforceRetail.append_builtin_config({"properties": declared})

    assert {*declared} == {*TABLE} | {*SHOWN} | of_the_sdk(TargetSalesforceRetail)
    assert unshown(SHOWN) == []


@pytest.mark.parametrize("name", TABLE)
def test_two_values_do_two_things(whole: Target, name: str) -> None:
    """None stands for what the sandbox needs."""
    first, second, seen, then, otherwise = TABLE[name]
    held = SHOPPERS + "require: [email]\n" if name == "max_holds" else SHOPPERS
    lines = HELD if name == "max_holds" else [*HELD[:-1], state(1), record("customers", 9), state(2)]
    if name.startswith("checkpoint"):
        lines = HELD

    def run(value: Any, **more: Any) -> Any:
        settings = {**({} if value is None else {name: value}), **more}
        target = replace(whole, settings=settings).maps(customers=held)
        return seen(target, target.hear(*lines))

    more = {"checkpoint_rows": 999} if name == "checkpoint_seconds" else {}
    more |= {"checkpoint_seconds": 999} if name == "checkpoint_rows" else {}
    assert (run(first, **more), run(second, **more)) == (then, otherwise)


def test_batch_size_is_how_many_rows_travel_together(whole: Target) -> None:
    """One by one, or all at once."""
    writes = []
    for size in (1, 99):
        whole.box.org.reset()
        target = replace(
            whole, settings={"batch_size_rows": size, "ledger_url": f"sqlite:///{whole.folder / str(size)}"}
        )
        ended = target.maps(customers=SHOPPERS).hear(*people("Ann", "Bob", "Eve"))
        writes.append(ended.log.count('"POST /services/data/v66.0/composite'))

    assert writes[0] > writes[1]


@pytest.mark.parametrize(("value", "exit_code", "marked"), [(0.1, 1, 0), (1, 0, FLOOR + 1)])
def test_a_large_share_is_deleted_where_somebody_says_so(
    whole: Target, value: float, exit_code: int, marked: int
) -> None:
    """More shoppers than a few, and more than a tenth, are said to be deleted; else the run stops before one is."""
    target = replace(whole, settings={"max_deleted_share": value}).maps(
        customers=SHOPPERS + "deleted: {when: deleted_at, set: {LastName: gone}}\n"
    )
    known = schema("customers", deleted_at=TEXT)
    numbers = range(FLOOR + 1)
    target.hear(known, *(record("customers", number) for number in numbers))
    later = {"deleted_at": "2026-11-02T10:00:00Z", "updated_at": "2026-11-02T10:00:00Z"}
    ended = target.hear(known, *(record("customers", number, **later) for number in numbers))

    gone = [row for row in target.rows("Contact") if row["LastName"] == "gone"]
    assert (ended.exit_code, len(gone)) == (exit_code, marked)


@pytest.mark.parametrize(("value", "is_read"), [(2, True), (1, False)])
def test_so_many_people_without_a_key_are_read_and_no_more(whole: Target, value: int, is_read: bool) -> None:
    """Two have typed a number: they are read, or the run says why not."""
    target = replace(whole, settings={"unkeyed_persons": value}).maps(
        customers=SHOPPERS.replace("[{by: key}]", "[{by: phone, from: phone, to: {Contact: Phone}}]")
        .replace("fields: {", "fields: {Main_Phone_Key__c: {key_of: Phone}, ")
        .replace("match:", "region: {else: CA}\nmatch:")
    )
    for number in ("604 555 0142", "604 555 0143"):
        whole.box.org.insert_as_user("Contact", {"LastName": "Lee", "Phone": number})

    ended = target.hear(schema("customers"), record("customers", 1, phone="6045550142"))

    assert ended.exit_code == 0
    assert ("read once for this run" in ended.log) is is_read
    assert (f"more than unkeyed_persons = {value}" in ended.log) is not is_read


ENVIRONMENT = [
    ("API_BUDGET_SHARE", "0.25", 0.25), ("MAX_HOLDS", "3", 3), ("MAX_DELETED_SHARE", "0.5", 0.5),
    ("UNKEYED_PERSONS", "9", 9),
    ("CHECKPOINT_ROWS", "7", 7), ("CHECKPOINT_SECONDS", "2.5", 2.5), ("BATCH_SIZE_ROWS", "9", 9),
    ("STREAM_MAPS", "{}", {}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "value"), ENVIRONMENT)
def test_the_environment_holds_text_only(
    whole: Target, monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: Any
) -> None:
    """It is read as what the setting is."""
    for needed, told in whole.config.items():
        monkeypatch.setenv(f"TARGET_SALESFORCE_RETAIL_{needed.upper()}", told)
    monkeypatch.setenv(f"TARGET_SALESFORCE_RETAIL_{name}", text)

    target = TargetSalesforceRetail(parse_env_config=True)

    assert target.config[name.lower()] == value
    assert type(target.config[name.lower()]) is type(value)
