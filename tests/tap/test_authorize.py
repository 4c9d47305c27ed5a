"""``authorize``: the code flow with PKCE, by loopback or by pasting, and a tap that runs on what it left."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import requests
from click.testing import CliRunner, Result
from tap_lightspeed_retail.authorize import Client, Request, authorize
from tap_lightspeed_retail.errors import SettingsError
from tap_lightspeed_retail.tap import TapLightspeedRetail
from tap_lightspeed_retail.web.tokens import TokenStore

from sandbox.serve import Box, running
from sandbox.weather import Gust

REDIRECT = "https://shop.example/done"


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with running(seed="chain", size="small") as made:
        yield made


def run(box: Box, folder: Path, *words: str) -> Result:
    client_id, secret, _ = box.lightspeed_client
    known = ["--client-id", client_id, "--client-secret", secret, "--auth-url", box.lightspeed_url]
    return CliRunner().invoke(authorize, [*known, "--token-store", str(folder / "tokens.json"), *words])


def agree(address: str) -> None:
    """What a person does in the browser, who is then sent back to the loopback address."""
    threading.Thread(target=requests.get, args=(address,), kwargs={"timeout": 10}, daemon=True).start()


def test_a_person_agrees_in_the_browser_and_the_tap_runs(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webbrowser.open", agree)
    said = run(box, tmp_path, "--port", "0")
    assert said.exit_code == 0, said.output
    assert not any(secret in said.output for secret in box.world.oauth.secrets())
    assert (tmp_path / "tokens.json").stat().st_mode & 0o777 == 0o600
    settings = {name: value for name, value in box.tap_config(tmp_path).items() if name != "refresh_token"}
    tap = TapLightspeedRetail(config=settings)
    assert tap.series.account_id == box.account_id


def test_the_address_may_be_pasted(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr("webbrowser.open", seen.append)

    def paste(_question: str) -> str:
        return requests.get(seen[0], timeout=10, allow_redirects=False).headers["location"]

    monkeypatch.setattr(click, "prompt", paste)
    said = run(box, tmp_path, "--redirect-uri", REDIRECT)
    assert said.exit_code == 0, said.output
    assert TokenStore(tmp_path / "tokens.json").load().access_token


def request(box: Box) -> Request:
    client_id, secret, _ = box.lightspeed_client
    return Request(Client(client_id, secret, box.lightspeed_url), REDIRECT, "employee:register_read")


def answered(address: str) -> dict[str, Any]:
    place = requests.get(address, timeout=10, allow_redirects=False).headers["location"]
    pairs = (pair.split("=", 1) for pair in place.partition("?")[2].split("&"))
    return dict(pairs)  # type: ignore[arg-type]


def test_another_walk_cannot_use_the_code(box: Box) -> None:
    mine, theirs = request(box), request(box)
    answer = answered(mine.address)
    with pytest.raises(SettingsError, match="belongs to another request"):
        theirs.code(answer)
    with pytest.raises(SettingsError, match="refuses the code: invalid_grant"):
        theirs.redeem(mine.code(answer), requests.Session())


def test_a_code_is_good_once_and_for_a_minute(box: Box) -> None:
    one = request(box)
    code = one.code(answered(one.address))
    assert one.redeem(code, requests.Session()).refresh_token
    with pytest.raises(SettingsError, match="invalid_grant"):
        one.redeem(code, requests.Session())
    late = request(box)
    code = late.code(answered(late.address))
    box.clock.advance(61)
    with pytest.raises(SettingsError, match="invalid_grant"):
        late.redeem(code, requests.Session())


def test_secrets_go_nowhere_but_to_the_address_of_the_settings(box: Box) -> None:
    one = request(box)
    code = one.code(answered(one.address))
    box.weather_l.plan([Gust("307", path="*/token"), Gust("503", path="/elsewhere")])
    with pytest.raises(SettingsError, match="refuses the code: no reason given"):
        one.redeem(code, requests.Session())
    assert [each["fault"] for each in box.weather_l.struck] == ["307"]
    box.weather_l.clear()


def test_who_does_not_agree_is_told(box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = request(box)
    with pytest.raises(SettingsError, match="gave no code: access_denied"):
        one.code({"state": one.state, "error": "access_denied"})
    monkeypatch.setattr(click, "prompt", lambda _question: "https://shop.example/done?code=x&state=y")
    said = run(box, tmp_path, "--redirect-uri", REDIRECT, "--no-browser")
    assert said.exit_code == 1
    assert "belongs to another request" in said.output
    assert "`meltano invoke tap-lightspeed-retail:authorize`" in said.output
    assert not (tmp_path / "tokens.json").exists()


def test_without_any_token_the_way_is_told(tmp_path: Path) -> None:
    """Meltano's too: the command by itself would put the tokens where a run of the project does not look."""
    with pytest.raises(SettingsError, match="`meltano invoke tap-lightspeed-retail:authorize`"):
        TokenStore(tmp_path / "tokens.json").load()


@pytest.mark.parametrize("port", ["65536", "-1", "99999999999999999999"])
def test_what_is_no_port_is_refused_before_anybody_agrees(port: str) -> None:
    """In a sentence, and nothing is asked for."""
    said = CliRunner().invoke(authorize, ["--client-id", "x", "--client-secret", "x", "--port", port])

    assert said.exit_code == 2
    assert "0<=x<=65535" in said.output
