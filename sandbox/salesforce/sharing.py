"""Private sharing: rows that the API user may only read, and rows that it does not see.

Source: docs/vendors/salesforce.md, sharing.

A hidden row is in no answer, and no key finds it; a unique value that it has is taken all the same. Whoever writes it
by its id, or points to it, is refused. A detail may be written only by who may write its master. The HTTP status of
these refusals on single rows is not verified.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sandbox.salesforce.faults import Fault
from sandbox.salesforce.row import NewRow, Row
from sandbox.salesforce.schema import SObject

_UNSEEN = Fault("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "insufficient access rights on cross-reference id")
UNWRITTEN = Fault("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
"""What the API user may read and not write or delete."""


def barred(row: Row, *, hidden: Collection[str], read_only: Collection[str]) -> Iterator[Fault]:
    """Why the API user may not write a row that is there."""
    if row["Id"] in hidden:
        yield _UNSEEN
    elif row["Id"] in read_only:
        yield UNWRITTEN


def barred_parents(
    sobject: SObject, changes: NewRow, *, hidden: Collection[str], read_only: Collection[str]
) -> Iterator[Fault]:
    """Why the API user may not hang a row under the parents it names."""
    for name, value in changes.items():
        field = sobject.fields[name.lower()]
        if field.type != "reference" or value is None:
            continue
        if value in hidden:
            yield _UNSEEN
        elif field.master_detail and value in read_only:
            yield UNWRITTEN
