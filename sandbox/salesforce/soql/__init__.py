"""SOQL over the sandbox's rows: a real grammar, and what is not in it is refused."""

from __future__ import annotations

from typing import Any

from sandbox.salesforce.soql.evaluate import Evaluation, Selection
from sandbox.salesforce.soql.parse import SoqlError, parse
from sandbox.salesforce.soql.records import Records

__all__ = ["Records", "Selection", "SoqlError", "check", "select"]


def select(org: Any, soql: str, *, deleted: bool = False, base: str = "/services/data/v66.0") -> Selection:
    """Run a statement.

    Args:
        org: Rows, schema, clock and ``lookup``, as in ``rows.py``.
        soql: The statement.
        deleted: Whether rows in the recycle bin count too (``queryAll``).
        base: Path that record URLs start with.

    Raises:
        SoqlError: With the vendor's code and message.
    """
    return Evaluation(org, soql, parse(soql), deleted=deleted, base=base).run()


def check(org: Any, soql: str) -> None:
    """Refuse what the org would refuse, without running the statement.

    Raises:
        SoqlError: With the vendor's code and message.
    """
    Evaluation(org, soql, parse(soql), deleted=False, base="")
