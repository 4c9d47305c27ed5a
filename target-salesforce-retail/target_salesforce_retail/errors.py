"""Every error of the target, as a tree. Each says what happened, where, and what to do next.

* ``RetailError``: base; anything that ends the run on purpose.

  * ``ConfigError``: a setting is missing or wrong. Exit code 2.
  * ``MappingError``: the mappings are wrong; carries every problem at once, each with file:line. Exit code 2.
  * ``InputError``: a line of the input, or a file that it names, is no Singer that can be read. One that comes before
    its SCHEMA is ``singer.intake.SchemaMissing``, for the SDK has a name for that too.
  * ``OrgError``: Salesforce, as a whole call.

    * ``OrgBusy``: still refused or unreachable after the retries. State stays; the next run goes on.
    * ``OrgRefused``: a call that no retry can mend (permission, schema, retired version).

      * ``RequestRefused``: one request of a composite call, or what such a call holds; carries Salesforce's code.

    * ``LoginFailed``: the credentials do not open the org.
    * ``BudgetSpent``: the configured share of the daily API allowance is used. State stays.

  * ``LedgerError``: the ledger cannot be opened or written; nothing may be acknowledged.
  * ``TooManyDeleted``: a run would take out more of a stream than ``max_deleted_share`` allows.
  * ``HoldsExceeded``: more records are held than ``max_holds`` allows.
  * ``RowAfterRow``: the target itself failed on every row that it tried: not the rows are at fault.

A fault of a single record is not an exception: it is a ``nouns.Fault`` on a ``Result`` or a held ``Outcome``.
No message may contain a secret or a shopper's data: name the stream, the key, the field, never the value.
"""

from __future__ import annotations

from collections.abc import Sequence


class RetailError(Exception):
    """Ends the run on purpose.

    Args:
        what: One sentence that says what happened.
        where: The place: ``file:line``, or stream, key and stage.
        hint: What the reader should do next.

    Attributes:
        of_a_row: True for what may be due to what a single row holds, though a whole call failed: see ``isolate``.
    """

    exit_code = 1
    of_a_row = False

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(what)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" {self.hint}" if self.hint else ""
        return f"{place}{self.what}{remedy}"


class ConfigError(RetailError):
    """A setting is missing or wrong."""

    exit_code = 2


class MappingError(RetailError):
    """The mappings are wrong. ``problems`` holds one line per problem, each starting with ``file:line``."""

    exit_code = 2

    def __init__(self, problems: Sequence[str], *, hint: str = "Mend the mappings; nothing was written.") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in the mappings.", hint=hint)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  {problem}" for problem in self.problems)])


class InputError(RetailError):
    """A line of the input is no Singer message that can be read, or a file that it names is damaged.

    Who finds that out does not know which line it is: the reader adds it.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(
            what, where=where, hint=hint or "Look at the tap: what was acknowledged stays, the rest comes again."
        )

    def add_place(self, place: str) -> None:
        """Say the place, or a wider one before the one that it has."""
        self.where = ", ".join(filter(None, [place, self.where]))


class OrgError(RetailError):
    """Salesforce refused or lost a whole call."""


class OrgBusy(OrgError):
    """Salesforce stayed unreachable or overloaded after the retries, or a row makes it fail each time."""

    of_a_row = True


class OrgRefused(OrgError):
    """Salesforce refused a call in a way that no retry can mend."""


class RequestRefused(OrgRefused):
    """One request of a composite call was refused, or what such a call holds; ``code`` is Salesforce's."""

    code = ""


class LoginFailed(OrgError):
    """The credentials do not open the org."""


class BudgetSpent(OrgError):
    """The configured share of the org's daily API allowance is used up."""


class LedgerError(RetailError):
    """The ledger cannot be opened or written."""


class TooManyDeleted(RetailError):
    """A run would take out more of a stream than ``max_deleted_share`` allows: nothing of its batch is acknowledged."""


class HoldsExceeded(RetailError):
    """More records are held than ``max_holds`` allows."""


class RowAfterRow(RetailError):
    """The target itself failed on every row that it tried."""
