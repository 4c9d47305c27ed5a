"""Who was merged at the till, or is left out by now, speaks for nobody: the next profile of the person carries on."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from target_salesforce_retail.errors import TooManyDeleted
from target_salesforce_retail.ledger.tables import METADATA
from target_salesforce_retail.mapping.lint import lint
from target_salesforce_retail.mapping.load import lint_streams, parse, properties_read
from target_salesforce_retail.mapping.preflight import preflight
from target_salesforce_retail.mapping.profile import RETIRED, Status
from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.nouns import Reason, Retirement, Verdict
from target_salesforce_retail.stages.inside.deletions import Deletions
from target_salesforce_retail.stages.inside.retired import REASONS

from tests.lanes import examples
from tests.target.company import parts
from tests.target.kept import SlowKeeper, documents
from tests.target.reference import told
from tests.target.test_profiles import KeepingWorld, do, rows_of
from tests.target.world import LINES, SALES, SHOPPERS, SHOPS

Values = dict[str, Any]
LIVING, ARCHIVED, MERGED = {}, {"archived": True}, {"deleted_at": "2026-11-01"}
MAIL = "a@x.org"

happenings = st.lists(
    st.lists(
        st.tuples(st.sampled_from("123"), st.sampled_from([LIVING, LIVING, LIVING, ARCHIVED, MERGED])),
        min_size=1,
        max_size=6,
    ),
    min_size=1,
    max_size=3,
)


def dated(batches: Sequence[Sequence[tuple[str, Values]]]) -> list[list[Values]]:
    """Each a record of its own, with a name that tells which."""
    found: list[list[Values]] = []
    day = 0
    for batch in batches:
        found.append([])
        for number, what in batch:
            day += 1
            stamp = f"2026-11-{day:02d}T10:00:00Z"
            record = {"id": number, "first_name": "Ann", "last_name": f"Lee {day}", "email": MAIL, "updated_at": stamp}
            found[-1].append({**record, **what})
    return found


UNLINK = "  retired: [{when: {archived: true}, do: unlink}]\n"
ERASE = "  retired: [{when: {archived: true}, do: anonymise, set: {LastName: (erased), Email: null}}]\n"
POLICY = pytest.mark.parametrize("retired", ["", UNLINK, ERASE], ids=["keep", "unlink", "anonymise"])


def world_of(kind: type[Any] = KeepingWorld, keep: str = "needed", *, contacts: int = 1, retired: str = "") -> Any:
    world = kind(*documents(keep, retired))
    for number in range(contacts):
        world.org.put("Contact", {"Id": f"Contact-{number}", "Email": MAIL})
    return world


def come(world: Any, *records: Values) -> Any:
    """The outcome of the last of these shoppers, each in a batch of her own."""
    for record in records:
        (outcome,) = world.run("customers", record)
    return outcome


def shopper(number: int, day: int, **more: Any) -> Values:
    named = {"id": str(number), "first_name": "Ann", "last_name": f"Lee {number}", "email": MAIL}
    return {**named, "updated_at": f"2026-11-{day:02d}T10:00:00Z", **more}


def person(world: Any) -> tuple[str | None, str | None]:
    """Whose key the one contact carries, and the name that it has."""
    (row,) = world.rows("Contact")
    return row.get("Key__c"), row.get("LastName")


# The laws


@settings(max_examples=examples(16), deadline=None)
@given(happenings, st.booleans())
def test_one_of_those_who_speak_speaks_for_a_person(batches: Any, lost: bool) -> None:
    """The first that came, until it is merged or left out and another comes: then that one; also with no ledger."""
    world = world_of()
    speaker, name = None, None
    retired: set[str] = set()
    known: set[str] = set()
    for batch in dated(batches):
        world.run("customers", *batch)
        if lost:
            do(world, ("lose the ledger", None), {})
        for record in batch:
            key = f"1:{record['id']}"
            if record.get("archived") or record.get("deleted_at"):
                retired |= {key} & known
                continue
            known.add(key)
            retired.discard(key)
            if speaker is None or speaker in retired:
                speaker = key
            name = record["last_name"] if speaker == key else name

        assert person(world) == (speaker, name)


@POLICY
@pytest.mark.parametrize("keep", ["needed", "all", "needed sought"])
@settings(max_examples=examples(50), deadline=None)
@given(happenings, st.lists(st.integers(1, 3), max_size=6), st.integers(0, 2))
def test_company_changes_nothing(keep: str, retired: str, batches: Any, sizes: list[int], contacts: int) -> None:
    """Org and outcomes are as if shoppers came one by one, in one batch and in any partition."""
    kinds = (SlowKeeper, KeepingWorld, KeepingWorld)
    slow, whole, cut = (world_of(kind, keep, contacts=contacts, retired=retired) for kind in kinds)
    for batch in dated(batches):
        expected = slow.run("customers", *batch)
        assert told(whole.run("customers", *batch)) == told(expected)
        assert told([each for part in parts(batch, sizes) for each in cut.run("customers", *part)]) == told(expected)

    assert rows_of(whole) == rows_of(slow)
    assert rows_of(cut) == rows_of(slow)


@POLICY
@settings(max_examples=examples(50), deadline=None)
@given(happenings, st.booleans())
def test_they_never_fight(retired: str, batches: Any, lost: bool) -> None:
    """Once all of them have come as they are by now, the same once more writes nothing."""
    world = world_of(retired=retired)
    for batch in dated(batches):
        world.run("customers", *batch)
    newest = {record["id"]: record for batch in dated(batches) for record in batch}
    last = [{**record, "updated_at": "2026-11-25T10:00:00Z"} for record in newest.values()]
    for _ in range(2):
        world.run("customers", *last)
    if lost:
        do(world, ("lose the ledger", None), {})
        world.run("customers", *last)
    sent, before = len(world.org.sent), copy.deepcopy(world.org.tables)

    world.run("customers", *last)

    assert (world.org.sent[sent:], world.org.tables) == ([], before)


# What becomes of the row


@pytest.mark.parametrize(("what", "status"), [(ARCHIVED, "retired"), (MERGED, "merged")])
@pytest.mark.parametrize("keep", ["needed", "all"])
def test_a_profile_says_that_it_speaks_no_more_and_goes_on_as_it_was(keep: str, what: Values, status: str) -> None:
    """All else that it said it says still; the person is left as she is, and the same customer back is who she was."""
    world = world_of(keep=keep)
    come(world, shopper(1, 1), shopper(2, 2))
    before = dict(world.org.profile("1:2"))
    people = copy.deepcopy(world.org.tables["Contact"])

    gone = come(world, shopper(2, 3, **what))

    assert gone.verdict is Verdict.SKIPPED
    assert world.org.profile("1:2") == {**before, "Status__c": status}
    assert world.org.tables["Contact"] == people
    come(world, shopper(2, 4))
    assert world.org.profile("1:2") == before


def test_one_that_speaks_gets_a_row_that_says_that_it_does_no_more() -> None:
    """The record of its person tells of a key, and not that nothing comes of it; one that was never in has none."""
    world = world_of()
    come(world, shopper(1, 1), shopper(1, 2, **MERGED), shopper(2, 3, **MERGED), shopper(3, 3, **ARCHIVED))

    (row,) = world.rows("Profile__c")
    told_by_row = {field: value for field, value in row.items() if value and field != "Id"}
    expected = {"Key__c": "1:1", "Contact__c": "Contact-0", "Matched__c": "Contact-0", "Rule__c": "key"}
    assert told_by_row == {**expected, "Status__c": "merged"}


@pytest.mark.parametrize("what", [ARCHIVED, MERGED])
def test_an_open_question_about_it_is_closed(what: Values) -> None:
    """With its hold: nobody has to decide any more who that is."""
    world = world_of(contacts=2)
    assert come(world, shopper(1, 1)).reason is Reason.MANY_MATCHES

    come(world, shopper(1, 2, **what))

    assert world.ledger.open_holds() == 0
    assert world.org.profile("1:1")["Status__c"] in {each.value for each in RETIRED}


def test_that_she_is_none_of_them_outlasts_her_absence() -> None:
    """A person has said so just before she was merged: once she is back she is made anew."""
    world = world_of(contacts=2)
    come(world, shopper(1, 1))
    world.org.profile("1:1")["Status__c"] = "new person"
    come(world, shopper(1, 2, **MERGED))

    back = come(world, shopper(1, 3))

    assert back.verdict is Verdict.CREATED
    assert len(world.rows("Contact")) == 3


def test_a_late_old_version_says_nothing() -> None:
    """That it was archived once is over."""
    world = world_of()
    come(world, shopper(1, 1), shopper(2, 1), shopper(2, 3), shopper(2, 2, **ARCHIVED))

    assert world.org.profile("1:2")["Status__c"] == "linked"


# Who carries on


def test_the_next_that_comes_takes_the_key_over_and_fills_what_the_till_owns() -> None:
    """In one write; those who come later fill blanks, the first one too, should it come back."""
    world = world_of()
    come(world, shopper(1, 1), shopper(2, 2), shopper(3, 2), shopper(1, 3, **ARCHIVED))
    assert person(world) == ("1:1", "Lee 1")
    sent = len(world.org.sent)

    come(world, shopper(3, 4))

    assert world.org.sent[sent:] == [("update", "Contact", {"Key__c": "1:3", "LastName": "Lee 3"})]
    assert world.org.profile("1:1")["Contact__c"] == "Contact-0"
    come(world, shopper(2, 5), shopper(1, 6))
    assert person(world) == ("1:3", "Lee 3")


def test_whoever_is_left_alone_takes_nothing_over() -> None:
    """Where `on_match` says that the mapping writes nothing to such people."""
    shoppers, *others = documents("needed")
    world = KeepingWorld(shoppers.replace("match:", "on_match: {Contact: leave}\nmatch:"), *others)
    world.org.put("Contact", {"Id": "Contact-0", "Email": MAIL, "Key__c": "1:1", "LastName": "Lee 1"})
    left = come(world, shopper(2, 1), shopper(1, 2, **MERGED), shopper(2, 3))

    assert person(world) == (left.stamped_key, "Lee 1") == ("1:1", "Lee 1")


def test_receipts_of_whom_another_has_followed_lead_to_the_person_still() -> None:
    """By its row, for nobody carries its key any more; with the ledger and without."""
    world = world_of()
    come(world, shopper(1, 1), shopper(2, 2), shopper(1, 3, **ARCHIVED), shopper(2, 4))
    assert person(world) == ("1:2", "Lee 2")
    for number in (7, 8):
        stamp = {"updated_at": "2026-11-05T10:00:00Z"}
        world.run("sales", {"id": str(number), "state": "completed", "customer_id": "1", "total": "1", **stamp})
        do(world, ("lose the ledger", None), {})

    assert [row["Contact__c"] for row in world.rows("Sale__c")] == ["Contact-0"] * 2


def test_a_mapping_without_profiles_is_as_it_was() -> None:
    """What it leaves out ends at the first stage, and asks nobody."""
    shoppers, *others = documents("needed")
    world = KeepingWorld(shoppers[: shoppers.index("profile:")], *others)
    asked: list[Any] = []
    world.org.find = lambda *args: asked.append(args) or []  # type: ignore[method-assign]

    outcome = come(world, shopper(1, 1, **ARCHIVED))

    assert (outcome.reason, asked) == (Reason.EXCLUDED, [])


def test_every_retirement_has_a_status_and_a_reason() -> None:
    """The picklist, the outcome and the draft speak of the same."""
    assert {each.value for each in Retirement} <= {each.value for each in Status}
    assert set(REASONS) == set(Retirement)


# By declared policy


@pytest.mark.parametrize("keep", ["needed", "all"])
def test_whoever_is_unlinked_leaves_the_person_as_she_is_without_the_key(keep: str) -> None:
    """Her profile names nobody any more, nor does the ledger: the same with it and without."""
    world = world_of(keep=keep, retired=UNLINK)
    come(world, shopper(1, 1))
    sent = len(world.org.sent)

    gone = come(world, shopper(1, 2, **ARCHIVED))

    assert (gone.verdict, gone.reason) == (Verdict.UPDATED, Reason.EXCLUDED)
    assert world.org.sent[sent] == ("update", "Contact", {"Key__c": None})
    assert person(world) == (None, "Lee 1")
    assert (world.org.profile("1:1")["Status__c"], world.org.profile("1:1").get("Contact__c")) == ("unlinked", None)
    assert world.ledger.links("customers", ["1:1"]) == {}


def test_an_old_version_brings_back_nobody_who_was_unlinked() -> None:
    """Nor does a receipt wait for her, for she counts as skipped; one who comes back is found anew."""
    world = world_of(retired=UNLINK)
    come(world, shopper(1, 1), shopper(1, 3, **ARCHIVED))

    assert come(world, shopper(1, 2)).reason is Reason.SUPERSEDED
    assert world.ledger.skipped("customers", ["1:1"]) == {"1:1"}
    back = come(world, shopper(1, 4))
    assert (back.rule, person(world)) == ("email", ("1:1", "Lee 1"))


def test_whoever_is_anonymised_takes_along_what_is_declared() -> None:
    """Of the person who carries its key, and of its own profile all that it says of the customer."""
    world = world_of(keep="all", retired=ERASE)
    come(world, shopper(1, 1), shopper(1, 2, **ARCHIVED))

    (row,) = world.rows("Contact")
    assert (row["LastName"], row["FirstName"], row["Email"], row["Key__c"]) == ("(erased)", "Ann", None, None)
    profile = {field: value for field, value in world.org.profile("1:1").items() if value and field != "Id"}
    assert profile == {"Key__c": "1:1", "Status__c": "erased"}


def gone(number: int, day: int) -> Values:
    """An anonymised customer, as the till tells it: without name and contact."""
    return shopper(number, day, **ARCHIVED, first_name=None, last_name=None, email=None)


def people(world: Any) -> dict[str, tuple[Any, Any]]:
    """Id -> whose key each contact carries, and the name that it has."""
    return {row_id: (row.get("Key__c"), row.get("LastName")) for row_id, row in world.org.tables["Contact"].items()}


@pytest.mark.parametrize("keep", ["needed", "all"])
@pytest.mark.parametrize("is_lost", [False, True])
def test_whoever_was_decided_to_be_another_is_erased_where_its_key_is(keep: str, is_lost: bool) -> None:
    """The values in there came from it; the person who was named never had the key, and is not touched."""
    world = world_of(keep=keep, retired=ERASE)
    world.org.put("Contact", {"Id": "Bea", "LastName": "Roy", "Email": "bea@x.org"})
    come(world, shopper(1, 1))
    decide_is(world, "1:1", "Bea")
    if is_lost:
        do(world, ("lose the ledger", None), {})

    come(world, gone(1, 2))

    assert people(world) == {"Contact-0": (None, "(erased)"), "Bea": (None, "Roy")}
    assert world.org.tables["Contact"]["Bea"]["Email"] == "bea@x.org"
    assert (world.org.profile("1:1")["Status__c"], world.org.profile("1:1").get("Contact__c")) == ("erased", None)


@pytest.mark.parametrize("what", [{"Status__c": "new person", "Contact__c": None}, {"Contact__c": None}])
@pytest.mark.parametrize(("retired", "left"), [(UNLINK, (None, "Lee 1")), (ERASE, (None, "(erased)"))])
def test_whom_it_was_ruled_out_to_be_is_let_go_where_she_carries_its_key(what: Values, retired: str, left: Any) -> None:
    """Somebody has said so just before, and nothing has come since: what is in there is the customer's."""
    world = world_of(keep="all", retired=retired)
    come(world, shopper(1, 1))
    world.org.profile("1:1").update(what)

    come(world, gone(1, 2))

    assert people(world) == {"Contact-0": left}


