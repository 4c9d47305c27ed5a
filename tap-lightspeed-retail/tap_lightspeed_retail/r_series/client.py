"""One request at a time: token, throttle, retries. An error is never an empty page (facts: R-Series section 8)."""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from tap_lightspeed_retail.errors import Busy, Malformed, Refused, TooHeavy, Unauthorized
from tap_lightspeed_retail.r_series.auth import Authenticator
from tap_lightspeed_retail.r_series.faults import LONGEST_REFUSAL, LOST, Trouble, lost, retry_after
from tap_lightspeed_retail.throttle import Throttle

Params = Sequence[tuple[str, str]]
TIMEOUT = (10, 120)
ATTEMPTS = 8
LONGEST_WAIT = 60.0
HEAVY = 3
"""Attempts after which a page that makes the server fail is asked for in halves."""
CLOCKS = 10
"""Answers whose clocks are compared."""
LATER = "Please try again later."
"""A 400 with this text passes: seen in the wild by another tap."""
MISTAKE = "This is a request that the tap should not make: please report it."
PRIVATE = re.compile(r"[\w.=+/~-]{24,}|\S+@\S+")
"""What is left out of the vendor's sentences: tokens, and addresses of people."""
LONGEST_SENTENCE = 200
HINTS = {
    301: "Check api_url.",
    302: "Check api_url.",
    307: "Check api_url.",
    308: "Check api_url.",
    403: "Authorize the connection with the scope that this stream needs, or deselect the stream.",
    404: "The account does not have this resource: deselect the stream.",
}


class Client:
    """Reads one account. All streams of a connection share one, and with it the session, the token and the throttle.

    Args:
        api_url: Base of the API.
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
        api_url: str,
        *,
        auth: Authenticator,
        throttle: Throttle,
        http: requests.Session,
        sleep: Callable[[float], None],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._base = f"{api_url.rstrip('/')}/API/V3"
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
        """A JSON object of the API.

        Args:
            path: Relative to ``/API/V3/``.
            params: Query.
            cost: In drips.
            heavy: The caller can ask for less.
            listed: A list is asked for, and an empty body is one without rows.

        Raises:
            TooHeavy: The server fails again and again, and the caller can ask for less.
        """
        failures, refused = 0, 0.0
        while True:
            answer = self._authorized(path, params, cost)
            body = answer if isinstance(answer, Trouble) else self._body(answer, path, listed=listed)
            if isinstance(body, dict):
                return body
            limited = body.kind == "429" and refused < LONGEST_REFUSAL  # no failure: the bucket drips
            failures += not limited
            if failures >= ATTEMPTS:
                raise _busy(body, path)
            if heavy and body.heavy and failures >= HEAVY:
                raise TooHeavy("Lightspeed cannot make so large a page.", where=path)
            pause = self._pause(failures, body)
            refused += pause if limited else 0.0
            self._sleep(pause)

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
                f"{self._base}/{path}", params=list(params), headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        except LOST as error:
            return lost(error)
        self._throttle.after(response.headers)
        return response

    def _body(self, response: requests.Response, path: str, *, listed: bool) -> dict[str, Any] | Trouble:
        """The answer's object, or a trouble that is worth another attempt."""
        status = response.status_code
        if status == 200:
            body = _json(response)
            if body is None or not (_is_vendors(body, path) or (listed and not body)):
                return Trouble("200 without what it announced")
            self._note_time(response)
            self._auth.used()
            return body
        if status in (409, 429) or status >= 500 or LATER in response.text:
            return Trouble(str(status), retry_after(response.headers))
        if status in HINTS:
            raise Refused(f"Lightspeed answered {status}.", where=path, hint=HINTS[status], status=status)
        raise Refused(f"Lightspeed answered {status}{_sentence(response)}.", where=path, hint=MISTAKE, status=status)

    def _note_time(self, response: requests.Response) -> None:
        """Keep the server's own clock: bookmarks follow it, never this machine's.

        One of many servers may be ahead, and a bookmark that followed it would pass rows that are still to come: of the
        last answers the one whose clock is furthest behind counts.
        """
        passed = self._throttle.passed()
        try:
            self._ahead.append(parsedate_to_datetime(response.headers.get("Date", "")).timestamp() - passed)
        except (ValueError, OverflowError):
            if not self._ahead:
                raise Malformed("An answer without a Date.", where="Lightspeed", hint="Please report it.") from None
        self.server_now = datetime.fromtimestamp(min(self._ahead) + passed, timezone.utc)

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


def _is_vendors(body: dict[str, Any], path: str) -> bool:
    """Whether this is an answer to the question, and no error under the wrong status: that would be an empty page."""
    return "@attributes" in body or path.rpartition("/")[2].removesuffix(".json") in body


def _sentence(response: requests.Response) -> str:
    """What the vendor says of a request that it refuses, without anything private."""
    try:
        said = str(response.json()["message"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return f": {PRIVATE.sub('(...)', said)[:LONGEST_SENTENCE].rstrip('. ')}"


def _json(response: requests.Response) -> dict[str, Any] | None:
    """The body as an object, floats exact; None for a proxy's page or a cut body, whatever the content type says."""
    try:
        body = response.json(parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        raise Malformed("Lightspeed answered JSON that is no object.", hint="Please report it.")
    return body
