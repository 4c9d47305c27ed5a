"""The accounts of new contacts, as `docs/guides/accounts.md` says them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sandbox.salesforce.rules import ValidationRule
from sandbox.serve import running
from tests.journeys.lines import change, person, said, summary
from tests.journeys.pair import ROOT, Pair

GUIDE = (ROOT / "docs" / "guides" / "accounts.md").read_text("utf-8")
COMPANY, HOUSEHOLD, BUCKET = re.findall(r"```yaml\naccount:\n(.*?)```", GUIDE, re.DOTALL)
PLACE: dict[str, Any] = {"address_line1": "1 Main St", "postal_code": "H2X 1Y4"}
PEOPLE = [
    person(1, "Ann", "Lee", **PLACE),
    person(2, "Ben", "Lee", **{**PLACE, "postal_code": "h2x1y4"}),
    person(3, "Cy", "Roy", company="Acme"),
    person(4, "Di", "Fox", company="ACME"),
    person(5, "Eva", "Dun"),
    person(5001, "Flo", "Orr"),
]


def pair_with(pair: Pair, *entries: str) -> Pair:
    """Shipped mappings, with these accounts."""
    change(pair, "customers", "on_many:", f"account:\n{''.join(entries)}on_many:")
    return pair


def accounts(pair: Pair) -> dict[str, str | None]:
    """First name -> the name of her account."""
    names = {row["Id"]: row["Name"] for row in pair.rows("Account")}
    return {row["FirstName"]: names.get(row["AccountId"]) for row in pair.rows("Contact")}


def test_each_shopper_gets_the_account_that_the_guide_says(pair: Pair) -> None:
    """Company, household, bucket in one list; a second run writes nothing."""
    pair_with(pair, COMPANY, HOUSEHOLD, BUCKET)
    first = summary(pair.load(said("customers", *PEOPLE)))
    second = summary(pair.load(said("customers", *PEOPLE)))

    assert accounts(pair) == {
        "Ann": "Lee household",
        "Ben": "Lee household",
        "Cy": "Acme",
        "Di": "Acme",
        "Eva": "Retail shoppers 0",
        "Flo": "Retail shoppers 1",
    }
    assert "6 created" in first
    assert "6 unchanged" in second


def test_the_account_that_the_org_has_is_taken(pair: Pair) -> None:
    """By its name, and left as it is."""
    acme = pair.box.org.insert_as_user("Account", {"Name": "acme"})
    pair_with(pair, COMPANY)
    summary(pair.load(said("customers", *PEOPLE)))

    assert [row["AccountId"] for row in pair.rows("Contact") if row["FirstName"] in ("Cy", "Di")] == [acme] * 2
    assert [row["Name"] for row in pair.rows("Account")] == ["acme"]
    assert accounts(pair)["Ann"] is None


DIES = {"fault": "403", "path": "*/composite", "containing": "Ann", "times": 1000}
"""The account is made, and nothing after it."""
LOST = {"fault": "drop", "path": "*/composite", "containing": "Lee household", "commit": True}
"""It is made, and nobody hears of it."""


@pytest.mark.parametrize("gust", [DIES, LOST], ids=["dies", "lost"])
def test_what_happens_between_account_and_contact_makes_no_second_one(pair: Pair, gust: dict[str, Any]) -> None:
    """The next try finds the account by its key."""
    pair_with(pair, HOUSEHOLD)
    pair.weather(gust)
    pair.load(said("customers", *PEOPLE))
    made = len(pair.rows("Account"))
    pair.box.weather_s.clear()
    summary(pair.load(said("customers", *PEOPLE)))

    assert made == len(pair.rows("Account")) == 1
    assert accounts(pair)["Ann"] == accounts(pair)["Ben"] == "Lee household"


def test_a_plan_says_that_accounts_would_be_made(pair: Pair) -> None:
    """Beside the contacts; and makes none."""
    pair_with(pair, HOUSEHOLD)
    file = pair.folder / "messages.singer"
    file.write_text(said("customers", *PEOPLE), "utf-8")
    done = pair.companion("plan", "--input", str(file))

    assert "create 1 Account beside them" in done.stdout, done.stderr
    assert pair.rows("Account") == []


def test_an_account_that_the_org_refuses_holds_its_contact(pair: Pair) -> None:
    """With the org's code, and nobody who shares it; when it is there, replay lets her in."""
    pair_with(pair, COMPANY)
    pair.box.org.rules.append(ValidationRule("Account", "Name", "Acme", "no"))
    pair.load(said("customers", *PEOPLE))
    held = pair.companion("holds").stdout
    pair.box.org.rules.clear()
    pair.companion("replay")

    assert held.count("FIELD_CUSTOM_VALIDATION_EXCEPTION") == 1
    assert accounts(pair)["Cy"] == accounts(pair)["Di"] == "ACME"


PERSONS = """
stream: customers
object: Account
record_type: PersonAccount
key: {field: Lightspeed_Key__c, value: "{account_id}:{id}"}
match: [{by: key}, {by: email, from: email, to: {Account: PersonEmail}}]
fields: {LastName: {from: last_name}, PersonEmail: {from: email, as: email, update: if_blank}}
"""


def test_a_shopper_is_a_person_account_where_the_mapping_says_so(tmp_path: Path) -> None:
    """Made with the record type, found by her e-mail, and not made again."""
    with running(switches={"person_accounts": "true"}) as box:
        pair = Pair(box, tmp_path)
        folder = tmp_path / "transforms"
        folder.mkdir()
        (folder / "customers.yml").write_text(PERSONS)
        pair.target_settings["transforms"] = str(folder)
        people = said(
            "customers", person(1, "Ann", "Lee", email="ann@x.org"), person(2, "Ann", "Lee", email="ann@x.org")
        )
        first, second = summary(pair.load(people)), summary(pair.load(people))

        (account,) = pair.rows("Account")
        assert (account["IsPersonAccount"], account["LastName"]) == (True, "Lee")
        assert "1 created" in first
        assert "2 unchanged" in second
