"""What a person has decided of a record is told with it, and whether a run has acted on it."""

from __future__ import annotations

import json

import pytest
from target_salesforce_retail.companion.explain_forms import Explained, as_json, as_text
from target_salesforce_retail.invocation import invoked
from target_salesforce_retail.nouns import Decided, DecisionKind
from target_salesforce_retail.stages.inside.profiles import Written

from tests.target.kept import KeepingOrg
from tests.target.test_deciding import ANN, Desk, profile, world
from tests.target.world import World, arrival

PENDING = "no run has acted on that yet"


def told(here: World) -> str:
    """What `explain` says of her."""
    text = as_text(explained(here), values=False)
    assert json.loads(as_json(explained(here), values=False)).get("decision_pending", False) == (PENDING in text)
    return text


def explained(here: World) -> Explained:
    record = here.ledger.record("customers", "1:1")
    assert record
    return Explained("customers", "1:1", record, {}, None, here.ledger.decisions(stream="customers", key="1:1"))


def of_two() -> tuple[World, KeepingOrg, Desk]:
    """She is held, for two contacts answer to her."""
    here, org, desk = world()
    for each in ("A", "B"):
        org.put("Contact", {"Id": each, "Email": "a@x.org"})
    here.run("customers", ANN)
    here.later(minutes=1)
    return here, org, desk


def test_a_decision_that_no_run_has_seen_is_pending() -> None:
    """Who took it, when, and what lets it take effect; then it is what she is known by."""
    here, _, desk = of_two()
    assert "What a person has decided" not in told(here)

    desk.link_to(desk.subject("1:1", None), "A", "Kim")
    assert "What a person has decided\n  2026-11-20 12:01:00 UTC, Kim: is A\n" in told(here)
    assert f"{PENDING}: the next run acts on it, or {invoked('replay --hold 1')} at once" in told(here)

    here.later(minutes=1)
    here.pipeline.retry_decided("customers")
    assert "2026-11-20 12:01:00 UTC, Kim: is A\nWhat was sent" in told(here)
    assert "Who it is: a person has decided that; when the rules were asked last\n  key    no row" in told(here)


def test_a_decision_on_who_is_in_waits_until_she_comes() -> None:
    """No hold, and no command that would hurry it; she leads elsewhere from then on."""
    here, _, desk = of_two()
    desk.link_to(desk.subject("1:1", None), "A", "Kim")
    here.later(minutes=1)
    here.run("customers", ANN)
    here.later(minutes=1)

    desk.unlink(desk.subject_of("1:1", None), "Lou")
    assert f"Lou: is not A; linked before to A\n  {PENDING}: it takes effect when the record comes next\n" in told(here)

    here.later(minutes=1)
    here.run("customers", ANN)
    assert PENDING not in told(here)
    assert told(here).index("Lou: is not A") < told(here).index("Kim: is A")


def test_that_it_is_nobody_is_pending_until_there_is_somebody_new() -> None:
    """Who is in already comes with an edit at the till."""
    here, _, desk = of_two()
    desk.make_new(desk.subject("1:1", None), "Kim")
    assert f"Kim: is a new person\n  {PENDING}" in told(here)

    here.later(minutes=1)
    here.pipeline.retry_decided("customers")
    assert PENDING not in told(here)


def test_what_somebody_has_decided_in_salesforce_is_told_once_a_run_has_seen_it() -> None:
    """By the id of the user."""
    here, org, _ = of_two()
    profile(org)["Contact__c"] = "B"

    here.pipeline.retry_decided("customers")

    assert ": is B\n" in told(here)
    assert PENDING not in told(here)


def with_new_person_beside_a_filled_lookup() -> tuple[World, KeepingOrg]:
    """She is A, and somebody has chosen the status, and left the lookup as it is."""
    here, org, _ = world()
    org.put("Contact", {"Id": "A", "Email": "a@x.org"})
    here.run("customers", ANN)
    here.later(minutes=1)
    profile(org)["Status__c"] = "new person"
    return here, org


