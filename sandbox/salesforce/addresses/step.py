"""Text and code of country and state say the same, or the row is refused.

That a text which is no entry of the list is refused, and a state without its country, has been seen; the texts of the
refusals are near to what was seen. Guesses: case does not matter; null beside a value says nothing; a state of a
country for which no states are listed is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sandbox.salesforce.addresses.places import COUNTRIES, STATES
from sandbox.salesforce.faults import Fault, Refused
from sandbox.salesforce.row import NewRow
from sandbox.salesforce.schema import SObject

_CODE = "FIELD_INTEGRITY_EXCEPTION"


def in_step(sobject: SObject, row: NewRow, changes: NewRow, *, code_as_text: bool) -> Iterator[Fault]:
    """What is wrong with the addresses that change; where nothing is, the row gets what was left unsaid.

    Args:
        sobject: Whose row it is.
        row: As it would be.
        changes: What is written.
        code_as_text: Whether the text fields take codes too.
    """
    for part, names in sobject.coded_addresses.items():
        if not names.isdisjoint(changes):
            try:
                _Address(sobject, part, row, changes, code_as_text).settle()
            except Refused as refused:
                yield from refused.faults


@dataclass(frozen=True)
class _Address:
    sobject: SObject
    part: str
    row: NewRow
    changes: NewRow
    code_as_text: bool

    def settle(self) -> None:
        """Fill in text and code of both; raises Refused."""
        country = self._code("Country", COUNTRIES)
        states = STATES.get(country or "", {})
        if country is None and self._says("State"):
            label = self._label("State")
            message = f"A country/territory must be specified before specifying a state value for field: {label}"
            raise self._fault(message, f"{self.part}State")
        state = self._code("State", states)
        self._write("Country", country, COUNTRIES)
        self._write("State", state, states)

    def _says(self, kind: str) -> bool:
        return any(self.row[f"{self.part}{kind}{tail}"] is not None for tail in ("", "Code") if self._given(kind, tail))

    def _given(self, kind: str, tail: str) -> bool:
        """Whether the value of a field counts: it is written, or neither it nor its twin is."""
        names = {f"{self.part}{kind}", f"{self.part}{kind}Code"}
        return f"{self.part}{kind}{tail}" in self.changes or names.isdisjoint(self.changes)

    def _code(self, kind: str, entries: Mapping[str, str]) -> str | None:
        """The code that text and code agree on; None when they are blank."""
        found = {}
        for tail in ("", "Code"):
            value = self.row[f"{self.part}{kind}{tail}"] if self._given(kind, tail) else None
            if value is not None:
                found[tail] = self._entry(value, entries, tail)
                if found[tail] is None:
                    raise self._unknown(kind, f"{kind}{tail}")
        if len(set(found.values())) > 1:
            message = f"{self._label(kind)} and {self._label(kind)} Code say different things"
            raise self._fault(message, f"{self.part}{kind}", f"{self.part}{kind}Code")
        return next(iter(found.values()), None)

    def _entry(self, value: str, entries: Mapping[str, str], tail: str) -> str | None:
        wanted = value.lower()
        for code, label in entries.items():
            if (tail or self.code_as_text) and code.lower() == wanted:
                return code
            if not tail and label.lower() == wanted:
                return code
        return None

    def _write(self, kind: str, code: str | None, entries: Mapping[str, str]) -> None:
        self.row[f"{self.part}{kind}Code"] = code
        self.row[f"{self.part}{kind}"] = None if code is None else entries[code]

    def _label(self, kind: str) -> str:
        return self.sobject.fields[f"{self.part}{kind}".lower()].label

    def _unknown(self, kind: str, name: str) -> Refused:
        if kind == "State" and f"{self.part}State" not in self.changes and f"{self.part}StateCode" not in self.changes:
            message = f"The existing country/territory doesn't recognize the state value for field: {self._label(kind)}"
            return self._fault(message, f"{self.part}{name}")
        what, listed = ("state", "states") if kind == "State" else ("country", "countries/territories")
        message = (
            f"There's a problem with this {what}, even though it may appear correct. Please select a {what} from the "
            f"list of valid {listed}.: {self._label(kind)}"
        )
        return self._fault(message, f"{self.part}{name}")

    @staticmethod
    def _fault(message: str, *fields: str) -> Refused:
        return Refused(Fault(_CODE, message, fields))
