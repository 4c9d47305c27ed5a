"""As a retailer runs it: Meltano, both plugins from meltano.yml, and nothing but loopback is contacted."""

from __future__ import annotations

import json
import signal
import subprocess
import time

import pytest

from tests.journeys.pair import MELTANO, NETGUARD, ROOT, Pair, environment, run


def project(pair: Pair, **more: str) -> dict[str, str]:
    """Environment that points the project's plugins at the sandbox and keeps its state in the test's folder."""
    tap, target = pair.box.tap_config(pair.folder), pair.box.target_config(pair.folder)
    settings = {f"TAP_LIGHTSPEED_RETAIL_{name.upper()}": str(value) for name, value in tap.items()}
    settings |= {f"TARGET_SALESFORCE_RETAIL_{name.upper()}": str(value) for name, value in target.items()}
    return environment(
        **settings,
        MELTANO_ENVIRONMENT="sandbox",
        MELTANO_STATE_BACKEND_URI=f"file://{pair.folder / 'state'}",
        MELTANO_DATABASE_URI=f"sqlite:///{pair.folder / 'meltano.db'}",
        MELTANO_SYS_DIR_ROOT=str(ROOT / ".meltano"),
        XDG_STATE_HOME=str(pair.folder / "xdg"),
        NETGUARD_REPORT=str(pair.folder / "strangers.txt"),
        **more,
    )


def meltano(pair: Pair, *words: str) -> subprocess.CompletedProcess[str]:
    env = project(pair)
    env["PYTHONPATH"] = f"{NETGUARD}:{env['PYTHONPATH']}"
    return run([MELTANO, *words], cwd=ROOT, env=env)


def states(pair: Pair) -> list[str]:
    return sorted(path.parent.name for path in (pair.folder / "state").rglob("state.json"))


@pytest.mark.usefixtures("installed")
def test_run_then_el_beside_it(chain: Pair) -> None:
    """`meltano run`, then `el --state-id` beside it: nothing is written twice, only loopback is contacted."""
    first = meltano(chain, "run", "tap-lightspeed-retail", "target-salesforce-retail")
    assert first.returncode == 0, first.stderr[-3000:]
    before = chain.writes()
    beside = meltano(chain, "el", "tap-lightspeed-retail", "target-salesforce-retail", "--state-id", "account-of-chain")

    assert beside.returncode == 0, beside.stderr[-2000:]
    assert before == chain.writes()
    assert states(chain) == ["account-of-chain", "sandbox:tap-lightspeed-retail-to-target-salesforce-retail"]
    strangers = chain.folder / "strangers.txt"
    assert not strangers.exists(), strangers.read_text()


@pytest.mark.usefixtures("installed")
def test_the_tap_loads_any_target(chain: Pair) -> None:
    """`meltano el tap-lightspeed-retail target-jsonl`: one file per stream, with the sales of the shop."""
    output = chain.folder / "jsonl"
    output.mkdir()
    env = project(chain, TARGET_JSONL_DESTINATION_PATH=str(output))
    done = run([MELTANO, "el", "tap-lightspeed-retail", "target-jsonl", "--state-id", "jsonl"], cwd=ROOT, env=env)

    assert done.returncode == 0, done.stderr[-3000:]
    names = {path.name.removesuffix(".jsonl") for path in output.iterdir()}
    assert {"customers", "items", "inventory", "sales", "sale_lines", "sale_payments", "shops"} == names
    sales = [json.loads(line) for line in (output / "sales.jsonl").read_text().splitlines()]
    assert len({sale["id"] for sale in sales}) == len(chain.box.world.rows("Sale"))


def test_a_state_of_another_account_is_refused(chain: Pair) -> None:
    """The tap says so and asks for no data."""
    assert chain.sync().returncode == 0
    state = json.loads(chain.state_file.read_text())
    assert state["account_id"] == chain.box.account_id
    chain.state_file.write_text(json.dumps({**state, "account_id": "4711"}))

    done = run(chain.tap_command())

    assert done.returncode != 0
    assert "4711" in done.stderr
    assert "RECORD" not in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("installed")
def test_sigterm_to_meltano_loses_nothing(chain: Pair) -> None:
    """Terminated in mid-run, the next run ends with every receipt in the org once."""
    chain.weather({"fault": "slow", "path": "*/composite", "containing": "allOrNone", "times": 1000, "seconds": 0.3})
    env = project(chain, TARGET_SALESFORCE_RETAIL_BATCH_SIZE_ROWS="40", TARGET_SALESFORCE_RETAIL_CHECKPOINT_ROWS="40")
    command = [MELTANO, "run", "tap-lightspeed-retail", "target-salesforce-retail"]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while sum(chain.writes().values()) < 60 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    time.sleep(2)
    chain.box.weather_s.clear()
    written = len(chain.rows("Retail_Sale__c"))

    assert process.returncode == 143
    again = run([*command[:2], "--force", *command[2:]], cwd=ROOT, env=env)
    assert again.returncode == 0, again.stderr[-3000:]
    sales = [row["Lightspeed_Key__c"] for row in chain.rows("Retail_Sale__c")]
    expected = [row for row in chain.box.world.rows("Sale") if row["completed"] or row["voided"]]
    assert written < len(sales)
    assert len(set(sales)) == len(sales)
    held = chain.companion("holds", "--stream", "sales")
    assert len(sales) + held.stdout.count("sales ") >= len(expected)
