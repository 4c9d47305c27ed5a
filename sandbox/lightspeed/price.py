"""What a read costs, in drips; fixed by the request alone (docs/vendors/lightspeed-r-series.md, costs)."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.lightspeed.filters import RANGES, Condition
from sandbox.lightspeed.resources import walk

BASE, COUNT = 1.0, 10.0
TO_ONE, TO_MANY = 0.1, 0.2


def cost(resource: str, relations: Sequence[str], *, single: bool, count: bool, twice: bool = False) -> float:
    """1, and for each relation 0.1 to-one or 0.2 to-many, doubled on lists or under a to-many.

    Args:
        resource: What is read.
        relations: What is loaded.
        single: One row by its key.
        count: The number of rows, which costs the same whatever else is asked.
        twice: Under a to-many and on a list is doubled twice.
    """
    if count:
        return COUNT
    return round(BASE + sum(_relation_cost(resource, path, single, twice) for path in relations), 4)


def _relation_cost(resource: str, path: str, single: bool, twice: bool) -> float:
    found = walk(resource, path)
    if found is None:
        return 0.0
    relation, under_many = found
    doublings = (not single) + under_many
    return (TO_MANY if relation.many else TO_ONE) * (1 << (doublings if twice else min(1, doublings)))


def alternatives_cost(operands: Sequence[Condition]) -> float:
    """What ``or=`` adds: nothing on one field, one an operand on one entity with one range at most.

    Else ten an entity, and one for each operand that is not its entity's first: what "additional" counts from, the page
    does not say.
    """
    if len({each.name for each in operands}) < 2:
        return 0.0
    entities = {each.relation for each in operands}
    ranges = sum(each.operator in RANGES for each in operands)
    if len(entities) == 1 and ranges <= 1:
        return float(len(operands))
    return float(10 * len(entities) + len(operands) - len(entities))
