"""Phone keys: beside each field in which people type a phone number stands one that holds it in E.164, and is asked.

A contact has the mobile "06 12 34 56 78" and lives in France: its key is +33612345678, and no other spelling has to be
asked for. A key that is blank beside a number says that somebody typed the number and nobody has read it yet: such a
person *lacks* the key, and is compared by the number itself, which is read as it would be for the key.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path

import phonenumbers

from target_salesforce_retail.mapping.match_keys import match_key
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import Value

UNREADABLE = "unreadable"
"""What a key says of a number that nobody can read: blank would say that nobody has tried."""
CODE = "Code"
OTHERWISE_CALLED = {"usa": "US", "u.s.a.": "US", "u.s.": "US", "uk": "GB", "u.k.": "GB", "great britain": "GB"} | {
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
}
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class PhoneKeys:
    """The phone keys of one object.

    Attributes:
        phones: Key -> the phone field beside it.
        countries: Fields that say in which country a person lives, the first that is filled before the others.
        otherwise: The country to assume where they are blank.
    """

    phones: Mapping[str, str]
    countries: tuple[str, ...]
    otherwise: str | None

    @property
    def read(self) -> tuple[str, ...]:
        """All fields that are needed to tell a person's numbers."""
        return (*self.phones, *self.phones.values(), *self.countries) if self.phones else ()

    def shown(self, values: Values) -> Values:
        """What a row shows to a search: its values, and the keys that it lacks."""
        lacking = self.lacking(values)
        return {**values, **lacking} if lacking else values

    def lacking(self, values: Values) -> dict[str, str]:
        """The keys that a row lacks, as they should be."""
        region = self.region_of(values)
        return {
            key: key_of(values[phone], region)
            for key, phone in self.phones.items()
            if is_blank(values.get(key)) and not is_blank(values.get(phone))
        }

    def numbers(self, values: Values) -> Iterator[str]:
        """The numbers by which a row is found although it lacks their keys."""
        yield from (number for number in self.lacking(values).values() if number != UNREADABLE)

    def written(self, body: Values, current: Values, region: str | None) -> dict[str, Value]:
        """The keys of the numbers that a write changes.

        Args:
            body: What is written.
            current: What the row holds; nothing of a new one.
            region: The country of the record that the numbers come from.
        """
        keys = {
            key: None if is_blank(body[phone]) else key_of(body[phone], region)
            for key, phone in self.phones.items()
            if phone in body
        }
        return {key: value for key, value in keys.items() if value != current.get(key)}

    def region_of(self, values: Values) -> str | None:
        """The country by which a row's numbers are read; none where it is a country that nobody knows."""
        country = next((values[field] for field in self.countries if not is_blank(values.get(field))), None)
        return self.otherwise if country is None else country_of(str(country))


def phone_keys_of(mapping: StreamMapping, name: str) -> PhoneKeys:
    """The phone keys that a mapping declares for an object."""
    phones = {rule.name: rule.of for rule in mapping.phone_keys if not rule.only or name in rule.only}
    source, otherwise = mapping.region
    filled = sorted(  # by name: a mapping says the same in whatever order its fields stand
        rule.name
        for rule in mapping.fields
        if source and rule.sources[:1] == (source,) and (not rule.only or name in rule.only)
    )
    countries = tuple(each for field in filled for each in (f"{field}{CODE}", field))
    return PhoneKeys(phones, countries, otherwise)


def key_of(value: Value, region: str | None) -> str:
    """The number in E.164, or the mark for what is no number in this country."""
    return match_key("phone", value, region) or UNREADABLE


def country_of(text: str) -> str | None:
    """The ISO code of a country that is told by its code or its name in some language, or None."""
    name = text.strip()
    if len(name) == 2 and name.upper() in phonenumbers.SUPPORTED_REGIONS:
        return name.upper()
    return OTHERWISE_CALLED.get(name.casefold()) or _codes().get(_without_accents(name))


@cache
def _codes() -> Mapping[str, str]:
    """Name of a country, in any language, without accents -> its code; names of several are left out."""
    named: dict[str, set[str]] = defaultdict(set)
    for code, names in _names().items():
        for name in names.values():
            if not name.startswith("*"):  # refers to another language
                named[_without_accents(name)].add(code)
    return {name: next(iter(codes)) for name, codes in named.items() if len(codes) == 1}


def _without_accents(name: str) -> str:
    """As the list has Etats-Unis and Brésil, and people write either with and without."""
    return "".join(each for each in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(each))


def _names() -> Mapping[str, Mapping[str, str]]:
    """Code -> language -> name. Of its package that module alone: the others are the places of the world, 100 MB."""
    file = Path(phonenumbers.__file__).parent / "geodata" / "locale.py"
    loader = SourceFileLoader("phonenumbers.geodata.locale", str(file))
    module = module_from_spec(ModuleSpec(loader.name, loader))
    loader.exec_module(module)
    names: Mapping[str, Mapping[str, str]] = module.LOCALE_DATA
    return names
