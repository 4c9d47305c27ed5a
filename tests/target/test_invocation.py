"""Sentences name the command that their reader has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from target_salesforce_retail.errors import HoldsExceeded
from target_salesforce_retail.invocation import LOADER, OWN_NAME, invoked
from target_salesforce_retail.run import Run
from target_salesforce_retail.singer.settings import SETTINGS

PACKAGE = Path(__file__).parents[2] / "target-salesforce-retail" / "target_salesforce_retail"


def test_started_by_hand_it_is_the_commands_own_name() -> None:
    """As it was typed."""
    assert invoked("replay --hold 3") == "`salesforce-retail replay --hold 3`"


def test_started_by_meltano_it_is_what_meltano_understands(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name that the project has given us, which an inherited plugin chooses."""
    monkeypatch.setenv(LOADER, "salesforce-of-paris")

    assert invoked("holds") == "`meltano invoke salesforce-of-paris:holds`"


def test_an_error_tells_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is raised, not when the module was read."""
    run = Run({"max_holds": 0, "ledger_url": "sqlite://"})
    monkeypatch.setattr(run.ledger, "open_holds", lambda **_: 2)
    monkeypatch.setenv(LOADER, "target-salesforce-retail")

    with pytest.raises(HoldsExceeded, match="See `meltano invoke target-salesforce-retail:holds`; mend"):
        run.enforce_max_holds()


def sentences(path: Path) -> Iterator[str]:
    """The texts of a module that are no docstring."""
    tree = ast.parse(path.read_text("utf-8"))
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.value


def test_no_sentence_writes_it_out() -> None:
    """One place makes them all; settings are told beside Meltano and without it, and name the command alone."""
    written = [
        f"{path.name}: {each}"
        for path in PACKAGE.rglob("*.py")
        for each in sentences(path)
        if f"{OWN_NAME} " in each and path.name != "invocation.py"
    ]

    assert written == []
    assert OWN_NAME + " " not in str(SETTINGS.to_dict())
