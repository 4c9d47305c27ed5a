"""Two who might be one: `why-not` says what keeps them apart, rule by rule, and writes nothing."""

from __future__ import annotations

import json
import shutil

from sandbox.salesforce.people import convert_lead, merge
from tests.journeys.lines import in_words, person, said, told
from tests.journeys.pair import ROOT, Pair


def asked(pair: Pair, one: str, other: str, *more: str) -> str:
    before, runs = pair.writes(), pair.companion("runs", "--format", "json").stdout
    done = pair.companion("why-not", one, other, *more)
    assert done.returncode == 0, done.stderr
    assert pair.writes() == before
    assert pair.companion("runs", "--format", "json").stdout == runs
    return in_words(done.stdout)


def by_hand(pair: Pair, **values: str) -> str:
    made: str = pair.box.org.insert_as_user("Contact", {"LastName": "Lee", **values})
    return made


def test_two_of_a_family_differ_in_the_first_name(pair: Pair) -> None:
    """A key of the till and a record that somebody typed in: the rule, the field, and no value."""
    bob = by_hand(pair, FirstName="Bob", Email="lees@example.com")
    pair.load(said("customers", person(1, "Ann", "Lee", email="lees@example.com")))

    plain = asked(pair, "7:1", bob)
    settled, now = plain.split("As they are now\n")

    for part in (settled, now):
        assert f"email  Contact {bob} would answer, but differs in FirstName: somebody else\n" in part
    assert "phone  not asked: the record has nothing to be found by in mobile and phone\n" in now
    assert "No rule takes them for one." in now
    assert "lees@example.com" not in plain


def test_two_keys_of_the_till_that_have_nothing_in_common(pair: Pair) -> None:
    """One has a phone, the other an e-mail; and by now each is known by its own key."""
    pair.load(
        said("customers", person(1, "Ann", "Lee", email="ann@a.org"), person(2, "Ann", "Lee", mobile="5142500001"))
    )
    two = told(pair, "customers", "7:2")["id"]

    now = asked(pair, "7:1", "7:2").split("As they are now\n")[1]

    assert f"email  Contact {two} has nothing in Email\n" in now
    assert "phone  not asked: the record has nothing to be found by in mobile and phone\n" in now
    assert "merge the two in Salesforce" in now


def test_what_has_changed_since_is_seen(pair: Pair) -> None:
    """They would be one today: somebody has filled the e-mail in."""
    pair.load(said("customers", person(1, "Ann", "Lee", email="ann@a.org")))
    late = by_hand(pair, FirstName="Ann", Email="ann@a.org")

    whole = json.loads(asked(pair, late, "7:1", "--json"))

    assert whole["one"] is False
    assert [each["why"] for each in whole["now"]][:2] == ["one", "absent"]
    assert whole["now"][0]["rows"] == [f"Contact {late}"]


def test_a_shopper_who_is_held_is_asked_for_as_she_came(pair: Pair) -> None:
    """Two contacts have her e-mail: either of them answers, and so does the other."""
    first, second = (by_hand(pair, FirstName="Ann", Email="ann@a.org") for _ in range(2))
    pair.load(said("customers", person(1, "Ann", "Lee", email="ann@a.org")))

    plain = asked(pair, "7:1", first)

    assert "customers 7:1: held, by email, many_matches" in plain
    assert f"email  several answer: {' and '.join(f'Contact {each}' for each in sorted((first, second)))}\n" in plain
    assert f"A person decides which of those that answer it is: `salesforce-retail decide 7:1 --is {first}`" in plain


def test_what_a_person_has_decided_is_what_keeps_them_apart(pair: Pair) -> None:
    """Whoever was ruled out, and whoever was chosen in her place: no replay is offered that does nothing."""
    first, second = (by_hand(pair, FirstName="Ann", Email="ann@a.org") for _ in range(2))
    pair.load(said("customers", person(1, "Ann", "Lee", email="ann@a.org")))
    assert pair.companion("decide", "7:1", "--not", first, "--by", "Kim").returncode == 0
    ruled_out = asked(pair, "7:1", first)
    assert pair.companion("decide", "7:1", "--is", second, "--by", "Kim").returncode == 0
    pair.load(said("customers", person(1, "Ann", "Lee", email="ann@a.org")))

    assert "A person has decided that it is not this one (Kim, " in ruled_out
    assert "A person has decided that it is somebody else (Kim, " in asked(pair, "7:1", first)


