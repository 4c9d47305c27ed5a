"""What the org would make of a row that is not sent, as far as its describe and a look at it can tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Fault, OrgRow, Reason, Recovery, Value
from target_salesforce_retail.ports import Criteria

CODE = "Code"
Body = Mapping[str, Value]
Find = Callable[[Criteria, Mapping[str, Sequence[str]]], list[OrgRow]]


def foreseen(
    describe: ObjectDescribe, key_field: str, rows: Sequence[tuple[str | None, Body]], find: Find
) -> Iterator[Fault | None]:
    """For each row why the org would refuse it, or None.

    Args:
        describe: The object.
        key_field: The external id that is written by: a value that is taken there is this record.
        rows: Ids (None for a row to be created) and bodies.
        find: Looks rows up.
    """
    taken = _taken(describe, key_field, [body for _, body in rows], find)
    for record_id, body in rows:
        yield _missing(describe, body, is_new=record_id is None) or taken.conflict(record_id, body)


def as_kept(describe: ObjectDescribe, body: Body) -> dict[str, Value]:
    """The body as the org keeps it: e-mails in lower case; of a state or a country text and code go together."""
    beside: dict[str, Value] = {}
    for name, value in body.items():
        codes, text = describe.fields.get(f"{name}{CODE}"), name.removesuffix(CODE)
        if value is None and codes and codes.choices:
            beside[codes.name] = None
        elif name.endswith(CODE) and text in describe.fields and describe.fields[name].choices:
            choices = describe.fields[name].choices
            beside[text] = next((each.label for each in choices if each.value == value), None)
    emails = [name for name in body if name in describe.fields and describe.fields[name].type == "email"]
    return {**beside, **body, **{name: value.lower() for name in emails if isinstance(value := body[name], str)}}


def _missing(describe: ObjectDescribe, body: Body, *, is_new: bool) -> Fault | None:
    """What a record may not be without."""
    fields = [each for each in describe.fields.values() if each.name in body or (is_new and each.demanded)]
    needed = [each.name for each in fields if not each.nillable and each.type != "boolean"]
    blank = [name for name in needed if body.get(name) in (None, "")]
    if not blank:
        return None
    message = f"Required fields are missing: [{', '.join(blank)}]"
    return Fault(Reason.FIELD_REQUIRED, Recovery.HOLD, "REQUIRED_FIELD_MISSING", message, tuple(blank))


@dataclass(frozen=True)
class _Taken:
    """Who has the values that only one record may have: (field, value as the org compares it) -> ids."""

    describe: ObjectDescribe
    ids: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, value: Value, record_id: str) -> None:
        self.ids[self._place(name, value)].append(record_id)

    def conflict(self, record_id: str | None, body: Body) -> Fault | None:
        """Why a body is refused because another record has a value of it."""
        for name, value in body.items():
            ids = () if value is None else self.ids.get(self._place(name, value), ())
            others = [each for each in ids if each != record_id]
            if others:
                message = f"duplicate value found: {name} duplicates value on record with id: {others[0]}"
                return Fault(Reason.VALUE_TAKEN, Recovery.HOLD, "DUPLICATE_VALUE", message, (name,), (others[0],))
        return None

    def _place(self, name: str, value: Value) -> tuple[str, str]:
        described = self.describe.fields.get(name)
        return name, str(value) if described and described.case_sensitive else str(value).lower()


def _taken(describe: ObjectDescribe, key_field: str, bodies: Sequence[Body], find: Find) -> _Taken:
    """Asked only where a value that must be unique is written."""
    taken = _Taken(describe)
    unique = [each.name for each in describe.fields.values() if each.unique and each.name != key_field]
    values = {name: [str(body[name]) for body in bodies if body.get(name) is not None] for name in unique}
    wanted = [{name: some} for name, some in values.items() if some]
    rows = find({describe.name: wanted}, {describe.name: unique}) if wanted else ()
    for row in rows:
        for name in unique:
            if row.object == describe.name and row.values.get(name) is not None:
                taken.add(name, row.values[name], row.id)
    return taken
