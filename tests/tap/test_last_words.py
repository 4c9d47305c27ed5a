"""How the commands end when something raises that nobody foresaw: one sentence, no traceback, no value."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
