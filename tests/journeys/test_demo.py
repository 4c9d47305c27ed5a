"""`make demo`: what it prints, what it contacts, what it leaves behind."""

from __future__ import annotations

import re
import shutil
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.journeys.pair import NETGUARD, ROOT, environment, run
from tests.lanes import FULL

ALONE = ["unshare", "-rn", sys.executable, "-m", "tests.journeys.loopback"]
"""In a network namespace of its own: whatever process looks beyond loopback fails, not Python's alone."""
STREAMS = re.compile(r"\s*(shops|customers|items|inventory|sales|sale_lines|sale_payments)\s")


def alone() -> list[str]:
    """The words that take the network away, where this machine lets us."""
    able = shutil.which("unshare") and run([*ALONE, "true"], cwd=ROOT).returncode == 0
    return ALONE if able else []


def running(words: str) -> set[str]:
    """Ids of processes whose command line holds these words."""
    found: set[str] = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it may have ended meanwhile
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            found |= {path.parent.name} if words in line else set()
    return found


@pytest.mark.timeout(300)  # half a minute by itself, and a busy machine is no failure
@pytest.mark.usefixtures("installed")
def test_the_demo_tells_its_story_on_loopback(tmp_path: Path) -> None:
    """Two syncs that add up, a shopper's timeline, a decision; nothing is left running, and nothing is production's."""
    strangers = tmp_path / "strangers.txt"
    production = {"MELTANO_ENVIRONMENT": "production", "TARGET_SALESFORCE_RETAIL_CLIENT_ID": "the-org's"}
    env = environment(NETGUARD_REPORT=str(strangers), **production)
    env["PYTHONPATH"] = f"{NETGUARD}:{env['PYTHONPATH']}"

    size = "full" if FULL else "small"
    sandbox = f"sandbox serve --seed chain --size {size}"
    somebody_elses = running(sandbox)

    done = run([*alone(), sys.executable, "-m", "sandbox.demo", "--size", size], cwd=ROOT, env=env, timeout=280)

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    rows = [line.split() for line in done.stdout.splitlines() if STREAMS.match(line)]
    assert len(rows) == 14, done.stdout
    for _, arrived, *verdicts in rows:
        assert int(arrived.replace(",", "")) == sum(int(each.replace(",", "")) for each in verdicts)
    assert len(re.findall(r"\d+ Salesforce calls", done.stdout)) == 2
    assert "One shopper as Salesforce now holds them" in done.stdout
    assert "refund" in done.stdout
    assert re.search(r"salesforce-retail decide \d+:\d+ --is \w{18}", done.stdout)
    assert re.search(r"\d+:\d+ is linked now", done.stdout)
    assert not strangers.exists(), strangers.read_text()
    assert running(sandbox) <= somebody_elses