def test_whoever_carries_nobody_s_key_any_more_is_not_touched() -> None:
    """The first profile was unlinked; one that only filled blanks is anonymised, and another is still her."""
    both = ERASE.replace("retired: [", "retired: [{when: {tier: gone}, do: unlink}, ")
    world = world_of(keep="all", retired=both)
    come(world, shopper(1, 1), shopper(2, 1), shopper(3, 1), shopper(1, 2, tier="gone"))
    assert people(world) == {"Contact-0": (None, "Lee 1")}

    come(world, gone(2, 3))

    assert people(world) == {"Contact-0": (None, "Lee 1")}
    assert world.org.profile("1:2")["Status__c"] == "erased"


@pytest.mark.parametrize("name", ["Contact", "Lead"])
@pytest.mark.parametrize("is_left", [True, False], ids=["left alone", "cleared by an admin"])
def test_whoever_never_carried_its_key_is_not_touched(name: str, is_left: bool) -> None:
    """Whatever profile and ledger say of whom it was found to be."""
    shoppers, *others = documents("all", ERASE)
    policy = f"on_match: {{{name}: leave}}\nmatch:" if is_left else "match:"
    world = KeepingWorld(shoppers.replace("match:", policy, 1), *others)
    record_id = world.org.put(name, {"LastName": "Roy", "Email": MAIL})
    come(world, shopper(1, 1))
    world.org.tables[name][record_id] |= {"Key__c": None}
    before = copy.deepcopy(world.org.tables[name])

    come(world, gone(1, 2))

    assert world.org.tables[name] == before


