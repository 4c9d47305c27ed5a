"""What the tap expects a request to cost is what the vendor charges (docs/vendors/lightspeed-r-series.md, costs)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tap_lightspeed_retail.r_series import account
from tap_lightspeed_retail.r_series.limits import cost_of, limits
from tap_lightspeed_retail.r_series.table import SOURCES
from tap_lightspeed_retail.streams import OPT_IN
from tap_lightspeed_retail.tap import TapLightspeedRetail
from tap_lightspeed_retail.web.throttle import Limits, Throttle

from sandbox.lightspeed.price import cost
from sandbox.serve import running

from .runs import Simulated
from .shop_days import Day


@pytest.mark.parametrize("stream", SOURCES)
def test_a_page_costs_what_its_relations_do(stream: str) -> None:
    source = SOURCES[stream]

    assert cost(source.key, source.relations, single=False, count=False) == pytest.approx(cost_of(source.relations))


@pytest.mark.recorded
def test_the_costs_are_those_of_the_documented_formula(recorded: Path) -> None:
    """For every source whose relations are in the vendor's list."""
    known = json.loads((recorded / "r-series" / "relation_costs.json").read_text())["resources"]
    compared = 0
    for source in SOURCES.values():
        listed = known.get(source.key, {}).get("relations", {})
        if source.relations and {*source.relations} <= {*listed}:
            compared += 1
            charged = 1 + sum(listed[name]["cost_query"] for name in source.relations)
            assert cost_of(source.relations) == pytest.approx(charged), source.key

    assert compared > 10


class Ledger:
    """What was expected of each request and what it was charged."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.expected: list[float] = []
        self.charged: list[float] = []
        before = Throttle.before

        def expecting(throttle: Throttle, price: float) -> None:
            self.expected.append(round(price, 4))
            before(throttle, price)

        def charging(headers: Mapping[str, str]) -> Limits:
            self.charged.append(float(headers["X-LS-Api-Request-Cost"]))
            return limits(headers)

        patch.setattr(Throttle, "before", expecting)
        patch.setattr(account, "limits", charging)


def test_every_request_of_a_run_costs_what_was_expected_and_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the first run, of one that looks for changes, and of one that reconciles; of all streams."""
    ledger = Ledger(monkeypatch)
    state: dict[str, Any] = {}
    with running(seed="chain", size="small") as box:
        for key in [row["registerID"] for row in box.world.rows("Register")][1:]:
            box.world.remove("Register", key)  # one register: the smallest bucket there is
        for _ in range(3):
            config = {**box.tap_config(tmp_path), "page_size": 5, "opt_in": list(OPT_IN)}
            tap = TapLightspeedRetail(config=config, state=state)
            tap.clock = Simulated(box)
            tap.sync_all()
            said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
            state = [each["value"] for each in said if each["type"] == "STATE"][-1]
            box.clock.advance(13 * 3600)
            Day(box, Random(2)).line_edited()

    assert ledger.expected == ledger.charged
    assert len(Counter(ledger.charged)) > 5
    assert not box.world.bucket.refusals
