"""What deliberate breaks (``tests/agreements/breaks.yml``) have shown that no test had asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from target_salesforce_retail.org.live import LiveOrg

from sandbox.salesforce.people import merge
from sandbox.serve import Box
from tests.target.doorway import record, schema, state
from tests.target.proof import Target
from tests.target.test_proof_faults import SHOPPERS, people
from tests.target.till import LINES_WITH_VERSIONS, at
from tests.target.wire import Wire
from tests.target.world import SALES, SHOPS, World
from tests.target.world import SHOPPERS as SHOPPERS_HERE

KEY = "Lightspeed_Key__c"


@pytest.mark.parametrize("count", [2, 3])
def test_rows_that_were_halted_go_one_by_one(org: LiveOrg, wire: Wire, count: int) -> None:
    """For the culprit is one of them, and would halt the others again."""
    halted = {"success": False, "errors": [{"statusCode": "PROCESSING_HALTED", "message": "", "fields": []}]}
    part = {"referenceId": "r0", "httpStatusCode": 200, "body": [halted] * count}
    org.describe(["Contact"])
    wire.answers = [(200, {"compositeResponse": [part]})]

    results = org.upsert("Contact", KEY, [{KEY: f"1:{each}", "LastName": "Lee"} for each in range(count)])

    assert [len(each) for each in wire.rows] == [1] * count
    assert [each.created for each in results] == [True] * count


@pytest.mark.parametrize("chain", [1, 2, 3])
def test_a_shopper_whose_record_was_merged_away_is_who_lives_on(chain: int) -> None:
    """Through any chain of merges, though nothing else tells that it is the same person."""
    world = World()
    world.run("customers", {"id": "1", "last_name": "Ann"})
    (ours,) = world.rows("Contact")
    loser = str(ours["Id"])
    for number in range(chain):
        winner = world.org.put("Contact", {"LastName": f"Lee{number}"})
        world.org.merge_by_hand("Contact", winner, loser)
        loser = winner

    (outcome,) = world.run("customers", {"id": "1", "last_name": "Anna"})

    assert (outcome.verdict.value, outcome.id, outcome.rule) == ("updated", loser, "ledger")
    assert [row["LastName"] for row in world.rows("Contact")] == ["Anna"]


@pytest.mark.parametrize(("held", "exit_code"), [(1, 0), (2, 0), (3, 1)])
def test_as_many_may_be_held_as_max_holds_says(whole: Target, held: int, exit_code: int) -> None:
    """One more fails the run, though all of it is acknowledged."""
    strict = replace(whole, settings={"max_holds": 2}).maps(customers=SHOPPERS + "require: [email]\n")

    ended = strict.hear(*people(*["Ann"] * held), state(1))

    assert (ended.exit_code, ended.states) == (exit_code, [{"n": 1}])
    assert ("3 records were held, more than max_holds = 2" in ended.log) is (exit_code == 1)


def test_a_part_that_is_newer_than_the_set_of_its_record_is_not_stale() -> None:
    """The set that names it is still to come."""
    world = World(SHOPPERS_HERE, SHOPS, SALES, LINES_WITH_VERSIONS)
    sale: dict[str, Any] = {"id": "7", "state": "completed", "line_ids": ["1"], "updated_at": at(1)}
    world.run("sales", sale)

    (newer,) = world.run("sale_lines", {"id": "2", "sale_id": "7", "quantity": "1", "sale_updated_at": at(2)})
    (older,) = world.run("sale_lines", {"id": "3", "sale_id": "7", "quantity": "1", "sale_updated_at": at(0)})

    assert newer.verdict.value == "created"
    assert (older.verdict.value, older.reason and older.reason.value) == ("skipped", "left_parent")


def test_an_older_set_does_not_take_the_place_of_a_newer_one() -> None:
    """A sale that comes again in an old version takes no line of the newer one away."""
    world = World(SHOPPERS_HERE, SHOPS, SALES, LINES_WITH_VERSIONS)
    world.run("sales", {"id": "7", "state": "completed", "line_ids": ["1"], "updated_at": at(2)})
    world.run("sales", {"id": "7", "state": "completed", "line_ids": ["9"], "updated_at": at(1)})

    (line,) = world.run("sale_lines", {"id": "1", "sale_id": "7", "quantity": "1", "sale_updated_at": at(1)})

    assert line.verdict.value == "created"


@pytest.mark.parametrize(("rows", "states"), [(2, [{"n": 1}, {"n": 2}]), (3, [{"n": 2}, {"n": 2}])])
def test_a_state_is_a_checkpoint_at_the_very_row(whole: Target, rows: int, states: list[Any]) -> None:
    """Not one record later; the end of the input says the last one once more."""
    eager = replace(whole, settings={"checkpoint_rows": rows, "checkpoint_seconds": 999}).maps(customers=SHOPPERS)
    both = [record("customers", each) for each in (1, 2)]

    ended = eager.hear(schema("customers"), *both, state(1), record("customers", 3), state(2))

    assert ended.states == states


def test_the_org_is_asked_for_the_master_of_a_master(org: LiveOrg, box: Box) -> None:
    """Nobody has named the one in between."""
    a, b, c = (box.org.insert_as_user("Contact", {"LastName": name}) for name in "abc")
    merge(box.org, b, [a])
    merge(box.org, c, [b])

    assert org.survivors("Contact", [a]) == {a: c}
