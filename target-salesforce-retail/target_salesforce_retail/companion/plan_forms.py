"""A plan as a person, a program and a pull request read it. Values are told only when they were asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from target_salesforce_retail.companion.plan import NOTHING, Group, Kind, Plan
from target_salesforce_retail.companion.printable import json_text, printable
from target_salesforce_retail.ledger.listing import OURS
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import Value, Verdict
from target_salesforce_retail.rehearse import FieldChange, PlannedOutcome
from target_salesforce_retail.sentences import in_number
from target_salesforce_retail.trail import converted_leads

WOULD = {Verdict.CREATED: "create", Verdict.UPDATED: "update", Verdict.SKIPPED: "skip", Verdict.HELD: "hold"}
"""What is said of a group; in this order."""
COUNTED = ("stream", "would create", "would update", "unchanged", "would skip", "would hold")
GROUPED = ("would", "stream", "object", "rule", "reason", "records", "fields")
Rows = list[list[str]]


def counts(plan: Plan) -> Rows:
    """A row for each stream, as ``COUNTED`` heads them."""
    return [
        [
            stream,
            f"{plan.count(Verdict.CREATED, stream=stream):,}",
            f"{plan.count(Verdict.UPDATED, stream=stream):,}",
            f"{plan.unchanged[stream]:,}",
            f"{plan.count(Verdict.SKIPPED, stream=stream):,}",
            f"{plan.count(Verdict.HELD, stream=stream):,}",
        ]
        for stream in plan.streams
    ]


def groups(plan: Plan) -> Rows:
    """A row for each kind of record, as ``GROUPED`` heads them."""
    return [
        [
            WOULD[kind.verdict],
            kind.stream,
            kind.object or "",
            kind.rule or "",
            kind.reason.value if kind.reason else "",
            f"{group.records:,}",
            ", ".join(f"{name} {count:,}" for name, count in group.fields.most_common()),
        ]
        for kind, group in _ordered(plan)
    ]


def examples(plan: Plan, *, values: bool) -> list[str]:
    """A line for each example."""
    return [
        printable(
            f"{WOULD[kind.verdict]} {kind.stream} {each.outcome.arrival.key}{_aim(each)}{_more(each, values=values)}"
        )
        for kind, group in _ordered(plan)
        for each in group.examples
    ]


def summary(plan: Plan) -> str:
    """All of it in one line."""
    written = plan.count(Verdict.CREATED, Verdict.UPDATED)
    deleted = f", {in_number(sum(plan.deleted.values()), 'row')} would be deleted" if plan.deleted else ""
    held = plan.count(Verdict.HELD)
    if plan.exit_code == NOTHING:
        return "Nothing would be written, and nothing would be held."
    kept = f", {in_number(plan.profiles, 'profile')} would be written" if plan.profiles else ""
    merged = f", {in_number(len(plan.merged), 'pair')} would be merged" if plan.merged else ""
    return (
        f"{in_number(written, 'record')} would be written{deleted}{kept}{merged}, {held:,} would be held. Nothing was."
    )


def other_writes(plan: Plan) -> list[str]:
    """A line for each object of which rows would be written that no record becomes."""
    beside = [f"{what} {count:,} {name} beside them" for (what, name), count in plan.beside.items()]
    beside += (
        [f"convert {plan.converted:,} Lead: {_some(plan.converted_ids, plan.converted)}"] if plan.converted else []
    )
    merged = [f"merge {name} {goes} into {stays}" for name, goes, stays in plan.merged]
    deleted = ((name, count, plan.deleted_ids[name]) for name, count in plan.deleted.items())
    return beside + merged + [f"delete {count:,} {name}: {_some(ids, count)}" for name, count, ids in deleted]


def _some(ids: Sequence[str], count: int) -> str:
    return ", ".join([*ids, *(["..."] if len(ids) < count else [])])


def as_json(plan: Plan, *, values: bool) -> str:
    """All of it for a program."""
    whole = {
        "exit_code": plan.exit_code,
        "groups": [_group(kind, group, values=values) for kind, group in _ordered(plan)],
        "unchanged": dict(plan.unchanged),
        "beside": [{"intent": what, "object": name, "records": count} for (what, name), count in plan.beside.items()],
        "converted": {"records": plan.converted, "examples": plan.converted_ids},
        "merged": [{"object": name, "goes": goes, "stays": stays} for name, goes, stays in plan.merged],
        "deleted": {
            name: {"records": count, "examples": plan.deleted_ids[name]} for name, count in plan.deleted.items()
        },
    }
    return json_text(whole)


def as_markdown(plan: Plan, *, values: bool) -> str:
    """All of it for a comment on a pull request."""
    tables = [(COUNTED, counts(plan)), (GROUPED, groups(plan))]
    lines = [summary(plan), *(line for table in tables if table[1] for line in ("", *_markdown_table(*table)))]
    shown = [*examples(plan, values=values), *other_writes(plan)]
    if shown:  # as code: a shopper's name is no link and calls nobody
        fence = "`" * (1 + max(map(len, re.findall("`+", " ".join(shown))), default=2))
        lines += ["", "<details><summary>Examples</summary>", "", f"{fence}text", *shown, fence, "</details>"]
    return "\n".join(lines)


def _markdown_table(columns: tuple[str, ...], rows: Rows) -> Iterator[str]:
    for row in (list(columns), ["---"] * len(columns), *rows):
        yield f"| {' | '.join(printable(cell).replace('|', '&#124;') for cell in row)} |"


def _ordered(plan: Plan) -> list[tuple[Kind, Group]]:
    order = list(WOULD)
    return sorted(plan.groups.items(), key=lambda pair: order.index(pair[0].verdict))


def _aim(planned: PlannedOutcome) -> str:
    outcome = planned.outcome
    if not outcome.object or outcome.verdict is Verdict.SKIPPED:
        return ""
    return f" -> {outcome.object} {'(new)' if planned.is_new else outcome.id or '(none)'}"


def _more(planned: PlannedOutcome, *, values: bool) -> str:
    outcome = planned.outcome
    is_new = outcome.verdict is Verdict.CREATED
    details = [_change(change, is_new=is_new, values=values) for change in planned.changes]
    details += [f"without {name}" for name in outcome.omitted]
    details += [f"converts Lead {each}" for each in converted_leads(outcome.trail)]
    details += [f"deletes {outcome.removed}"] if outcome.removed else []
    if outcome.reason:
        details.append(
            f"{outcome.reason.value} ({', '.join(outcome.fields)})" if outcome.fields else outcome.reason.value
        )
    details += [f"candidates {', '.join(outcome.candidates)}"] if outcome.candidates else []
    details += [f"waits for {', '.join(_waits_for(planned))}"] if outcome.waits_for and outcome.reason else []
    return f": {'; '.join(details)}" if details else ""


def _change(change: FieldChange, *, is_new: bool, values: bool) -> str:
    if is_new:
        return f"{change.field} = {_as_text(change.after)}" if values else change.field
    if not values:
        return f"{change.field} {_how(change)}"
    return f"{change.field} {_as_text(change.before)} -> {_as_text(change.after)}"


def _how(change: FieldChange) -> str:
    if is_blank(change.after):
        return "cleared"
    return "set" if is_blank(change.before) else "changed"


def _as_text(value: Value) -> str:
    if is_blank(value):
        return "blank"
    return value.isoformat() if isinstance(value, date) else " ".join(str(value).split())


def _waits_for(planned: PlannedOutcome) -> list[str]:
    return [f"{each.stream}:{each.key}" for each in planned.outcome.waits_for]


def _group(kind: Kind, group: Group, *, values: bool) -> dict[str, Any]:
    return {
        "stream": kind.stream,
        "verdict": kind.verdict.value,
        "object": kind.object,
        "rule": kind.rule,
        "reason": kind.reason.value if kind.reason else None,
        "remedy": kind.reason.remedy if kind.reason else None,
        "records": group.records,
        "fields": dict(group.fields.most_common()),
        "examples": [_example(each, values=values) for each in group.examples],
    }


def _example(planned: PlannedOutcome, *, values: bool) -> dict[str, Any]:
    outcome = planned.outcome
    example = {
        "key": outcome.arrival.key,
        "id": outcome.id,
        "is_new": planned.is_new,
        "changes": [_field(change, values=values) for change in planned.changes],
        "fields": list(outcome.fields) if outcome.reason else [],
        "left_out": list(outcome.omitted),
        "removed": outcome.removed,
        "converts": converted_leads(outcome.trail),
        "candidates": list(outcome.candidates),
        "waits_for": _waits_for(planned),
        "message": outcome.message if values or outcome.stage in OURS else None,
    }
    return {name: value for name, value in example.items() if value not in (None, [], 0)}


def _field(change: FieldChange, *, values: bool) -> dict[str, Any]:
    shown = {"field": change.field, "change": _how(change)}
    return {**shown, "before": change.before, "after": change.after} if values else shown
