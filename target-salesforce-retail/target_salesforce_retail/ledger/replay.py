"""Open holds back through the same pipeline: parents first, oldest first, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from target_salesforce_retail.ledger.store import SqlLedger
from target_salesforce_retail.nouns import Arrival, Outcome, Verdict

CHUNK = 200
RunBatch = Callable[[str, Sequence[Arrival]], Sequence[Outcome]]


def replay(
    ledger: SqlLedger,
    run: RunBatch,
    *,
    order: Sequence[str],
    stream: str | None = None,
    reason: str | None = None,
    number: int | None = None,
) -> Counter[Verdict]:
    """Replay what is held; what became of it, counted.

    Interrupted, it goes on where it was: a chunk is settled before the next begins, and what is settled is not held.

    Args:
        ledger: The ledger.
        run: The pipeline.
        order: Streams, parents before children.
        stream: Only this stream.
        reason: Only this reason.
        number: Only this hold.
    """
    counts: Counter[Verdict] = Counter()
    for name in order if stream is None else [stream]:
        after = 0
        while arrivals := ledger.held(name, after=after, limit=CHUNK, reason=reason, number=number):
            counts.update(outcome.verdict for outcome in run(name, arrivals))
            after = max(arrival.hold or 0 for arrival in arrivals)
    return counts
