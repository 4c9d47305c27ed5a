"""Each field of each shipped mapping in turn: a value that is not sound, too long, or refused keeps nobody waiting.

The record is in without it, or held with the property or field named, as the mapping declares; and what refers to it
goes the same way.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.mapping.load import load
from target_salesforce_retail.mapping.preflight import preflight
from target_salesforce_retail.mapping.rules import FieldRule, Missing, OnRefused, TooLong
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe
from target_salesforce_retail.nouns import Outcome, Reason, Verdict
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.session import OrgSettings, Session
from target_salesforce_retail.pipeline import Pipeline
from target_salesforce_retail.singer.arrivals import ArrivalBuilder

from sandbox.salesforce.faults import Fault
from sandbox.serve import Box, running

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "tap-lightspeed-retail" / "tap_lightspeed_retail" / "schemas"
MAPPINGS = load(ROOT / "transforms")
NOON = "2026-03-01T12:00:00+00:00"
Record = dict[str, Any]

TOLD: dict[str, Record] = {
    "shops": {"name": "Quay Street", "time_zone": "America/Halifax", "city": "Halifax", "country": "CA"},
    "customers": {
        "first_name": "Ines",
        "last_name": "Duarte",
        "company": "Duarte Boats",
        "email": "ines@example.org",
        "mobile": "902-555-0144",
        "phone": "902-555-0145",
        "address_line1": "3 Quay Lane",
        "address_line2": "Unit 4",
        "city": "Halifax",
        "state": "NS",
        "postal_code": "B3J 1S9",
        "country": "CA",
        "birth_date": "1990-05-17",
        "email_opt_out": True,
        "phone_opt_out": True,
        "mail_opt_out": True,
    },
    "items": {"name": "Teapot", "custom_sku": "TP-1", "sku": "2100005", "description": "Blue", "price": 20, "upc": "1"},
    "inventory": {"item_id": "1", "shop_id": "1", "on_hand": 3, "sellable": 2, "reorder_point": 1},
    "sales": {
        "number": "R-1",
        "kind": "sale",
        "state": "completed",
        "shop_id": "1",
        "customer_id": "1",
        **dict.fromkeys(("subtotal", "discount", "tax", "total", "total_due", "tip", "paid"), 20),
        "payment_types": ["card", "cash"],
        "reference": "web 17",
        "completed_at": NOON,
        "business_date": "2026-03-01",
        "line_ids": ["1"],
        "payment_ids": ["1"],
    },
    "sale_lines": {
        "sale_id": "1",
        "kind": "item",
        "item_id": "1",
        "description": "Teapot",
        **dict.fromkeys(("quantity", "unit_price", "discount", "tax", "total"), 1),
    },
    "sale_payments": {
        "sale_id": "1", "type": "card", "name": "Visa", "amount": 20, "tip": 1, "voided": True, "paid_at": NOON
    },
}  # fmt: skip
"""One record of each stream, with a value for every field."""
MATTERS = {
    "customers": {"first_name", "last_name", "email_opt_out", "phone_opt_out", "mail_opt_out"},
    "items": {"price", "currency"},
    "inventory": {"on_hand", "sellable"},
    "sales": {
        "kind", "state", "completed_at", "business_date", "currency", "customer_id",
        "subtotal", "discount", "tax", "total", "total_due", "tip", "paid",
    },
    "sale_lines": {"kind", "quantity", "unit_price", "discount", "tax", "total", "currency"},
    "sale_payments": {"type", "amount", "tip", "currency", "voided", "paid_at"},
}  # fmt: skip
"""What holds its record when it is not sound. Names decide whether two who share a phone are one person."""
OUTSIDE = {"LeadSource", "IsActive"}
"""Fields that no property decides."""


NUMBERED = ("shop_id", "item_id", "customer_id", "sale_id", "line_ids", "payment_ids")
"""Properties that refer to the other records of the same number."""


@dataclass(frozen=True)
class Spot:
    """A field of a mapping, on one of the objects that it writes. Its records are those of its number.

    Attributes:
        stream: The stream of the mapping.
        rule: The rule.
        object: The object.
        number: A number of its own.
    """

    stream: str
    rule: FieldRule
    object: str
    number: int

    @property
    def source(self) -> str:
        """The property that is at fault; none of those that say which record it is."""
        return next(name for name in self.rule.reads if name not in ("account_id", "id"))

    @property
    def matters(self) -> bool:
        return self.source in MATTERS.get(self.stream, set())

    @property
    def key(self) -> str:
        return f"7:{self.number}"

    def record(self, stream: str, **changed: Any) -> Record:
        """The record of a stream that goes with it."""
        told = {**TOLD[stream]}
        for name in NUMBERED:
            if name in told:
                told[name] = [str(self.number)] if isinstance(told[name], list) else str(self.number)
        if stream == "customers":
            told |= {"email": f"p{self.number}@example.org", "mobile": f"902-555-{1000 + self.number}"}
            told |= {
                "phone": f"902-556-{1000 + self.number}",
                "birth_date": f"1990-{1 + self.number // 28:02}-{1 + self.number % 28:02}",
            }
        if self.rule.name == "Archived__c":
            told |= {"archived": True}
        common = {"account_id": "7", "id": str(self.number), "currency": "CAD", "archived": False, "unreadable": []}
        times = {"sale_updated_at" if stream.startswith("sale_") else "updated_at": NOON, "deleted_at": None}
        return {**common, **times, **told, **(changed if stream == self.stream else {})}


@cache
def spots(stream: str) -> list[Spot]:
    """One for each field of a mapping."""
    mapping = MAPPINGS.of(stream)
    assert mapping is not None
    return [
        Spot(stream, rule, "Lead" if rule.only == ("Lead",) else mapping.object, number)
        for number, rule in enumerate(mapping.fields, 1)
    ]


def reading(stream: str) -> list[Spot]:
    return [spot for spot in spots(stream) if spot.rule.name not in OUTSIDE]


@pytest.fixture(scope="module")
def served() -> Iterator[Box]:
    """Without the org's duplicate rules, to which our people look much alike."""
    with running(switches={"standard_duplicate_rules": "false"}) as box:
        yield box


