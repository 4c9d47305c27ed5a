"""What the weather will be: gusts by plan, storms by seed, and what has struck so far."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

from sandbox.weather.faults import FAULTS, FaultKind

_REMEMBERED = 1_000
_OF_THE_WIRE = frozenset({"cut", "drop", "garbled", "slow", "slow_body", "truncate"})


@dataclass
class Gust:
    """One piece of bad weather.

    Attributes:
        fault: Name of the fault, see ``faults.py``.
        method: HTTP method, or ``*``.
        path: Glob over the path.
        query: Glob over the query string, decoded.
        containing: Text that the request's body holds.
        rows: For faults of rows: glob over any value of a row; ``*`` is every row.
        skip: So many matching calls or rows pass first.
        times: So many are hit.
        commit: The call takes effect; only its answer is lost.
        seconds: For "slow", "slow_body" and "skew".
        body: For a fault that answers instead of the vendor: the body in place of what the vendor would say.
    """

    fault: str
    method: str = "*"
    path: str = "*"
    query: str = "*"
    containing: str = ""
    rows: str = "*"
    skip: int = 0
    times: int = 1
    commit: bool = False
    seconds: float = 1.0
    body: str | None = None

    @property
    def kind(self) -> FaultKind:
        """What it does."""
        return FAULTS[self.fault]

    def concerns(self, method: str, path: str, query: str = "") -> bool:
        """Whether this call may be hit, as far as its first line tells."""
        if self.kind.strikes == "row" or self.times <= 0 or self.method not in ("*", method):
            return False
        return fnmatchcase(path, self.path) and fnmatchcase(query, self.query)

    def hits(self, body: bytes) -> bool:
        """Whether a call that it concerns is hit; counts down."""
        return self.containing.encode() in body and self._counts_down()

    def hits_row(self, row: Mapping[str, Any]) -> bool:
        """Whether a row is hit; counts down."""
        if self.kind.strikes != "row" or self.times <= 0:
            return False
        return any(fnmatchcase(str(value), self.rows) for value in row.values()) and self._counts_down()

    def _counts_down(self) -> bool:
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass(frozen=True)
class Storm:
    """Faults at random, the same ones for the same seed and the same calls."""

    draw: random.Random
    rate: float
    faults: Sequence[str]

    def gust(self) -> Gust | None:
        """What this call gets, if anything."""
        if self.draw.random() >= self.rate:
            return None
        return Gust(self.draw.choice(self.faults), commit=self.draw.random() < 0.5, seconds=0.0)


class Forecast:
    """The plan of one vendor's failures.

    Attributes:
        struck: The latest that happened: the fault, and the call or the row.
    """

    def __init__(self) -> None:
        self._gusts: list[Gust] = []
        self._storm: Storm | None = None
        self.struck: deque[dict[str, Any]] = deque(maxlen=_REMEMBERED)

    def plan(self, gusts: Sequence[Gust]) -> None:
        """Add to the plan."""
        self._gusts += gusts

    def plan_dicts(self, gusts: Sequence[Mapping[str, Any]]) -> None:
        """Add gusts as JSON gives them.

        Raises:
            ValueError: An unknown key or fault, with those there are.
        """
        known = {field.name for field in fields(Gust)}
        for gust in gusts:
            if set(gust) - known:
                message = f"unknown {', '.join(sorted(set(gust) - known))}; a gust has {', '.join(sorted(known))}"
                raise ValueError(message)
            _check([str(gust.get("fault"))])
        self.plan([Gust(**{**gust, "seconds": float(gust.get("seconds", 1.0))}) for gust in gusts])

    def storm(self, seed: int, rate: float, faults: Sequence[str]) -> None:
        """From now on every call may be hit.

        Args:
            seed: Everything that is drawn follows from it.
            rate: Share of the calls that are hit, from 0 to 1.
            faults: What they may be hit by; half of them after the call took effect.

        Raises:
            ValueError: An unknown fault, or one of rows.
        """
        _check(faults)
        if any(FAULTS[name].strikes == "row" for name in faults):
            message = "a storm hits calls; plan gusts for rows"
            raise ValueError(message)
        self._storm = Storm(random.Random(seed), rate, tuple(faults))

    def clear(self) -> None:
        """Fair weather."""
        self._gusts.clear()
        self._storm = None
        self.struck.clear()

    def planned(self) -> list[dict[str, Any]]:
        """The gusts that have not blown themselves out."""
        return [asdict(gust) for gust in self._gusts if gust.times > 0]

    @property
    def is_of_the_wire(self) -> bool:
        """Whether a fault to come, as any of a storm may, spoils a connection and not only what is said over it."""
        return self._storm is not None or any(gust.fault in _OF_THE_WIRE for gust in self._gusts if gust.times > 0)

    def concerned(self, method: str, path: str, query: str = "") -> list[Gust]:
        """The gusts that may hit a call, the storm's first."""
        drawn = self._storm.gust() if self._storm else None
        planned = [gust for gust in self._gusts if gust.concerns(method, path, query)]
        return [drawn, *planned] if drawn else planned

    def note(self, gust: Gust, **what: Any) -> None:
        """Remember that it struck."""
        self.struck.append({"fault": gust.fault, "commit": gust.commit, **what})

    def row_fault(self, name: str, row: Mapping[str, Any]) -> FaultKind | None:
        """What a row of an object is refused with, if anything."""
        gust = next((each for each in self._gusts if each.hits_row(row)), None)
        if gust is None:
            return None
        self.note(gust, object=name, id=row.get("Id"))
        return gust.kind


def _check(names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        message = f"unknown fault {', '.join(unknown)}; there are {', '.join(FAULTS)}"
        raise ValueError(message)
