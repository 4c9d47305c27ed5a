"""The list of deliberate breaks fits the code; `make breaks` tries them."""

from __future__ import annotations

import pytest

from tests.breaks import ROOT, Break, breaks, places


@pytest.mark.parametrize("one", breaks(), ids=lambda one: one.name)
def test_a_break_knows_its_text(one: Break) -> None:
    """Once in its package: else nothing is broken, and nobody would hear of it before the next `make breaks`."""
    assert len(places(ROOT, one)) == 1
    assert one.new != one.old
    assert (ROOT / one.test[0].partition("::")[0]).exists()
