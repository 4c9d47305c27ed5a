"""The fuzzy matching methods, one per kind of field: a score from 0 to 100, and 0 where it is below the threshold.

Algorithms, thresholds and the weights of a phone's sections are documented (docs/vendors/salesforce.md, duplicate
rules); the nicknames, the words that are dropped and the sections of a street are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from sandbox.salesforce.duplicates.text import digits, edits, jaro_winkler, plain, sound

Score = Callable[[str, str], float]
_SOUNDS_ALIKE = 95.0
_LEAST_SOUND = 2  # letters: a shorter sound says too little
_VARIANTS = """
alexander alex sandy|andrew andy drew|anthony tony|barbara barb babs|benjamin ben benny|charles charlie chuck
catherine cathy kate katie katherine kathy|christopher chris|daniel dan danny|david dave|deborah debbie deb
edward ed eddie ted|elizabeth liz beth betty lisa eliza|francis frank|frederick fred freddy|george georgie
gregory greg|henry harry hank|jacob jake|james jim jimmy jamie|jennifer jen jenny|john jack johnny|jonathan jon
joseph joe joey|joshua josh|judith judy|kenneth ken|kimberly kim|lawrence larry|margaret maggie meg peggy
matthew matt|michael mike mick mickey|nicholas nick|pamela pam|patricia pat patty trish|patrick paddy|peter pete
philip phil|rebecca becky|richard dick rick ricky rich|robert bob bobby rob robbie|ronald ron|samuel sam sammy
stephen steven steve|susan sue susie|theodore ted teddy|thomas tom tommy|timothy tim|victoria vicky|walter walt
william bill billy will willie
"""
_FAMILIES = [frozenset(names.split()) for line in _VARIANTS.splitlines() for names in line.split("|")]
_FORMS = frozenset(
    {"co", "company", "corp", "corporation", "gmbh", "inc", "incorporated", "limited", "llc", "ltd", "plc", "the"}
)
_STREETS = {
    "street": "st",
    "avenue": "ave",
    "road": "rd",
    "boulevard": "blvd",
    "drive": "dr",
    "lane": "ln",
    "court": "ct",
    "place": "pl",
    "square": "sq",
    "highway": "hwy",
    "suite": "ste",
    "apartment": "apt",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
}


def _at_least(threshold: float, score: float) -> float:
    return score if score >= threshold else 0.0


def first_name(one: str, other: str) -> float:
    """Exact, initials, Jaro-Winkler, sound, name variant; the best of them, 85 at least."""
    one, other = plain(one), plain(other)
    if one == other or _is_initial(one, other) or _is_initial(other, one):
        return 100.0
    if any(one in family and other in family for family in _FAMILIES):
        return _SOUNDS_ALIKE
    return _at_least(85, max(_heard(one, other), jaro_winkler(one, other)))


def _is_initial(one: str, other: str) -> bool:
    return len(one) == 1 and other.startswith(one)


def _heard(one: str, other: str) -> float:
    told = sound(one)
    return _SOUNDS_ALIKE if len(told) >= _LEAST_SOUND and told == sound(other) else 0.0


def last_name(one: str, other: str) -> float:
    """Exact, keyboard distance, sound; the best of them, 90 at least. Digits are no typo."""
    one, other = plain(one), plain(other)
    if digits(one) != digits(other):
        return 0.0
    return _at_least(90, max(_heard(one, other), edits(one, other, keyboard=True)))


def company(one: str, other: str) -> float:
    """Exact, acronym, edit distance without the legal form; 70 at least."""
    words, others = company_words(one), company_words(other)
    if not words or not others:
        return 0.0
    short, long = sorted((words, others), key=len)
    if len(short) == 1 and len(long) > 1 and short[0] == "".join(word[0] for word in long):
        return 100.0
    told, heard = " ".join(words), " ".join(others)
    return _at_least(70, edits(told, heard)) if digits(told) == digits(heard) else 0.0


@lru_cache(maxsize=1024)
def company_words(text: str) -> tuple[str, ...]:
    """The words of a company's name that tell it apart."""
    words = plain(text).split()
    return tuple(word for word in words if word not in _FORMS) or tuple(words)


def title(one: str, other: str) -> float:
    """Exact or edit distance, 50 at least."""
    return _at_least(50, edits(plain(one), plain(other)))


def exact(one: str, other: str) -> float:
    """Exact, whatever the case."""
    return 100.0 if one.lower() == other.lower() else 0.0


def phone_parts(text: str) -> tuple[str, str, str, str]:
    """International code, area code, exchange, last four; North American where it may be."""
    number = digits(text)
    code = number[:-10] or "1"
    return code, number[-10:-7], number[-7:-4], number[-4:]


def phone(one: str, other: str) -> float:
    """Its sections by weight: 10, 50, 30 and 10 of 100; 80 at least, so that the last four digits do not decide."""
    weights = zip((10, 50, 30, 10), phone_parts(one), phone_parts(other), strict=True)
    return _at_least(80, sum(weight for weight, part, same in weights if part == same))


def city(one: str, other: str) -> float:
    """Exact or edit distance, 85 at least."""
    return _at_least(85, edits(plain(one), plain(other)))


def zip_code(one: str, other: str) -> float:
    """The five digits of a US code; codes with letters are not matched, and a knowledge article says so."""
    codes = [re.match(r"\s*(\d{5})(?:-?\d{4})?\s*$", text) for text in (one, other)]
    told = [code.group(1) for code in codes if code]
    return 100.0 if len(told) == len(codes) and told[0] == told[1] else 0.0


def street_words(text: str) -> list[str]:
    """The words of a street, with the usual short forms."""
    return [_STREETS.get(word, word) for word in plain(text).split()]


def street(one: str, other: str) -> float:
    """The numbers exactly, half of 100, and the words by edit distance; 80 at least."""
    words, others = street_words(one), street_words(other)
    numbers, other_numbers = ([word for word in each if digits(word)] for each in (words, others))
    names, other_names = (" ".join(word for word in each if not digits(word)) for each in (words, others))
    return _at_least(80, (100 if numbers == other_numbers else 0) / 2 + edits(names, other_names) / 2)


def website(one: str, other: str) -> float:
    """The same host."""
    return 100.0 if host(one) == host(other) else 0.0


def host(text: str) -> str:
    """The host of an address, without www."""
    return text.lower().partition("://")[2 if "://" in text else 0].removeprefix("www.").partition("/")[0]


METHODS: dict[str, Score] = {
    "city": city,
    "company": company,
    "email": exact,
    "phone": phone,
    "state": exact,
    "street": street,
    "title": title,
    "website": website,
    "zip": zip_code,
}
