"""Ways in which a field gets its value, as a mapping declares them."""

from __future__ import annotations

from dataclasses import dataclass

from target_salesforce_retail.mapping.choices import OnNull, OnRefused, TooLong, Update
from target_salesforce_retail.mapping.places import Place
from target_salesforce_retail.nouns import Value


@dataclass(frozen=True, slots=True)
class TemplatePart:
    """A piece of a template: literals and property names alternate, starting with a literal.

    ``optional``: it is dropped when a gap in it is blank; of any other, a blank gap leaves nothing of the whole.
    """

    literals: tuple[str, ...]
    properties: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """Text with ``{property}`` gaps, some of it in optional parts."""

    parts: tuple[TemplatePart, ...]

    @property
    def properties(self) -> tuple[str, ...]:
        """The properties that it reads."""
        return tuple(name for part in self.parts for name in part.properties)


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field gets its value: the first of ``sources`` that is not blank, or ``template``, or ``constant``.

    ``zone`` is an IANA time zone: the day of an instant is the day there.
    """

    name: str
    at: Place
    sources: tuple[str, ...]
    template: Template | None
    constant: Value
    convert: str | None
    otherwise: Value
    update: Update
    on_null: OnNull
    only: tuple[str, ...]
    zone: str | None
    too_long: TooLong
    refused: OnRefused

    @property
    def filler(self) -> Value:
        """What it says of a record that has nothing to say; None where that is nothing."""
        if self.otherwise is not None:
            return self.otherwise
        return None if self.update is Update.ALWAYS else self.constant

    def serves(self, name: str) -> bool:
        """Whether an object has the field."""
        return not self.only or name in self.only

    @property
    def reads(self) -> tuple[str, ...]:
        """The properties that it reads."""
        return (*self.sources, *(self.template.properties if self.template else ()))
