"""The rows of one object: some columns, a page at a time, sorted and searched by the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from sandbox.salesforce.page.html import Html, document, link, table, text
from sandbox.salesforce.row import Row
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.values import shown

PAGE = 50
_MOST_COLUMNS = 8
_DULL = frozenset(
    {"Id", "IsDeleted", "CreatedById", "LastModifiedById", "LastModifiedDate", "SystemModstamp", "OwnerId"}
)


def rows_page(org: Org, sobject: SObject, query: Mapping[str, str]) -> str:
    """The page; ``q`` searches, ``sort`` names a field (``-`` before it turns the order), ``page`` counts from 1."""
    rows = _searched(org, sobject, query.get("q", ""))
    columns = _columns(sobject, rows)
    ordered = _sorted(sobject, rows, query.get("sort", ""))
    number = max(1, int(query.get("page", "1") or 1)) if query.get("page", "1").isdigit() else 1
    part = ordered[(number - 1) * PAGE : number * PAGE]
    heads = [link(_address(sobject, query, sort=_turned(query, one.name)), one.label) for one in columns]
    lines = [[_cell(org, row, one) for one in columns] for row in part]
    found = f"{len(rows):,} rows" if rows else "No rows"
    caption = f"{found}, {(number - 1) * PAGE + 1} to {(number - 1) * PAGE + len(part)}" if part else found
    return document(
        sobject.plural or sobject.label, table(caption, heads, lines), _pages(sobject, query, number, len(rows))
    )


def _searched(org: Org, sobject: SObject, asked: str) -> list[Row]:
    rows = list(org.tables[sobject.name].values())
    if not asked:
        return rows
    wanted = asked.lower()
    return [row for row in rows if any(isinstance(value, str) and wanted in value.lower() for value in row.values())]


def _columns(sobject: SObject, rows: Sequence[Row]) -> list[Field]:
    """The name first, then fields that the first rows have values for."""
    some = rows[:PAGE]
    filled = [one for one in sobject.fields.values() if any(row.get(one.name) not in (None, False, "") for row in some)]
    name = [one for one in filled if one.name_field]
    rest = [one for one in filled if not one.name_field and one.name not in _DULL and one.compound is None]
    rest.sort(key=lambda one: (one.name == "CreatedDate", not one.custom))
    return [*name, *rest][:_MOST_COLUMNS] or [sobject.fields["id"]]


def _sorted(sobject: SObject, rows: list[Row], sort: str) -> list[Row]:
    field = sobject.field(sort.removeprefix("-"))
    if field is None:
        return rows
    filled = [row for row in rows if row.get(field.name) is not None]
    empty = [row for row in rows if row.get(field.name) is None]
    return [*sorted(filled, key=lambda row: row[field.name], reverse=sort.startswith("-")), *empty]


def _turned(query: Mapping[str, str], name: str) -> str:
    return f"-{name}" if query.get("sort") == name else name


def _address(sobject: SObject, query: Mapping[str, str], **changes: Any) -> str:
    return f"/_sandbox/objects/{sobject.name}?{urlencode({**query, **changes})}"


def _pages(sobject: SObject, query: Mapping[str, str], number: int, count: int) -> Html:
    before = [link(_address(sobject, query, page=number - 1), "earlier")] if number > 1 else []
    after = [link(_address(sobject, query, page=number + 1), "later")] if number * PAGE < count else []
    return Html(f"<p>{' · '.join([*before, *after])}</p>")


def _cell(org: Org, row: Row, field: Field) -> Html:
    if field.name_field or field.name == "Id":
        return link(f"/_sandbox/records/{row['Id']}", str(row.get(field.name) or row["Id"]))
    return value_of(org, row, field)


def value_of(org: Org, row: Row, field: Field) -> Html:
    """A value; a reference leads to the row it names."""
    value = shown(field, row)
    if isinstance(value, bool):
        return text("yes" if value else "no")
    if field.type == "datetime" and value:
        return text(f"{value[:10]} {value[11:16]}")
    sobject = org.schema.by_prefix.get(str(value)[:3]) if field.type == "reference" and value else None
    other = org.tables[sobject.name].get(value) if sobject else None
    if other is None:
        return text(value)
    return link(f"/_sandbox/records/{value}", str(other.get("Name") or value))
