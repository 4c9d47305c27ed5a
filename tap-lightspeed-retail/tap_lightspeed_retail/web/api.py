"""What readers need of a connection: one request at a time, without knowing how it is made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

Params = Sequence[tuple[str, str]]


class Api(Protocol):
    """Reads one account."""

    @property
    def server_now(self) -> datetime:
        """The server's own clock."""

    @property
    def requests(self) -> int:
        """How many there were."""

    def read(
        self, path: str, params: Params = (), *, cost: float = 1.0, heavy: bool = False, listed: bool = False
    ) -> dict[str, Any]:
        """A JSON object of the API.

        Args:
            path: Relative to the account's base.
            params: Query.
            cost: In drips.
            heavy: The caller can ask for less.
            listed: A list is asked for, and an empty body is one without rows.

        Raises:
            TooHeavy: The server fails again and again, and the caller can ask for less.
            Unauthorized: The token is refused twice.
            Refused: No retry can mend it.
            Busy: No answer after the retries.
        """
