"""What is too long to keep in memory: uploads and results."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterator

_IN_MEMORY = 1_000_000  # bytes


class Sheet:
    """Bytes, in memory while they are few, else in a file without a name."""

    def __init__(self, content: bytes = b"") -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # closed with its sheet
        weakref.finalize(self, self._file.close)
        self.write(content)

    def write(self, content: bytes) -> None:
        """Add to the end."""
        self._file.write(content)

    def whole(self) -> bytes:
        """All of it."""
        self._file.seek(0)
        return self._file.read()

    def lines(self) -> Iterator[str]:
        """Its lines with their ends; raises UnicodeDecodeError where they are not UTF-8."""
        self._file.seek(0)
        coding = "utf-8-sig"
        while line := self._file.readline():
            yield line.decode(coding)
            coding = "utf-8"
