"""Leads that are converted, the slow, obvious way: an org in memory that converts them, and one shopper at a time."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.mapping.match_rules import MatchRule
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import (
    Action,
    Conversion,
    Draft,
    Fault,
    Intent,
    MatchKeys,
    OrgRow,
    Outcome,
    Reason,
    Recovery,
    Result,
)
from target_salesforce_retail.stages.plan import plan
from target_salesforce_retail.stages.settle import outcome_of

from tests.target.reference import Reference

Values = dict[str, Any]
CUSTOMERS = """
stream: customers
object: Contact
key: {field: Key__c, value: "{account_id}:{id}"}
version: updated_at
region: {else: CA}
match:
  - by: key
  - {by: email, from: email, to: {Contact: [Email, Other_Email__c], Lead: Email}, agree: {FirstName: first_name}}
  - {by: phone, from: phone, to: {Contact: Phone, Lead: Phone}, shared_by: 2}
on_match: {Lead: convert}
convert: {when: {type: [null, shopper]}, else: leave}
account:
  - {key: Key__c, shared: {company: text}, found_by: Name, fields: {Name: {from: company}}}
fields:
  FirstName: {from: first_name, update: if_blank}
  LastName: {from: last_name, else: "(unknown)"}
  Email: {from: email, as: email, refused: leave_out}
  Phone: {from: phone}
  Nick__c: {from: nick, only: Lead, update: if_blank}
  Phone_Key__c: {key_of: Phone}
"""
BECOMES = {"Nick__c": "Other_Email__c"}
"""Where this org puts what stands in a lead's own fields; a field of the same name takes all others."""
STAYS = ("Id", "Key__c", "CreatedDate", "Company", "Status")


class LeadsOrg(MemoryOrg):
    """Makes accounts too, and carries a lead's own field elsewhere; does not convert leads of the company Refused."""

    left: int | None = None
    """How many writes go through before whoever writes is killed."""

    def put(self, name: str, values: Values) -> str:
        record_id = super().put(name, values)
        self._strike()
        return record_id

    def _update(self, name: str, record_id: str, row: Values) -> Result:
        result = super()._update(name, record_id, row)
        self._strike()
        return result

    def _strike(self) -> None:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left = self.left - 1 if self.left else None

    def _convert(self, conversion: Conversion) -> Result:
        lead = self.tables["Lead"][conversion.lead]
        if conversion.lead in self.converted:
            return Result(self.converted[conversion.lead])
        if lead.get("Company") == "Refused":
            return Result(None, fault=Fault(Reason.RULE_BROKEN, Recovery.HOLD, "FIELD_CUSTOM_VALIDATION_EXCEPTION", ""))
        account = conversion.account or super().put("Account", {"Name": lead.get("Company")})
        kept = {BECOMES.get(name, name): value for name, value in lead.items() if name not in STAYS}
        self.converted[conversion.lead] = super().put("Contact", {**kept, "AccountId": account})
        self._touch(conversion.lead)
        self._strike()
        return Result(self.converted[conversion.lead])


class OneByOne(Reference):
    """Converts where it finds a lead, and looks again."""

    def place(self, draft: Draft, rules: StreamMapping) -> Outcome:
        without: frozenset[str] = frozenset()
        lead: str | None = None
        while True:
            match = replace(self.look(draft, rules), omitted=without, lead=lead)
            action = plan(match, rules, self.mappings, self.describes)
            if account := self.account_of(action, rules):
                action = replace(action, body={**action.body, "AccountId": account})
            result = self.write(action, rules)
            if action.intent is Intent.CONVERT and result and not result.fault:
                lead = action.id
                continue
            refused = self.dispensable(result, rules) - without
            without |= refused
            if not refused:
                return outcome_of(action, result, {})

    def account_of(self, action: Action, rules: StreamMapping) -> str | None:
        account = action.account
        if account is None:
            return None
        table = self.org.tables["Account"]
        carrying = [each for each, row in table.items() if row.get("Key__c") == account.key]
        name = str(account.values["Name"]).lower()
        called = [each for each, row in table.items() if not row.get("Key__c") and str(row.get("Name")).lower() == name]
        if carrying:
            return carrying[0]
        if len(called) == 1:
            return called[0]
        return str(self.org.upsert("Account", "Key__c", [{"Key__c": account.key, **account.values}])[0].id)

    def write(self, action: Action, rules: StreamMapping) -> Result | None:
        if action.intent is Intent.CONVERT:
            account = action.body.get("AccountId")
            wanted = Conversion(str(action.id), str(action.body["Status"]), str(account) if account else None)
            return self.org.convert([wanted])[0]
        return super().write(action, rules)

    def led(self) -> dict[str, list[tuple[str, Values]]]:
        """Contact -> the leads that lead to it, with what finds them: nobody reads numbers there that have no key."""
        found: dict[str, list[tuple[str, Values]]] = {}
        for lead, contact in self.org.converted.items():
            held = {name: value for name, value in self.org.tables["Lead"][lead].items() if name != "Phone"}
            found.setdefault(contact, []).append((lead, held))
        return found

    def everyone(self, rules: StreamMapping) -> list[OrgRow]:
        return [row for row in super().everyone(rules) if row.id not in self.org.converted]

    def keyed(self, draft: Draft, rules: StreamMapping) -> list[OrgRow]:
        """Who carries its key, or has become of a lead that does."""
        led = self.led()
        return [
            row
            for row in self.everyone(rules)
            if draft.key in (row.values.get("Key__c"), *(values.get("Key__c") for _, values in led.get(row.id, ())))
        ]

    def asks(self, draft: Draft, rules: StreamMapping) -> bool:
        is_linked = bool(self.ledger.links(rules.stream, [draft.key]))
        return not (is_linked and len(self.keyed(draft, rules)) == 1) and super().asks(draft, rules)

    def evidence(self, draft: Draft, rules: StreamMapping) -> Any:
        answers = iter(super().evidence(draft, rules))
        next(answers)
        yield "key", self.keyed(draft, rules)
        link = self.ledger.links(rules.stream, [draft.key]).get(draft.key)
        became = self.org.converted.get(link.id) if link else None
        if became:
            yield "ledger", [row for row in self.everyone(rules) if row.id == became]
        yield from answers

    def answering(self, rule: MatchRule, match_keys: MatchKeys, draft: Draft, rules: StreamMapping) -> list[OrgRow]:
        """A lead that was converted answers as the contact that it has become."""
        traits = [each for each in self.traits(match_keys) if not self.names_nobody(rule, each, rules)]
        led = self.led()
        for name in rule.objects if traits else ():
            hits = []
            for row in self.everyone(rules):
                looks = [row.values] if row.object == name else []
                looks += [values for _, values in led.get(row.id, ())] if name == "Lead" else []
                shown = [OrgRow(name, row.id, values) for values in looks]
                if any(self.has(look, rule, trait, rules) for look in shown for trait in traits):
                    hits += [row] if self.agree(rule.agree, row, draft, rules) else []
            if hits:
                return hits
        return []

    def traits(self, match_keys: MatchKeys) -> list[tuple[str, ...]]:
        return list(product(*match_keys)) if match_keys else []
