"""Accounts of new records: which one a record shares with others, and that it is there when the record is sent.

Ann and Ben Lee come with one address, and the mapping says that those who share a last name and an address share an
account: its key is made of both, so that either finds it, whoever comes first. Who is in the org already keeps what she
has.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from target_salesforce_retail.mapping.agree import says_nothing
from target_salesforce_retail.mapping.blocked import Blocklist
from target_salesforce_retail.mapping.match_keys import match_key
from target_salesforce_retail.mapping.rules import AccountRule, OnDuplicateRule, OnRefused, StreamMapping, Update
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Action, Fault, Intent, NewAccount, OrgRow, Reason, Record, Result, Value
from target_salesforce_retail.ports import Condition, Org
from target_salesforce_retail.stages.inside.fit import Fitter, Fitting
from target_salesforce_retail.stages.inside.wanted import WantedValue

Row = Mapping[str, Value]
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

    An account that is there is found, any other is made: by upsert on its key, so that it bears repetition. Of those
    who share one the first makes it; where her values are refused she is held alone, and the next one makes it.

    Raises:
        OrgError: The org as a whole did not answer.
    """
    ready = list(actions)
    refused: dict[int, Result] = {}
    allowed = mapping.on_duplicate_rule is OnDuplicateRule.ALLOW
    for entry, rule in enumerate(mapping.accounts):
        wanted = [(place, account) for place, action in enumerate(actions) if (account := _of(action, entry))]
        answers = _Making(rule, allowed, wanted).answers(org) if wanted else {}
        for place, answer in answers.items():
            if answer.fault:
                refused[place] = answer
            else:
                ready[place] = replace(actions[place], body={**actions[place].body, rule.lookup: answer.id})
    return ready, refused


def _of(action: Action, entry: int) -> NewAccount | None:
    """The account that a new record, or what a lead becomes, gets by this entry."""
    account = action.account if action.intent in (Intent.CREATE, Intent.CONVERT) else None
    return account if account and account.entry == entry else None


class _Making:
    """The accounts of one entry that records want, and who of those that share one is to make it next.

    Args:
        rule: The entry.
        allowed: Save although a duplicate rule of the kind that only warns objects.
        wanted: The records' positions with their accounts, in the order in which they are decided.
    """

    def __init__(self, rule: AccountRule, allowed: bool, wanted: Sequence[tuple[int, NewAccount]]) -> None:
        self._rule = rule
        self._allowed = allowed
        self._optional = {each.name for each in rule.fields if each.refused is OnRefused.LEAVE_OUT}
        self._makers: dict[str, list[tuple[Row, list[int]]]] = defaultdict(list)
        for place, account in wanted:
            makers = self._makers[account.key]
            alike = next((places for values, places in makers if values == account.values), None)
            if alike is None:
                makers.append((account.values, [place]))
            else:
                alike.append(place)
        self._answers: dict[int, Result] = {}

    def answers(self, org: Org) -> dict[int, Result]:
        """Position -> the account, or what the org has against the values of this record."""
        values = [(key, maker) for key, makers in self._makers.items() for maker, _ in makers]
        for key, record_id in _there(values, self._rule, org).items():
            self._end(key, Result(record_id))
        while self._makers:
            keys = list(self._makers)
            bodies = [{self._rule.key: key, **self._makers[key][0][0]} for key in keys]
            made = org.upsert(self._rule.object, self._rule.key, bodies, allow_duplicates=self._allowed)
            for key, result in zip(keys, made, strict=True):
                if result.fault:
                    self._refuse(key, result, result.fault)
                else:
                    self._end(key, result)
        return self._answers

    def _end(self, key: str, result: Result) -> None:
        """The account is there, for all who share it and have not been refused."""
        self._answers |= {place: result for _, places in self._makers.pop(key) for place in places}

    def _refuse(self, key: str, result: Result, fault: Fault) -> None:
        """Without what the entry can do without, or by the next one who shares it."""
        values, places = self._makers[key].pop(0)
        named = set(fault.fields) & values.keys()
        if fault.reason is Reason.VALUE_REFUSED and named and named == set(fault.fields) and named <= self._optional:
            self._makers[key].insert(0, ({name: each for name, each in values.items() if name not in named}, places))
            return
        self._answers |= dict.fromkeys(places, result)
        if not self._makers[key]:
            del self._makers[key]


def _there(wanted: Sequence[tuple[str, Row]], rule: AccountRule, org: Org) -> dict[str, str]:
    """Key -> id of the account that carries it, or of the one without a key of ours that alone is found by its value.

    An account that carries another key is that of others, who share something else.
    """
    keys = list(dict.fromkeys(key for key, _ in wanted))
    sought: dict[str, str] = {}
    filler = next((each.filler for each in rule.fields if each.name == rule.found_by), None)
    for key, values in wanted if rule.found_by else ():
        if not says_nothing(value := values.get(str(rule.found_by)), filler):
            sought.setdefault(key, str(value))
    conditions: list[Condition] = [{rule.key: keys}]
    conditions += [{str(rule.found_by): sorted(set(sought.values()))}] if sought else []
    fields = (rule.key, *((rule.found_by,) if rule.found_by else ()))
    rows = org.find({rule.object: conditions}, {rule.object: fields})
    keyed = {str(row.values.get(rule.key)): row.id for row in rows}
    named: dict[str, list[OrgRow]] = defaultdict(list)
    for row in rows:
        if rule.found_by and is_blank(row.values.get(rule.key)):
            named[str(row.values.get(rule.found_by)).casefold()].append(row)
    alone = {key: found[0].id for key, value in sought.items() if len(found := named[value.casefold()]) == 1}
    return {key: record_id for key in keys if (record_id := keyed.get(key) or alone.get(key))}
