"""match: which record of the org is it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from target_salesforce_retail.nouns import Draft, Reason, Result, Verdict
from target_salesforce_retail.stages.inside.search import Searches
from target_salesforce_retail.stages.map import draft_of

from tests.target.world import LINES, SALES, SHOPPERS, SHOPS, World, arrival


@pytest.fixture
def world() -> World:
    return World()


PHONE = "5142500001"
ANN = {"first_name": "Ann", "phone": PHONE}


def shopper(number: int = 7, **more: Any) -> dict[str, Any]:
    return {"id": str(number), "last_name": "Lee", **more}


@pytest.mark.parametrize(
    ("rows", "record", "expected"),
    [
        ([("Contact", {"Id": "A", "Key__c": "1:7"})], {}, ("A", "key")),
        ([("Contact", {"Id": "A", "Email": "ANN@x.org"})], {"email": "ann@X.org"}, ("A", "email")),
        ([("Contact", {"Id": "A", "Phone": "514.250.0001"})], {"mobile": "(514) 250-0001"}, ("A", "phone")),
        ([("Contact", {"Id": "A", "MobilePhone": "+1 514-250-0001"})], {"phone": "5142500001"}, ("A", "phone")),
        ([("Lead", {"Id": "L", "Email": "ann@x.org"})], {"email": "ann@x.org"}, ("L", "email")),
        # a Contact outranks a Lead
        (
            [("Lead", {"Id": "L", "Email": "ann@x.org"}), ("Contact", {"Id": "A", "Email": "ann@x.org"})],
            {"email": "ann@x.org"},
            ("A", "email"),
        ),
        # an earlier rule outranks a later one
        (
            [("Contact", {"Id": "A", "Email": "ann@x.org"}), ("Contact", {"Id": "B", "Phone": "514 250 0001"})],
            {"email": "ann@x.org", "phone": "5142500001"},
            ("A", "email"),
        ),
        # the key outranks all
        (
            [("Lead", {"Id": "L", "Key__c": "1:7"}), ("Contact", {"Id": "A", "Email": "ann@x.org"})],
            {"email": "ann@x.org"},
            ("L", "key"),
        ),
        # after several hits, later rules choose among them
        (
            [
                ("Contact", {"Id": "A", "Email": "ann@x.org"}),
                ("Contact", {"Id": "B", "Email": "ann@x.org", "Phone": "5142500001"}),
            ],
            {"email": "ann@x.org", "phone": "5142500001"},
            ("B", "phone"),
        ),
        # one phone, two people
        ([("Contact", {"Id": "A", "FirstName": "Bob", "Phone": PHONE})], ANN, None),
        ([("Contact", {"Id": "A", "FirstName": "ANN", "Phone": PHONE})], ANN, ("A", "phone")),
        ([("Contact", {"Id": "A", "Phone": PHONE})], ANN, ("A", "phone")),
        # what is no number is no match
        ([("Contact", {"Id": "A", "Phone": "555-0100"})], {"phone": "555-0100"}, None),
        ([("Contact", {"Id": "A", "Email": "none"})], {"email": "none"}, None),
    ],
)  # fmt: skip
def test_who_it_is(world: World, rows: list[Any], record: dict[str, Any], expected: tuple[str, str] | None) -> None:
    """By the rules, in their order."""
    for name, values in rows:
        world.org.put(name, values)

    outcome = world.run("customers", shopper(**record))[0]

    if expected is None:
        assert outcome.verdict is Verdict.CREATED
    else:
        assert expected == (outcome.id, outcome.rule)


def test_keys_that_differ_in_case_alone_are_two(world: World) -> None:
    """Where the org says that case counts, as of the key here; of an e-mail it does not."""
    world.org.put("Contact", {"Id": "A", "Key__c": "1:aB", "Email": "Ann@X.org"})

    same, other = world.run("customers", {"id": "aB", "last_name": "Lee"}, {"id": "ab", "last_name": "Roy"})
    (mailed,) = world.run("customers", {"id": "8", "email": "aNN@x.ORG"})

    assert (same.id, same.rule) == ("A", "key")
    assert other.verdict is Verdict.CREATED
    assert (mailed.id, mailed.rule) == ("A", "email")


def test_several_answers_are_held_with_their_reason(world: World) -> None:
    """A person decides; nothing is written."""
    world.org.put("Contact", {"Email": "ann@x.org"})
    world.org.put("Contact", {"Email": "ann@x.org"})

    outcome = world.run("customers", shopper(email="ann@x.org"))[0]

    assert (outcome.verdict, outcome.reason) == (Verdict.HELD, Reason.MANY_MATCHES)
    assert world.org.sent == []


def test_a_later_rule_does_not_reach_beyond_the_candidates(world: World) -> None:
    """Two have the e-mail, a third has the phone: that is no decision."""
    world.org.put("Contact", {"Email": "ann@x.org"})
    world.org.put("Contact", {"Email": "ann@x.org"})
    world.org.put("Contact", {"Phone": "5142500001"})

    outcome = world.run("customers", shopper(email="ann@x.org", phone="5142500001"))[0]

    assert outcome.reason is Reason.MANY_MATCHES


@pytest.mark.parametrize(
    ("policy", "expected"), [("oldest", "A"), ("newest", "C"), ("most_complete", "B"), ("most_recently_active", "D")]
)
def test_on_many_may_choose(policy: str, expected: str) -> None:
    """By age, by how much is filled in, or by when people last did something with it; of equals the oldest."""
    world = World(SHOPPERS.replace("match:", f"on_many: {policy}\nmatch:"))
    world.org.put("Contact", {"Id": "B", "Email": "a@x.org", "CreatedDate": "2021", "Phone": "1", "FirstName": "Ann"})
    world.org.put("Contact", {"Id": "C", "Email": "a@x.org", "CreatedDate": "2022", "LastActivityDate": "2026-02-03"})
    world.org.put("Contact", {"Id": "D", "Email": "a@x.org", "CreatedDate": "2021", "LastActivityDate": "2026-02-03"})
    world.org.put("Contact", {"Id": "A", "Email": "a@x.org", "CreatedDate": "2020"})

    assert expected == world.run("customers", shopper(email="a@x.org"))[0].id


def test_a_phone_that_people_typed_is_found_in_a_field_that_we_fill_too() -> None:
    """What was there before us is spelt as people do, whatever the mapping would write."""
    world = World(SHOPPERS.replace("Phone: {from: phone}", "Phone: {from: phone, as: phone, update: if_blank}"))
    typed = world.org.put("Contact", {"Phone": "(514) 250-0001"})

    assert world.run("customers", shopper(phone="+1 514 250 0001"))[0].id == typed


def test_a_phone_is_asked_for_by_its_key_alone() -> None:
    """Of the fields that a rule names nobody asks how a number may be written there: one value, in the field beside."""
    world = World()
    mapping = world.mappings.of("customers")
    assert mapping
    made = draft_of(arrival("customers", id="1", phone="514 250 0001"), mapping, world.mappings)
    assert isinstance(made, Draft)

    asked = [search.parts[0].asked for search in Searches(mapping, world.describes).of(made, 1)]

    number = ("+15142500001",)
    assert asked == [{"Phone_E164__c": number, "Mobile_E164__c": number}, {"Phone_E164__c": number}]


@pytest.mark.parametrize("text", ["Gie\u00dfen", "\u03a0\u03cd\u03c1\u03b3\u03bf\u03c2", "\u0130zmir", "AB-12"])
def test_the_same_text_is_found(text: str) -> None:
    """Though letters are folded otherwise here and there."""
    world = World(SHOPPERS.replace("by: email", "by: text"))
    there = world.org.put("Contact", {"Email": text})

    assert world.run("customers", shopper(email=text))[0].id == there


def test_two_profiles_in_one_batch_become_one_record(world: World) -> None:
    """The first speaks, the second fills its blanks, and each is counted as what it did."""
    first, second = world.run(
        "customers",
        shopper(7, first_name="Ann", email="ann@x.org"),
        shopper(8, first_name="A.", email="ANN@x.org", birth_date="1990-05-17"),
    )

    (row,) = world.rows("Contact")
    assert (row["Key__c"], row["FirstName"], str(row["Birthdate"])) == ("1:7", "Ann", "1990-05-17")
    assert first.id == second.id == row["Id"]
    assert (first.verdict, second.verdict) == (Verdict.CREATED, Verdict.UPDATED)


def test_two_people_with_one_phone_stay_two_in_one_batch(world: World) -> None:
    """Their first names contradict each other."""
    world.run(
        "customers", shopper(7, first_name="Ann", phone="5142500001"), shopper(8, first_name="Bob", phone="5142500001")
    )

    assert len(world.rows("Contact")) == 2


def test_profiles_do_not_write_back_and_forth(world: World) -> None:
    """Batch by batch: the profile whose key is stamped speaks, and a second round sends nothing."""
    ann = shopper(7, first_name="Ann", last_name="Lee", email="ann@x.org", phone="5142500001")
    double = shopper(8, first_name="A", last_name="Leigh", email="ann@x.org", phone="6042500001")
    world.run("customers", ann)
    world.run("customers", double)
    sent = len(world.org.sent)

    world.run("customers", ann)
    world.run("customers", double)

    assert sent == len(world.org.sent)
    assert world.rows("Contact")[0]["LastName"] == "Lee"


def test_versions_of_one_record_fold_to_the_newest(world: World) -> None:
    """Whatever their order in the batch."""
    world.run(
        "customers",
        shopper(7, last_name="New", updated_at="2026-11-02T00:00:00Z"),
        shopper(7, last_name="Old", updated_at="2026-11-01T00:00:00Z"),
    )

    (row,) = world.rows("Contact")
    assert row["LastName"] == "New"


def test_what_was_overtaken_is_skipped(world: World) -> None:
    """Replay never writes old over new."""
    world.run("customers", shopper(7, last_name="New", updated_at="2026-11-02T00:00:00Z"))

    outcome = world.run("customers", shopper(7, last_name="Old", updated_at="2026-11-01T00:00:00Z"))[0]

    assert (outcome.verdict, outcome.reason) == (Verdict.SKIPPED, Reason.SUPERSEDED)
    assert world.rows("Contact")[0]["LastName"] == "New"


def test_what_was_overtaken_in_its_own_batch_is_skipped(world: World) -> None:
    """Though the newer one had nothing to write, as when a batch comes again after a crash."""
    world.org.put("Contact", {"Id": "A", "Key__c": "1:7", "LastName": "New"})

    outcomes = world.run(
        "customers",
        shopper(7, last_name="New", updated_at="2026-11-02T00:00:00Z"),
        shopper(7, last_name="Old", updated_at="2026-11-01T00:00:00Z"),
    )

    assert [each.verdict for each in outcomes] == [Verdict.UNCHANGED, Verdict.SKIPPED]
    assert outcomes[1].reason is Reason.SUPERSEDED
    assert world.rows("Contact")[0]["LastName"] == "New"


def test_the_ledger_remembers_a_profile_that_nothing_matches_any_more(world: World) -> None:
    """A second profile whose e-mail has changed is still the same record."""
    world.run("customers", shopper(7, email="ann@x.org"))
    world.run("customers", shopper(8, email="ann@x.org"))

    outcome = world.run("customers", shopper(8, email="new@x.org"))[0]

    assert outcome.rule == "ledger"
    assert len(world.rows("Contact")) == 1


def test_references_are_found_in_ledger_and_org(world: World) -> None:
    """A shop that was there before us, a shopper that we made."""
    world.org.put("Shop__c", {"Id": "S", "Key__c": "1:3"})
    made = world.run("customers", shopper(7, email="ann@x.org"))[0]

    world.run("sales", {"id": "9", "state": "completed", "total": "10", "shop_id": "3", "customer_id": "7"})

    (sale,) = world.rows("Sale__c")
    assert ("S", made.id) == (sale["Shop__c"], sale["Contact__c"])
    assert "Lead__c" not in sale


def test_lines_that_left_their_sale_leave_the_org(world: World) -> None:
    """And only those; without the property nothing is removed."""
    world.org.put("Shop__c", {"Id": "S", "Key__c": "1:3"})
    sale = {"id": "9", "state": "completed", "shop_id": "3", "line_ids": ["1", "2"]}
    world.run("sales", sale)
    world.run("sale_lines", *({"id": each, "sale_id": "9", "quantity": "1"} for each in ("1", "2")))
    lacking = {name: value for name, value in sale.items() if name != "line_ids"}

    world.run("sales", lacking)
    assert len(world.rows("Line__c")) == 2
    outcome = world.run("sales", {**sale, "line_ids": ["2"]})[0]

    assert [line["Key__c"] for line in world.rows("Line__c")] == ["1:2"]
    assert (outcome.verdict, outcome.removed) == (Verdict.UPDATED, 1)


def test_lines_of_a_sale_that_a_rule_left_out_do_not_wait(world: World) -> None:
    """They come again when it is completed."""
    world.run("sales", {"id": "9", "state": "open", "shop_id": "3"})

    outcome = world.run("sale_lines", {"id": "1", "sale_id": "9", "quantity": "1"})[0]

    assert (outcome.verdict, outcome.reason) == (Verdict.SKIPPED, Reason.PARENT_SKIPPED)


def test_a_batch_costs_two_look_ups(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many records there are: by key, then by every rule in all objects at once."""
    world = World(SHOPPERS, SHOPS, SALES, LINES)
    asked: list[Any] = []
    find = world.org.find
    monkeypatch.setattr(world.org, "find", lambda wanted, fields: asked.append(wanted) or find(wanted, fields))

    world.run("customers", *(shopper(n, email=f"a{n}@x.org", phone=f"514250{n:04d}") for n in range(50)))

    assert [sorted(wanted) for wanted in asked] == [["Contact", "Lead"]] * 2