@pytest.mark.parametrize(("retired", "left"), [(UNLINK, (None, "Lee 1")), (ERASE, (None, "(erased)"))])
@pytest.mark.parametrize("is_lost", [False, True])
def test_whom_one_that_is_gone_has_left_behind_the_last_one_lets_go(is_lost: bool, retired: str, left: Any) -> None:
    """The one whose key she carries was merged before another could take it over: nobody else speaks for her."""
    world = world_of(keep="all", retired=retired)
    come(world, shopper(1, 1), shopper(2, 1))
    world.run("customers", shopper(2, 2), shopper(1, 2, **MERGED))
    if is_lost:
        do(world, ("lose the ledger", None), {})

    come(world, gone(2, 3))

    assert people(world) == {"Contact-0": left}


@pytest.mark.parametrize("beside", [{"Status__c": "linked"}, {"Status__c": "to say"}])
def test_whom_a_living_profile_leads_to_is_left_to_it(beside: Values) -> None:
    """It has not come since the one whose key she carries was merged, so that it has not taken over yet."""
    world = world_of(keep="all", retired=ERASE)
    come(world, shopper(1, 1), shopper(2, 1), shopper(3, 1), shopper(1, 2, **MERGED))
    world.org.profile("1:3").update(beside)

    come(world, gone(2, 3))

    assert people(world) == {"Contact-0": ("1:1", "Lee 1")}
    come(world, gone(3, 4))
    assert people(world) == {"Contact-0": (None, "(erased)")}


