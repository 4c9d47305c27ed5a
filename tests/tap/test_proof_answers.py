"""What the tap makes of each answer of the vendor's, by a hand, and of each way to get none.

Nothing here is computed from the tap's own tables. Each answer is met by a whole run, in which it stays; then by one
that goes on from there, in which it passes.

Source: docs/vendors/lightspeed-r-series.md, errors, tokens.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests
from tap_lightspeed_retail.errors import Busy, Malformed, Refused, TapError, Unauthorized
from tap_lightspeed_retail.web import client, refresh, transport

from benchmarks.simulated import Said, Watched
from sandbox.weather.faults import FAULTS, PAGE

from .runs import ALWAYS, CUSTOMERS, TOKEN, Shop, clear, gust, plan

BODIES = {
    "page": PAGE,
    "nothing": "",
    "half": '{"Customer": [',
    "list": "[]",
    "null": "null",
    "error": '{"message": 5}',
    "dead": '{"error": "invalid_grant"}',
}
"""Bodies in place of the vendor's own."""


@dataclass(frozen=True)
class Must:
    """What a run must do that meets an answer.

    Attributes:
        ends: With what, where it stays; None where the stream is passed over, and the run ends well.
        words: In the error, or in the log: what happened, and what to do.
        tries: How often it asks, where it stays; None for as long as it takes.
        passes: A run that meets it once tells everything all the same.
        lasts: Seconds, where it stays, for which the run is patient at least; 0 for not at all.
    """

    ends: type[TapError] | None
    words: tuple[str, ...]
    tries: int | None
    passes: bool
    lasts: int = 0


def waits(kind: str, tries: int | None = 8) -> Must:
    """It costs nothing but time; where it stays, the run ends, and the next one goes on."""
    words = (f"did not answer after 8 attempts: {kind}", "the next run goes on")
    return Must(Busy, words, tries, passes=True, lasts=600 if kind == "429" else 120)


def refused(*words: str, where: str = "Customer.json: Lightspeed answered") -> Must:
    """The run ends at once: a retry would be answered alike, and a person must do something."""
    return Must(Refused, (where, *words), 1, passes=False)


def skipped(*words: str) -> Must:
    """The stream is passed over with a warning, none of it is taken for read, and the others are told."""
    return Must(None, ("Stream customers is skipped", *words), 1, passes=False)


BROKEN = waits("200 without what it announced")
ODD = Must(Malformed, ("Lightspeed answered JSON that is no object", "report it"), 1, passes=False)
LOCKED_OUT = Must(
    Unauthorized, ("refuses a token that it has just given", "Authorize the connection again"), 2, passes=True
)
NO_SCOPE, NOT_THERE = skipped("403", "with the scope"), skipped("404", "deselect the stream")
MOVED = refused("Check api_url.")
OURS = "This is a request that the tap should not make: please report it."
TOLD = ": An unexpected error occurred. "

ANSWERS = {
    "html": BROKEN,
    "html nothing": BROKEN,
    "html half": BROKEN,
    "html error": BROKEN,
    "html list": ODD,
    "html null": ODD,
    "200-error": BROKEN,
    "truncate": BROKEN,
    "no_attributes": BROKEN,
    **dict.fromkeys(("301", "302", "302 page", "303", "307", "308 nothing"), MOVED),
    "400": refused("400" + TOLD + OURS),
    "400 page": refused("400. " + OURS),
    "400 nothing": refused("400. " + OURS),
    "400 error": refused("400: 5. " + OURS),
    "400-later": waits("400"),
    **dict.fromkeys(("401", "401 page"), LOCKED_OUT),
    **dict.fromkeys(("403", "403 page", "403 nothing"), NO_SCOPE),
    **dict.fromkeys(("404", "404 page"), NOT_THERE),
    "405": refused("405" + TOLD + OURS),
    "422 page": refused("422. " + OURS),
    **dict.fromkeys(("408", "408 nothing"), waits("408")),
    "409": waits("409"),
    **dict.fromkeys(("429", "429-bare", "429 page"), waits("429", None)),
    **dict.fromkeys(("500", "500 page", "500 list"), waits("500")),
    "502": waits("502"),
    "503 nothing": waits("503"),
    "504": waits("504"),
    "drop": waits("ConnectionError"),
    "cut": waits("ChunkedEncodingError"),
    "garbled": waits("ContentDecodingError"),
    "slow": waits("ReadTimeout"),
    "slow_body": waits("ReadTimeout"),
}
"""Fault, and the body in place of the vendor's own -> what a run must do that meets it in the middle of a stream."""


AUTH = "authorization: "
NO_TOKEN = Must(Busy, (AUTH + "The authorization server did not answer.", "the next run goes on"), 3, passes=True)


def no_client(words: str) -> Must:
    """Nobody is asked again: the client or the address is wrong."""
    return Must(Unauthorized, (AUTH + words, "Check client_id, client_secret and auth_url."), 1, passes=False)


