"""When two given names are one: a family stays apart, and Bob is Robert."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.mapping.agree import agree
from target_salesforce_retail.mapping.nicknames import SHORT_FOR, SPELT, STANDS_FOR

NAMES = st.one_of(st.sampled_from(sorted(STANDS_FOR)), st.text(max_size=12))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ANN", " ann "),
        ("Bob", "Robert"),
        ("Bob", "Robbie"),
        ("Liz", "Elisabeth"),
        ("Kathy", "Catherine"),
        ("Steven", "Stephen"),
        ("Alex", "Alexandra"),
        ("J.", "John"),
        ("J", "Jean-Luc"),
        ("J.-L.", "Jean-Luc"),
        ("J. L.", "jean luc"),
        ("Jean-Luc", "Jean Luc"),
        ("Mary Jane", "Maryjane"),
        ("Mary", "Mary Ann"),
        ("Ann M.", "Ann Marie"),
        ("Dr. Ann", "Ann"),
        ("Mme Élise", "Elise"),
        ("D\u2019Arcy", "D'arcy"),
        ("\u0418.", "\u0418\u0432\u0430\u043d"),
    ],
)
def test_one_name_in_two_ways(one: str, other: str) -> None:
    """Accents, titles, initials, nicknames, hyphens, middle names."""
    assert agree("name", one, other) is True
    assert agree("name", other, one) is True


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tremblay", "Tremblya"),
        ("Tremblay", "Trembla"),
        ("Tremblay", "TREMBLEY"),
        ("Tremblay", "Ttremblay"),
        ("Lee", "Lee-Jones"),
        ("Jones", "Lee-Jones"),
        ("Jones-Lee", "Lee-Jones"),
        ("Lee Jones", "Jones Lee"),
        ("Robert", "Bob"),
    ],
)
def test_names_that_are_alike(one: str, other: str) -> None:
    """One letter, one of two names with a hyphen, and whatever makes no other name."""
    assert agree("alike", one, other) is True
    assert agree("alike", other, one) is True


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lee", "Lea"),
        ("Tremblay", "Trmbley"),
        ("Saint-Roy", "Saint-Lee"),
        ("Smith", "Smyths"),
        ("J.-L.", "Anne-Marie"),
        ("J. L.", "L. J."),
    ],
)
def test_names_that_are_not_alike(one: str, other: str) -> None:
    """Short names are one letter from too many, and two letters are another name."""
    assert agree("alike", one, other) is False
    assert agree("alike", other, one) is False


@pytest.mark.parametrize("one", ["J.", "J", "J.-L.", "J. Robert"])
def test_an_initial_may_be_told_apart(one: str) -> None:
    """From whatever begins with it: it is said of the first name alone."""
    assert agree("name", one, "Jean-Luc Robert", initials=False) is False
    assert agree("name", "Jean R.", "Jean Robert", initials=False) is True


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann", "Bob"),
        ("Ann", "Anna"),
        ("J.", "Ann"),
        ("Alexander", "Alexandra"),
        ("Jean", "Jean-Luc"),
        ("Ann M.", "Ann R."),
        ("Al", "Ann Lee"),
        ("\u674e", "\u674e\u660e"),
    ],
)
def test_two_names(one: str, other: str) -> None:
    """What is alike only at a glance; in scripts without capitals one letter is no initial."""
    assert agree("name", one, other) is False
    assert agree("name", other, one) is False


@pytest.mark.parametrize("nothing", [None, " ", "?", "Mr.", "-"])
def test_what_is_no_name_says_nothing(nothing: str | None) -> None:
    """It is as blank as what was not filled in."""
    assert agree("name", nothing, "Ann") is None
    assert agree("name", "Ann", nothing) is None


def test_text_differs_by_more_than_case() -> None:
    """As before there were names; a list is no text, and no agreement."""
    assert agree("text", "ANN", "ann ") is True
    assert agree("text", "Bob", "Robert") is False
    assert agree("text", "Bob", ["Bob"]) is False
    assert agree("text", "Bob", None) is None


@given(NAMES, NAMES)
def test_agreement_takes_no_side(one: str, other: str) -> None:
    """Whoever is asked first; and every name agrees with itself, or says nothing."""
    assert agree("name", one, other) == agree("name", other, one)
    assert agree("name", one, one) in (True, None)


def test_no_name_is_in_the_table_twice() -> None:
    """Of two lines the first would be lost."""
    for lines in (SHORT_FOR.split("\n"), " ".join(SPELT.split()).split(" ")):
        names = [line.split()[0] for line in lines if line]
        assert len(names) == len(set(names))
