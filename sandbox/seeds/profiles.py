"""A shopper as the vendor keeps them (docs/vendors/lightspeed-r-series.md, shoppers)."""

from __future__ import annotations

from datetime import datetime, time, timezone
from random import Random
from zoneinfo import ZoneInfo

from sandbox.lightspeed.world import Row, World
from sandbox.seeds.people import Person

CONTACTS = 20_000
"""Shoppers' contacts have ids above this one."""
HOME = ZoneInfo("America/Montreal")
"""Where birthdays are midnight: the zone of the first shop."""


def put_shopper(world: World, rng: Random, number: int, shopper: Person, *, made: datetime, changed: datetime) -> Row:
    """Write a shopper, with numbers and addresses in a contact as the vendor has them."""
    changed = changed.replace(microsecond=0)
    row: Row = {
        "customerID": number,
        "firstName": shopper.first,
        "lastName": shopper.last,
        "title": "",
        "company": shopper.company,
        "companyRegistrationNumber": "",
        "vatNumber": "",
        "dob": born(shopper),
        "archived": shopper.archived,
        "createTime": made,
        "timeStamp": changed,
        "creditAccountID": 0,
        "customerTypeID": 1,
        "discountID": 0,
        "taxCategoryID": 0,
        "contactID": CONTACTS + number,
        "noteID": 0,
        "employeeID": 0,
        "measurementID": 0,
        "Contact": _contact(shopper, rng, changed),
        "Tags": list(shopper.tags),
        "CustomFieldValues": _custom(shopper),
    }
    return world.put("Customer", {**row, "Note": {"note": shopper.note, "isPublic": False}} if shopper.note else row)


def _contact(shopper: Person, rng: Random, at: datetime) -> Row:
    """`noMail` says little of anybody's will: the vendor sets it for whoever its API creates."""
    phones = [(shopper.mobile, "Mobile"), (shopper.home, "Home")]
    address = {"address1": shopper.street, "address2": "", "city": shopper.city, "state": shopper.state}
    country = {"country": "Canada", "countryCode": "CA"} if shopper.city else {"country": "", "countryCode": ""}
    return {
        "custom": "",
        "noEmail": rng.random() < 0.5,
        "noPhone": False,
        "noMail": True,
        "Addresses": [{**address, "stateCode": shopper.state, "zip": shopper.postal, **country}],
        "Phones": [{"number": text, "useType": use} for text, use in phones if text],
        "Emails": [{"address": shopper.email, "useType": "Primary"}] if shopper.email else [],
        "Websites": [],
        "timeStamp": at,
    }


def _custom(shopper: Person) -> list[Row]:
    return [
        {"customFieldValueID": number, "customFieldID": number, "name": name, "type": "string", "value": value}
        for number, (name, value) in enumerate(shopper.custom, 1)
    ]


def born(shopper: Person) -> datetime | None:
    """A birthday as the vendor has it: midnight in the shop's time zone, said in UTC.

    Source: docs/vendors/lightspeed-r-series.md, times.
    """
    if shopper.born is None:
        return None
    return datetime.combine(shopper.born, time(), HOME).astimezone(timezone.utc)
