"""Accounts of new records: which one a record shares with others, and that it is there when the record is sent.

Ann and Ben Lee come with one address, and the mapping says that those who share a last name and an address share an
account: its key is made of both, so that either finds it, whoever comes first. Who is in the org already keeps what she
has.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from target_salesforce_retail.mapping.blocked import Blocklist
from target_salesforce_retail.mapping.match_keys import match_key
from target_salesforce_retail.mapping.rules import AccountRule, OnDuplicateRule, StreamMapping, Update
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Action, Intent, NewAccount, OrgRow, Record, Result
from target_salesforce_retail.ports import Condition, Org
from target_salesforce_retail.stages.inside.fit import Fitter, Fitting
from target_salesforce_retail.stages.inside.wanted import WantedValue

BUCKETS = 4096
"""Accounts for ids that are no numbers."""


def account_key(
    rule: AccountRule, record: Record, region: str | None, blocked: Blocklist
) -> tuple[str | None, int | None]:
    """The key of a record's account, None where the rule does not apply to it; and the bucket, where it is one."""
    if rule.size:
        bucket = _bucket(str(record.get("id")), rule.size)
        return f"{record.get('account_id')}:shoppers:{bucket}", bucket
    found = {name: match_key(by, record.get(name), region) for name, by in rule.shared.items()}
    if not all(each and not blocked.blocks(rule.shared[name], each) for name, each in found.items()):
        return None, None
    text = "\n".join(f"{name}={value}" for name, value in sorted(found.items()))
    return f"shared:{hashlib.sha256(text.encode()).hexdigest()[:32]}", None


def _bucket(number: str, size: int) -> int:
    """By the id alone: what came before, or comes with it, has no say."""
    if number.isascii() and number.isdigit():
        return int(number) // size
    return int(hashlib.sha256(number.encode("utf-8", "surrogatepass")).hexdigest(), 16) % BUCKETS


def fitted_account(
    account: NewAccount | None,
    mapping: StreamMapping,
    describe: ObjectDescribe,
    describes: Mapping[str, ObjectDescribe],
) -> tuple[NewAccount | None, Fitting]:
    """The account of a new record of this object with values as its fields take them, and what is wrong with them."""
    rule = mapping.accounts[account.entry] if account else None
    if account is None or rule is None or rule.lookup not in describe.fields:
        return None, Fitting()
    given = [(each, account.values[each.name]) for each in rule.fields if each.name in account.values]
    wanted = [WantedValue(each.name, value, Update.ALWAYS, rule=each) for each, value in given if not is_blank(value)]
    fitting = Fitter(describes[rule.object], None, owns=True).fit(wanted, [])
    return replace(account, values={each.field: each.value for each in fitting.accepted}), fitting


def with_accounts(
    actions: Sequence[Action], mapping: StreamMapping, org: Org
) -> tuple[list[Action], dict[int, Result]]:
    """The actions, new records with their account's id; and for those whose account was refused, by position, why.

    An account that is there is found, any other is made: by upsert on its key, so that it bears repetition.

    Raises:
        OrgError: The org as a whole did not answer.
    """
    ready = list(actions)
    refused: dict[int, Result] = {}
    for entry, rule in enumerate(mapping.accounts):
        wanted = {place: account for place, action in enumerate(actions) if (account := _of(action, entry))}
        accounts: dict[str, NewAccount] = {}
        for account in wanted.values():
            accounts.setdefault(account.key, account)
        answers = _answers(accounts, rule, mapping, org) if accounts else {}
        for place, account in wanted.items():
            answer = answers[account.key]
            if answer.fault:
                refused[place] = answer
            else:
                ready[place] = replace(actions[place], body={**actions[place].body, rule.lookup: answer.id})
    return ready, refused


def _of(action: Action, entry: int) -> NewAccount | None:
    """The account that a new record gets by this entry."""
    account = action.account
    return account if action.intent is Intent.CREATE and account and account.entry == entry else None


def _answers(
    accounts: Mapping[str, NewAccount], rule: AccountRule, mapping: StreamMapping, org: Org
) -> dict[str, Result]:
    """Key -> the account that is there, or what the org says of the one that is made."""
    there = _there(accounts, rule, org)
    missing = [key for key in accounts if key not in there]
    bodies = [{rule.key: key, **accounts[key].values} for key in missing]
    allowed = mapping.on_duplicate_rule is OnDuplicateRule.ALLOW
    made = org.upsert(rule.object, rule.key, bodies, allow_duplicates=allowed) if bodies else []
    return {**{key: Result(record_id) for key, record_id in there.items()}, **dict(zip(missing, made, strict=True))}


def _there(accounts: Mapping[str, NewAccount], rule: AccountRule, org: Org) -> dict[str, str]:
    """Key -> id of the account that carries it, or that alone is found by its value."""
    values = {key: str(value) for key, value in _sought(accounts, rule)}
    wanted: list[Condition] = [{rule.key: list(accounts)}]
    wanted += [{rule.found_by: sorted(set(values.values()))}] if rule.found_by and values else []
    fields = (rule.key, *((rule.found_by,) if rule.found_by else ()))
    rows = org.find({rule.object: wanted}, {rule.object: fields})
    keyed = {str(row.values.get(rule.key)): row.id for row in rows}
    named: dict[str, list[OrgRow]] = defaultdict(list)
    for row in rows if rule.found_by else ():
        named[str(row.values.get(str(rule.found_by))).casefold()].append(row)
    by_value = {
        key: named[value.casefold()][0].id for key, value in values.items() if len(named[value.casefold()]) == 1
    }
    return {key: found for key in accounts if (found := keyed.get(key) or by_value.get(key))}


def _sought(accounts: Mapping[str, NewAccount], rule: AccountRule) -> Iterator[tuple[str, object]]:
    for key, account in accounts.items():
        value = account.values.get(rule.found_by) if rule.found_by else None
        if not is_blank(value):
            yield key, value
