"""What does the org hold for these drafts? A few look-ups for the whole batch; then each is decided as if alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise

from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.nouns import Attempt, Bridge, Draft, Link, Match, OrgRow, Ruling
from target_salesforce_retail.ports import Criteria
from target_salesforce_retail.stages.inside.bridges import bridges_of
from target_salesforce_retail.stages.inside.chosen import CHOSEN
from target_salesforce_retail.stages.inside.clues import clues_of, not_asked
from target_salesforce_retail.stages.inside.common import Common
from target_salesforce_retail.stages.inside.context import CREATED, Context
from target_salesforce_retail.stages.inside.crowd import without_crowds
from target_salesforce_retail.stages.inside.evidence import Answer, Evidence
from target_salesforce_retail.stages.inside.picture import Picture
from target_salesforce_retail.stages.inside.profile_fields import DECIDED
from target_salesforce_retail.stages.inside.profiles import Profiles, fields_of
from target_salesforce_retail.stages.inside.refer import References, children_of, refer
from target_salesforce_retail.stages.inside.retired import stamped_key
from target_salesforce_retail.stages.inside.sound import if_none
from target_salesforce_retail.trail import Clue, Trail, Why, of_conversion

LEAD = "Lead"
"""Of which none is made for a shopper whose lead was converted; another object is made anew, as after a deletion."""
TOGETHER = timedelta(minutes=15)
"""Two records of one shopper made within this time, one of them by a run that never settled it, are twins."""


def look_up(
    attempts: Sequence[Attempt],
    mapping: StreamMapping,
    context: Context,
    links: Mapping[str, Link | None],
    profiles: Profiles,
    *,
    bridging: Set[str] = frozenset(),
) -> Matcher:
    """Bring all that the decisions of a batch may need.

    First by key and by the ids that profiles, ledger and Salesforce have named; then by every match rule at once, for
    those whose key the org does not have, or has from a run that the ledger does not know of.

    Args:
        attempts: A batch of one stream, in the order of arrival.
        mapping: The stream's mapping.
        context: Whom to ask.
        links: Where records of this batch went in earlier rounds, None for nowhere: newer than the ledger.
        profiles: What the org keeps of which persons they are.
        bridging: Keys of those who are one of two who may be one person.
    """
    keys = [attempt.draft.key for attempt in attempts]
    known = {**context.ledger.links(mapping.stream, keys), **links}
    remembered = {key: link for key, link in known.items() if link}
    fields = context.fields_of(mapping)
    picture = Picture(mapping, fields, context.describes, remembered)
    evidence = Evidence(mapping, picture, profiles, bridging)
    ids = list(dict.fromkeys([*_ids(attempts, remembered), *profiles.ids(keys)]))
    picture.learn(
        context.org.find({name: [{mapping.key.field: keys}, {"Id": ids}] for name in mapping.objects}, fields)
    )
    unsure = [attempt.draft for attempt in attempts if not evidence.needs_no_rule(attempt.draft)]
    wanted = evidence.wanted(unsure)
    for name, unkeyed in context.unkeyed.asked(unsure, mapping, context.org).items():
        wanted[name].append({"Id": unkeyed})
    if wanted:
        _learn(picture, wanted, mapping, context)
    _follow(picture, ids, mapping, context)
    evidence.speakers.learn([attempt.draft for attempt in attempts], sorted(picture.stamped - {*keys}), context.org)
    again = any(attempt.tries for attempt in attempts)
    references = refer([attempt.draft for attempt in attempts], mapping, context, again=again)
    children = children_of(picture.looked_up, mapping, context)

    def linked(keys: Iterable[str]) -> Set[str]:
        return context.ledger.links(mapping.stream, keys).keys() | picture.links.keys()

    return Matcher(mapping, picture, evidence, references, children, context.common, linked)


def _learn(picture: Picture, wanted: Criteria, mapping: StreamMapping, context: Context) -> None:
    """What the rules look for; and to whom profiles lead that are found so, all at once, where nobody has yet."""
    fields, rule = context.fields_of(mapping), mapping.profile
    beside = {rule.object: fields_of(rule, ())} if rule else {}
    rows = context.org.find(wanted, {**fields, **beside})
    picture.learn(row for row in rows if row.object in fields)
    picture.profile_rows.learn(rows)
    unknown = [each for each in picture.profile_rows.persons if picture.row(each) is None]
    if unknown:
        picture.learn(context.org.find({name: [{"Id": unknown}] for name in mapping.objects}, fields))


def _ids(attempts: Sequence[Attempt], remembered: Mapping[str, Link]) -> list[str]:
    named_ids = [each for attempt in attempts for each in (*attempt.lost_ids, *attempt.named_ids, attempt.lead) if each]
    return list(dict.fromkeys([*(link.id for link in remembered.values()), *named_ids]))


def _follow(picture: Picture, ids: Sequence[str], mapping: StreamMapping, context: Context) -> None:
    """Rows that live on where records that we knew were merged into."""
    lost = [each for each in ids if picture.row(each) is None]
    for name in mapping.objects:
        heirs = context.org.survivors(name, lost) if lost and context.describes[name].mergeable else {}
        if heirs:
            fields = context.fields_of(mapping)
            picture.learn(context.org.find({name: [{"Id": list(dict.fromkeys(heirs.values()))}]}, fields))
            picture.inherit(heirs)


@dataclass(frozen=True)
class Decision:
    """Which rows a draft may be, by which rule, and every row that had a say in it; dead ends are told apart.

    ``vetoed``: id -> fields, of those that answer to a rule, and contradict what it says must not differ.
    ``answers``: of all rules, where they have been asked and one row was found.
    """

    rule: str | None
    rows: tuple[OrgRow, ...]
    consulted: frozenset[str]
    dead_ends: tuple[str, ...] = ()
    vetoed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    trail: Trail = ()
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True)
class Matcher:
    """Decides, for each draft in turn, which row of the picture it is.

    Attributes:
        mapping: The stream's mapping.
        picture: The org as the batch sees it.
        evidence: What it says of drafts.
        references: Everything that the drafts refer to.
        children: Child stream -> parent's id -> the rows that hang on it.
        common: Takes note of what is no evidence.
        linked: Those of some keys of which the ledger knows where they went.
    """

    mapping: StreamMapping
    picture: Picture
    evidence: Evidence
    references: References
    children: Mapping[str, Mapping[str, Sequence[OrgRow]]]
    common: Common
    linked: Callable[[Iterable[str]], Set[str]]

    def without_crowds(self, attempt: Attempt) -> tuple[Attempt, frozenset[str]]:
        """The attempt without what too many people in the org share, and the ids of all who have a say in that.

        Once it is sent, that stays so: what others do to the crowd meanwhile is none of its business.
        """
        if self.evidence.needs_no_rule(attempt.draft):
            return attempt, frozenset()
        draft, crowd = without_crowds(attempt.draft, self.mapping, self.picture, self.common)
        return replace(attempt, draft=draft), crowd

    def match(self, attempt: Attempt) -> tuple[Match, frozenset[str]]:
        """The match, and the ids of all rows that had a say in it."""
        draft = attempt.draft
        link = self.picture.links.get(draft.key)
        ruling = self.evidence.ruling(draft)
        decision = self.decide(attempt)
        chosen = self._choose(decision.rows)
        vetoed = decision.vetoed.get(chosen.id, ()) if chosen else ()
        row = None if vetoed else chosen
        bridges, others = self._bridges(decision, attempt) if row and len(decision.rows) == 1 else (None, set[str]())
        is_known = link is not None or ruling.person is not None
        twin = self._twin(draft, row) if row and decision.rule == "key" and not is_known else None
        twins = row is None and not vetoed and self._are_twins(decision.rows, ruling)
        newer = bool(link and link.version and draft.arrival.version and link.version > draft.arrival.version)
        unconfirmed = attempt.duplicate_fault.candidates if attempt.duplicate_fault and not decision.rows else ()
        makes_lead = if_none(self.mapping, draft.arrival).object == LEAD
        dead_ends = decision.dead_ends if (makes_lead or attempt.lead) and not decision.rows else ()
        candidates = tuple(each.id for each in decision.rows) if row is None else ()
        match = Match(
            draft,
            row=row,
            rule=DECIDED if ruling.decided and not draft.retirement else decision.rule,
            candidates=(row.id, twin.id) if row and twin else candidates or dead_ends or unconfirmed,
            duplicate_fault=attempt.duplicate_fault,
            stamped_key=stamped_key(draft, row, self.mapping, self.evidence.speakers),
            superseded=newer,
            found=self.references.found(draft),
            skipped=self.references.skipped(draft),
            gone=self.references.gone(draft),
            children={stream: tuple(rows.get(row.id, ())) for stream, rows in self.children.items()} if row else {},
            is_stale=self.references.is_stale(draft),
            converted=bool(dead_ends),
            vetoed=vetoed,
            twin=twin is not None or twins,
            omitted=attempt.omitted,
            trail=decision.trail + of_conversion(attempt.lead),
            evidence=self._evidence_of(decision, draft),
            ruling=ruling,
            frees=self._freed(draft, row, ruling),
            bridges=bridges,
            lead=attempt.lead,
        )
        return match, decision.consulted | others | ({twin.id} if twin else set())

    def _bridges(self, decision: Decision, attempt: Attempt) -> tuple[tuple[Bridge, ...] | None, set[str]]:
        """Whom else the declared rules find, each of them alone, and the ids of who has a say in that."""
        if self.evidence.needs_no_rule(attempt.draft):
            is_void = attempt.draft.key in self.evidence.bridging and not attempt.draft.arrival.fills
            return () if is_void else None, set()
        (row,) = decision.rows
        declared = [each for each in decision.answers if each.position is not None]
        return bridges_of(row, decision.rule, declared, several=self.mapping.merges)

    def _evidence_of(self, decision: Decision, draft: Draft) -> tuple[str, ...]:
        """The fields that answered, where the org is to keep them."""
        return self.evidence.fields_that_answer(decision.rule, draft, decision.rows) if self.mapping.profile else ()

    def _freed(self, draft: Draft, row: OrgRow | None, ruling: Ruling) -> tuple[tuple[str, str], ...]:
        """Records from which the draft's key is to be taken back: they carry it, and a person has decided otherwise."""
        if draft.amends or not (ruling.refused or ruling.decided):
            return ()
        others = [each for each in self.evidence.carriers(draft) if row is None or each.id != row.id]
        wrong = (each for each in others if each.id in ruling.refused or (ruling.person and ruling.decided))
        return tuple((each.object, each.id) for each in wrong)

    def decide(self, attempt: Attempt) -> Decision:
        """The deciding rule with its only row, or the first ambiguous rule with its rows, or nothing."""
        consulted: set[str] = set()
        dead_ends: dict[str, None] = {}
        vetoed: dict[str, tuple[str, ...]] = {}
        several: tuple[str | None, list[OrgRow]] = (None, [])
        trail: list[Clue] = []
        answers = iter(self.evidence.of(attempt))
        asked: list[Answer] = []
        for answer in answers:
            asked.append(answer)
            consulted |= answer.ever
            vetoed = {**answer.vetoed, **vetoed}
            dead_ends |= dict.fromkeys(row.id for row in answer.rows if row.dead_end)
            ids = {row.id for row in several[1]}
            left = [row for row in answer.rows if not row.dead_end and (not ids or row.id in ids)]
            trail = _with(trail, answer, list(clues_of(answer, left, vetoed, attempt.draft, self.mapping)))
            if len(left) == 1:
                trail += self._rest(answer, trail, attempt.draft)
                whole = () if self.evidence.needs_no_rule(attempt.draft) else (*asked, *answers)
                return Decision(answer.rule, tuple(left), frozenset(consulted), (), vetoed, tuple(trail), whole)
            if left:
                several = (several[0] or answer.rule, left)
        return Decision(several[0], tuple(several[1]), frozenset(consulted), tuple(dead_ends), vetoed, tuple(trail))

    def _rest(self, answer: Answer, trail: Sequence[Clue], draft: Draft) -> Trail:
        """The rules behind the one that has decided; none, where they have been asked of whom the org has named."""
        asked = {each.rule for each in trail}
        if draft.amends or (answer.position is None and any(each.rule in asked for each in self._not_asked)):
            return ()
        return self._not_asked[0 if answer.position is None else answer.position + 1 :]

    @cached_property
    def _not_asked(self) -> Trail:
        return not_asked(self.mapping)

    def _twin(self, draft: Draft, row: OrgRow) -> OrgRow | None:
        """Another record that answers to the draft, and was made at the same time as the one that carries its key."""
        answering = (each for answer in self.evidence.by_rules(draft) for each in answer.rows if not each.dead_end)
        others = [
            each for each in answering if each.id != row.id and each.id not in self.evidence.ruling(draft).refused
        ]
        return next((each for each in others if self._made_together(row, each)), None)

    def _are_twins(self, rows: Sequence[OrgRow], ruling: Ruling) -> bool:
        """True when two of the rows that answer were made together, one by a run that has not settled it: it may yield.

        Of a draft that a person has decided nobody may: what she left to choose among is hers to choose.
        """
        made = [(each, row) for row in rows if isinstance(each := row.values.get(CREATED), datetime)]
        ordered = [row for _, row in sorted(made, key=lambda pair: pair[0])]
        together = [pair for pair in pairwise(ordered) if self._made_together(*pair)]
        keys = {str(row.values.get(self.mapping.key.field)) for pair in together for row in pair}
        return bool(together) and not ruling.decided and bool(keys - self.linked(keys))

    def _made_together(self, one: OrgRow, other: OrgRow) -> bool:
        made, others = one.values.get(CREATED), other.values.get(CREATED)
        keyed = not any(is_blank(each.values.get(self.mapping.key.field)) for each in (one, other))
        together = isinstance(made, datetime) and isinstance(others, datetime) and abs(made - others) <= TOGETHER
        return keyed and together

    def _choose(self, rows: Sequence[OrgRow]) -> OrgRow | None:
        return rows[0] if len(rows) == 1 else CHOSEN[self.mapping.on_many](rows) if rows else None


def _with(trail: list[Clue], answer: Answer, clues: list[Clue]) -> list[Clue]:
    """The trail with what a rule says. Of whom the org has named it says more than it found by itself, or nothing."""
    if answer.position is not None or not any(each.rule == answer.rule for each in trail):
        return [*trail, *clues]
    if all(each.why is Why.NONE for each in clues):
        return trail
    return [*(each for each in trail if each.rule != answer.rule), *clues]
