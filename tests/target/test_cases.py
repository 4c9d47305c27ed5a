"""The cases that users write beside their mappings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from target_salesforce_retail.companion.cases import run_cases
from target_salesforce_retail.errors import MappingError

TRANSFORMS = Path(__file__).parents[2] / "transforms"
PRESETS = sorted({str(path.parent.relative_to(TRANSFORMS)) for path in TRANSFORMS.rglob("*.yml")})
"""The folders that hold mappings."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "transforms"
    shutil.copytree(TRANSFORMS, copy)
    return copy


@pytest.fixture
def shops(tmp_path: Path) -> Path:
    """The shipped mapping of shops alone, and its cases."""
    for name in ("shops.yml", "shops.cases.yml"):
        shutil.copy(TRANSFORMS / name, tmp_path)
    return tmp_path


@pytest.mark.parametrize("preset", PRESETS)
def test_the_shipped_cases_hold(preset: str) -> None:
    """Every mapping of every preset has some."""
    results = run_cases(TRANSFORMS / preset)

    assert [f"{result.place}: {result.problem}" for result in results if result.problem] == []
    files = {path.stem for path in (TRANSFORMS / preset).glob("*.yml") if not path.stem.endswith(".cases")}
    assert files - {"blocklist"} == {Path(result.place.file).name.removesuffix(".cases.yml") for result in results}


def test_a_case_that_does_not_hold_says_what_came_instead(folder: Path) -> None:
    """At its line."""
    cases = folder / "shops.cases.yml"
    cases.write_text(cases.read_text().replace("sent: {Name: High Street}", "sent: {Name: Low Street}"))

    (failed,) = [result for result in run_cases(folder) if result.problem]

    assert failed.problem == "sent is {'Name': 'High Street'}, expected {'Name': 'Low Street'}"
    assert cases.read_text().splitlines()[failed.place.line - 1].startswith("- name: a new name follows the till")


def test_a_changed_mapping_fails_a_case(folder: Path) -> None:
    """That is what they are for."""
    mapping = folder / "customers.yml"
    mapping.write_text(mapping.read_text().replace("on_many: hold", "on_many: newest"))

    assert any(result.problem for result in run_cases(folder))


def test_a_misspelt_case_is_a_fault(folder: Path) -> None:
    """Unknown keys are not ignored."""
    cases = folder / "shops.cases.yml"
    cases.write_text(cases.read_text().replace("verdict: created", "verdickt: created"))

    with pytest.raises(MappingError, match="verdickt"):
        run_cases(folder)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "1: no case in this file"),
        (b"[", "1: expected the node content"),
        (b"\xff", "1: not UTF-8"),
        (b"\0", "1: a character that YAML does not allow"),
        (b"[" * 600, "1: nested too deep"),
        (b"- name: a\n  given: {record: {at: 2026-99-01}}", "2: this looks like a date or a number and is none"),
        (b"- name: a\n  name: b\n", "2: found duplicate key"),
        (
            b"- name: a\n  given: {record: {}, org: {Retail_Chop__c: []}}\n  expect: {verdict: held}\n",
            "2 0/given/org/Retail_Chop__c: no mapping names the object `Retail_Chop__c`; did you mean",
        ),
        (None, "1: no file, but a folder"),
    ],
    ids=["empty", "cut", "no UTF-8", "NUL", "deep", "no date", "twice", "no object", "folder"],
)
def test_a_file_that_holds_no_cases_is_a_problem_at_its_line(shops: Path, content: bytes | None, said: str) -> None:
    """As one that holds no mapping."""
    cases = shops / "shops.cases.yml"
    cases.unlink()
    if content is None:
        cases.mkdir()
    else:
        cases.write_bytes(content)

    with pytest.raises(MappingError) as raised:
        run_cases(shops)

    assert any(problem.startswith(f"{cases}:{said}") for problem in raised.value.problems)


def test_cases_may_come_in_several_documents(shops: Path) -> None:
    """Each at its own line."""
    cases = shops / "shops.cases.yml"
    once = cases.read_text()
    before = len(run_cases(shops))
    cases.write_text(f"{once}\n---\n{once}")

    results = run_cases(shops)

    assert len(results) - before == len([each for each in results if each.place.file == str(cases)]) // 2
    assert [each for each in results if each.problem] == []
