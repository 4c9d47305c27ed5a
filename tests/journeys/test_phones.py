"""People are found by their phone number, however somebody has typed it into the CRM."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pytest

from sandbox.salesforce.rules import ValidationRule
from sandbox.serve import METADATA, running
from tests.journeys.pair import ROOT, Pair
from tests.journeys.test_singer_file import shopper, singer

PAGE = (ROOT / "docs" / "guides" / "phones.md").read_text("utf-8")
FORMS = {
    "Canada": """
        604{a}{b} | (604) {a}-{b} | 604-{a}-{b} | 604.{a}.{b} | 604 {a} {b} | 604/{a}-{b} | 1-604-{a}-{b}
        | +1 604 {a} {b} | +1 (604) {a}-{b} | tel:+1-604-{a}-{b} | 604-{a}-{b} x12 | (604){a}.{b} | 604 {a}{b}
    """,
    "United Kingdom": """
        020 7{a} {b} | 0207{a}{b} | (020) 7{a} {b} | +44 20 7{a} {b} | +44 (0)20 7{a} {b} | 0044 20 7{a} {b}
        | 020-7{a}-{b} | 020.7{a}.{b} | 020 7{a}{b}
    """,
    "FR": """
        06 12 {a2} {b2} | 0612{a}{b1} | 06.12.{a2}.{b2} | 06-12-{a2}-{b2} | +33 6 12 {a2} {b2} | +33612{a}{b1}
        | 0033 6 12 {a2} {b2} | (06) 12 {a2} {b2}
    """,
}
"""Country, as it stands in the CRM -> ways to type a number there."""
CODES = {"Canada": "CA", "United Kingdom": "GB", "FR": "FR"}


def typed() -> Iterator[tuple[str, str, str]]:
    """(Country, the number as it was typed, as the till says it): thirty numbers, each in a way of its own."""
    number = 0
    for country, forms in FORMS.items():
        for form in map(str.strip, forms.split("|")):
            number += 1
            a, b = "555" if country == "Canada" else "946", f"{100 + number:04d}"
            if country == "FR":
                a, b = "345", f"{100 + number:03d}"
                whole = a + b
                text = form.format(a=a, b1=b, a2=whole[:2], b2=f"{whole[2:4]} {whole[4:]}")
                yield country, text, f"+33612{whole}"
            else:
                e164 = f"+1604{a}{b}" if country == "Canada" else f"+44207{a}{b}"
                yield country, form.format(a=a, b=b), e164


PEOPLE = list(typed())


def typed_in(pair: Pair) -> list[str]:
    """A person for each, half of them leads, in one field or another; their ids."""
    ids = []
    for number, (country, text, _) in enumerate(PEOPLE):
        is_lead = number % 5 == 4
        where = {"Company": "Lee Ltd", "Country": country} if is_lead else {"MailingCountry": country}
        field = ("Phone", "MobilePhone", "HomePhone", "OtherPhone")[number % (2 if is_lead else 4)]
        values = {"FirstName": "Ada", "LastName": f"Lee{number}", field: text, **where}
        ids.append(pair.box.org.insert_as_user("Lead" if is_lead else "Contact", values))
    return ids


def came() -> list[dict[str, Any]]:
    """The same people, at the till."""
    return [
        shopper(number, email=None, last_name=f"Lee{number}", mobile=e164, country=CODES[country])
        for number, (country, _, e164) in enumerate(PEOPLE)
    ]


def found_by(pair: Pair) -> list[str]:
    """For each record of the till, in order, the id of the person that it went to."""
    rows = {row["Lightspeed_Key__c"]: row["Id"] for name in ("Contact", "Lead") for row in pair.rows(name)}
    return [rows.get(f"1:{number}", "") for number in range(len(PEOPLE))]


def keys_of(pair: Pair) -> dict[str, Any]:
    return {
        row["Id"]: sorted(str(value) for field, value in row.items() if field.endswith("_Phone_Key__c") and value)
        for name in ("Contact", "Lead")
        for row in pair.rows(name)
    }


def test_there_are_thirty_spellings_in_three_countries() -> None:
    assert (len(PEOPLE), len({text for _, text, _ in PEOPLE}), len(FORMS)) == (30, 30, 3)


def test_thirty_spellings_are_found_although_nobody_has_read_them(pair: Pair) -> None:
    """The run reads once who lacks a key, and says so."""
    ids = typed_in(pair)

    done = pair.load(singer(*came()))

    assert done.returncode == 0, done.stderr
    assert found_by(pair) == ids
    assert "24 of Contact and 6 of Lead have a phone number without its key: read once for this run." in done.stderr


def test_a_backfill_gives_each_of_them_the_key_that_a_run_would_have_compared(pair: Pair) -> None:
    """Then the org itself finds all thirty, and nobody lacks a key."""
    pair.target_settings["unkeyed_persons"] = 0
    ids = typed_in(pair)

    filled = pair.companion("backfill-keys")

    assert filled.returncode == 0, filled.stderr
    assert filled.stdout.splitlines() == [
        "Contact: 24 of 24 read: 24 keyed, 0 with an unreadable number.",
        "Lead: 6 of 6 read: 6 keyed, 0 with an unreadable number.",
    ]
    assert [keys_of(pair)[each] for each in ids] == [[e164] for _, _, e164 in PEOPLE]
    done = pair.load(singer(*came()))
    assert found_by(pair) == ids
    assert "without its key" not in done.stderr
    again = pair.companion("backfill-keys")
    assert (again.returncode, again.stdout.splitlines()[0][:16]) == (0, "Contact: 0 of 0 ")


def test_above_the_bound_the_run_says_what_to_do_and_goes_without(pair: Pair) -> None:
    """Nothing is read of them; with a backfill they are found."""
    pair.target_settings["unkeyed_persons"] = 29
    typed_in(pair)

    done = pair.load(singer(came()[0]))

    assert (
        "24 of Contact and 6 of Lead have a phone number without its key, more than unkeyed_persons = 29" in done.stderr
    )
    assert "`salesforce-retail backfill-keys`" in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize("how", ["by the look-up", "by key"])
def test_who_edits_a_phone_by_hand_is_found_by_the_new_number_and_not_by_the_old_one(pair: Pair, how: str) -> None:
    """The flow blanks the key, whatever the till said; a run reads the number, or a backfill has done so."""
    pair.load(singer(shopper(1, last_name="Lee", email=None, mobile="604 555 0142")))
    (ann,) = pair.rows("Contact")
    pair.box.org.edit_as_user("Contact", ann["Id"], {"MobilePhone": "(604) 555-0199", "Phone": None})
    if how == "by key":
        assert pair.companion("backfill-keys").returncode == 0
        pair.target_settings["unkeyed_persons"] = 0

    pair.load(
        singer(
            shopper(2, last_name="Lee", email=None, mobile="604-555-0199"),
            shopper(3, last_name="Lee", email=None, mobile="604-555-0142"),
        )
    )

    second, third = (json.loads(pair.companion("explain", "customers", key, "--json").stdout) for key in ("1:2", "1:3"))
    assert (second["id"], second["rule"]) == (ann["Id"], "phone")
    assert third["id"] != ann["Id"]
    assert len(pair.rows("Contact")) == 2


def test_what_a_run_writes_has_its_key(pair: Pair) -> None:
    """New or not; and what the next run sends is nothing."""
    pair.box.org.insert_as_user(
        "Contact",
        {"FirstName": "Ada", "LastName": "Lovelock1", "Email": "ada1@example.com", "Phone": "604-555-0100"},
    )
    people = [shopper(1, mobile="604 555 0142", phone="n/a"), shopper(2, mobile="604 555 0143", phone="604 555 0144")]
    assert pair.companion("backfill-keys").returncode == 0

    pair.load(singer(*people))

    known, new = pair.rows("Contact")
    assert [known[f"{each}_Phone_Key__c"] for each in ("Mobile", "Main", "Home")] == [
        "+16045550142", "+16045550100", "unreadable",
    ]  # fmt: skip
    assert [new[f"{each}_Phone_Key__c"] for each in ("Mobile", "Main", "Home")] == [
        "+16045550143", "+16045550144", "+16045550144",
    ]  # fmt: skip
    before = pair.writes()
    done = pair.load(singer(*people))
    assert ("2 unchanged" in done.stderr, pair.writes()) == (True, before)
    assert pair.companion("backfill-keys").stdout.startswith("Contact: 0 of 0 read")


def test_a_backfill_goes_on_where_it_was(pair: Pair) -> None:
    """With a limit it leaves some, and says so by its exit code; what Salesforce refuses is counted and left."""
    typed_in(pair)
    planned = pair.companion("backfill-keys", "--plan")
    assert planned.returncode == 3
    assert "24 of 24 read: 24 keyed, 0 with an unreadable number, nothing written." in planned.stdout
    assert pair.writes() == {}

    some = pair.companion("backfill-keys", "--limit", "10")
    assert (some.returncode, some.stdout.splitlines()[0][:22]) == (3, "Contact: 10 of 24 read")
    pair.box.org.rules.append(ValidationRule("Contact", "LastName", "Lee20", "not today"))
    rest = pair.companion("backfill-keys")

    assert rest.returncode == 4
    assert "14 of 14 read: 13 keyed" in rest.stdout
    assert "1 refused (1 FIELD_CUSTOM_VALIDATION_EXCEPTION)" in rest.stdout
    assert sum(not keys for keys in keys_of(pair).values()) == 1
    assert re.search(r"^Contact: 14 of 14 read", rest.stderr, re.MULTILINE)


def test_an_unreadable_number_is_marked_and_not_asked_for_again_until_told(pair: Pair) -> None:
    """Its country was missing; once somebody has said it, `--again` reads the number."""
    paul = pair.box.org.insert_as_user("Contact", {"LastName": "Petit", "MobilePhone": "06 12 34 51 00"})

    assert "1 of 1 read: 0 keyed, 1 with an unreadable number." in pair.companion("backfill-keys").stdout
    assert "0 of 0 read" in pair.companion("backfill-keys").stdout
    pair.box.org.edit_as_user("Contact", paul, {"MailingCountry": "France"})
    assert "1 of 1 read: 1 keyed" in pair.companion("backfill-keys", "--again").stdout
    assert keys_of(pair)[paul] == ["+33612345100"]


def test_an_org_without_the_flow_passes_preflight(tmp_path: Path) -> None:
    """It is no error: keys are filled by runs and backfills, and a number that is changed by hand keeps the old one."""
    folder = copytree(METADATA, tmp_path / "metadata")
    rmtree(folder / "flows")
    with running(seed="empty", metadata=folder) as box:
        assert Pair(box, tmp_path).companion("preflight").returncode == 0


def test_the_guide_says_what_its_commands_say(pair: Pair) -> None:
    """Typed in its order, for the people of its example; Meltano has the command."""
    _, block, _, shown, *_ = PAGE.partition("## Filling keys")[2].split("```")
    shown = shown.removeprefix("\n")
    org = pair.box.org
    org.insert_as_user("Contact", {"LastName": "Lee", "Phone": "604 555 0142"})
    org.insert_as_user("Contact", {"LastName": "Roy", "HomePhone": "06 12 34 51 00", "MailingCountry": "France"})
    org.insert_as_user("Contact", {"LastName": "Petit", "MobilePhone": "06 12 34 51 00"})
    org.insert_as_user("Lead", {"LastName": "Ito", "Company": "Ito", "Phone": "+44 20 7946 0018"})

    said = []
    for line in block.strip().splitlines():
        words = line.removeprefix("meltano invoke target-salesforce-retail:").split()
        assert words[0] in (ROOT / "meltano.yml").read_text("utf-8")
        said.append(pair.companion(*words))

    assert [each.returncode for each in said] == [3, 0, 0, 0]
    assert said[1].stdout == shown
    assert said[0].stdout == shown.replace(".\n", ", nothing written.\n")
    assert said[2].stdout.startswith("Contact: 0 of 0 read")
