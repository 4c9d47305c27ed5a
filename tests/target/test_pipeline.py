"""The whole path: laws that hold whatever arrives, and however it is interrupted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.errors import LedgerError, OrgRefused, RetailError
from target_salesforce_retail.nouns import Fault, Reason, Recovery, Result, Verdict
from target_salesforce_retail.stages.settle import settle

from tests.target.world import SALES, SHOPPERS, SHOPS, World, arrival, mappings

people = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from("123456"),
            "first_name": st.sampled_from([None, "Ann", "Bob"]),
            "last_name": st.sampled_from([None, "Lee", "Roy"]),
            "email": st.sampled_from([None, "none", "a@x.org", "A@X.org", "b@x.org"]),
            "phone": st.sampled_from([None, "514 250 0001", "(514) 250-0001", "604 250 0001"]),
            "archived": st.sampled_from([False, False, False, True]),
        }
    ),
    max_size=12,
).map(
    lambda records: [{**record, "updated_at": f"2026-11-01T10:{place:02d}:00Z"} for place, record in enumerate(records)]
)


def untold(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Rows without their ids."""
    return sorted(tuple(sorted((k, str(v)) for k, v in row.items() if k != "Id")) for row in rows)


@given(people)
def test_the_same_batch_twice_sends_nothing_the_second_time(records: list[dict[str, Any]]) -> None:
    """No write without a change."""
    world = World()
    world.run("customers", *records)
    sent = len(world.org.sent)

    again = world.run("customers", *records)

    assert sent == len(world.org.sent)
    assert {Verdict.CREATED, Verdict.UPDATED}.isdisjoint(outcome.verdict for outcome in again)


@given(people)
def test_every_arrival_has_exactly_one_outcome(records: list[dict[str, Any]]) -> None:
    """In the order of arrival."""
    world = World()
    arrivals = [arrival("customers", **record) for record in records]

    outcomes = world.pipeline.run("customers", arrivals)

    assert [id(each.record) for each in arrivals] == [id(outcome.arrival.record) for outcome in outcomes]


@given(people, st.integers(1, 5))
def test_batches_do_not_matter(records: list[dict[str, Any]], size: int) -> None:
    """One batch or many: as many records, with the same keys."""
    whole, parts = World(), World()
    unique = list({record["id"]: record for record in records}.values())
    whole.run("customers", *unique)
    for start in range(0, len(unique), size):
        parts.run("customers", *unique[start : start + size])

    assert {row["Key__c"] for row in parts.rows("Contact")} == {row["Key__c"] for row in whole.rows("Contact")}


CONTACTS = {
    ids: {"email": email, "phone": phone}
    for ids, email, phone in [
        ("12", "a@x.org", "514 250 0001"),
        ("34", "b@x.org", "604 250 0001"),
        ("56", None, None),
    ]
}
"""Two people with two profiles each, and two whom nothing tells apart but their keys."""


@given(people)
def test_a_crash_between_send_and_settle_changes_nothing(records: list[dict[str, Any]]) -> None:
    """Run again, the org ends as after an undisturbed run, without a second record for anybody.

    Of people who share a part of their contact, or change it, this does not hold: that a second profile was matched is
    known to the ledger alone, and the org that is looked up again is a later one.
    """
    told = [{**record, **next(CONTACTS[ids] for ids in CONTACTS if record["id"] in ids)} for record in records]
    undisturbed, crashed = World(), World()
    undisturbed.run("customers", *told)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(crashed.ledger, "settle", unable_to_commit)
        with pytest.raises(LedgerError):
            crashed.run("customers", *told)

    crashed.run("customers", *told)

    assert untold(undisturbed.rows("Contact")) == untold(crashed.rows("Contact"))


def unable_to_commit(*_: Any, **__: Any) -> None:
    raise LedgerError("The ledger refused.")


def refusing(world: World, monkeypatch: pytest.MonkeyPatch, *faults: Fault | None) -> list[int]:
    """Make upserts answer these faults first, one list of results per call."""
    rest = list(faults)
    calls: list[int] = []
    upsert = world.org.upsert

    def answer(name: str, key_field: str, rows: Any, **more: Any) -> list[Result]:
        calls.append(len(rows))
        fault = rest.pop(0) if rest else None
        return [Result(None, fault=fault)] * len(rows) if fault else upsert(name, key_field, rows, **more)

    monkeypatch.setattr(world.org, "upsert", answer)
    return calls