def test_whom_somebody_has_named_since_is_not_left_to_it() -> None:
    """What is in there never came from it, though the one whose key is there is gone as well."""
    world = world_of(keep="all", retired=ERASE)
    world.org.put("Contact", {"Id": "Bea", "LastName": "Roy", "Email": "bea@x.org"})
    come(world, shopper(1, 1), shopper(3, 1))
    come(world, shopper(2, 1, email="bea@x.org"), shopper(2, 2, email="bea@x.org", **MERGED))
    decide_is(world, "1:3", "Bea")
    before = people(world)

    come(world, gone(3, 3))

    assert people(world) == before == {"Contact-0": ("1:1", "Lee 1"), "Bea": ("1:2", "Lee 2")}


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_deleted_record_is_marked_where_its_key_is(is_lost: bool) -> None:
    """It was decided just before to be somebody else, who is not marked, and gets no key that another carries."""
    shoppers, *others = documents("all")
    marked = shoppers.replace("deleted: {when: deleted_at}", "deleted: {when: deleted_at, set: {LastName: (gone)}}")
    world = KeepingWorld(marked, *others)
    world.org.put("Contact", {"Id": "Contact-0", "Email": MAIL})
    world.org.put("Contact", {"Id": "Bea", "LastName": "Roy", "Email": "bea@x.org"})
    come(world, shopper(1, 1))
    decide_is(world, "1:1", "Bea")
    if is_lost:
        do(world, ("lose the ledger", None), {})

    outcome = come(world, shopper(1, 2, **MERGED))

    assert outcome.verdict is Verdict.UPDATED
    assert people(world) == {"Contact-0": ("1:1", "(gone)"), "Bea": (None, "Roy")}
    assert (world.org.profile("1:1")["Status__c"], world.org.profile("1:1")["Contact__c"]) == ("merged", "Bea")


