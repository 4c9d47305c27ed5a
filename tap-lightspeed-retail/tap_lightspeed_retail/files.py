"""The files that the command is given: each holds one JSON object, or a sentence says that it does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, NoReturn

from tap_lightspeed_retail.errors import SettingsError

DEEPEST = 100
"""Brackets within brackets: Python reads more of them than it can copy and write again."""
DEEP = "is nested too deeply"


def json_object(option: str, read: Callable[[], str]) -> dict[str, Any]:
    """What the file of an option holds; of what is wrong with it nothing is quoted, for it may be a secret.

    Raises:
        SettingsError: It cannot be read, or holds no JSON object.
    """
    try:
        said = json.loads(read(), parse_float=Decimal, parse_constant=_refused)
    except OSError as error:
        raise _unfit(option, f"cannot be read: {error.strerror}") from None
    except RecursionError:
        raise _unfit(option, DEEP) from None
    except json.JSONDecodeError as error:
        raise _unfit(option, f"is no JSON from line {error.lineno}, column {error.colno} on") from None
    except ValueError:
        raise _unfit(option, "is no JSON") from None
    if not isinstance(said, dict):
        raise _unfit(option, "is JSON, but no object")
    if _is_deep(said):
        raise _unfit(option, DEEP)
    return said


def _is_deep(said: Any) -> bool:
    layer = [said]
    for _ in range(DEEPEST):
        layer = [inner for each in layer for inner in _within(each)]
    return bool(layer)


def _within(said: Any) -> Iterable[Any]:
    return said.values() if isinstance(said, dict) else said if isinstance(said, list) else ()


def _refused(constant: str) -> NoReturn:
    """``NaN`` and ``Infinity``, which Python reads and JSON does not know."""
    raise ValueError(constant)


def _unfit(option: str, what: str) -> SettingsError:
    return SettingsError(f"The file {what}.", where=option, hint="Give the path of a file that holds one JSON object.")
