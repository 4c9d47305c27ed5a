"""Phone keys are given in pieces: what each person gets, what is left, and what happens between a look and a write."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from target_salesforce_retail.companion import backfill
from target_salesforce_retail.companion.backfill import Tally, backfills
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.nouns import Fault, Reason, Recovery, Result, Value

from tests.target.world import SHOPPERS, World

TEXT = (
    SHOPPERS.replace("{else: CA}", "{from: country, else: CA}") + "  MailingCountry: {from: country, only: Contact}\n"
)


class BusyOrg(MemoryOrg):
    """Notes pieces, refuses whom it is told to, and lets a colleague work before a write."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.pieces: list[list[str]] = []
        self.refused: set[str] = set()
        self.meanwhile: Callable[[], None] = lambda: None

    def unkeyed(
        self, name: str, phones: Mapping[str, str], fields: Sequence[str], limit: int, after: str = ""
    ) -> list[Any]:
        """As in memory, and noted."""
        rows = super().unkeyed(name, phones, fields, limit, after)
        self.pieces.append([row.id for row in rows])
        return rows

    def update(self, name: str, key_field: str, rows: Any, *, allow_duplicates: bool = False) -> list[Result]:
        """The colleague first."""
        self.meanwhile()
        return super().update(name, key_field, rows, allow_duplicates=allow_duplicates)

    def _update(self, name: str, record_id: str, row: dict[str, Value]) -> Result:
        if record_id in self.refused:
            fault = Fault(Reason.REFUSED, Recovery.HOLD, "ENTITY_IS_LOCKED", "locked")
            return Result(None, fault=fault)
        return super()._update(name, record_id, row)


@pytest.fixture
def world() -> World:
    world = World(TEXT)
    world.org = BusyOrg(world.describes)
    return world


def filled(
    world: World, limit: int = 9999, *, again: bool = False, writes: bool = True, told: list[str] | None = None
) -> Tally:
    """A backfill of the contacts."""
    tell = (told if told is not None else []).append
    one = next(
        each for each in backfills(world.mappings.ordered, world.org, tell, writes=writes) if each.name == "Contact"
    )
    return one.run(limit, again=again)


def contacts(world: World, *phones: str | None, **more: Any) -> None:
    for number, phone in enumerate(phones):
        world.org.put("Contact", {"Id": f"C{number}", "Phone": phone, **more})


def keys(world: World, field: str = "Phone_E164__c") -> list[Any]:
    return [row.get(field) for row in world.rows("Contact")]


