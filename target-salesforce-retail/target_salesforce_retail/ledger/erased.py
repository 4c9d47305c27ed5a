"""What the ledger forgets of records that were erased: what was sent of them, and what was held."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, update

from target_salesforce_retail.ledger.fold import OPEN
from target_salesforce_retail.ledger.rows import chunks
from target_salesforce_retail.ledger.tables import HOLDS, OUTCOMES
from target_salesforce_retail.nouns import Outcome, Retirement


def forget(connection: Connection, outcomes: Iterable[Outcome]) -> None:
    """Take out the earlier outcomes, and the payloads of closed holds, of those that one of these outcomes erased.

    That a hold was, and for what, is still told; what comes after is a new story.
    """
    by_stream: dict[str, dict[str, None]] = {}
    for outcome in outcomes:
        if outcome.lets_go and outcome.retirement is Retirement.ERASED:
            by_stream.setdefault(outcome.arrival.stream, {})[outcome.arrival.key] = None
    for stream, keys in by_stream.items():
        for some in chunks(keys):
            connection.execute(delete(OUTCOMES).where(OUTCOMES.c.stream == stream, OUTCOMES.c.key.in_(some)))
            closed = (HOLDS.c.stream == stream, HOLDS.c.key.in_(some), HOLDS.c.state != OPEN)
            connection.execute(update(HOLDS).where(*closed).values(payload="{}", message=None))