def decide_is(world: Any, key: str, record_id: str) -> None:
    """A person says whom a profile is, in its row or a new one."""
    row = world.org.profile(key)
    if row is None:
        world.org.put("Profile__c", {"Key__c": key, "Contact__c": record_id})
    else:
        row |= {"Contact__c": record_id}


def test_a_field_that_her_object_has_not_is_passed_over() -> None:
    """A lead has no such phone."""
    world = world_of(retired=ERASE.replace("Email: null", "MobilePhone: null"), contacts=0)
    world.describes["Lead"].fields.pop("MobilePhone", None)  # type: ignore[attr-defined]
    world.org.put("Lead", {"Email": MAIL})
    come(world, shopper(1, 1), shopper(1, 2, **ARCHIVED))

    assert [row["LastName"] for row in world.rows("Lead")] == ["(erased)"]


def test_whom_another_speaks_for_is_not_touched() -> None:
    """An anonymised customer that only filled blanks: its profile is blanked, the person is the other's."""
    world = world_of(retired=ERASE)
    come(world, shopper(1, 1), shopper(2, 1))
    before = copy.deepcopy(world.org.tables["Contact"])

    gone = come(world, shopper(2, 2, **ARCHIVED))

    assert (gone.verdict, world.org.tables["Contact"]) == (Verdict.SKIPPED, before)
    assert world.org.profile("1:2")["Status__c"] == "erased"
    assert not world.org.profile("1:2").get("Name__c")


