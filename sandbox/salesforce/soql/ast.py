"""A parsed query, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class Literal:
    """A value in a condition; ``kind`` is string, number, boolean, null, date, datetime or date_literal."""

    kind: str
    value: str | int | Decimal | bool | date | datetime | None


@dataclass(frozen=True)
class Path:
    """A field, perhaps through parents, perhaps inside a function; ``column`` is where it stands, from 1."""

    steps: tuple[str, ...]
    column: int = 1
    function: str = ""

    def __str__(self) -> str:
        path = ".".join(self.steps)
        return f"{self.function}({path})" if self.function else path


@dataclass(frozen=True)
class Aggregate:
    """``COUNT(Id) total``: function in capitals, its field (None for ``COUNT()``) and its alias."""

    function: str
    path: Path | None
    alias: str | None = None


@dataclass(frozen=True)
class FieldItem:
    """A selected field; an alias makes sense with GROUP BY only."""

    path: Path
    alias: str | None = None


@dataclass(frozen=True)
class FieldsAll:
    """``FIELDS(ALL|STANDARD|CUSTOM)``."""

    group: str


@dataclass(frozen=True)
class TypeOf:
    """``TYPEOF What WHEN Account THEN Phone ELSE Name END``: other fields for other parents."""

    path: Path
    cases: tuple[tuple[str, tuple[Path, ...]], ...]
    otherwise: tuple[Path, ...]


@dataclass(frozen=True)
class Compare:
    """One comparison; ``values`` holds one literal, or those of a list; ``inner`` is a semi-join's query."""

    path: Path | Aggregate
    operator: str
    values: tuple[Literal, ...] = ()
    inner: Query | None = None


@dataclass(frozen=True)
class Junction:
    """``and`` or ``or`` over at least two conditions."""

    word: str
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    part: Condition


Condition = Compare | Junction | Not


@dataclass(frozen=True)
class OrderItem:
    """One sort key; nulls come first unless said otherwise."""

    path: Path | Aggregate
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """A whole SELECT."""

    items: tuple[FieldItem | Aggregate | FieldsAll | TypeOf | Query, ...]
    source: Path
    alias: str | None
    where: Condition | None
    group: tuple[Path, ...]
    having: Condition | None
    order: tuple[OrderItem, ...]
    limit: int | None
    offset: int
