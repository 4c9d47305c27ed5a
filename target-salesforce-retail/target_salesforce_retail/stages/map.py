"""From an arrival to a draft: the same record in Salesforce words."""

from __future__ import annotations

from target_salesforce_retail.mapping.convert import convert, fill, is_blank, probe
from target_salesforce_retail.mapping.rules import (
    DeletedRule,
    FieldRule,
    Mapping,
    Mappings,
    MatchRule,
    OnNull,
    ReferenceRule,
)
from target_salesforce_retail.nouns import Arrival, Draft, Outcome, Reason, Record, Reference, Stage, Value, Verdict
from target_salesforce_retail.stages.inside.name import key_of

ABSENT = object()


def draft_of(arrival: Arrival, mapping: Mapping, mappings: Mappings) -> Draft | Outcome:
    """The draft, or the hold of a record that cannot be put into Salesforce words."""
    record = arrival.record
    if key_of(mapping, record) is None:
        return _held(arrival, Reason.REQUIRED_MISSING, mapping.key.value.properties, "")
    if mapping.deleted and not is_blank(record.get(mapping.deleted.when)):
        return _farewell(arrival, mapping, mapping.deleted, mappings)
    if mapping.parent and is_blank(record.get(mapping.parent.reference.source)):
        return _held(arrival, Reason.REQUIRED_MISSING, (mapping.parent.reference.source,), "")
    region = _region(mapping, record)
    values: dict[str, Value] = {}
    for rule in mapping.fields:
        try:
            value = value_of(rule, record, region)
        except ValueError as error:
            return _held(arrival, Reason.UNCONVERTIBLE, (rule.name,), str(error))
        if value is not ABSENT:
            values[rule.name] = value  # type: ignore[assignment]  # ABSENT is the only object that is no Value
    return Draft(
        arrival=arrival,
        values=values,
        probes=tuple(_probes(rule, record, region) for rule in mapping.match),
        references=tuple(each for rule in mapping.links if (each := _reference(rule, record, mappings))),
        cleared=frozenset(rule.label for rule in mapping.references if _is_cleared(rule, record)),
    )


def wish_of(arrival: Arrival, mapping: Mapping, references: tuple[Reference, ...]) -> Draft:
    """A draft that fills in lookups which were left blank, and says nothing else.

    What the mapping does not say any more is wanted no more: rules are renamed between two runs.
    """
    said = {(rule.label, rule.stream) for rule in mapping.links}
    still = tuple(each for each in references if (each.label, each.stream) in said)
    return Draft(arrival, {}, probes=((),) * len(mapping.match), references=still)


def _farewell(arrival: Arrival, mapping: Mapping, rule: DeletedRule, mappings: Mappings) -> Draft:
    """What a deleted record says. It is known by its key alone: what else it held may be somebody else's by now."""
    parent = _reference(mapping.parent.reference, arrival.record, mappings) if mapping.parent else None
    return Draft(
        arrival=arrival,
        values=rule.set,
        probes=((),) * len(mapping.match),
        references=(parent,) if parent else (),
        deleted=True,
    )


def value_of(rule: FieldRule, record: Record, region: str | None) -> object:
    """What the rule says of this record: a value, None to clear the field, or ABSENT to say nothing."""
    if rule.template is not None:
        nulls = any(name in record and is_blank(record[name]) for name in rule.template.properties)
        return fill(rule.template, record) or _instead(rule, absent=not nulls)
    if not rule.sources:
        return rule.constant
    present = [record[name] for name in rule.sources if name in record]
    said = [value for value in present if not is_blank(value)]
    usable = (converted for value in said if (converted := convert(rule.convert, value, region)) is not None)
    return next(usable, _instead(rule, absent=bool(said) or not present))


def _instead(rule: FieldRule, *, absent: bool) -> object:
    if rule.otherwise is not None:
        return rule.otherwise
    return None if rule.on_null is OnNull.CLEAR and not absent else ABSENT


def _region(mapping: Mapping, record: Record) -> str | None:
    source, otherwise = mapping.region
    value = record.get(source) if source else None
    country = str(value).strip().upper() if value else ""
    return country if len(country) == 2 else otherwise


def _probes(rule: MatchRule, record: Record, region: str | None) -> tuple[str, ...]:
    found = (probe(rule.by, record.get(name), region) for name in rule.sources)
    return tuple(dict.fromkeys(each for each in found if each))


def _reference(rule: ReferenceRule, record: Record, mappings: Mappings) -> Reference | None:
    other = mappings.of(rule.stream)
    if other is None or is_blank(record.get(rule.source)):
        return None
    key = key_of(other, {**record, "id": record[rule.source]})
    return Reference(rule.label, rule.stream, key) if key else None


def _is_cleared(rule: ReferenceRule, record: Record) -> bool:
    """A null takes the lookup away; a property that is absent says nothing."""
    return rule.on_null is OnNull.CLEAR and rule.source in record and is_blank(record[rule.source])


def _held(arrival: Arrival, reason: Reason, fields: tuple[str, ...], message: str) -> Outcome:
    return Outcome(arrival, Verdict.HELD, Stage.MAP, reason=reason, fields=fields, message=message or None)
