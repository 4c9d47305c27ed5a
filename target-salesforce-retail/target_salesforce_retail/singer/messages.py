"""What a Singer message has to say before it can be processed. Never quotes a record; a stream's name only.

One that cannot be processed ends the run: what it may have brought, no STATE may pass. (A record that is damaged is not
among these: it comes in as a hold.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from target_salesforce_retail.errors import InputError

Message = Mapping[str, Any]
LONGEST_STREAM = 255
"""Characters of a stream's name in the ledger."""


def stream_of(message: Message) -> str:
    """The stream that a message is of.

    Raises:
        InputError: It names none.
    """
    name = message.get("stream")
    if not isinstance(name, str) or not name:
        raise InputError(f"This {message['type']} names no stream.")
    if len(name) > LONGEST_STREAM or not name.isprintable():
        raise InputError(f"This {message['type']} names a stream that is too long, or not printable.")
    return name


def schema_of(message: Message) -> dict[str, Any]:
    """A SCHEMA message in full: ``key_properties`` that are absent are empty.

    Raises:
        InputError: It is not made as a SCHEMA is.
    """
    stream, schema, keys = stream_of(message), message.get("schema"), message.get("key_properties")
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
        raise InputError(f"The SCHEMA of `{stream}` has no schema that is an object with `properties`.")
    if keys is None:
        keys = []
    if not isinstance(keys, list) or not all(isinstance(name, str) for name in keys):
        raise InputError(f"The SCHEMA of `{stream}` has key_properties that are no list of names.")
    return {**message, "stream": stream, "key_properties": keys}


def state_of(message: Message) -> dict[str, Any] | None:
    """The value of a STATE; None where it is null, which acknowledges nothing.

    Raises:
        InputError: It has none, or one that is no object.
    """
    value = message.get("value")
    if "value" not in message or not isinstance(value, dict | None):
        raise InputError("This STATE has no value, or one that is no object.")
    return value
