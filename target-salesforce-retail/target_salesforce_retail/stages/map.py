"""From an arrival to a draft: the same record in Salesforce words."""

from __future__ import annotations

from datetime import datetime

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

ABSENT = object()


def draft_of(arrival: Arrival, mapping: Mapping, mappings: Mappings) -> Draft | Outcome:
    """The draft, or the hold of a record that cannot be put into Salesforce words."""
    record = arrival.record
    org_key = fill(mapping.key.value, record)
    if org_key is None:
        return _held(arrival, Reason.REQUIRED_MISSING, mapping.key.value.properties, "")
    if mapping.deleted and not is_blank(record.get(mapping.deleted.when)):
        return _farewell(arrival, mapping, mapping.deleted, org_key)
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
        org_key=org_key,
        version=version_of(mapping, record),
        values=values,
        probes=tuple(_probes(rule, record, org_key, region) for rule in mapping.match),
        references=tuple(each for rule in mapping.links if (each := _reference(rule, record, mappings))),
    )


def _farewell(arrival: Arrival, mapping: Mapping, rule: DeletedRule, org_key: str) -> Draft:
    """What a deleted record says. It is known by its key alone: what else it held may be somebody else's by now."""
    return Draft(
        arrival=arrival,
        org_key=org_key,
        version=version_of(mapping, arrival.record),
        values=rule.set,
        probes=((),) * len(mapping.match),
        deleted=True,
    )


def value_of(rule: FieldRule, record: Record, region: str | None) -> object:
    """What the rule says of this record: a value, None to clear the field, or ABSENT to say nothing."""
    if rule.template is not None:
        return fill(rule.template, record) or _instead(rule, absent=False)
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


def version_of(mapping: Mapping, record: Record) -> str | None:
    """What orders versions of this record, as text that compares as the versions do; None when it is not known.

    Instants become UTC with microseconds; whole numbers are padded with zeros.
    """
    value = record.get(mapping.version) if mapping.version else None
    if is_blank(value):
        return None
    if isinstance(value, int):
        return f"{value:020d}"
    try:
        instant = convert("datetime", value, None)
    except ValueError:
        return None
    return instant.isoformat(timespec="microseconds") if isinstance(instant, datetime) else None


def _region(mapping: Mapping, record: Record) -> str | None:
    source, otherwise = mapping.region
    value = record.get(source) if source else None
    country = str(value).strip().upper() if value else ""
    return country if len(country) == 2 else otherwise


def _probes(rule: MatchRule, record: Record, org_key: str, region: str | None) -> tuple[str, ...]:
    if rule.by == "key":
        return (org_key,)
    found = (probe(rule.by, record.get(name), region) for name in rule.sources)
    return tuple(dict.fromkeys(each for each in found if each))


def _reference(rule: ReferenceRule, record: Record, mappings: Mappings) -> Reference | None:
    other = mappings.of(rule.stream)
    if other is None or is_blank(record.get(rule.source)):
        return None
    key = fill(other.key.value, {**record, "id": record[rule.source]})
    return Reference(rule.label, rule.stream, key) if key else None


def _held(arrival: Arrival, reason: Reason, fields: tuple[str, ...], message: str) -> Outcome:
    return Outcome(arrival, Verdict.HELD, Stage.MAP, reason=reason, fields=fields, message=message or None)