def test_whom_a_person_has_ruled_out_stays_ruled_out() -> None:
    """Somebody emptied the lookup; then the customer is archived and unlinked, and comes back."""
    world = world_of(keep="all", retired=UNLINK)
    come(world, shopper(1, 1))
    world.org.profile("1:1")["Contact__c"] = None
    come(world, shopper(1, 2, **ARCHIVED))
    assert world.org.profile("1:1")["Not__c"] == "Contact-0"

    assert come(world, shopper(1, 3)).verdict is Verdict.CREATED


def test_the_first_entry_that_is_met_decides() -> None:
    """Whatever the mapping's own `when` says, which lets this one in."""
    retired = (
        "  retired: [{when: {tier: [a, b]}, do: keep}, {when: {tier: b}, do: unlink}, {when: {tier: c}, do: unlink}]\n"
    )
    world = world_of(retired=retired)
    come(world, shopper(1, 1), shopper(1, 2, tier="b"))
    assert person(world) == ("1:1", "Lee 1")

    come(world, shopper(1, 3, tier="c"))

    assert person(world) == (None, "Lee 1")


@pytest.mark.parametrize("keep", ["needed", "all"])
@pytest.mark.parametrize("is_new", [True, False])
def test_whoever_takes_over_fills_what_an_erasure_has_put_there(keep: str, is_new: bool) -> None:
    """Also what is only filled where it is blank; once, for from then on a person's word stands."""
    shoppers, *others = documents(keep, ERASE.replace("Email: null", "Email: null, HasOptedOutOfEmail: true"))
    told_once = "  LastName: {from: last_name, update: if_blank}\n"
    told_once += "  HasOptedOutOfEmail: {from: mail_opt_out, update: if_blank}\n"
    before = '  LastName: {from: last_name, else: "(unknown)"}\n'
    assert before in shoppers
    shoppers = shoppers.replace(before, told_once)
    world = KeepingWorld(shoppers, *others)
    world.org.put("Contact", {"Id": "Contact-0", "Email": MAIL, "FirstName": "Ann"})
    come(world, shopper(1, 1), *([] if is_new else [shopper(2, 1)]), gone(1, 2))
    assert people(world) == {"Contact-0": (None, "(erased)")}
    world.org.tables["Contact"]["Contact-0"]["Email"] = MAIL

    come(world, shopper(2, 3, mail_opt_out=False))

    assert people(world) == {"Contact-0": ("1:2", "Lee 2")}
    assert world.org.tables["Contact"]["Contact-0"]["HasOptedOutOfEmail"] is True
    world.org.tables["Contact"]["Contact-0"]["LastName"] = "(erased)"
    come(world, shopper(2, 4))
    assert people(world) == {"Contact-0": ("1:2", "(erased)")}


