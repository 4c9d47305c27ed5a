"""The slow, obvious way to keep profiles: one shopper at a time, on ``reference``; and an org that keeps lookups.

Nothing of the target's own profiles is used here but the mapping.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.mapping.match_rules import Comparison, MatchRule
from target_salesforce_retail.mapping.profile import Keep, ProfileRule
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import (
    Action,
    Draft,
    Match,
    MatchKeys,
    OrgRow,
    Outcome,
    Reason,
    Result,
    Retirement,
    Verdict,
)
from target_salesforce_retail.words import IN_ORG

from tests.target.reference import Reference
from tests.target.world import SALES, SHOPPERS, SHOPS

Values = dict[str, Any]
PROFILE = """
profile:
  object: Profile__c
  key: Key__c
  keep: %s
  person: {Contact: Contact__c, Lead: Lead__c}
  fields: {Name__c: {value: "[{first_name} ][{last_name}]"}, Email__c: {from: email, on_null: clear}}
"""
DELETED = "deleted: {when: deleted_at}\n"
SOUGHT = "sought"
"""Besides whom a row is kept of: rules look for what rows say, too."""
MERGES = "merges"
"""Suspects may be merged: a rule that finds several others suspects each of them."""
BY_ROWS = {
    "Lead: Email}}": "Profile__c: Email__c, Lead: Email}}",
    "Lead: Phone}, agree": "Lead: Phone, Profile__c: Phone_Key__c}, agree",
    "on_null: clear}}\n": "on_null: clear}, Phone_Key__c: {from: [mobile, phone], as: phone}}\n",
}
LOOKUPS = {"Contact": "Contact__c", "Lead": "Lead__c"}
RETIRED = ("merged", "retired", "unlinked", "erased")
TO_DECIDE = (Reason.MANY_MATCHES, Reason.VETOED)


def documents(keep: str, retired: str = "") -> tuple[str, ...]:
    """Mappings that keep a row of whom ``keep`` says; with `sought` behind it, rules look for what these say.

    With `merges`, suspects may be merged.
    """
    kept, *more = keep.split()
    text = SHOPPERS + PROFILE % kept
    for old, new in BY_ROWS.items() if SOUGHT in more else ():
        assert old in text
        text = text.replace(old, new)
    return text + retired + DELETED + ("on_suspect: merge\n" if MERGES in more else ""), SHOPS, SALES


class KeepingOrg(MemoryOrg):
    """Lookups follow a merge and are emptied by a deletion, as the org does it."""

    def merge_by_hand(self, name: str, winner: str, loser: str) -> None:
        super().merge_by_hand(name, winner, loser)
        self.point(loser, winner)

    def remove(self, name: str, record_id: str) -> None:
        """What a person deletes."""
        del self.tables[name][record_id]
        self.point(record_id, None)

    def point(self, before: str, after: str | None) -> None:
        for row in self.tables["Profile__c"].values():
            row |= {field: after for field in LOOKUPS.values() if row.get(field) == before}

    def heir(self, record_id: str) -> str:
        while record_id in self.merged:
            record_id = self.merged[record_id]
        return record_id

    def is_alive(self, record_id: str) -> bool:
        return any(self.heir(record_id) in self.tables[name] for name in LOOKUPS)

    def profile(self, key: str) -> Values | None:
        return next((row for row in self.tables["Profile__c"].values() if row["Key__c"] == key), None)


class SlowKeeper(Reference):
    """Takes records one by one, and writes each profile at once."""

    org: KeepingOrg

    def __init__(self, *texts: str) -> None:
        super().__init__(*texts)
        self.org = KeepingOrg(self.describes)
        self.refused: set[str] = set()
        self.person: str | None = None
        self.decided = False
        self.is_remembered = False
        self.answering_fields: list[str] = []

    def place(self, draft: Draft, rules: StreamMapping) -> Outcome:
        if rules.profile is None:
            return super().place(draft, rules)
        self.read(self.org.profile(draft.key))
        outcome = super().place(draft, rules)
        if not draft.arrival.fills and not draft.is_outdated and outcome.reason is not Reason.SUPERSEDED:
            if draft.retirement:
                self.retire(draft, outcome, draft.retirement.value)
            else:
                self.keep(draft, outcome, rules.profile)
        self.refused, self.person, self.decided = set(), None, False
        return outcome

    def read(self, row: Values | None) -> None:
        """What the profile says."""
        if row is None:
            return
        org = self.org
        self.refused = {form for each in (row.get("Not__c") or "").split() for form in (each, org.heir(each))}
        matched = row.get("Matched__c") or ""
        linked = [each for field in LOOKUPS.values() if (each := row.get(field)) and org.is_alive(each)]
        theirs = [each for each in linked if org.heir(each) != org.heir(matched)]
        if theirs:
            self.person, self.decided = theirs[0], True
            self.refused |= {org.heir(matched)} if org.is_alive(matched) else set()
        elif linked:
            self.person, self.decided = linked[0], row.get("Rule__c") == "decided"
        else:
            if org.is_alive(matched):
                self.refused |= {matched, org.heir(matched)}
            if row.get("Status__c") == "new person":
                named = (row.get("Candidates__c") or "").split()
                self.refused |= {form for each in named for form in (each, org.heir(each))}
                self.decided = True
        self.person = self.person and org.heir(self.person)
        self.refused -= {self.person or ""}

    def keeps_who_it_is(self) -> bool:
        return self.person is not None or self.is_remembered

    def everyone(self, rules: StreamMapping) -> list[OrgRow]:
        return [row for row in super().everyone(rules) if row.id not in self.refused]

    def asks(self, draft: Draft, rules: StreamMapping) -> bool:
        link = self.ledger.links(rules.stream, [draft.key]).get(draft.key)
        living = self.org.survivors(link.object, [link.id]).get(link.id) if link else None
        rows = [row for row in self.everyone(rules) if row.id == living]
        self.is_remembered = bool(rows) and self.may_be(rows[0], draft, rules)
        return not self.decided and super().asks(draft, rules)

    def evidence(self, draft: Draft, rules: StreamMapping) -> Iterator[tuple[str, list[OrgRow]]]:
        if draft.retirement:
            mine = [row for row in self.everyone_there(rules) if row.values.get(rules.key.field) == draft.key]
            yield "key", mine
            yield "profile", [] if mine else self.left_to(draft, rules)
            return
        kept = [row for row in self.everyone(rules) if row.id == self.person]
        if self.decided:
            mine = [row for row in self.everyone(rules) if row.values.get(rules.key.field) == draft.key]
            yield "decided", kept or mine
            return
        for by, rows in super().evidence(draft, rules):
            yield "profile" if by == "ledger" else by, rows
            if by == "key":
                yield "profile", kept

    def left_to(self, draft: Draft, rules: StreamMapping) -> list[OrgRow]:
        """To whom the profile leads, of one that lets go, where she carries the key of another who is gone.

        Nobody whom somebody has named since, and nobody to whom the profile of another leads who is not gone.
        """
        row = self.org.profile(draft.key)
        if row is None or draft.retirement not in (Retirement.UNLINKED, Retirement.ERASED):
            return []
        rows = list(self.org.tables["Profile__c"].values())
        gone = [each["Key__c"] for each in rows if each.get("Status__c") in RETIRED]
        others = [each for each in rows if each["Key__c"] not in (None, draft.key, *gone)]
        led = {self.org.heir(each) for row in others for field in LOOKUPS.values() if (each := row.get(field))}
        matched = self.org.heir(row.get("Matched__c") or "")
        return [
            each
            for each in self.everyone_there(rules)
            if each.id == self.person == matched and each.id not in led and each.values.get(rules.key.field) in gone
        ]

    def answering(self, rule: MatchRule, match_keys: MatchKeys, draft: Draft, rules: StreamMapping) -> list[OrgRow]:
        """Object by object, until there is somebody; a profile answers for the one to whom it leads."""
        for name in rule.objects:
            if rules.profile is None or name != rules.profile.object:
                alone = replace(rule, comparisons=tuple(only(each, name) for each in rule.comparisons))
                hits = super().answering(alone, match_keys, draft, rules)
            else:
                hits = self.led(rule, match_keys, draft, rules)
            if hits:
                return hits
        return []

    def led(self, rule: MatchRule, match_keys: MatchKeys, draft: Draft, rules: StreamMapping) -> list[OrgRow]:
        assert rules.profile is not None
        wanted = product(*match_keys) if match_keys else ()
        traits = [each for each in wanted if not self.names_nobody(rule, each, rules)]
        people = {row.id: row for row in self.everyone(rules) if row.object in rule.objects}
        found: dict[str, OrgRow] = {}
        for row in self.org.tables[rules.profile.object].values():
            profile = OrgRow(rules.profile.object, str(row["Id"]), row)
            living = [each for field in LOOKUPS.values() if (each := row.get(field)) and self.org.is_alive(each)]
            if row["Key__c"] == draft.key or row.get("Status__c") != "linked" or len(living) != 1:
                continue
            person = people.get(living[0])
            answers = any(self.has(profile, rule, trait, rules) for trait in traits)
            if person and answers and self.agree(rule.agree, person, draft, rules):
                found[person.id] = person
        return list(found.values())

    def look(self, draft: Draft, rules: StreamMapping) -> Match:
        match = super().look(draft, rules)
        if rules.profile is None:
            return match
        self.answering_fields = self.fields_of(match, rules)
        speaker = self.org.profile(str(match.stamped_key))
        if match.row and (draft.releases or not draft.amends) and speaker and speaker.get("Status__c") in RETIRED:
            match = replace(match, stamped_key=draft.key)
        carriers = [row for row in super().everyone(rules) if row.values.get(rules.key.field) == draft.key]
        wrong = [row for row in carriers if row.id in self.refused]
        if self.decided and self.person:
            wrong = [row for row in carriers if row.id != self.person]
        rule = "decided" if self.decided and not draft.retirement else match.rule
        return replace(match, rule=rule, frees=tuple((row.object, row.id) for row in wrong))

    def fields_of(self, match: Match, rules: StreamMapping) -> list[str]:
        """The fields that answer to the deciding rule; of a phone's key its phone."""
        ids = {match.row.id} if match.row else {*match.candidates}
        found: set[str] = set()
        for position, rule in enumerate(rules.match):
            for row in self.everyone(rules):
                if rule.name != match.rule or row.id not in ids:
                    continue
                keys = match.draft.match_keys[position]
                found |= self.fields_in([row], rule, keys, rules) or self.fields_in(
                    self.leading_to(row, match.draft, rules), rule, keys, rules
                )
        return sorted(found)

    def fields_in(self, rows: list[OrgRow], rule: MatchRule, match_keys: MatchKeys, rules: StreamMapping) -> set[str]:
        phones = {each.name: each.of for each in rules.phone_keys}
        return {
            f"{row.object}.{phones.get(field, field)}"
            for row in rows
            for comparison, keys in zip(rule.comparisons, match_keys, strict=False)
            for field in comparison.to.get(row.object, ())
            if any(self.holds(row, replace(comparison, to={row.object: (field,)}), key, rules) for key in keys)
        }

    def leading_to(self, person: OrgRow, draft: Draft, rules: StreamMapping) -> list[OrgRow]:
        """The profiles of others that lead to a person."""
        assert rules.profile is not None
        return [
            OrgRow(rules.profile.object, str(row["Id"]), row)
            for row in self.org.tables[rules.profile.object].values()
            if row["Key__c"] != draft.key and row.get("Status__c") == "linked"
            if [each for field in LOOKUPS.values() if (each := row.get(field)) and self.org.is_alive(each)]
            == [person.id]
        ]

    def write(self, action: Action, rules: StreamMapping) -> Result | None:
        for name, record_id in action.frees if action.writes else ():
            self.org.update(name, rules.key.field, [(record_id, {rules.key.field: None}, {})])
        return super().write(action, rules)

    def retire(self, draft: Draft, outcome: Outcome, status: str) -> None:
        """Its row says so, and what it said before; who carries its key has a row from now on."""
        row = self.org.profile(draft.key)
        if outcome.verdict is Verdict.HELD:
            return
        if row is None and outcome.id and outcome.stamped_key == draft.key:
            lookups = {field: outcome.id for name, field in LOOKUPS.items() if name == outcome.object}
            refused = " ".join(sorted(self.refused)) or None
            row = {"Key__c": draft.key, "Rule__c": outcome.rule, "Matched__c": outcome.id, "Not__c": refused, **lookups}
            row = self.org.tables["Profile__c"][self.org.put("Profile__c", row)]
        if row is None:
            return
        if status in ("unlinked", "erased") or row.get("Status__c") == "new person":
            row["Not__c"] = " ".join(sorted(self.refused)) or None
        if status in ("unlinked", "erased"):
            led = ("Matched__c", "Rule__c", "Evidence__c", "Candidates__c")
            row |= dict.fromkeys((*LOOKUPS.values(), *led))
        if status == "erased":
            row |= {name: None for name in ("Name__c", "Email__c", "Phone_Key__c") if name in row}
        row["Status__c"] = status

    def keep(self, draft: Draft, outcome: Outcome, rule: ProfileRule) -> None:
        row = self.org.profile(draft.key)
        is_linked = bool(outcome.id) and (outcome.verdict in IN_ORG or outcome.reason is Reason.LEFT_ALONE)
        is_open = outcome.verdict is Verdict.HELD and outcome.reason in TO_DECIDE and not self.person
        is_wanted = is_open or (is_linked and (rule.keep is Keep.ALL or outcome.stamped_key != draft.key))
        is_wanted = is_wanted or (is_linked and self.tells_more(draft, outcome, rule))
        if row is None and not is_wanted:
            return
        now = dict(row or {"Key__c": draft.key})
        refused = " ".join(sorted(self.refused)) or None
        if is_linked:
            if self.decided:
                now |= {"Rule__c": "decided", "Evidence__c": None}
            elif now.get("Matched__c") != outcome.id:
                fields = ", ".join(self.answering_fields) or None
                now |= {"Rule__c": outcome.rule or "created", "Evidence__c": fields}
            now |= {field: outcome.id if name == outcome.object else None for name, field in LOOKUPS.items()}
            now |= {"Status__c": "linked", "Matched__c": outcome.id, "Candidates__c": None, "Not__c": refused}
        elif is_open:
            now |= dict.fromkeys(LOOKUPS.values()) | {"Status__c": "to decide", "Matched__c": None, "Not__c": refused}
            fields = ", ".join(self.answering_fields) or None
            now |= {"Rule__c": outcome.rule, "Evidence__c": fields}
            now["Candidates__c"] = " ".join(sorted(outcome.candidates)) or None
        record = draft.arrival.record
        name = " ".join(part for part in (record.get("first_name"), record.get("last_name")) if part)
        now |= {"Name__c": name} if name else {}
        now |= {"Email__c": record["email"]} if "email" in record else {}
        now |= {name: value for name, value in draft.profile.items() if name == "Phone_Key__c"}
        if row is None:
            self.org.put("Profile__c", now)
        else:
            row |= now

    def tells_more(self, draft: Draft, outcome: Outcome, rule: ProfileRule) -> bool:
        """Whether the profile would answer to a rule, and the person as she is by now does not."""
        (rules,) = [each for each in self.mappings.ordered if each.profile is rule]
        person = next(row for row in self.everyone_there(rules) if row.id == outcome.id)
        profile = OrgRow(rule.object, "", draft.profile)
        return any(
            self.holds(profile, comparison, key, rules)
            and not (person.object in comparison.to and self.holds(person, comparison, key, rules))
            for match, match_keys in zip(rules.match, draft.match_keys, strict=True)
            if rule.object in match.objects
            for comparison, keys in zip(match.comparisons, match_keys, strict=False)
            for key in keys
        )

    def everyone_there(self, rules: StreamMapping) -> list[OrgRow]:
        return super().everyone(rules)


def only(comparison: Comparison, name: str) -> Comparison:
    """A comparison with the fields of one object."""
    return replace(comparison, to={name: comparison.to[name]})
