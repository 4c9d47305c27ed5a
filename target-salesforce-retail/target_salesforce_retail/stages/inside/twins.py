"""The fence behind the look-up: has somebody else created the same record while we were about it?

Another run with a ledger of its own, or a colleague in the browser, may create a person between our look-up and our
write. Of two such records one has to yield: ours does where the other was made by hand, or was made first. The run that
made the later one sees the earlier one, so that two runs never both yield, nor both stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from datetime import datetime

from target_salesforce_retail.mapping.convert import is_blank, probe
from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.nouns import Draft, Row
from target_salesforce_retail.stages.inside.agree import agrees
from target_salesforce_retail.stages.inside.world import CREATED, World


def twins_of(
    created: Mapping[str, Draft], written: Set[str], since: datetime, rules: Rules, world: World
) -> dict[str, Row]:
    """For each record that has to yield: the one that stays.

    Args:
        created: Id -> draft, for the records that we have just created.
        written: Ids of all records that we have just written: what they are to each other was decided before.
        since: The org's time when the look-up began.
        rules: The stream's mapping.
        world: Whom to ask.
    """
    if not created or not rules.match:
        return {}
    rows = {row.id: row for row in world.org.changed_since(since, world.fields_of(rules))}
    index = _index(rows, rules)
    found: dict[str, Row] = {}
    for record_id, draft in created.items():
        others = [row for row in _answering(draft, rules, index) if row.id not in written]
        twin = next((other for other in others if _stays(other, rows.get(record_id), record_id, rules)), None)
        if twin:
            found[record_id] = twin
    return found


def _index(rows: Mapping[str, Row], rules: Rules) -> dict[tuple[int, str], list[Row]]:
    """(Position of a match rule, normalised value) -> rows."""
    index: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for row in rows.values():
        for position, rule in enumerate(rules.match):
            fields = rule.to.get(row.object, ())
            values = {probe(rule.by, row.values.get(field), rules.region[1]) for field in fields}
            for value in values - {None}:
                index[position, str(value)].append(row)
    return index


def _answering(draft: Draft, rules: Rules, index: Mapping[tuple[int, str], list[Row]]) -> list[Row]:
    return [
        row
        for position, rule in enumerate(rules.match)
        for each in draft.probes[position]
        for row in index.get((position, each), ())
        if agrees(rule, row.values, draft)
    ]


def _stays(other: Row, ours: Row | None, our_id: str, rules: Rules) -> bool:
    """Whether the other record stays and ours yields."""
    if is_blank(other.values.get(rules.key.field)):
        return True
    return _age(other, other.id) < _age(ours, our_id)


def _age(row: Row | None, record_id: str) -> tuple[str, str]:
    created = row.values.get(CREATED) if row else None
    return created.isoformat() if isinstance(created, datetime) else "", record_id
