"""Rotating tokens: on disk before they are used, refreshed once for all, and never in a log."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tap_lightspeed_retail.errors import SettingsError, Unauthorized
from tap_lightspeed_retail.r_series.account import account_of, token_url
from tap_lightspeed_retail.web.refresh import Authenticator
from tap_lightspeed_retail.web.tokens import Tokens, TokenStore

from sandbox.serve import Box, running


@pytest.fixture
def box() -> Iterator[Box]:
    with running() as made:
        yield made


def authenticator(box: Box, store: TokenStore, sleep: Any = lambda _: None) -> Authenticator:
    client_id, secret, _ = box.lightspeed_client
    return Authenticator(
        token_url(box.lightspeed_url), client_id, secret, store=store, http=requests.Session(),
        now=lambda: box.clock.now().timestamp(), sleep=sleep,
    )  # fmt: skip


def store(box: Box, folder: Path) -> TokenStore:
    return TokenStore(folder / "tokens.json", box.lightspeed_client[2])


def use(box: Box, token: str) -> int:
    url = f"{box.lightspeed_url}/API/V3/Account.json"
    return requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=5).status_code


def test_the_store_is_private(tmp_path: Path) -> None:
    """Mode 0600, and nothing half written beside it."""
    made = TokenStore(tmp_path / "deep" / "tokens.json", "seed")
    made.save(Tokens("r1", "a1"))

    assert stat.S_IMODE((tmp_path / "deep" / "tokens.json").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["tokens.json"]


def test_a_crash_before_the_rename_leaves_the_old_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which still works."""
    made = TokenStore(tmp_path / "tokens.json", "seed")
    made.save(Tokens("r1"))

    def crash(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        made.save(Tokens("r2"))

    assert made.load().refresh_token == "r1"


def test_a_new_seed_begins_anew(tmp_path: Path) -> None:
    """Somebody has authorized again."""
    TokenStore(tmp_path / "tokens.json", "seed one").save(Tokens("r1"))

    assert TokenStore(tmp_path / "tokens.json", "seed one").load().refresh_token == "r1"
    assert TokenStore(tmp_path / "tokens.json", "seed two").load().refresh_token == "seed two"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"nonsense": 1}'])
def test_a_damaged_store_is_said(tmp_path: Path, content: str) -> None:
    """Not overwritten: the only living refresh token may be in it."""
    path = tmp_path / "tokens.json"
    path.write_text(content)

    with pytest.raises(SettingsError, match="token_store") as raised:
        TokenStore(path, "seed").load()

    assert str(tmp_path) not in str(raised.value)


@pytest.mark.parametrize("name", ["", "/", "a\0b"])
def test_a_store_that_no_file_can_be_is_said(name: str) -> None:
    """Whichever is tried first."""
    held = TokenStore(Path(name), "seed")

    with pytest.raises(SettingsError, match="token_store"):
        held.load()
    with pytest.raises(SettingsError, match="token_store"):
        held.save(Tokens("r1"))
    with pytest.raises(SettingsError, match="token_store"), held.lock():
        pass


def test_a_pair_is_on_disk_before_it_is_used(box: Box, tmp_path: Path) -> None:
    """The vendor revokes the old one at the first use."""
    made = authenticator(box, store(box, tmp_path))
    token = made.token()

    assert token == json.loads((tmp_path / "tokens.json").read_text())["access_token"]
    assert use(box, token) == 200


def test_tokens_are_renewed_early_and_kept_meanwhile(box: Box, tmp_path: Path) -> None:
    """A minute before their end."""
    made = authenticator(box, store(box, tmp_path))
    first = made.token()
    box.clock.advance(3500)
    assert first == made.token()
    box.clock.advance(60)

    assert first != made.token()
    assert box.world.calls["token"] == 2


def test_lost_before_it_was_written_the_old_refresh_token_still_works(box: Box, tmp_path: Path) -> None:
    """The answer came, the process died: nothing on disk has changed."""
    lost = authenticator(box, store(box, tmp_path / "lost"))
    lost.token()

    assert use(box, authenticator(box, store(box, tmp_path / "kept")).token()) == 200


def test_written_but_never_used_the_next_run_goes_on(box: Box, tmp_path: Path) -> None:
    """With the pair on disk."""
    authenticator(box, store(box, tmp_path)).token()
    box.clock.advance(4000)

    assert use(box, authenticator(box, store(box, tmp_path)).token()) == 200


