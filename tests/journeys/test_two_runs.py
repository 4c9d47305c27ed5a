"""Two runs at once, over two accounts with the same shoppers, into one org: one person stays one record.

``RETAIL_RACES=50`` makes fifty starts of every kind instead of one.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.serve import Box, running
from tests.journeys.pair import Pair, environment
from tests.journeys.promises import assess
from tests.journeys.races import Shop, Town, at_once, ledger_url, load, new_run, slow_weather, town
from tests.lanes import FULL

STARTS = int(os.environ.get("RETAIL_RACES", "1"))
SHOPPERS = 40 if STARTS > 1 or FULL else 20
LEDGERS = {"one-ledger": ("both", "both"), "two-ledgers": ("one", "other")}
KINDS = [
    ("two-ledgers", "no-rules", "fast"),
    ("two-ledgers", "no-rules", "slow"),
    ("two-ledgers", "rules", "fast"),
    ("two-ledgers", "rules", "slow"),
    ("one-ledger", "no-rules", "fast"),
    ("one-ledger", "no-rules", "slow"),
    ("one-ledger", "rules", "fast"),
    ("one-ledger", "rules", "slow"),
]
MANY = [(*kind, number * len(KINDS) + place) for number in range(STARTS) for place, kind in enumerate(KINDS)]
SLOW = [each for each in MANY if each[1:3] == ("no-rules", "slow")]
"""For whole processes: where the target's own fence is all there is."""
ON_ONE, ON_TWO = ([each for each in SLOW if each[0] == kind] for kind in ("one-ledger", "two-ledgers"))
LAPS = "ledgers", "rules", "weather", "seed"


@contextmanager
def org_with(rules: str, weather: str, scene: Town, seed: int) -> Iterator[Box]:
    with running(switches={"standard_duplicate_rules": str(rules == "rules").lower()}) as box:
        scene.settle_in(box)
        if weather == "slow":
            slow_weather(box, seed)
        yield box


def check(box: Box, folder: Path, ledgers: tuple[str, str], scene: Town) -> None:
    """After both runs; and when each has run once more, alone, nothing is left to heal."""
    box.weather_s.clear()
    found = assess(box, folder, ledgers, scene)
    assert found.faults == []
    for name, shop in zip(ledgers, scene.shops, strict=True):
        load(new_run(box, ledger_url(folder, name)), shop, 100)
    healed = assess(box, folder, ledgers, scene)
    assert healed.faults == []
    assert set(healed.holds) <= {("customers", "twin"), ("customers", "many_matches")}
    assert bool(healed.holds) == bool(healed.doubled), "who is alone waits for nobody"


@pytest.mark.parametrize(LAPS, MANY)
def test_nobody_is_doubled(tmp_path: Path, ledgers: str, rules: str, weather: str, seed: int) -> None:
    """Batches of different sizes, so that they meet in ever other ways."""
    scene, names = town(seed, SHOPPERS), LEDGERS[ledgers]
    draw = random.Random(seed)
    with org_with(rules, weather, scene, seed) as box:
        runs = [new_run(box, ledger_url(tmp_path, name), seed=seed) for name in names]
        sizes = [draw.randint(4, 40) for _ in runs]

        at_once(
            *(
                lambda run=run, shop=shop, size=size: load(run, shop, size)  # type: ignore[misc]
                for run, shop, size in zip(runs, scene.shops, sizes, strict=True)
            )
        )

        check(box, tmp_path, names, scene)


# The real commands


class Start:
    """A target process that is fed one shop."""

    def __init__(self, box: Box, folder: Path, shop: Shop, ledger: str, size: int) -> None:
        self._home = folder / f"account-{shop.account}"
        self._home.mkdir(exist_ok=True)
        settings: dict[str, Any] = {
            "ledger_url": ledger_url(folder, ledger),
            "batch_size_rows": size,
            "checkpoint_rows": size,
        }
        self._command = Pair(box, self._home, target_settings=settings).target_command()
        self._lines = self._home / "in.singer"
        self._lines.write_text(shop.singer())
        with self._lines.open() as source:
            self.process = subprocess.Popen(
                self._command,
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment(),
            )

    def ended(self) -> tuple[int, str]:
        """Exit code and what it said."""
        _, said = self.process.communicate(timeout=110)
        return self.process.returncode, said


@pytest.mark.parametrize(LAPS, SLOW if STARTS > 1 else ON_ONE)
def test_nobody_is_doubled_by_two_processes(tmp_path: Path, ledgers: str, rules: str, weather: str, seed: int) -> None:
    """The real commands, each with its exit code."""
    scene, names = town(seed, SHOPPERS), LEDGERS[ledgers]
    with org_with(rules, weather, scene, seed) as box:
        pairs = zip(scene.shops, names, strict=True)
        starts = [Start(box, tmp_path, shop, name, 5 + seed % 30) for shop, name in pairs]

        for code, said in [start.ended() for start in starts]:
            assert code == 0, said

        check(box, tmp_path, names, scene)


@pytest.mark.parametrize(LAPS, SLOW if STARTS > 1 else ON_TWO)
def test_a_killed_run_that_comes_again_doubles_nobody(
    tmp_path: Path, ledgers: str, rules: str, weather: str, seed: int
) -> None:
    """SIGKILL after some of its writes, wherever that is; what it left behind is found, or a hold names both."""
    scene, names = town(seed, SHOPPERS), LEDGERS[ledgers]
    draw = random.Random(seed)
    with org_with(rules, weather, scene, seed) as box:
        pairs = list(zip(scene.shops, names, strict=True))
        doomed, other = (Start(box, tmp_path, shop, name, 5 + seed % 12) for shop, name in pairs)
        calls = draw.randint(3, 40)
        while box.org.calls["composite"] < calls and doomed.process.poll() is None:
            time.sleep(0.002)
        time.sleep(draw.random() * 0.1)
        doomed.process.send_signal(signal.SIGKILL)
        doomed.ended()

        again = Start(box, tmp_path, *pairs[0], 5 + seed % 12)
        for code, said in (again.ended(), other.ended()):
            assert code == 0, said

        check(box, tmp_path, names, scene)
