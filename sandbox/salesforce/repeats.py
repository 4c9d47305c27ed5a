"""One row named several times in one call: by its external id, or by its own id.

Source: docs/vendors/salesforce.md, repeats.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sandbox.salesforce.faults import Fault
from sandbox.salesforce.schema import Field
from sandbox.salesforce.store import fold
from sandbox.switches import Switches

ID = Field("Id", "id", "Record ID", 18)
_MOST_TIMES = 12


class Repeats:
    """The rows that one call, or one transaction of a job, has named so far.

    Args:
        switches: What the vendor does with repetitions is not verified.
        key: The field that names rows.
        values: All that the call says for it, in order; a value that names no row may be among them.
    """

    def __init__(self, switches: Switches, key: Field, values: Iterable[Any]) -> None:
        self._switches, self._key = switches, key
        self._all = Counter(folded for value in values if (folded := _folded(key, value)) is not None)
        self._seen: Counter[Any] = Counter()

    def fault(self, value: Any) -> Fault | None:
        """Why the next row is refused, if it is."""
        folded = _folded(self._key, value)
        if folded is None:
            return None
        self._seen[folded] += 1
        if self._key.name == ID.name:
            most = _MOST_TIMES if self._switches.same_id_twice == "twelve" else 1
            refused, word = self._seen[folded] > most, "id"
        else:
            refused, word = self._is_refused(folded), "external id"
        return Fault("DUPLICATE_VALUE", f"Duplicate {word} specified: {value}", (self._key.name,)) if refused else None

    def _is_refused(self, folded: Any) -> bool:
        rule = self._switches.same_key_twice
        return (rule == "both" and self._all[folded] > 1) or (rule == "error" and self._seen[folded] > 1)


def _folded(key: Field, value: Any) -> Any:
    """The value as comparisons see it; None for one that names nothing."""
    return None if value == "" or isinstance(value, dict | list) else fold(key, value)
