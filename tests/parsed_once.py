"""Lets a process that runs many commands, or many tests, read a mapping's text once.

Every command reads the whole folder of mappings, which is half of a short run's time; what a text says is the same each
time. With ``SHORTCUTS=none`` each reads for itself.
"""

from __future__ import annotations

from functools import cache

from target_salesforce_retail.mapping import load
from target_salesforce_retail.mapping.build import Problems
from target_salesforce_retail.mapping.places import Document, Problem
from target_salesforce_retail.mapping.rules import StreamMapping

from tests.lanes import SHORTCUTS

_documents, _parse = load._documents, load.parse


def parse_once() -> None:
    """From now on, in this process and in its forks."""
    if SHORTCUTS:
        load._documents, load.parse = _documents_once, _parse_once


def _documents_once(text: str, file: str, problems: Problems) -> list[Document]:
    documents, found = _read_documents(text, file)
    problems += found
    return [*documents]


def _parse_once(text: str, file: str, problems: Problems) -> list[StreamMapping]:
    mappings, found = _read_mappings(text, file)
    problems += found
    return [*mappings]


@cache
def _read_documents(text: str, file: str) -> tuple[list[Document], list[Problem]]:
    problems: Problems = []
    return _documents(text, file, problems), problems


@cache
def _read_mappings(text: str, file: str) -> tuple[list[StreamMapping], list[Problem]]:
    problems: Problems = []
    return _parse(text, file, problems), problems
