"""A decision does not depend on company: in one batch, one by one, in any partition, the same records end the same.

The pipeline is held against ``reference``, which takes one record at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.metadata import FieldDescribe
from target_salesforce_retail.nouns import Fault, Flaw, Reason, Recovery, Result, Verdict

from tests.lanes import examples
from tests.target.company import all_of, end_alike, holds_of, names_of, parts, rows_of
from tests.target.reference import Reference
from tests.target.till import LINES_WITH_VERSIONS, SALES_THAT_WAIT, Event, at, histories
from tests.target.world import LINES, SALES, SHOPPERS, SHOPS, World

SHOPPERS_OF_A_CLUB = SHOPPERS.replace(
    "  LeadSource:",
    "  Loyalty__c: {from: code, only: Contact}\n  MailingCity: {from: city, update: if_blank}\n"
    '  Title: {from: [title, nick], else: "?", on_null: clear, too_long: cut, refused: leave_out}\n'
    "  Suffix: {from: suffix, update: if_blank, refused: leave_out}\n  LeadSource:",
).replace("region: {else: CA}\nmatch:", "region: {from: country, else: CA}\nunreadable: unreadable\nmatch:")
DOCUMENTS = (SHOPPERS_OF_A_CLUB, SHOPS, SALES, LINES)
Values = dict[str, Any]

names = st.sampled_from([None, "Ann", "Bob"])
emails = st.sampled_from([None, "a@x.org", "A@X.org", "b@x.org"])
phones = st.sampled_from([None, "514 250 0001", "(514) 250-0001", "604 250 0001"])
contacts = st.fixed_dictionaries(
    {
        "FirstName": names,
        "LastName": st.sampled_from([None, "Lee"]),
        "Title": st.sampled_from([None, "Profess"]),
        "Email": emails,
        "Phone": phones,
        "MobilePhone": st.sampled_from([None, "6042500001"]),
        "Key__c": st.sampled_from([None, None, "1:1", "1:2", "1:9"]),
        "Loyalty__c": st.sampled_from([None, None, "L1"]),
    }
)
leads = st.fixed_dictionaries(
    {"FirstName": names, "Email": emails, "Phone": phones, "Key__c": st.sampled_from([None, None, "1:3"])}
)
shoppers = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["1", "2", "3", "4", None]),
        "first_name": names,
        "last_name": st.sampled_from([None, "Lee", "Roy", "Refused"]),
        "email": emails,
        "phone": phones,
        "mobile": st.sampled_from([None, None, "604-250-0001"]),
        "country": st.sampled_from([None, None, None, "AU"]),
        "birth_date": st.sampled_from([None, None, "1990-05-17", "never"]),
        "city": st.sampled_from([None, "Bonn", "Refused"]),
        "code": st.sampled_from([None, None, "L1", "L2"]),
        "archived": st.sampled_from([False, False, False, False, True]),
        "updated_at": st.sampled_from([*(f"2026-11-0{day}T10:00:00Z" for day in (1, 2, 3)), "2031-01-01T00:00:00Z"]),
        "title": st.sampled_from([None, None, "Dr", "Professor", "Refused"]),
        "nick": st.sampled_from([None, "Doc"]),
        "suffix": st.sampled_from([None, None, "II", "Refused"]),
        "flaws": st.sampled_from(
            [(), (), *((Flaw(name, "odd"),) for name in ("title", "nick", "suffix", "email", ""))]
        ),
        "unreadable": st.sampled_from([None, None, None, [], ["title"], ["birth_date"], ["suffix", "shoe_size"]]),
    }
)
cuts = st.lists(st.integers(1, 5), max_size=8)
TWO_PHONES = {"Phone": "514 250 0001", "MobilePhone": "6042500001"}


class FussyOrg(MemoryOrg):
    """Refuses some values, and a loyalty number that another has."""

    def _upsert(self, name: str, key_field: str, row: Values) -> Result:
        return self._refused(name, None, row) or super()._upsert(name, key_field, row)

    def _update(self, name: str, record_id: str, row: Values) -> Result:
        return self._refused(name, record_id, row) or super()._update(name, record_id, row)

    def _refused(self, name: str, record_id: str | None, row: Values) -> Result | None:
        refused = tuple(field for field, value in row.items() if value == "Refused")
        if refused:
            fault = Fault(Reason.VALUE_REFUSED, Recovery.HOLD, "STRING_TOO_LONG", "too long", refused)
            return Result(None, fault=fault)
        number = row.get("Loyalty__c")
        other = next(
            (
                each
                for each, values in self.tables[name].items()
                if number and values.get("Loyalty__c") == number and each != record_id
            ),
            None,
        )
        if other is None or values_key(self.tables[name][other]) == row.get("Key__c", "?"):
            return None
        fault = Fault(
            Reason.VALUE_TAKEN, Recovery.HOLD, "DUPLICATE_VALUE", "taken", ("Loyalty__c",), candidates=(other,)
        )
        return Result(None, fault=fault)


def values_key(values: Values) -> Any:
    return values.get("Key__c")


def world_of(kind: type[World], rows: Sequence[tuple[str, Values]], documents: Sequence[str] = DOCUMENTS) -> World:
    world = kind(*documents)
    club = world.describes["Contact"]
    unique = replace(club.fields["Loyalty__c"], unique=True)
    world.describes["Contact"] = replace(club, fields={**club.fields, "Loyalty__c": unique})
    for name in ("Contact", "Lead"):
        title = FieldDescribe("Title", "string", length=7, nillable=name == "Lead")
        world.describes[name] = replace(world.describes[name], fields={**world.describes[name].fields, "Title": title})
    world.org = FussyOrg(world.describes)
    for number, (name, values) in enumerate(rows):
        world.org.put(name, {"Id": f"{name}-{number}", **{field: value for field, value in values.items() if value}})
    return world


# The laws

org_rows = st.lists(st.tuples(st.just("Contact"), contacts) | st.tuples(st.just("Lead"), leads), max_size=4)


@settings(max_examples=examples(60))
@given(org_rows, st.lists(shoppers, max_size=8), cuts)
def test_a_batch_ends_as_its_records_would_one_by_one(
    rows: list[tuple[str, Values]], records: list[Values], sizes: list[int]
) -> None:
    """Org, ledger, holds, and every single outcome; in one batch and in any partition."""
    end_alike(world_of(Reference, rows), world_of(World, rows), world_of(World, rows), records, sizes)


def shopper(number: int, day: int, **more: Any) -> Values:
    return {"id": str(number), "archived": False, "updated_at": f"2026-11-0{day}T10:00:00Z", **more}


@pytest.mark.parametrize(
    ("rows", "records", "sizes"),
    [
        # who is to get a number that must be unique goes by their order, not by that of the calls
        (
            [("Contact", {"Key__c": "1:1"}), ("Contact", {"Email": "a@x.org"})],
            [shopper(4, 1, email="a@x.org", code="L1"), shopper(1, 1, code="L1")],
            [],
        ),
        # a number that is given back is free for the next one, and only then
        (
            [("Contact", {"Key__c": "1:2", "Loyalty__c": "L1"})],
            [shopper(2, 2, city="Refused"), shopper(2, 1, code="L2"), shopper(3, 1, code="L1")],
            [],
        ),
        # an older version takes the number once the newer one is refused
        ([], [shopper(1, 2, city="Refused"), shopper(1, 1, code="L1"), shopper(4, 1, code="L1")], []),
        # who is not decided yet may turn out to be the record that another would take
        (
            [("Contact", {**TWO_PHONES, "Loyalty__c": "L1"})],
            [shopper(1, 1, code="L1"), shopper(1, 1, phone="514 250 0001"), shopper(4, 2, mobile="604-250-0001")],
            [],
        ),
        # what we write later in a batch makes no twin of what we made earlier
        (
            [],
            [
                shopper(2, 1),
                shopper(2, 2, city="Refused"),
                shopper(1, 3, email="A@X.org"),
                shopper(2, 1, email="a@x.org"),
            ],
            [2],
        ),
        # what a rule took out is out until a version that is no older says otherwise, also one that is held
        ([], [shopper(1, 3) | {"archived": True}, shopper(1, 3, last_name="Refused"), shopper(1, 2)], [1, 1]),
        ([], [shopper(1, 3, last_name="Refused"), shopper(1, 2) | {"archived": True}, shopper(1, 1)], [1, 1]),
        # who waits for another does not find what a third one writes meanwhile: a number that is none in its country
        (
            [],
            [
                shopper(1, 1, email="a@x.org", last_name="Refused"),
                shopper(4, 1, email="a@x.org", phone="(514) 250-0001"),
                shopper(3, 1, phone="(514) 250-0001", country="AU"),
            ],
            [],
        ),
        # nor does who is refused, and goes in without that value
        (
            [],
            [shopper(3, 1, phone="514 250 0001", nick="Refused"), shopper(1, 1, phone="514 250 0001", country="AU")],
            [],
        ),
        (
            [("Lead", {"Key__c": "1:3"})],
            [shopper(4, 1, phone="514 250 0001", suffix="Refused"), shopper(3, 1, phone="514 250 0001")],
            [],
        ),
        # of two who may turn out to be a record, the one who waits longer counts: it fills in what a third one clears
        (
            [("Contact", {"Key__c": "1:3", "LastName": "Lee", "Title": "?", **TWO_PHONES})],
            [
                shopper(1, 1, email="a@x.org", last_name="Refused"),
                shopper(2, 1, email="a@x.org", phone="514 250 0001", birth_date="1990-05-17"),
                shopper(4, 1, email="b@x.org", last_name="Roy", mobile="416 250 0002"),
                shopper(5, 1, email="b@x.org", mobile="604-250-0001"),
                shopper(3, 1, last_name="Lee", birth_date=None),
            ],
            [],
        ),
    ],
)
def test_company_that_once_mattered(rows: Any, records: list[Values], sizes: list[int]) -> None:
    """Found by the law at odd hours; kept, for it tries few cases by day."""
    end_alike(world_of(Reference, rows), world_of(World, rows), world_of(World, rows), records, sizes)


def tell(world: World, events: Sequence[Event], sizes: Sequence[int]) -> None:
    """Checkpoints of these sizes, parents first within each, as the target drains them; then what waits is mended."""
    for part in parts(events, sizes):
        for mapping in world.mappings.ordered:
            records = [record for stream, record in part if stream == mapping.stream]
            if records:
                world.run(mapping.stream, *records)
    for mapping in world.mappings.ordered:
        world.pipeline.retry_waiting(mapping.stream)
        world.pipeline.fill_blanks(mapping.stream)


def receipts(world: World) -> dict[str, Values]:
    """What the org says of the sales, in the till's words."""
    known = {record_id: name.rpartition(":")[2] for record_id, name in names_of(world).items()}
    hanging = [(known[str(line["Sale__c"])], str(line["Key__c"])[2:]) for line in world.rows("Line__c")]
    return {
        str(row["Key__c"])[2:]: {
            "lines": sorted(line for sale, line in hanging if sale == str(row["Key__c"])[2:]),
            "customer": known.get(str(row.get("Contact__c"))),
            "shop": known.get(str(row.get("Shop__c"))),
            "total": str(row["Total__c"]),
        }
        for row in world.rows("Sale__c")
    }


