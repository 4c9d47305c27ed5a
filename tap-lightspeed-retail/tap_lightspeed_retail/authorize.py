"""``tap-lightspeed-retail authorize``: leads a person through the OAuth code flow once, and fills the token store.

Code flow with PKCE (docs/vendors/lightspeed-r-series.md, authorization). The answer comes to a loopback address, or,
where the client is registered with an https address of the retailer's, by pasting the address that the browser ends at.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import click
import requests

from tap_lightspeed_retail.defects import REPORT, named
from tap_lightspeed_retail.errors import AUTHORIZE, SettingsError, TapError
from tap_lightspeed_retail.web.tokens import Tokens, TokenStore

SCOPES = "employee:register_read employee:customers_read employee:inventory_read"
"""What the streams that are mapped by default need (docs/vendors/lightspeed-r-series.md, scopes)."""
PATIENCE = 300
"""Seconds that a person may take in the browser."""
LAST_PORT = 65_535
AGAIN = f"Run {AUTHORIZE} again; a code is good for one minute and one use."
DONE = b"<!doctype html><title>Authorized</title><p>Done. You may close this window and go back to the terminal."


@dataclass(frozen=True)
class Client:
    """The API client that is authorized."""

    client_id: str
    client_secret: str
    auth_url: str


@dataclass(frozen=True)
class Request:
    """One passage through the flow; verifier and state are made anew for each.

    Attributes:
        redirect_uri: Where the browser is sent with the code.
        scope: What is asked for, by spaces.
    """

    client: Client
    redirect_uri: str
    scope: str
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(64), repr=False)
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def address(self) -> str:
        """Where the person agrees."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{self.client.auth_url.rstrip('/')}/auth/oauth/authorize?{urlencode(asked)}"

    def code(self, answered: Mapping[str, str]) -> str:
        """The code of an answer.

        Raises:
            SettingsError: The answer is of another request, or the person has refused.
        """
        if not secrets.compare_digest(answered.get("state", ""), self.state):
            raise SettingsError("The answer belongs to another request.", where="authorize", hint=AGAIN)
        if not answered.get("code"):
            raise SettingsError(
                f"Lightspeed gave no code: {answered.get('error', 'no reason given')}.", where="authorize", hint=AGAIN
            )
        return answered["code"]

    def redeem(self, code: str, http: requests.Session) -> Tokens:
        """The first pair for a code.

        Raises:
            SettingsError: The code or the client is refused, or the server does not answer.
        """
        form = {
            "client_id": self.client.client_id,
            "client_secret": self.client.client_secret,
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": self.verifier,
        }
        try:
            address = f"{self.client.auth_url.rstrip('/')}/auth/oauth/token"
            answer = http.post(address, data=form, timeout=(10, 60), allow_redirects=False)
            body = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise SettingsError(
                f"The authorization server did not answer: {type(error).__name__}.", where="authorize", hint=AGAIN
            ) from None
        if answer.status_code != 200:
            reason = body.get("error", "no reason given")
            raise SettingsError(f"Lightspeed refuses the code: {reason}.", where="authorize", hint=AGAIN)
        now = time.time()
        expires = now + float(body["expires_in"])
        return Tokens(str(body["refresh_token"]), str(body["access_token"]), expires, refreshed_at=now)


class Callback:
    """A server on loopback that waits for one answer."""

    def __init__(self, port: int) -> None:
        self.answered: dict[str, str] = {}
        self._server = HTTPServer(("127.0.0.1", port), self._handler())
        self._server.timeout = 1.0

    @property
    def redirect_uri(self) -> str:
        """Where the browser is to go."""
        return f"http://127.0.0.1:{self._server.server_port}/callback"

    def wait(self) -> dict[str, str]:
        """The answer's parameters; nothing when nobody comes for five minutes."""
        until = time.monotonic() + PATIENCE
        with self._server:
            while not self.answered and time.monotonic() < until:
                self._server.handle_request()
        return self.answered

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answered = self.answered

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answered.update(_parameters(self.path))
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(DONE)

            def log_message(self, *_args: object) -> None:
                """Say nothing: the address holds the code."""

        return Handler


def _parameters(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


@click.command()
@click.option("--client-id", envvar="TAP_LIGHTSPEED_RETAIL_CLIENT_ID", required=True, help="Id of the API client.")
@click.option(
    "--client-secret", envvar="TAP_LIGHTSPEED_RETAIL_CLIENT_SECRET", help="Its secret; asked for when absent."
)
@click.option(
    "--auth-url",
    envvar="TAP_LIGHTSPEED_RETAIL_AUTH_URL",
    default="https://cloud.lightspeedapp.com",
    show_default=True,
    help="Base of the authorization server.",
)
@click.option(
    "--token-store",
    envvar="TAP_LIGHTSPEED_RETAIL_TOKEN_STORE",
    default=".lightspeed-tokens.json",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file that the tap reads its tokens from.",
)
@click.option("--scope", default=SCOPES, show_default=True, help="What to ask for, by spaces.")
@click.option(
    "--port",
    default=8765,
    show_default=True,
    type=click.IntRange(0, LAST_PORT),
    help="Loopback port for the answer; 0 takes a free one.",
)
@click.option("--redirect-uri", help="The https address that the client is registered with; you paste what it gets.")
@click.option("--browser/--no-browser", default=True, help="Whether to open a browser.")
def authorize(
    *,
    client_id: str,
    client_secret: str | None,
    auth_url: str,
    token_store: Path,
    scope: str,
    port: int,
    redirect_uri: str | None,
    browser: bool,
) -> None:
    """Authorize the tap for one Lightspeed account, once.

    You agree in the browser; the tokens go into the token store, from where every run renews them. No token is printed.
    """
    secret = client_secret or click.prompt("Client secret", hide_input=True)
    client = Client(client_id, secret, auth_url)
    with _last_door():
        tokens = _authorized(client, scope, port, redirect_uri, open_browser=webbrowser.open if browser else None)
        TokenStore(token_store).save(tokens)
    click.echo(f"Authorized. The tokens are in {token_store}; leave the setting refresh_token unset.")


@contextmanager
def _last_door() -> Iterator[None]:
    """A person is told by click, who sees no log; click's own endings stay click's."""
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except TapError as error:
        raise click.ClickException(str(error)) from None
    except Exception as error:  # its words may quote a token
        raise click.ClickException(f"The command failed: {named(error)}. {REPORT}") from None


def _authorized(
    client: Client, scope: str, port: int, redirect_uri: str | None, *, open_browser: Callable[[str], object] | None
) -> Tokens:
    callback = None if redirect_uri else Callback(port)
    request = Request(client, redirect_uri or (callback.redirect_uri if callback else ""), scope)
    click.echo(f"Agree here, as a user of the shop who may see everything that is to be read:\n\n{request.address}\n")
    if open_browser:
        open_browser(request.address)
    answered = callback.wait() if callback else _parameters(click.prompt("The address that the browser ended at"))
    return request.redeem(request.code(answered), requests.Session())
