"""The commands of the guides, typed as they stand in a folder that holds the project and a `.env`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import requests

from tests.journeys.pair import BIN, ROOT, Pair, environment, run

PRODUCTION = "Environment 'production' is active"
SANDBOX = {"MELTANO_ENVIRONMENT": "sandbox"}
pytestmark = pytest.mark.usefixtures("installed")


def page(name: str) -> str:
    """A guide's text."""
    return (ROOT / "docs" / "guides" / name).read_text("utf-8")


def typed(name: str, words: str) -> str:
    """The one command of the guide that holds these words, inline or in a block."""
    inline, blocks = [], []
    for number, part in enumerate(page(name).split("```")):
        blocks += part.splitlines()[1:] if number % 2 else []
        inline += [] if number % 2 else re.findall(r"`([^`\n]+)`", part)
    found = {each.replace("\\|", "|") for each in [*inline, *blocks] if words in each}
    assert len(found) == 1, found
    return found.pop()


def filled(pair: Pair) -> str:
    """The guide's `.env` with the sandbox as shop and org; the vendors' addresses, which nobody sets, come with it."""
    tap, target = pair.box.tap_config(pair.folder), pair.box.target_config(pair.folder)
    known = {f"TAP_LIGHTSPEED_RETAIL_{name.upper()}": value for name, value in tap.items()}
    known |= {f"TARGET_SALESFORCE_RETAIL_{name.upper()}": value for name, value in target.items()}
    shown = next(part for part in page("first-sync.md").split("```\n") if "\nTAP_" in part).splitlines()
    names = [line.partition("=")[0] for line in shown]
    lines = [f"{name}={known[name]}" if name in known else line for name, line in zip(names, shown, strict=True)]
    addresses = [f"{name}={known[name]}" for name in known if name.endswith(("API_URL", "AUTH_URL"))]
    return "\n".join([*lines, *addresses, ""])


@pytest.fixture
def folder(pair: Pair) -> Path:
    """The newcomer's: meltano.yml, the mappings, and `.env`."""
    made = pair.folder / "project"
    made.mkdir()
    shutil.copy(ROOT / "meltano.yml", made)
    shutil.copytree(ROOT / "transforms", made / "transforms")
    (made / ".venv").symlink_to(BIN.parent)
    (made / ".env").write_text(filled(pair), "utf-8")
    return made


def here(folder: Path, **more: str) -> dict[str, str]:
    """A shell's environment in that folder; the plugins are those that are installed already."""
    return environment(
        PATH=f"{BIN}:{os.environ['PATH']}",
        MELTANO_SYS_DIR_ROOT=str(ROOT / ".meltano"),
        MELTANO_DATABASE_URI=f"sqlite:///{folder / 'meltano.db'}",
        MELTANO_STATE_BACKEND_URI=f"file://{folder / 'state'}",
        **more,
    )


def shell(folder: Path, command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The command, as a shell in that folder takes it."""
    return run(["bash", "-o", "pipefail", "-c", command], cwd=folder, env=here(folder, **more))


def told(folder: Path, plugin: str, setting: str, **more: str) -> str:
    """What Meltano tells a plugin of a setting."""
    done = shell(folder, f"meltano invoke --dump=config {plugin}", **more)
    return str(json.loads(done.stdout)[setting])


def authorize(folder: Path, command: str) -> int:
    """Types it and agrees in the browser, which is sent to the address on loopback."""
    words = ["bash", "-c", f"exec {command} --no-browser --port 0"]
    with subprocess.Popen(words, cwd=folder, env=here(folder), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = next(line.strip() for line in process.stdout if "/auth/oauth/authorize?" in line)
        requests.get(address, timeout=10).raise_for_status()
        process.stdout.read()
    return process.returncode


def test_what_is_typed_goes_to_production(folder: Path) -> None:
    """A command says nothing of it, nor does the line of a schedule: `.env` does, for all that runs in the folder."""
    scheduled = typed("first-sync.md", "*/15 * * * *").strip().removeprefix("*/15 * * * *")
    for command in (typed("first-sync.md", ":lint"), scheduled.replace("/srv/retail", str(folder))):
        done = shell(folder, command)
        assert PRODUCTION in done.stdout + done.stderr, done.stderr[-2000:]


def test_the_tokens_of_authorize_are_those_of_the_runs_that_follow(pair: Pair, folder: Path) -> None:
    """Authorized, the shop is planned through the guides' pipe: one store, one ledger, and nothing is written."""
    pair.box.world.put("Customer", {"customerID": 1, "firstName": "Ann", "lastName": "Lee"})
    assert authorize(folder, typed("first-sync.md", ":authorize")) == 0
    for command in {typed(guide, "--input -") for guide in ("first-sync.md", "plan.md")}:
        done = shell(folder, command)
        assert done.returncode == 3, done.stderr[-3000:]
    assert pair.writes() == {}


@pytest.mark.parametrize(
    ("plugin", "setting"), [("tap-lightspeed-retail", "token_store"), ("target-salesforce-retail", "ledger_url")]
)
def test_what_the_sandbox_keeps_is_not_productions(folder: Path, plugin: str, setting: str) -> None:
    """A try on the sandbox touches neither the tokens of the shop nor the ledger of the org."""
    ours, tried = told(folder, plugin, setting), told(folder, plugin, setting, **SANDBOX)

    assert str(folder) in ours
    assert str(folder) in tried
    assert ours != tried


def test_following_is_for_the_command_only(folder: Path) -> None:
    """Its settings go with the command: meltano.yml stays as git has it, and the next run does not follow."""
    before = (folder / "meltano.yml").read_bytes()
    words = typed("follow.md", "FOLLOW=true").partition("meltano run")[0]
    done = shell(folder, f"{words} meltano config list tap-lightspeed-retail")

    assert "follow [env: TAP_LIGHTSPEED_RETAIL_FOLLOW] (default: False) current value: True" in done.stdout
    assert (folder / "meltano.yml").read_bytes() == before
