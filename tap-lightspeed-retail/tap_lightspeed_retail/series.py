"""What a series of Lightspeed Retail offers to the tap, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from tap_lightspeed_retail.clock import Clock
from tap_lightspeed_retail.misfits import Misfit
from tap_lightspeed_retail.scan import Scan


class Series(Protocol):
    """One account of a series, connected.

    Every method may raise a ``TapError``: ``Refused`` where scopes or account do not open a stream, ``Busy`` where the
    vendor does not answer, ``Malformed`` and ``Unlikely`` where an answer must not be believed.
    """

    @property
    def account_id(self) -> str:
        """Whose rows are read."""

    @property
    def requests(self) -> int:
        """Number of the last request: what was read in it is newer than what was read before."""

    def now(self) -> str:
        """The server's own clock, an instant with offset."""

    def scans(self, stream: str, state: dict[str, Any]) -> Sequence[Scan]:
        """The scans of a stream, in the order of one run.

        Args:
            stream: A stream with requests of its own.
            state: Its STATE, which the commits of the batches move; a dictionary of text and whole numbers.
        """


Connect = Callable[[Mapping[str, Any], Clock], Series]
"""Connects to the account that the settings name."""


class Offer(NamedTuple):
    """A series that the settings may name.

    Attributes:
        connect: Connects to an account of it.
        bookmark_misfit: What of a stream's bookmark it cannot read; None where it reads all.
    """

    connect: Connect
    bookmark_misfit: Callable[[str, Mapping[str, Any]], Misfit | None]
