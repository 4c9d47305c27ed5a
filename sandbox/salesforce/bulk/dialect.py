"""CSV as the Bulk API wants it: delimiters and line ends by name, nothing trimmed, a bad row spoils only itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sandbox.salesforce.bulk.sheet import Sheet

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDS = {"LF": "\n", "CRLF": "\r\n"}


class Unreadable(Exception):
    """The upload as a whole cannot be read; the message is the job's ``errorMessage``."""


@dataclass(frozen=True)
class Line:
    """One row of an upload.

    Attributes:
        cells: In the order of the header; of a row that cannot be read, its text in one cell.
        fault: Why it cannot be read, or "".
    """

    cells: list[str]
    fault: str = ""


@dataclass(frozen=True)
class Dialect:
    """How one job writes its CSV."""

    delimiter: str = "COMMA"
    line_end: str = "LF"

    def read(self, upload: Sheet) -> tuple[list[str], Iterator[Line]]:
        """The header of an upload, and its rows, read as they are asked for; an empty upload has neither.

        Raises:
            Unreadable: No header, another line end than the job's, or not UTF-8; the last also from the iterator.
        """
        source = _Source(upload.lines())
        reader = csv.reader(source, delimiter=DELIMITERS[self.delimiter], strict=True)
        try:
            header = next(reader, None)
        except (csv.Error, UnicodeDecodeError) as error:
            raise Unreadable(f"InvalidBatch : Failed to parse the header: {error}") from error
        if header is None:
            return [], iter(())
        if not any(header):
            raise Unreadable("InvalidBatch : The upload has no header row")
        self._check_line_end(source.take())
        return header, _lines(reader, source, len(header))

    def _check_line_end(self, first: str) -> None:
        found = "CRLF" if first.endswith("\r\n") else "LF"
        if first.endswith("\n") and found != self.line_end:
            message = f"LineEnding is invalid on user data. Current LineEnding setting is {self.line_end}"
            raise Unreadable(f"ClientInputError : {message}")

    def write(self, rows: Iterable[Iterable[object]]) -> str:
        """Rows as text, every cell quoted."""
        text = io.StringIO()
        writer = csv.writer(
            text,
            delimiter=DELIMITERS[self.delimiter],
            lineterminator=LINE_ENDS[self.line_end],
            quoting=csv.QUOTE_ALL,
        )
        writer.writerows(rows)
        return text.getvalue()


@dataclass
class _Source:
    """The lines of an upload; remembers those of the row that is being read."""

    text: Iterator[str]
    _taken: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self.text)
        self._taken.append(line)
        return line

    def take(self) -> str:
        """The lines since the last call."""
        taken, self._taken = self._taken, []
        return "".join(taken)


def _lines(reader: Iterator[list[str]], source: _Source, width: int) -> Iterator[Line]:
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line([source.take().rstrip("\r\n")], f"Failed to parse CSV row: {error}")
            continue
        except UnicodeDecodeError as error:
            raise Unreadable(f"InvalidBatch : The upload is not UTF-8: {error.reason}") from error
        raw = source.take()
        if cells:
            yield Line(cells, _fault(cells, raw, width))


def _fault(cells: list[str], raw: str, width: int) -> str:
    if len(cells) != width:
        return f"Number of cells ({len(cells)}) differs from the number of header columns ({width})"
    # The reader takes ` "Ann"` for a bare value that holds quotes; a proper one doubles them inside quotes.
    if '"' in raw and any(cell.lstrip(" ").startswith('"') and cell.startswith(" ") for cell in cells):
        return "Failed to parse CSV row: a space stands before a quoted value"
    return ""
