"""Who ends as one person does not depend on who came when: or suspects and holds say where it does.

The slow, obvious way is to draw a line between any two who share an e-mail or a phone and have the same first name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lanes import examples
from tests.target.company import parts
from tests.target.test_one_of_two import MergingWorld

Values = dict[str, Any]
EMAIL = "- {by: email, from: email, to: {Contact: Email, Profile__c: Email__c, Lead: Email}}"
ALIKE = "agree: {FirstName: first_name}, unless: {Birthdate: birth_date}, shared_by: 50}"
BY_PHONE = "agree: {FirstName: first_name}, unless: {Birthdate: birth_date}}"

shoppers = st.fixed_dictionaries(
    {
        "first_name": st.sampled_from(["Ann", "Ann", "Ann", "Bob"]),
        "email": st.sampled_from([None, "a@x.org", "b@x.org", "c@x.org"]),
        "phone": st.sampled_from([None, "514 250 0001", "514 250 0002", "514 250 0003"]),
        "birth_date": st.sampled_from([None, None, None, None, "1980-01-01", "1990-02-02"]),
    }
)
crowds = st.lists(shoppers, min_size=2, max_size=7).flatmap(st.permutations)
sizes = st.lists(st.integers(1, 3), max_size=6)


class StrictWorld(MergingWorld):
    """First names agree by every rule, and birthdays never differ."""

    def __init__(self) -> None:
        super().__init__()
        (rules,) = [each for each in self.mappings.ordered if each.stream == "customers"]
        assert [(sorted(each.agree), sorted(each.unless)) for each in rules.match] == [
            (["FirstName"], ["Birthdate"]),
            (["FirstName"], ["Birthdate"]),
        ]

    @staticmethod
    def edited(text: str) -> str:
        assert EMAIL in text
        assert BY_PHONE in text
        return text.replace(BY_PHONE, ALIKE).replace(EMAIL, f"{EMAIL[:-1]}, {ALIKE}")


def live(records: Sequence[Values], runs: Sequence[int], batches: Sequence[int]) -> StrictWorld:
    """The shoppers in runs of these sizes, in batches of those."""
    here = StrictWorld()
    for run in parts(records, runs):
        come(here, run, batches)
    return here


def come(here: StrictWorld, records: Sequence[Values], batches: Sequence[int]) -> None:
    for batch in parts(records, batches):
        here.run("customers", *batch)
    here.finish()


def persons(here: StrictWorld) -> dict[str, str]:
    """Key -> the contact that it leads to."""
    led = {row["Key__c"]: row["Contact__c"] for row in here.rows("Profile__c") if row.get("Contact__c")}
    return led | {row["Key__c"]: row["Id"] for row in here.rows("Contact") if row.get("Key__c")}


def held(here: StrictWorld) -> set[str]:
    return {each.key for each in here.ledger.holds(limit=99)}


def shares(one: Values, other: Values) -> bool:
    """Whether any rule takes the two for one."""
    alike = any(one[name] and one[name] == other[name] for name in ("email", "phone"))
    differ = len({one["birth_date"], other["birth_date"], None}) == 3
    return alike and not differ and one["first_name"] == other["first_name"]


def groups(members: Iterable[str], pairs: Iterable[tuple[str, str]]) -> set[frozenset[str]]:
    """Who is connected, whichever way round."""
    of = {each: frozenset({each}) for each in members}
    for one, other in pairs:
        joined = of[one] | of[other]
        of |= dict.fromkeys(joined, joined)
    return {*of.values()}


def expected(by_key: Mapping[str, Values]) -> set[frozenset[str]]:
    """Who is one person, by the declared rules alone."""
    return groups(by_key, [pair for pair in combinations(by_key, 2) if shares(*(by_key[each] for each in pair))])


def listed(here: StrictWorld, by_key: Mapping[str, Values]) -> set[frozenset[str]]:
    """The same as the org has it, with those whom suspects and open holds name taken for one."""
    whose = persons(here)
    pairs = [pair for pair in combinations(whose, 2) if whose[pair[0]] == whose[pair[1]]]
    who = {person: key for key, person in whose.items()}
    born = {key: here.org.tables["Contact"][person].get("Birthdate") for key, person in whose.items()}

    def is_open(pair: tuple[str, str]) -> bool:
        """One is held, or the two are told apart by the birthdays of those who they are."""
        return not held(here).isdisjoint(pair) or len({born[each] for each in pair} | {None}) == 3

    pairs += [(who[one], who[other]) for _, one, other in here.pairs()]
    pairs += [pair for pair in combinations(by_key, 2) if shares(*(by_key[each] for each in pair)) and is_open(pair)]
    return groups(by_key, pairs)


def sound(here: StrictWorld, by_key: Mapping[str, Values]) -> None:
    """Every key leads to somebody, or is an open question; nobody has two names or two birthdays."""
    whose = persons(here)
    assert {*by_key} == {*whose} | held(here)
    assert {*whose.values()} <= here.org.tables["Contact"].keys()
    for one, other in combinations(whose, 2):
        if whose[one] == whose[other]:
            assert by_key[one]["first_name"] == by_key[other]["first_name"]
            assert len({by_key[one]["birth_date"], by_key[other]["birth_date"], None}) < 3


@settings(max_examples=examples(25), deadline=None)
@given(crowds, sizes, sizes)
def test_who_is_one_person_is_so_in_any_order_or_it_is_said_where_not(
    crowd: list[Values], runs: list[int], batches: list[int]
) -> None:
    """In any batches and runs; with the ledger lost in the end; and what comes again writes nothing."""
    records = [{"id": str(number), **each} for number, each in enumerate(crowd)]
    check(records, runs, batches)


def writes_nothing(here: StrictWorld, records: list[Values], batches: list[int]) -> None:
    """The same once more. First the row of a key that went learns what its own record says, and what another's did.

    And whoever was held may be found by what has come in since.
    """
    is_held = bool(held(here))
    sent = len(here.org.sent)
    come(here, records, batches)
    assert is_held or {each[:2] for each in here.org.sent[sent:]} <= {("update", "Profile__c")}
    sent = len(here.org.sent)
    come(here, records, batches)
    assert here.org.sent[sent:] == []


def check(records: list[Values], runs: list[int], batches: list[int]) -> None:
    by_key = {f"1:{each['id']}": each for each in records}
    here = live(records, runs, batches)

    sound(here, by_key)
    assert listed(here, by_key) == expected(by_key)

    writes_nothing(here, records, batches)

    here.lose_the_ledger()
    come(here, records, batches)
    sound(here, by_key)
    assert listed(here, by_key) == expected(by_key)
    writes_nothing(here, records, batches)
