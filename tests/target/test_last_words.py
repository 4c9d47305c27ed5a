"""How the commands end when something raises that nobody foresaw: one sentence, no traceback, no value."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from target_salesforce_retail.companion import cli
from target_salesforce_retail.defects import named, places
from target_salesforce_retail.errors import RetailError
from target_salesforce_retail.mapping.load import load
from target_salesforce_retail.singer.target import TargetSalesforceRetail

CANARY = "quince@example.org"


def test_the_target_tells_the_kind_and_the_place(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The way there only at debug level; the exception's own words at none."""
    caplog.set_level(logging.DEBUG)

    def fail(*args: Any, **kwargs: Any) -> Any:
        return load(CANARY)  # type: ignore[arg-type]  # the point is that it fails in our code

    monkeypatch.setattr(TargetSalesforceRetail, "_run", fail)
    with pytest.raises(SystemExit) as ended:
        TargetSalesforceRetail.invoke()

    assert ended.value.code == 1
    assert CANARY not in caplog.text
    assert "Traceback" not in caplog.text
    (error, way) = caplog.records[-2:]
    assert "The target failed: AttributeError at mapping/load.py:" in error.getMessage()
    assert (error.levelno, way.levelno) == (logging.ERROR, logging.DEBUG)
    assert way.getMessage().startswith("singer/target.py:")
    assert way.getMessage().rpartition(" -> ")[2].startswith("mapping/load.py:")


def test_a_setting_of_the_environment_that_cannot_be_read_is_a_setting_at_fault(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The SDK reads them before it checks them."""
    monkeypatch.setenv("TARGET_SALESFORCE_RETAIL_MAX_HOLDS", CANARY)
    with pytest.raises(SystemExit) as ended:
        TargetSalesforceRetail.cli(["--config", "ENV"], standalone_mode=False)

    assert ended.value.code == 2
    assert "settings: A setting in the environment" in caplog.text
    assert CANARY not in caplog.text


def test_the_companion_ends_in_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its command raises; click's own endings stay click's."""

    def fail(*args: Any) -> Any:
        raise KeyError(CANARY)

    monkeypatch.setattr(cli, "load", fail)
    failed = CliRunner().invoke(cli.main, ["lint"])
    helped = CliRunner().invoke(cli.main, ["lint", "--nonsense"])

    assert failed.exit_code == 1
    assert failed.stderr.startswith("The command failed: KeyError at companion/cli.py:")
    assert CANARY not in failed.output + failed.stderr
    assert helped.exit_code == 2
    assert "No such option" in helped.stderr


@pytest.mark.parametrize(
    "text", [None, f"{{{CANARY}", json.dumps([CANARY]), "\xff"], ids=["none", "no JSON", "list", "no UTF-8"]
)
def test_a_file_of_settings_that_cannot_be_read_is_named(tmp_path: Path, text: str | None) -> None:
    """With what is wrong, not with what is in it."""
    path = tmp_path / "settings.json"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))

    done = CliRunner().invoke(cli.main, ["--config", str(path), "lint"])

    assert done.exit_code == 2
    assert str(path) in done.stderr
    assert "one JSON object" in done.stderr
    assert CANARY not in done.stderr


def test_an_exception_from_elsewhere_has_a_name_only() -> None:
    """Nothing of ours was on its way."""
    with pytest.raises(ZeroDivisionError) as raised:
        1 / 0  # noqa: B018

    assert named(raised.value) == "ZeroDivisionError"
    assert places(raised.value) == []
    assert named(RetailError(CANARY)) == "RetailError"
