"""Many shoppers of one batch who share a phone or a mail: as few calls as may be, and nobody is taken for another."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from target_salesforce_retail.companion.memory_org import MemoryOrg

from tests.target.world import SHOPPERS, World

COMPANIES = """
stream: customers
object: Contact
key: {field: Key__c, value: "{account_id}:{id}"}
version: updated_at
match:
  - by: key
  - {by: text, from: last_name, to: {Contact: LastName}}
fields:
  LastName: {from: last_name}
  Phone: {from: phone}
"""
SHARED: dict[str, tuple[dict[str, Any], int, int]] = {
    "a family on one phone": ({"phone": "+1 416 555 0123"}, 40, 40),
    "one mail": ({"email": "ann@example.org"}, 5, 1),
}


@pytest.mark.parametrize("shared", SHARED)
def test_those_who_share_something_take_one_round(monkeypatch: pytest.MonkeyPatch, shared: str) -> None:
    """Two look-ups and one write, however many they are."""
    calls: Counter[str] = Counter()
    for name in ("find", "upsert", "update"):
        monkeypatch.setattr(MemoryOrg, name, _counted(calls, name, getattr(MemoryOrg, name)))
    world = World(SHOPPERS)
    values, shoppers, rows = SHARED[shared]

    world.run("customers", *_called_differently(shoppers, values))

    assert calls == {"find": 2, "upsert": 1}
    assert len(world.rows("Contact")) == rows


def test_those_who_share_what_is_no_evidence_take_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first five are one, for whom the others would be taken should her write fail; all others go together."""
    calls: Counter[str] = Counter()
    for name in ("find", "upsert", "update"):
        monkeypatch.setattr(MemoryOrg, name, _counted(calls, name, getattr(MemoryOrg, name)))
    world = World(SHOPPERS)

    world.run("customers", *_called_differently(40, {"email": "ann@example.org"}))

    assert calls == {"find": 3, "upsert": 2}
    assert len(world.rows("Contact")) == 36


def test_a_name_that_reads_like_nothing_is_not_found_by_what_is_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is called None looks for that, and not for a row without a name."""
    calls: Counter[str] = Counter()
    monkeypatch.setattr(MemoryOrg, "upsert", _counted(calls, "upsert", MemoryOrg.upsert))
    world = World(COMPANIES)

    world.run("customers", {"id": "1", "last_name": "None"}, {"id": "2", "phone": "1"})

    assert calls == {"upsert": 1}
    assert len(world.rows("Contact")) == 2


def _called_differently(shoppers: int, values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": str(n), "first_name": f"F{n}", "last_name": f"L{n}", **values} for n in range(shoppers)]


def _counted(calls: Counter[str], name: str, done: Any) -> Any:
    def counted(*args: Any, **more: Any) -> Any:
        calls[name] += 1
        return done(*args, **more)

    return counted
