"""What can go wrong with one request and may pass, how long to wait then, and the loop that tries again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import requests
from requests import exceptions
from urllib3.exceptions import LocationParseError, ReadTimeoutError

from tap_lightspeed_retail import __version__
from tap_lightspeed_retail.errors import SettingsError

AnswerT = TypeVar("AnswerT")
LOST = (requests.ConnectionError, requests.Timeout, exceptions.ChunkedEncodingError, exceptions.ContentDecodingError)
"""No answer came, or not all of it, or it came garbled."""
UNMADE = (requests.RequestException, LocationParseError, UnicodeError)
"""The HTTP library does not make the request; where a host can be none, it says so in words of its parts too."""
LONGEST_REFUSAL = 600.0
"""Seconds for which 429 is waited out, and the most that a server may ask to wait."""
LEAST_WAIT = 1.0
"""Seconds; the vendor asks for no less (docs/vendors/lightspeed-r-series.md, limits), and 0 would be a hot loop."""


def new_session() -> requests.Session:
    """A session that says who asks."""
    session = requests.Session()
    session.headers["User-Agent"] = f"tap-lightspeed-retail/{__version__}"
    return session


@dataclass(frozen=True)
class Trouble:
    """Why an attempt failed, and how many seconds the server asks to wait.

    Attributes:
        kind: A status, or the kind of error.
        wait: Seconds; None when the server asks for none.
    """

    kind: str
    wait: float | None = None

    @property
    def is_heavy(self) -> bool:
        """Whether a smaller page may help: too much for the server's memory or for its time."""
        return self.kind in ("500", "504", "ReadTimeout", "ChunkedEncodingError")


def lost(error: Exception) -> Trouble:
    """The trouble of a request that got no whole answer; never quotes the error, which may quote the request."""
    late = any(isinstance(each, ReadTimeoutError) for each in error.args)
    return Trouble("ReadTimeout" if late else type(error).__name__)


def unmade(error: Exception, setting: str) -> SettingsError:
    """The error for a request that the HTTP library does not make; its own words may quote what is private."""
    return SettingsError(
        f"The request cannot be made: {type(error).__name__}.", where=setting, hint=f"Check {setting}."
    )


def retried(
    ask: Callable[[], AnswerT | Trouble],
    *,
    check: Callable[[int, Trouble], None],
    pause: Callable[[int, Trouble], float],
    sleep: Callable[[float], None],
    patience: float = 0.0,
) -> AnswerT:
    """The answer of the first attempt that has one.

    Args:
        ask: One attempt.
        check: Raises an error where, after so many failures, there is to be no other attempt.
        pause: Seconds until the next attempt, after so many failures.
        sleep: Waits so many seconds.
        patience: Seconds for which 429 counts as no failure: the limits of the vendor pass by themselves.
    """
    failures, waited = 0, 0.0
    while True:
        answer = ask()
        if not isinstance(answer, Trouble):
            return answer
        is_limited = answer.kind == "429" and waited < patience
        failures += not is_limited
        check(failures, answer)
        seconds = pause(failures, answer)
        waited += seconds if is_limited else 0.0
        sleep(seconds)


def retry_after(headers: Mapping[str, Any]) -> float | None:
    """Seconds that the server asks to wait, within reason, whether it says seconds or a date; None when neither.

    A date counts from the answer's own ``Date``: this machine's clock may be wrong.
    """
    said = headers.get("Retry-After", "")
    try:
        seconds = float(said)
    except ValueError:
        seconds = _seconds_between(headers.get("Date", ""), said)
    return min(LONGEST_REFUSAL, max(LEAST_WAIT, seconds)) if math.isfinite(seconds) else None


def _seconds_between(earlier: str, later: str) -> float:
    """Seconds from one HTTP date to another; not a number where one is no date."""
    try:
        return (_instant(later) - _instant(earlier)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return math.nan


def _instant(http_date: str) -> datetime:
    """An HTTP date is in GMT, also where it does not say so."""
    moment = parsedate_to_datetime(http_date)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
