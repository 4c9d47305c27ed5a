"""Histories of a till: sales with versions, whose lines come, go, and move, told and told again."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Values = dict[str, Any]
Event = tuple[str, Values]
SALES = ("7", "8")
LINES = ("1", "2", "3")

SALES_THAT_WAIT = """
stream: sales
object: Sale__c
when: {state: [completed, voided]}
key: {field: Key__c, value: "{account_id}:{id}"}
version: updated_at
fields:
  Total__c: {from: total, as: decimal}
  Shop__c: {reference: shops, from: shop_id, missing: blank}
  Shopper: {reference: customers, from: customer_id, to: {Contact: Contact__c, Lead: Lead__c}, missing: wait}
"""
LINES_WITH_VERSIONS = """
stream: sale_lines
object: Line__c
key: {field: Key__c, value: "{account_id}:{id}"}
version: sale_updated_at
deleted: {when: deleted_at}
parent: {reference: sales, from: sale_id, field: Sale__c, siblings: line_ids, stale: delete}
fields: {Quantity__c: {from: quantity, as: decimal}}
"""


def at(version: int) -> str:
    return f"2026-11-01T10:{version:02d}:00Z"


def told(sale: str, version: int, lines: list[str], **more: str | None) -> list[Event]:
    """What the tap says of one version of a sale: the sale, then its complete set of lines."""
    record = {"id": sale, "total": str(version), "line_ids": lines, "updated_at": at(version)}
    events: list[Event] = [("sales", {**record, **more})]
    return events + [
        ("sale_lines", {"id": line, "sale_id": sale, "quantity": str(version), "sale_updated_at": at(version)})
        for line in lines
    ]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Event], dict[str, Values]]:
    """Events in the order in which they are told, and the truth: sale -> its last version, where that is a receipt."""
    where: dict[str, str] = {}
    versions: list[list[Event]] = []
    truth: dict[str, Values] = {}
    for _ in range(draw(st.integers(1, 6))):
        sale = draw(st.sampled_from(SALES))
        moved = draw(st.lists(st.sampled_from(LINES), unique=True, max_size=2))
        left = draw(st.lists(st.sampled_from(LINES), unique=True, max_size=1))
        robbed = {where[line] for line in moved if where.get(line, sale) != sale}
        where = {**{line: at_sale for line, at_sale in where.items() if line not in left or at_sale != sale}}
        where |= dict.fromkeys(moved, sale)
        for each in [*sorted(robbed), sale]:
            customer = draw(st.sampled_from([None, "1", "2"]))
            shop = draw(st.sampled_from([None, "3"]))
            state = "completed" if each in truth else draw(st.sampled_from(["completed", "completed", "open"]))
            lines = sorted(line for line, at_sale in where.items() if at_sale == each)
            number = len(versions) + 1
            versions.append(told(each, number, lines, customer_id=customer, shop_id=shop, state=state))
            if state == "completed":
                truth[each] = {"lines": lines, "customer": customer, "shop": shop, "total": str(number)}
    again = draw(st.lists(st.sampled_from(versions), max_size=2))
    events = [event for version in (*versions, *again) for event in version]
    for record in ({"id": "1"}, {"id": "2"}):
        person = ("customers", {**record, "last_name": "Lee", "email": f"a{record['id']}@x.org", "updated_at": at(1)})
        events.insert(draw(st.integers(0, len(events))), person)
    events.insert(draw(st.integers(0, len(events))), ("shops", {"id": "3", "name": "Main"}))
    return events, truth
