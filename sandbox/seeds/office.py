"""What people have typed into the org before any sync: some of the shoppers, in their own spelling, and others."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from sandbox.salesforce.people import convert_lead
from sandbox.seeds.people import Person, has_mail, person, respelt

LONGEST_NAME = 40
"""Nobody types a longer one by hand."""


def seed_org(org: Any, rng: Random, crowd: Sequence[Person], story: int) -> dict[str, int]:
    """Contacts for about one in seven shoppers, leads for one in twenty, doubles, strangers, one account.

    Args:
        org: The org.
        rng: Everything follows from it.
        crowd: The shoppers, by customerID less one.
        story: The customerID of somebody who is in the org by e-mail for certain.

    Returns:
        Rows per object that somebody typed.
    """
    org.insert_as_user("Account", {"Name": "Sandbox Outfitters"})
    hero = crowd[story - 1]
    org.insert_as_user("Contact", _contact(hero, rng, Email=hero.email.upper()))
    for shopper in crowd:
        if shopper is not hero and 0 < len(shopper.last.strip()) < LONGEST_NAME:
            _type_in(org, rng, shopper)
    for _ in range(max(3, len(crowd) // 20)):
        stranger = person(rng)
        org.insert_as_user("Contact", _contact(stranger, rng, Email=f"office.{stranger.email}"))
    return {name: len(org.tables[name]) for name in ("Account", "Contact", "Lead")}


def _type_in(org: Any, rng: Random, shopper: Person) -> None:
    """Perhaps somebody typed this one: by e-mail, by phone alone, as a lead, or twice."""
    draw, mail = rng.random(), has_mail(shopper)
    if draw < 0.09 and mail:
        org.insert_as_user("Contact", _contact(shopper, rng, Email=shopper.email.upper()))
    elif draw < 0.17 and shopper.mobile:
        field = rng.choice(("Phone", "MobilePhone"))
        org.insert_as_user("Contact", _contact(shopper, rng, **{field: respelt(shopper.mobile, rng)}))
    elif 0.17 <= draw < 0.225 and mail:
        _lead(org, shopper)
    elif 0.225 <= draw < 0.23 and mail:
        for _ in range(2):
            org.insert_as_user("Contact", _contact(shopper, rng, Email=shopper.email))


def _contact(shopper: Person, rng: Random, **more: str) -> dict[str, str]:
    values = {"FirstName": shopper.first.strip(), "LastName": shopper.last.strip()}
    if rng.random() < 0.5:
        values["LeadSource"] = "Web"
    if rng.random() < 0.5:
        values |= {"MailingStreet": shopper.street, "MailingCity": shopper.city, "MailingCountry": "Canada"}
    return {field: value for field, value in {**values, **more}.items() if value}


def _lead(org: Any, shopper: Person) -> None:
    """Every third has been converted since."""
    names = {"FirstName": shopper.first.strip(), "LastName": shopper.last.strip()}
    values = {**names, "Email": shopper.email, "Company": shopper.company or "(private)", "City": shopper.city}
    lead = org.insert_as_user("Lead", {field: value for field, value in values.items() if value})
    if len(org.tables["Lead"]) % 3 == 2:
        convert_lead(org, lead)