@pytest.fixture(scope="module")
def live(served: Box) -> tuple[LiveOrg, dict[str, ObjectDescribe]]:
    client_id, secret = served.salesforce_client
    org = LiveOrg(Session(OrgSettings(served.salesforce_url, client_id, secret), sleep=lambda _: None))
    describes, faults = preflight(MAPPINGS, org.describe)
    assert faults == []
    return org, describes


class Till:
    """Says the records of many spots, all streams, a batch each; and what came of them."""

    def __init__(self, box: Box, live: tuple[LiveOrg, dict[str, ObjectDescribe]]) -> None:
        self.org = box.org
        self._live = live
        self.begin()

    def begin(self) -> None:
        """An org and a ledger that know nobody yet, but for the leads."""
        self.org.reset()
        ledger = open_ledger("sqlite://")
        ledger.open_run()
        self.pipeline = Pipeline(MAPPINGS, self._live[0], ledger, self._live[1])
        for spot in spots("customers"):
            if spot.object == "Lead":
                known = {
                    "FirstName": "Ines",
                    "LastName": "Duarte",
                    "Company": "x",
                    "Email": f"p{spot.number}@example.org",
                }
                self.org.insert_as_user("Lead", known)

    def tell(self, told: list[tuple[Spot, Record]]) -> None:
        """Each with what is changed in its record."""
        self.outcomes: dict[tuple[str, str], Outcome] = {}
        for mapping in MAPPINGS.ordered:
            schema = json.loads((SCHEMAS / f"{mapping.stream}.json").read_text())
            builder = ArrivalBuilder(mapping.stream, schema, ("account_id", "id"))
            arrivals = [builder.arrival(spot.record(mapping.stream, **changed)) for spot, changed in told]
            outcomes = self.pipeline.run(mapping.stream, arrivals)
            self.outcomes |= {(mapping.stream, outcome.arrival.key): outcome for outcome in outcomes}

    def outcome(self, spot: Spot) -> Outcome:
        return self.outcomes[spot.stream, spot.key]

    def describe(self, spot: Spot) -> FieldDescribe:
        return self._live[1][spot.object].fields[spot.rule.name]

    def value(self, spot: Spot) -> Any:
        """What the org has in the field; its record's own id for a name that nobody gave."""
        (row,) = (each for each in self.org.tables[spot.object].values() if each["Lightspeed_Key__c"] == spot.key)
        value = row.get(spot.rule.name)
        return None if value == row["Id"] else value

    def followers(self, spot: Spot) -> Iterator[Outcome]:
        """What hangs on its record, near and far, except by lookups that may stay blank."""
        hanging = {spot.stream}
        for mapping in MAPPINGS.ordered:
            if any(link.stream in hanging and link.missing is Missing.WAIT for link in mapping.links):
                hanging.add(mapping.stream)
                yield self.outcomes[mapping.stream, spot.key]

    def is_held(self, spot: Spot, reason: Reason, named: str) -> None:
        """With its name, and those that wait for it."""
        outcome = self.outcome(spot)
        assert (outcome.verdict, outcome.reason, outcome.fields) == (Verdict.HELD, reason, (named,)), spot
        assert {each.reason for each in self.followers(spot)} <= {Reason.PARENT_MISSING}, spot

    def is_in(self, spot: Spot, *omitted: str) -> None:
        """With those that hang on it."""
        came = [self.outcome(spot), *self.followers(spot)]
        assert not [outcome for outcome in came if outcome.verdict is Verdict.HELD], spot
        assert set(omitted) <= set(self.outcome(spot).fields), spot

    def is_without(self, spot: Spot) -> None:
        """In, and blank; or with what steps in where the org demands a value."""
        self.is_in(spot, spot.rule.name)
        instead = ("(unknown)", "Duarte Boats", "(unnamed)")
        assert self.value(spot) in (instead if self.describe(spot).demanded else (None, False)), spot


