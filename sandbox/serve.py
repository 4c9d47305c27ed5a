"""Both vendors on loopback, each in a server thread of its own."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.lightspeed.app import lightspeed_app
from sandbox.lightspeed.world import World
from sandbox.salesforce.app import salesforce_app
from sandbox.salesforce.metadata import load_metadata
from sandbox.salesforce.oauth import CLIENT_ID, CLIENT_SECRET
from sandbox.salesforce.rows import Org
from sandbox.salesforce.standard import standard_schema
from sandbox.salesforce.variants import varied
from sandbox.seeds.chain import seed_chain
from sandbox.seeds.oddities import seed_oddities
from sandbox.seeds.recorded import seed_recorded
from sandbox.seeds.trade import trade
from sandbox.switches import Switches
from sandbox.weather import App, Weather

KEEP_ALIVE_SECONDS = 75  # longer than clients wait between polls, or they meet closed connections
ROOT = Path(__file__).parents[1]
METADATA = ROOT / "salesforce" / "force-app" / "main" / "default"
RECORDED = ROOT.parent / "shared" / "recorded" / "r-series"
SERVED: dict[str, tuple[App, Weather]] = {}
"""What this process serves, by host and port, and its weather: who is in the process may ask without a socket."""


@dataclass
class Box:
    """A running sandbox."""

    lightspeed_url: str
    salesforce_url: str
    world: World
    org: Org
    clock: Clock
    weather_l: Weather
    weather_s: Weather
    random: random.Random

    @property
    def account_id(self) -> str:
        """The Lightspeed account."""
        return self.world.account_id

    @property
    def lightspeed_client(self) -> tuple[str, str, str]:
        """Client id, client secret and refresh token."""
        oauth = self.world.oauth
        return oauth.client_id, oauth.client_secret, oauth.refresh_token

    @property
    def salesforce_client(self) -> tuple[str, str]:
        """Consumer key and secret."""
        return CLIENT_ID, CLIENT_SECRET

    def trade(self, hours: float) -> dict[str, int]:
        """Let the shops trade for so many hours."""
        return trade(self.world, self.random, hours)

    def tap_config(self, folder: Path) -> dict[str, Any]:
        """Settings that point the tap here."""
        client_id, secret, refresh_token = self.lightspeed_client
        return {
            "api_url": self.lightspeed_url,
            "auth_url": self.lightspeed_url,
            "client_id": client_id,
            "client_secret": secret,
            "refresh_token": refresh_token,
            "account_id": self.account_id,
            "token_store": str(folder / "tokens.json"),
        }

    def target_config(self, folder: Path) -> dict[str, Any]:
        """Settings that point the target here."""
        client_id, secret = self.salesforce_client
        return {
            "login_url": self.salesforce_url,
            "client_id": client_id,
            "client_secret": secret,
            "transforms": str(ROOT / "transforms"),
            "ledger_url": f"sqlite:///{folder / 'ledger.db'}",
        }


@contextmanager
def running(
    *,
    seed: str = "empty",
    size: str = "small",
    random_seed: int = 7,
    switches: dict[str, str] | None = None,
    ports: tuple[int, int] = (0, 0),
    metadata: Path = METADATA,
    recorded: Path = RECORDED,
    clock: Clock | None = None,
) -> Iterator[Box]:
    """Both servers, ready when the block begins and stopped when it ends.

    Args:
        seed: "empty", "chain" (generated), "corner" (one small shop with one till), "oddities" (one of everything) or
            "recorded" (payloads, where they are).
        size: "small" or "full", of the chain.
        random_seed: Everything that is drawn follows from it.
        switches: Vendor behaviours to switch, by name.
        ports: Of Lightspeed and Salesforce; 0 takes a free one.
        metadata: SFDX folder with the custom objects and fields.
        recorded: Folder of the recorded payloads.
        clock: A clock of yours; unset, one that follows real time.
    """
    clock, chosen, rng = clock or Clock(), Switches.parse(switches or {}), random.Random(random_seed)
    world, org = World(clock, chosen), Org(varied(load_metadata(metadata, standard_schema()), chosen), clock, chosen)
    if seed in ("chain", "corner"):
        seed_chain(world, org, rng, size if seed == "chain" else seed)
    elif seed == "oddities":
        seed_oddities(world, rng)
    elif seed == "recorded":
        seed_recorded(world, recorded)
    weather_l, weather_s = Weather(), Weather()
    log = CallLog(clock)
    apps = (
        weather_l.wrap(lightspeed_app(world, weather_l), "lightspeed"),
        log.wrap(weather_s.wrap(salesforce_app(org, weather_s, log), "salesforce")),
    )
    with _served(apps, ports) as urls, _known(urls, apps, (weather_l, weather_s)):
        yield Box(urls[0], urls[1], world, org, clock, weather_l, weather_s, rng)


@contextmanager
def _served(apps: Sequence[App], ports: Sequence[int]) -> Iterator[list[str]]:
    """Each app in a thread of its own; all stop at once."""
    listeners = [_listener(port) for port in ports]
    servers = [_server(app) for app in apps]
    threads = [
        threading.Thread(target=_serve, args=(server, listener), daemon=True)
        for server, listener in zip(servers, listeners, strict=True)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() and not server.started for thread, server in zip(threads, servers, strict=True)):
        time.sleep(0.002)
    try:
        yield [f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in listeners]
    finally:
        for server in servers:
            server.stop()
        for thread in threads:
            thread.join(timeout=10)
        for listener in listeners:
            listener.close()


@contextmanager
def _known(urls: Sequence[str], apps: Sequence[App], weathers: Sequence[Weather]) -> Iterator[None]:
    """They stand in ``SERVED``."""
    places = [url.removeprefix("http://") for url in urls]
    SERVED.update(zip(places, zip(apps, weathers, strict=True), strict=True))
    try:
        yield
    finally:
        for place in places:
            del SERVED[place]


def _listener(port: int) -> socket.socket:
    """A loopback port that is bound before anybody is told of it.

    The protocol is named, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms for an acknowledgement.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


class _Server(uvicorn.Server):
    """Ends when it is told to, not at its next look at the clock: hundreds of tests have one each."""

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        await super().serve(sockets)

    async def main_loop(self) -> None:
        await self.on_tick(0)  # sets the headers that every answer has
        await self._ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As the vendor's own, which waits for a tenth of a second whatever there is to wait for."""
        for each in (*self.servers, *(sockets or ())):
            each.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:
            await asyncio.sleep(0.002)

    def stop(self) -> None:
        """From another thread, once it serves."""
        self.should_exit = True
        with suppress(RuntimeError):  # its loop has ended by itself
            self._loop.call_soon_threadsafe(self._ended.set)


def _server(app: App) -> _Server:
    config = uvicorn.Config(
        app,
        log_level="critical",
        access_log=False,
        lifespan="off",
        date_header=False,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    return _Server(config)


def _serve(server: _Server, listener: socket.socket) -> None:
    asyncio.run(server.serve([listener]))