TOKENS = {
    "html": NO_TOKEN,
    "html list": NO_TOKEN,
    "truncate": NO_TOKEN,
    "200-error": no_client("Lightspeed refuses the token request: 200 no reason given."),
    "302 page": no_client("Lightspeed refuses the token request: 302 no reason given."),
    "307": no_client("Lightspeed refuses the token request: 307 no reason given."),
    "400": no_client("Lightspeed refuses the token request: 400 no reason given."),
    "400 dead": Must(
        Unauthorized,
        (AUTH + "Lightspeed refuses the refresh token", "tap-lightspeed-retail authorize`"),
        1,
        passes=False,
    ),
    "401": no_client("Lightspeed refuses the token request: 401 access_denied."),
    "403 page": no_client("Lightspeed refuses the token request: 403 no reason given."),
    "408": NO_TOKEN,
    "429": NO_TOKEN,
    "429 page": NO_TOKEN,
    "500": NO_TOKEN,
    "503 nothing": NO_TOKEN,
    "drop": NO_TOKEN,
    "garbled": NO_TOKEN,
}
"""The same for what a refresh meets."""


# The law: whatever the code tells apart has a row


def test_every_status_that_the_code_tells_apart_is_written_down_here() -> None:
    """A status that it knows from now on fails until somebody has said what is to come of it."""
    here = {FAULTS[case.split()[0]].status for case in ANSWERS}

    assert {*statuses(client), *statuses(transport)} <= here
    assert {*statuses(refresh)} <= {FAULTS[case.split()[0]].status for case in TOKENS}


def statuses(module: ModuleType) -> Iterator[int]:
    """Every number that is a status and stands in a comparison, a table of them or a text."""
    tree = ast.parse(inspect.getsource(module))
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.Dict | ast.Tuple):
            for each in ast.walk(node):
                said = str(each.value) if isinstance(each, ast.Constant) else ""
                if said.isdecimal() and 200 <= int(said) < 600:
                    yield int(said)


def test_every_way_to_get_no_answer_is_written_down_here() -> None:
    """As the HTTP library names them."""
    named = [getattr(requests.exceptions, must.words[0].rpartition(" ")[2], object) for must in ANSWERS.values()]

    assert [each for each in transport.LOST if not any(issubclass(kind, each) for kind in named)] == []


# The runs


@dataclass
class Ended:
    """How a run ended, and which rows it told."""

    error: TapError | None
    said: str
    ids: dict[str, list[str]] = field(default_factory=lambda: {"customers": [], "items": []})

    @property
    def exit_code(self) -> int:
        return self.error.exit_code if self.error else 0


@pytest.fixture
def run(shop: Shop, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Callable[[], Ended]:
    """A run over two streams, from the STATE of the one before."""
    kept: dict[str, Any] = {}

    def ran() -> Ended:
        caplog.clear()
        told: list[Said] = []
        watched = Watched(shop.box, tmp_path, ("customers", "items"), kept.get("state"), page_size=8)
        error = None
        try:
            watched.run(told.append)
        except TapError as raised:
            error = raised
        kept["state"] = watched.state
        ended = Ended(error, f"{error}\n{caplog.text}")
        for said in told:
            ended.ids[said.stream].append(said.record["id"])
        return ended

    return ran


def meet(shop: Shop, case: str, path: str, **how: Any) -> None:
    """Let a run meet an answer."""
    fault, _, body = case.partition(" ")
    plan(shop, gust(fault, path, body=BODIES[body] if body else None, **how))


def everybody(shop: Shop) -> list[str]:
    return sorted(str(row["customerID"]) for row in shop.box.world.rows("Customer"))


@pytest.mark.parametrize("case", ANSWERS)
def test_an_answer_to_a_page(shop: Shop, run: Callable[[], Ended], case: str, request: pytest.FixtureRequest) -> None:
    """In the middle of a table; the next run goes on, where it passes in spite of meeting it once more."""
    must, how = ANSWERS[case], dict[str, float]()
    if case.startswith("slow"):
        request.getfixturevalue("impatient")
        how = {"seconds": 3}  # longer between two pieces of a body than anybody waits
    meet(shop, case, CUSTOMERS, skip=2, times=ALWAYS, **how)
    begun = shop.box.clock.now()
    stayed, tries = run(), len(shop.box.weather_l.struck)
    lasted = (shop.box.clock.now() - begun).total_seconds()
    clear(shop)
    meet(shop, case, CUSTOMERS, skip=0, times=int(must.passes), **how)
    after = run()

    assert_ended(stayed, must)
    assert tries == (must.tries or tries)
    assert must.lasts <= lasted < (900 if must.lasts else 30)
    assert bool(stayed.ids["items"]) is (must.ends in (None, Malformed))
    assert after.error is None
    assert sorted(stayed.ids["customers"] + after.ids["customers"]) == everybody(shop)
    assert len(shop.box.weather_l.struck) == int(must.passes)


@pytest.mark.parametrize("case", TOKENS)
def test_an_answer_to_a_refresh(shop: Shop, run: Callable[[], Ended], case: str) -> None:
    """Before anything was read; likewise."""
    must = TOKENS[case]
    meet(shop, case, TOKEN, skip=0, times=ALWAYS)
    stayed, tries = run(), len(shop.box.weather_l.struck)
    clear(shop)
    meet(shop, case, TOKEN, skip=0, times=int(must.passes))
    after = run()

    assert_ended(stayed, must)
    assert (tries, stayed.ids["customers"]) == (must.tries, [])
    assert after.error is None
    assert sorted(after.ids["customers"]) == everybody(shop)
    assert len(shop.box.weather_l.struck) == int(must.passes)


def assert_ended(ended: Ended, must: Must) -> None:
    """As a hand has written down."""
    assert type(ended.error) is (must.ends or type(None)), ended.error
    assert [words for words in must.words if words not in ended.said] == []
    assert ended.exit_code == (1 if must.ends else 0)
