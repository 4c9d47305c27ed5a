"""Rows in the org go with the record that they hold the key of, when its link leads elsewhere than before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.mapping.preflight import preflight
from target_salesforce_retail.nouns import Fault, Move, OrgRow, Outcome, Reason, Recovery, Result, Verdict

from tests.lanes import examples
from tests.target.ledgers import done, fresh, held, settle
from tests.target.world import LINES, SALES, SHOPPERS, SHOPS, World

FOLLOWING = SALES.replace(
    "  Shop__c:", '  Who__c: {value: "{account_id}:{customer_id}", on_null: clear}\n  Shop__c:'
).replace("missing: blank}", "missing: blank, follow: Who__c}")
Values = dict[str, Any]


def world() -> World:
    return World(SHOPPERS, SHOPS, FOLLOWING, LINES)


def shopper(number: int, day: int = 1, **more: Any) -> Values:
    return {"id": str(number), "last_name": f"Lee {number}", "updated_at": f"2026-11-{day:02d}T10:00:00Z", **more}


def sale(number: int, customer: int | None, day: int = 1) -> Values:
    stamp = f"2026-11-{day:02d}T10:00:00Z"
    buyer = None if customer is None else str(customer)
    return {"id": str(number), "state": "completed", "total": "1", "customer_id": buyer, "updated_at": stamp}


def with_key(of: World, key: str) -> Values:
    return next(row for row in of.rows("Contact") if row.get("Key__c") == key)


def moved(of: World) -> list[str]:
    return [each.key for each in of.ledger.moved("customers", "", 99)]


# What the ledger notes


def test_whose_link_leads_elsewhere_has_moved() -> None:
    """Also who had none; not who leads where she did, is held, or is of a stream that nobody follows."""
    ledger = fresh()
    ledger.settle([done(key="1", record_id="003A"), done(key="2"), held(key="3")], is_followed=True)
    settle(ledger, done(key="4"), done(key="9", stream="sales"))
    noted = ledger.moved("customers", "", 9)
    ledger.followed("customers", noted, set())
    again = [done(key="1", record_id="003B"), done(key="2"), held(key="4", record_id="003B")]
    ledger.settle(again, is_followed=True)

    assert [move.key for move in noted] == ["1", "2"]
    assert [move.key for move in ledger.moved("customers", "", 9)] == ["1"]


def test_who_came_back_within_a_batch_has_moved_all_the_same() -> None:
    """There and back: what followed in between is nobody's to say."""
    ledger = fresh()
    settle(ledger, done(key="1", record_id="003A"))
    ledger.settle([done(key="1", record_id="003B"), done(key="1", record_id="003A")], is_followed=True)

    assert [move.key for move in ledger.moved("customers", "", 9)] == ["1"]


def test_moves_come_by_key_and_in_parts() -> None:
    """As many as are asked for, from a key up."""
    ledger = fresh()
    ledger.settle([done(key=key) for key in "cab"], is_followed=True)

    assert [move.key for move in ledger.moved("customers", "", 2)] == ["a", "b"]
    assert [move.key for move in ledger.moved("customers", "b", 2)] == ["c"]


def test_what_was_tried_in_vain_comes_again_in_the_next_run_and_what_moved_since_at_once() -> None:
    """A move that was noted meanwhile is not forgotten with the one before it."""
    ledger = fresh()
    ledger.settle([done(key="1"), done(key="2")], is_followed=True)
    noted = ledger.moved("customers", "", 9)
    ledger.settle([done(key="2", record_id="003B")], is_followed=True)
    ledger.followed("customers", noted, {"1"})
    assert [move.key for move in ledger.moved("customers", "", 9)] == ["2"]

    ledger.open_run()
    assert [move.key for move in ledger.moved("customers", "", 9)] == ["1", "2"]

    assert [Move("1", noted[0].seq)] == ledger.moved("customers", "", 1)


# What follows


def test_a_lookup_follows_and_nothing_else_is_written() -> None:
    """One update of one field; what is told of the receipt is told with it, and what decided about it stays."""
    of = world()
    of.run("customers", shopper(1))
    of.run("sales", sale(7, 1), sale(8, None))
    of.pipeline.follow("customers")
    with_key(of, "1:1")["Key__c"] = None
    after = of.org.put("Contact", {"Key__c": "1:1"})
    of.run("customers", shopper(1, 2))
    of.org.sent.clear()

    (outcome,) = of.pipeline.follow("customers")

    assert of.org.sent == [("update", "Sale__c", {"Contact__c": after})]
    assert (outcome.verdict, outcome.rule, outcome.arrival.key) == (Verdict.UPDATED, "follow", "1:7")
    known = of.ledger.record("sales", "1:7")
    assert known is not None
    assert (known.verdict, known.sent["Contact__c"], known.sent["Who__c"]) == (Verdict.CREATED, after, "1:1")
    assert of.pipeline.follow("customers") == []


