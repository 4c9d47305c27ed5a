"""Sends what was planned, rows of one parent together, and brings back a result for every row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.nouns import Action, Intent, Recovery, Result
from target_salesforce_retail.ports import Org


def send(actions: Sequence[Action], rules: Rules, org: Org) -> list[Result | None]:
    """Results in the order of the actions; None for actions that write nothing.

    Creates are upserts on our external id, and every other write names an id, so that each bears repetition. Rows are
    sorted by parent so that two calls do not fight for one lock (facts: Salesforce section 12).

    Raises:
        OrgRefused: A fault that no other row would escape either (permission, schema).
        OrgError: The org as a whole did not answer.
    """
    results: list[Result | None] = [None] * len(actions)
    for (name, intent), positions in _groups(actions).items():
        ordered = sorted(positions, key=lambda each: (actions[each].parent, actions[each].match.draft.org_key))
        rows = [actions[each] for each in ordered]
        if intent is Intent.CREATE:
            answers = org.upsert(name, rules.key.field, [action.body for action in rows])
        else:
            answers = _update(name, rows, org)
        for position, answer in zip(ordered, answers, strict=True):
            results[position] = answer
    _remove(actions, results, org)
    _stop_if_hopeless(actions, results)
    return results


def _groups(actions: Sequence[Action]) -> dict[tuple[str, Intent], list[int]]:
    groups: dict[tuple[str, Intent], list[int]] = defaultdict(list)
    for position, action in enumerate(actions):
        if action.intent in (Intent.CREATE, Intent.UPDATE):
            groups[action.object, action.intent].append(position)
    return groups


def _update(name: str, rows: Sequence[Action], org: Org) -> list[Result]:
    """Updates; a row that only has strays to remove is already as it should be."""
    sent = iter(org.update(name, [(str(action.id), action.body) for action in rows if action.body]))
    return [next(sent) if action.body else Result(action.id) for action in rows]


def _remove(actions: Sequence[Action], results: list[Result | None], org: Org) -> None:
    """Delete the strays of the rows that went well; a stray that stays makes its row's result a fault."""
    owners: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for position, action in enumerate(actions):
        result = results[position]
        if result is not None and result.fault is None:
            for name, record_id in action.strays:
                owners[name].append((position, record_id))
    for name, owned in owners.items():
        answers = org.delete(name, [record_id for _, record_id in owned])
        for (position, _), answer in zip(owned, answers, strict=True):
            if answer.fault:
                results[position] = answer


def _stop_if_hopeless(actions: Sequence[Action], results: Sequence[Result | None]) -> None:
    for action, result in zip(actions, results, strict=True):
        if result and result.fault and result.fault.recovery is Recovery.STOP:
            arrival = action.match.draft.arrival
            fields = f" on {', '.join(result.fault.fields)}" if result.fault.fields else ""
            raise OrgRefused(
                f"Salesforce answered {result.fault.code}{fields} for {action.object}.",
                where=f"{arrival.stream} {arrival.key}, send",
                hint="Run `salesforce-retail preflight`, and check the permission set of the integration user.",
            )
