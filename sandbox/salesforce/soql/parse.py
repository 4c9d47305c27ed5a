"""From text to a query. LALR, so that a list of 200 values takes milliseconds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import VisitError

from sandbox.salesforce.soql.ast import (
    Aggregate,
    Compare,
    FieldItem,
    FieldsAll,
    Junction,
    Literal,
    Not,
    OrderItem,
    Path,
    Query,
    TypeOf,
)

MAX_STATEMENT = 100_000
MAX_LITERAL = 4_000
ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
WILDCARDS = {"_": "\\_", "%": "\\%"}
"""Escaped wildcards stay escaped: LIKE reads them; anywhere else they are an error."""


class SoqlError(Exception):
    """A query that the org refuses."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def caret(soql: str, column: int, text: str) -> str:
    """The vendor's way to point into a query."""
    start = max(0, column - 1 - 20)
    shown = soql.replace("\n", " ")[start : column + 40]
    return f"\n{shown}\n{' ' * (column - 1 - start)}^\nERROR at Row:1:Column:{column}\n{text}"


def parse(soql: str) -> Query:
    """The query that a statement says.

    Raises:
        SoqlError: MALFORMED_QUERY.
    """
    if len(soql) > MAX_STATEMENT:
        raise SoqlError("MALFORMED_QUERY", f"SOQL statements cannot be longer than {MAX_STATEMENT:,} characters.")
    try:
        query = _Build().transform(_parser().parse(soql))
    except UnexpectedInput as error:
        column = error.column if isinstance(error.column, int) and error.column > 0 else len(soql) + 1
        token = getattr(error, "token", "")
        raise SoqlError("MALFORMED_QUERY", caret(soql, column, f"unexpected token: '{token}'")) from None
    except VisitError as error:
        if isinstance(error.orig_exc, SoqlError):
            raise error.orig_exc from None
        if isinstance(error.orig_exc, ValueError):  # a day or an hour that there is not
            raise SoqlError("MALFORMED_QUERY", f"invalid date or datetime: {error.orig_exc}") from None
        raise
    result: Query = query
    return result