def fault(recovery: Recovery, reason: Reason = Reason.VALUE_REFUSED, candidates: tuple[str, ...] = ()) -> Fault:
    return Fault(reason, recovery, "SOME_CODE", "ann@x.org is wrong", ("Email",), candidates)


def test_a_refused_row_is_held_with_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what Salesforce said goes to the ledger."""
    world = World()
    refusing(world, monkeypatch, fault(Recovery.HOLD))

    outcome = world.run("customers", {"id": "7", "last_name": "Lee"})[0]

    assert (
        outcome.verdict, outcome.reason, outcome.code, outcome.fields,
    ) == (Verdict.HELD, Reason.VALUE_REFUSED, "SOME_CODE", ("Email",))  # fmt: skip


def test_who_a_duplicate_rule_names_is_not_who_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A namesake stays herself: the record is held, with her as a candidate."""
    world = World()
    there = world.org.put("Contact", {"LastName": "Lee", "Email": "bea@x.org"})
    refusing(world, monkeypatch, fault(Recovery.RETRY, Reason.DUPLICATE_RULE, (there,)))

    outcome = world.run("customers", {"id": "7", "last_name": "Lee", "email": "ann@x.org"})[0]

    assert (outcome.verdict, outcome.reason, outcome.candidates) == (Verdict.HELD, Reason.DUPLICATE_RULE, (there,))
    assert outcome.code == "SOME_CODE"
    assert world.org.tables["Contact"][there] == {"Id": there, "LastName": "Lee", "Email": "bea@x.org"}
    assert [(each.rule, each.why.value) for each in outcome.trail] == [
        ("key", "none"), ("email", "none"), ("phone", "absent"),
    ]  # fmt: skip


def test_who_a_duplicate_rule_names_and_a_rule_of_ours_confirms_is_a_match(monkeypatch: pytest.MonkeyPatch) -> None:
    """The org spells her postal code as no look-up asks for it; letter by letter, it is hers. That is said last."""
    code = "{by: postal_code, from: postal_code, to: {Contact: MailingPostalCode}}"
    name = "{by: name, from: last_name, to: {Contact: LastName}}"
    world = World(
        SHOPPERS.replace("  - {by: phone", f"  - {{name: person, all: [{name}, {code}]}}\n  - {{by: phone", 1)
    )
    there = world.org.put("Contact", {"LastName": "Lee", "MailingPostalCode": "H 2 X 1 Y 4"})
    calls = refusing(world, monkeypatch, fault(Recovery.RETRY, Reason.DUPLICATE_RULE, (there,)))

    outcome = world.run("customers", {"id": "7", "last_name": "Lee", "postal_code": "H2X 1Y4"})[0]

    assert calls == [1]
    assert (Verdict.UPDATED, there, "person") == (outcome.verdict, outcome.id, outcome.rule)
    assert world.org.tables["Contact"][there]["Key__c"] == "1:7"
    assert [(each.rule, each.why.value) for each in outcome.trail] == [
        ("key", "none"), ("email", "absent"), ("phone", "absent"), ("person", "one"),
    ]  # fmt: skip


def test_retries_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rounds, then the row is held with the fault's own reason."""
    world = World()
    calls = refusing(world, monkeypatch, *[fault(Recovery.RETRY, Reason.LOCKED)] * 9)

    outcome = world.run("customers", {"id": "7", "last_name": "Lee"})[0]

    assert len(calls) == 3
    assert (outcome.verdict, outcome.reason) == (Verdict.HELD, Reason.LOCKED)


