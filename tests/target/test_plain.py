"""Hostile YAML: whatever a file holds, its problem is said with file and line, and nothing ends as a defect."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from target_salesforce_retail.errors import MappingError
from target_salesforce_retail.mapping.blocklist import FILE
from target_salesforce_retail.mapping.load import load

from tests.target.world import SHOPPERS

BOMB = "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 10))
TAGS = ("!!python/object/apply:os.system", "!!set", "!!omap", "!!binary", "!!bool", "!!int", "!!str", "!own", "!")
VALUES = ("x", "5", "''", "2020-01-01", "[a]", "{a: b}", "{a}", "[*x]", "{<<: 3}", "{? [a] : b}", "~", ".nan", "*x")
KEYS = ("email", "stream", "5", "~", "2020-01-01", "<<", "[a]", "=")


@pytest.mark.parametrize("name", [FILE, "shops.yml"])
@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("email: !!python/object/apply:os.system ['true']", 1, "a tag"),
        ("email:\n- !!set {a}", 2, "a tag"),
        ("email: [!!binary aGk=]", 1, "a tag"),
        ("email: [!own x]", 1, "a tag"),
        ("email: !!bool x", 1, "a tag"),
        ("email: &x\n- *x", 1, "an alias within what it stands for"),
        ("email: []\n5: []", 2, "stands where a name should"),
        ("email: []\n[a]: []", 2, "stands where a name should"),
        (f"x0: &x0 [a]\n{BOMB}", 1, "more than 100000 values"),
    ],
)
def test_what_is_not_plain_is_refused_where_it_stands(
    tmp_path: Path, name: str, text: str, line: int, said: str
) -> None:
    """In the list as in any mapping, in one short sentence."""
    (tmp_path / "customers.yml").write_text(SHOPPERS)
    (tmp_path / name).write_text(text)

    with pytest.raises(MappingError) as raised:
        load(tmp_path)

    (problem,) = raised.value.problems
    assert problem.startswith(f"{tmp_path / name}:{line if 'x0' not in text else ''}")
    assert said in problem
    assert len(problem) < len(str(tmp_path)) + 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=st.sampled_from([FILE, "shops.yml"]),
    key=st.sampled_from(KEYS),
    value=st.tuples(st.sampled_from(("", "[", "[&y ")), st.sampled_from(("", "&x", *TAGS)), st.sampled_from(VALUES)),
)
def test_no_yaml_ends_as_a_defect(tmp_path: Path, name: str, key: str, value: tuple[str, ...]) -> None:
    """It is read, or refused at a line of its file."""
    (tmp_path / "customers.yml").write_text(SHOPPERS)
    for each in (FILE, "shops.yml"):
        (tmp_path / each).unlink(missing_ok=True)
    (tmp_path / name).write_text(f"{key}: {' '.join(value)}{']' if value[0] else ''}\n")

    problems: list[str] = []
    try:
        load(tmp_path)
    except MappingError as error:
        problems = error.problems

    assert all(problem.startswith(f"{tmp_path / name}:") for problem in problems)
