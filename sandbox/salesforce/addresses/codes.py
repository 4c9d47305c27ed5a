"""The fields that the picklists add to every address."""

from __future__ import annotations

from base64 import b64encode
from functools import cache

from sandbox.salesforce.addresses.places import COUNTRIES, STATES
from sandbox.salesforce.schema import Field, Option, Schema, SObject


def with_codes(schema: Schema) -> Schema:
    """The schema with a code of state and country beside the text of each."""
    return schema.merged([], {one.name: _codes(one) for one in schema.objects.values() if _addresses(one)})


def _addresses(sobject: SObject) -> list[Field]:
    return [field for field in sobject.fields.values() if field.type == "address"]


def _codes(sobject: SObject) -> list[Field]:
    return [code for address in _addresses(sobject) for code in _pair(sobject, address.name)]


def _pair(sobject: SObject, address: str) -> list[Field]:
    part = address.removesuffix("Address")
    country, state = f"{part}CountryCode", f"{part}StateCode"
    return [
        _code(country, _label(sobject, f"{part}Country"), address, _countries(), None),
        _code(state, _label(sobject, f"{part}State"), address, _states(), country),
    ]


def _label(sobject: SObject, text: str) -> str:
    return f"{sobject.fields[text.lower()].label} Code"


def _code(name: str, label: str, address: str, options: list[Option], controller: str | None) -> Field:
    return Field(
        name,
        "picklist",
        label,
        10,
        picklist=list(dict.fromkeys(option.value for option in options)),
        options=options,
        restricted=True,
        compound=address,
        controller=controller,
    )


@cache
def _countries() -> list[Option]:
    return [Option(label, code) for code, label in COUNTRIES.items()]


@cache
def _states() -> list[Option]:
    """One code may stand for states of several countries: each is an entry of its own."""
    return [
        Option(label, code, _valid_for(country)) for country, states in STATES.items() for code, label in states.items()
    ]


def _valid_for(country: str) -> str:
    """A bit for each country of the list, the first one the highest of the first byte, in base64."""
    place = list(COUNTRIES).index(country)
    bits = bytearray(-(-len(COUNTRIES) // 8))
    bits[place // 8] |= 0x80 >> place % 8
    return b64encode(bits).decode()
