"""The JSON Schema of a stream: whether a record is sound, and what is wrong with it. Never fetches anything.

A ``pattern`` is the tap's word and is trusted: one like ``(a+)+$`` may block the run, for no bound of ours tells those
from others. Mappings have no patterns.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from typing import Any, cast

import fastjsonschema
from jsonschema import Draft7Validator, SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry

from target_salesforce_retail.errors import InputError
from target_salesforce_retail.nouns import Flaw, Record

LONGEST_RULE = 120
A_THOUSAND_DIGITS = Context(prec=1000, Emin=MIN_EMIN, Emax=MAX_EMAX)
HINT = "Override the schema of this stream where the tap's catalog is made, e.g. by `schema` in meltano.yml."


class Schema:
    """Judges the records of one stream.

    Args:
        stream: Singer stream name.
        schema: Its JSON Schema; draft 7.

    Raises:
        InputError: It is no JSON Schema, or one that has to be fetched from elsewhere.
    """

    def __init__(self, stream: str, schema: Mapping[str, Any]) -> None:
        self._names = frozenset(_names(schema))
        if any(not ref.startswith("#") for ref in _references(schema)):
            raise InputError(f"The SCHEMA of `{stream}` refers to another document, which is not fetched.", hint=HINT)
        try:
            Draft7Validator.check_schema(schema)
            self._quick = _compile(schema)
        except SchemaError as error:
            place = ".".join(map(str, error.absolute_path)) or "its top"
            raise InputError(f"The SCHEMA of `{stream}` is no JSON Schema at {_cut(place)}.", hint=HINT) from None
        except Exception as error:
            kind = type(error).__name__
            raise InputError(f"The SCHEMA of `{stream}` cannot be made use of ({kind}).", hint=HINT) from None
        self._full = JUDGE(schema, registry=Registry())

    def named(self, name: object) -> str:
        """The name of a property that the schema names; empty for any other, which may be a shopper's."""
        return str(name) if name in self._names else ""

    def flaws(self, record: Record) -> Iterator[Flaw]:
        """What it has against a record."""
        if self._is_sound(record):
            return
        try:
            yield from map(self._flaw, self._full.iter_errors(record))
        except Exception as error:
            yield Flaw("", f"cannot be held against its schema ({type(error).__name__})")

    def _is_sound(self, record: Record) -> bool:
        try:
            self._quick(record)
        except Exception:  # whatever its code makes of such a value: the full validator is the judge
            return False
        return True

    def _flaw(self, error: ValidationError) -> Flaw:
        steps = list(error.absolute_path)
        place = self.named(steps[0]) if steps else ""
        within = ".".join("[]" if isinstance(step, int) else self.named(step) or "*" for step in steps[1:])
        if error.validator == "required":
            wanted, there = cast("list[str]", error.validator_value), cast("Record", error.instance)
            rule = f"lacks {', '.join(sorted(set(wanted) - set(there)))}"
        else:
            rule = f"breaks `{_cut(f'{error.validator}: {error.validator_value}')}`"
        return Flaw(place, _cut(f"{within} {rule}" if within else rule))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_RULE else f"{text[:LONGEST_RULE]}..."


def _compile(schema: Mapping[str, Any]) -> Callable[[Record], object]:
    as_draft_7 = {name: value for name, value in schema.items() if name != "$schema"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of formats that it does not know; formats are not checked here
        # its defaults would be written into the record: what is absent says nothing
        validate: Callable[[Record], object] = fastjsonschema.compile(as_draft_7, use_formats=False, use_default=False)
    return validate


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        properties = node.get("properties")
        yield from properties if isinstance(properties, Mapping) else ()
    for each in _within(node):
        yield from _names(each)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
        yield node["$ref"]
    for each in _within(node):
        yield from _references(each)


def _within(node: Any) -> Iterator[Any]:
    if isinstance(node, Mapping):
        yield from node.values()
    elif isinstance(node, list):
        yield from node


def _is_integer(checker: object, value: object) -> bool:
    """1.0 is an integer to draft 7, and a ``Decimal`` here."""
    del checker
    if isinstance(value, Decimal):
        return value.is_finite() and value == value.to_integral_value()
    return isinstance(value, int) and not isinstance(value, bool)


def _multiple_of(validator: Any, step: Any, instance: Any, schema: object) -> Iterator[ValidationError]:
    """Exact, for money is decimal; what has more digits than anybody counts is a multiple of nothing."""
    del schema
    if not validator.is_type(instance, "number"):
        return
    try:
        with localcontext(A_THOUSAND_DIGITS):
            is_multiple = Decimal(str(instance)) % Decimal(str(step)) == 0
    except ArithmeticError:
        is_multiple = False
    if not is_multiple:
        yield ValidationError("")


JUDGE: Any = extend(  # type: ignore[no-untyped-call]
    Draft7Validator,
    {"multipleOf": _multiple_of},
    type_checker=Draft7Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)
