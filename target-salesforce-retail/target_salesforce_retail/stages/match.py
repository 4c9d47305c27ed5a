"""What does the org hold for these drafts? One look-up per object for the whole batch, never one per record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from target_salesforce_retail.mapping.convert import is_blank, probe, spellings
from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.mapping.rules import Mappings, MatchRule, OnMany
from target_salesforce_retail.nouns import Draft, Link, Match, ObjectShape, Row
from target_salesforce_retail.ports import Ledger, Org
from target_salesforce_retail.stages.inside.fold import fold_same_key, fold_same_record
from target_salesforce_retail.stages.inside.refer import Resolver

CREATED = "CreatedDate"


@dataclass(frozen=True)
class World:
    """What a match may ask: the mappings, the org and what it looks like, and the ledger."""

    mappings: Mappings
    org: Org
    ledger: Ledger
    shapes: Mapping[str, ObjectShape]


def match(
    drafts: Sequence[Draft], rules: Rules, world: World, hints: Mapping[str, tuple[str, ...]], *, again: bool = False
) -> list[Match]:
    """One match per record that the drafts name; drafts that name the same one are folded into it.

    Args:
        drafts: A batch of one stream, in the order of arrival.
        rules: The stream's mapping.
        world: Whom to ask.
        hints: Org key -> ids that Salesforce itself named as already there (a retried row).
        again: True when rows are retried: then the ledger's memory of other records is checked against the org.
    """
    heads, folded = fold_same_key(drafts)
    links = world.ledger.links(rules.stream, [draft.org_key for draft in heads])
    finder = Finder(rules, links, hints)
    ask = Ask(rules, world)
    finder.learn(ask.known(heads, links, hints))
    for position in range(len(rules.match)):
        finder.learn(ask.by_rule(position, [draft for draft in heads if not finder.knows(draft)]))
    matches = [replace(finder.match(draft), folded=folded[draft.org_key]) for draft in heads]
    whole = fold_same_record(matches, rules)
    return Resolver(rules, world.mappings, world.org, world.ledger, again=again).resolve(whole)


def fields_of(rules: Rules, name: str, shapes: Mapping[str, ObjectShape]) -> tuple[str, ...]:
    """The fields of one object whose current values the plan needs."""
    lookups = [field for rule in rules.links for field in rule.fields.values()]
    agreeing = [field for rule in rules.match for field in rule.agree]
    named = [rules.key.field, *(rule.name for rule in rules.fields), *lookups, *agreeing]
    if rules.deleted:
        named += rules.deleted.set
    if rules.on_many in (OnMany.OLDEST, OnMany.NEWEST):
        named.append(CREATED)
    has = shapes[name].fields
    return tuple(dict.fromkeys(field for field in named if field in has))


class Ask:
    """The look-ups of one batch: one per object and kind of key, and none for what an earlier kind has found."""

    def __init__(self, rules: Rules, world: World) -> None:
        self._rules = rules
        self._org = world.org
        self._fields = {name: fields_of(rules, name, world.shapes) for name in rules.objects}
        # What we wrote ourselves as a phone is asked for as we wrote it; what people typed, in all usual spellings.
        self._ours = {rule.name for rule in rules.fields if rule.convert == "phone"}

    def known(
        self, drafts: Sequence[Draft], links: Mapping[str, Link], hints: Mapping[str, tuple[str, ...]]
    ) -> list[Row]:
        """Rows that carry a draft's key, that the ledger remembers, or that Salesforce named."""
        keys = [draft.org_key for draft in drafts]
        hinted = [each for ids in hints.values() for each in ids]
        rows: list[Row] = []
        for name in self._fields:
            ids = [*(link.id for link in links.values() if link.object == name), *hinted]
            rows += self._org.find(name, {self._rules.key.field: keys, "Id": ids}, self._fields)
        return rows + self._survivors(rows, links)

    def by_rule(self, position: int, drafts: Sequence[Draft]) -> list[Row]:
        """Rows that answer to the probes of one match rule."""
        rule = self._rules.match[position]
        probes = list(dict.fromkeys(each for draft in drafts for each in draft.probes[position]))
        spelt = list(dict.fromkeys(form for each in probes for form in spellings(rule.by, each)))
        return [
            row
            for name, fields in rule.to.items()
            for row in self._org.find(
                name, {field: probes if field in self._ours else spelt for field in fields}, self._fields
            )
        ]

    def _survivors(self, rows: Iterable[Row], links: Mapping[str, Link]) -> list[Row]:
        """Rows that live on where records that the ledger remembers were merged into."""
        seen = {row.id for row in rows}
        found: list[Row] = []
        for name in self._fields:
            lost = [link.id for link in links.values() if link.object == name and link.id not in seen]
            heirs = self._org.survivors(name, lost) if lost else {}
            if heirs:
                reborn = {row.id: row for row in self._org.find(name, {"Id": list(set(heirs.values()))}, self._fields)}
                found += [replace(reborn[heir], via={"Id": old}) for old, heir in heirs.items() if heir in reborn]
        return found