def test_what_a_receipt_waits_for_it_still_waits_for() -> None:
    """Its shop is not there yet: that its shopper moved meanwhile does not let it forget the shop."""
    of = world()
    shops = of.mappings.of("sales")
    assert shops is not None
    text = FOLLOWING.replace("from: shop_id}", "from: shop_id, missing: blank}")
    of = World(SHOPPERS, SHOPS, text, LINES)
    of.run("customers", shopper(1))
    of.run("sales", {**sale(7, 1), "shop_id": "3"})
    with_key(of, "1:1")["Key__c"] = None
    of.org.put("Contact", {"Key__c": "1:1"})
    of.run("customers", shopper(1, 2))
    assert len(of.pipeline.follow("customers")) == 1

    of.run("shops", {"id": "3", "name": "Main"})
    of.pipeline.fill_blanks("sales")

    assert of.rows("Sale__c")[0]["Shop__c"] == of.rows("Shop__c")[0]["Id"]


def test_a_newer_version_that_is_held_stays_held() -> None:
    """The receipt in the org follows; the hold of its newer version is as it was, and replays as what it is."""
    of = world()
    of.run("customers", shopper(1))
    of.run("sales", sale(7, 1))
    of.run("sales", {**sale(7, 1, 2), "total": "much"})
    with_key(of, "1:1")["Key__c"] = None
    after = of.org.put("Contact", {"Key__c": "1:1"})
    of.run("customers", shopper(1, 2))
    before = of.ledger.holds()

    of.pipeline.follow("customers")

    assert of.rows("Sale__c")[0]["Contact__c"] == after
    assert of.ledger.holds() == before
    assert len(before) == 1


def test_a_shopper_who_is_nowhere_takes_no_lookup_away() -> None:
    """Deleted between her arrival and the move: the lookup stays as it is."""
    of = world()
    of.run("customers", shopper(1))
    of.run("sales", sale(7, 1))
    before = of.rows("Sale__c")[0]["Contact__c"]
    find = of.org.find

    def find_and_delete(*asked: Any) -> list[OrgRow]:
        found = find(*asked)
        if "Contact" in asked[0]:
            of.org.tables["Contact"].clear()
        return found

    of.org.tables["Contact"][before]["Key__c"] = None
    of.org.put("Contact", {"Key__c": "1:1"})
    of.org.find = find_and_delete  # type: ignore[method-assign]

    of.pipeline.follow("customers")

    assert not of.rows("Contact")
    assert of.rows("Sale__c")[0]["Contact__c"] == before


def test_a_row_without_a_key_of_ours_is_nobodys_business() -> None:
    """A person copied a receipt, and cleared its key."""
    of = world()
    of.org.put("Sale__c", {"Who__c": "1:1", "Contact__c": "003X"})
    of.run("customers", shopper(1))

    assert of.pipeline.follow("customers") == []


def test_who_has_no_row_behind_her_costs_one_question() -> None:
    """However many come for the first time."""
    of = world()
    asked: list[Any] = []
    find = of.org.find
    of.run("customers", *(shopper(number) for number in range(300)))
    of.org.find = lambda *args: (asked.append(args), find(*args))[1]  # type: ignore[method-assign]

    assert of.pipeline.follow("customers") == []
    assert len(asked) == 1
    assert moved(of) == []


class Strict(MemoryOrg):
    """Takes no change of receipts that are closed."""

    closed: str | None = None

    def _update(self, name: str, record_id: str, row: Values) -> Result:
        if name == "Sale__c" and self.tables[name][record_id]["Key__c"] == self.closed:
            return Result(None, fault=Fault(Reason.RULE_BROKEN, Recovery.HOLD, "CLOSED", "closed"))
        return super()._update(name, record_id, row)


def test_a_row_that_is_refused_holds_up_no_other_and_is_tried_in_the_next_run() -> None:
    """Not again in this one; no hold is opened, for there is no record to replay."""
    of = world()
    of.org = Strict(of.describes)
    of.run("customers", shopper(1), shopper(2))
    of.run("sales", sale(7, 1), sale(8, 1), sale(9, 2))
    for number in (1, 2):
        with_key(of, f"1:{number}")["Key__c"] = None
        of.org.put("Contact", {"Id": f"after-{number}", "Key__c": f"1:{number}"})
    of.run("customers", shopper(1, 2), shopper(2, 2))
    of.org.closed = "1:7"

    first = of.pipeline.follow("customers")
    again = of.pipeline.follow("customers")

    assert {outcome.arrival.key: outcome.verdict for outcome in first} == {
        "1:7": Verdict.HELD,
        "1:8": Verdict.UPDATED,
        "1:9": Verdict.UPDATED,
    }
    assert again == []
    assert of.ledger.open_holds() == 0
    of.org.closed = None
    of.later(minutes=1)
    (mended,) = of.pipeline.follow("customers")
    assert (mended.arrival.key, mended.verdict) == ("1:7", Verdict.UPDATED)
    assert moved(of) == []


