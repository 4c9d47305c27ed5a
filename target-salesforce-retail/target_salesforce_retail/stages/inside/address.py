"""States and countries in an org that has lists of them: the code is written, and what is on no list is left out.

Such an org has a code field beside each text, keeps the two in step, and refuses the whole record for a text that is
not listed, or a state without its country. That is too much for a decoration of a person. It is the code that is sent,
for a label too: what people read may be translated, and is then not what the text field takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from target_salesforce_retail.mapping.agree import says_nothing
from target_salesforce_retail.mapping.rules import FieldRule, StreamMapping, Update
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe
from target_salesforce_retail.nouns import OrgRow, Value
from target_salesforce_retail.stages.inside.wanted import WantedValue, may_change

COUNTRY, STATE, CODE = "Country", "State", "Code"
KINDS = (COUNTRY, STATE)
PARTS = ("Street", "City", "PostalCode", *(f"{kind}{tail}" for kind in KINDS for tail in ("", CODE)))


def around(field: str) -> tuple[str, ...]:
    """All texts and codes of the address that a state or country stands in, itself too; none for any other field."""
    parts = [field.removesuffix(kind) for kind in KINDS if field.endswith(kind)]
    return tuple(f"{part}{kind}{tail}" for part in parts for kind in KINDS for tail in ("", CODE))


def address_of(field: str) -> tuple[str, ...]:
    """All parts of the address that a field is a part of, itself too; none for any other field."""
    part = next((each for each in PARTS if field.endswith(each)), None)
    return tuple(field.removesuffix(part) + each for each in PARTS) if part else ()


def fillers_in(
    row: OrgRow, values: Mapping[str, Value], mapping: StreamMapping, describe: ObjectDescribe
) -> frozenset[str]:
    """Fields of a row that hold their filler where a record has something to say: to `if_blank` these are blank.

    Of `always` this is not asked: whoever owns the row changes it anyway, back to the filler too, and another profile
    that filled it in would do so time and again. A state or country with a code beside it is one value with that.
    """
    rules = (each for each in mapping.fields if each.update is Update.IF_BLANK and each.serves(row.object))
    return frozenset(each for rule in rules for each in _filled(rule, row.values, values.get(rule.name), describe))


def _filled(rule: FieldRule, held: Mapping[str, Value], value: Value, describe: ObjectDescribe) -> tuple[str, ...]:
    """The fields of a rule, where they hold its filler and a value is none."""
    text = rule.name.removesuffix(CODE)
    if text not in around(text) or f"{text}{CODE}" not in describe.fields:
        is_filled = says_nothing(held.get(rule.name), rule.filler) and not says_nothing(value, rule.filler)
        return (rule.name,) if is_filled else ()
    codes = describe.fields[f"{text}{CODE}"]
    country = _country_around(text, held, describe) if codes.controller else None

    def read(each: Value) -> Value:
        return code_of(each, codes, country) or each

    there, filler = read(_code_or_text(held, text)), read(rule.filler)
    is_filled = says_nothing(there, filler) and not says_nothing(read(value), filler)
    return (text, f"{text}{CODE}") if is_filled else ()


def _country_around(state: str, held: Mapping[str, Value], describe: ObjectDescribe) -> str | None:
    country = f"{state.removesuffix(STATE)}{COUNTRY}"
    return code_of(_code_or_text(held, country), describe.fields[f"{country}{CODE}"])


def _code_or_text(held: Mapping[str, Value], field: str) -> Value:
    """A text from before the org had lists may have no code."""
    return next((held[name] for name in (f"{field}{CODE}", field) if not is_blank(held.get(name))), None)


def in_codes(
    wanted_values: Sequence[WantedValue], describe: ObjectDescribe, current: Mapping[str, Value] | None, *, owns: bool
) -> tuple[list[WantedValue], tuple[str, ...]]:
    """The wanted values with states and countries as the org takes them, and the fields whose values are omitted.

    Args:
        wanted_values: What the mapping wants.
        describe: The object; without code fields nothing changes.
        current: What the record holds; None for a new one.
        owns: Whether the record may be told more than what it leaves blank.
    """
    by_field = {wanted.field: wanted for wanted in wanted_values}
    decided: dict[str, WantedValue | None] = {}
    omitted: list[str] = []
    for part in _parts(by_field, describe):
        sides = _Address(part, describe, by_field, current, owns).sides()
        decided |= {side.field: side.wanted for side in sides}
        omitted += [side.field for side in sides if side.is_omitted]
    kept = (decided.get(wanted.field, wanted) for wanted in wanted_values)
    return [wanted for wanted in kept if wanted], tuple(omitted)


def code_of(value: Value, codes: FieldDescribe, country: str | None = None) -> str | None:
    """The code that a value is, or is the label of, in any case; of a state, only where the country has it."""
    by_field = str(value).strip().casefold()
    choices = [each for each in codes.choices if not codes.controller or country in each.goes_with]
    by_code = (each.value for each in choices if each.value.casefold() == by_field)
    by_label = (each.value for each in choices if each.label.casefold() == by_field)
    return next(by_code, next(by_label, None))


def _parts(by_field: Mapping[str, WantedValue], describe: ObjectDescribe) -> list[str]:
    """What names begin with, in addresses that the mapping names and that have a code field beside each text."""
    parts = dict.fromkeys(field.removesuffix(kind) for field in by_field for kind in KINDS if field.endswith(kind))
    return [part for part in parts if all(f"{part}{kind}{CODE}" in describe.fields for kind in KINDS)]


@dataclass(frozen=True)
class _Side:
    """What becomes of a state, or of a country.

    Attributes:
        field: The text field.
        before: What the record holds: a code, or a text that is on no list.
        after: What it will hold.
        wanted: What is wanted in place of the mapping's value for the text.
        is_omitted: Whether the mapping's value is left out because the org would not take it.
    """

    field: str
    before: str | None
    after: str | None
    wanted: WantedValue | None = None
    is_omitted: bool = False


@dataclass(frozen=True)
class _Address:
    part: str
    describe: ObjectDescribe
    by_field: Mapping[str, WantedValue]
    current: Mapping[str, Value] | None
    owns: bool

    def sides(self) -> tuple[_Side, _Side]:
        """Country and state. A country stays where the state of another would stay behind in it."""
        country = self._side(COUNTRY, self._held(COUNTRY))
        country_changes = country.after != country.before
        state = self._side(
            STATE, self._held(STATE, country.before), self._country_of_state(country), anew=country_changes
        )
        stays = state.after is not None and state.wanted is None and not self._is_named(STATE)
        if country_changes and stays and not self._is_named(COUNTRY):
            return replace(country, after=country.before, wanted=None, is_omitted=True), state
        return country, state

    def _side(self, kind: str, before: str | None, country: str | None = None, *, anew: bool = False) -> _Side:
        field = f"{self.part}{kind}"
        text, named = self.by_field.get(field), self.by_field.get(f"{field}{CODE}")
        wanted = named or text
        if wanted is None or not self._may_change(wanted, before):
            return _Side(field, before, before, text if named else None)
        if named or is_blank(wanted.value):
            return _Side(field, before, None if is_blank(wanted.value) else str(wanted.value), text)
        code = code_of(wanted.value, self._codes(kind), country)
        if code is None:
            return _Side(field, before, before, is_omitted=True)
        coded = replace(wanted, field=f"{field}{CODE}", value=code, anew=anew)
        return _Side(field, before, code, coded if anew or code != before else None)

    def _country_of_state(self, country: _Side) -> str | None:
        """The country in which the mapping's state is to be read; None where its country is not the record's."""
        field = f"{self.part}{COUNTRY}"
        wanted = self.by_field.get(f"{field}{CODE}") or self.by_field.get(field)
        if wanted is None or is_blank(wanted.value) or code_of(wanted.value, self._codes(COUNTRY)) == country.after:
            return country.after
        return None

    def _held(self, kind: str, country: str | None = None) -> str | None:
        """What the record holds, in code or text."""
        value = _code_or_text(self.current or {}, f"{self.part}{kind}")
        return None if is_blank(value) else code_of(value, self._codes(kind), country) or str(value)

    def _may_change(self, wanted: WantedValue, before: str | None) -> bool:
        return self.current is None or may_change(wanted, empty=before is None, owns=self.owns)

    def _is_named(self, kind: str) -> bool:
        return f"{self.part}{kind}{CODE}" in self.by_field

    def _codes(self, kind: str) -> FieldDescribe:
        return self.describe.fields[f"{self.part}{kind}{CODE}"]