def test_new_person_beside_a_filled_lookup_is_passed_over_aloud() -> None:
    """She stays who she is, once it is told of her, and the status says again what is."""
    here, org = with_new_person_beside_a_filled_lookup()

    for _ in range(2):
        (outcome,) = here.run("customers", ANN)
        assert outcome.id == "A"
        here.later(minutes=1)

    line = "2026-11-20 12:01:00 UTC, : is a new person, which the filled lookup stands against: not heeded"
    assert told(here).count("not heeded") == 1
    assert f"{line}; linked before to A\n" in told(here)
    assert PENDING not in told(here)
    assert profile(org)["Status__c"] == "linked"


@pytest.mark.parametrize("linked", [False, True])
def test_new_person_beside_whom_somebody_has_put_in_is_told_with_that_one(linked: bool) -> None:
    """Of who was to be decided, and of who was somebody else: the lookup decides, and the summary counts her."""
    here, org, _ = of_two()
    if linked:
        org.remove("Contact", "B")
        here.run("customers", ANN)
        here.later(minutes=1)
    org.put("Lead", {"Id": "L", "Email": "l@x.org"})
    profile(org).update({"Lead__c": "L", "Contact__c": None, "Status__c": "new person"})
    pipeline = here.pipeline

    for _ in range(2):
        (outcome,) = pipeline.run("customers", [arrival("customers", **ANN)])
        assert outcome.id == "L"

    text = "is L, and no new person, which the filled lookup stands against: not heeded"
    assert told(here).count(text) == 1
    assert [(each.what.value, each.person) for each in here.ledger.decisions()] == [("is_beside", "L")]
    assert pipeline.written.unheeded == {"1:1"}
    assert (profile(org)["Lead__c"], profile(org)["Status__c"]) == ("L", "linked")


@pytest.mark.parametrize("at_once", [True, False])
def test_it_is_told_once_in_any_partition(at_once: bool) -> None:
    """Two versions of her in one batch, or one after the other."""
    here, _ = with_new_person_beside_a_filled_lookup()
    versions = ANN, {**ANN, "first_name": "Anne"}

    for batch in [versions] if at_once else [[each] for each in versions]:
        here.run("customers", *batch)

    assert [each.what for each in here.ledger.decisions()] == [DecisionKind.UNHEEDED]


def test_the_summary_counts_them() -> None:
    """Each shopper once; nothing is said where there is nothing to say."""
    assert str(Written()) == ""
    written = Written(profiles={("Profile__c", "1:1"), ("Profile__c", "1:2")}, unheeded={"1:1"})
    assert str(written) == (
        "; 2 profiles written; 1 profile says `new person` beside a filled lookup, which stands: empty it first"
    )


def test_a_profile_that_is_written_twice_is_counted_once() -> None:
    """In one run; who has written how often is nobody's question."""
    here, org, _ = world()
    pipeline = here.pipeline

    for email in ("a@x.org", "b@x.org"):
        pipeline.run("customers", [arrival("customers", **{**ANN, "email": email})])

    writes = [each for each in org.sent if each[1] == "Profile__c"]
    assert (len(writes), pipeline.written.profiles) == (2, {("Profile__c", "1:1")})


def test_a_run_counts_whom_it_passes_over() -> None:
    """By her key."""
    here, _ = with_new_person_beside_a_filled_lookup()
    pipeline = here.pipeline

    pipeline.run("customers", [arrival("customers", **ANN)])

    assert pipeline.written.unheeded == {"1:1"}


def test_whom_we_have_merged_is_no_decision_of_a_person() -> None:
    """It stands apart, is nothing that a run has yet to act upon, and hides no decision that is."""
    here, _, desk = of_two()
    desk.link_to(desk.subject("1:1", None), "A", "Kim")
    merged = Decided(DecisionKind.MERGED, "A", "B", "the rules email and phone, for 1:7")
    here.later(minutes=1)
    here.ledger.note([(arrival("customers", id="1"), merged)])

    text = told(here)

    assert f"What a person has decided\n  2026-11-20 12:01:00 UTC, Kim: is A\n  {PENDING}" in text
    assert (
        "What was merged\n  2026-11-20 12:02:00 UTC, the rules email and phone, for 1:7: B was merged into A\n" in text
    )
    assert json.loads(as_json(explained(here), values=False))["decision_pending"] is True
