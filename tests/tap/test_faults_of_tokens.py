"""Tokens that are refused, refreshes that fail, and a tap that is killed while it renews them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tap_lightspeed_retail.errors import Busy, Unauthorized
from tap_lightspeed_retail.web.client import Client
from tap_lightspeed_retail.web.tokens import Tokens, TokenStore

from .runs import ALWAYS, DAY, TOKEN, Shop, clear, gust, plan


class Stopped(BaseException):
    """The tap was killed."""


def test_an_expired_token_is_renewed_once_and_the_request_repeated(shop: Shop) -> None:
    """In the middle of a scan."""
    plan(shop, gust("401"))
    told = shop.run()

    assert shop.difference() == {}
    assert set(told.often("sales").values()) == {1}
    assert shop.box.world.calls["token"] == 2


def test_a_token_that_is_refused_twice_ends_the_run(shop: Shop) -> None:
    """One refresh, one repetition, and a person is asked for."""
    plan(shop, gust("401", times=ALWAYS))
    told = shop.run(ends=Unauthorized)
    assert "Authorize the connection again" in str(told.error)
    assert len(shop.box.weather_l.struck) == shop.box.world.calls["token"] == 2

    clear(shop)
    shop.run()

    assert shop.difference() == {}


def test_a_grant_that_was_withdrawn_ends_the_run(shop: Shop) -> None:
    """Its refresh token is refused once, and not asked for again and again."""
    shop.run()
    for known in shop.box.world.oauth._refreshes.values():
        known.revoked = True
    shop.box.clock.advance(DAY)

    told = shop.run(ends=Unauthorized)

    assert "authorize" in str(told.error)
    assert shop.box.world.calls["token"] == 2


@pytest.mark.parametrize(
    ("fault", "lost"),
    [
        ("429", False),
        ("429-bare", False),
        ("408", False),
        ("503", True),
        ("drop", False),
        ("drop", True),
        ("cut", True),
        ("html", True),
    ],
)
def test_a_refresh_that_fails_is_tried_again(shop: Shop, fault: str, lost: bool) -> None:
    """Although the vendor may have given the new pair already: the old refresh token still works."""
    plan(shop, gust("401"), gust(fault, TOKEN, skip=1, commit=lost))
    shop.run()

    assert len(shop.box.weather_l.struck) == 2
    assert shop.difference() == {}


def test_a_refresh_that_never_succeeds_ends_the_run_and_the_next_goes_on(shop: Shop) -> None:
    """The grant is not lost."""
    plan(shop, gust("401"), gust("html", TOKEN, skip=1, times=ALWAYS))
    told = shop.run(ends=Busy)
    assert "authorization" in str(told.error)

    clear(shop)
    shop.run()

    assert shop.difference() == {}


@pytest.mark.parametrize("fault", ["302", "307"])
def test_secrets_go_nowhere_but_to_the_address_of_the_settings(shop: Shop, fault: str) -> None:
    """307 would have the refresh token and the client's secret sent to wherever an answer says."""
    plan(shop, gust(fault, TOKEN, skip=0), gust("503", "/elsewhere", skip=0, times=ALWAYS))
    told = shop.run(ends=Unauthorized)

    assert f"{fault} no reason given. Check client_id, client_secret and auth_url." in str(told.error)
    assert [each["fault"] for each in shop.box.weather_l.struck] == [fault]


def _killed(*_: Any, **__: Any) -> Any:
    raise Stopped


def _saved_then_killed(save: Callable[..., None]) -> Callable[..., None]:
    def saved(store: TokenStore, tokens: Tokens) -> None:
        save(store, tokens)
        if tokens.previous_refresh_token:
            raise Stopped

    return saved


def _killed_with_a_new_pair(save: Callable[..., None]) -> Callable[..., None]:
    def saved(store: TokenStore, tokens: Tokens) -> None:
        if tokens.previous_refresh_token:
            raise Stopped
        save(store, tokens)

    return saved


CRASHES: dict[str, tuple[type, str, Callable[[Any], Any]]] = {
    "before the pair is kept": (TokenStore, "save", _killed_with_a_new_pair),
    "after it is kept": (TokenStore, "save", _saved_then_killed),
    "before it is used": (Client, "_send", lambda _: _killed),
    "after it is used": (Client, "_body", lambda _: _killed),
}


@pytest.mark.parametrize("when", CRASHES)
def test_a_tap_killed_while_it_renews_its_tokens_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Nobody has to authorize it again."""
    where, name, crash = CRASHES[when]
    with monkeypatch.context() as patched:
        patched.setattr(where, name, crash(getattr(where, name)))
        shop.run(ends=Stopped)

    shop.run()

    assert shop.difference() == {}
