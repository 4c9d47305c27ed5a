"""Does its field take the value? What the describe tells is known before anything is sent.

A value that would not be written is not judged: nobody is held for what nobody asked for. Of two shoppers with a name
that is too long the new one is objected to, and held; the other, whose contact has a name that a rule never changes, is
not.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from target_salesforce_retail.mapping.match_keys import match_key
from target_salesforce_retail.mapping.rules import OnRefused, TooLong
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe
from target_salesforce_retail.nouns import Value
from target_salesforce_retail.stages.inside.compare import NUMBERS, TEXTS, WHOLE, entries, fitted, is_empty, same
from target_salesforce_retail.stages.inside.wanted import WantedValue, may_write

FIRST_YEAR, LAST_YEAR = 1700, 4000
"""The days that the org keeps (docs/vendors/salesforce.md, values)."""
BITS = {"int": 31, "long": 63}
WHOLE_OR_NOTHING = ("email", "url")
"""Types of which a part says something else than the whole."""


@dataclass
class Fitting:
    """What becomes of the values that are wanted for one record.

    Attributes:
        accepted: Those that may be sent, with values as their fields take them.
        omitted: Rules whose values are left out.
        objections: Fields whose values hold the record, and what is wrong with each.
    """

    accepted: list[WantedValue] = field(default_factory=list)
    omitted: list[str] = field(default_factory=list)
    objections: dict[str, str] = field(default_factory=dict)

    def omittable(self, body: Container[str]) -> frozenset[str]:
        """Names of what is sent and is left out should the org refuse it after all."""
        sent = (wanted for wanted in self.accepted if wanted.field in body and not wanted.stands_in)
        rules = ((wanted, wanted.rule) for wanted in sent if wanted.rule and wanted.rule.refused is OnRefused.LEAVE_OUT)
        return frozenset(name for wanted, _ in rules for name in names_of(wanted))


@dataclass(frozen=True)
class Fitter:
    """Fits wanted values to one record.

    Attributes:
        describe: Its object.
        current: What it holds; None for a new one.
        owns: Whether it may be told more than what it leaves blank.
        omitted: Fields whose values the org has refused already.
    """

    describe: ObjectDescribe
    current: Mapping[str, Value] | None
    owns: bool
    omitted: Set[str] = frozenset()

    def fit(self, wanted_values: list[WantedValue], fallback_values: list[WantedValue]) -> Fitting:
        """What may be sent of the wanted values, and of the fallbacks for those that were omitted before."""
        fitting = Fitting()
        for wanted in wanted_values:
            self._fit(wanted, fitting)
        for wanted in fallback_values:
            if self._is_writable(wanted):
                self._omit(wanted, wanted.value, fitting)
        return fitting

    def _fit(self, wanted: WantedValue, fitting: Fitting) -> None:
        describe = self.describe.fields[wanted.field]
        if is_blank(wanted.value) or not self._is_writable(wanted):
            fitting.accepted.append(wanted)
            return
        how = wanted.rule.too_long if wanted.rule else TooLong.HOLD
        accepted = replace(
            wanted, value=_shortened(wanted.value, describe) if how is TooLong.CUT else fitted(wanted.value, describe)
        )
        if (
            self.current is not None
            and not wanted.anew
            and same(accepted.value, self.current.get(wanted.field), describe)
        ):
            fitting.accepted.append(accepted)
        elif is_too_long(accepted.value, describe, certainly=how is TooLong.HOLD):
            long = f"longer than its {describe.length} characters"
            self._decline(accepted, fitting, long if how is TooLong.HOLD else None)
        elif not names_of(wanted).isdisjoint(self.omitted):
            self._decline(accepted, fitting, None)
        elif against := objection(accepted.value, describe):
            is_held = wanted.rule is None or wanted.rule.refused is OnRefused.HOLD
            self._decline(accepted, fitting, against if is_held else None)
        else:
            fitting.accepted.append(accepted)

    def _is_writable(self, wanted: WantedValue) -> bool:
        if self.current is None:
            return True
        empty = is_empty(self.current.get(wanted.field), self.describe.fields[wanted.field])
        return may_write(wanted, empty=empty, owns=self.owns)

    def _decline(self, wanted: WantedValue, fitting: Fitting, why: str | None) -> None:
        """Hold the record for this reason, or leave the value out."""
        if why:
            fitting.objections[wanted.field] = why
        else:
            self._omit(wanted, wanted.rule.otherwise if wanted.rule else None, fitting)

    def _omit(self, wanted: WantedValue, instead: Value, fitting: Fitting) -> None:
        """Say nothing; but a new record that cannot do without the field gets what the rule says for blanks."""
        fitting.omitted.append(wanted.rule.name if wanted.rule else wanted.field)
        describe = self.describe.fields[wanted.field]
        value = _shortened(instead, describe)
        usable = not is_blank(value) and not objection(value, describe)
        if self.current is None and describe.demanded and usable:
            fitting.accepted.append(replace(wanted, value=value, stands_in=True))


def names_of(wanted: WantedValue) -> frozenset[str]:
    """The names by which the org may speak of what is sent: of a state or country, the code's and the text's."""
    return frozenset((wanted.field, wanted.rule.name) if wanted.rule else (wanted.field,))


def is_too_long(value: Value, describe: FieldDescribe, *, certainly: bool) -> bool:
    """Whether a text is longer than its field.

    Args:
        value: A fitted value.
        describe: The field.
        certainly: However the org counts. Whether it takes an emoji for one character or two, nobody has said.
    """
    if not describe.length or describe.type not in TEXTS or not isinstance(value, str):
        return False
    return (len(value) if certainly else sum(map(_room, value))) > describe.length


def _shortened(value: Value, describe: FieldDescribe) -> Value:
    """The fitted value, cut where its field ends. Half an address is none, and half a number is another one."""
    whole = describe.type in WHOLE_OR_NOTHING or isinstance(value, int | Decimal)
    value = fitted(value, describe)
    if whole or not is_too_long(value, describe, certainly=False):
        return value
    room, kept = describe.length, []
    for each in str(value):
        room -= _room(each)
        if room < 0:
            break
        kept.append(each)
    return "".join(kept).strip()


def _room(character: str) -> int:
    """Units that a character may take: two beyond the first 65,536, and for a line's end, which may be kept as two."""
    return 2 if ord(character) > 0xFFFF or character == "\n" else 1


