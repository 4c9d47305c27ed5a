"""Single rows: create, read, change, delete, by id or by external id (docs/vendors/salesforce.md, single rows)."""

from __future__ import annotations

from typing import Any

from sandbox.salesforce.calls import Answer, Call, Route
from sandbox.salesforce.dml import rows_by_key
from sandbox.salesforce.faults import Fault, Refused, refuse
from sandbox.salesforce.row import Row
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.values import shown


def create(call: Call) -> Answer:
    """``POST /sobjects/T`` and ``POST /sobjects/T/Id``."""
    sobject = call.org.object(call.parts[1])
    record_id = call.org.create(sobject.name, call.json_object(), call.caller)
    return _created(call, sobject, record_id)


def _created(call: Call, sobject: SObject, record_id: str, **more: bool) -> Answer:
    location = f"{call.base}/sobjects/{sobject.name}/{record_id}"
    return Answer(201, {"id": record_id, "success": True, "errors": [], **more}, {"Location": location})


def read(call: Call) -> Answer:
    """``GET /sobjects/T/{id}``, optionally with ``fields``."""
    sobject = call.org.object(call.parts[1])
    return Answer(200, render(call, sobject, _seen(call, sobject), call.query.get("fields")))


def change(call: Call) -> Answer:
    """``PATCH /sobjects/T/{id}``."""
    sobject = call.org.object(call.parts[1])
    call.org.update(sobject.name, _row(call, sobject)["Id"], call.json_object(), call.caller)
    return Answer(204)


def delete(call: Call) -> Answer:
    """``DELETE /sobjects/T/{id}``."""
    sobject = call.org.object(call.parts[1])
    call.org.delete(sobject.name, _row(call, sobject)["Id"], call.caller)
    return Answer(204)


def _row(call: Call, sobject: SObject) -> Row:
    text = call.parts[2]
    record_id = call.org.id_of(text)
    if record_id is None:
        raise refuse("NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {text}")
    row = call.org.tables[sobject.name].get(record_id)
    if row is None:
        raise refuse("NOT_FOUND", "The requested resource does not exist")
    if row["IsDeleted"]:
        raise Refused(Fault("ENTITY_IS_DELETED", "entity is deleted"))
    return row


def _seen(call: Call, sobject: SObject) -> Row:
    row = _row(call, sobject)
    if row["Id"] in call.org.hidden:
        raise refuse("NOT_FOUND", "The requested resource does not exist")
    return row


def render(call: Call, sobject: SObject, row: Row, names: str | None = None) -> dict[str, Any]:
    """A row as the API shows it: attributes first, then the fields asked for, or all.

    Raises:
        Refused: INVALID_FIELD for a name that is no field.
    """
    url = f"{call.base}/sobjects/{sobject.name}/{row['Id']}"
    answer: dict[str, Any] = {"attributes": {"type": sobject.name, "url": url}}
    fields = [_field(sobject, name.strip()) for name in names.split(",")] if names else sobject.fields.values()
    answer.update((one.name, shown(one, row)) for one in fields)
    answer["Id"] = row["Id"]
    return answer


def _field(sobject: SObject, name: str) -> Field:
    field = sobject.field(name)
    if field is None:
        raise refuse("INVALID_FIELD", f"No such column '{name}' on entity '{sobject.name}'")
    return field


# -- by external id -----------------------------------------------------------------------------------------------


def read_by_key(call: Call) -> Answer:
    """``GET /sobjects/T/{field}/{value}``: 200, 300 with the addresses of all, or 404."""
    if _names_a_row(call):
        return _related(call)
    sobject, _, rows = _by_key(call)
    if len(rows) > 1:
        return _choice(call, sobject, rows)
    if not rows:
        raise refuse("NOT_FOUND", "The requested resource does not exist")
    return Answer(200, render(call, sobject, rows[0], call.query.get("fields")))


def _names_a_row(call: Call) -> bool:
    """Whether the path is a row and a relationship of it, not a field and a value."""
    sobject = call.org.object(call.parts[1])
    return sobject.field(call.parts[2]) is None and (call.org.id_of(call.parts[2]) or "")[:3] == sobject.key_prefix


