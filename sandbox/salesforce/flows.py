"""Record-triggered flows of a project that run before a row is saved, whoever saves it.

Source: docs/vendors/salesforce.md, flows.

Obeyed is what such a flow is made of here: decisions that compare a field with what it held before, assignments to
fields of the row and to variables. What is anything else is refused when the project is read, for an org that does not
do what the real one does would flatter whoever is tried on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.salesforce.row import AnyRow, NewRow

Source = dict[str, Any]
Read = Callable[[Path], Source]
EMPTY = "$GlobalConstant.EmptyString"
RECORD, PRIOR = "$Record.", "$Record__Prior."
_LITERALS: dict[str, Callable[[str], Any]] = {
    "booleanValue": lambda text: text == "true",
    "stringValue": lambda text: text or None,
}
_KNOWN = frozenset(
    {"apiVersion", "assignments", "decisions", "description", "environments", "interviewLabel", "label"}
    | {"processMetadataValues", "processType", "start", "status", "variables"}
)
_STARTS = frozenset({"locationX", "locationY", "connector", "object", "recordTriggerType", "triggerType"})
_LONGEST = 1000


@dataclass(frozen=True)
class Flow:
    """One active flow that runs before rows of ``object`` are updated; ``steps`` are its elements by name."""

    object: str
    first: str
    steps: dict[str, Source]
    variables: dict[str, Any]

    def run(self, row: AnyRow, before: AnyRow) -> NewRow:
        """The fields that it changes, with their new values."""
        changed: NewRow = {}
        variables = dict(self.variables)

        def value(name: str) -> Any:
            if name.startswith(PRIOR):
                return before.get(name.removeprefix(PRIOR))
            if name.startswith(RECORD):
                field = name.removeprefix(RECORD)
                return changed[field] if field in changed else row.get(field)
            return None if name == EMPTY else variables[name]

        def read(told: Source) -> Any:
            kind, text = next(iter(told.items()))
            return value(text) if kind == "elementReference" else _LITERALS[kind](text)

        def holds(rule: Source) -> bool:
            return all(
                (value(each["leftValueReference"]) == read(each["rightValue"])) is (each["operator"] == "EqualTo")
                for each in _several(rule["conditions"])
            )

        step = self.first
        for _ in range(_LONGEST):
            if not step:
                break
            source = self.steps[step]
            for item in _several(source.get("assignmentItems")):
                target, new = item["assignToReference"], read(item["value"])
                if target.startswith(RECORD):
                    changed[target.removeprefix(RECORD)] = new
                else:
                    variables[target] = new
            taken = next((rule for rule in _several(source.get("rules")) if holds(rule)), None)
            step = _target(taken or source, "connector") or ("" if taken else _target(source, "defaultConnector"))
        return {field: new for field, new in changed.items() if field in row and row[field] != new}


def load_flows(folder: Path, read: Read) -> list[Flow]:
    """The active flows of a project.

    Args:
        folder: The project; ``flows`` may lie anywhere below it.
        read: Reads a file as nested values.

    Raises:
        ValueError: An active flow does what the sandbox does not; the message names the file.
    """
    flows = ((path, read(path)) for path in sorted(folder.glob("**/*.flow-meta.xml")))
    return [_flow(path, source) for path, source in flows if source.get("status") == "Active"]


def _flow(path: Path, source: Source) -> Flow:
    start = source.get("start", {})
    elements = [*_several(source.get("assignments")), *_several(source.get("decisions"))]
    strange = [
        *sorted(set(source) - _KNOWN),
        *sorted(f"start.{each}" for each in set(start) - _STARTS),
        *(each for each in (start.get("triggerType", ""), start.get("recordTriggerType", "")) if each not in _WHEN),
        *(each for element in elements for each in _strange(element)),
    ]
    if strange:
        message = f"{path}: the sandbox runs no flow with {', '.join(dict.fromkeys(strange))}; leave it out, or a draft"
        raise ValueError(message)
    variables = {
        each["name"]: _LITERALS[kind](text)
        for each in _several(source.get("variables"))
        for kind, text in each["value"].items()
    }
    steps = {each["name"]: each for each in elements}
    return Flow(start["object"], start["connector"]["targetReference"], steps, variables)


_WHEN = frozenset({"RecordBeforeSave", "Update"})


def _strange(element: Source) -> Iterator[str]:
    for rule in _several(element.get("rules")):
        if rule.get("conditionLogic", "and") != "and":
            yield f"conditionLogic {rule['conditionLogic']}"
        for condition in _several(rule.get("conditions")):
            if condition["operator"] not in {"EqualTo", "NotEqualTo"}:
                yield f"operator {condition['operator']}"
            yield from _strange_value(condition["rightValue"])
    for item in _several(element.get("assignmentItems")):
        if item["operator"] != "Assign":
            yield f"operator {item['operator']}"
        yield from _strange_value(item["value"])


def _strange_value(told: Source) -> Iterator[str]:
    yield from (kind for kind in told if kind != "elementReference" and kind not in _LITERALS)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _target(source: Source, connector: str) -> str:
    return str(source.get(connector, {}).get("targetReference", ""))
