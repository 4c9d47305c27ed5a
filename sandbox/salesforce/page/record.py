"""One record: its fields, and what hangs on it, as the related lists of the CRM show it."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.salesforce.faults import refuse
from sandbox.salesforce.ids import long_id
from sandbox.salesforce.page.html import Html, document, link, table, text
from sandbox.salesforce.page.rows import value_of
from sandbox.salesforce.row import Row
from sandbox.salesforce.rows import Org
from sandbox.salesforce.schema import ChildRelationship, Field, SObject

_MOST = 50
_MOST_COLUMNS = 6


def record_page(org: Org, record_id: str) -> str:
    """The page of an id; raises Refused NOT_FOUND."""
    full = long_id(record_id) or ""
    sobject = org.schema.by_prefix.get(full[:3])
    row = org.tables[sobject.name].get(full) if sobject else None
    if sobject is None or row is None:
        raise refuse("NOT_FOUND", f"there is no record {record_id}")
    gone = Html('<p class="gone">In the recycle bin</p>') if row["IsDeleted"] else Html("")
    title = f"{sobject.label}: {row.get('Name') or full}"
    back = Html(f"<p>{link(f'/_sandbox/objects/{sobject.name}', sobject.plural or sobject.label)}</p>")
    return document(title, back, gone, *_related(org, sobject, full), _fields(org, sobject, row))


def _fields(org: Org, sobject: SObject, row: Row) -> Html:
    filled = [one for one in sobject.fields.values() if row.get(one.name) not in (None, "")]
    lines = [(text(one.label), text(one.name), value_of(org, row, one)) for one in filled]
    return table("Fields with a value", ("Field", "Name", "Value"), lines)


def _related(org: Org, sobject: SObject, record_id: str) -> Iterator[Html]:
    """A list for every kind of child there is, the newest first."""
    for relation in sobject.child_relationships:
        child = org.object(relation.child)
        rows = [row for row in org.lookup(child.name, relation.field, [record_id]) if not row["IsDeleted"]]
        if rows:
            yield _list(org, child, relation, rows)


def _list(org: Org, child: SObject, relation: ChildRelationship, rows: list[Row]) -> Html:
    when = next((one for one in child.fields.values() if one.custom and one.type == "datetime"), None)
    stamp = when or child.fields["createddate"]
    rows.sort(key=lambda row: str(row.get(stamp.name) or ""), reverse=True)
    columns = [stamp, *_columns(child, rows, {relation.field, stamp.name})]
    lines = [[_named(row), *(value_of(org, row, one) for one in columns)] for row in rows[:_MOST]]
    more = f", the newest {_MOST}" if len(rows) > _MOST else ""
    caption = f"{child.plural or child.label} ({len(rows):,}{more})"
    return table(caption, ["Name", *(one.label for one in columns)], lines)


def _named(row: Row) -> Html:
    return link(f"/_sandbox/records/{row['Id']}", str(row.get("Name") or row["Id"]))


def _columns(child: SObject, rows: list[Row], without: set[str]) -> list[Field]:
    """Custom fields with values first; where there are none, the standard ones."""
    filled = [
        one
        for one in child.fields.values()
        if one.name not in without
        and not one.name_field
        and any(row.get(one.name) not in (None, "", False) for row in rows)
    ]
    custom = [one for one in filled if one.custom and not one.external_id]
    standard = [one for one in filled if not one.custom and one.createable]
    return [*custom, *standard][:_MOST_COLUMNS]
