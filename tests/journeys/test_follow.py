"""Following: what the till rings up is in Salesforce seconds later, and the end is orderly."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from random import Random

from sandbox.seeds.trade import Day
from tests.journeys.pair import Pair, environment
from tests.journeys.test_interrupted import wait_for

FOLLOW = {"follow": True, "poll_seconds": {"sales": 1, "customers": 1}, "overlap_seconds": 2}


def test_a_receipt_is_in_salesforce_while_both_run(chain: Pair, tmp_path: Path) -> None:
    """The till rings up a sale; nobody runs anything; the org has it. SIGTERM ends the tap, and with it the target."""
    chain.sync()
    chain.tap_settings |= FOLLOW
    chain.target_settings |= {"checkpoint_seconds": 0.5}
    happened = dict(Day(chain.box.world, Random(4)).events)
    errors = (tmp_path / "tap.err").open("w")
    with (
        errors,
        subprocess.Popen(chain.tap_command(), stdout=subprocess.PIPE, stderr=errors, env=environment()) as tap,
        subprocess.Popen(
            chain.target_command(),
            stdin=tap.stdout,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        ) as target,
    ):
        polls = chain.box.world.calls["Sale"]
        wait_for(lambda: chain.box.world.calls["Sale"] > polls + 8)  # one run makes fewer
        sale = happened["sales"](chain.box.clock.now().replace(microsecond=0))
        key = f"{chain.box.account_id}:{sale['saleID']}"
        wait_for(lambda: any(row["Lightspeed_Key__c"] == key for row in chain.rows("Retail_Sale__c")), seconds=45)
        still = len(chain.rows("Retail_Sale__c"))
        time.sleep(1.5)  # some more polls, in which nothing happens
        tap.send_signal(signal.SIGTERM)
        out, _ = target.communicate(timeout=60)

    assert (tap.returncode, target.returncode) == (143, 0)
    assert len(chain.rows("Retail_Sale__c")) == still
    state = json.loads(out.splitlines()[-1])
    assert state["account_id"] == chain.box.account_id


def test_a_run_after_following_has_nothing_left_to_do(chain: Pair) -> None:
    """Its STATE is a state like any other."""
    chain.sync()
    chain.tap_settings |= FOLLOW
    with subprocess.Popen(chain.tap_command(), stdout=subprocess.PIPE, env=environment(), text=True) as tap:
        Day(chain.box.world, Random(4)).new_shopper(chain.box.clock.now().replace(microsecond=0))
        assert tap.stdout
        lines = []
        for line in tap.stdout:
            lines.append(line)
            if json.loads(line)["type"] == "RECORD" and json.loads(line)["stream"] == "customers":
                break
        tap.send_signal(signal.SIGTERM)
        lines += tap.stdout.readlines()
    assert chain.load("".join(lines)).returncode == 0
    before = chain.writes()
    chain.tap_settings = {}

    assert chain.sync().returncode == 0
    assert chain.writes() == before
