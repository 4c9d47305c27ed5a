"""The body of a refusal for duplicates (docs/vendors/salesforce.md, duplicate rules)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from sandbox.salesforce.faults import Fault


@dataclass(frozen=True)
class Matches:
    """What one matching rule found among the rows of one object: their ids, and how sure it is of each."""

    object: str
    rule: str
    engine: str
    found: dict[str, float]

    def told(self) -> dict[str, Any]:
        """One of the ``matchResults``."""
        return {
            "entityType": self.object,
            "errors": [],
            "matchEngine": self.engine,
            "matchRecords": [_record(self.object, *one) for one in self.found.items()],
            "rule": self.rule,
            "size": len(self.found),
            "success": True,
        }


def _record(name: str, record_id: str, confidence: float) -> dict[str, Any]:
    url = f"/services/data/v66.0/sobjects/{name}/{record_id}"
    record = {"attributes": {"type": name, "url": url}, "Id": record_id}
    told = (
        int(confidence) if confidence == int(confidence) else round(confidence, 1)
    )  # recorded: a whole one has no point
    return {"additionalInformation": [], "fieldDiffs": [], "matchConfidence": told, "record": record}


def detected(rule: str, name: str, text: str, matches: Iterable[Matches], *, allow_save: bool, spelling: str) -> Fault:
    """DUPLICATES_DETECTED.

    Args:
        rule: The duplicate rule.
        name: The object that was to be saved.
        text: What a person would be told.
        matches: One for each matching rule that found something.
        allow_save: Whether the header could let the row through.
        spelling: The key of the result.
    """
    result = {
        "allowSave": allow_save,
        "duplicateRule": rule,
        "duplicateRuleEntityType": name,
        "errorMessage": text,
        "matchResults": [one.told() for one in matches],
    }
    return Fault("DUPLICATES_DETECTED", text, None, detail={spelling: result})


def duplicate_xml(result: dict[str, Any]) -> str:
    """The same result as SOAP has it: elements in the order of the vendor's schema, a list as one element for each."""
    return f"<duplicateResult>{_inside(result)}</duplicateResult>"


def _inside(values: dict[str, Any]) -> str:
    return "".join(_element(name, each) for name, value in values.items() for each in _all(value))


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _element(name: str, value: Any) -> str:
    if name == "record":
        return f"<record><type>{value['attributes']['type']}</type><Id>{value['Id']}</Id></record>"
    if isinstance(value, dict):
        return f"<{name}>{_inside(value)}</{name}>"
    return f"<{name}>{escape(str(value).lower() if isinstance(value, bool) else str(value))}</{name}>"