# The law


@dataclass(frozen=True)
class Happening:
    """What happens between two batches: to whom, and what."""

    what: str
    who: int
    whom: int


HAPPENINGS = st.builds(
    Happening,
    st.sampled_from(["comes", "comes", "buys", "buys", "is moved", "is merged", "ledger lost", "dies"]),
    st.integers(1, 3),
    st.integers(1, 3),
)


class Shop:
    """A world in which all this happens, and what is true of it: who bought what."""

    def __init__(self) -> None:
        self.world = world()
        self.day = 1
        self.bought: dict[str, str] = {}
        self.dies = False

    def happens(self, each: Happening) -> None:
        self.day += 1
        of = self.world
        if each.what == "comes":
            self.load("customers", self.shopper(each.who))
        elif each.what == "buys":
            number = len(self.bought) + 1
            self.bought[f"1:{number}"] = f"1:{each.who}"
            self.load("sales", sale(number, each.who, self.day))
        elif each.what == "is moved":
            self.move(f"1:{each.who}")
        elif each.what == "is merged":
            self.merge(f"1:{each.who}", f"1:{each.whom}")
        elif each.what == "ledger lost":
            of.ledger = open_ledger("sqlite://", now=lambda: of.now)
            of.ledger.open_run()
        elif each.what == "dies":
            self.dies = True

    def load(self, stream: str, record: Values) -> None:
        """A batch, as a run takes it; who dies does so before any row has followed."""
        self.world.run(stream, record)
        if self.dies:
            self.dies = False
            self.world.ledger.open_run()
        else:
            self.world.pipeline.follow(stream)

    def shopper(self, number: int) -> Values:
        return shopper(number, self.day, email=f"{number}@x.org")

    def move(self, key: str) -> None:
        """A person gives the key, and all she is known by, to a contact of their own making."""
        for row in self.world.rows("Contact"):
            if row.get("Key__c") == key:
                row["Key__c"] = None
                self.world.org.put("Contact", {"Key__c": key, "Email": row.get("Email")})
                row["Email"] = None

    def merge(self, winner: str, loser: str) -> None:
        rows = {row.get("Key__c"): str(row["Id"]) for row in self.world.rows("Contact")}
        if winner != loser and {winner, loser} <= rows.keys():
            self.world.org.merge_by_hand("Contact", rows[winner], rows[loser])

    def where(self) -> Mapping[str, str | None]:
        """Receipt -> contact, as the org says."""
        return {str(row["Key__c"]): row.get("Contact__c") for row in self.world.rows("Sale__c")}

    def truth(self) -> Mapping[str, str | None]:
        """Receipt -> contact, slowly: who carries the key, or where the ledger says that the shopper went."""
        found: dict[str, str | None] = {}
        for receipt, key in self.bought.items():
            carrying = [str(row["Id"]) for row in self.world.rows("Contact") if row.get("Key__c") == key]
            link = self.world.ledger.links("customers", [key]).get(key)
            known = self.world.org.survivors("Contact", [link.id]) if link else {}
            found[receipt] = next(iter([*carrying, *known.values()]), None)
        return found


@settings(max_examples=examples(50))
@given(st.lists(HAPPENINGS, max_size=14))
def test_every_receipt_is_with_its_shopper_in_the_end(happenings: Sequence[Happening]) -> None:
    """Whatever people did to links, to the ledger and to runs: once each shopper has come and a run has ended well."""
    shop = Shop()
    for each in happenings:
        shop.happens(each)
    shop.dies = False
    shop.day += 1
    for number in (1, 2, 3):
        shop.load("customers", shop.shopper(number))
    shop.world.pipeline.fill_blanks("sales")
    shop.world.pipeline.follow("customers")

    assert shop.where() == shop.truth()
    assert None not in shop.where().values()


# What a mapping may say


def test_a_field_that_cannot_be_asked_for_is_a_fault() -> None:
    """As long text is; preflight says so before the first write."""
    of = world()
    fields = of.describes["Sale__c"].fields
    closed = {**fields, "Who__c": replace(fields["Who__c"], filterable=False)}
    describes = {**of.describes, "Sale__c": replace(of.describes["Sale__c"], fields=closed)}

    _, problems = preflight(of.mappings, lambda names: {name: describes[name] for name in names})

    assert [each for each in problems if "follow" in each] == [
        "test.yml:11: `follow` cannot look into Sale__c.Who__c, which no query can ask for"
    ]


@pytest.mark.parametrize("verdict", [Verdict.HELD, Verdict.UPDATED])
def test_an_outcome_of_a_move_opens_no_hold(verdict: Verdict) -> None:
    """It is our own request: there is nothing to replay."""
    of = world()
    arrived = done(verdict).arrival
    request = replace(arrived, fills=True, follows=True)
    of.ledger.settle([Outcome(request, verdict, done().stage, reason=Reason.RULE_BROKEN)])

    assert of.ledger.open_holds() == 0
