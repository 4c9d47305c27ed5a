"""Conversion: a lead that buys becomes a contact, where the mapping says so.

Ann is found as a lead. In one round her lead is converted; in the next she is found as the contact that it has become,
as after a conversion by hand, and that is told what the till says. What can be seen to stand in the way is seen before:
a value that the contact would not take holds her while her lead is still one.
"""

from __future__ import annotations

from collections.abc import Mapping

from target_salesforce_retail.mapping.rules import OnMatch, StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.metadata import IS_PERSON, ObjectDescribe
from target_salesforce_retail.nouns import Action, Conversion, Intent, Match, NewAccount, OrgRow, Reason, Value
from target_salesforce_retail.stages.inside.sound import if_matched

Describes = Mapping[str, ObjectDescribe]
LEAD, CONTACT, ACCOUNT = "Lead", "Contact", "Account"
COMPANY, STATUS, LOOKUP = "Company", "Status", "AccountId"


def is_converted_first(match: Match, mapping: StreamMapping) -> bool:
    """Whether the record is a lead that is to become a contact before it is told anything."""
    if match.row is None or match.row.object != LEAD or match.draft.amends:
        return False
    return if_matched(mapping, LEAD, match.draft.arrival) is OnMatch.CONVERT


def is_person(lead: OrgRow, describes: Describes) -> bool:
    """Whether it becomes a person account: where the org has these, so does whoever has no company."""
    has_persons = ACCOUNT in describes and IS_PERSON in describes[ACCOUNT].fields
    return has_persons and is_blank(lead.values.get(COMPANY))


def becomes(lead: OrgRow, mapping: StreamMapping, describes: Describes) -> str:
    """The object that the mapping is going to find in its place; behind a person account there is a contact too."""
    return ACCOUNT if is_person(lead, describes) and ACCOUNT in mapping.objects else CONTACT


def as_it_becomes(lead: OrgRow, describe: ObjectDescribe) -> dict[str, Value]:
    """What the contact is going to hold, as far as its fields are called as the lead's are."""
    return {name: value for name, value in lead.values.items() if name in describe.fields}


def hangs_on(match: Match, lead: OrgRow, mapping: StreamMapping, describes: Describes) -> NewAccount | None:
    """The account of a new contact, if the lead can be converted into it: a person account is one itself."""
    account = None if is_person(lead, describes) else match.draft.account
    rule = mapping.accounts[account.entry] if account else None
    return account if rule and (rule.object, rule.lookup) == (ACCOUNT, LOOKUP) else None


def conversion(match: Match, lead: OrgRow, account: NewAccount | None, status: str) -> Action:
    """The action that converts a lead."""
    parent = account.key if account else lead.id
    return Action(match, Intent.CONVERT, LEAD, id=lead.id, account=account, body={STATUS: status}, parent=parent)


def still_there(match: Match, lead: OrgRow) -> Action:
    """Salesforce has called the lead converted, and shows it as a living one."""
    message = "Salesforce took the conversion of this lead, and still shows it as one that is not converted."
    return Action(match, Intent.HOLD, LEAD, id=lead.id, reason=Reason.CONVERTED, message=message)


def unknown(match: Match, lead: OrgRow) -> Action:
    """The lead would become a contact, and the mapping knows persons alone."""
    return Action(match, Intent.HOLD, LEAD, id=lead.id, reason=Reason.BECOMES_UNKNOWN)


def as_conversion(action: Action) -> Conversion:
    """What the org is asked for."""
    account = action.body.get(LOOKUP)
    return Conversion(str(action.id), str(action.body[STATUS]), str(account) if account else None)


def status_of(mapping: StreamMapping, describes: Describes) -> str:
    """The status of a converted lead: preflight has seen that there is one."""
    declared = mapping.convert.status if mapping.convert else None
    return declared or next(iter(describes[LEAD].converted_statuses), "")