def test_a_store_that_lost_its_newest_pair_falls_back_once(box: Box, tmp_path: Path) -> None:
    """The pair before works until the newer one is used; then only authorizing again helps."""
    made = store(box, tmp_path)
    seed = box.lightspeed_client[2]
    made.save(Tokens("never-issued", previous_refresh_token=seed))
    token = authenticator(box, made).token()
    assert use(box, token) == 200
    made.save(Tokens("never-issued", previous_refresh_token=seed))

    with pytest.raises(Unauthorized, match="`meltano invoke tap-lightspeed-retail:authorize`\\) again"):
        authenticator(box, made).token()


def test_peers_adopt_what_one_of_them_refreshed(box: Box, tmp_path: Path) -> None:
    """Eight at once, one question to the vendor (who takes five a minute)."""
    peers = [authenticator(box, store(box, tmp_path)) for _ in range(8)]
    tokens: list[str] = []
    threads = [threading.Thread(target=lambda peer=peer: tokens.append(peer.token())) for peer in peers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(tokens) == 8
    assert len(set(tokens)) == 1
    assert box.world.calls["token"] == 1


def test_a_rejected_token_is_not_adopted_again(box: Box, tmp_path: Path) -> None:
    """It is renewed, although its time is not up."""
    made = authenticator(box, store(box, tmp_path))
    token = made.token()

    assert token != made.renew(token)


def test_wrong_credentials_are_said_without_them(box: Box, tmp_path: Path) -> None:
    """The vendor's word, and what to check."""
    made = Authenticator(
        token_url(box.lightspeed_url), "sandbox-client", "hunter2", store=store(box, tmp_path), http=requests.Session(),
        now=lambda: 0.0, sleep=lambda _: None,
    )  # fmt: skip
    with pytest.raises(Unauthorized, match="invalid_client") as raised:
        made.token()

    assert "hunter2" not in str(raised.value)
    assert box.lightspeed_client[2] not in str(raised.value)


def test_tokens_do_not_show_themselves() -> None:
    """Not even by accident."""
    assert "r1" not in repr(Tokens("r1", "a1"))


def test_the_account_is_read_from_the_token(box: Box, tmp_path: Path) -> None:
    """Its claim names it."""
    assert box.account_id == account_of(authenticator(box, store(box, tmp_path)).token())


def test_five_refreshes_a_minute_are_paced_over_all_processes(box: Box, tmp_path: Path) -> None:
    """The sixth waits for the first to be a minute old, and nothing is refused."""
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        box.clock.advance(seconds)

    for _ in range(7):
        peer = authenticator(box, store(box, tmp_path), sleep=wait)
        peer.renew(peer.token())
        box.clock.advance(1)
    assert len(waits) >= 1
    assert all(0 < seconds <= 61 for seconds in waits)
    assert box.world.calls["token"] == 8


@pytest.mark.parametrize(("days", "said"), [(19, ""), (21, "last used 21 days ago; after 30 it dies")])
def test_a_token_that_is_seldom_used_is_spoken_of(box: Box, tmp_path: Path, days: int, said: str) -> None:
    authenticator(box, store(box, tmp_path)).token()
    box.clock.advance(days * 86_400)
    warning = authenticator(box, store(box, tmp_path)).warning
    assert said in warning
    assert bool(warning) is bool(said)


def test_no_token_leaves_the_store(box: Box, tmp_path: Path) -> None:
    """Not in a log at the lowest level, not in STATE, not in a record, not in an error."""
    config = tmp_path / "config.json"
    config.write_text(json.dumps(box.tap_config(tmp_path)))
    env = {**os.environ, "TAP_LIGHTSPEED_RETAIL_LOGLEVEL": "DEBUG"}
    command = [sys.executable, "-m", "tap_lightspeed_retail", "--config", str(config)]
    good = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    box.world.oauth.expire_access()
    (tmp_path / "tokens.json").write_text(json.dumps({"refresh_token": "no-such-token-at-all"}))
    config.write_text(json.dumps({**box.tap_config(tmp_path), "refresh_token": "no-such-token-at-all"}))
    bad = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert bad.returncode == 1
    said = good.stdout + good.stderr + bad.stdout + bad.stderr
    assert "DEBUG" in good.stderr
    hidden = [*box.world.oauth.secrets(), "no-such-token-at-all"]
    assert len(hidden) > 3
    assert [secret for secret in hidden if secret in said] == []
