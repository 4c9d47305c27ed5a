"""States and countries in an org that has lists of them: the code is written, and what is on no list is left out.

Such an org has a code field beside each text, keeps the two in step, and refuses the whole record for a text that is
not listed, or a state without its country. That is too much for a decoration of a person. It is the code that is sent,
for a label too: what people read may be translated, and is then not what the text field takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from target_salesforce_retail.mapping.convert import is_blank
from target_salesforce_retail.nouns import Value
from target_salesforce_retail.shapes import FieldShape, ObjectShape
from target_salesforce_retail.stages.inside.wish import Wish, may_change

COUNTRY, STATE, CODE = "Country", "State", "Code"
KINDS = (COUNTRY, STATE)


def around(field: str) -> tuple[str, ...]:
    """All texts and codes of the address that a state or country stands in, itself too; none for any other field."""
    parts = [field.removesuffix(kind) for kind in KINDS if field.endswith(kind)]
    return tuple(f"{part}{kind}{tail}" for part in parts for kind in KINDS for tail in ("", CODE))


def in_codes(
    wishes: Sequence[Wish], shape: ObjectShape, current: Mapping[str, Value] | None, *, speaks: bool
) -> tuple[list[Wish], tuple[str, ...]]:
    """The wishes with states and countries as the org takes them, and the fields whose values are left out.

    Args:
        wishes: What the mapping wants.
        shape: The object; without code fields nothing changes.
        current: What the record holds; None for a new one.
        speaks: Whether the record may be told more than what it leaves blank.
    """
    wanted = {wish.field: wish for wish in wishes}
    decided: dict[str, Wish | None] = {}
    left_out: list[str] = []
    for part in _parts(wanted, shape):
        sides = _Address(part, shape, wanted, current, speaks).sides()
        decided |= {side.field: side.wish for side in sides}
        left_out += [side.field for side in sides if side.is_left_out]
    told = (decided.get(wish.field, wish) for wish in wishes)
    return [wish for wish in told if wish], tuple(left_out)


def code_of(value: Value, codes: FieldShape, country: str | None = None) -> str | None:
    """The code that a value is, or is the label of, in any case; of a state, only where the country has it."""
    wanted = str(value).strip().casefold()
    choices = [each for each in codes.choices if not codes.controller or country in each.goes_with]
    by_code = (each.value for each in choices if each.value.casefold() == wanted)
    by_label = (each.value for each in choices if each.label.casefold() == wanted)
    return next(by_code, next(by_label, None))


def _parts(wanted: Mapping[str, Wish], shape: ObjectShape) -> list[str]:
    """What names begin with, in addresses that the mapping speaks of and that have a code field beside each text."""
    parts = dict.fromkeys(field.removesuffix(kind) for field in wanted for kind in KINDS if field.endswith(kind))
    return [part for part in parts if all(f"{part}{kind}{CODE}" in shape.fields for kind in KINDS)]


@dataclass(frozen=True)
class _Side:
    """What becomes of a state, or of a country.

    Attributes:
        field: The text field.
        before: What the record holds: a code, or a text that is on no list.
        after: What it will hold.
        wish: What is wished in place of the mapping's wish for the text.
        is_left_out: Whether the mapping's value is left out because the org would not take it.
    """

    field: str
    before: str | None
    after: str | None
    wish: Wish | None = None
    is_left_out: bool = False


@dataclass(frozen=True)
class _Address:
    part: str
    shape: ObjectShape
    wanted: Mapping[str, Wish]
    current: Mapping[str, Value] | None
    speaks: bool

    def sides(self) -> tuple[_Side, _Side]:
        """Country and state. A country stays where the state of another would stay behind in it."""
        country = self._side(COUNTRY, self._held(COUNTRY))
        moves = country.after != country.before
        state = self._side(STATE, self._held(STATE, country.before), self._country_of_state(country), moves=moves)
        stays = state.after is not None and state.wish is None and not self._is_named(STATE)
        if moves and stays and not self._is_named(COUNTRY):
            return replace(country, after=country.before, wish=None, is_left_out=True), state
        return country, state

    def _side(self, kind: str, before: str | None, country: str | None = None, *, moves: bool = False) -> _Side:
        field = f"{self.part}{kind}"
        text, named = self.wanted.get(field), self.wanted.get(f"{field}{CODE}")
        wish = named or text
        if wish is None or not self._may_change(wish, before):
            return _Side(field, before, before, text if named else None)
        if named or is_blank(wish.value):
            return _Side(field, before, None if is_blank(wish.value) else str(wish.value), text)
        code = code_of(wish.value, self._codes(kind), country)
        if code is None:
            return _Side(field, before, before, is_left_out=True)
        coded = replace(wish, field=f"{field}{CODE}", value=code, anew=moves)
        return _Side(field, before, code, coded if moves or code != before else None)

    def _country_of_state(self, country: _Side) -> str | None:
        """The country in which the mapping's state is to be read; None where its country is not the record's."""
        field = f"{self.part}{COUNTRY}"
        wish = self.wanted.get(f"{field}{CODE}") or self.wanted.get(field)
        if wish is None or is_blank(wish.value) or code_of(wish.value, self._codes(COUNTRY)) == country.after:
            return country.after
        return None

    def _held(self, kind: str, country: str | None = None) -> str | None:
        """What the record holds: a text from before the org had lists may have no code, and is not blank for that."""
        field, held = f"{self.part}{kind}", self.current or {}
        values = [value for name in (f"{field}{CODE}", field) if not is_blank(value := held.get(name))]
        return (code_of(values[0], self._codes(kind), country) or str(values[0])) if values else None

    def _may_change(self, wish: Wish, before: str | None) -> bool:
        return self.current is None or may_change(wish, empty=before is None, speaks=self.speaks)

    def _is_named(self, kind: str) -> bool:
        return f"{self.part}{kind}{CODE}" in self.wanted

    def _codes(self, kind: str) -> FieldShape:
        return self.shape.fields[f"{self.part}{kind}{CODE}"]
