"""The files that the command is given: each holds one JSON object, or a sentence says that it does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NoReturn

from tap_lightspeed_retail.errors import SettingsError


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
        raise _unfit(option, "is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise _unfit(option, f"is no JSON from line {error.lineno}, column {error.colno} on") from None
    except ValueError:
        raise _unfit(option, "is no JSON") from None
    if not isinstance(said, dict):
        raise _unfit(option, "is JSON, but no object")
    return said


def _refused(constant: str) -> NoReturn:
    """``NaN`` and ``Infinity``, which Python reads and JSON does not know."""
    raise ValueError(constant)


def _unfit(option: str, what: str) -> SettingsError:
    return SettingsError(f"The file {what}.", where=option, hint="Give the path of a file that holds one JSON object.")
