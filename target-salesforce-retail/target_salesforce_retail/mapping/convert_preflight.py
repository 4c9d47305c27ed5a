"""Holds what a mapping says of converting leads against what the org has of it.

The right itself, *Convert Leads*, no describe tells: whoever lacks it is found out at the first lead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from target_salesforce_retail.mapping.build_convert import BECOMES, LEAD
from target_salesforce_retail.mapping.places import did_you_mean
from target_salesforce_retail.mapping.rules import ConvertRule, Mappings, StreamMapping
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import OrgRow

ACCOUNT = "Account"
STATUSES = "LeadStatus"
"""The object whose records are the statuses of leads."""
LABEL, IS_CONVERTED, ORDER = "MasterLabel", "IsConverted", "SortOrder"
RIGHTS = "is Retail_Integration assigned, and the permission set that lets it convert leads?"
Find = Callable[[Mapping[str, Sequence[Mapping[str, Sequence[str]]]], Mapping[str, Sequence[str]]], list[OrgRow]]
Describes = Mapping[str, ObjectDescribe]


def find_nothing(wanted: object, fields: object) -> list[OrgRow]:
    """An org of which no statuses are known."""
    del wanted, fields
    return []


def objects_to_convert(mappings: Mappings) -> tuple[str, ...]:
    """The objects that converting needs beside those that mappings name."""
    converts = any(mapping.convert for mapping in mappings.ordered)
    return (ACCOUNT, STATUSES) if converts else ()


def with_statuses(describes: dict[str, ObjectDescribe], find: Find) -> dict[str, ObjectDescribe]:
    """The describes, that of leads with the statuses that count as converted, in the org's order."""
    status = describes[LEAD].fields.get("Status") if LEAD in describes and STATUSES in describes else None
    if status is None:
        return describes
    labels = sorted({each for choice in status.choices for each in (choice.value, choice.label)})
    rows = find({STATUSES: [{LABEL: labels}]}, {STATUSES: (LABEL, IS_CONVERTED, ORDER)}) if labels else []
    converted = [row.values for row in rows if row.values.get(IS_CONVERTED) is True]
    ordered = sorted(converted, key=lambda values: (int(str(values.get(ORDER) or 0)), str(values.get(LABEL))))
    statuses = tuple(str(values.get(LABEL)) for values in ordered)
    return {**describes, LEAD: replace(describes[LEAD], converted_statuses=statuses)}


def convert_problems(mapping: StreamMapping, describes: Describes) -> Iterator[str]:
    """What would keep leads from being converted."""
    rule, lead = mapping.convert, describes.get(LEAD)
    if rule is None or lead is None:
        return
    yield from _status_problems(rule, lead)
    if not lead.updateable:
        yield f"{rule.at}: a Lead may not be converted by the integration user, who cannot edit it; {RIGHTS}"
    for name in BECOMES:
        made = describes.get(name)
        is_made = name == ACCOUNT or name in mapping.objects
        if is_made and name not in mapping.created and not (made and made.createable):
            yield f"{rule.at}: a conversion makes {name} rows, which the integration user may not create; {RIGHTS}"


def _status_problems(rule: ConvertRule, lead: ObjectDescribe) -> Iterator[str]:
    known = lead.converted_statuses
    if rule.status is None and not known:
        yield f"{rule.at}: which status a converted lead gets the org does not say: name it, as `status`"
    elif rule.status is not None and known and rule.status not in known:
        listed = f"{', '.join(known)}{did_you_mean(rule.status, known)}"
        yield f"{rule.places['status']}: `{rule.status}` is no status of a converted lead; the org has {listed}"
