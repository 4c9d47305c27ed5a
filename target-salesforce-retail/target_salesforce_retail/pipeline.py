"""READ ME FIRST: the path of one batch, stage by stage.

    check -> map -> match -> plan -> send -> settle

A batch holds arrivals of one stream. Retry means: match, plan and send once more, for the rows that ask for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from target_salesforce_retail.mapping.rules import Mapping as Rules
from target_salesforce_retail.mapping.rules import Mappings
from target_salesforce_retail.nouns import Action, Arrival, Draft, Match, ObjectShape, Outcome, Recovery, Result
from target_salesforce_retail.ports import Ledger, Org
from target_salesforce_retail.stages.check import check
from target_salesforce_retail.stages.map import draft_of
from target_salesforce_retail.stages.match import World, match
from target_salesforce_retail.stages.plan import plan
from target_salesforce_retail.stages.send import send
from target_salesforce_retail.stages.settle import outcomes_of, settle

ROUNDS = 3
"""How often a row may be matched, planned and sent before it is held."""
WAITING_CHUNK = 200

Settled = list[tuple[str | None, Outcome]]


@dataclass(frozen=True)
class Pipeline:
    """The six stages, with what they may ask of the world."""

    mappings: Mappings
    org: Org
    ledger: Ledger
    shapes: Mapping[str, ObjectShape]

    def run(self, stream: str, arrivals: Sequence[Arrival]) -> list[Outcome]:
        """Take a batch through all stages.

        Returns:
            One outcome per arrival, in their order, all committed to the ledger.

        Raises:
            RetailError: The batch is not settled: nothing of it may be acknowledged. Every write bears repetition.
        """
        rules = self.mappings.of(stream)
        ended, drafts = self._drafts(arrivals, rules)
        if rules and drafts:
            ended += self._deliver(drafts, rules)
        return settle(arrivals, ended, self.ledger)

    def _drafts(self, arrivals: Sequence[Arrival], rules: Rules | None) -> tuple[Settled, list[Draft]]:
        ended: Settled = []
        drafts: list[Draft] = []
        for arrival in arrivals:
            refused = check(arrival, rules)
            drafted = refused or (draft_of(arrival, rules, self.mappings) if rules else None)
            if isinstance(drafted, Draft):
                drafts.append(drafted)
            elif drafted:
                ended.append((None, drafted))
        return ended, drafts

    def _deliver(self, drafts: Sequence[Draft], rules: Rules) -> Settled:
        ended: Settled = []
        hints: dict[str, tuple[str, ...]] = {}
        folded: dict[str, tuple[Match, ...]] = {}
        for round_number in range(1, ROUNDS + 1):
            actions = self.intend(drafts, rules, hints, again=round_number > 1)
            actions = [_with_folded(action, folded) for action in actions]
            results = send(actions, rules, self.org)
            drafts = []
            for action, result in zip(actions, results, strict=True):
                if round_number < ROUNDS and _asks_again(result):
                    drafts.append(action.match.draft)
                    folded[action.match.draft.org_key] = action.match.folded
                    hints[action.match.draft.org_key] = result.fault.existing if result and result.fault else ()
                else:
                    ended += outcomes_of(action, result)
            if not drafts:
                break
        return ended

    def intend(
        self, drafts: Sequence[Draft], rules: Rules, hints: Mapping[str, tuple[str, ...]], *, again: bool = False
    ) -> list[Action]:
        """Match and plan: what would be done, without doing it."""
        world = World(self.mappings, self.org, self.ledger, self.shapes)
        matches = match(drafts, rules, world, hints, again=again)
        return [plan(each, rules, self.mappings, self.shapes) for each in matches]

    def retry_waiting(self, stream: str) -> list[Outcome]:
        """Take the holds of a stream that wait for a parent or a lock through the stages again, each once."""
        outcomes: list[Outcome] = []
        last = 0
        while waiting := self.ledger.waiting(stream, last, WAITING_CHUNK):
            outcomes += self.run(stream, waiting)
            last = max(arrival.hold or 0 for arrival in waiting)
        return outcomes


def _asks_again(result: Result | None) -> bool:
    return bool(result and result.fault and result.fault.recovery is Recovery.RETRY)


def _with_folded(action: Action, folded: Mapping[str, tuple[Match, ...]]) -> Action:
    kept = folded.get(action.match.draft.org_key, ())
    return replace(action, match=replace(action.match, folded=(*action.match.folded, *kept)))
