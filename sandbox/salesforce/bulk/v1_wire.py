"""Bodies of Bulk 1.0: jobs and batches as XML or JSON, rows and results as CSV, JSON or XML."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from sandbox.salesforce.bulk.work import NULL, Columns, Done
from sandbox.salesforce.schema import SObject

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_NULL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
Info = Mapping[str, Any]
_Rows = tuple[list[dict[str, Any]], dict[str, int]]


class Invalid(Exception):
    """The call is refused, with the words of Bulk 1.0.

    Args:
        code: ``exceptionCode``.
        message: ``exceptionMessage``.
        status: HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def read_info(body: bytes, *, is_json: bool) -> dict[str, Any]:
    """A ``jobInfo`` as a client sends it."""
    try:
        if is_json:
            return dict(json.loads(body))
        return {_local(child.tag): child.text for child in ElementTree.fromstring(body)}
    except (ValueError, TypeError, ElementTree.ParseError) as error:
        raise Invalid("InvalidJob", f"Unable to parse Job: {error}") from error


def write_info(name: str, info: Info | Sequence[Info], *, is_json: bool) -> bytes:
    """One ``jobInfo`` or ``batchInfo``, or a list of them."""
    if is_json:
        return json.dumps({name: info} if isinstance(info, Sequence) else info).encode()
    if isinstance(info, Sequence):
        inside = "".join(_element(name, one) for one in info)
        return f'{_HEAD}<{name}List\n   xmlns="{NAMESPACE}">{inside}</{name}List>'.encode()
    return f'{_HEAD}<{name}\n   xmlns="{NAMESPACE}">{_inside(info)}</{name}>'.encode()


def write_error(error: Invalid, *, is_json: bool) -> bytes:
    """The body of a refusal."""
    return write_info("error", {"exceptionCode": error.code, "exceptionMessage": error.message}, is_json=is_json)


def _element(name: str, info: Info) -> str:
    return f"\n <{name}>{_inside(info)}</{name}>"


def _inside(info: Info) -> str:
    return "".join(f"\n <{name}>{_text(value)}</{name}>" for name, value in info.items()) + "\n"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return escape(str(value))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


# -- rows ---------------------------------------------------------------------------------------------------------


def read_rows(body: bytes, kind: str, sobject: SObject) -> _Rows:
    """The rows of a batch, and the columns of its fields if it has any; raises Invalid when it cannot be read."""
    try:
        return _READERS[kind](body, sobject)
    except (ValueError, TypeError, AttributeError, csv.Error, ElementTree.ParseError) as error:
        raise Invalid("InvalidBatch", f"Failed to parse {kind} batch: {error}") from error


def _from_json(body: bytes, _sobject: SObject) -> _Rows:
    return [dict(row) for row in json.loads(body, parse_float=Decimal)], {}


def _from_xml(body: bytes, _sobject: SObject) -> _Rows:
    return [{_local(cell.tag): _cell(cell) for cell in row} for row in ElementTree.fromstring(body)], {}


def _cell(cell: ElementTree.Element) -> Any:
    if cell.get(_NULL) == "true":
        return None
    if len(cell):  # a parent by its key: <Account><sObject><Ext__c>A-1</Ext__c></sObject></Account>
        return {_local(one.tag): one.text for one in cell[0]}
    return cell.text or ""


def _from_csv(body: bytes, sobject: SObject) -> _Rows:
    header, *lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    columns = Columns(header, sobject)
    if columns.unknown:
        message = f"Field name not found : {columns.unknown[0]}"
        raise ValueError(message)
    return [columns.values(cells) for cells in lines if cells], columns.places


_READERS = {"JSON": _from_json, "CSV": _from_csv, "XML": _from_xml}
MEDIA = {"JSON": "application/json", "CSV": "text/csv", "XML": "application/xml"}


def write_results(results: Sequence[Done], kind: str) -> bytes:
    """What became of the rows of a batch, in their order."""
    if kind == "JSON":
        return json.dumps([_json_result(done) for done in results]).encode()
    if kind == "XML":
        inside = "".join(_element("result", _xml_result(done)) for done in results)
        return f'{_HEAD}<results xmlns="{NAMESPACE}">{inside}</results>'.encode()
    lines = [("Id", "Success", "Created", "Error"), *map(_csv_result, results)]
    return _csv(lines)


def _json_result(done: Done) -> dict[str, Any]:
    errors = [
        {"message": fault.message, "fields": list(fault.fields or ()), "statusCode": fault.code}
        for fault in done.faults
    ]
    return {"success": not errors, "created": done.created, "id": done.record_id or None, "errors": errors}


def _xml_result(done: Done) -> dict[str, Any]:
    said = {"errors": _error(done)} if done.faults else {}
    return {**said, "id": done.record_id, "success": not done.faults, "created": done.created}


def _csv_result(done: Done) -> tuple[str, str, str, str]:
    return done.record_id, _text(not done.faults), _text(done.created), _error(done)


def _error(done: Done) -> str:
    return ";".join(f"{one.code}:{one.message}:{','.join(one.fields or ())} --" for one in done.faults)


def write_rows(columns: Sequence[str], rows: Sequence[Sequence[Any]], kind: str) -> bytes:
    """The rows of a query; ``rows`` hold values, not text."""
    if kind == "JSON":
        return json.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=float).encode()
    if kind == "XML":
        records = "".join(_element("records", dict(zip(columns, row, strict=True))) for row in rows)
        return f'{_HEAD}<queryResult xmlns="{NAMESPACE}">{records}</queryResult>'.encode()
    return _csv([columns, *([_plain(value) for value in row] for row in rows)])


def _plain(value: Any) -> str:
    return "" if value is None else _text(value) if isinstance(value, bool) else str(value)


def _csv(lines: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()


def unnulled(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with ``#N/A`` read as null, whatever its batch was written in."""
    return {name: None if value == NULL else value for name, value in row.items()}