def test_everybody_is_read_once_in_pieces_by_id(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is refused is not asked for again in the same backfill, or it would never end."""
    monkeypatch.setattr(backfill, "PIECE", 2)
    contacts(world, *(f"514 250 000{each}" for each in range(5)))
    assert isinstance(world.org, BusyOrg)
    world.org.refused = {"C1"}

    tally = filled(world)

    assert world.org.pieces == [["C0", "C1"], ["C2", "C3"], ["C4"], []]
    assert (tally.lacking, tally.read, tally.keyed, dict(tally.refused)) == (5, 5, 4, {"ENTITY_IS_LOCKED": 1})
    assert tally.exit_code == 4
    assert str(tally) == "5 of 5 read: 4 keyed, 0 with an unreadable number, 1 refused (1 ENTITY_IS_LOCKED)"
    assert keys(world) == ["+15142500000", None, "+15142500002", "+15142500003", "+15142500004"]


def test_a_limit_leaves_the_others_for_the_next_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the person."""
    monkeypatch.setattr(backfill, "PIECE", 2)
    contacts(world, *(f"514 250 000{each}" for each in range(5)))

    first, second = filled(world, 3), filled(world, 3)

    assert [(each.lacking, each.read, each.exit_code) for each in (first, second)] == [(5, 3, 3), (2, 2, 0)]
    assert None not in keys(world)


@pytest.mark.parametrize("is_blanked", [True, False])
def test_who_types_another_number_meanwhile_lacks_the_key_as_before(world: World, is_blanked: bool) -> None:
    """With the flow in the org or without: the key would be of a number that is gone."""
    contacts(world, "514 250 0001", "514 250 0002")
    assert isinstance(world.org, BusyOrg)

    def colleague() -> None:
        typed: dict[str, Value] = {"Phone": "514 250 0009", **({"Phone_E164__c": None} if is_blanked else {})}
        world.org.tables["Contact"]["C0"] |= typed

    world.org.meanwhile = colleague
    tally = filled(world)

    assert keys(world) == [None, "+15142500002"]
    assert (tally.keyed, tally.changed, tally.exit_code) == (1, 1, 3)
    assert "1 changed meanwhile" in str(tally)
    world.org.meanwhile = lambda: None
    assert (filled(world).exit_code, keys(world)) == (0, ["+15142500009", "+15142500002"])


def test_a_key_that_cannot_be_taken_back_is_refused_and_named(world: World) -> None:
    """It is of a number that is gone, and no other backfill would look at it: who is to blank it has to know."""
    contacts(world, "514 250 0001", "514 250 0002")
    assert isinstance(world.org, BusyOrg)
    visits: list[str] = []

    def colleague() -> None:
        assert isinstance(world.org, BusyOrg)
        world.org.tables["Contact"]["C0"]["Phone"] = "514 250 0009"
        world.org.refused = {"C0"} if visits else set()
        visits.append("came")

    world.org.meanwhile = colleague
    told: list[str] = []
    tally = filled(world, told=told)

    assert keys(world) == ["+15142500001", "+15142500002"]
    assert (tally.read, tally.keyed, tally.changed, tally.exit_code) == (2, 1, 0, 4)
    assert dict(tally.refused) == {"ENTITY_IS_LOCKED": 1}
    assert "Contact C0: its number changed while we wrote its key" in told[0]
    assert "(ENTITY_IS_LOCKED)" in told[0]
    assert "Blank Phone_E164__c in Salesforce" in told[0]
    assert "0009" not in told[0]


def test_a_mark_is_tried_again_when_told_and_only_what_can_be_read_now_is_written(world: World) -> None:
    """A key that is right stays."""
    row = {"MobilePhone": "020 7946 0018", "Mobile_E164__c": "unreadable", "Phone_E164__c": "+15142500001"}
    contacts(world, "514-250-0001", "514-250-0001", **row)
    world.org.tables["Contact"]["C1"]["MailingCountry"] = "United Kingdom"
    assert isinstance(world.org, BusyOrg)

    once, again = filled(world), filled(world, again=True)
    assert (once.read, once.still_marked, again.keyed, again.still_marked) == (0, 0, 1, 1)
    assert str(again) == "1 of 1 read: 1 keyed, 0 with an unreadable number, 1 more as unreadable as before"

    assert keys(world, "Mobile_E164__c") == ["unreadable", "+442079460018"]
    assert keys(world) == ["+15142500001"] * 2
    assert [body for kind, _, body in world.org.sent if kind == "update"] == [{"Mobile_E164__c": "+442079460018"}]


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize("phone", ["514 250 0001", "n/a"])
def test_who_has_a_mark_and_lacks_a_key_besides_is_one_person(world: World, phone: str, writes: bool) -> None:
    """Counted once, and read once, with both numbers."""
    contacts(world, phone, MobilePhone="514 250 0002", Phone_E164__c="unreadable")

    tally = filled(world, again=True, writes=writes)

    assert (tally.lacking, tally.read, tally.keyed, tally.exit_code) == (1, 1, 1, 0)
    if writes:
        assert keys(world) == ["+15142500001" if phone[0] == "5" else "unreadable"]
        assert keys(world, "Mobile_E164__c") == ["+15142500002"]


def test_a_plan_counts_and_writes_nothing(world: World) -> None:
    """The same figures."""
    contacts(world, "514 250 0001", "n/a")

    planned = filled(world, writes=False)

    assert (world.org.sent, keys(world)) == ([], [None, None])
    assert str(planned) == str(filled(world)) == "2 of 2 read: 1 keyed, 1 with an unreadable number"
    assert keys(world) == ["+15142500001", "unreadable"]


def test_keys_of_a_second_mapping_of_an_object_are_given_too() -> None:
    """In the country by which that mapping reads; what the first one gives is not given again."""
    staff = (
        'stream: shops\nobject: Contact\nkey: {field: Key__c, value: "{account_id}:{id}"}\nregion: {else: FR}\n'
        "match: [by: key, {by: phone, from: phone, to: {Contact: Other_E164__c}}]\n"
        "fields: {Phone: {from: mobile}, Phone_E164__c: {key_of: Phone},"
        " OtherPhone: {from: phone}, Other_E164__c: {key_of: OtherPhone}}\n"
    )
    world = World(TEXT, staff)
    contacts(world, "514 250 0001", OtherPhone="06 12 34 56 78")

    both = world.mappings.ordered[::-1]
    assert [each.stream for each in both] == ["customers", "shops"]

    ours = backfills(both, world.org, lambda _: None, writes=True)

    assert [(each.name, *each.keys.phones) for each in ours] == [
        ("Contact", "Phone_E164__c", "Mobile_E164__c"),
        ("Lead", "Phone_E164__c"),
        ("Contact", "Other_E164__c"),
    ]
    assert [each.run(9999).read for each in ours] == [1, 0, 1]
    assert (keys(world), keys(world, "Other_E164__c")) == (["+15142500001"], ["+33612345678"])
