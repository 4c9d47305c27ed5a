"""A tap on a sandbox with a loader behind it, run by run, killed where a test wants it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tap_lightspeed_retail.tap import TapLightspeedRetail
from tap_lightspeed_retail.web.client import Client

from sandbox.serve import Box

from .runs import Simulated, catalog_of
from .shop_days import STREAMS, Target

ALL = (*STREAMS, "sale_lines", "sale_payments")
SALES = ALL[-3:]


class Stopped(BaseException):
    """The tap was killed."""


class Pair:
    """A tap on a sandbox, and the loader behind it."""

    def __init__(self, box: Box, folder: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.box = box
        self.target = Target()
        self.emitted = 0
        self.killed = False
        self.told: Counter[str] = Counter()
        self._folder = folder
        self._capsys = capsys
        self._patch = patch

    def run(self, *, stop_after: int | None = None, only: Sequence[str] = ALL, **settings: Any) -> None:
        """One run; killed before its request number ``stop_after``."""
        config = {**self.box.tap_config(self._folder), "page_size": 7, "reconcile_days": 3650, **settings}
        tap = TapLightspeedRetail(config=config, state=self.target.state, catalog=catalog_of(*ALL))
        for stream in tap.streams.values():
            stream.selected = stream.name in only
        tap.clock = Simulated(self.box)
        with self._patch.context() as patched:
            if stop_after is not None:
                dying_client(patched, stop_after)
            try:
                tap.sync_all()
                self.killed = False
            except Stopped:
                self.killed = True
        self.told = self.target.take(self._capsys.readouterr().out)
        self.emitted = sum(self.told.values())


def dying_client(patched: pytest.MonkeyPatch, after: int) -> None:
    """Kill the tap before its request of this number."""
    patched.setattr(Client, "read", _dying(Client.read, after))


def _dying(read: Any, after: int) -> Any:
    left = [after]

    def dying(*args: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise Stopped
        return read(*args, **named)

    return dying
