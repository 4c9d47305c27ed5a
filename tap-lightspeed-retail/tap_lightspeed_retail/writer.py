"""Writes Singer messages whole: a signal waits until the line is out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from singer_sdk.io_base import SingerWriter


class WholeLineWriter(SingerWriter):
    """The SDK's writer, which a signal cannot cut in the middle of a line.

    Attributes:
        busy: True while a line is being written.
        then: What to do when the line is out.
    """

    busy = False
    then: Callable[[], Any] | None = None

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
