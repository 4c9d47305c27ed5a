"""Every error of the tap, as a tree. Each says what happened, where, and what to do next; none quotes a row or a token.

* ``TapError``: base; ends the run on purpose. Exit code 1.

  * ``SettingsError``: a setting is missing or wrong, or the state is another account's. Exit code 2.
  * ``Unauthorized``: the tokens do not open the account: authorize again.
  * ``Refused``: Lightspeed refuses a request in a way that no retry can mend.
  * ``TooHeavy``: Lightspeed cannot make a page of this size; never leaves the tap.
  * ``Busy``: Lightspeed stayed unreachable or overloaded after the retries. The state stays; the next run goes on.
  * ``Malformed``: an answer that is not what the vendor documents; never taken for an empty page.
  * ``Unlikely``: more is not there any more than is likely to have been deleted; nobody is told that it was.
"""

from __future__ import annotations

FEW = 25
"""So many rows may go without being ``Unlikely``, whatever share of a small table they are; in any series."""

AUTHORIZE = "`tap-lightspeed-retail authorize` (with Meltano `meltano invoke tap-lightspeed-retail:authorize`)"
"""What hints say: by itself the command knows nothing of the token store that meltano.yml names."""


class TapError(Exception):
    """Ends the run on purpose.

    Args:
        what: One sentence that says what happened.
        where: Stream, resource or setting.
        hint: What the reader should do next.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        place = f"{where}: " if where else ""
        remedy = f" {hint}" if hint else ""
        super().__init__(f"{place}{what}{remedy}")


class SettingsError(TapError):
    """A setting is missing or wrong, or the state is another account's."""

    exit_code = 2


class Unauthorized(TapError):
    """The tokens do not open the account."""


class Refused(TapError):
    """Lightspeed refuses a request in a way that no retry can mend.

    Attributes:
        status: HTTP status.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "", status: int = 400) -> None:
        super().__init__(what, where=where, hint=hint)
        self.status = status

    @property
    def closed(self) -> bool:
        """Whether the account or the token does not open this resource at all."""
        return self.status in (403, 404)


class TooHeavy(TapError):
    """Lightspeed cannot make a page of this size."""


class Busy(TapError):
    """Lightspeed stayed unreachable or overloaded after the retries."""


class Malformed(TapError):
    """An answer that is not what the vendor documents."""


class Unlikely(TapError):
    """More is not there any more than is likely to have been deleted."""