def test_an_old_version_takes_out_no_part_that_a_newer_one_has_named() -> None:
    """Though the newer one still waits for its shopper: once she is there, all its lines are."""
    world = World(SHOPPERS, SHOPS, SALES_THAT_WAIT, LINES_WITH_VERSIONS)
    sale = {"id": "9", "state": "completed", "total": "1", "shop_id": None}
    first = {**sale, "line_ids": ["1"], "customer_id": None, "updated_at": at(1)}
    newer = {**sale, "line_ids": ["1", "2"], "customer_id": "7", "updated_at": at(2)}
    lines = [{"id": each, "sale_id": "9", "quantity": "1", "updated_at": at(int(each))} for each in ("1", "2")]

    world.run("sales", first)
    world.run("sale_lines", lines[0])
    (waits,) = world.run("sales", newer)
    world.run("sale_lines", lines[1])
    world.run("sales", first)
    world.run("customers", {"id": "7", "last_name": "Lee", "updated_at": at(3)})
    world.pipeline.retry_waiting("sales")

    assert waits.reason is Reason.PARENT_MISSING
    assert receipts(world)["9"]["lines"] == ["1", "2"]


@settings(max_examples=examples(24))
@given(histories(), cuts)
def test_receipts_end_as_the_till_has_them(history: tuple[list[Event], dict[str, Values]], sizes: list[int]) -> None:
    """Lines that left are gone, lines that moved hang on their new sale, lookups are filled and cleared; nothing waits.

    Whatever came together, waited together, or came again.
    """
    events, truth = history
    documents = (SHOPPERS, SHOPS, SALES_THAT_WAIT, LINES_WITH_VERSIONS)
    whole, cut, slow = World(*documents), World(*documents), Reference(*documents)

    tell(whole, events, [])
    tell(cut, events, sizes)
    for stream, record in events:
        slow.run(stream, record)
    slow.mend()

    for world in (slow, cut, whole):
        assert receipts(world) == truth
        assert holds_of(world) == []
    assert rows_of(whole) == rows_of(cut) == rows_of(slow)


