"""Sends what was planned, rows of one parent together, and brings back a result for every row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import Action, Arrival, Intent, Reason, Recovery, Result, Value
from target_salesforce_retail.ports import Org
from target_salesforce_retail.stages.inside.conversion import as_conversion

Results = list[Result | None]


def send(
    actions: Sequence[Action], mapping: StreamMapping, org: Org, refused: Mapping[int, Result] | None = None
) -> Results:
    """Results in the order of the actions; None for actions that write nothing. No two actions write one row.

    Creates are upserts on our external id, and every other write names an id, so that each bears repetition. Rows are
    sorted by parent so that two calls do not fight for one lock (docs/vendors/salesforce.md, locks).

    Args:
        actions: What is intended.
        mapping: The stream's mapping.
        org: Where it is sent.
        refused: By position, actions that are not to be sent, for what they need was refused.

    Raises:
        OrgRefused: A fault that no row escapes.
        OrgError: The org as a whole did not answer.
    """
    results: Results = [(refused or {}).get(position) for position in range(len(actions))]
    _clear_the_way(actions, results, org)
    _free_keys(actions, results, mapping.key.field, org)
    for (name, intent, allowed), positions in _groups(actions, results).items():
        ordered = sorted(positions, key=lambda each: (actions[each].parent, actions[each].match.draft.key))
        rows = [actions[each] for each in ordered]
        answers = _write(name, intent, rows, mapping, org, allowed=allowed)
        for position, answer in zip(ordered, answers, strict=True):
            results[position] = answer
    _remove(actions, results, org)
    answered = zip(actions, results, strict=True)
    stop_if_hopeless((action.match.draft.arrival, action.object, result) for action, result in answered)
    return results


def _clear_the_way(actions: Sequence[Action], results: Results, org: Org) -> None:
    """Delete what must go before its successor can be created; where that fails, nothing is created."""
    before: dict[str, list[int]] = defaultdict(list)
    for position, action in enumerate(actions):
        if action.replaces and results[position] is None:
            before[action.object].append(position)
    for name, positions in before.items():
        answers = org.delete(name, [str(actions[each].replaces) for each in positions])
        for position, answer in zip(positions, answers, strict=True):
            results[position] = answer if answer.fault else None


def _free_keys(actions: Sequence[Action], results: Results, key_field: str, org: Org) -> None:
    """Take keys back from records that are not theirs, as a person has decided; who is gone has none any more."""
    carriers: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for position, action in enumerate(actions):
        for name, record_id in action.frees if results[position] is None else ():
            carriers[name].append((position, record_id))
    for name, listed in carriers.items():
        bodies: list[tuple[str, dict[str, Value], dict[str, Value]]] = [
            (record_id, {key_field: None}, {}) for _, record_id in listed
        ]
        for (position, _), answer in zip(listed, org.update(name, key_field, bodies), strict=True):
            if answer.fault and answer.fault.reason is not Reason.GONE:
                results[position] = answer


def _groups(actions: Sequence[Action], results: Results) -> dict[tuple[str, Intent, bool], list[int]]:
    groups: dict[tuple[str, Intent, bool], list[int]] = defaultdict(list)
    for position, action in enumerate(actions):
        if action.writes and results[position] is None:
            groups[action.object, action.intent, action.allow_duplicate].append(position)
    return groups


def _write(
    name: str, intent: Intent, rows: Sequence[Action], mapping: StreamMapping, org: Org, *, allowed: bool
) -> list[Result]:
    key = mapping.key.field
    if intent is Intent.CREATE:
        return org.upsert(name, key, [action.body for action in rows], allow_duplicates=allowed)
    if intent is Intent.CONVERT:
        return org.convert([as_conversion(action) for action in rows])
    if intent is Intent.DELETE:
        return org.delete(name, [str(action.id) for action in rows])
    # A row that only has stale children to remove is already as it should be.
    bodies = [(str(action.id), action.body, action.blanks) for action in rows if action.body]
    sent = iter(org.update(name, key, bodies, allow_duplicates=allowed) if bodies else [])
    return [next(sent) if action.body else Result(action.id) for action in rows]


def _remove(actions: Sequence[Action], results: Results, org: Org) -> None:
    """Delete the stale children of the rows that went well; one that stays makes its row's result a fault."""
    children: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for position, action in enumerate(actions):
        result = results[position]
        if result is not None and result.fault is None:
            for name, record_id in action.stale_children:
                children[name].append((position, record_id))
    for name, listed in children.items():
        answers = org.delete(name, [record_id for _, record_id in listed])
        for (position, _), answer in zip(listed, answers, strict=True):
            if answer.fault:
                results[position] = answer


def stop_if_hopeless(answers: Iterable[tuple[Arrival, str, Result | None]]) -> None:
    """Look for a fault that no row escapes in the answers: for which arrival, for a row of which object, and what.

    Raises:
        OrgRefused: There is one.
    """
    for arrival, name, result in answers:
        if result and result.fault and result.fault.recovery is Recovery.STOP:
            fields = f" on {', '.join(result.fault.fields)}" if result.fault.fields else ""
            raise OrgRefused(
                f"Salesforce answered {result.fault.code}{fields} for {name}.",
                where=f"{arrival.stream} {arrival.key}, send",
                hint="Check the org's storage, its API access and its limits. Nothing of the batch is acknowledged.",
            )
