"""What people have typed into the org before any sync: some of the shoppers, in their own spelling, and others."""

from __future__ import annotations

from random import Random
from typing import Any

from sandbox.seeds.people import BAD_MAILS, Person, person, respelt


def seed_org(org: Any, rng: Random, crowd: list[Person]) -> None:
    """Contacts for about one in seven shoppers, leads for one in twenty, doubles, strangers, one account."""
    org.insert_as_user("Account", {"Name": "Sandbox Outfitters"})
    for shopper in crowd:
        draw = rng.random()
        if not shopper.last.strip() or len(shopper.last) > 40:
            continue
        if draw < 0.08 and shopper.email and shopper.email not in BAD_MAILS:
            org.insert_as_user("Contact", _contact(shopper, rng, Email=shopper.email.upper()))
        elif draw < 0.14 and shopper.mobile:
            field = rng.choice(("Phone", "MobilePhone"))
            org.insert_as_user("Contact", _contact(shopper, rng, **{field: respelt(shopper.mobile, rng)}))
        elif draw < 0.19 and shopper.email and shopper.email not in BAD_MAILS:
            _lead(org, shopper, rng)
        elif draw < 0.195 and shopper.email and shopper.email not in BAD_MAILS:
            for _ in range(2):
                org.insert_as_user("Contact", _contact(shopper, rng, Email=shopper.email))
    for _ in range(max(3, len(crowd) // 20)):
        stranger = person(rng)
        org.insert_as_user("Contact", _contact(stranger, rng, Email=f"office.{stranger.email}"))


def _contact(shopper: Person, rng: Random, **more: str) -> dict[str, str]:
    source = {"LeadSource": "Web"} if rng.random() < 0.5 else {}
    name = {"FirstName": shopper.first.strip(), "LastName": shopper.last.strip()}
    return {field: value for field, value in {**name, **source, **more}.items() if value}


def _lead(org: Any, shopper: Person, rng: Random) -> None:
    values = _contact(shopper, rng, Email=shopper.email, Company=shopper.company or "(private)")
    lead = org.insert_as_user("Lead", values)
    if rng.random() < 0.3:
        org.convert_lead(lead)
