"""From the document ``blocklist.yml`` to a blocklist; every problem at its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Any

from jsonschema import Draft7Validator
from phonenumbers import SUPPORTED_REGIONS

from target_salesforce_retail.mapping.blocked import Blocklist, dialled
from target_salesforce_retail.mapping.match_keys import match_key
from target_salesforce_retail.mapping.places import Document, Problem, sentence
from target_salesforce_retail.mapping.text import visible

FILE = "blocklist.yml"
SHORTEST = 7
"""Digits of a number: fewer would end numbers that somebody has."""
WHOLE = 12
"""Digits from which on an entry is taken for a whole number: two numbers in one entry end nobody's."""
ANY = "*"
NUMBER = re.compile(r"[+\uff0b]?[\d\s()./\-\u2010-\u2015]+")
"""One number as people write it. A word would part two numbers, or begin an extension, which no key has."""
NO_EMAIL = (
    "no address, no `*@domain` and no `local@*`; `*` stands for all of a name or all of a domain, never for a part, "
    "and sub-domains are listed one by one"
)
NO_NUMBER = (
    "not one number, whole or its last digits; write digits, blanks and + ( ) . - / alone, each number by itself"
)
NO_COUNTRY = "ends no number that a country has; list one number, as it is dialled there or from its country code on"
NO_TEXT = "a text is compared whole, and `*` stands for nothing in it; write the text itself"


def blocklist_grammar() -> dict[str, Any]:
    """The grammar of a blocklist, as a JSON Schema."""
    text = (resources.files("target_salesforce_retail.mapping") / "blocklist.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def blocklist(documents: Sequence[Document], problems: list[Problem]) -> Blocklist:
    """What the documents block together; what is wrong with them is added to ``problems``."""
    validator = Draft7Validator(blocklist_grammar())
    found = [problem for each in documents for problem in _problems(each, validator)]
    problems += found
    entries = [] if found else [(by, text) for each in documents for by, text in _entries(each)]
    emails = [_email(text) for by, text in entries if by == "email"]
    return Blocklist(
        values=frozenset((by, key) for by, text in entries if by != "phone" and (key := match_key(by, text, None))),
        domains=frozenset(domain for local, domain in emails if local == ANY),
        locals=frozenset(local for local, domain in emails if domain == ANY),
        endings=tuple(_ending(text) for by, text in entries if by == "phone"),
    )


def _entries(document: Document) -> Iterator[tuple[str, str]]:
    yield from ((str(by), visible(text).strip()) for by, texts in document.data.items() for text in texts)


def _problems(document: Document, validator: Draft7Validator) -> Iterator[Problem]:
    wrong = [problem for error in validator.iter_errors(document.data) for problem in sentence(document, error)]
    yield from wrong
    for by, texts in () if wrong else document.data.items():
        for index, text in enumerate(texts):
            if wrong_with_it := _what_is_wrong(str(by), visible(text).strip()):
                yield document.problem([by, index], wrong_with_it)


def _what_is_wrong(by: str, text: str) -> str | None:
    if not text:
        return "a blank is no match key anyway; take it out"
    if by == "email":
        return None if _is_email(text) else NO_EMAIL
    if by == "phone":
        return _what_is_wrong_with_number(text)
    return NO_TEXT if ANY in text else None


def _is_email(text: str) -> bool:
    parts = _email(text)
    return parts != (ANY, ANY) and "" not in parts and not any(ANY in part for part in parts if part != ANY)


def _email(text: str) -> tuple[str, str]:
    """What stands before and behind the @, as match keys have them; blanks when it is no address."""
    local, _, domain = text.partition("@")
    example = f"{'a' if local == ANY else local}@{'a.org' if domain == ANY else domain}"
    key_local, _, key_domain = (match_key("email", example, None) or "").partition("@")
    return ANY if local == ANY else key_local, ANY if domain == ANY else key_domain


def _what_is_wrong_with_number(text: str) -> str | None:
    if not NUMBER.fullmatch(text):
        return NO_NUMBER
    if len(_digits(text)) < SHORTEST:
        return f"fewer than {SHORTEST} digits would block numbers that somebody has; list more of them"
    if _is_international(text):
        return None if match_key("phone", text, None) else NO_COUNTRY
    return None if len(_digits(text)) < WHOLE or _is_dialled(text) else NO_COUNTRY


def _is_dialled(text: str) -> bool:
    keys = {key for region in SUPPORTED_REGIONS if (key := match_key("phone", text, region))}
    return any(_digits(text) in (key[1:], *dialled(key)) for key in keys)


def _ending(text: str) -> str:
    """Of a number with its country what a match key has of it: people write a zero in brackets that nobody dials."""
    return _digits(match_key("phone", text, None) or text) if _is_international(text) else _digits(text)


def _is_international(text: str) -> bool:
    return text[0] in "+\uff0b"


def _digits(text: str) -> str:
    """In any script: phones are read so too."""
    return "".join(str(int(each)) for each in text if each.isdecimal())
