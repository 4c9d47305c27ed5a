"""Lines that no tap should write."""

from __future__ import annotations

import pytest
from target_salesforce_retail.errors import RetailError
from target_salesforce_retail.reader import DiscreetReader


@pytest.mark.parametrize("line", ["{", '{"total": ' + "[" * 100_000])
def test_a_line_that_cannot_be_read_ends_the_run_in_a_sentence(line: str) -> None:
    """Without quoting it."""
    with pytest.raises(RetailError, match="A line of the input"):
        DiscreetReader().deserialize_json(line)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_stays_text(number: str) -> None:
    """So that its record is held by its schema."""
    assert DiscreetReader().deserialize_json(f'{{"total": {number}}}') == {"total": number}