class Finder:
    """Finds, among the rows that came back, the one that a draft is."""

    def __init__(self, rules: Rules, links: Mapping[str, Link], hints: Mapping[str, tuple[str, ...]]) -> None:
        self._rules = rules
        self._links = links
        self._hints = hints
        self._by_id: dict[str, Row] = {}
        self._by_key: dict[str, list[Row]] = defaultdict(list)
        self._by_probe: dict[tuple[int, str, str], list[Row]] = defaultdict(list)

    def learn(self, rows: Iterable[Row]) -> None:
        """Take in rows that came back."""
        for row in rows:
            self._index(row)

    def knows(self, draft: Draft) -> bool:
        """True when one row is certain, so that no further rule needs to be asked."""
        return len(self._decide(draft, self._links.get(draft.org_key))[1]) == 1

    def _index(self, row: Row) -> None:
        self._by_id[row.id] = row
        self._by_id[str(row.via.get("Id", row.id))] = row
        asked, via = row.asked or row.object, {**row.values, **row.via}
        key = row.values.get(self._rules.key.field)
        if not is_blank(key):
            self._by_key[str(key)].append(row)
        for position, rule in enumerate(self._rules.match):
            for field in rule.to.get(asked, ()):
                wanted = probe(rule.by, via.get(field), self._rules.region[1])
                if wanted:
                    self._by_probe[position, asked, wanted].append(row)

    def match(self, draft: Draft) -> Match:
        """The draft's match, references and folds aside."""
        link = self._links.get(draft.org_key)
        newer = bool(link and link.version and draft.version and link.version > draft.version)
        rule, rows = self._decide(draft, link)
        row = self._choose(rows)
        if row is None:
            return Match(draft, rule=rule, candidates=tuple(each.id for each in rows), overtaken=newer)
        stamped = row.values.get(self._rules.key.field)
        speaks = is_blank(stamped) or str(stamped) == draft.org_key
        return Match(draft, row=row, rule=rule, speaks=speaks, overtaken=newer)

    def _decide(self, draft: Draft, link: Link | None) -> tuple[str | None, list[Row]]:
        """The deciding rule with its only row, or the first ambiguous rule with its rows, or nothing."""
        sure = [
            ("key", _distinct(self._by_key.get(draft.org_key, []))),
            ("ledger", [self._by_id[link.id]] if link and link.id in self._by_id else []),
            ("salesforce", [self._by_id[each] for each in self._hints.get(draft.org_key, ()) if each in self._by_id]),
        ]
        ambiguous: tuple[str | None, list[Row]] = (None, [])
        rules = ((rule.by, self._hits(position, rule, draft)) for position, rule in enumerate(self._rules.match))
        for by, hits in (*sure, *rules):
            if ambiguous[1]:
                ids = {row.id for row in ambiguous[1]}
                hits = [row for row in hits if row.id in ids]  # noqa: PLW2901
            if len(hits) == 1:
                return by, hits
            if hits:
                ambiguous = (ambiguous[0] or by, hits)
        return ambiguous

    def _hits(self, position: int, rule: MatchRule, draft: Draft) -> list[Row]:
        for name in rule.to:
            found = [row for each in draft.probes[position] for row in self._by_probe.get((position, name, each), [])]
            hits = [row for row in _distinct(found) if agrees(rule, row.values, draft)]
            if hits:
                return hits
        return []

    def _choose(self, rows: Sequence[Row]) -> Row | None:
        if len(rows) <= 1 or self._rules.on_many is OnMany.HOLD:
            return rows[0] if len(rows) == 1 else None
        if self._rules.on_many is OnMany.MOST_COMPLETE:
            return max(rows, key=lambda row: (sum(not is_blank(value) for value in row.values.values()), row.id))
        ordered = sorted(rows, key=lambda row: (str(row.values.get(CREATED)), row.id))
        return ordered[0] if self._rules.on_many is OnMany.OLDEST else ordered[-1]


def agrees(rule: MatchRule, values: Mapping[str, object], draft: Draft) -> bool:
    """False when a field and its property are both filled and differ by more than case."""
    pairs = ((values.get(field), draft.arrival.record.get(name)) for field, name in rule.agree.items())
    return all(is_blank(a) or is_blank(b) or probe("text", a, None) == probe("text", b, None) for a, b in pairs)


def _distinct(rows: Iterable[Row]) -> list[Row]:
    return list({row.id: row for row in rows}.values())