def test_a_hopeless_fault_stops_and_quotes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stream, key, code and field; not the message, which may hold a shopper."""
    world = World()
    refusing(world, monkeypatch, fault(Recovery.STOP))

    with pytest.raises(OrgRefused) as raised:
        world.run("customers", {"id": "7", "last_name": "Lee"})

    assert "customers 1:7, send" in str(raised.value)
    assert "SOME_CODE on Email" in str(raised.value)
    assert "ann@x.org" not in str(raised.value)
    assert world.ledger.record("customers", "1:7") is None


def test_a_record_deleted_in_the_org_is_made_anew() -> None:
    """It was matched, and gone before the write."""
    world = World()
    made = world.run("customers", {"id": "7", "last_name": "Lee"})[0]
    world.org.tables["Contact"].pop(str(made.id))

    outcome = world.run("customers", {"id": "7", "last_name": "Lee"})[0]

    assert Verdict.CREATED is outcome.verdict


def test_a_child_waits_for_its_parent_and_is_tried_again() -> None:
    """Waiting costs nobody a hand."""
    world = World()
    line = {"id": "1", "sale_id": "9", "quantity": "1"}
    assert Reason.PARENT_MISSING is world.run("sale_lines", line)[0].reason
    world.run("shops", {"id": "3", "name": "Main"})
    world.run("sales", {"id": "9", "state": "completed", "shop_id": "3"})

    outcomes = world.pipeline.retry_waiting("sale_lines")

    assert [outcome.verdict for outcome in outcomes] == [Verdict.CREATED]
    assert world.pipeline.retry_waiting("sale_lines") == []


def test_a_child_whose_parent_has_not_come_is_not_tried_again() -> None:
    """It would be in vain, and cost calls."""
    world = World()
    world.run("sale_lines", {"id": "1", "sale_id": "9", "quantity": "1"})

    assert world.pipeline.retry_waiting("sale_lines") == []


@pytest.mark.parametrize("now", ["Buyer: {reference: customers,", "Shopper: {reference: shops,"])
def test_a_lookup_that_the_mapping_names_no_more_is_wanted_no_more(now: str) -> None:
    """The ledger remembers what was left blank by the rule's name, and a mapping may be changed between two runs."""
    sales = SALES.replace("from: shop_id}", "from: shop_id, missing: blank}")
    world = World(SHOPPERS, SHOPS, sales)
    world.run("sales", {"id": "9", "state": "completed", "shop_id": "3", "customer_id": "5"})
    world.mappings = mappings(SHOPPERS, SHOPS, sales.replace("Shopper: {reference: customers,", now))
    world.run("shops", {"id": "3", "name": "Main"})

    assert [outcome.verdict for outcome in world.pipeline.fill_blanks("sales")] == [Verdict.UPDATED]
    assert world.rows("Sale__c")[0].get("Shop__c") == world.rows("Shop__c")[0]["Id"]
    assert world.pipeline.fill_blanks("sales") == []


def test_an_older_version_that_goes_through_after_a_newer_was_held_is_no_less_written() -> None:
    """The hold stays, and where the record went is known; an older one that is held too needs nobody."""
    world = World()
    newer = {"id": "7", "last_name": "Lee", "birth_date": "never", "updated_at": "2026-11-02T10:00:00Z"}
    older = {"id": "7", "last_name": "Lee", "updated_at": "2026-11-01T10:00:00Z"}
    assert world.run("customers", newer)[0].reason is Reason.UNCONVERTIBLE

    assert world.run("customers", older)[0].verdict is Verdict.CREATED
    assert world.ledger.links("customers", ["1:7"])["1:7"].id == world.rows("Contact")[0]["Id"]
    assert world.run("customers", {**older, "birth_date": "never"})[0].reason is Reason.SUPERSEDED
    assert world.ledger.open_holds() == 1


def test_what_a_batch_told_last_is_not_what_is_newest() -> None:
    """The newest, the oldest, which goes through, and one between: that is held against the newest."""
    world = World()
    told = {"3": "never", "1": None, "2": "never"}
    records = [{"id": "7", "birth_date": born, "updated_at": f"2026-11-0{day}T10:00:00Z"} for day, born in told.items()]

    reasons = [outcome.reason for outcome in world.run("customers", *records)]

    assert reasons == [Reason.UNCONVERTIBLE, None, Reason.SUPERSEDED]


def sold(world: World, sale: str, *lines: str) -> None:
    world.run("sales", {"id": sale, "state": "completed", "line_ids": list(lines)})


def test_a_part_that_moved_is_not_made_twice_when_the_old_one_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even under the old record, where an upsert would leave it with the new one's values."""
    world = World()
    sold(world, "8", "1")
    world.run("sale_lines", {"id": "1", "sale_id": "8", "quantity": "1"})
    sold(world, "9", "1")
    refused = Result(None, fault=fault(Recovery.HOLD, Reason.NOT_ALLOWED))
    monkeypatch.setattr(world.org, "delete", lambda name, ids: [refused for _ in ids])
    before = len(world.org.sent)

    outcome = world.run("sale_lines", {"id": "1", "sale_id": "9", "quantity": "2"})[0]

    assert (outcome.verdict, outcome.reason) == (Verdict.HELD, Reason.NOT_ALLOWED)
    assert len(world.org.sent) == before


def test_a_part_does_not_move_to_a_record_that_does_not_name_it() -> None:
    """Old news of the line: the receipt that it was in has been told anew without it."""
    world = World()
    sold(world, "8", "1")
    sold(world, "9")
    world.run("sale_lines", {"id": "1", "sale_id": "8", "quantity": "1"})
    (before,) = [dict(row) for row in world.rows("Line__c")]

    assert world.run("sale_lines", {"id": "1", "sale_id": "9", "quantity": "2"})[0].reason is Reason.LEFT_PARENT
    assert world.rows("Line__c") == [before]