@settings(max_examples=examples(50))
@given(org_rows, st.lists(shoppers, max_size=8), cuts)
def test_what_comes_again_changes_nothing(
    rows: list[tuple[str, Values]], records: list[Values], sizes: list[int]
) -> None:
    """Neither the org nor the ledger, however old the versions that come again are.

    What was held may well have an answer by now; and a null that clears is taken out, for two profiles that disagree
    whether a birthday is known would take turns.
    """
    world = world_of(World, rows, documents=[text.replace("on_null: clear, ", "") for text in DOCUMENTS])
    versions = [{**record, "updated_at": f"2026-11-{day:02d}T10:00:00Z"} for day, record in enumerate(records, 1)]
    outcomes = world.run("customers", *versions)
    before = all_of(world)
    settled = [each for each, outcome in zip(versions, outcomes, strict=True) if outcome.verdict is not Verdict.HELD]

    for part in parts(settled, sizes):
        world.run("customers", *part)

    assert all_of(world) == before


def test_a_part_that_moves_and_is_told_again_in_one_batch_is_one() -> None:
    """It is made anew under its new sale; the one that goes for it is no second answer to its key."""
    world = World(SHOPPERS, SHOPS, SALES_THAT_WAIT, LINES_WITH_VERSIONS)
    sale = {"state": "completed", "customer_id": None, "shop_id": None}
    line = {"id": "1", "quantity": "1"}
    world.run("sales", {"id": "7", "line_ids": ["1"], **sale, "updated_at": at(1)})
    world.run("sale_lines", {**line, "sale_id": "7", "sale_updated_at": at(1)})
    world.run("sales", {"id": "8", "line_ids": ["1"], **sale, "updated_at": at(3)})

    moved, same, again = world.run(
        "sale_lines",
        {**line, "sale_id": "8", "sale_updated_at": at(2)},
        {**line, "sale_id": "8", "sale_updated_at": at(2)},
        {**line, "sale_id": "8", "sale_updated_at": at(3), "quantity": "2"},
    )

    assert [(each.verdict, each.rule) for each in (same, again)] == [
        (Verdict.UNCHANGED, "key"),
        (Verdict.UPDATED, "key"),
    ]
    assert (moved.verdict, moved.removed) == (Verdict.CREATED, 1)
    assert [str(row["Quantity__c"]) for row in world.rows("Line__c")] == ["2"]
