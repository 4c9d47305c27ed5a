"""Writes Singer messages whole: a signal waits until the line is out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from singer_sdk.io_base import SingerWriter
from singer_sdk.singerlib.json import serialize_json


class WholeLineWriter(SingerWriter):
    """The SDK's writer, which a signal cannot cut in the middle of a line.

    Attributes:
        busy: True while a line is being written.
        then: What to do when the line is out.
    """

    busy = False
    then: Callable[[], Any] | None = None

    def serialize_message(self, message: Any) -> str:
        """One line, as the SDK's own, which first copies all that a message holds: the whole state after each page."""
        held = {each.name: getattr(message, each.name) for each in fields(message)}
        return serialize_json({name: value for name, value in held.items() if value is not None})

    def write_message(self, message: Any) -> None:
        """Write one message."""
        self.busy = True
        try:
            super().write_message(message)
        finally:
            self.busy = False
        if self.then:
            then, self.then = self.then, None
            then()