def test_two_who_are_held_are_compared_with_each_other(pair: Pair) -> None:
    """Salesforce has no row of either."""
    folder = shutil.copytree(ROOT / "transforms", pair.folder / "transforms")
    pair.target_settings["transforms"] = str(folder)
    text = (folder / "customers.yml").read_text()
    (folder / "customers.yml").write_text(text.replace("on_none: create", "on_none: hold"))
    people = person(1, "Ann", "Lee", email="lees@a.org"), person(2, "Bob", "Lee", email="lees@a.org")
    pair.load(said("customers", *people))

    now = asked(pair, "7:1", "7:2").split("As they are now\n")[1]

    assert "email  Contact 7:2 would answer, but differs in FirstName: somebody else\n" in now


def test_two_profiles_of_one_shopper_are_one(pair: Pair) -> None:
    """Nothing keeps them apart."""
    pair.load(said("customers", person(1, "Ann", "Lee", email="ann@a.org"), person(2, "Ann", "Lee", email="ann@a.org")))

    assert asked(pair, "7:1", "7:2").endswith("They are one.\n")


def test_two_who_were_merged_since_are_one(pair: Pair) -> None:
    """And a shopper is one with the lead that she was; the ledger has not seen either yet."""
    org = pair.box.org
    lead = org.insert_as_user("Lead", {"FirstName": "Eve", "LastName": "Roy", "Company": "A", "Email": "eve@a.org"})
    pair.load(
        said(
            "customers",
            person(1, "Ann", "Lee", email="ann@a.org"),
            person(2, "Ann", "Lee", mobile="5142500001"),
            person(3, "Eve", "Roy", email="eve@a.org"),
        )
    )
    first, second = (told(pair, "customers", key)["id"] for key in ("7:1", "7:2"))
    assert told(pair, "customers", "7:3")["id"] == lead
    merge(org, first, [second])
    contact = convert_lead(org, lead)["contact_id"]

    of_two, of_ids = asked(pair, "7:1", "7:2"), asked(pair, "7:1", second)
    of_lead = asked(pair, "7:3", str(contact))

    for each in (of_two, of_ids):
        assert f"{second} was merged or converted, and lives on in {first}.\nThey are one." in each
    assert f"{lead} was merged or converted, and lives on in {contact}.\nThey are one." in of_lead


def test_who_nobody_knows_is_said(pair: Pair) -> None:
    """Exit 1, with what keys look like; two ids have no rules."""
    pair.load(said("customers", person(1, "Ann", "Lee")))

    unknown = pair.companion("why-not", "7:1", "7:99")
    nobody = pair.companion("why-not", "7:98", "7:99")
    two_ids = pair.companion("why-not", "003000000000001AAA", "003000000000002AAA", "--stream", "customers")

    assert [each.returncode for each in (unknown, nobody, two_ids)] == [1, 1, 1]
    assert "customers 7:99: The ledger does not know this record" in unknown.stderr
    assert "No stream with match rules knows these keys" in nobody.stderr
    assert "Name a key of the till" in two_ids.stderr


def test_an_id_of_nobody_is_said_to_be_none(pair: Pair) -> None:
    """Whether it never was, or was deleted: exit 1, as of a key that nobody knows; an id of 15 characters is one."""
    there, gone = by_hand(pair, FirstName="Ann", Email="ann@a.org"), by_hand(pair, FirstName="Bob")
    pair.box.org.delete_as_user("Contact", gone)
    pair.load(said("customers", person(1, "Cleo", "Roy", email="cleo@a.org")))

    for nobody in (gone, "0035e0000099999AAA"):
        done = pair.companion("why-not", "7:1", nobody)
        assert (done.returncode, done.stdout) == (1, "")
        assert f"customers {nobody}: Salesforce has no Contact or Lead with this id. It was deleted" in done.stderr
    assert "No rule takes them for one" in asked(pair, "7:1", there[:15])
