"""Which values of which records stand in the way of a write that only one record may have. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe
from target_salesforce_retail.nouns import OrgRow, Reason, Value
from target_salesforce_retail.org.foresee import foreseen
from target_salesforce_retail.ports import Criteria

UNIQUE = ("Key__c", "Email", "Nickname", "Code__c")
LEAD = ObjectDescribe(
    "Lead", {name: FieldDescribe(name, "string", unique=True, case_sensitive=name == "Code__c") for name in UNIQUE}
)
Values = Mapping[str, Value]


def in_the_way(body: Values, held: Values, name: str = "Lead", record_id: str | None = "A") -> tuple[str, ...]:
    """The fields of a write to A that a record B keeps it from."""
    asked: list[Criteria] = []

    def find(wanted: Criteria, fields: Mapping[str, Sequence[str]]) -> list[OrgRow]:
        asked.append(wanted)
        return [OrgRow(name, "B", {field: held.get(field) for field in fields["Lead"]}, "Lead")]

    (fault,) = foreseen(LEAD, "Key__c", [(record_id, body)], find)
    assert asked == ([{"Lead": wanted}] if (wanted := _wanted(body)) else [])
    assert fault is None or (fault.reason, fault.candidates) == (Reason.VALUE_TAKEN, ("B",))
    assert fault is None or fault.message.endswith("duplicates value on record with id: B")
    return fault.fields if fault else ()


def _wanted(body: Values) -> list[dict[str, list[str]]]:
    """What has to be asked: the values that must be unique, but for the key and for none."""
    return [{name: [str(body[name])]} for name in UNIQUE[1:] if body.get(name) is not None]


@pytest.mark.parametrize("record_id", ["A", None])
@pytest.mark.parametrize(
    ("body", "held", "fields"),
    [
        ({"Email": "a@x.org"}, {"Email": "a@x.org"}, ("Email",)),
        ({"Email": "a@x.org"}, {"Email": "A@X.org"}, ("Email",)),
        ({"Email": "a@x.org"}, {"Email": "b@x.org"}, ()),
        ({"Email": "a@x.org"}, {"Nickname": "a@x.org"}, ()),
        ({"Code__c": "aB"}, {"Code__c": "aB"}, ("Code__c",)),
        ({"Code__c": "aB"}, {"Code__c": "ab"}, ()),
        ({"Email": "a@x.org", "Nickname": None}, {"Email": "b@x.org", "Nickname": None}, ()),
        ({"Email": "a@x.org", "Nickname": None}, {"Nickname": "None"}, ()),
        ({"Email": "a@x.org", "Nickname": "None"}, {"Nickname": None}, ()),
        ({"Key__c": "1:1"}, {"Key__c": "1:1"}, ()),
        ({"Nickname": None}, {"Nickname": None}, ()),
    ],
)
def test_what_another_record_has_is_taken(
    body: Values, held: Values, fields: tuple[str, ...], record_id: str | None
) -> None:
    """As the org compares it; nothing is no value, however it reads, and the key finds its own record."""
    assert in_the_way(body, held, record_id=record_id) == fields


def test_a_record_keeps_what_it_has() -> None:
    """It is not in its own way."""
    assert in_the_way({"Email": "a@x.org"}, {"Email": "a@x.org"}, record_id="B") == ()


def test_what_a_record_of_another_object_has_is_free() -> None:
    """A lead that was converted shows its contact, whose e-mail is not a lead's."""
    assert in_the_way({"Email": "a@x.org"}, {"Email": "a@x.org"}, name="Contact") == ()
