"""One request at a time: token, throttle, retries. An error is never an empty page.

Source: docs/vendors/lightspeed-r-series.md, errors.
"""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from tap_lightspeed_retail.errors import Busy, Malformed, Refused, TooHeavy, Unauthorized
from tap_lightspeed_retail.web.api import Params
from tap_lightspeed_retail.web.refresh import Authenticator
from tap_lightspeed_retail.web.throttle import Limits, Throttle
from tap_lightspeed_retail.web.transport import (
    LONGEST_REFUSAL,
    LOST,
    UNMADE,
    Trouble,
    lost,
    retried,
    retry_after,
    unmade,
)

TIMEOUT = (10, 120)
ATTEMPTS = 8
LONGEST_WAIT = 60.0
HEAVY = 3
"""Attempts after which a page that makes the server fail is asked for in halves."""
CLOCKS = 10
"""Answers whose clocks are compared."""
MISTAKE = "This is a request that the tap should not make: please report it."
PRIVATE = re.compile(r"[\w.=+/~-]{24,}|\S+@\S+")
"""What is left out of the vendor's sentences: tokens, and addresses of people."""
LONGEST_SENTENCE = 200
HINTS = {
    **dict.fromkeys((301, 302, 303, 307, 308), "Check api_url."),
    403: "Authorize the connection with the scope that this stream needs, or deselect the stream.",
    404: "The account does not have this resource: deselect the stream.",
}


@dataclass(frozen=True)
class Vendor:
    """What differs from series to series.

    Attributes:
        base: Address that paths are relative to.
        limits: Reads the headers of an answer.
        is_answer: Whether a body is an answer to the question (the path, and whether it is for a list), and no error
            under the wrong status.
        later: A refusal with this text passes.
    """

    base: str
    limits: Callable[[Mapping[str, str]], Limits]
    is_answer: Callable[[Mapping[str, Any], str, bool], bool]
    later: str


class Client:
    """Reads one account. All streams of a connection share one, and with it the session, the token and the throttle.

    Args:
        vendor: Whose API it is.
        auth: Gives tokens.
        throttle: Waits before requests.
        http: Session to ask with.
        sleep: Waits so many seconds.
        jitter: A number between 0 and 1.

    Raises:
        Unauthorized: From any read: the token is refused twice.
        Refused: From any read: no retry can mend it.
        Busy: From any read: no answer after the retries.
    """

    def __init__(
        self,
        vendor: Vendor,
        *,
        auth: Authenticator,
        throttle: Throttle,
        http: requests.Session,
        sleep: Callable[[float], None],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._vendor = vendor
        self._auth = auth
        self._throttle = throttle
        self._http = http
        self._sleep = sleep
        self._jitter = jitter
        self.server_now = datetime.min.replace(tzinfo=timezone.utc)
        self._ahead: deque[float] = deque(maxlen=CLOCKS)
        self.requests = 0

    def read(
        self, path: str, params: Params = (), *, cost: float = 1.0, heavy: bool = False, listed: bool = False
    ) -> dict[str, Any]:
        """See ``Api``."""

        def ask() -> dict[str, Any] | Trouble:
            answer = self._authorized(path, params, cost)
            return answer if isinstance(answer, Trouble) else self._body(answer, path, listed=listed)

        def check(failures: int, trouble: Trouble) -> None:
            if failures >= ATTEMPTS:
                raise _busy(trouble, path)
            if heavy and trouble.is_heavy and failures >= HEAVY:
                raise TooHeavy("Lightspeed cannot make so large a page.", where=path)

        return retried(ask, check=check, pause=self._pause, sleep=self._sleep, patience=LONGEST_REFUSAL)

    def _authorized(self, path: str, params: Params, cost: float) -> requests.Response | Trouble:
        """The response to a good token; a token that is refused is renewed once.

        Raises:
            Unauthorized: The renewed token is refused too.
        """
        token = self._auth.token()
        answer = self._send(path, params, token, cost)
        if _refused(answer):
            answer = self._send(path, params, self._auth.renew(token), cost)
        if _refused(answer):
            raise Unauthorized(
                "Lightspeed refuses a token that it has just given.",
                where=path,
                hint="Authorize the connection again and set refresh_token to the new one.",
            )
        return answer

    def _send(self, path: str, params: Params, token: str, cost: float) -> requests.Response | Trouble:
        """The response, or what went wrong on the way."""
        self._throttle.before(cost)
        self.requests += 1
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        try:
            response = self._http.get(
                f"{self._vendor.base}/{path}",
                params=list(params),
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except LOST as error:
            return lost(error)
        except UNMADE as error:
            raise unmade(error, "api_url") from None
        self._throttle.after(self._vendor.limits(response.headers))
        return response

    def _body(self, response: requests.Response, path: str, *, listed: bool) -> dict[str, Any] | Trouble:
        """The answer's object, or a trouble that is worth another attempt."""
        status = response.status_code
        if status == 200:
            body = _json(response)
            if body is None or not self._vendor.is_answer(body, path, listed):
                return Trouble("200 without what it announced")
            self._note_time(response)
            self._auth.confirm()
            return body
        if status in (408, 409, 429) or status >= 500 or self._vendor.later in response.text:
            return Trouble(str(status), retry_after(response.headers))
        if status in HINTS:
            raise Refused(f"Lightspeed answered {status}.", where=path, hint=HINTS[status], status=status)
        raise Refused(f"Lightspeed answered {status}{_sentence(response)}.", where=path, hint=MISTAKE, status=status)

    def _note_time(self, response: requests.Response) -> None:
        """Keep the server's own clock: bookmarks follow it, never this machine's.

        One of many servers may be ahead, and a bookmark that followed it would go beyond rows that are still to come:
        of the last answers the one whose clock is furthest behind counts.
        """
        at = self._throttle.monotonic()
        try:
            self._ahead.append(parsedate_to_datetime(response.headers.get("Date", "")).timestamp() - at)
        except (ValueError, OverflowError):
            if not self._ahead:
                raise Malformed("An answer without a Date.", where="Lightspeed", hint="Please report it.") from None
        self.server_now = datetime.fromtimestamp(min(self._ahead) + at, timezone.utc)

    def _pause(self, failures: int, trouble: Trouble) -> float:
        """What the server asks for, else doubling; with jitter, so that peers do not come back together."""
        base = min(LONGEST_WAIT, 0.5 * 2 ** max(1, failures)) if trouble.wait is None else trouble.wait
        return base * (1 + self._jitter() / 4)


def _busy(trouble: Trouble, path: str) -> Busy:
    return Busy(
        f"Lightspeed did not answer after {ATTEMPTS} attempts: {trouble.kind}.",
        where=path,
        hint="Nothing is lost: the state stays, and the next run goes on.",
    )


def _refused(answer: requests.Response | Trouble) -> bool:
    return not isinstance(answer, Trouble) and answer.status_code == 401


def _sentence(response: requests.Response) -> str:
    """What the vendor says of a request that it refuses, without anything private."""
    try:
        sentence = str(response.json()["message"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return f": {PRIVATE.sub('(...)', sentence)[:LONGEST_SENTENCE].rstrip('. ')}"


def _json(response: requests.Response) -> dict[str, Any] | None:
    """The body as an object, floats exact; None for a proxy's page or a cut body, whatever the content type says."""
    try:
        body = response.json(parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        raise Malformed("Lightspeed answered JSON that is no object.", hint="Please report it.")
    return body
