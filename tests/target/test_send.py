"""send: what goes to the org, in which order, and what does not when something before it was refused."""

from __future__ import annotations

from typing import Any

import pytest
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.nouns import Action, Draft, Fault, Intent, Match, OrgRow, Reason, Recovery, Result
from target_salesforce_retail.stages.send import send

from tests.target.world import SHOPPERS, SHOPS, World, arrival

REFUSED = Fault(Reason.LOCKED, Recovery.RETRY, "UNABLE_TO_LOCK_ROW", "locked")
GONE = Fault(Reason.GONE, Recovery.RETRY, "ENTITY_IS_DELETED", "deleted")


class Stubborn(MemoryOrg):
    """Refuses to write some records."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.faults: dict[str, Fault] = {}
        self.keys: list[str] = []

    def update(self, name: str, key_field: str, rows: Any, *, allow_duplicates: bool = False) -> list[Result]:
        self.keys.append(key_field)
        return super().update(name, key_field, rows, allow_duplicates=allow_duplicates)

    def _update(self, name: str, record_id: str, row: dict[str, Any]) -> Result:
        if record_id in self.faults:
            return Result(None, fault=self.faults[record_id])
        return super()._update(name, record_id, row)


@pytest.fixture
def world() -> World:
    """Contact B is shopper 1:1, and carries no key; her key is on A."""
    made = World(SHOPPERS, SHOPS)
    made.org = Stubborn(made.describes)
    made.org.put("Contact", {"Id": "A", "Key__c": "1:1"})
    made.org.put("Contact", {"Id": "B"})
    return made


def action() -> Action:
    """B is to have the key that A has."""
    draft = Draft(arrival("customers", id="1"), {})
    match = Match(draft, row=OrgRow("Contact", "B", {"Key__c": None}), stamped_key="1:1")
    return Action(match, Intent.UPDATE, "Contact", id="B", body={"Key__c": "1:1"}, frees=(("Contact", "A"),))


def sent(world: World, refused: dict[int, Result] | None = None) -> Result | None:
    (result,) = send([action()], world.mappings.ordered[-1], world.org, refused)
    return result


def keys(world: World) -> dict[str, Any]:
    return {row["Id"]: row.get("Key__c") for row in world.rows("Contact")}


def test_a_key_is_free_before_it_is_written_elsewhere(world: World) -> None:
    """Of two records with one key the org would refuse the second; each time it is told which field is the key."""
    assert sent(world) == Result("B")

    assert world.org.keys == ["Key__c", "Key__c"]  # type: ignore[attr-defined]

    assert [values for _, _, values in world.org.sent] == [{"Key__c": None}, {"Key__c": "1:1"}]
    assert keys(world) == {"A": None, "B": "1:1"}


def test_no_key_is_freed_for_what_is_not_sent(world: World) -> None:
    """What it needs was refused: the key stays where it is until it can go where it belongs."""
    no = Result(None, fault=REFUSED)

    assert sent(world, {0: no}) == no
    assert keys(world) == {"A": "1:1", "B": None}


def test_what_would_have_a_key_that_is_not_free_is_not_sent(world: World) -> None:
    """It ends with the fault of the record that would not give it back."""
    world.org.faults["A"] = REFUSED  # type: ignore[attr-defined]

    assert sent(world) == Result(None, fault=REFUSED)
    assert keys(world) == {"A": "1:1", "B": None}


def test_who_is_gone_has_no_key_to_give_back(world: World) -> None:
    """That is no fault: the key is written where it belongs."""
    world.org.faults["A"] = GONE  # type: ignore[attr-defined]

    assert sent(world) == Result("B")
    assert keys(world)["B"] == "1:1"
