"""Keeps a row that the target itself fails on from its neighbours.

A batch that raises what nobody foresaw is run again in halves, until the row is alone: every write bears repetition,
and a decision does not depend on company.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from target_salesforce_retail.defects import named, places
from target_salesforce_retail.errors import RetailError, RowAfterRow
from target_salesforce_retail.nouns import Arrival, Outcome, Reason, Stage, Verdict

ENOUGH = 20
Item = TypeVar("Item")


def isolate(
    run: Callable[[Sequence[Item]], list[Outcome]],
    alone: Callable[[Item, Exception], list[Outcome]],
    items: Sequence[Item],
    enough: int | None = ENOUGH,
) -> list[Outcome]:
    """The outcomes of all items, in their order, by as few runs as may be.

    Args:
        run: Takes several to their end.
        alone: Holds one that makes ``run`` raise.
        items: What is to be run.
        enough: After so many failures and nothing that went well it is not the items: then the run stops. None: never,
            for all of them have failed before.

    Raises:
        RetailError: From ``run``: the world as a whole is at fault, and no row.
        RowAfterRow: It fails on everything.
    """
    outcomes: list[Outcome] = []
    waiting = [list(items)]
    failures, is_well = 0, False
    while waiting:
        part = waiting.pop()
        try:
            outcomes += run(part)
            is_well = True
        except RetailError:
            raise
        except Exception as error:
            if len(part) > 1:
                waiting += [part[len(part) // 2 :], part[: len(part) // 2]]
                continue
            failures += 1
            if enough and failures >= enough and not is_well:
                raise RowAfterRow(
                    f"The target itself failed on {failures} rows one after the other ({named(error)}).",
                    hint="Not the rows are at fault, and nothing was acknowledged: please report this line.",
                ) from error
            outcomes += alone(part[0], error)
    return outcomes


def defect(arrival: Arrival, error: Exception) -> Outcome:
    """The hold of a row that the target itself failed on: with the place, never with the exception's words."""
    stages = [Stage(name) for place in places(error) if (name := _stage(place)) in set(Stage)]
    stage = stages[-1] if stages else Stage.CHECK
    return Outcome(arrival, Verdict.HELD, stage, reason=Reason.DEFECT, code=named(error))


def _stage(place: str) -> str:
    room, _, module = place.rpartition("/")
    return module.partition(".")[0] if room == "stages" else ""