@cache
def _parser() -> Lark:
    grammar = (resources.files("sandbox.salesforce.soql") / "grammar.lark").read_text("utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False)


def unescape(text: str, *, like: bool) -> str:
    """A literal without its quotes, as the org reads it.

    Raises:
        SoqlError: A backslash before anything that the vendor does not list.
    """

    def one(match: re.Match[str]) -> str:
        sign = match.group(1)
        if len(sign) == 5:
            return chr(int(sign[1:], 16))
        if sign in ESCAPES:
            return ESCAPES[sign] if sign != "\\" or not like else "\\\\"
        if like and sign in WILDCARDS:
            return WILDCARDS[sign]
        raise SoqlError("MALFORMED_QUERY", f"Invalid string literal: illegal character sequence '\\{sign}'")

    if len(text) > MAX_LITERAL:
        raise SoqlError("MALFORMED_QUERY", f"String literals cannot be longer than {MAX_LITERAL:,} characters.")
    return ESCAPE.sub(one, text)


@v_args(inline=True)
class _Build(Transformer[Token, Any]):
    """Makes values of the tree; one method per rule of the grammar."""

    def start(self, query: Query) -> Query:
        return query

    def select(self, items: tuple[Any, ...], source: tuple[Path, str | None], *parts: Any) -> Query:
        clauses = {name: value for name, value in (part for part in parts if isinstance(part, tuple)) if name}
        return Query(
            items=items,
            source=source[0],
            alias=source[1],
            where=clauses.get("where"),
            group=clauses.get("group", ()),
            having=clauses.get("having"),
            order=clauses.get("order", ()),
            limit=clauses.get("limit"),
            offset=clauses.get("offset", 0),
        )

    def select_list(self, *items: Any) -> tuple[Any, ...]:
        return items

    def field_item(self, path: Path, alias: str | None = None) -> FieldItem:
        return FieldItem(path, alias)

    def aggregate(self, function: str, *rest: Any) -> Aggregate:
        path = next((each for each in rest if isinstance(each, Path)), None)
        alias = next((each for each in rest if isinstance(each, str)), None)
        return Aggregate(function, path, alias)

    def aggregate_call(self, function: str, path: Path | None = None) -> Aggregate:
        return Aggregate(function, path)

    def function(self, name: Token) -> str:
        return str(name).upper()

    def alias(self, name: Token) -> str:
        return str(name)

    def fields_all(self, group: Token) -> FieldsAll:
        return FieldsAll(str(group).upper())

    def subquery(self, query: Query) -> Query:
        return query

    def object_ref(self, path: Path, alias: str | None = None) -> tuple[Path, str | None]:
        return path, alias

    def path(self, *steps: Token) -> Path:
        return Path(tuple(map(str, steps)), steps[0].column or 1)

    def where(self, condition: Any) -> tuple[str, Any]:
        return "where", condition

    def having(self, condition: Any) -> tuple[str, Any]:
        return "having", condition

    def or_condition(self, *parts: Any) -> Junction:
        return Junction("or", parts)

    def and_condition(self, *parts: Any) -> Junction:
        return Junction("and", parts)

    def not_condition(self, part: Any) -> Not:
        return Not(part)

    def compare(self, path: Any, operator: Token, value: Literal) -> Compare:
        return Compare(path, "!=" if operator == "<>" else str(operator), (_text(value),))

    def like(self, path: Any, value: Literal) -> Compare:
        return Compare(path, "like", (_text(value, like=True),))

    def in_(self, path: Any, values: Any) -> Compare:
        return _member(path, "in", values)

    def not_in(self, path: Any, values: Any) -> Compare:
        return _member(path, "not in", values)

    def includes(self, path: Any, values: Any) -> Compare:
        return _member(path, "includes", values)

    def excludes(self, path: Any, values: Any) -> Compare:
        return _member(path, "excludes", values)

    def list(self, *values: Literal) -> tuple[Literal, ...]:
        return tuple(map(_text, values))

    def semi_join(self, query: Query) -> Query:
        return query

    def group(self, *paths: Path) -> tuple[str, tuple[Path, ...]]:
        return "group", paths

    def order(self, *items: OrderItem) -> tuple[str, tuple[OrderItem, ...]]:
        return "order", items

    def order_item(self, path: Any, *words: str) -> OrderItem:
        said = [str(word).upper() for word in words]
        return OrderItem(path, "DESC" in said, "LAST" in said)

    def nulls(self, place: Token) -> str:
        return str(place)

    def limit(self, number: Token) -> tuple[str, int]:
        return "limit", int(number)

    def offset(self, number: Token) -> tuple[str, int]:
        return "offset", int(number)

    def for_(self, what: Token) -> tuple[str, str]:
        return "for", str(what)

    def with_(self, what: Token) -> tuple[str, str]:
        return "with", str(what)

    def typeof(self, path: Path, *parts: tuple[str, Any]) -> TypeOf:
        cases = tuple(value for name, value in parts if name == "when")
        return TypeOf(path, cases, next((value for name, value in parts if name == "else"), ()))

    def when(self, name: Token, *paths: Path) -> tuple[str, Any]:
        return "when", (str(name), paths)

    def else_(self, *paths: Path) -> tuple[str, Any]:
        return "else", paths

    def field_function(self, name: Token, path: Path) -> Path:
        return replace(path, function=str(name).upper())

    def string(self, token: Token) -> Literal:
        return Literal("raw", str(token)[1:-1])

    def number(self, token: Token) -> Literal:
        return Literal("number", Decimal(str(token)))

    def boolean(self, token: Token) -> Literal:
        return Literal("boolean", str(token).lower() == "true")

    def null(self, _token: Token) -> Literal:
        return Literal("null", None)

    def date(self, token: Token) -> Literal:
        return Literal("date", date.fromisoformat(str(token)))

    def datetime(self, token: Token) -> Literal:
        text = re.sub(r"([+-]\d{2})(\d{2})$", r"\1:\2", str(token).replace("Z", "+00:00").replace("z", "+00:00"))
        return Literal("datetime", datetime.fromisoformat(re.sub(r"\.(\d{1,6})\d*", _micro, text)))

    def date_literal(self, token: Token) -> Literal:
        return Literal("date_literal", str(token).upper())


def _micro(match: re.Match[str]) -> str:
    return f".{match.group(1):0<6}"


def _text(value: Literal, *, like: bool = False) -> Literal:
    """A quoted literal with its escapes read; LIKE keeps escaped wildcards apart."""
    return Literal("string", unescape(str(value.value), like=like)) if value.kind == "raw" else value


def _member(path: Any, operator: str, values: Any) -> Compare:
    return Compare(path, operator, inner=values) if isinstance(values, Query) else Compare(path, operator, values)
