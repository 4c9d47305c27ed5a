"""docs/reference/mappings.md: every key of a mapping and of the blocklist, and what the converters make of values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from target_salesforce_retail.mapping.blocklist import blocklist_grammar
from target_salesforce_retail.mapping.convert import convert
from target_salesforce_retail.mapping.load import grammar

Table = Callable[[Iterable[str], Iterable[Iterable[object]]], str]
KEYS = ("key", "meaning", "values", "default", "example")
CONVERTED: dict[str, list[tuple[dict[str, str], object]]] = {
    "text": [({}, 1204), ({}, "  Ann ")],
    "email": [({}, " Ann.Lee@Example.COM"), ({}, "ann at example.com")],
    "phone": [({"region": "CA"}, "514 555-0123"), ({"region": "CA"}, "555-0123")],
    "decimal": [({}, "12.50"), ({}, "12,50")],
    "integer": [({}, "3.0"), ({}, 2.5)],
    "boolean": [({}, "TRUE"), ({}, "yes")],
    "date": [({}, "1990-05-17"), ({"zone": "America/Toronto"}, "2026-02-28T04:30:00Z"), ({}, "2026-02-28T04:30:00Z")],
    "datetime": [({}, "2026-02-28T04:30:00-05:00"), ({}, "2026-02-28")],
    "list": [({}, ["red", "blue", "red"]), ({}, ["red;blue"])],
}
"""Converter -> values, and what they are read by. The page says what becomes of each, for they are converted."""


def mappings_page(table: Table) -> str:
    """The page; ``table`` writes a Markdown table."""
    mapping, blocked = grammar(), blocklist_grammar()
    as_says = "What `as` makes of a value. What it refuses is held, or left out where `refused` says so."
    return "".join(
        [
            f"# Mappings\n\n{mapping['description']}\n\n",
            table(KEYS, grammar_rows(mapping)),
            f"\n## {blocked['title']}\n\n`blocklist.yml`, beside the mappings. {blocked['description']}\n\n",
            table(KEYS, grammar_rows(blocked)),
            f"\n## Converters\n\n{as_says}\n\n",
            table(("converter", "rule", "value", "becomes", "refused, for it is"), _converter_rows(mapping)),
        ]
    )


def grammar_rows(schema: dict[str, Any]) -> Iterable[tuple[str, ...]]:
    """A row for each key of a schema, at any depth; what it only refers to is told where it is used."""
    return _rows("", schema, schema.get("definitions", {}))


def _rows(prefix: str, node: dict[str, Any], definitions: dict[str, Any]) -> Iterable[tuple[str, ...]]:
    for name, referring in node.get("properties", {}).items():
        path = f"{prefix}{name}"
        spec = _resolved(referring, definitions)
        entry = _resolved(spec.get("additionalProperties"), definitions)
        item = _resolved(spec.get("items"), definitions)
        words: list[str] = next((each["enum"] for each in (spec, entry, item) if "enum" in each), [])
        examples = spec.get("examples") or [None]
        yield (
            f"`{path}`",
            spec.get("description", ""),
            ", ".join(f"`{each}`" for each in words),
            f"`{spec['default']}`" if "default" in spec else "",
            f"`{json.dumps(examples[0])}`" if examples[0] is not None else "",
        )
        yield from _rows(f"{path}.", spec, definitions)
        yield from _rows(f"{path}.<name>.", entry, definitions)
        yield from _rows(f"{path}[].", item, definitions)


def _resolved(schema: object, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema with what it refers to, where it says nothing itself; of no schema an empty one."""
    if not isinstance(schema, dict):
        return {}
    return {**definitions.get(schema.get("$ref", "").rpartition("/")[2], {}), **schema}


def _converter_rows(grammar: dict[str, Any]) -> Iterable[tuple[str, ...]]:
    for name in grammar["definitions"]["converter"]["enum"]:
        for reading, value in CONVERTED.get(name, []):
            becomes, refused = _converted(name, value, reading)
            rule = f"{{from: it, as: {name}{', zone: ' + reading['zone'] if 'zone' in reading else ''}}}"
            region = f"; `region: {{else: {reading['region']}}}`" if "region" in reading else ""
            yield f"`{name}`", f"`{rule}`{region}", f"`{json.dumps(value)}`", becomes, refused


def _converted(name: str, value: object, reading: dict[str, str]) -> tuple[str, str]:
    try:
        found = convert(name, value, **reading)
    except ValueError as fault:
        return "", str(fault)
    if isinstance(found, datetime):
        return f"`{found:%Y-%m-%dT%H:%M:%SZ}`", ""
    return f"`{json.dumps(found) if isinstance(found, str | bool) else found}`", ""