def test_the_first_rule_that_found_several_is_told(world: World) -> None:
    """It is why nobody knows who it is; the later one only chose among them."""
    for _ in range(3):
        world.org.put("Contact", {"Email": "ann@x.org"})
    for row in world.rows("Contact")[:2]:
        row["Phone"] = PHONE

    outcome = world.run("customers", shopper(email="ann@x.org", phone=PHONE))[0]

    assert (outcome.reason, outcome.rule, len(outcome.candidates)) == (Reason.MANY_MATCHES, "email", 2)


def test_a_record_told_again_under_one_version_is_not_overtaken(world: World) -> None:
    """The shop's clock has seconds, and edits have less."""
    at = "2026-11-01T10:00:00Z"
    world.run("customers", {"id": "7", "last_name": "Lee", "updated_at": at})

    outcome = world.run("customers", {"id": "7", "last_name": "Roy", "updated_at": at})[0]

    assert outcome.verdict is Verdict.UPDATED


def test_a_value_that_a_neighbour_gives_back_is_taken_a_round_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one call nobody knows the order; alone, the giver would have been first."""
    contact = world.describes["Contact"]
    unique = replace(contact.fields["LastName"], unique=True)
    world.describes["Contact"] = replace(contact, fields={**contact.fields, "LastName": unique})
    world.run("customers", {"id": "1", "last_name": "Lee"}, {"id": "2", "last_name": "Roy"})
    update, calls = world.org.update, []

    def noting(name: str, key_field: str, rows: Sequence[Any], **more: Any) -> list[Result]:
        calls.append([body["LastName"] for _, body, _ in rows])
        return update(name, key_field, rows, **more)

    monkeypatch.setattr(world.org, "update", noting)
    world.run("customers", {"id": "2", "last_name": "Kim"}, {"id": "1", "last_name": "Roy"})

    assert calls == [["Kim"], ["Roy"]]


def test_a_value_that_an_undecided_neighbour_may_give_back_is_taken_a_round_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should the first fail, the second is who has the e-mail, and gives her name to the third."""
    contact = world.describes["Contact"]
    unique = replace(contact.fields["LastName"], unique=True)
    world.describes["Contact"] = replace(contact, fields={**contact.fields, "LastName": unique})
    world.org.put("Contact", {"Id": "A", "Email": "old@x.org", "Phone": PHONE, "LastName": "Lee"})
    first = {"id": "1", "phone": PHONE, "email": "new@x.org", "last_name": "Lee"}

    world.run(
        "customers", first, {"id": "2", "email": "old@x.org", "last_name": "Roy"}, {"id": "3", "last_name": "Lee"}
    )

    assert [values.get("LastName") for _, _, values in world.org.sent] == [None, "Roy", "Lee"]
    assert world.org.sent[0][2]["Email"] == "new@x.org"


def test_a_lead_that_was_merged_and_then_converted_is_followed_to_the_contact() -> None:
    """A lookup to a lead that is none any more would hang the receipt on nobody."""
    world = World(SHOPPERS, SHOPS, SALES)
    org = world.org
    lead = org.put("Lead", {"LastName": "Lee", "Email": "ann@x.org"})
    assert world.run("customers", shopper(email="ann@x.org"))[0].id == lead
    winner = org.put("Lead", {"LastName": "Lee"})
    org.merge_by_hand("Lead", winner, lead)
    org.converted[winner] = org.put("Contact", {"LastName": "Lee"})

    world.run("sales", {"id": "9", "state": "completed", "customer_id": "7"})

    sale = world.rows("Sale__c")[0]
    assert (sale.get("Contact__c"), sale.get("Lead__c")) == (org.converted[winner], None)
