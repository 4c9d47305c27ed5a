"""The lanes say which tests they run; what they name is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.lanes import LONG, ROOT, SAMPLED, is_quick, sampled_out


@pytest.mark.parametrize("name", SAMPLED)
def test_a_sampled_grid_is_there_and_has_cases(name: str) -> None:
    """A grid that was renamed would be run whole, and nobody would know why it takes so long."""
    path, _, function = name.partition("::")
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    (found,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)

    assert SAMPLED[name] > 0
    assert found.args.args


@pytest.mark.parametrize("name", LONG)
def test_a_long_module_is_there(name: str) -> None:
    """And is left out for its length alone."""
    assert (ROOT / name).is_file()


def test_a_sample_is_what_it_says_and_the_same_in_any_order() -> None:
    """Else two workers would not run the same tests."""
    name, count = next(iter(SAMPLED.items()))
    cases = [f"{name}[{number}]" for number in range(20)]
    others = [f"{name}_as_well[1]", "tests/tap/test_other.py::test_other"]

    out = sampled_out([*cases, *others])

    assert len(out) == 20 - count
    assert out == sampled_out([*others, *reversed(cases)])
    assert not out & {*others}


@pytest.mark.parametrize(
    ("name", "quick"),
    [
        ("tests/target/test_map.py", True),
        ("tests/tap/test_shape.py", True),
        ("tests/target/test_find.py", False),  # a server of its own
        ("tests/tap/test_faults.py", False),  # one by a helper
        ("tests/target/test_ledger_turn.py", False),  # processes
        ("tests/target/test_company.py", False),  # long
        ("tests/agreements/test_rooms.py", False),  # neither the tap's nor the target's
    ],
)
def test_the_inner_loop_starts_nothing(name: str, quick: bool) -> None:
    """Told by what a module imports, itself or by its helpers."""
    assert is_quick(Path(ROOT / name)) is quick
