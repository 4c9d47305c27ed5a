"""From an arrival to a draft: the same record in Salesforce words."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from target_salesforce_retail.mapping.blocked import Blocklist
from target_salesforce_retail.mapping.convert import convert
from target_salesforce_retail.mapping.match_keys import match_key
from target_salesforce_retail.mapping.match_rules import Comparison, MatchRule
from target_salesforce_retail.mapping.rules import (
    BUCKET,
    DeletedRule,
    FieldRule,
    Mappings,
    OnNull,
    OnRefused,
    ReferenceRule,
    StreamMapping,
    Template,
)
from target_salesforce_retail.mapping.template import fill
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import (
    Arrival,
    Draft,
    MatchKeys,
    NewAccount,
    Outcome,
    Reason,
    Record,
    Reference,
    Stage,
    Value,
    Verdict,
)
from target_salesforce_retail.stages.inside.accounts import account_key
from target_salesforce_retail.stages.inside.name import key_of
from target_salesforce_retail.stages.inside.retired import retirement_of
from target_salesforce_retail.stages.inside.sound import is_deleted, meets

ABSENT = object()
NOT_SOUND = "a value that is not sound"


def draft_of(arrival: Arrival, mapping: StreamMapping, mappings: Mappings) -> Draft | Outcome:
    """The draft, or the hold of a record that cannot be put into Salesforce words."""
    record = arrival.sound
    if key_of(mapping, record) is None:
        return _held(arrival, Reason.REQUIRED_MISSING, mapping.key.value.properties, "")
    retirement, set_to = retirement_of(record, mapping) or (None, {})
    if mapping.deleted and is_deleted(record, mapping.deleted):
        return replace(_deleted_draft(arrival, mapping, mapping.deleted, mappings), retirement=retirement)
    if retirement:
        return Draft(arrival, set_to, match_keys=((),) * len(mapping.match), retirement=retirement)
    if mapping.parent and is_blank(record.get(mapping.parent.reference.source)):
        return _held(arrival, Reason.REQUIRED_MISSING, (mapping.parent.reference.source,), "")
    region = _region(mapping, arrival)
    read = _read(mapping.fields, arrival, region)
    account, unfit = _account(mapping, arrival, region, mappings.blocklist)
    profile = _read(mapping.profile.fields if mapping.profile else (), arrival, region)
    unfit = read.unfit | unfit | profile.unfit
    if unfit:
        message = "; ".join(f"{name}: {problem}" for name, problem in unfit.items())
        return _held(arrival, Reason.UNCONVERTIBLE, tuple(unfit), message)
    match_keys, blocked = _recognised_by(mapping, record, region, mappings.blocklist)
    return Draft(
        arrival=arrival,
        values=read.values,
        match_keys=match_keys,
        blocked=blocked,
        fallbacks=read.fallbacks,
        account=account,
        references=tuple(each for rule in mapping.links if (each := _reference(rule, record, mappings))),
        cleared=frozenset(rule.label for rule in mapping.references if _is_cleared(rule, record, mappings)),
        region=region,
        profile=profile.values,
    )


def fill_draft(arrival: Arrival, mapping: StreamMapping, references: tuple[Reference, ...]) -> Draft:
    """A draft that fills in lookups which were left blank, and says nothing else.

    What the mapping does not say any more is wanted no more: rules are renamed between two runs.
    """
    labels = {(rule.label, rule.stream) for rule in mapping.links}
    still = tuple(each for each in references if (each.label, each.stream) in labels)
    return Draft(arrival, {}, match_keys=((),) * len(mapping.match), references=still)


def _deleted_draft(arrival: Arrival, mapping: StreamMapping, rule: DeletedRule, mappings: Mappings) -> Draft:
    """What a deleted record says. It is known by its key alone: what else it held may be somebody else's by now."""
    parent = _reference(mapping.parent.reference, arrival.record, mappings) if mapping.parent else None
    return Draft(
        arrival=arrival,
        values=rule.set,
        match_keys=((),) * len(mapping.match),
        references=(parent,) if parent else (),
        deleted=True,
    )


@dataclass
class _Read:
    """What rules say of a record.

    Attributes:
        values: Field -> value, for every rule that has something to say.
        fallbacks: Fields whose values are not sound and are left out -> what steps in.
        unfit: Fields whose values hold the record, and what is wrong with each.
    """

    values: dict[str, Value] = field(default_factory=dict)
    fallbacks: dict[str, Value] = field(default_factory=dict)
    unfit: dict[str, str] = field(default_factory=dict)


def _read(rules: Sequence[FieldRule], arrival: Arrival, region: str | None) -> _Read:
    read = _Read()
    for rule in rules:
        value = _value_or_error(rule, arrival, region)
        if isinstance(value, ValueError) and rule.refused is OnRefused.HOLD:
            read.unfit[rule.name] = str(value)
        elif isinstance(value, ValueError):
            read.fallbacks[rule.name] = _in_its_place(rule, arrival.sound, region)
        elif value is not ABSENT:
            read.values[rule.name] = value  # type: ignore[assignment]  # ABSENT is the only object that is no Value
    return read


def _account(
    mapping: StreamMapping, arrival: Arrival, region: str | None, blocked: Blocklist
) -> tuple[NewAccount | None, dict[str, str]]:
    """The account of the first entry that applies, and what is wrong with its values."""
    for position, rule in enumerate(mapping.accounts):
        key, bucket = account_key(rule, arrival.sound, region, blocked)
        if key:
            read = _read(rule.fields, replace(arrival, record={**arrival.record, BUCKET: bucket}), region)
            unfit = {f"{rule.object}.{name}": problem for name, problem in read.unfit.items()}
            return NewAccount(position, key, read.fallbacks | read.values), unfit
    return None, {}


