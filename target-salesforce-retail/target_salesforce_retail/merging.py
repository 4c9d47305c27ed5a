"""Merges two who are one person, as a record says that two rules find, where nobody but us has touched them.

In rounds of pairs that have nobody in common: the row of the key that goes is written first, then the two are merged.
Salesforce moves to the one that stays what refers to the other, profiles too, and these take down that it was we.
Killed anywhere between, the next run finds two who are yet to be merged, or one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.keep import write_rows
from target_salesforce_retail.mapping.profile import ProfileRule
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Arrival, Decided, DecisionKind, Fault, Reason, Suspect, Value
from target_salesforce_retail.stages.inside.bridges import pairs_of
from target_salesforce_retail.stages.inside.context import Context
from target_salesforce_retail.stages.inside.legacy import merge_of, row_of, unheard
from target_salesforce_retail.stages.inside.profiles import Alive, Profiles
from target_salesforce_retail.stages.inside.refer import living_among
from target_salesforce_retail.stages.inside.untouched import (
    Pair,
    fields_read,
    is_decided,
    objections,
    pair_of,
    read_around,
    were_leads,
)

DECIDED = "a person has a say in a profile of theirs"


@dataclass(frozen=True)
class Merging:
    """How the merge of a pair ended.

    Attributes:
        stream: Whose records say that they are one.
        pair: The two.
        against: Why they stay two; empty when they are one.
    """

    stream: str
    pair: Pair
    against: str = ""

    def __str__(self) -> str:
        """A sentence on a pair that stays two; it holds no value."""
        stays, goes = self.pair.stays, self.pair.goes
        return (
            f"{self.stream}, merge: {stays.object} {stays.id} and {goes.id} stay two, for {self.against}. They stay "
            "among the suspects, and the next run tries again."
        )


def merge_round(suspects: Sequence[Suspect], mapping: StreamMapping, context: Context) -> list[Merging]:
    """Merge of whom suspects say that they are one those who may be; each of them in one pair at most.

    Args:
        suspects: Of the mapping's stream, with the ids that live now.
        mapping: The mapping.
        context: Whom to ask, and what was tried in vain in this run: that is not tried again.

    Returns:
        How each pair ended that was tried; nothing when there is none any more.

    Raises:
        OrgError: The org as a whole did not answer.
    """
    rule = mapping.profile
    untried = [pair for pair in pairs_of(suspects) if _ids(pair[0]) not in context.written.in_vain]
    if rule is None or not untried:
        return []
    pairs = _read(untried, mapping, context)
    profiles = read_around(pairs, mapping, rule, context.org)
    free = [pair for pair, why in judged(pairs, profiles, mapping, context) if not why]
    typed = were_leads(free, context.org)
    chosen = _apart(pair for pair in free if typed.isdisjoint(pair.ids))
    round_ = _Round(mapping, rule, context)
    ended = round_.merge(chosen, profiles) if chosen else []
    context.written.in_vain |= {each.pair.ids for each in ended if each.against}
    context.written.merged += sum(not each.against for each in ended)
    return ended


def judged(
    pairs: Sequence[Pair], profiles: Profiles, mapping: StreamMapping, context: Context
) -> Iterator[tuple[Pair, str]]:
    """Each pair, with why it is not merged by us; that is empty where it may be."""
    named = profiles.ids(profiles.by_key)
    living = living_among(named, mapping, context.org, context.describes) if named else {}
    ids = {asked: place[1] for asked, place in living.items()}
    for pair in pairs:
        describe = context.describes[pair.stays.object]
        of_rows = objections(pair, mapping, describe, context.org.user_id)
        of_profiles = _objections(pair, mapping, describe, profiles, ids.get)
        yield pair, next(of_rows, next(of_profiles, ""))


def _objections(
    pair: Pair, mapping: StreamMapping, describe: ObjectDescribe, profiles: Profiles, alive: Alive
) -> Iterator[str]:
    """What the profiles around a pair have against it."""
    if is_decided(pair, mapping, profiles, alive):
        yield DECIDED
    if fields := unheard(pair, mapping, describe, profiles):
        yield f"what one holds in {', '.join(fields)} would find nobody any more"


def _reason(fault: Fault) -> str:
    return "Salesforce gave no answer" if fault.reason is Reason.UNANSWERED else f"Salesforce answered {fault.code}"


def _ids(suspect: Suspect) -> frozenset[str]:
    return frozenset((suspect.id, suspect.bridge.id))


def _read(suspects: Sequence[tuple[Suspect, ...]], mapping: StreamMapping, context: Context) -> list[Pair]:
    """The pairs that are there as rows of one object, with all that is to be known of them."""
    ids: dict[str, dict[str, None]] = defaultdict(dict)
    for first, *_ in suspects:
        ids[first.object] |= {first.id: None}
        ids[first.bridge.object] |= {first.bridge.id: None}
    wanted = {name: [{"Id": list(some)}] for name, some in ids.items()}
    fields = {name: fields_read(mapping, context.describes[name]) for name in ids}
    rows = {row.id: row for row in context.org.find(wanted, fields) if not row.dead_end}
    return [pair for each in suspects if (pair := pair_of(each, rows))]


def _apart(pairs: Iterable[Pair]) -> list[Pair]:
    """Of these the first ones that have nobody in common."""
    found: list[Pair] = []
    taken: set[str] = set()
    for pair in pairs:
        if taken.isdisjoint(pair.ids):
            found.append(pair)
            taken |= pair.ids
    return found


@dataclass
class _Round:
    """The writes of one round."""

    mapping: StreamMapping
    rule: ProfileRule
    context: Context

    def merge(self, pairs: Sequence[Pair], profiles: Profiles) -> list[Merging]:
        """How each of these ends."""
        refused, profiles = self._keep_keys(pairs, profiles)
        by_object: dict[str, list[Pair]] = defaultdict(list)
        for pair in pairs:
            if pair.goes.id not in refused:
                by_object[pair.goes.object].append(pair)
        ended = [Merging(self.mapping.stream, pair, why) for pair in pairs if (why := refused.get(pair.goes.id))]
        for name, some in by_object.items():
            ended += [Merging(self.mapping.stream, pair, why) for pair, why in self._send(name, some)]
        done = [each.pair for each in ended if not each.against]
        self._lead_on(done, profiles)
        self.context.ledger.note([each for pair in done for each in self._noted(pair, profiles)])
        return ended

    def _keep_keys(self, pairs: Sequence[Pair], profiles: Profiles) -> tuple[dict[str, str], Profiles]:
        """Write the rows of the keys that go: the profiles with these, and the ids of those whose row was refused."""
        describe = self.context.describes[self.rule.object]
        going = {str(pair.goes.values[self.mapping.key.field]): pair for pair in pairs}
        new = (pair for key, pair in going.items() if key not in profiles.by_key)
        rows = [kept for pair in new if (kept := row_of(pair, self.mapping, self.rule, describe))]
        written = write_rows(rows, profiles, self.rule, describe, self.context)
        refused = {
            going[key].goes.id: f"Salesforce answered {result.fault.code} for the {self.rule.object} of {key}"
            for key, (result, _) in written.items()
            if result.fault
        }
        made = {key: (str(result.id), body) for key, (result, body) in written.items() if not result.fault}
        return refused, profiles.after(made, self.rule)

    def _send(self, name: str, pairs: Sequence[Pair]) -> Iterator[tuple[Pair, str]]:
        """Each pair, with why it stays two."""
        describe = self.context.describes[name]
        if not describe.deletable:
            yield from ((pair, f"the integration user may not delete a {name}") for pair in pairs)
            return
        merges = [merge_of(pair, self.mapping, describe) for pair in pairs]
        try:
            answers = self.context.org.merge(name, merges)
        except OrgRefused as refused:  # a service that is not granted: what came in is settled all the same
            yield from ((pair, f"the call was refused ({refused})") for pair in pairs)
            return
        for pair, answer in zip(pairs, answers, strict=True):
            yield pair, _reason(answer.fault) if answer.fault else ""

    def _lead_on(self, pairs: Sequence[Pair], profiles: Profiles) -> None:
        """Say of the profiles of who went that we know: a lookup that was moved is no person's decision.

        The lookup itself Salesforce has moved; what somebody has put there since stays.
        """
        heirs = {pair.goes.id: pair.stays.id for pair in pairs}
        led = {key: profile for key, profile in profiles.by_key.items() if profile.matched in heirs}
        bodies: list[tuple[str, dict[str, Value], dict[str, Value]]] = [
            (profile.id, {self.rule.matched: heirs[profile.matched]}, {}) for profile in led.values()
        ]
        answers = self.context.org.update(self.rule.object, self.rule.key, bodies) if bodies else ()
        self.context.written.profiles |= {
            (self.rule.object, key) for key, answer in zip(led, answers, strict=True) if not answer.fault
        }

    def _noted(self, pair: Pair, profiles: Profiles) -> Iterator[tuple[Arrival, Decided]]:
        """For each record that is one of the two, that they are one, by which rules, and which record was both."""
        bridge = pair.suspects[0].bridge
        who = f"the rules {bridge.by} and {bridge.rule}, for {pair.suspects[0].key}"
        leading = (key for key, each in profiles.by_key.items() if not pair.ids.isdisjoint(each.persons))
        for key in dict.fromkeys((*pair.keys(self.mapping.key.field), *leading)):
            yield (
                Arrival(self.mapping.stream, key, {}),
                Decided(DecisionKind.MERGED, pair.stays.id, pair.goes.id, who),
            )
