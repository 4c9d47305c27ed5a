"""Does its field take the value? What the describe tells is known before anything is sent.

A value that would not be written is not judged: nobody is held for what nobody asked for.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from target_salesforce_retail.mapping.convert import is_blank, probe
from target_salesforce_retail.mapping.rules import Refused, TooLong
from target_salesforce_retail.nouns import Value
from target_salesforce_retail.shapes import FieldShape, ObjectShape
from target_salesforce_retail.stages.inside.compare import NUMBERS, TEXTS, WHOLE, entries, fitted, is_empty, same
from target_salesforce_retail.stages.inside.wish import Wish, may_write

FIRST_YEAR, LAST_YEAR = 1700, 4000
"""The days that the org keeps (facts: Salesforce section 20)."""
BITS = {"int": 31, "long": 63}
WHOLE_OR_NOTHING = ("email", "url")
"""Types of which a part says something else than the whole."""


@dataclass
class Fitting:
    """What becomes of the wishes for one record.

    Attributes:
        told: Those that may be sent, with values as their fields take them.
        left_out: Rules whose values are left out.
        refused: Fields whose values hold the record, and what is wrong with each.
    """

    told: list[Wish] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def optional(self, body: Container[str]) -> frozenset[str]:
        """Names of what is sent and is left out should the org refuse it after all."""
        sent = (wish for wish in self.told if wish.field in body and not wish.stands_in)
        rules = ((wish, wish.rule) for wish in sent if wish.rule and wish.rule.refused is Refused.LEAVE_OUT)
        return frozenset(name for wish, _ in rules for name in names_of(wish))


@dataclass(frozen=True)
class Fitter:
    """Fits wishes to one record.

    Attributes:
        shape: Its object.
        current: What it holds; None for a new one.
        speaks: Whether it may be told more than what it leaves blank.
        without: Fields whose values the org has refused already.
    """

    shape: ObjectShape
    current: Mapping[str, Value] | None
    speaks: bool
    without: Set[str] = frozenset()

    def fit(self, wishes: list[Wish], unsaid: list[Wish]) -> Fitting:
        """What may be told of the wishes, and of those whose values were left out before."""
        fitting = Fitting()
        for wish in wishes:
            self._fit(wish, fitting)
        for wish in unsaid:
            if self._is_writable(wish):
                self._leave_out(wish, wish.value, fitting)
        return fitting

    def _fit(self, wish: Wish, fitting: Fitting) -> None:
        shape = self.shape.fields[wish.field]
        if is_blank(wish.value) or not self._is_writable(wish):
            fitting.told.append(wish)
            return
        how = wish.rule.too_long if wish.rule else TooLong.HOLD
        told = replace(wish, value=_shortened(wish.value, shape) if how is TooLong.CUT else fitted(wish.value, shape))
        if self.current is not None and not wish.anew and same(told.value, self.current.get(wish.field), shape):
            fitting.told.append(told)
        elif is_too_long(told.value, shape, certainly=how is TooLong.HOLD):
            long = f"longer than its {shape.length} characters"
            self._decline(told, fitting, long if how is TooLong.HOLD else None)
        elif not names_of(wish).isdisjoint(self.without):
            self._decline(told, fitting, None)
        elif against := objection(told.value, shape):
            is_held = wish.rule is None or wish.rule.refused is Refused.HOLD
            self._decline(told, fitting, against if is_held else None)
        else:
            fitting.told.append(told)

    def _is_writable(self, wish: Wish) -> bool:
        if self.current is None:
            return True
        empty = is_empty(self.current.get(wish.field), self.shape.fields[wish.field])
        return may_write(wish, empty=empty, speaks=self.speaks)

    def _decline(self, wish: Wish, fitting: Fitting, why: str | None) -> None:
        """Hold the record for this reason, or leave the value out."""
        if why:
            fitting.refused[wish.field] = why
        else:
            self._leave_out(wish, wish.rule.otherwise if wish.rule else None, fitting)

    def _leave_out(self, wish: Wish, instead: Value, fitting: Fitting) -> None:
        """Say nothing; but a new record that cannot do without the field gets what the rule says for blanks."""
        fitting.left_out.append(wish.rule.name if wish.rule else wish.field)
        shape = self.shape.fields[wish.field]
        value = _shortened(instead, shape)
        usable = not is_blank(value) and not objection(value, shape)
        if self.current is None and shape.demanded and usable:
            fitting.told.append(replace(wish, value=value, stands_in=True))


def names_of(wish: Wish) -> frozenset[str]:
    """The names by which the org may speak of what is sent: of a state or country, the code's and the text's."""
    return frozenset((wish.field, wish.rule.name) if wish.rule else (wish.field,))


def is_too_long(value: Value, shape: FieldShape, *, certainly: bool) -> bool:
    """Whether a text is longer than its field.

    Args:
        value: A fitted value.
        shape: The field.
        certainly: However the org counts. Whether it takes an emoji for one character or two, nobody has said.
    """
    if not shape.length or shape.type not in TEXTS or not isinstance(value, str):
        return False
    return (len(value) if certainly else sum(map(_room, value))) > shape.length


def _shortened(value: Value, shape: FieldShape) -> Value:
    """The fitted value, cut where its field ends. Half an address is none, and half a number is another one."""
    whole = shape.type in WHOLE_OR_NOTHING or isinstance(value, int | Decimal)
    value = fitted(value, shape)
    if whole or not is_too_long(value, shape, certainly=False):
        return value
    room, kept = shape.length, []
    for each in str(value):
        room -= _room(each)
        if room < 0:
            break
        kept.append(each)
    return "".join(kept).strip()


def _room(character: str) -> int:
    """Units that a character may take: two beyond the first 65,536, and for a line's end, which may be kept as two."""
    return 2 if ord(character) > 0xFFFF or character == "\n" else 1


def objection(value: Value, shape: FieldShape) -> str | None:
    """What the field has against a fitted value, as far as its describe tells; None when nothing."""
    if shape.type in NUMBERS:
        return None if _is_number(value, shape) else "no number that the field holds"
    if shape.type == "boolean":
        return None if isinstance(value, bool) else "neither true nor false"
    if shape.type in ("date", "datetime"):
        return None if _is_day(value, shape) else "no day that the org keeps"
    return "no text" if shape.type in TEXTS and not isinstance(value, str) else _against_text(str(value), shape)


def _against_text(text: str, shape: FieldShape) -> str | None:
    if shape.type == "email":
        return None if probe("email", text, None) else "no e-mail address"
    if shape.type in ("picklist", "multipicklist") and shape.picklist:
        chosen = entries(text) if shape.type == "multipicklist" else [text]
        return None if set(chosen) <= set(shape.picklist) else "no value of the restricted picklist"
    return None


def _is_number(value: Value, shape: FieldShape) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return False
    number = Decimal(value)
    if not number.is_finite():
        return False
    if shape.type in WHOLE:
        limit = 1 << BITS[shape.type]
        return -limit <= number < limit
    return not shape.precision or number.adjusted() < shape.precision - shape.scale


def _is_day(value: Value, shape: FieldShape) -> bool:
    """An instant has its day in a zone alone, and a day is no instant."""
    wanted = isinstance(value, datetime) if shape.type == "datetime" else isinstance(value, date)
    is_kind = wanted and isinstance(value, datetime) is (shape.type == "datetime")
    return is_kind and isinstance(value, date) and FIRST_YEAR <= value.year <= LAST_YEAR
