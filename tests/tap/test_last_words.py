"""How the commands end when something raises that nobody foresaw: one sentence, no traceback, no value."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from tap_lightspeed_retail import authorize as authorization
from tap_lightspeed_retail.r_series.dates import instant
from tap_lightspeed_retail.tap import TapLightspeedRetail

CANARY = "quince@example.org"
REQUIRED = {"client_id": "a", "client_secret": "b", "refresh_token": "c"}


@pytest.fixture(autouse=True)
def _no_handlers_stay() -> Iterator[None]:
    """The SDK adds one to the root logger each time the command is made."""
    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = kept, level


def fail(*args: Any, **kwargs: Any) -> Any:
    return instant(CANARY)


def ended(caplog: pytest.LogCaptureFixture, *words: str) -> int:
    """The exit code of a command; its errors are in the log."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SystemExit) as caught:
        TapLightspeedRetail.cli(list(words), standalone_mode=False)
    assert CANARY not in caplog.text
    assert "Traceback" not in caplog.text
    code = caught.value.code
    assert isinstance(code, int)
    return code


def settings_file(folder: Path, **settings: Any) -> str:
    path = folder / "config.json"
    path.write_text(json.dumps({**REQUIRED, **settings}), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("sync_all", ()),
        ("discover_streams", ("--discover",)),
        ("run_connection_test", ("--test",)),
        ("write_schemas", ("--test=schema",)),
        ("print_about", ("--about",)),
        ("print_version", ("--version",)),
    ],
)
def test_every_command_tells_the_kind_and_the_place(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    broken: str,
    words: tuple[str, ...],
) -> None:
    """The way there only at debug level; the exception's own words at none."""
    monkeypatch.setenv("TAP_LIGHTSPEED_RETAIL_LOGLEVEL", "debug")
    monkeypatch.setattr(TapLightspeedRetail, broken, fail)

    assert ended(caplog, "--config", settings_file(tmp_path), *words) == 1
    (error, way) = [each for each in caplog.records if each.levelno == logging.ERROR or "defects.py" in each.pathname]
    assert "The tap failed: ValueError at r_series/dates.py:" in error.getMessage()
    assert "a defect of the tap: please report" in error.getMessage()
    assert way.getMessage().rpartition(" -> ")[2].startswith("r_series/dates.py:")


def test_authorize_ends_in_a_sentence_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever the flow raises."""
    monkeypatch.setattr(authorization, "_authorized", fail)
    words = ["--client-id", "a", "--client-secret", "b", "--token-store", str(tmp_path / "tokens.json")]
    failed = CliRunner().invoke(authorization.authorize, words)

    assert failed.exit_code == 1
    assert "The command failed: ValueError at r_series/dates.py:" in failed.stderr
    assert CANARY not in failed.output + failed.stderr


def test_a_test_without_settings_names_those_that_are_missing(caplog: pytest.LogCaptureFixture) -> None:
    """It is an option of the command, and ends as the command does."""
    assert ended(caplog, "--test") == 2
    assert "Setting `client_id` is missing" in caplog.text


UNFIT = {
    "empty": b"",
    "cut": b"{",
    "null": b"null",
    "number": b"5",
    "text": b'"quince@example.org"',
    "list": b"[]",
    "pairs": b'[["client_id", "quince@example.org"]]',
    "NUL": b"\0",
    "NaN": b'{"page_size": NaN}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "too deep to write": b'{"a": ' * 500 + b"1" + b"}" * 500,
    "no UTF-8": b"\xff\xfe",
    "long number": b'{"page_size": ' + b"9" * 5000 + b"}",
    "folder": None,
}


@pytest.mark.parametrize("option", ["--config", "--state", "--catalog"])
@pytest.mark.parametrize("kind", UNFIT)
def test_a_file_that_holds_no_object_is_named(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, kind: str, option: str
) -> None:
    """With what is wrong, not with what is in it."""
    path, text = tmp_path / "file", UNFIT[kind]
    if text is None:
        path.mkdir()
    else:
        path.write_bytes(text)

    if text is None and option != "--config":
        with pytest.raises(click.BadParameter):
            TapLightspeedRetail.cli(["--config", settings_file(tmp_path), option, str(path)], standalone_mode=False)
        return
    assert ended(caplog, "--config", settings_file(tmp_path), option, str(path)) == 2
    assert f"{option}: The file " in caplog.text


@pytest.mark.parametrize("words", [(), ("--discover",), ("--test",)])
def test_a_config_file_that_is_not_there_is_named(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Whatever was to be done with it."""
    assert ended(caplog, "--config", str(tmp_path / "nowhere.json"), *words) == 2
    assert "--config: The file cannot be read: No such file" in caplog.text


@pytest.mark.parametrize("said", [{"streams": 5}, {"streams": [5]}, {"streams": [{}]}, {"streams": ["x"]}])
def test_a_file_that_is_no_catalog_is_named(caplog: pytest.LogCaptureFixture, tmp_path: Path, said: Any) -> None:
    """With the command that makes one."""
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps(said), encoding="utf-8")

    assert ended(caplog, "--config", settings_file(tmp_path), "--catalog", str(path)) == 2
    assert "--catalog: streams" in caplog.text
    assert "--discover > catalog.json" in caplog.text


def test_settings_of_several_files_are_merged(tmp_path: Path) -> None:
    """The last one counts; the environment is asked for by its name."""
    second = tmp_path / "second.json"
    second.write_text('{"page_size": 7}', encoding="utf-8")
    command = TapLightspeedRetail.get_singer_command()
    words = ["--config", settings_file(tmp_path, page_size=5), "--config", "ENV", "--config", str(second)]
    config = command.make_context("tap", words).params["config"]

    assert config.config == {**REQUIRED, "page_size": 7}
    assert config.parse_env


@pytest.mark.parametrize(
    ("name", "text"), [("page_size", CANARY), ("page_size", ""), ("opt_in", f"[{CANARY}"), ("poll_seconds", "{")]
)
def test_a_setting_of_the_environment_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path, name: str, text: str
) -> None:
    """The SDK reads them before it checks them."""
    monkeypatch.setenv(f"TAP_LIGHTSPEED_RETAIL_{name.upper()}", text)

    assert ended(caplog, "--config", settings_file(tmp_path), "--config", "ENV") == 2
    assert name in caplog.text.rpartition("ERROR")[2]