def test_a_mass_of_anonymised_customers_stops_the_run() -> None:
    """As a mass of deleted ones does: it is mostly a mistake."""
    world = world_of(retired=ERASE, contacts=0)
    people = [{**shopper(number, 1), "email": f"{number}@x.org"} for number in range(40)]
    world.run("customers", *people)
    world.deletions = Deletions(0.1)
    before = copy.deepcopy(world.org.tables["Contact"])

    with pytest.raises(TooManyDeleted, match=r"would anonymise 40 of 40 records; it stopped.*a `when` of `retired`"):
        world.run("customers", *({**each, **ARCHIVED, "updated_at": "2026-11-02T10:00:00Z"} for each in people))

    assert world.org.tables["Contact"] == before


@pytest.mark.parametrize("size", [30, 15, 1])
def test_whom_a_run_has_let_go_counts_as_known(size: int) -> None:
    """Half of all may go, and no more, however the run is cut."""
    world = world_of(retired=ERASE, contacts=0)
    people = [{**shopper(number, 1), "email": f"{number}@x.org"} for number in range(60)]
    world.run("customers", *people)
    world.deletions = Deletions(0.5)
    leaving = [{**each, **ARCHIVED, "updated_at": "2026-11-02T10:00:00Z"} for each in people[:31]]

    for start in range(0, 30, size):
        world.run("customers", *leaving[start : start + size])
    with pytest.raises(TooManyDeleted, match="would anonymise 31 of 60 records"):
        world.run("customers", leaving[30])


