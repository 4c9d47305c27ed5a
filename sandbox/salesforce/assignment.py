"""Assignment rules: who owns a lead after it was saved through the API (docs/vendors/salesforce.md, assignment rules).

Without the header ``Sforce-Auto-Assign`` the active rule runs on create and on update; with ``FALSE`` none does, with
the id of a rule that one does, active or not. Guesses: the first rule that fits decides, whatever owner was sent; what
a rule that is not there is refused with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.dml import Caller, existing
from sandbox.salesforce.faults import refuse
from sandbox.salesforce.ids import long_id, make_id
from sandbox.salesforce.row import AnyRow
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import Store

HEADER = "sforce-auto-assign"
_PREFIX = "01Q"
_ASSIGNED = frozenset({"Lead", "Case"})


@dataclass(frozen=True)
class AssignmentRule:
    """Gives rows of ``object`` to ``owner``.

    Attributes:
        id: How the header names it.
        object: Lead, or Case where the org has it.
        owner: Id of a user.
        field: The rule takes only rows whose field equals ``equals``; "" takes all.
        equals: See ``field``.
        active: Whether it runs unasked.
    """

    id: str
    object: str
    owner: str
    field: str = ""
    equals: Any = None
    active: bool = True

    @classmethod
    def of(cls, number: int, told: dict[str, Any], store: Store) -> AssignmentRule:
        """A rule as the verb tells it.

        Raises:
            ValueError: Of another object than those that have such rules.
            Refused: The owner is no user.
        """
        rule = cls(make_id(_PREFIX, number), **told)
        if store.schema.object(rule.object) is None or rule.object not in _ASSIGNED:
            message = f"an assignment rule is for leads, or for cases where the org has them, not for {rule.object}"
            raise ValueError(message)
        existing(store, store.schema.objects["user"], rule.owner)
        return rule

    def takes(self, row: AnyRow) -> bool:
        """Whether the row meets the criterion."""
        return not self.field or row.get(self.field) == self.equals


def asked(headers: dict[str, str]) -> str | None:
    """What a request asks for: a rule's id, "active", or None for no rule."""
    said = headers.get(HEADER, "").strip()
    if said.lower() == "false":
        return None
    return "active" if said.lower() in {"", "true"} else said


def owner_of(rules: list[AssignmentRule], sobject: SObject, row: AnyRow, caller: Caller) -> str | None:
    """Whom a rule gives the row to; None for nobody.

    Raises:
        Refused: The header names no rule of this object.
    """
    if caller.assignment is None or sobject.name not in _ASSIGNED:
        return None
    own = [rule for rule in rules if rule.object == sobject.name]
    if caller.assignment == "active":
        chosen = [rule for rule in own if rule.active]
    else:
        chosen = [rule for rule in own if rule.id == long_id(caller.assignment)]
        if not chosen:
            raise refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return next((rule.owner for rule in chosen if rule.takes(row)), None)
