"""Where two records must agree on more than the match key: do two values say the same?

A family shares an e-mail: Ann and Bob do not agree, so that they stay two. Robert, who is Bob at the till, is one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from target_salesforce_retail.mapping.match_keys import TITLES, match_key
from target_salesforce_retail.mapping.nicknames import STANDS_FOR
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import Value

APOSTROPHES = re.compile("['`\u2018\u2019\u02bc]")
HYPHENS = re.compile("[-\u2010-\u2015]")
LONG = 5
"""Letters of a name of which one may be mistyped."""
NO_LETTER = re.compile(r"[^\w-]+|_")


def agree(by: str, one: object, other: object, *, initials: bool = True) -> bool | None:
    """Whether two values agree; None where one of them says nothing.

    Args:
        by: A kind of agreement of the grammar.
        one: A field of a row in the org.
        other: A property of a record.
        initials: Whether a name that is an initial alone agrees with those that begin with it.
    """
    if is_blank(one) or is_blank(other):
        return None
    ours, others = match_key("text", one, None), match_key("text", other, None)
    return AGREEMENTS[by](ours, others, initials) if ours and others else False


def says_nothing(value: object, filler: Value = None) -> bool:
    """True for a blank, and for what stands in its place; never for a tick, for that is one of two answers.

    Args:
        value: A field of a row in the org, or a property of a record.
        filler: What a mapping puts into the field where it has nothing to say.
    """
    if is_blank(value):
        return True
    if filler is None or isinstance(value, bool):
        return False
    return value == filler or match_key("text", value, None) == match_key("text", filler, None)


def _same_text(one: str, other: str, initials: bool) -> bool:
    del initials
    return one == other


def _same_name(one: str, other: str, initials: bool) -> bool | None:
    """Given names, apart from accents, titles, initials, nicknames, and middle names that one of them has not.

    A hyphen makes one name of two, which may be written without it: Jean-Luc is Jean Luc and J.-L., and not Jean.
    """
    ours, others = _names(one), _names(other)
    if not ours or not others:
        return None
    if not initials and (_is_initial(_parts(ours)[0]) or _is_initial(_parts(others)[0])):
        return False
    if _letters(ours) == _letters(others) or _are_initials(ours, others) or _are_initials(others, ours):
        return True
    return all(_one_name(*pair) for pair in zip(ours, others, strict=False))


def _alike(one: str, other: str, initials: bool) -> bool | None:
    """The same name, one of its two, or one in which a letter was mistyped: short names are one letter from too many.

    Ann Lee is Ann Lee-Jones after the wedding, and Ann Smiht on a busy day.
    """
    agreed = _same_name(one, other, initials)
    if agreed is not False:
        return agreed
    ours, others = _names(one), _names(other)
    few, more = sorted((set(_parts(ours)), set(_parts(others))), key=len)
    if few <= more and not all(map(_is_initial, few)):
        return True
    texts = _letters(ours), _letters(others)
    return min(map(len, texts)) >= LONG and _one_letter_apart(*texts)


def _one_letter_apart(one: str, other: str) -> bool:
    """One letter more, another one in its place, or two that changed places."""
    short, long = sorted((one, other), key=len)
    at = next((place for place, pair in enumerate(zip(short, long, strict=False)) if pair[0] != pair[1]), len(short))
    if len(short) != len(long):
        return short[at:] == long[at + 1 :]
    swapped = short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    return swapped or short[at + 1 :] == long[at + 1 :]


def _names(text: str) -> list[str]:
    """The names in it, without accents, punctuation and titles."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    words = NO_LETTER.sub(" ", HYPHENS.sub("-", APOSTROPHES.sub("", plain.casefold()))).split()
    names = [name for word in words if (name := word.strip("-"))]
    while names and names[0] in TITLES:
        del names[0]
    return names


def _letters(names: list[str]) -> str:
    return "".join(names).replace("-", "")


def _are_initials(short: list[str], names: list[str]) -> bool:
    initials, parts = _parts(short), _parts(names)
    return len(parts) > 1 and all(map(_is_initial, initials)) and initials == [part[0] for part in parts]


def _parts(names: list[str]) -> list[str]:
    return [part for name in names for part in name.split("-") if part]


def _is_initial(name: str) -> bool:
    """In scripts without capitals one letter is a whole name."""
    return len(name) == 1 and name.upper() != name.lower()


def _one_name(one: str, other: str) -> bool:
    if _is_initial(one) or _is_initial(other):
        return one[0] == other[0]
    return not _stands_for(one).isdisjoint(_stands_for(other))


def _stands_for(name: str) -> frozenset[str]:
    whole = name.replace("-", "")
    return STANDS_FOR.get(whole, frozenset({whole}))


AGREEMENTS: dict[str, Callable[[str, str, bool], bool | None]] = {
    "text": _same_text,
    "name": _same_name,
    "alike": _alike,
}
