"""Duplicate rules that an administrator adds: exact matches of some fields, and what becomes of a hit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.duplicates.result import Matches, detected
from sandbox.salesforce.faults import Fault
from sandbox.salesforce.row import AnyRow, Row
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import Store, fold

_TEXT = "You're creating a duplicate record. We recommend you use an existing record instead."
ACTIONS = ("block", "alert", "report", "none")


@dataclass(frozen=True)
class DuplicateRule:
    """Takes rows of ``object`` that share all of ``fields`` for duplicates; a blank is shared with nobody.

    Attributes:
        object: Whose rows.
        fields: What they share.
        on_create: "block", "alert" (the header may let it through), "report" or "none" (both let it through).
        on_update: The same for edits that change one of the fields.
    """

    object: str
    fields: tuple[str, ...]
    on_create: str = "alert"
    on_update: str = "alert"

    @classmethod
    def of(cls, told: dict[str, Any]) -> DuplicateRule:
        """A rule as the verb tells it: ``field`` or ``fields``, ``action`` for both or one for each.

        Raises:
            ValueError: An unknown action, or no field.
        """
        fields = tuple(told.get("fields") or [told["field"]])
        action = told.get("action", "alert")
        rule = cls(told["object"], fields, told.get("on_create", action), told.get("on_update", action))
        for one in (rule.on_create, rule.on_update):
            if one not in ACTIONS:
                message = f"an action is one of {', '.join(ACTIONS)}, not {one}"
                raise ValueError(message)
        return rule

    def fault(
        self,
        store: Store,
        sobject: SObject,
        row: AnyRow,
        before: Row | None,
        *,
        together: Collection[str],
        allow_save: bool,
        spelling: str,
    ) -> Fault | None:
        """DUPLICATES_DETECTED, unless the rule lets the row through (docs/vendors/salesforce.md, duplicate rules).

        Args:
            store: Where the rows are.
            sobject: Whose row is saved.
            row: As it would be.
            before: As it was; None when it is new.
            together: Ids of rows of the same save, with which it is not compared.
            allow_save: What the header says.
            spelling: The key of the result.
        """
        action = self.on_create if before is None else self.on_update
        if sobject.name.lower() != self.object.lower() or action not in {"block", "alert"}:
            return None
        if allow_save and action == "alert":
            return None
        wanted = self._values(sobject, row)
        if None in wanted or (before is not None and wanted == self._values(sobject, before)):
            return None
        passed = store.hidden.union(together)
        others = [
            one["Id"]
            for one in store.lookup(sobject.name, self.fields[0], [wanted[0]])
            if one["Id"] != row["Id"] and one["Id"] not in passed and self._values(sobject, one) == wanted
        ]
        return self._detected(sobject.name, others, action, spelling) if others else None

    def _values(self, sobject: SObject, row: AnyRow) -> list[Any]:
        fields = [sobject.fields[name.lower()] for name in self.fields]
        return [fold(field, row.get(field.name)) for field in fields]

    def _detected(self, name: str, others: list[str], action: str, spelling: str) -> Fault:
        label = f"{name}_{'_'.join(self.fields)}"
        matches = Matches(name, f"{label}_Match", "ExactMatchEngine", dict.fromkeys(others, 100.0))
        return detected(f"{label}_Rule", name, _TEXT, [matches], allow_save=action == "alert", spelling=spelling)
