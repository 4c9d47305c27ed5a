"""Whether a STATE can be read, before anything is done with it: what the SDK keeps in it, and what the series does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jsonschema import Draft7Validator

from tap_lightspeed_retail.errors import SettingsError
from tap_lightspeed_retail.misfits import Misfit, half_character, misfit, plain

MARKERS = {"type": "object", "description": "an object"}
"""The SDK's own: it takes them away, without a look at what they are."""
PARTITION = {"type": "object", "properties": {"progress_markers": MARKERS}, "description": "an object"}
BOOKMARK = {
    "type": "object",
    "properties": {
        "progress_markers": MARKERS,
        "partitions": {"type": "array", "items": PARTITION, "description": "a list of objects"},
    },
    "description": "an object",
}
STATE = Draft7Validator(
    {
        "type": "object",
        "properties": {
            "account_id": {"type": ["string", "null"], "description": "a text"},
            "bookmarks": {
                "type": "object",
                "additionalProperties": BOOKMARK,
                "description": "an object that holds a bookmark for each stream",
            },
        },
        "description": "an object",
    }
)
"""What every STATE is; whatever else it says is somebody else's, and stays."""


def refuse_unreadable(state: Mapping[str, Any], of_series: Callable[[str, Mapping[str, Any]], Misfit | None]) -> None:
    """Refuse a state of which something cannot be read.

    Args:
        state: As it came.
        of_series: What of a stream's bookmark its series cannot read.

    Raises:
        SettingsError: It names the stream, the word, what was expected there, and what to do.
    """
    found = misfit(STATE, state) or half_character(state)
    if found:
        raise _unreadable(found)
    for stream, bookmark in state.get("bookmarks", {}).items():
        within = of_series(stream, bookmark)
        if within:
            raise _unreadable(Misfit(("bookmarks", stream, *within.path), within.wanted))


def _unreadable(found: Misfit) -> SettingsError:
    of_stream = found.path[:1] == ("bookmarks",) and len(found.path) > 1
    remedy = (
        f"remove the bookmark of {plain(str(found.path[1]))}: that stream is then read anew"
        if of_stream
        else "clear it: everything is then read anew"
    )
    return SettingsError(f"{found.place} is not {found.wanted}.", where="state", hint=f"Repair the state, or {remedy}.")
