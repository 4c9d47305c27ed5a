"""How alike two texts are, from 0 to 100, by the algorithms that the vendor names for its fuzzy matching methods.

The names of the algorithms are documented, their insides are not: how a sound is spelt, and what a typo costs, is ours.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PAIRS = (("ph", "f"), ("gh", ""), ("ck", "k"))
_LETTERS = str.maketrans("cqgzxdbv", "kkksstpf")
_SILENT = str.maketrans("", "", "aeiouyhw")
_VOWELS = frozenset("aeiouy")
_DOUBLES = re.compile(r"(\D)\1+")
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_PLACES = {letter: (row, column) for row, keys in enumerate(_KEYBOARD) for column, letter in enumerate(keys)}
_NEIGHBOUR = 0.5  # what a slip onto the next key costs, where another letter costs 1


def plain(text: str) -> str:
    """Lower case without accents, and single blanks for all that is neither letter nor digit."""
    if text.isascii() and text.isalnum():
        return text.lower()
    if not text.isascii():
        text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


@lru_cache(maxsize=4096)
def sound(text: str) -> str:
    """What a name sounds like: its consonants, a vowel it begins with, and its digits."""
    heard = plain(text).replace(" ", "")
    for spelt, told in _PAIRS:
        heard = heard.replace(spelt, told)
    heard = _DOUBLES.sub(r"\1", heard).translate(_LETTERS)
    head = "a" if heard[:1] in _VOWELS else heard[:1]
    return _DOUBLES.sub(r"\1", head + heard[1:].translate(_SILENT))


def digits(text: str) -> str:
    """The digits of a text."""
    return "".join(filter(str.isdigit, text))


def edits(first: str, second: str, *, keyboard: bool = False) -> float:
    """Edit distance as a share of the longer text; ``keyboard`` makes a slip onto the next key cheaper."""
    longest = max(len(first), len(second))
    if not longest or first == second:
        return 100.0
    above = [float(place) for place in range(len(second) + 1)]
    for row, one in enumerate(first, 1):
        line = [float(row)]
        for column, other in enumerate(second, 1):
            change = 0.0 if one == other else _NEIGHBOUR if keyboard and _are_neighbours(one, other) else 1.0
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + change))
        above = line
    return 100 * (1 - above[-1] / longest)


def _are_neighbours(one: str, other: str) -> bool:
    if one not in _PLACES or other not in _PLACES:
        return False
    (row, column), (other_row, other_column) = _PLACES[one], _PLACES[other]
    return abs(row - other_row) <= 1 and abs(column - other_column) <= 1


def jaro_winkler(first: str, second: str) -> float:
    """The distance of that name, of 100."""
    if first == second:
        return 100.0
    reach = max(len(first), len(second)) // 2 - 1
    met_first, met_second = _met(first, second, reach), _met(second, first, reach)
    met = len(met_first)
    if not met:
        return 0.0
    swapped = sum(one != other for one, other in zip(met_first, met_second, strict=False)) / 2
    jaro = (met / len(first) + met / len(second) + (met - swapped) / met) / 3
    same = next((place for place, (a, b) in enumerate(zip(first[:4], second[:4], strict=False)) if a != b), None)
    prefix = min(len(first), len(second), 4) if same is None else same
    return 100 * (jaro + prefix * 0.1 * (1 - jaro))


def _met(text: str, other: str, reach: int) -> list[str]:
    """The letters of a text that have their like in the other, not too far away."""
    free: list[str | None] = list(other)
    met = []
    for place, letter in enumerate(text):
        for there in range(max(0, place - reach), min(len(free), place + reach + 1)):
            if free[there] == letter:
                free[there] = None
                met.append(letter)
                break
    return met
