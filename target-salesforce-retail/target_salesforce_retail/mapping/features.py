"""What an org has switched on, and a mapping must speak of: several currencies, record types."""

from __future__ import annotations

from collections.abc import Iterator

from target_salesforce_retail.mapping.places import did_you_mean
from target_salesforce_retail.mapping.rules import FieldRule, StreamMapping
from target_salesforce_retail.metadata import CURRENCY, RECORD_TYPE, ObjectDescribe

DEFAULT = "default"
"""What a mapping says for the record type that the integration user's new records get by themselves."""


def feature_problems(mapping: StreamMapping, describe: ObjectDescribe) -> Iterator[str]:
    """What would be written with another meaning than it has in the shop, or as a kind that nobody chose."""
    yield from _currency(mapping, describe)
    if describe.name in mapping.created:
        yield from _record_type(mapping, describe)


def _currency(mapping: StreamMapping, describe: ObjectDescribe) -> Iterator[str]:
    field = describe.own_currency
    if field is None or not field.createable or mapping.currency or _rule(mapping, describe, CURRENCY):
        return
    amounts = [name for name in describe.amounts if _rule(mapping, describe, name)]
    if amounts:
        yield (
            f"{mapping.at}: this org has several currencies, and {describe.name}.{' and '.join(amounts)} would be in "
            "the integration user's; say `currency: <property>`, or give CurrencyIsoCode a rule"
        )


def _record_type(mapping: StreamMapping, describe: ObjectDescribe) -> Iterator[str]:
    open_to_us = [each.name for each in describe.record_types if each.available]
    wanted = mapping.record_type
    if wanted is None:
        if len(open_to_us) > 1 and not _rule(mapping, describe, RECORD_TYPE):
            yield (
                f"{mapping.at}: a new {describe.name} may be {' or '.join(f'`{name}`' for name in open_to_us)}; say "
                f"`record_type:` with one of them, or `record_type: {DEFAULT}` for the integration user's own"
            )
        return
    at = mapping.at_key("record_type")
    known = [each.name for each in describe.record_types]
    if wanted == DEFAULT or wanted in open_to_us:
        return
    if wanted in known:
        yield f"{at}: the record type `{wanted}` of {describe.name} is not assigned to the integration user"
        return
    hint = did_you_mean(wanted, known) or (f"; it has {', '.join(known)}" if known else "; it has none")
    yield f"{at}: {describe.name} has no active record type `{wanted}`{hint}"


def _rule(mapping: StreamMapping, describe: ObjectDescribe, name: str) -> FieldRule | None:
    applies = (rule for rule in mapping.fields if rule.name == name and (not rule.only or describe.name in rule.only))
    return next(applies, None)
