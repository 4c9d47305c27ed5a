"""How values are made comparable for a match: the closed list of kinds, and what the org is asked for.

Nothing here raises with a value in its text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberFormat

from target_salesforce_retail.mapping.text import as_text, is_blank, visible

TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "professor",
        "sir",
        "dame",
        "madam",
        "rev",
        "mme",
        "mlle",
        "herr",
        "frau",
        "sr",
        "sra",
    ]
)
LONGEST_POSTAL_CODE = 10
ZIP_PLUS_FOUR = re.compile(r"\d{9}")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")


def match_key(by: str, value: object, region: str | None) -> str | None:
    """The form in which two values are compared, or None when the value is no use for matching.

    Args:
        by: A kind of match of the grammar; ``key`` is none of them, for keys are compared as they are.
        value: A property of the record, or a field of a row in the org.
        region: As for ``convert``.
    """
    if is_blank(value):
        return None
    try:
        text = visible(as_text(value)).strip()
    except ValueError:
        return None
    return MATCH_KEYS[by](text, region)


def variants(by: str, key: str) -> tuple[str, ...]:
    """The ways in which the org may hold a match key: what to ask for."""
    return _postal_code_variants(key) if by == "postal_code" else (key,)


def can_be_asked(by: str) -> bool:
    """False for a kind whose values people write in too many ways to ask for: it is compared once the rows are here."""
    return by not in ("name", "digits")


def _text_key(text: str, region: str | None) -> str | None:
    del region
    return unicodedata.normalize(
        "NFC", text
    ).lower()  # as the org folds case: casefold would ask for "ss" where it has "ß"


def _name_key(text: str, region: str | None) -> str | None:
    """A name without accents, titles, blanks and marks: O'Brien is OBRIEN, and Dr. José Jose."""
    del region
    plain = "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))
    words = re.findall(r"[^\W_]+", plain.replace("'", "").replace("\u2019", ""))
    named = [word for word in words if word not in TITLES]
    return "".join(named or words) or None


def _digits_key(text: str, region: str | None) -> str | None:
    del region
    return "".join(each for each in text if each.isascii() and each.isdigit()) or None


def _postal_code_key(text: str, region: str | None) -> str | None:
    """Letters and digits; of a United States code with four more digits the first five."""
    del region
    code = "".join(each for each in unicodedata.normalize("NFKC", text).upper() if each.isalnum())
    return (code[:5] if ZIP_PLUS_FOUR.fullmatch(code) else code) or None


def _date_key(text: str, region: str | None) -> str | None:
    del region
    try:
        return date.fromisoformat(text[:10]).isoformat() if DAY.fullmatch(text) else None
    except ValueError:
        return None


def _email_key(text: str, region: str | None = None) -> str | None:
    del region
    casefolded = unicodedata.normalize("NFC", text).lower()
    local, at, domain = casefolded.partition("@")
    sound = local and at and "." in domain.strip(".") and "@" not in domain and not any(map(str.isspace, casefolded))
    return casefolded if sound else None


@lru_cache(maxsize=65536)
def _phone_key(text: str, region: str | None) -> str | None:
    # Only valid numbers are keys: a merely possible one, read in the wrong region, is somebody else's.
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _postal_code_variants(code: str) -> tuple[str, ...]:
    """As one word, and parted in two wherever a country may do it: H2X 1Y4, SW1A 1AA, 00-950, 113 51, 01310-100."""
    parted = [f"{code[:place]}{mark}{code[place:]}" for place in range(2, len(code) - 1) for mark in " -"]
    return (code, *(parted if len(code) <= LONGEST_POSTAL_CODE else ()))


MATCH_KEYS: dict[str, Callable[[str, str | None], str | None]] = {
    "email": _email_key,
    "phone": _phone_key,
    "text": _text_key,
    "name": _name_key,
    "digits": _digits_key,
    "postal_code": _postal_code_key,
    "date": _date_key,
}
