"""SOQL over REST: pages of 2,000 and the locators that lead to the next (docs/vendors/salesforce.md, queries)."""

from __future__ import annotations

from typing import Any

from sandbox.salesforce.calls import Answer, Call, Route
from sandbox.salesforce.columns import columns
from sandbox.salesforce.faults import refuse
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.soql import Records, Selection, SoqlError, select

_PAGE = 2_000
_SMALLEST_PAGE = 200
_LONGEST_SOQL = 100_000


class Cursors:
    """Result sets that are not read to the end, by locator; each is frozen when the query runs."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[Records, int]] = {}

    def clear(self) -> None:
        """Forget every result set, as time does."""
        self._open.clear()

    def routes(self) -> list[Route]:
        """What is served here."""
        return [
            Route(
                "GET",
                "query",
                self.query,
                "query",
                "SOQL; pages of 200 to 2,000 by Sforce-Query-Options; columns=true tells the columns instead",
                "columns: types of numbers, dates and booleans; TYPEOF and functions on dates",
            ),
            Route("GET", "queryAll", self.query, "query", "SOQL that sees the recycle bin too"),
            Route("GET", "query/{locator}", self.more, "query", "the next page"),
        ]

    def query(self, call: Call) -> Answer:
        """``GET /query?q=`` and ``GET /queryAll?q=``, which sees the recycle bin too."""
        soql = call.query.get("q", "")
        if not soql.strip() or len(soql) > _LONGEST_SOQL:
            raise refuse("MALFORMED_QUERY", f"A query must have between 1 and {_LONGEST_SOQL} characters")
        if call.query.get("columns", "").lower() == "true":
            return Answer(200, _columns(call, soql))
        found = _run(call, soql)
        if found.count_only:
            return Answer(200, {"totalSize": found.total, "done": True, "records": []})
        if len(found.records) <= _page_size(call):
            return Answer(200, {"totalSize": found.total, "done": True, "records": found.records[:]})
        locator = make_id("01g", call.org.count_up("01g"))
        self._open[locator] = (found.records, found.total)
        return self._page(call, locator, 0)

    def more(self, call: Call) -> Answer:
        """``GET /query/{locator}-{offset}``."""
        locator, _, offset = call.parts[1].rpartition("-")
        if locator not in self._open or not offset.isdigit():
            raise refuse("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(call, locator, int(offset))

    def _page(self, call: Call, locator: str, start: int) -> Answer:
        records, total = self._open[locator]
        end = start + _page_size(call)
        page = {"totalSize": total, "done": end >= len(records), "records": records[start:end]}
        more = {} if page["done"] else {"nextRecordsUrl": f"{call.base}/query/{locator}-{end}"}
        return Answer(200, {**page, **more})


def _columns(call: Call, soql: str) -> dict[str, Any]:
    try:
        return columns(call.org, soql)
    except SoqlError as error:
        raise refuse(error.code, error.message) from error


def _run(call: Call, soql: str) -> Selection:
    try:
        return select(call.org, soql, deleted=call.parts[0].lower() == "queryall", base=call.base)
    except SoqlError as error:
        raise refuse(error.code, error.message) from error


def _page_size(call: Call) -> int:
    for option in call.headers.get("sforce-query-options", "").split(","):
        name, _, value = option.partition("=")
        if name.strip().lower() == "batchsize" and value.strip().isdigit():
            return min(max(int(value), _SMALLEST_PAGE), _PAGE)
    return _PAGE
