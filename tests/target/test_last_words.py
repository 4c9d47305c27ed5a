"""How the commands end when something raises that nobody foresaw: one sentence, no traceback, no value."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from target_salesforce_retail.companion import cli, mappings
from target_salesforce_retail.defects import named, places
from target_salesforce_retail.errors import RetailError
from target_salesforce_retail.mapping.load import load
from target_salesforce_retail.singer.target import TargetSalesforceRetail

TRANSFORMS = Path(__file__).parents[2] / "transforms"
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


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("MAX_HOLDS", CANARY, "an integer"),
        ("MAX_HOLDS", "", "an integer"),
        ("MAX_HOLDS", "1e3", "an integer"),
        ("CHECKPOINT_ROWS", "9" * 5000, "an integer"),
        ("STREAM_MAPS", "{", "a JSON object"),
        ("STREAM_MAPS", "[" * 100_000, "a JSON object"),
    ],
    ids=lambda text: text[:9],
)
def test_a_setting_of_the_environment_that_cannot_be_read_is_a_setting_at_fault(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str, text: str, words: str
) -> None:
    """By its name, for target and companion alike: the SDK reads them before it checks them."""
    monkeypatch.setenv(f"TARGET_SALESFORCE_RETAIL_{name}", text)
    due = f"settings: TARGET_SALESFORCE_RETAIL_{name} should be {words}."
    with pytest.raises(SystemExit) as ended:
        TargetSalesforceRetail.cli(["--config", "ENV"], standalone_mode=False)
    companion = CliRunner().invoke(cli.main, ["holds"])

    assert ended.value.code == companion.exit_code == 2
    assert due in caplog.text
    assert due in companion.stderr
    assert CANARY not in caplog.text + companion.stderr


@pytest.mark.parametrize("name", ["TARGET_SALESFORCE_RETAIL_LOGLEVEL", "LOGLEVEL"])
def test_a_level_of_the_log_that_is_none_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """With those that there are."""
    monkeypatch.setenv(name, CANARY)
    with pytest.raises(SystemExit) as ended:
        TargetSalesforceRetail.cli(["--version"], standalone_mode=False)

    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert name in said
    assert "debug, info, warning" in said
    assert CANARY not in said


def test_the_companion_ends_in_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its command raises; click's own endings stay click's."""

    def fail(*args: Any) -> Any:
        raise KeyError(CANARY)

    monkeypatch.setattr(mappings, "load", fail)
    failed = CliRunner().invoke(cli.main, ["lint"])
    helped = CliRunner().invoke(cli.main, ["lint", "--nonsense"])

    assert failed.exit_code == 1
    assert failed.stderr.startswith("The command failed: KeyError at companion/mappings.py:")
    assert CANARY not in failed.output + failed.stderr
    assert helped.exit_code == 2
    assert "No such option" in helped.stderr


UNREADABLE = {
    "none": None, "empty": b"", "cut": b"{", "no JSON": f"{{{CANARY}".encode(), "list": json.dumps([CANARY]).encode(),
    "null": b"null", "number": b"5", "text": b'"x"', "no number": b"NaN", "NUL": b"\0", "no UTF-8": b"\xff",
    "long number": b"9" * 5000, "deep": b'{"a":' * 100_000, "folder": "folder",
}  # fmt: skip


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_of_settings_that_cannot_be_read_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes | str | None
) -> None:
    """With what is wrong, not with what is in it; by target and companion alike."""
    path = tmp_path / "settings.json"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        path.mkdir()

    companion = CliRunner().invoke(cli.main, ["--config", str(path), "lint"])
    with pytest.raises(SystemExit) as ended:
        TargetSalesforceRetail.cli(["--config", str(path)], standalone_mode=False)

    assert companion.exit_code == ended.value.code == 2
    for said in (companion.stderr, caplog.text):
        assert f"{path}: This file of settings" in said
        assert "one JSON object" in said
        assert CANARY not in said


NO_CATALOGS = {
    "no streams": {}, "number": {"streams": 5}, "no object": {"streams": [5]}, "no name": {"streams": [{"schema": {}}]},
    "list": {"streams": [{"stream": [CANARY], "schema": {"properties": {}}}]},
    "no schema": {"streams": [{"stream": "customers", "schema": None}]},
    "no properties": {"streams": [{"stream": "customers", "schema": {"properties": [CANARY]}}]},
}  # fmt: skip


@pytest.mark.parametrize(
    "content",
    [
        *(each for each in UNREADABLE.values() if each is not None),
        *(json.dumps(each).encode() for each in NO_CATALOGS.values()),
    ],
    ids=[*(name for name, each in UNREADABLE.items() if each is not None), *NO_CATALOGS],
)
def test_a_catalog_that_is_none_is_named(tmp_path: Path, content: bytes | str) -> None:
    """With where one comes from."""
    path = tmp_path / "catalog.json"
    path.mkdir() if isinstance(content, str) else path.write_bytes(content)
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"transforms": str(TRANSFORMS)}), "utf-8")

    ended = CliRunner().invoke(cli.main, ["--config", str(settings), "lint", "--catalog", str(path)])

    assert ended.exit_code == 2
    assert ended.stderr.startswith(f"{path}: This ")
    assert "catalog" in ended.stderr
    assert "--discover" in ended.stderr
    assert CANARY not in ended.stderr


def test_a_name_that_no_file_can_have_is_no_file_of_settings(caplog: pytest.LogCaptureFixture) -> None:
    """Too long, or with a character that ends a name."""
    for name in ("a" * 5000, "a\0b"):
        with pytest.raises(SystemExit) as ended:
            TargetSalesforceRetail.cli(["--config", name], standalone_mode=False)
        assert ended.value.code == 2
    assert caplog.text.count("This file of settings cannot be read") == 2


def test_an_exception_from_elsewhere_has_a_name_only() -> None:
    """Nothing of ours was on its way."""
    with pytest.raises(ZeroDivisionError) as raised:
        1 / 0  # noqa: B018

    assert named(raised.value) == "ZeroDivisionError"
    assert places(raised.value) == []
    assert named(RetailError(CANARY)) == "RetailError"
