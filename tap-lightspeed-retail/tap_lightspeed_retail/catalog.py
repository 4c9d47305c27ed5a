"""Whether a catalog can be read, before anything is done with it: the SDK takes what there is, and fails later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft7Validator, SchemaError
from singer_sdk.singerlib import Catalog, CatalogEntry

from tap_lightspeed_retail.errors import SettingsError
from tap_lightspeed_retail.misfits import Misfit, half_character, misfit
from tap_lightspeed_retail.streams import RANK

MADE_ANEW = "Make it anew: `tap-lightspeed-retail --config <file> --discover > catalog.json`."
TEXT = {"type": "string", "description": "a text"}
OBJECT = {"type": "object", "description": "an object"}
MAYBE_TEXT = {"type": ["string", "null"], "description": "a text"}
MAYBE_TEXTS = {"type": ["array", "null"], "items": TEXT, "description": "a list of texts"}
MAYBE_FLAG = {"type": ["boolean", "null"], "description": "true or false"}
METADATA = {
    "type": "object",
    "required": ["breadcrumb", "metadata"],
    "properties": {
        "breadcrumb": {"type": "array", "items": TEXT, "description": "a list of texts"},
        "metadata": {
            "type": "object",
            "properties": {
                "inclusion": MAYBE_TEXT,
                "selected": MAYBE_FLAG,
                "selected-by-default": MAYBE_FLAG,
                "table-key-properties": MAYBE_TEXTS,
                "replication-key": MAYBE_TEXT,
                "forced-replication-method": MAYBE_TEXT,
            },
            "description": "an object",
        },
    },
    "description": "an object with breadcrumb and metadata",
}
STREAMS = Draft7Validator(
    {
        "properties": {
            "streams": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["tap_stream_id"],
                    "properties": {"tap_stream_id": TEXT},
                    "description": "an object with a tap_stream_id",
                },
                "description": "a list of streams",
            }
        },
        "description": "an object",
    }
)
STREAM = Draft7Validator(
    {
        "properties": {
            "stream": MAYBE_TEXT,
            "key_properties": MAYBE_TEXTS,
            "replication_key": MAYBE_TEXT,
            "replication_method": MAYBE_TEXT,
            "schema": {
                "type": "object",
                "properties": {
                    "properties": {
                        "type": "object",
                        "additionalProperties": OBJECT,
                        "description": "an object of objects",
                    }
                },
                "description": "an object",
            },
            "metadata": {"type": "array", "items": METADATA, "description": "a list"},
        },
        "description": "an object",
    }
)
"""What else a catalog says nobody reads."""


def read_catalog(said: Mapping[str, Any]) -> Catalog:
    """The catalog of a file.

    Raises:
        SettingsError: It is none, or asks of a stream of ours what cannot be. It names the place.
    """
    found = next(_misfits(said), None)
    if found:
        raise SettingsError(f"{found.place} is not {found.wanted}.", where="--catalog", hint=MADE_ANEW)
    try:
        catalog = Catalog.from_dict(dict(said))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise SettingsError("The file holds JSON, but no catalog.", where="--catalog", hint=MADE_ANEW) from None
    for entry in catalog.streams:
        if entry.tap_stream_id in RANK:
            _refuse_impossible(entry)
    return catalog


def _misfits(said: Mapping[str, Any]) -> Iterator[Misfit]:
    yield from filter(None, (half_character(said), misfit(STREAMS, said)))
    for stream in said.get("streams", ()):
        within = misfit(STREAM, stream) or _broken_schema(stream.get("schema", {}))
        if within:
            yield Misfit(("streams", stream["tap_stream_id"], *within.path), within.wanted)


def _broken_schema(schema: Mapping[str, Any]) -> Misfit | None:
    try:
        Draft7Validator.check_schema(schema)
    except SchemaError as error:
        return Misfit(("schema", *error.path), "JSON Schema")
    return None


def _refuse_impossible(entry: CatalogEntry) -> None:
    """What the SDK follows by name must be there under that name.

    Raises:
        SettingsError: It is not.
    """
    schema = entry.schema.to_dict()
    properties = {*schema.get("properties", {})}
    key = entry.replication_key or entry.metadata.root.replication_key
    wrong = [
        ("stream", "the same as tap_stream_id", entry.stream not in (None, entry.tap_stream_id)),
        ("replication_key", "a property of its schema", key is not None and key not in properties),
        ("schema.required", "of properties of its schema", not {*schema.get("required", ())} <= properties),
    ]
    for name, wanted, is_wrong in wrong:
        if is_wrong:
            place = f"streams.{entry.tap_stream_id}.{name}"
            raise SettingsError(f"{place} is not {wanted}.", where="--catalog", hint=MADE_ANEW)