@pytest.mark.parametrize(
    ("retired", "problem"),
    [
        ("[{when: {archived: true}, do: unlink, set: {Email: null}}]", "`set` goes with `do: anonymise`"),
        (
            "[{when: {archived: true}, do: anonymise, set: {Email: '{id}'}}]",
            "a constant, for such a record says nothing",
        ),
        ("[{when: {archived: true}, do: forget}]", "`forget` is not one of keep, unlink, anonymise"),
        ("[{do: unlink}]", "`when` is missing"),
        ("[{when: {archived: true}, do: anonymise, set: {Key__c: x}}]", "what a record is known by is not set"),
        ("[{when: {archived: true}, do: anonymise, set: {Id: x}}]", "what a record is known by is not set"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_line(retired: str, problem: str) -> None:
    """Before anything is written."""
    text = documents("needed", f"  retired: {retired}\n")[0]
    faults: list[Any] = []
    parse(text, "customers.yml", faults)

    line = text[: text.index("  retired:")].count("\n") + 1
    assert [each for each in map(str, faults) if problem in each and each.startswith(f"customers.yml:{line}")]


def test_nor_does_a_deleted_record_set_what_it_is_known_by() -> None:
    """Its key stays on it, so that whoever is back is known again."""
    text = documents("needed")[0].replace("{when: deleted_at}", "{when: deleted_at, set: {Key__c: x, Id: y}}")
    faults: list[Any] = []
    parse(text, "customers.yml", faults)

    line = text[: text.index("deleted: {when")].count("\n") + 1
    assert [str(each).partition(" ")[0] for each in faults] == [f"customers.yml:{line}"] * 2


@pytest.mark.parametrize("name", ["", "  ", "Status c", "Status__c\n", "\x07", "\N{CYRILLIC SMALL LETTER ES}tatus"])
@pytest.mark.parametrize("key", ["object", "key", "status", "not", "Contact", "Name__c"])
def test_a_name_that_no_field_has_is_named_with_its_line(key: str, name: str) -> None:
    """Of the object of profiles: the org would refuse every row, or the first one."""
    text = documents("needed")[0].replace("  keep: needed\n", "  keep: needed\n  status: Status__c\n  not: Not__c\n")
    spot = next(place for place in (f"  {key}: ", f"{key}: ") if place in text[text.index("\nprofile:") :])
    place = text.index(spot, text.index("\nprofile:"))
    line = text[:place].count("\n") + 1
    rest = text[place:]
    old = rest.split(": ", 1)[1].split("\n")[0].split(",")[0].split("}")[0]
    quoted = '"' + name.replace("\n", "\\n").replace("\x07", "\\x07") + '"'
    faulty = rest.replace(key, quoted, 1) if key == "Name__c" else rest.replace(f"{key}: {old}", f"{key}: {quoted}", 1)
    faults: list[Any] = []

    parse(text[:place] + faulty, "customers.yml", faults)

    (problem,) = [each for each in map(str, faults) if "a letter, then letters, digits and _" in each]
    assert problem.startswith(f"customers.yml:{line} profile/")


def test_preflight_says_what_a_person_cannot_be_told() -> None:
    """A name cannot be blanked; a field that no object has, and one that some object has not."""
    text = documents(
        "needed",
        ERASE.replace("LastName: (erased)", "LastName: null, Nowhere__c: null, MobilePhone: null, Phone: null"),
    )
    world = KeepingWorld(*text)
    lead, contact = world.describes["Lead"], world.describes["Contact"]
    demanded = replace(contact.fields["LastName"], nillable=False)
    fixed = replace(contact.fields["Phone"], updateable=False)
    describes = {
        **world.describes,
        "Contact": replace(contact, fields={**contact.fields, "LastName": demanded, "Phone": fixed}),
        "Lead": replace(lead, fields={name: each for name, each in lead.fields.items() if name != "MobilePhone"}),
    }

    _, problems = preflight(world.mappings, lambda names: {name: describes[name] for name in names})

    mine = [each.partition(": ")[2] for each in problems]
    assert "Contact.LastName cannot be blank: `retired` may set it to a word of yours" in mine
    assert "Contact.Phone cannot be updated, so `retired` cannot set it" in mine
    assert [each for each in mine if "Nowhere__c" in each] != []
    assert [each for each in mine if "MobilePhone" in each] == []


def test_properties_that_a_policy_reads_are_held_against_the_stream() -> None:
    """A typo would erase nobody."""
    (mapping,) = parse(documents("needed", UNLINK.replace("archived", "achived"))[0], "customers.yml", [])
    read = {name: {} for _, name in properties_read(mapping, Mappings((mapping,))) if name != "achived"}

    (problem,) = lint_streams(Mappings((mapping,)), {"customers": read})

    assert "has no property `achived`; did you mean `archived`?" in problem


def test_a_property_that_a_policy_reads_and_that_is_not_sound_holds_the_record() -> None:
    """Nobody is unlinked, or goes on to be known, for a word that could not be read."""
    shoppers, *others = documents("needed", UNLINK.replace("archived", "gone_for_good"))
    world = KeepingWorld(shoppers + "unreadable: unreadable\n", *others)

    outcome = come(world, shopper(1, 1, gone_for_good=None, unreadable=["gone_for_good"]))

    assert outcome.reason is Reason.INVALID


def test_the_ledger_forgets_what_it_knew_of_whom_it_erases() -> None:
    """What was sent, in whatever version, and what was held; that it was held is still told."""
    world = world_of(keep="all", contacts=0, retired=ERASE)
    come(world, shopper(1, 1, birth_date="no day"), shopper(1, 2), shopper(1, 3, last_name="Secret"))
    come(world, shopper(2, 1, first_name="Bob", email="b@x.org"))

    come(world, shopper(1, 4, **ARCHIVED))

    with world.ledger._engine.begin() as connection:
        rows = [str(row) for table in METADATA.sorted_tables for row in connection.execute(select(table))]
    assert [row for row in rows if "Secret" in row or "'Ann'" in row or "no day" in row] == []
    assert [row for row in rows if "unconvertible" in row] != []
    known = world.ledger.record("customers", "1:2")
    assert known is not None
    assert known.sent["LastName"] == "Lee 2"


def test_whoever_stands_for_nobody_may_have_no_parts() -> None:
    """They would hang on nothing: the mapping is refused, with the line."""
    faults: list[Any] = []
    sales = SALES.replace("key:", 'nobody: ["1:7"]\nkey:', 1)
    found = [mapping for text in (SHOPPERS, SHOPS, sales, LINES) for mapping in parse(text, "test.yml", faults)]

    (problem,) = lint(found)

    assert str(problem).startswith("test.yml:5 nobody: `sale_lines` are parts of these records, and would hang on")
