"""Ids in ranges are a set, at the price of its ranges."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tap_lightspeed_retail.r_series.ids import Ids

NUMBERS = st.sets(st.integers(1, 40))


def ids(numbers: set[int]) -> Ids:
    """One by one, as they are read."""
    found = Ids()
    found.update(numbers)
    return found


@given(NUMBERS, NUMBERS)
def test_two_sets_join(one: set[int], other: set[int]) -> None:
    """As Python's own do, and in the fewest ranges."""
    joined = ids(one)
    joined.join(ids(other))

    assert str(joined) == str(ids(one | other))


@given(NUMBERS, st.integers(0, 45), st.integers(0, 45))
def test_a_part_is_what_lies_between(numbers: set[int], above: int, through: int) -> None:
    """Above the one, up to and with the other."""
    assert [*ids(numbers).within(above, through)] == sorted(each for each in numbers if above < each <= through)


@given(NUMBERS, st.integers(1, 45))
def test_the_last_ones_rise(numbers: set[int], most: int) -> None:
    """So many at most."""
    assert ids(numbers).last(most) == sorted(numbers)[-most:]


def test_a_set_that_nobody_can_count_is_cut_and_joined() -> None:
    """It is one range."""
    whole = Ids("1-1000000000")
    part = whole.within(5, 10**9)
    part.join(Ids("1-5"))

    assert (str(part), len(part), part.last(2)) == (str(whole), 10**9, [10**9 - 1, 10**9])