@pytest.fixture
def till(box: Box, live: tuple[LiveOrg, dict[str, ObjectDescribe]]) -> Till:
    return Till(box, live)


each_stream = pytest.mark.parametrize("stream", [mapping.stream for mapping in MAPPINGS.ordered])


@each_stream
def test_a_value_that_the_org_refuses(till: Till, stream: str) -> None:
    """By a rule of its own, which names the field. The records fill every field: else these laws would say little."""
    till.tell([(spot, {}) for spot in spots(stream)])
    values = {(spot.object, spot.key): (spot.rule.name, till.value(spot)) for spot in spots(stream)}
    assert not [spot for spot in spots(stream) if till.value(spot) in (None, False)]
    till.begin()

    def refuses(name: str, row: Any) -> Fault | None:
        field, value = values.get((name, row["Lightspeed_Key__c"]), ("", None))
        refused = value is not None and row.get(field) == value
        return Fault("FIELD_INTEGRITY_EXCEPTION", "not this one", (field,)) if refused else None

    till.org.rules.append(refuses)
    till.tell([(spot, {}) for spot in spots(stream)])

    for spot in spots(stream):
        if spot.rule.refused is OnRefused.HOLD:
            till.is_held(spot, Reason.VALUE_REFUSED, spot.rule.name)
        else:
            till.is_without(spot)


@each_stream
@pytest.mark.parametrize("how", ["unreadable", "another type"])
def test_a_value_that_is_not_sound(till: Till, stream: str, how: str) -> None:
    """The tap could not read it, so that it is null and named; or it is what the schema does not allow."""
    told = {spot: {spot.source: None, "unreadable": [spot.source]} for spot in reading(stream)}
    if how == "another type":
        told = {spot: {spot.source: {"odd": [1]}} for spot in reading(stream)}

    till.tell(list(told.items()))

    for spot in told:
        if spot.matters:
            till.is_held(spot, Reason.INVALID, spot.source)
        else:
            till.is_without(spot)


@each_stream
def test_a_value_that_is_too_long(till: Till, stream: str) -> None:
    """Only text can be, and nothing that the contract lists. What was cut once is not sent again."""
    told = {spot: changed for spot in reading(stream) if (changed := too_long(spot, till.describe(spot)))}

    till.tell(list(told.items()))

    cut = [spot for spot in told if spot.rule.too_long is TooLong.CUT]
    for spot in told:
        describe = till.describe(spot)
        if spot.rule.too_long is TooLong.HOLD:
            till.is_held(spot, Reason.VALUE_REFUSED, spot.rule.name)
        elif spot not in cut:
            till.is_without(spot)
        else:
            till.is_in(spot)
            assert str(told[spot][spot.source]).startswith(till.value(spot))
            assert describe.length - 3 <= len(till.value(spot).encode("utf-16-le")) // 2 <= describe.length
    till.tell(list(told.items()))
    assert {till.outcome(spot).verdict for spot in cut} <= {Verdict.UNCHANGED}


def too_long(spot: Spot, describe: FieldDescribe) -> Record | None:
    """A record's change that makes the field's value too long; None where there is none, or it is an id."""
    schema = json.loads((SCHEMAS / f"{spot.stream}.json").read_text())["properties"][spot.source]
    texts = ("string", "textarea", "phone", "email", "picklist", "multipicklist")
    if describe.type not in texts or "enum" in schema or spot.rule.convert == "phone" or spot.source in NUMBERED:
        return None
    long = (
        f"{'9' * (describe.length + 7)}@example.org"
        if describe.type == "email"
        else "9 \U0001f600" * (describe.length + 7)
    )
    return {spot.source: long if "string" in schema["type"] else [long]}
