"""The records of a BATCH message, one by one: its files may hold millions.

The SDK would hand each file over whole, past everything that a record goes through. Files are JSON lines on this
machine, as they are or in gzip. A file that is not there, or damaged, ends the run: what it held is not known. Its name
is not quoted, for an address may hold a signature: the message's line and the number in its manifest say which it is.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from target_salesforce_retail.errors import InputError
from target_salesforce_retail.singer.lines import read

READS = "Set the tap's `batch_config` to jsonl, with gzip or without, and to a folder of this machine."


def records_of(message: Mapping[str, Any]) -> Iterator[object]:
    """Every record of every file of the manifest, in their order.

    Raises:
        InputError: A file is of a kind that is not read, is not there, or is damaged.
    """
    is_packed = _is_packed(message.get("encoding"))
    manifest = message.get("manifest")
    if not isinstance(manifest, list) or not all(isinstance(url, str) for url in manifest):
        raise InputError("This BATCH has no manifest that is a list of files.")
    paths = [_path(url, f"file {number}") for number, url in enumerate(manifest, 1)]
    for number, path in enumerate(paths, 1):
        yield from _records(path, f"file {number}", is_packed=is_packed)


def _is_packed(encoding: object) -> bool:
    if not isinstance(encoding, dict) or encoding.get("format") != "jsonl":
        raise InputError("This BATCH is not encoded as jsonl, and cannot be read.", hint=READS)
    if encoding.get("compression") not in ("gzip", "none", None):
        raise InputError("This BATCH is compressed, but not by gzip, and cannot be read.", hint=READS)
    return encoding.get("compression") == "gzip"


def _path(url: str, place: str) -> Path:
    try:
        parts = urlsplit(url)
        path = Path(url2pathname(parts.path)) if parts.scheme else Path(url)
        is_here = parts.scheme in ("", "file") and parts.netloc in ("", "localhost")
        is_there = is_here and path.is_file()
    except (ValueError, OSError):
        is_here, is_there = True, False
    if not is_here:
        raise InputError("It is not on this machine, and cannot be read.", where=place, hint=READS)
    if not is_there:
        raise InputError("There is no such file, or it may not be read.", where=place)
    return path


def _records(path: Path, place: str, *, is_packed: bool) -> Iterator[object]:
    number = 1
    try:
        with _opened(path, is_packed=is_packed) as file:
            for line in file:
                found = read(line)
                if found:
                    yield found.value
                number += 1
    except InputError as error:
        error.add_place(f"{place}, line {number}")
        raise
    except (OSError, EOFError, zlib.error):
        raise InputError("The file is damaged, or may not be read.", where=f"{place}, line {number}") from None


def _opened(path: Path, *, is_packed: bool) -> AbstractContextManager[Iterable[bytes]]:
    if is_packed and not path.stat().st_size:
        raise EOFError  # Python takes 0 bytes for gzip of nothing; whoever writes gzip writes at least a head
    return gzip.open(path, "rb") if is_packed else path.open("rb")
