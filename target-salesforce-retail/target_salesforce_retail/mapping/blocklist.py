"""From the document ``blocklist.yml`` to a blocklist; every problem at its line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Any

from jsonschema import Draft7Validator

from target_salesforce_retail.mapping.blocked import Blocklist
from target_salesforce_retail.mapping.match_keys import match_key
from target_salesforce_retail.mapping.places import Document, Problem, sentence

FILE = "blocklist.yml"
SHORTEST = 7
"""Digits of a number: fewer would end numbers that somebody has."""
ANY = "*"


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
    emails = [text.lower().partition("@") for by, text in entries if by == "email"]
    return Blocklist(
        values=frozenset((by, key) for by, text in entries if by != "phone" and (key := match_key(by, text, None))),
        domains=frozenset(domain for local, _, domain in emails if local == ANY),
        locals=frozenset(local for local, _, domain in emails if domain == ANY),
        endings=tuple(_digits(text) for by, text in entries if by == "phone"),
    )


def _entries(document: Document) -> Iterator[tuple[str, str]]:
    yield from ((str(by), text.strip()) for by, texts in document.data.items() for text in texts)


def _problems(document: Document, validator: Draft7Validator) -> Iterator[Problem]:
    wrong = [problem for error in validator.iter_errors(document.data) for problem in sentence(document, error)]
    yield from wrong
    for by, texts in () if wrong else document.data.items():
        for index, text in enumerate(texts):
            if wrong_with_it := _what_is_wrong(str(by), text.strip()):
                yield document.problem([by, index], wrong_with_it)


def _what_is_wrong(by: str, text: str) -> str | None:
    if by == "email":
        local, _, domain = text.partition("@")
        example = f"{'a' if local == ANY else local}@{'a.org' if domain == ANY else domain}"
        is_one = (local, domain) != (ANY, ANY) and match_key("email", example, None)
        return None if is_one else f"`{text}` is no address, no `*@domain` and no `local@*`"
    if by == "phone" and len(_digits(text)) < SHORTEST:
        return f"`{text}` has fewer than {SHORTEST} digits, and would block numbers that somebody has"
    return None if match_key("text", text, None) else "a blank is no match key anyway; take it out"


def _digits(text: str) -> str:
    return "".join(each for each in text if each.isdecimal())
