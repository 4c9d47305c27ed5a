"""Whatever is typed after a command, it ends in a sentence, and nothing is quoted that is too long to be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.companion.arguments import File, Name, Number, number_in
from target_salesforce_retail.companion.cli import main

ROOT = Path(__file__).parents[2]
LARGEST = 2**63 - 1


def asked(folder: Path, *words: str) -> Result:
    """A command on an empty ledger, and an org that nobody can reach."""
    file = folder / "settings.json"
    org = {"login_url": "https://nowhere.my.salesforce.com", "client_id": "x", "client_secret": "x"}
    url = f"sqlite:///{folder / 'ledger.db'}"
    file.write_text(json.dumps({"ledger_url": url, "transforms": str(ROOT / "transforms"), **org}))
    return CliRunner().invoke(main, ["--config", str(file), *words])


def parameters() -> Iterator[tuple[str, click.Parameter]]:
    """Command and parameter, of all of them."""
    for name, command in main.commands.items():
        yield from ((name, each) for each in command.params)


NUMBERS = [(name, each.opts[0], each.type) for name, each in parameters() if isinstance(each.type, Number)]


def test_every_number_is_one_that_the_ledger_can_be_asked_for() -> None:
    """A plain integer of click's has no bounds, and a range none that a database knows."""
    plain = [
        (name, each.name)
        for name, each in parameters()
        if isinstance(each.type, (click.types.IntParamType, click.types.FloatParamType))
        and not isinstance(each.type, Number)
    ]

    assert plain == []
    assert {name for name, _, _ in NUMBERS} == {
        *("backfill-keys", "decisions", "holds", "plan", "replay", "runs", "suspects")
    }


@pytest.mark.parametrize("number", ["-1", str(LARGEST + 1), "9" * 20, "9" * 5000, "1.5", "1e3", "x", "", "\u0663"])
@pytest.mark.parametrize(("command", "option"), [each[:2] for each in NUMBERS])
def test_what_is_no_such_number_is_refused_in_a_sentence(
    command: str, option: str, number: str, tmp_path: Path
) -> None:
    """With exit code 2, and before anything is asked or opened."""
    said = asked(tmp_path, command, option, number)

    assert said.exit_code == 2
    assert f"Invalid value for '{option}': Say a whole number from " in said.output
    assert len(said.output) < 300
    assert not (tmp_path / "ledger.db").exists()


@pytest.mark.parametrize("command", ["holds", "runs", "decisions"])
def test_a_list_of_none_is_refused_and_one_of_all_is_shown(command: str, tmp_path: Path) -> None:
    """A limit of 0 shows nothing, whatever is there."""
    assert asked(tmp_path, command, "--limit", "0").exit_code == 2
    assert asked(tmp_path, command, "--limit", str(LARGEST)).exit_code == 0


def test_the_largest_number_of_a_hold_is_looked_for(tmp_path: Path) -> None:
    """And is none."""
    said = asked(tmp_path, "replay", "--hold", str(LARGEST))

    assert said.exit_code == 1
    assert f"There is no open hold {LARGEST}" in said.output


TEXTS = [(name, each) for name, each in parameters() if isinstance(each.type, click.types.StringParamType)]
HALF = "7:4\udcff2"


def words_for(command: str, parameter: click.Parameter, text: str) -> list[str]:
    """The command with this text as its parameter, and a sound one for each other argument that it needs."""
    arguments = [each for each in main.commands[command].params if isinstance(each, click.Argument)]
    filled = [text if each is parameter else "7:1" for each in arguments]
    return [command, *filled, *([parameter.opts[0], text] if isinstance(parameter, click.Option) else [])]


def test_every_text_is_a_name_or_a_file() -> None:
    """A plain text of click's may be anything."""
    plain = [(name, each.name) for name, each in TEXTS if not isinstance(each.type, Name)]

    assert plain == []
    assert {name for name, _ in TEXTS} == {*main.commands} - {"cases", "preflight", "runs", "backfill-keys", "suspects"}


@pytest.mark.parametrize(("text", "remedy"), [("9" * 100_000, "Look for a quote"), (HALF, "set to UTF-8")])
@pytest.mark.parametrize(("command", "parameter"), TEXTS, ids=lambda each: each if isinstance(each, str) else each.name)
def test_what_nothing_can_be_called_is_refused_unquoted(
    command: str, parameter: click.Parameter, text: str, remedy: str, tmp_path: Path
) -> None:
    """A file may have any bytes for a name, and is looked for."""
    said = asked(tmp_path, *words_for(command, parameter, text))

    assert said.exit_code != 0
    assert text[:30] not in said.output
    assert "The command failed" not in said.output
    assert len(said.output) < 500
    if not isinstance(parameter.type, File) or text != HALF:
        assert (said.exit_code, remedy in said.output) == (2, True)


@pytest.mark.parametrize("text", ["9" * 100_000, HALF])
def test_what_no_file_of_settings_can_be_called_is_refused_unquoted(text: str) -> None:
    """Before any command."""
    said = CliRunner().invoke(main, ["--config", text, "holds"])

    assert said.exit_code == 2
    assert text[:30] not in said.output
    assert len(said.output) < 500


@given(st.one_of(st.integers().map(str), st.text(max_size=25), st.text("0123456789", max_size=25)))
def test_a_number_is_what_its_digits_say_or_none(text: str) -> None:
    """Against Python's own reading of it."""
    read = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0

    assert number_in(text) == (read if 0 < read <= LARGEST else None)