def objection(value: Value, describe: FieldDescribe) -> str | None:
    """What the field has against a fitted value, as far as its describe tells; None when nothing."""
    if describe.type in NUMBERS:
        return None if _is_number(value, describe) else "no number that the field holds"
    if describe.type == "boolean":
        return None if isinstance(value, bool) else "neither true nor false"
    if describe.type in ("date", "datetime"):
        return None if _is_day(value, describe) else "no day that the org keeps"
    return "no text" if describe.type in TEXTS and not isinstance(value, str) else _against_text(str(value), describe)


def _against_text(text: str, describe: FieldDescribe) -> str | None:
    if describe.type == "email":
        return None if match_key("email", text, None) else "no e-mail address"
    if describe.type in ("picklist", "multipicklist") and describe.picklist:
        chosen = entries(text) if describe.type == "multipicklist" else [text]
        return None if set(chosen) <= set(describe.picklist) else "no value of the restricted picklist"
    return None


def _is_number(value: Value, describe: FieldDescribe) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    number = Decimal(value)
    if not number.is_finite():
        return False
    if describe.type in WHOLE:
        limit = 1 << BITS[describe.type]
        return -limit <= number < limit
    return not describe.precision or number.adjusted() < describe.precision - describe.scale


def _is_day(value: Value, describe: FieldDescribe) -> bool:
    """An instant has its day in a zone alone, and a day is no instant."""
    wanted = isinstance(value, datetime) if describe.type == "datetime" else isinstance(value, date)
    is_kind = wanted and isinstance(value, datetime) is (describe.type == "datetime")
    return is_kind and isinstance(value, date) and FIRST_YEAR <= value.year <= LAST_YEAR
