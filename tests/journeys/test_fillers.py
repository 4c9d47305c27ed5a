"""A shopper without a last name goes in as the org demands it, and gets the name with whatever says it first."""

from __future__ import annotations

from tests.journeys.lines import by_key, person, said, summary
from tests.journeys.pair import Pair
from tests.journeys.test_decide import forget, nothing_new

MAIL = "lou@example.org"
FIRST = person(5, "Lou", email=MAIL)
SECOND = person(6, "Lou", "Berg", email=MAIL)


def test_the_filler_gives_way_to_the_name_of_her_next_profile(pair: Pair) -> None:
    """She stays one contact, with the ledger lost too; and the profile that has no name for her does not blank it."""
    pair.load(said("customers", FIRST))
    (made,) = by_key(pair, "Contact").values()
    assert made["LastName"] == "(unknown)"
    forget(pair)

    done = pair.load(said("customers", SECOND, FIRST))

    assert "0 held" in summary(done), done.stderr
    (now,) = by_key(pair, "Contact").values()
    assert (now["Id"], now["LastName"]) == (made["Id"], "Berg")
    nothing_new(pair, said("customers", SECOND, FIRST))
