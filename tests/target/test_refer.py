"""refer: where the records are that others refer to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.nouns import OrgRow
from target_salesforce_retail.ports import Criteria
from target_salesforce_retail.stages.inside.refer import living_among

from tests.target.world import World


class Org(MemoryOrg):
    """Leads become a contact, or nothing that anybody knows; notes of whom it was asked who lives on."""

    def find(self, wanted: Criteria, fields: Mapping[str, Sequence[str]]) -> list[OrgRow]:
        return [self._followed(row, fields) for row in super().find(wanted, fields)]

    def _followed(self, row: OrgRow, fields: Mapping[str, Sequence[str]]) -> OrgRow:
        if row.id == "converted":
            return replace(self._row("Contact", "A", fields["Contact"]), searched="Lead", via={"Id": row.id})
        return replace(row, dead_end=row.id == "dead end")

    def survivors(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        self.sent += [("survivors", name, {"Id": each}) for each in ids]
        return super().survivors(name, ids)


@pytest.mark.parametrize(
    ("record_id", "place"),
    [
        ("A", ("Contact", "A")),
        ("L", ("Lead", "L")),
        ("merged", ("Contact", "A")),
        ("converted", ("Contact", "A")),
        ("merged, converted", ("Contact", "A")),
        ("dead end", None),
        ("merged, dead end", None),
        ("deleted", None),
    ],
)
def test_where_a_record_lives_now(record_id: str, place: tuple[str, str] | None) -> None:
    """Under its id, in the one it was merged into, as what it became, or nowhere; whoever is there is not asked for."""
    world = World()
    world.org = org = Org(world.describes)
    org.put("Contact", {"Id": "A"})
    for lead in ("L", "converted", "dead end"):
        org.put("Lead", {"Id": lead})
    org.merged |= {"merged": "A", "merged, converted": "converted", "merged, dead end": "dead end"}
    mapping = world.mappings.of("customers")
    assert mapping

    found = living_among([record_id], mapping, org, world.describes)

    assert found == ({record_id: place} if place else {})
    assert bool(org.sent) is (record_id not in ("A", "L", "converted"))