def _value_or_error(rule: FieldRule, arrival: Arrival, region: str | None) -> object:
    try:
        return value_of(rule, arrival, region)
    except ValueError as error:
        return error


def value_of(rule: FieldRule, arrival: Arrival, region: str | None) -> object:
    """What the rule says of this record: a value, None to clear the field, or ABSENT to say nothing.

    Raises:
        ValueError: What it reads is not sound, or does not fit: that is no blank, so that nothing steps in for it.
    """
    if rule.template is not None:
        return _filled(rule, rule.template, arrival, region)
    if not rule.sources:
        return convert(rule.convert, rule.constant, region, rule.zone) if rule.convert else rule.constant
    return _first(rule, arrival, region)


def _filled(rule: FieldRule, template: Template, arrival: Arrival, region: str | None) -> object:
    record = arrival.record
    if not arrival.omitted.isdisjoint(template.properties):
        raise ValueError(NOT_SOUND)
    text = fill(template, record)
    if text is None:
        nulls = any(name in record and is_blank(record[name]) for name in template.properties)
        return _instead(rule, absent=not nulls)
    return convert(rule.convert, text, region, rule.zone)


def _first(rule: FieldRule, arrival: Arrival, region: str | None) -> object:
    """Of the first property that fits. Of two, an unreadable one may be the better, so that it lets no other pass."""
    record, unfit = arrival.record, None
    for name in rule.sources:
        if name in arrival.omitted:
            raise ValueError(NOT_SOUND)
        try:
            value = convert(rule.convert, record.get(name), region, rule.zone)
        except ValueError as error:
            unfit = unfit or error
        else:
            if value is not None:
                return value
    if unfit:
        raise unfit
    return _instead(rule, absent=not any(name in record for name in rule.sources))


def _in_its_place(rule: FieldRule, record: Record, region: str | None) -> Value:
    """What a new record gets that cannot do without: the next property that fits, or the rule's value for blanks."""
    for name in rule.sources:
        with suppress(ValueError):
            value = convert(rule.convert, record.get(name), region, rule.zone)
            if value is not None:
                return value
    return rule.otherwise


def _instead(rule: FieldRule, *, absent: bool) -> object:
    if rule.otherwise is not None:
        return rule.otherwise
    return None if rule.on_null is OnNull.CLEAR and not absent else ABSENT


def _region(mapping: StreamMapping, arrival: Arrival) -> str | None:
    """The country by which phones are read; none where it is not sound, for in another country a number is another."""
    source, otherwise = mapping.region
    if source in arrival.omitted:
        return None
    value = arrival.record.get(source) if source else None
    country = str(value).strip().upper() if value else ""
    return country if len(country) == 2 else otherwise


def _recognised_by(
    mapping: StreamMapping, record: Record, region: str | None, blocklist: Blocklist
) -> tuple[tuple[MatchKeys, ...], frozenset[int]]:
    """The match keys of each rule, and the positions of rules for which one was left out because it names nobody."""
    found: list[MatchKeys] = []
    blocked: list[int] = []
    for position, rule in enumerate(mapping.match):
        all_keys = keys_of(rule, record, region) if meets(rule.when, record) else ()
        left = without_blocked(rule, all_keys, blocklist)
        if left != all_keys:
            blocked.append(position)
        found.append(left if all(left) else ())
    return tuple(found), frozenset(blocked)


def keys_of(rule: MatchRule, record: Record, region: str | None) -> MatchKeys:
    """For each comparison of a rule what the record may be recognised by."""
    return tuple(_keys_of(comparison, record, region) for comparison in rule.comparisons)


def without_blocked(rule: MatchRule, match_keys: MatchKeys, blocklist: Blocklist) -> MatchKeys:
    """The match keys without those that name nobody."""
    pairs = zip(rule.comparisons, match_keys, strict=False)  # a rule that does not ask has none
    return tuple(tuple(key for key in keys if not blocklist.blocks(each.by, key)) for each, keys in pairs)


def _keys_of(comparison: Comparison, record: Record, region: str | None) -> tuple[str, ...]:
    values = (value for name in comparison.sources for value in _entries(record.get(name)))
    found = (match_key(comparison.by, value, region) for value in values)
    return tuple(dict.fromkeys(each for each in found if each))


def _entries(value: object) -> Sequence[object]:
    """A property may be a list of several addresses."""
    return value if isinstance(value, list) else (value,)


def _reference(rule: ReferenceRule, record: Record, mappings: Mappings) -> Reference | None:
    other = mappings.of(rule.stream)
    if other is None or is_blank(record.get(rule.source)):
        return None
    key = _key_referred_to(rule, record, other)
    return Reference(rule.label, rule.stream, key) if key and key not in other.nobody else None


def _key_referred_to(rule: ReferenceRule, record: Record, other: StreamMapping) -> str | None:
    return key_of(other, {**record, "id": record[rule.source]})


def _is_cleared(rule: ReferenceRule, record: Record, mappings: Mappings) -> bool:
    """A null takes the lookup away, and so does whoever is nobody; a property that is absent says nothing."""
    if rule.on_null is not OnNull.CLEAR or rule.source not in record:
        return False
    other = mappings.of(rule.stream)
    is_null = is_blank(record[rule.source])
    return is_null or (other is not None and _key_referred_to(rule, record, other) in other.nobody)


def _held(arrival: Arrival, reason: Reason, fields: tuple[str, ...], message: str) -> Outcome:
    return Outcome(arrival, Verdict.HELD, Stage.MAP, reason=reason, fields=fields, message=message or None)