def _related(call: Call) -> Answer:
    """``GET /sobjects/T/{id}/{relationship}``: the parent, or the children as a query answers them."""
    sobject, row, name = (
        call.org.object(call.parts[1]),
        _seen(call, call.org.object(call.parts[1])),
        call.parts[3].lower(),
    )
    up = sobject.relationships.get(name)
    if up is not None and row[up.name] is not None and row[up.name] not in call.org.hidden:
        parent = call.org.schema.by_prefix[row[up.name][:3]]
        return Answer(200, render(call, parent, call.org.tables[parent.name][row[up.name]], call.query.get("fields")))
    down = next((one for one in sobject.child_relationships if (one.name or "").lower() == name), None)
    if down is None:
        raise refuse("NOT_FOUND", "The requested resource does not exist")
    child = call.org.object(down.child)
    rows = [one for one in call.org.lookup(child.name, down.field, [row["Id"]]) if one["Id"] not in call.org.hidden]
    found = [render(call, child, one) for one in rows]
    return Answer(200, {"totalSize": len(found), "done": True, "records": found})


def upsert_by_key(call: Call) -> Answer:
    """``PATCH /sobjects/T/{field}/{value}``: 201, 200, 300, or 404 when ``updateOnly`` finds nothing."""
    sobject, field, rows = _by_key(call)
    if len(rows) > 1:
        return _choice(call, sobject, rows)
    values = call.json_object()
    if any(name.lower() == field.name.lower() for name in values):
        message = f"The {field.name} field should not be specified in the sobject data."
        raise refuse("INVALID_FIELD", message)
    only = call.query.get("updateOnly", "").lower() == "true"
    record_id, created = call.org.upsert(sobject.name, field.name, call.parts[3], values, call.caller, update_only=only)
    # The body grew `created`, and the update got a body at all, with API 46.
    more = {"created": created} if float(call.version) >= 46 else {}
    if created:
        return _created(call, sobject, record_id, **more)
    return Answer(200, {"id": record_id, "success": True, "errors": [], **more}) if more else Answer(204)


def delete_by_key(call: Call) -> Answer:
    """``DELETE /sobjects/T/{field}/{value}``."""
    sobject, _, rows = _by_key(call)
    if len(rows) > 1:
        return _choice(call, sobject, rows)
    if not rows:
        raise refuse("NOT_FOUND", "The requested resource does not exist")
    call.org.delete(sobject.name, rows[0]["Id"], call.caller)
    return Answer(204)


def _by_key(call: Call) -> tuple[SObject, Field, list[Row]]:
    sobject = call.org.object(call.parts[1])
    field = call.org.key_field(sobject, call.parts[2])
    return sobject, field, rows_by_key(call.org, call.org.switches, sobject, field, call.parts[3])


def _choice(call: Call, sobject: SObject, rows: list[Row]) -> Answer:
    return Answer(300, [f"{call.base}/sobjects/{sobject.name}/{row['Id']}" for row in rows])


ROUTES = [
    Route("POST", "sobjects/{object}", create, "rows", "create a row: 201"),
    Route("POST", "sobjects/{object}/id", create, "rows", "create a row by way of the external id Id: 201"),
    Route("GET", "sobjects/{object}/{id}", read, "rows", "one row, all fields or those in `fields`"),
    Route("PATCH", "sobjects/{object}/{id}", change, "rows", "change a row: 204; null clears a field"),
    Route("DELETE", "sobjects/{object}/{id}", delete, "rows", "into the recycle bin: 204, again 404"),
    Route(
        "GET",
        "sobjects/{object}/{field}/{value}",
        read_by_key,
        "rows",
        "by external id: 200, 300, 404; or a row's parent or children",
    ),
    Route(
        "PATCH",
        "sobjects/{object}/{field}/{value}",
        upsert_by_key,
        "rows",
        "upsert by external id or idLookup: 201, 200, 300, 404; `updateOnly`; before version 46 without `created`",
        "what `updateOnly` answers when nothing matches",
    ),
    Route("DELETE", "sobjects/{object}/{field}/{value}", delete_by_key, "rows", "by external id: 204, 300 or 404"),
]
