"""READ ME FIRST: the path of one batch, stage by stage.

    check -> map -> match -> plan -> send -> settle

A batch holds arrivals of one stream. Match, plan and send are ``deliver``: rounds, until every draft has an outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import partial

from target_salesforce_retail.deliver import deliver
from target_salesforce_retail.isolate import ENOUGH, Way, hold_of, isolate
from target_salesforce_retail.mapping.rules import Mappings, ReferenceRule, StreamMapping
from target_salesforce_retail.merging import Merging, merge_round
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Arrival, Carrier, Draft, Outcome, Reason, Suspect, Verdict
from target_salesforce_retail.ports import Ledger, Org
from target_salesforce_retail.stages.check import check, identify, skip_superseded
from target_salesforce_retail.stages.inside.bridges import fewer_now, still_suspects
from target_salesforce_retail.stages.inside.common import Common, without_common
from target_salesforce_retail.stages.inside.context import Context
from target_salesforce_retail.stages.inside.deletions import Deletions
from target_salesforce_retail.stages.inside.moved import Request, left_behind
from target_salesforce_retail.stages.inside.name import digest_of
from target_salesforce_retail.stages.inside.parts import sets_of
from target_salesforce_retail.stages.inside.profiles import DECIDABLE, Written, read_profiles
from target_salesforce_retail.stages.inside.unkeyed import Unkeyed
from target_salesforce_retail.stages.map import draft_of, fill_draft
from target_salesforce_retail.stages.settle import settle

CHUNK = 200
"""How many holds, or lookups to fill in, are taken up at once."""
MOVED_AT_ONCE = 2000
"""How many records that have moved are followed at once: of most of them no row is left behind."""


def utc_now() -> datetime:
    """The time by this machine."""
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class Pipeline:
    """The six stages, with what they may ask of the world."""

    mappings: Mappings
    org: Org
    ledger: Ledger
    describes: Mapping[str, ObjectDescribe]
    deletions: Deletions = field(default_factory=Deletions)
    clock: Callable[[], datetime] = utc_now
    common: Common = field(default_factory=Common)
    unkeyed: Unkeyed = field(default_factory=Unkeyed)
    written: Written = field(default_factory=Written)

    @property
    def context(self) -> Context:
        """Whom the stages may ask."""
        seen = (self.deletions, self.common, self.unkeyed, self.written)
        return Context(self.mappings, self.org, self.ledger, self.describes, *seen)

    def run(self, stream: str, arrivals: Sequence[Arrival]) -> list[Outcome]:
        """Take a batch through all stages.

        Returns:
            One outcome per arrival, in their order, all committed to the ledger. One that the target itself, or
            a whole call to Salesforce, fails on is held, and its neighbours go on.

        Raises:
            RetailError: The batch is not settled: nothing of it may be acknowledged. Every write bears repetition.
        """
        enough = None if any(arrival.hold for arrival in arrivals) else ENOUGH
        return isolate(Way(partial(self._run, stream), self._hold, self.org), arrivals, enough)

    def _run(self, stream: str, arrivals: Sequence[Arrival]) -> list[Outcome]:
        mapping = self.mappings.of(stream)
        now = self.clock()
        named = [identify(arrival, mapping, self.mappings, now) for arrival in arrivals]
        ended, drafts = self._drafts(named, mapping)
        with self.ledger.turn():
            keys = [arrival.key for arrival in named]
            ruled_out, newest = self.ledger.ruled_out(stream, keys), self.ledger.versions(stream, keys)
            ended, drafts = skip_superseded(named, ended, drafts, ruled_out, newest)
            carriers: list[Carrier] = []
            if mapping and drafts:
                drafts, carriers = without_common(drafts, mapping, self.ledger, self.common)
                profiles = read_profiles([draft.key for draft in drafts], mapping.profile, self.org)
                ended += deliver(drafts, mapping, self.context, profiles)
            sets, digest = sets_of(named, mapping, self.mappings), self.mappings.digests.get(stream)
            is_followed = bool(self.mappings.followers(stream))
            return settle(named, ended, sets, self.ledger, carriers, mapping=digest, is_followed=is_followed)

    def _drafts(self, arrivals: Sequence[Arrival], mapping: StreamMapping | None) -> tuple[list[Outcome], list[Draft]]:
        ended: list[Outcome] = []
        drafts: list[Draft] = []
        for arrival in arrivals:
            checked = check(arrival, mapping)
            drafted = checked or (draft_of(arrival, mapping, self.mappings) if mapping else None)
            if isinstance(drafted, Draft):
                drafts.append(drafted)
            elif drafted:
                ended.append(drafted)
        return ended, drafts

    def _hold(self, arrival: Arrival, error: Exception) -> list[Outcome]:
        try:
            named = identify(arrival, self.mappings.of(arrival.stream), self.mappings, self.clock())
        except Exception:  # its key may be what the target fails on
            named = arrival if arrival.hold else replace(arrival, key=digest_of(arrival.record))
        with self.ledger.turn():
            digest = self.mappings.digests.get(arrival.stream)
            return settle([named], [hold_of(named, error)], (), self.ledger, mapping=digest)

    def retry_waiting(self, stream: str) -> list[Outcome]:
        """Take the holds of a stream that are worth another try through the stages again, each once."""
        outcomes: list[Outcome] = []
        last = 0
        while waiting := self.ledger.waiting(stream, last, CHUNK):
            outcomes += self.run(stream, waiting)
            last = max(arrival.hold or 0 for arrival in waiting)
        return outcomes

    def retry_decided(self, stream: str) -> list[Outcome]:
        """Take the holds that were left for a person to decide through the stages again, where somebody has."""
        mapping, outcomes, last = self.mappings.of(stream), list[Outcome](), 0
        rule = mapping.profile if mapping else None
        while rule and (held := self.ledger.undecided(stream, DECIDABLE, last, CHUNK)):
            profiles = read_profiles([each.key for each in held], rule, self.org)
            numbers = [each.number for each in held if profiles.has_decision_on(each)]
            outcomes += self.run(stream, self.ledger.held_as(numbers)) if numbers else ()
            last = held[-1].number
        return outcomes

    def renew_suspects(self) -> list[Suspect]:
        """Ask the org who may still be one person with whom, and take the others off the list."""
        return [each for mapping in self.mappings.ordered for each in self._suspects(mapping)]

    def _suspects(self, mapping: StreamMapping) -> list[Suspect]:
        noted = self.ledger.suspects(mapping.stream) if mapping.match else []
        now = still_suspects(noted, mapping, self.org, self.describes) if noted else []
        self.ledger.clear_suspects([each for each, living in zip(noted, now, strict=True) if living is None])
        return [each for each in now if each]

    def merge_suspects(self) -> list[Merging]:
        """Merge suspects whom nobody but us has touched, where a mapping says so, until none of them is left.

        Returns:
            How each pair ended that was tried; each once in a run, where it is in vain.
        """
        ended: list[Merging] = []
        for mapping in self.mappings.ordered:
            while mapping.merges and (some := self._merge_round(mapping)):
                ended += some
        return ended

    def _merge_round(self, mapping: StreamMapping) -> list[Merging]:
        with self.ledger.turn():
            return merge_round(self._suspects(mapping), mapping, self.context)

    def retry_merged(self, stream: str) -> list[Outcome]:
        """Take the holds for several matches through the stages again, where two of these are one by now."""
        mapping, outcomes, last = self.mappings.of(stream), list[Outcome](), 0
        if mapping is None or not mapping.merges:
            return outcomes
        while held := self.ledger.undecided(stream, (Reason.MANY_MATCHES,), last, CHUNK):
            numbers = fewer_now(held, mapping, self.org, self.describes)
            outcomes += self.run(stream, self.ledger.held_as(numbers)) if numbers else ()
            last = held[-1].number
        return outcomes

    def fill_blanks(self, stream: str) -> list[Outcome]:
        """Fill in lookups that were left blank for want of a parent which has come since."""
        outcomes: list[Outcome] = []
        mapping, last = self.mappings.of(stream), ""
        if mapping is None:
            return outcomes
        while fillable := self.ledger.fillable(stream, last, CHUNK):
            outcomes += isolate(self._way_to_fill(mapping), fillable)
            last = fillable[-1][0].key
        return outcomes

    def follow(self, stream: str) -> list[Outcome]:
        """Let lookups that are filled follow the records of a stream that have moved: in rows that hold their keys.

        Returns:
            One outcome for each row that was to follow; one that is held is tried again in the next run.
        """
        outcomes: list[Outcome] = []
        followers, last = self.mappings.followers(stream), ""
        while followers and (moved := self.ledger.moved(stream, last, MOVED_AT_ONCE)):
            last = moved[-1].key
            with self.ledger.turn():  # from the look-up of the rows on: nobody gives one to another record meanwhile
                keys = [move.key for move in moved]
                ended = [each for mapping, rule in followers for each in self._follow(mapping, rule, keys)]
                in_vain = {key for key, outcome in ended if outcome.verdict is Verdict.HELD}
                self.ledger.followed(stream, moved, in_vain)
            outcomes += [outcome for _, outcome in ended]
        return outcomes

    def _follow(
        self, mapping: StreamMapping, rule: ReferenceRule, keys: Sequence[str]
    ) -> Iterator[tuple[str, Outcome]]:
        """The key that a row follows, and how that ended."""
        behind = left_behind(mapping, rule, keys, self.context)
        for start in range(0, len(behind), CHUNK):
            some = behind[start : start + CHUNK]
            followed = {arrival.key: reference.key for arrival, (reference,) in some}
            for outcome in isolate(self._way_to_fill(mapping), some):
                yield followed[outcome.arrival.key], outcome

    def _way_to_fill(self, mapping: StreamMapping) -> Way[Request]:
        return Way(partial(self._fill, mapping), self._hold_request, self.org)

    def _fill(self, mapping: StreamMapping, requests: Sequence[Request]) -> list[Outcome]:
        arrivals = [arrival for arrival, _ in requests]
        drafts = [fill_draft(arrival, mapping, references) for arrival, references in requests]
        with self.ledger.turn():
            profiles = read_profiles([draft.key for draft in drafts], mapping.profile, self.org)
            return settle(arrivals, deliver(drafts, mapping, self.context, profiles), (), self.ledger)

    def _hold_request(self, request: Request, error: Exception) -> list[Outcome]:
        with self.ledger.turn():
            return settle([request[0]], [hold_of(request[0], error)], (), self.ledger)
