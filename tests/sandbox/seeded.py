"""A chain of shops in memory, for the tests of the seeds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from random import Random
from typing import Any

from sandbox.clock import Clock
from sandbox.lightspeed.world import World
from sandbox.salesforce.metadata import load_metadata
from sandbox.salesforce.rows import Org
from sandbox.salesforce.standard import standard_schema
from sandbox.salesforce.variants import varied
from sandbox.seeds.chain import Chain, seed_chain
from sandbox.switches import Switches

METADATA = Path(__file__).parents[2] / "salesforce" / "force-app" / "main" / "default"
NOON = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)
Row = dict[str, Any]


@dataclass
class Seeded:
    """The account, the org beside it, and what the seeds said of them."""

    world: World
    org: Org
    chain: Chain

    def rows(self, resource: str, **wanted: Any) -> list[Row]:
        """Rows whose fields have these values."""
        return [row for row in self.world.rows(resource) if all(row[name] == value for name, value in wanted.items())]

    def parts(self, resource: str, sale: Row) -> list[Row]:
        """The lines or the payments of a sale."""
        return self.world.children(resource, "saleID", sale["saleID"])

    def typed(self, name: str) -> list[Row]:
        """What people have typed into the org."""
        return list(self.org.tables[name].values())


def empty_world(start: datetime = NOON, **switches: Any) -> World:
    return World(Clock(start), Switches(**switches))


def seeded_world(size: str = "small", random_seed: int = 7, **switches: Any) -> World:
    """The account alone."""
    world = empty_world(**switches)
    seed_chain(world, None, Random(random_seed), size)
    return world


def seeded(size: str = "small", random_seed: int = 7, **switches: Any) -> Seeded:
    world = empty_world(**switches)
    org = Org(varied(load_metadata(METADATA, standard_schema()), world.switches), world.clock, world.switches)
    return Seeded(world, org, seed_chain(world, org, Random(random_seed), size))
