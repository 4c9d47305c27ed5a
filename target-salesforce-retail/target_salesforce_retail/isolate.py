"""Keeps a row that the target itself fails on, or that makes Salesforce fail on a whole call, from its neighbours.

A batch that raises what nobody foresaw is run again in halves, until the row is alone: every write bears repetition,
and a decision does not depend on company. So is a batch of which a call went unanswered or was refused for what it
holds. That the org itself is not well is told apart by a question that no row has a part in, asked after each such
failure: is it not answered either, the run stops at once. Nor is it the rows where one after the other fails alone and
none has been written: what needs no write goes well in an org that takes none. For whom Salesforce fails on is held
when another has gone well, or when that was all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from target_salesforce_retail.defects import named, places
from target_salesforce_retail.errors import OrgBusy, RequestRefused, RetailError, RowAfterRow
from target_salesforce_retail.nouns import Arrival, Outcome, Reason, Stage, Verdict
from target_salesforce_retail.ports import Org

ENOUGH = 20
Item = TypeVar("Item")


@dataclass(frozen=True)
class Way(Generic[Item]):
    """How items are run.

    Attributes:
        run: Takes several to their end.
        alone: Holds one that makes ``run`` raise.
        org: The org that ``run`` calls.
    """

    run: Callable[[Sequence[Item]], list[Outcome]]
    alone: Callable[[Item, Exception], list[Outcome]]
    org: Org


def isolate(way: Way[Item], items: Sequence[Item], enough: int | None = ENOUGH) -> list[Outcome]:
    """The outcomes of all items, in their order, by as few runs as may be.

    Args:
        way: How they are run.
        items: What is to be run.
        enough: After so many failures and nothing that went well it is not the items: then the run stops. None: never,
            for all of them have failed before.

    Raises:
        RetailError: From ``run``: the world as a whole is at fault, and no row.
        RowAfterRow: It fails on everything.
    """
    outcomes: list[Outcome] = []
    waiting = [list(items)]
    failed: list[tuple[Item, Exception]] = []
    failures, has_gone_well, has_written = 0, False, False
    while waiting:
        part = waiting.pop()
        try:
            ended = _run(way, part, is_hurried=len(part) < len(items) and len(part) > 1)
        except Exception as error:
            if isinstance(error, RetailError) and not (error.of_a_row and way.org.answers()):
                raise
            if len(part) > 1:
                waiting += [part[len(part) // 2 :], part[: len(part) // 2]]
                continue
            failures += 1
            others_go_well = has_written if isinstance(error, RetailError) else has_gone_well
            if enough and failures >= enough and not others_go_well:
                raise _for_all(error, failures) from error
            failed.append((part[0], error))
            ended, is_sure = [], others_go_well or not waiting or not isinstance(error, RetailError)
        else:
            has_gone_well = is_sure = True
            has_written = has_written or any(outcome.sent for outcome in ended)
        if is_sure:
            outcomes += [outcome for item, error in failed for outcome in way.alone(item, error)]
            failed = []
        outcomes += ended
    return outcomes


def _run(way: Way[Item], part: Sequence[Item], *, is_hurried: bool) -> list[Outcome]:
    """Halves need not wait long for an answer: they are halved again. Who is alone is not held for impatience."""
    way.org.hurry(is_hurried)
    try:
        return way.run(part)
    finally:
        way.org.hurry(False)


def _for_all(error: Exception, failures: int) -> RetailError:
    if isinstance(error, RetailError):
        return error
    return RowAfterRow(
        f"The target itself failed on {failures} rows one after the other ({named(error)}).",
        hint="Not the rows are at fault, and nothing was acknowledged: please report this line.",
    )


def hold_of(arrival: Arrival, error: Exception) -> Outcome:
    """The hold of a row that the target or Salesforce failed on: with the place, never with a stranger's words."""
    stages = [Stage(name) for place in places(error) if (name := _stage(place)) in set(Stage)]
    stage = stages[-1] if stages else Stage.CHECK
    if isinstance(error, OrgBusy):
        return Outcome(arrival, Verdict.HELD, stage, reason=Reason.UNANSWERED, message=error.what)
    if isinstance(error, RequestRefused):
        return Outcome(arrival, Verdict.HELD, stage, reason=Reason.REFUSED, code=error.code, message=error.what)
    return Outcome(arrival, Verdict.HELD, stage, reason=Reason.DEFECT, code=named(error))


def _stage(place: str) -> str:
    room, _, module = place.rpartition("/")
    return module.partition(".")[0] if room == "stages" else ""
