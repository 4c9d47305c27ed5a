"""The HTTP session with the org: login, which org it is, retries, the daily budget.

Every write of this package bears repetition (upsert by external id, update by id, delete by id; of a merge or a
conversion the org says afterwards that it is done), so a call whose answer was lost may be sent again.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import requests

from target_salesforce_retail import __version__
from target_salesforce_retail.errors import LoginFailed, OrgBusy, OrgRefused
from target_salesforce_retail.org.budget import Budget
from target_salesforce_retail.org.clock import OrgClock
from target_salesforce_retail.org.faults import codes, passes
from target_salesforce_retail.org.ids import long_id
from target_salesforce_retail.org.wire import LOST, UNMADE, Answer, Call, decode, encode

ATTEMPTS = 6
HURRIED = 2
"""Attempts at a call of which one like it has just failed in vain."""
TIMEOUT = (10, 120)
"""Seconds to connect and to wait for an answer; Salesforce itself gives up after ten minutes."""
HOPELESS_401 = ("Connected app is not attached to Agent", "This session is not valid for use with the REST API")
"""401s that a new login would not cure (docs/vendors/salesforce.md, sessions)."""
INSTANCE = re.compile(r"https?://[\w-]")
IDENTITY = re.compile(r"/id/([a-zA-Z0-9]{15,18})/([a-zA-Z0-9]*)")


@dataclass(frozen=True)
class OrgSettings:
    """Where the org is, and what may be spent there."""

    login_url: str
    client_id: str
    client_secret: str
    api_version: str = "66.0"
    expected_org_id: str | None = None
    budget_share: float = 0.8


class Session:
    """Calls the org with a token, and says in three kinds of errors what went wrong.

    Args:
        settings: Where and how.
        sleep: Waits that many seconds.
        jitter: A number between 0 and 1.

    Attributes:
        attempts: How often a call is made before it counts as unanswered.

    Raises:
        LoginFailed: From any call: the credentials do not open the org, or open another one.
        OrgBusy: From any call: still refused or unreachable after the retries.
        BudgetSpent: From any call: the share of the daily allowance is used.
        OrgRefused: From any call: no retry can mend it.
    """

    def __init__(
        self,
        settings: OrgSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._jitter = jitter
        self._http = requests.Session()
        self._http.headers.update(
            {"User-Agent": f"target-salesforce-retail/{__version__}", "Accept": "application/json"}
        )
        self.attempts = ATTEMPTS
        self._instance = ""
        self._token = ""
        self._org_id = ""
        self._user_id = ""
        self._budget = Budget(settings.budget_share)
        self._clock = OrgClock()

    @property
    def version(self) -> str:
        """The API version."""
        return self._settings.api_version

    @property
    def base(self) -> str:
        """Path that every resource of the API version starts with."""
        return f"/services/data/v{self.version}"

    @property
    def org_id(self) -> str:
        """Which org this is: 15 characters, from the login, or asked for where the login does not say.

        Raises:
            OrgRefused: The org does not say who it is.
        """
        if not self._instance:
            self.login()
        self._org_id = self._org_id or self._asked_org()
        return self._org_id[:15]

    @property
    def user_id(self) -> str:
        """The user that the login runs as, in 18 characters; empty where the login does not say."""
        if not self._instance:
            self.login()
        return self._user_id

    @property
    def org_time(self) -> datetime:
        """The org's own time, as far as its last answer tells; never ahead of it."""
        return self._clock.now()

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        judged: frozenset[int] = frozenset({404}),
        owed: bool = False,
    ) -> Answer:
        """One call of the REST API, with login, retries and budget.

        Args:
            method: HTTP method.
            path: From ``/services`` on.
            params: Query parameters.
            body: JSON body; ``Decimal``, dates and instants are written exactly.
            headers: Further headers.
            judged: Statuses from 400 up that are the caller's to judge.
            owed: The call repairs what an earlier one did: the budget does not stop it.

        Returns:
            Any answer below 400, and those that the caller judges.
        """
        content = None if body is None else encode(body)
        typed = {} if content is None else {"Content-Type": "application/json"}
        call = Call(method, path, params, None if content is None else lambda _: content, {**typed, **(headers or {})})
        return self.make(call, judged=judged, owed=owed)

    def make(self, call: Call, *, judged: frozenset[int], owed: bool = False) -> Answer:
        """The same for a call that knows how its body is written and its answer read."""
        if not self._instance:
            self.login()
        answer = self._patiently(call, owed=owed)
        if answer.status == 401:
            self._give_up_if_hopeless(answer)
            self.login()
            answer = self._patiently(call, owed=owed)
        if answer.status >= 400 and answer.status not in judged:
            raise self._refusal(call.where, answer)
        return answer

    def pause(self, attempt: int) -> None:
        """Back off before attempt + 1: doubling, with full jitter, at most a minute."""
        self._sleep(min(60.0, 0.5 * 2**attempt) * (0.5 + self._jitter() / 2))

    def login(self) -> None:
        """Client credentials on the My Domain host (docs/vendors/salesforce.md, login)."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret,
        }
        url = f"{self._settings.login_url.rstrip('/')}/services/oauth2/token"
        # a redirect would take the secret along, to wherever it leads
        answer = self._attempts(
            lambda: self._http.post(url, data=form, timeout=TIMEOUT, allow_redirects=False), "login"
        )
        if answer.status != 200 or not isinstance(answer.body, dict):
            code = codes(answer.body) or "no reason given"
            raise LoginFailed(
                f"Salesforce refused the login: {answer.status} {code}.",
                where="login_url",
                hint="Check login_url (My Domain), client_id, client_secret and the app's Run As user.",
            )
        if not INSTANCE.match(str(answer.body.get("instance_url"))) or not answer.body.get("access_token"):
            raise LoginFailed(
                "The login's answer names no instance or no token.",
                where="login_url",
                hint="Check that login_url is the org's My Domain.",
            )
        self._instance = str(answer.body["instance_url"]).rstrip("/")
        self._token = str(answer.body["access_token"])
        self._http.headers["Authorization"] = f"Bearer {self._token}"
        named = IDENTITY.search(f"{answer.body.get('id', '')}/")
        self._org_id, self._user_id = (named[1], long_id(named[2])) if named else ("", "")
        self._check_org()

    def _check_org(self) -> None:
        expected = self._settings.expected_org_id
        if not expected:
            return
        instance, self._instance = self._instance, ""  # no other call may be made until it is known to be the one
        self._org_id = self._org_id or self._asked_org(instance)
        if expected not in (self._org_id, self._org_id[:15], long_id(self._org_id[:15])):
            raise LoginFailed(
                "The login opens another org than expected_org_id.",
                where="login_url",
                hint="Nothing was written. Check login_url and the credentials, or expected_org_id.",
            )
        self._instance = instance

    def _asked_org(self, instance: str = "") -> str:
        answer = self._patiently(Call("GET", f"{self.base}/query", {"q": "SELECT Id FROM Organization"}), instance)
        try:
            named = long_id(answer.body["records"][0]["Id"])
        except (LookupError, TypeError):
            named = ""
        if not named:
            raise OrgRefused(
                f"Salesforce does not say which org this is: {answer.status} {codes(answer.body)}.",
                where="Organization",
                hint="Check the app's scopes: it needs `api` and `id`.",
            )
        return named

    def _patiently(self, call: Call, instance: str = "", *, owed: bool = False) -> Answer:
        return self._attempts(
            lambda: self._http.request(
                call.method,
                (instance or self._instance) + call.path,
                params=call.params,
                data=call.content and call.content(self._token),
                headers=call.headers,
                timeout=TIMEOUT,
            ),
            call.where,
            call.read,
            attempts=1 if call.once else self.attempts,
            owed=owed,
        )

    def _attempts(
        self,
        send: Callable[[], requests.Response],
        where: str,
        read: Callable[[requests.Response], Answer | None] = decode,
        *,
        attempts: int = 0,
        owed: bool = False,
    ) -> Answer:
        """Send until there is an answer that is not a passing fault."""
        trouble, attempts = "", attempts or self.attempts
        for attempt in range(attempts):
            if attempt:
                self.pause(attempt - 1)
            if not owed:
                self._budget.watch()
            try:
                response = send()
            except LOST as error:
                trouble = type(error).__name__
                continue
            except UNMADE as error:
                raise OrgRefused(
                    f"The call cannot be made: {type(error).__name__}.", where=where, hint="Check login_url."
                ) from None
            self._clock.note(response.headers.get("Date", ""))
            answer = read(response)
            self._budget.note(response.headers.get("Sforce-Limit-Info", ""), answer.usage if answer else None)
            if answer is None:
                trouble = f"{response.status_code} without the {'JSON' if read is decode else 'XML'} it announced"
            elif passes(answer.status, answer.body):
                trouble = f"{response.status_code} {codes(answer.body)}"
            else:
                return replace(answer, repeated=attempt > 0)
        raise OrgBusy(
            f"Salesforce did not answer after {attempts} attempts: {trouble}.",
            where=where,
            hint="Nothing is lost: the state stays where it was, and the next run goes on from there.",
        )

    def _give_up_if_hopeless(self, answer: Answer) -> None:
        if any(text in str(answer.body) for text in HOPELESS_401):
            raise LoginFailed(
                "Salesforce refuses this app's sessions.", where="org", hint="Check the External Client App's policies."
            )

    def _refusal(self, where: str, answer: Answer) -> OrgRefused | LoginFailed:
        if answer.status == 401:
            return LoginFailed("Salesforce refuses a session it has just given.", where=where, hint="Check the app.")
        return OrgRefused(
            f"Salesforce answered {answer.status} {codes(answer.body)}.",
            where=where,
            hint="Check api_version, the permission set and the org's limits.",
        )
