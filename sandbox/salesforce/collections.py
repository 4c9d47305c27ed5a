"""sObject Collections: up to 200 rows a call, each with its own result, in order.

Source: docs/vendors/salesforce.md, collections.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from sandbox.salesforce.calls import Answer, Call, Route
from sandbox.salesforce.faults import Fault, Refused, refuse
from sandbox.salesforce.records import render
from sandbox.salesforce.repeats import ID, Repeats
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.unreadable import refuse_unreadable

# The limits are documented, the codes that refuse more are not verified.
_LIMIT = 200
_CHUNKS = 10
_ROLLED_BACK = Fault(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)
Result = dict[str, Any]
Write = Callable[[dict[str, Any]], Result]


class _Undo(Exception):
    """Leaves the atomic block once every row has been tried."""


def create(call: Call) -> Answer:
    """``POST /composite/sobjects``."""
    return _write_all(call, lambda record: _done(call.org.create(_type(call, record), _values(record), call.caller)))


def update(call: Call) -> Answer:
    """``PATCH /composite/sobjects``."""
    repeats = Repeats(call.org.switches, ID, (_said(one, ID) for one in _listed(call)))

    def write(record: dict[str, Any]) -> Result:
        record_id = _id(record)
        _refuse_repeated(repeats, record_id)
        values = {name: value for name, value in record.items() if name.lower() != "id"}
        call.org.update(_type(call, record), record_id, values, call.caller)
        return _done(str(call.org.id_of(record_id)))

    return _write_all(call, write)


def upsert(call: Call) -> Answer:
    """``PATCH /composite/sobjects/T/{field}``; with the field ``Id``, null creates (recorded)."""
    sobject = call.org.object(call.parts[2])
    key = call.org.key_field(sobject, call.parts[3])
    repeats = Repeats(call.org.switches, key, (_said(one, key) for one in _listed(call)))

    def write(record: dict[str, Any]) -> Result:
        if _type(call, record) != sobject.name:
            raise refuse("INVALID_TYPE", f"All records must be of type {sobject.name}")
        value = _said(record, key)
        _refuse_repeated(repeats, value)
        values = {name: value for name, value in record.items() if name.lower() != key.name.lower()}
        record_id, created = call.org.upsert(sobject.name, key.name, value, values, call.caller)
        return {**_done(record_id), "created": created}

    return _write_all(call, write, rolled_back={"created": True})


def _refuse_repeated(repeats: Repeats, value: Any) -> None:
    fault = repeats.fault(value)
    if fault:
        raise Refused(fault)


def delete(call: Call) -> Answer:
    """``DELETE /composite/sobjects?ids=a,b``."""
    ids = [part for part in call.query.get("ids", "").split(",") if part]

    def write(record: dict[str, Any]) -> Result:
        record_id = record["Id"]
        sobject = call.org.schema.by_prefix.get(record_id[:3])
        if call.org.id_of(record_id) is None or sobject is None:
            raise refuse("MALFORMED_ID", f"malformed id {record_id}", "Id")
        call.org.delete(sobject.name, record_id, call.caller)
        return _done(str(call.org.id_of(record_id)))

    all_or_none = call.query.get("allOrNone", "false").lower() == "true"
    return _run(call, [{"Id": one} for one in ids], write, all_or_none=all_or_none, rolled_back={})


def retrieve(call: Call) -> Answer:
    """``GET`` or ``POST /composite/sobjects/T``: rows in the order of the ids, null where there is none."""
    sobject = call.org.object(call.parts[2])
    ids, names = _asked(call)
    table = call.org.tables[sobject.name]
    rows = [table.get(call.org.id_of(one) or "") for one in ids]
    seen = [None if row is None or row["IsDeleted"] or row["Id"] in call.org.hidden else row for row in rows]
    return Answer(200, [None if row is None else render(call, sobject, row, names) for row in seen])


def _asked(call: Call) -> tuple[list[str], str]:
    if call.method == "GET":
        ids, names = call.query.get("ids", "").split(","), call.query.get("fields", "")
    else:
        body = call.json_object()
        ids, names = body.get("ids", []), ",".join(body.get("fields", []))
    if not names:
        raise refuse("MISSING_ARGUMENT", "The fields parameter is required")
    return ids, names


# -- one way for every verb ---------------------------------------------------------------------------------------


def _write_all(call: Call, write: Write, rolled_back: Result | None = None) -> Answer:
    body, records = call.json_object(), _listed(call)
    chunks = sum(1 for _ in groupby(records, key=lambda one: (one.get("attributes") or {}).get("type")))
    if chunks > _CHUNKS:
        raise refuse("LIMIT_EXCEEDED", f"Cannot process more than {_CHUNKS} chunks of one type in one call")
    refuse_unreadable(call.org, records)
    return _run(call, records, write, all_or_none=body.get("allOrNone") is True, rolled_back=rolled_back or {})


def _listed(call: Call) -> list[dict[str, Any]]:
    records = call.json_object().get("records")
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise refuse("JSON_PARSER_ERROR", "The records of the request must be a list of JSON objects")
    return records


def _run(call: Call, records: list[dict[str, Any]], write: Write, *, all_or_none: bool, rolled_back: Result) -> Answer:
    if len(records) > _LIMIT:
        message = f"record limit reached. cannot submit more than {_LIMIT} records into this call"
        raise refuse("EXCEEDED_ID_LIMIT", message)
    with call.org.one_save():
        if not all_or_none:
            return Answer(200, [_attempt(record, write) for record in records])
        return Answer(200, _all_or_none(call, records, write, rolled_back))


def _all_or_none(call: Call, records: list[dict[str, Any]], write: Write, rolled_back: Result) -> list[Result]:
    results: list[Result] = []
    try:
        with call.org.atomic():
            results = [_attempt(record, write) for record in records]
            if not all(result["success"] for result in results):
                raise _Undo
    except _Undo:
        undone = _failed(_ROLLED_BACK)
        # `created` is true on every row although nothing was written: the vendor does that.
        results = [{**(undone if result["success"] else result), **rolled_back} for result in results]
    return results


def _attempt(record: dict[str, Any], write: Write) -> Result:
    try:
        return write(record)
    except Refused as refused:
        return _failed(*refused.faults)


def _failed(*faults: Fault) -> Result:
    return {"success": False, "errors": [fault.entry(code_key="statusCode") for fault in faults]}


def _done(record_id: str) -> Result:
    return {"id": record_id, "success": True, "errors": []}


def _type(call: Call, record: dict[str, Any]) -> str:
    name = (record.get("attributes") or {}).get("type")
    sobject: SObject | None = call.org.schema.object(name) if isinstance(name, str) else None
    if sobject is None:
        raise refuse("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return sobject.name


def _said(record: dict[str, Any], key: Field) -> Any:
    """What a record says for a field, whose name is read in any case."""
    return next((value for name, value in record.items() if name.lower() == key.name.lower()), None)


def _id(record: dict[str, Any]) -> Any:
    record_id = _said(record, ID)
    if record_id is None:
        raise refuse("MISSING_ARGUMENT", "Id not specified in an update call", "Id")
    return record_id


def _values(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if not (name.lower() == "id" and value is None)}


_UNREADABLE = "what becomes of rows that cannot be read (switches wrong_type_in_row, unknown_field_in_row)"
ROUTES = [
    Route(
        "POST",
        "composite/sobjects",
        create,
        "collections",
        "create up to 200 rows of up to 10 runs of one type",
        _UNREADABLE,
    ),
    Route(
        "PATCH",
        "composite/sobjects",
        update,
        "collections",
        "change up to 200 rows by id",
        f"one id twice in a call (switch same_id_twice); {_UNREADABLE}",
    ),
    Route("DELETE", "composite/sobjects", delete, "collections", "up to 200 ids into the recycle bin"),
    Route("GET", "composite/sobjects/{object}", retrieve, "collections", "rows by id, null where there is none"),
    Route("POST", "composite/sobjects/{object}", retrieve, "collections", "the same with ids and fields in the body"),
    Route(
        "PATCH",
        "composite/sobjects/{object}/{field}",
        upsert,
        "collections",
        "upsert up to 200 rows by external id, idLookup or Id (null creates)",
        f"one key twice in a call (switch same_key_twice); {_UNREADABLE}",
    ),
]
