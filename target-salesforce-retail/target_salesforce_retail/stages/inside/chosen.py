"""Chosen: of several who answer, which one a record is taken for, where the mapping says that one of them is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from target_salesforce_retail.mapping.rules import OnMany
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.metadata import LAST_ACTIVITY
from target_salesforce_retail.nouns import OrgRow
from target_salesforce_retail.stages.inside.context import CREATED


def _by_age(rows: Sequence[OrgRow]) -> list[OrgRow]:
    return sorted(rows, key=lambda row: (str(row.values.get(CREATED)), row.id))


def _most_complete(rows: Sequence[OrgRow]) -> OrgRow:
    return max(rows, key=lambda row: (sum(not is_blank(value) for value in row.values.values()), row.id))


def _most_recently_active(rows: Sequence[OrgRow]) -> OrgRow:
    return max(_by_age(rows), key=lambda row: str(row.values.get(LAST_ACTIVITY) or ""))


CHOSEN: Mapping[OnMany, Callable[[Sequence[OrgRow]], OrgRow | None]] = {
    OnMany.HOLD: lambda _: None,
    OnMany.OLDEST: lambda rows: _by_age(rows)[0],
    OnMany.NEWEST: lambda rows: _by_age(rows)[-1],
    OnMany.MOST_COMPLETE: _most_complete,
    OnMany.MOST_RECENTLY_ACTIVE: _most_recently_active,
}
"""Which of several who answer a record is taken for, by what the mapping says."""
