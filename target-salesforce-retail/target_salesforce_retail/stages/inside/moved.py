"""Which rows of the org have yet to follow a record that has moved: found by the key that they hold of it.

Shopper 1:7 was contact A and is contact B by now. Receipts of three years hold 1:7 as the key of their shopper, and
their lookup leads to A. The ledger has no payload of them, and needs none.
"""

from __future__ import annotations

from collections.abc import Sequence

from target_salesforce_retail.mapping.rules import ReferenceRule, StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import Arrival, OrgRow, Reference
from target_salesforce_retail.stages.inside.context import Context
from target_salesforce_retail.stages.inside.refer import resolve
from target_salesforce_retail.stages.inside.wanted import lookups_to

Request = tuple[Arrival, tuple[Reference, ...]]


def left_behind(mapping: StreamMapping, rule: ReferenceRule, keys: Sequence[str], context: Context) -> list[Request]:
    """Our own requests to let rows follow, each with the one reference to resolve.

    Args:
        mapping: Of the rows.
        rule: Its reference, which says in which field they hold the key.
        keys: Of the records that have moved.
        context: Whom to ask.
    """
    held_in = str(rule.follow)
    fields = (mapping.key.field, held_in, *rule.fields.values())
    wanted = {name: [{held_in: keys}] for name in mapping.objects}
    rows = context.org.find(wanted, dict.fromkeys(mapping.objects, fields))
    by_key = [(str(row.values.get(held_in)), row) for row in rows if not is_blank(row.values.get(mapping.key.field))]
    ours = set(keys)
    moved = dict.fromkeys(key for key, _ in by_key if key in ours)
    places = resolve(rule.stream, list(moved), context, again=False).found if moved else {}
    return [
        (
            Arrival(mapping.stream, str(row.values[mapping.key.field]), {}, fills=True, follows=True),
            (Reference(rule.label, rule.stream, key),),
        )
        for key, row in by_key
        if key in places and _leads_elsewhere(row, rule, places[key])
    ]


def _leads_elsewhere(row: OrgRow, rule: ReferenceRule, place: tuple[str, str]) -> bool:
    wanted = lookups_to(rule, place).items()
    return any((row.values.get(field) or None) != record_id for field, record_id in wanted)
