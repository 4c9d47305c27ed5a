"""Values that name nobody: what many shoppers share says of none of them who it is."""

from __future__ import annotations

import pytest

from tests.journeys.pair import Pair
from tests.journeys.test_singer_file import shopper, singer

EIGHT = [shopper(number, email="none@none.com", first_name=None) for number in range(1, 9)]
FAMILY = [shopper(number, email="lees@lees.ca", first_name=name) for number, name in enumerate(["Ann", "Bob", "Cy"], 1)]


def test_eight_shoppers_with_an_address_that_is_none_are_eight(pair: Pair) -> None:
    """Declared once, in ``transforms/blocklist.yml``; the address itself is written as before."""
    done = pair.load(singer(*EIGHT))

    assert done.returncode == 0, done.stderr
    assert [row["Email"] for row in pair.rows("Contact")] == ["none@none.com"] * 8


def test_an_address_that_too_many_share_is_found_out(pair: Pair) -> None:
    """The first ones are taken for one, as a shopper's profiles are; from the limit on nobody is. The run names it."""
    named = {"first_name": "Ada", "last_name": "Lovelock"}
    several = [shopper(number, email="counter@shop.ca", **named) for number in range(1, 9)]
    pair.load(singer(*several[:6]))
    done = pair.load(singer(*several[6:]))

    assert len(pair.rows("Contact")) == 1 + 3
    assert "no evidence, for too many share it: email c***@***.ca (8 customers)" in pair.companion("runs").stdout
    assert "counter@shop.ca" not in done.stderr + pair.companion("runs").stdout


def test_an_address_that_too_many_people_of_the_org_share_is_no_evidence(pair: Pair) -> None:
    """Six contacts carry it already: the next shopper is none of them, and nobody has to choose."""
    for number in range(6):
        known = {"FirstName": "Ada", "LastName": "Lovelock1", "Title": str(number), "Email": "counter@shop.ca"}
        pair.box.org.insert_as_user("Contact", known)
    done = pair.load(singer(shopper(1, email="counter@shop.ca")))

    assert "1 arrived = 1 created" in pair.companion("runs").stdout
    assert "email c***@***.ca (6 in the org)" in pair.companion("runs").stdout, done.stderr


@pytest.mark.parametrize("together", [True, False])
def test_a_family_of_three_with_one_address_stays_three(pair: Pair, together: bool) -> None:
    """In one batch or in three; and Bob, who is Robert at another till, stays one."""
    for lines in [singer(*FAMILY)] if together else [singer(each) for each in FAMILY]:
        pair.load(lines)
    pair.load(singer(shopper(4, email="lees@lees.ca", first_name="Robert")))

    assert sorted(row["FirstName"] for row in pair.rows("Contact")) == ["Ann", "Bob", "Cy"]
