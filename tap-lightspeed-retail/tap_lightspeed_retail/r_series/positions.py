"""Where a table stands now: the last time in it, the last ids, the first row since a date."""

from __future__ import annotations

from tap_lightspeed_retail.errors import Refused
from tap_lightspeed_retail.r_series.bookmark import EPOCH
from tap_lightspeed_retail.r_series.ids import Ids
from tap_lightspeed_retail.r_series.late_ids import LATE_IDS
from tap_lightspeed_retail.r_series.notes import Row
from tap_lightspeed_retail.r_series.reader import Reader, fields_of
from tap_lightspeed_retail.r_series.row_types import ChildTable, Source


def latest(reader: Reader, table: ChildTable | Source) -> str:
    """The last time in a table, as far as all is committed; where that cannot be asked for, the server's clock."""
    field = str(table.sort)
    try:
        rows = _first(reader, table, f"-{field}")
    except Refused as error:
        if error.closed:
            raise
        return reader.committed_through()
    last = fields_of(table, rows[0]).instant(field) if rows else None
    return min(reader.committed_through(), last or EPOCH)


def last_ids(reader: Reader, table: ChildTable | Source) -> str:
    """The last ids that there are; those that are missing between them may still be committed."""
    last = Ids()
    for rows in reader.pages(table.resource, [("sort", f"-{table.id_field}")], size=LATE_IDS // 2):
        last.update(int(fields_of(table, row).id) for row in rows)
        if not rows or last.highest - int(fields_of(table, rows[-1]).id) >= LATE_IDS:
            break
    last.drop_below(last.highest - LATE_IDS)
    return str(last)


def first_since(reader: Reader, source: Source, since: str) -> int | None:
    """The lowest id of the rows that were made since then; 0 where the server refuses to say, None without rows."""
    params = [*source.params, ("sort", source.id_field), ("createTime", f">=,{since}")]
    try:
        page = next(reader.pages(source.resource, params, size=1))
    except Refused as error:
        if error.closed:
            raise
        return 0
    return int(fields_of(source, page[0]).id) if page else None


def _first(reader: Reader, table: ChildTable | Source, sort: str) -> list[Row]:
    """The first row in some order, if there is one."""
    params = [*(table.params if isinstance(table, Source) else ()), ("sort", sort)]
    return next(reader.pages(table.resource, params, size=1))
