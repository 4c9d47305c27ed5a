"""The corner shop: one till, and the smallest rate limits there are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.lightspeed.resources import RESOURCES
from sandbox.serve import Box, running
from tests.sandbox.lightspeed_client import Retail

TWO_SHOPS = {"Transfer", "TransferItem"}


@pytest.fixture(scope="module")
def corner() -> Iterator[Box]:
    with running(seed="corner") as box:
        yield box


def test_one_shop_and_one_till(corner: Box) -> None:
    """Open, and no web shop; everything that one shop can have is there."""
    tables = corner.world.tables
    assert (len(tables["Shop"]), len(tables["Register"])) == (1, 1)
    assert tables["Register"][1]["open"]
    assert {name for name in RESOURCES if not tables[name]} == TWO_SHOPS
    assert {sale["registerID"] for sale in corner.world.rows("Sale")} == {1}


def test_its_limits_are_the_smallest(corner: Box) -> None:
    """A bucket of 90 that drips once a second."""
    headers = Retail(corner).call("Sale.json", limit="1").headers
    assert headers["X-LS-API-Bucket-Level"].endswith("/90")
    assert headers["X-LS-Api-Drip-Rate"] == "1"


def test_it_trades(corner: Box) -> None:
    """Whatever a chain does in a day, but for the web shop's."""
    happened = corner.trade(hours=8)
    assert {"sales", "refunds", "voids", "lines_taken_off"} <= {*happened}
    assert {sale["registerID"] for sale in corner.world.rows("Sale")} == {1}
