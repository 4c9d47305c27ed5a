"""The slow, obvious way to do what the target does: one record at a time, no batch, no rounds, no picture, no cache.

It asks the org for everything anew, writes at once, and settles at once. What it shares with the target are the pure
parts that know one record only: check, map, plan. Laws hold the pipeline against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from target_salesforce_retail.mapping.agree import agree
from target_salesforce_retail.mapping.match_keys import match_key, variants
from target_salesforce_retail.mapping.match_rules import AgreeRule, Comparison, MatchRule
from target_salesforce_retail.mapping.phone_keys import phone_keys_of
from target_salesforce_retail.mapping.rules import OnRefused, OnSuspect, StreamMapping, Update
from target_salesforce_retail.nouns import (
    Action,
    Arrival,
    Bridge,
    Carrier,
    Draft,
    Intent,
    Match,
    MatchKeys,
    OrgRow,
    Outcome,
    Reason,
    Result,
    Stage,
    Trait,
    Verdict,
)
from target_salesforce_retail.stages.check import check, identify
from target_salesforce_retail.stages.inside.parts import sets_of
from target_salesforce_retail.stages.map import draft_of, fill_draft
from target_salesforce_retail.stages.plan import plan
from target_salesforce_retail.stages.settle import outcome_of, settle

from tests.target.world import World, arrival

Values = dict[str, Any]


class Reference(World):
    """A world in which records are taken one by one."""

    def __init__(self, *documents: str) -> None:
        super().__init__(*documents)
        self.carriers: dict[tuple[str, Trait], set[str]] = {}

    def run(self, stream: str, *records: Values) -> list[Outcome]:
        return [self.take(arrival(stream, **record)) for record in records]

    def take(self, came: Arrival) -> Outcome:
        rules = self.mappings.of(came.stream)
        assert rules is not None
        named = identify(came, rules, self.mappings, self.now)
        outcome = check(named, rules)
        is_out = named.key in self.ledger.ruled_out(came.stream, [named.key])
        newest = self.ledger.versions(came.stream, [named.key]).get(named.key)
        if outcome is None and is_out and named.version and newest and named.version < newest:
            outcome = Outcome(named, Verdict.SKIPPED, Stage.CHECK, reason=Reason.SUPERSEDED)
        carried: list[Trait] = []
        if outcome is None:
            draft = draft_of(named, rules, self.mappings)
            carried = [] if isinstance(draft, Outcome) else self.carried_by(draft, rules)
            for each in carried:
                self.carriers.setdefault((came.stream, each), set()).add(named.key)
            is_outdated = bool(named.version and newest and named.version < newest)
            outcome = (
                draft if isinstance(draft, Outcome) else self.place(replace(draft, is_outdated=is_outdated), rules)
            )
        carriers = [Carrier(came.stream, named.key, each) for each in carried]
        return settle([named], [outcome], sets_of([named], rules, self.mappings), self.ledger, carriers)[0]

    def carried_by(self, draft: Draft, rules: StreamMapping) -> list[Trait]:
        return [
            Trait(tuple(each.by for each in rule.comparisons), values)
            for rule, match_keys in zip(rules.match, draft.match_keys, strict=True)
            for values in (product(*match_keys) if match_keys else ())
        ]

    def place(self, draft: Draft, rules: StreamMapping) -> Outcome:
        without: frozenset[str] = frozenset()
        for _ in range(9):
            match = replace(self.look(draft, rules), omitted=without)
            action = plan(match, rules, self.mappings, self.describes)
            result = self.write(action, rules)
            refused = self.dispensable(result, rules) - without
            without |= refused
            if not refused and not (result and result.fault and result.fault.reason is Reason.GONE):
                break
        return outcome_of(action, result, {})

    def dispensable(self, result: Result | None, rules: StreamMapping) -> frozenset[str]:
        """The fields that were refused, where every one of them can be left out."""
        if not (result and result.fault and result.fault.reason is Reason.VALUE_REFUSED):
            return frozenset()
        fields = frozenset(result.fault.fields)
        optional = {rule.name for rule in rules.fields if rule.refused is OnRefused.LEAVE_OUT}
        return fields if fields <= optional else frozenset()

    # Who is it?

    def look(self, draft: Draft, rules: StreamMapping) -> Match:
        rule, rows = self.who(draft, rules)
        vetoed = self.vetoed_by(rows[0], rule, draft, rules) if len(rows) == 1 else ()
        row = rows[0] if len(rows) == 1 and not vetoed else None
        stamped = row.values.get(rules.key.field) if row else None
        link = self.ledger.links(rules.stream, [draft.key]).get(draft.key)
        version = draft.arrival.version
        found = {each.label: self.where(each.stream, each.key) for each in draft.references}
        missing = {each.label: each for each in draft.references if not found[each.label]}
        return Match(
            draft,
            row=row,
            rule=rule,
            candidates=() if row else tuple(each.id for each in rows),
            stamped_key=str(stamped) if stamped else draft.key,
            superseded=bool(link and link.version and version and link.version > version),
            found={label: place for label, place in found.items() if place},
            skipped=frozenset(label for label, each in missing.items() if self.ledger.skipped(each.stream, [each.key])),
            gone=frozenset(label for label, each in missing.items() if self.ledger.links(each.stream, [each.key])),
            children={
                child.stream: tuple(self.hanging(child, row.id)) for child in self.mappings.children(rules.stream)
            }
            if row
            else {},
            is_stale=self.is_stale(draft, rules),
            vetoed=vetoed,
            bridges=self.bridges(draft, rules, row, rule) if row else None,
        )

    def bridges(
        self, draft: Draft, rules: StreamMapping, row: OrgRow, decided_by: str | None
    ) -> tuple[Bridge, ...] | None:
        """Whom else a rule finds, and nobody besides; None of whom no rule has to be asked."""
        if not self.asks(draft, rules):
            return () if self.is_bridging(draft, rules) and not draft.arrival.fills else None
        answers = [
            (rule, self.answering(rule, keys, draft, rules))
            for rule, keys in zip(rules.match, draft.match_keys, strict=True)
        ]
        by = next((rule.name for rule, found in answers if row.id in {each.id for each in found}), decided_by or "")
        out = {
            each.id for rule, found in answers for each in found if self.contradicts(rule.unless, each, draft, rules)
        }
        found: dict[str, Bridge] = {}
        for rule, answering in answers:
            others = [each for each in answering if each.id not in {row.id, *out}]
            for each in others if rules.on_suspect is OnSuspect.MERGE or len(others) == 1 else ():
                found.setdefault(each.id, Bridge(each.object, each.id, rule.name, by))
        return tuple(found.values())

    def is_bridging(self, draft: Draft, rules: StreamMapping) -> bool:
        """Whether it is one of two who may be one person: then it is asked about each time that it comes."""
        return bool(self.ledger.bridging(rules.stream, [draft.key]))

    def asks(self, draft: Draft, rules: StreamMapping) -> bool:
        """Whether the rules are asked: of who is known by key or profile, to the ledger too, no more."""
        carrying = [row for row in self.everyone(rules) if row.values.get(rules.key.field) == draft.key]
        known = bool(self.ledger.links(rules.stream, [draft.key])) and (len(carrying) == 1 or self.keeps_who_it_is())
        return (not known or self.is_bridging(draft, rules)) and any(
            not self.names_nobody(rule, trait, rules)
            for rule, keys in zip(rules.match, draft.match_keys, strict=True)
            for trait in (product(*keys) if keys else ())
        )

    def keeps_who_it_is(self) -> bool:
        return False

    def who(self, draft: Draft, rules: StreamMapping) -> tuple[str | None, list[OrgRow]]:
        several: tuple[str | None, list[OrgRow]] = (None, [])
        for by, hits in self.evidence(draft, rules):
            left = [row for row in hits if not several[1] or row.id in {each.id for each in several[1]}]
            if len(left) == 1:
                return by, left
            if left:
                several = (several[0] or by, left)
        return several

    def vetoed_by(self, row: OrgRow, decided_by: str | None, draft: Draft, rules: StreamMapping) -> tuple[str, ...]:
        """The fields in which one of the rules up to the one that decided is answered by the row, and contradicted."""
        for position, rule in enumerate(rules.match):
            answering = self.answering(rule, draft.match_keys[position], draft, rules)
            if decided_by in ("key", "ledger"):
                return ()
            if row.id in {each.id for each in answering} and (
                fields := self.contradicts(rule.unless, row, draft, rules)
            ):
                return fields
            if rule.name == decided_by:
                return ()
        return ()

    def evidence(self, draft: Draft, rules: StreamMapping) -> Any:
        key_field = rules.key.field
        yield "key", [row for row in self.everyone(rules) if row.values.get(key_field) == draft.key]
        link = self.ledger.links(rules.stream, [draft.key]).get(draft.key)
        if link:
            living = self.org.survivors(link.object, [link.id]).get(link.id)
            known = [row for row in self.everyone(rules) if row.id == living]
            yield "ledger", [row for row in known if self.may_be(row, draft, rules)]
        for position, rule in enumerate(rules.match):
            yield rule.name, self.answering(rule, draft.match_keys[position], draft, rules)

    def may_be(self, row: OrgRow, draft: Draft, rules: StreamMapping) -> bool:
        stamped = row.values.get(rules.key.field)
        link = self.ledger.links(rules.stream, [draft.key])[draft.key]
        return not stamped or stamped in (draft.key, link.stamped_key) or row.id != link.id

    def answering(self, rule: MatchRule, match_keys: MatchKeys, draft: Draft, rules: StreamMapping) -> list[OrgRow]:
        wanted = product(*match_keys) if match_keys else ()
        traits = [each for each in wanted if not self.names_nobody(rule, each, rules)]
        for name in rule.objects if traits else ():
            hits = [
                row
                for row in self.everyone(rules)
                if row.object == name
                and self.agree(rule.agree, row, draft, rules)
                and any(self.has(row, rule, each, rules) for each in traits)
            ]
            if hits:
                return hits
        return []

    def has(self, row: OrgRow, rule: MatchRule, trait: tuple[str, ...], rules: StreamMapping) -> bool:
        return row.object in rule.objects and all(
            self.holds(row, comparison, key, rules) for comparison, key in zip(rule.comparisons, trait, strict=True)
        )

    def names_nobody(self, rule: MatchRule, trait: tuple[str, ...], rules: StreamMapping) -> bool:
        shoppers = self.carriers[rules.stream, Trait(tuple(each.by for each in rule.comparisons), trait)]
        strangers = [row for row in self.everyone(rules) if not row.values.get(rules.key.field)]
        people = [row for row in strangers if self.has(row, rule, trait, rules)]
        return max(len(shoppers), len(people)) > rule.shared_by

    def holds(self, row: OrgRow, comparison: Comparison, key: str, rules: StreamMapping) -> bool:
        shown = phone_keys_of(rules, row.object).shown(row.values)
        for field in comparison.to[row.object]:
            held = shown.get(field)
            if held is None or self.is_filler(held, row.object, field, rules):
                continue
            if comparison.by in ("name", "digits"):
                if match_key(comparison.by, held, None) == key:
                    return True
                continue
            for form in variants(comparison.by, key):
                if str(held).lower() == form.lower():
                    return True
        return False

    def is_filler(self, held: object, name: str, field: str, rules: StreamMapping) -> bool:
        """Whether it is what one of the mapping's rules puts there where a record has nothing to say."""
        profile = rules.profile
        of = {key.name: key.of for key in rules.phone_keys}.get(field, field)
        for rule in profile.fields if profile and profile.object == name else rules.fields:
            fills = rule.constant if rule.update is not Update.ALWAYS else None
            fills = fills if rule.otherwise is None else rule.otherwise
            if rule.name == of and (not rule.only or name in rule.only) and fills is not None:
                return str(held).strip().lower() == str(fills).strip().lower()
        return False

    def agree(self, pairs: Mapping[str, AgreeRule], row: OrgRow, draft: Draft, rules: StreamMapping) -> bool:
        for field, each in pairs.items():
            if each.only and row.object not in each.only:
                continue
            said = [draft.arrival.sound.get(name) for name in each.sources]
            held, given = row.values.get(field), next((value for value in said if value), None)
            held = None if self.is_filler(held, row.object, field, rules) else held
            given = None if self.is_filler(given, row.object, field, rules) else given
            agreed = agree(each.by, held, given, initials=each.initial)
            if agreed is False:
                return False
            if agreed is None and (each.blank == "never" or (each.blank == "differs" and (held or given))):
                return False
        return True

    def contradicts(
        self, pairs: Mapping[str, AgreeRule], row: OrgRow, draft: Draft, rules: StreamMapping
    ) -> tuple[str, ...]:
        return tuple(field for field, each in pairs.items() if not self.agree({field: each}, row, draft, rules))

    def everyone(self, rules: StreamMapping) -> list[OrgRow]:
        return [
            OrgRow(name, record_id, dict(values))
            for name in rules.objects
            for record_id, values in self.org.tables[name].items()
        ]

    # What does it refer to?

    def where(self, stream: str, key: str) -> tuple[str, str] | None:
        rules = self.mappings.of(stream)
        assert rules is not None
        for row in self.everyone(rules):
            if row.values.get(rules.key.field) == key:
                return row.object, row.id
        link = self.ledger.links(stream, [key]).get(key)
        living = self.org.survivors(link.object, [link.id]).get(link.id) if link else None
        row = next((row for row in self.everyone(rules) if row.id == living), None)
        is_it = row is not None and self.may_be(row, Draft(Arrival(stream, key, {}), {}), rules)
        return (row.object, row.id) if row and is_it else None

    def hanging(self, child: StreamMapping, parent: str) -> list[OrgRow]:
        assert child.parent is not None
        field = next(iter(child.parent.reference.fields.values()))
        return [row for row in self.everyone(child) if row.values.get(field) == parent]

    def is_stale(self, draft: Draft, rules: StreamMapping) -> bool:
        if not rules.parent or not rules.parent.siblings:
            return False
        parent = next((each for each in draft.references if each.label == rules.parent.reference.label), None)
        newest = self.ledger.siblings(rules.stream, [parent.key]).get(parent.key) if parent else None
        if newest is None or draft.key in newest.keys:
            return False
        version = draft.arrival.version
        return not (version and newest.version and newest.version < version)

    # Write it

    def write(self, action: Action, rules: StreamMapping) -> Result | None:
        name, key = action.object, rules.key.field
        result: Result | None = None
        if action.intent is Intent.CREATE:
            if action.id:
                self.org.delete(name, [action.id])
            (result,) = self.org.upsert(name, key, [action.body])
        elif action.intent is Intent.DELETE:
            (result,) = self.org.delete(name, [str(action.id)])
        elif action.intent is Intent.UPDATE:
            result = Result(action.id)
            if action.body:
                (result,) = self.org.update(name, key, [(str(action.id), action.body, action.blanks)])
        for stale, record_id in action.stale_children if result and not result.fault else ():
            self.org.delete(stale, [record_id])
        return result

    # Once more

    def mend(self) -> None:
        """Everything that waits is tried again, and blanks are filled, one by one."""
        for rules in self.mappings.ordered:
            for came in self.ledger.waiting(rules.stream, 0, 1000):
                self.take(came)
            for wanted, references in self.ledger.fillable(rules.stream, "", 1000):
                outcome = self.place(fill_draft(wanted, rules, references), rules)
                settle([wanted], [outcome], (), self.ledger)


def told(outcomes: list[Outcome]) -> list[tuple[Any, ...]]:
    """Outcomes without ids."""
    return [
        (outcome.arrival.key, outcome.verdict, outcome.reason, outcome.rule, outcome.removed)
        for outcome in outcomes
        if outcome.verdict in Verdict
    ]
