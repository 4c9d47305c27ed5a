"""Where a Singer record becomes an arrival: its key is named and its schema's faults are listed.

fastjsonschema says quickly whether a record is sound; only for one that is not does jsonschema list every fault
(facts: libraries section 3). Faults name the property and the broken rule, never the value.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import fastjsonschema
from jsonschema import Draft7Validator

from target_salesforce_retail.nouns import Arrival, Flaw, Record


class Door:
    """Turns the records of one stream into arrivals.

    Args:
        stream: Singer stream name.
        schema: The JSON Schema of its SCHEMA message.
        key_properties: The properties that name a record.
    """

    def __init__(self, stream: str, schema: Mapping[str, Any], key_properties: Sequence[str]) -> None:
        self._stream = stream
        self._keys = tuple(key_properties)
        self._full = Draft7Validator(schema)
        self._quick = _compile(schema)

    def arrival(self, record: Record) -> Arrival:
        """The arrival this record is."""
        return Arrival(self._stream, self._key(record), record, self._flaws(record))

    def _key(self, record: Record) -> str:
        return ":".join(str(record.get(name)) for name in self._keys)

    def _flaws(self, record: Record) -> tuple[Flaw, ...]:
        try:
            self._quick(record)
        except fastjsonschema.JsonSchemaValueException:
            return tuple(sorted({_flaw(error) for error in self._full.iter_errors(record)}, key=str))
        return ()


def _compile(schema: Mapping[str, Any]) -> Callable[[Record], object]:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # fastjsonschema warns of formats it does not know; formats are not checked here
        validate: Callable[[Record], object] = fastjsonschema.compile(dict(schema), use_formats=False)
    return validate


def _flaw(error: Any) -> Flaw:
    steps = [str(step) for step in error.absolute_path]
    place, within = (steps[0], ".".join(steps[1:])) if steps else ("", "")
    if error.validator == "required":
        missing = sorted(set(error.validator_value) - set(error.instance))
        rule = f"lacks {', '.join(missing)}"
    else:
        rule = f"breaks `{error.validator}: {error.validator_value}`"
    return Flaw(place, f"{within} {rule}" if within else rule)