def test_a_part_moves_where_the_org_lets_it() -> None:
    """A master-detail field may be made so that its records can change hands."""
    world = World()
    line = world.describes["Line__c"]
    free = {**line.fields, "Sale__c": replace(line.fields["Sale__c"], updateable=True)}
    world.describes["Line__c"] = replace(line, fields=free)
    for sale in ("8", "9"):
        sold(world, sale, "1")
        world.run("sale_lines", {"id": "1", "sale_id": sale, "quantity": "1"})

    ((_, _, made), (verb, _, moved)) = [sent for sent in world.org.sent if sent[1] == "Line__c"]
    assert (verb, set(moved)) == ("update", {"Sale__c"})
    assert moved["Sale__c"] != made["Sale__c"]


def test_what_is_tried_again_does_not_believe_the_ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shop was deleted and made anew: its id of old is what the org refused."""
    world = World()
    world.run("shops", {"id": "3", "name": "Main"})
    world.org.delete("Shop__c", [str(row["Id"]) for row in world.rows("Shop__c")])
    anew = world.org.put("Shop__c", {"Key__c": "1:3", "Name": "Main"})
    refusing(world, monkeypatch, fault(Recovery.RETRY, Reason.LOCKED))

    world.run("sales", {"id": "9", "state": "completed", "shop_id": "3"})

    assert world.rows("Sale__c")[0]["Shop__c"] == anew


def test_a_part_that_its_record_names_no_more_leaves_by_its_own_word() -> None:
    """Its record may have been written by a batch that did not know of it yet."""
    world = World()
    sold(world, "8", "1")
    line = {"id": "1", "sale_id": "8", "quantity": "1"}
    world.run("sale_lines", line)
    kept = [dict(row) for row in world.rows("Line__c")]
    sold(world, "8")
    assert world.rows("Line__c") == []
    world.org.put("Line__c", kept[0])

    outcome = world.run("sale_lines", line)[0]

    assert (outcome.verdict, outcome.removed) == (Verdict.UPDATED, 1)
    assert world.rows("Line__c") == []


def test_an_arrival_without_outcome_is_never_acknowledged() -> None:
    """A defect of ours stops the run before the ledger commits."""
    world = World()

    with pytest.raises(RetailError) as raised:
        settle([arrival("customers", id="7")], [], [], world.ledger)

    assert str(raised.value).startswith("customers, settle: 1 arrivals, but 0 outcomes. This is a defect of the target")

    assert world.ledger.record("customers", "1:7") is None


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("out", [{"archived": True}, {"archived": False, "gone_at": "2026-11-02T00:00:00Z"}])
def test_an_old_version_brings_nothing_back(out: dict[str, Any], *, together: bool) -> None:
    """What a rule has taken out since stays out, however late the old version comes."""
    world = World(SHOPPERS.replace("version:", "deleted: {when: gone_at}\nversion:"), SHOPS)
    newer = {"id": "7", "last_name": "Lee", "updated_at": "2026-11-02T00:00:00Z", **out}
    older = {"id": "7", "last_name": "Lee", "updated_at": "2026-11-01T00:00:00Z"}

    outcomes = world.run("customers", newer, older) if together else []
    outcomes = outcomes or [*world.run("customers", newer), *world.run("customers", older)]

    assert outcomes[0].reason in (Reason.EXCLUDED, Reason.DELETED)
    assert (outcomes[1].verdict, outcomes[1].reason) == (Verdict.SKIPPED, Reason.SUPERSEDED)
    assert world.rows("Contact") == []


@pytest.mark.parametrize(("repeated", "verdict"), [(True, Verdict.CREATED), (False, Verdict.UPDATED)])
def test_a_new_record_that_is_there_already_is_ours_where_an_answer_was_lost(
    monkeypatch: pytest.MonkeyPatch, repeated: bool, verdict: Verdict
) -> None:
    """Our look-up did not find it: either our own first call made it, or somebody was quicker."""
    world = World()
    upsert = world.org.upsert

    def late(*args: Any, **kwargs: Any) -> list[Result]:
        return [replace(result, created=False, repeated=repeated) for result in upsert(*args, **kwargs)]

    monkeypatch.setattr(world.org, "upsert", late)
    (outcome,) = world.run("customers", {"id": "1", "last_name": "Lee"})

    assert outcome.verdict is verdict
