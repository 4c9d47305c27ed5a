"""Evidence: which rows of the picture answer to a draft, by which rule; and what has to be asked so that they can.

A shopper comes with the key 1:7 and the e-mail ann@x.org. Contact A carries that key, contact B that e-mail: A answers
to the rule ``key``, and B to the rule ``email``. Evidence tells both, in the order of the rules' weight, and does not
choose: ``stages/match`` does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from target_salesforce_retail.mapping.match_rules import MatchRule
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import Attempt, Draft, OrgRow, Ruling
from target_salesforce_retail.ports import Condition
from target_salesforce_retail.stages.inside.picture import Picture
from target_salesforce_retail.stages.inside.profile_fields import DECIDED
from target_salesforce_retail.stages.inside.profiles import PROFILE, Profiles
from target_salesforce_retail.stages.inside.refer import believed
from target_salesforce_retail.stages.inside.retired import Speakers
from target_salesforce_retail.stages.inside.search import Search, agrees, confirms, disagreements, vetoes


@dataclass(frozen=True)
class Answer:
    """Who answers to one rule.

    Attributes:
        rule: The rule's name.
        rows: The rows that answer now.
        ever: Ids of those that answer now, or did before an action of this batch.
        vetoed: Id -> fields, for those that contradict what the rule says must not differ.
        disagreed: Rows that the rule finds and does not take, each with the fields that do not agree.
        strangers: Rows that were remembered, and carry another record's key by now.
        position: Where the rule stands among the declared ones; None for the key, and for what is only confirmed.
    """

    rule: str
    rows: Sequence[OrgRow]
    ever: frozenset[str]
    vetoed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    disagreed: Sequence[tuple[OrgRow, tuple[str, ...]]] = ()
    strangers: Sequence[OrgRow] = ()
    position: int | None = None


class Evidence:
    """What the picture says of drafts.

    Attributes:
        bridging: Keys of records that are one of two who may be one person: whether they still say so, rules tell.
    """

    def __init__(self, mapping: StreamMapping, picture: Picture, profiles: Profiles, bridging: Set[str]) -> None:
        self.bridging = bridging
        self._mapping = mapping
        self._picture = picture
        self.speakers = Speakers(mapping, profiles, picture.row)

    def ruling(self, draft: Draft) -> Ruling:
        """What the org keeps of which person it is."""
        return self.speakers.ruling(draft)

    # What to ask

    def needs_no_rule(self, draft: Draft) -> bool:
        """True when no match rule has to be asked.

        It has none, or a person has decided; or the ledger knows of it, and of nobody else whom it may be, and one row
        has its key, or the org keeps who it is, or will once what the ledger knows is there.
        """
        ruling = self.ruling(draft)
        if ruling.decided or not any(draft.match_keys):
            return True
        if draft.key in self.bridging:
            return False
        keyed = {row.id for row in self._keyed(draft) if not row.dead_end} - ruling.refused
        linked, is_it = self._linked(draft)
        is_kept = ruling.person is not None or bool(linked and is_it and linked.id not in ruling.refused)
        return draft.key in self._picture.links and (len(keyed) == 1 or (self._mapping.profile is not None and is_kept))

    def wanted(self, drafts: Sequence[Draft]) -> dict[str, list[Condition]]:
        """Object -> what to ask it for the drafts."""
        wanted: dict[str, list[Condition]] = defaultdict(list)
        for draft in drafts:
            for _, search in self._picture.searches.all_of(draft):
                wanted[search.name] += search.conditions()
        return wanted

    # What is answered

    def of(self, attempt: Attempt, *, all_of_them: bool = False) -> Iterator[Answer]:
        """What the rules answer, in the order of their weight; whom a person has refused answers to none.

        Whom a record lets go that speaks for nobody any more its key alone tells: in there is what came from it,
        whatever has been decided since.
        """
        if attempt.draft.retirement:
            yield from self._let_go(attempt.draft)
            return
        ruling = self.ruling(attempt.draft)
        decided = self._decided(attempt.draft, ruling) if ruling.decided else None
        answers = decided or self._answers(attempt, ruling, all_of_them=all_of_them)
        for answer in answers:
            yield replace(answer, rows=[row for row in answer.rows if row.id not in ruling.refused])

    def _let_go(self, draft: Draft) -> Iterator[Answer]:
        """Who carries its key; or the key of one who is gone as well, and is left to it."""
        keyed = self._keyed(draft)
        yield Answer("key", keyed, self._ever_keyed(draft))
        row, is_left = self.speakers.left_to(draft)
        if row and not keyed:
            yield Answer(PROFILE, [row] if is_left else [], frozenset({row.id}))

    def _decided(self, draft: Draft, ruling: Ruling) -> Iterator[Answer]:
        """Whom a person has named. Where that is nobody who was there, whoever we have made of it since."""
        named = self._picture.row(ruling.person) if ruling.person else None
        yield Answer(DECIDED, [named] if named else self._keyed(draft), self._ever_keyed(draft))

    def _answers(self, attempt: Attempt, ruling: Ruling, *, all_of_them: bool) -> Iterator[Answer]:
        draft = attempt.draft
        yield Answer("key", self._keyed(draft), self._ever_keyed(draft))
        kept = self._picture.row(ruling.person) if ruling.person else None
        if kept:
            yield Answer(PROFILE, [kept], frozenset({kept.id}))
        linked, is_it = self._linked(draft)
        if linked:
            stranger = [] if is_it else [linked]
            remembered = PROFILE if self._mapping.profile else "ledger"
            yield Answer(remembered, [linked] if is_it else [], frozenset({linked.id}), strangers=stranger)
        heirs = {row.id: row for each in attempt.lost_ids if (row := self._picture.row(each))}
        if attempt.lost_ids:
            yield Answer("survivor", list(heirs.values()), frozenset(heirs))
        yield from self.by_rules(draft, all_of_them=all_of_them)
        named_ids = {row.id: row for each in attempt.named_ids if (row := self._picture.row(each))}
        for position, rule in enumerate(self._mapping.match if named_ids else ()):
            confirmed = [row for row in named_ids.values() if self._confirms(position, draft, row)]
            yield Answer(rule.name, confirmed, frozenset(named_ids), _vetoed(rule, confirmed, draft))
        became = self._picture.row(attempt.lead) if attempt.lead else None
        if became:
            yield Answer("survivor", [became], frozenset({became.id}))

    def _linked(self, draft: Draft) -> tuple[OrgRow | None, bool]:
        """The row that lives where the ledger knows that it went, and whether that may be believed."""
        link = self._picture.links.get(draft.key)
        row = self._picture.row(link.id) if link else None
        return row, bool(link and row and believed(row, draft.key, self._mapping.key.field, link))

    def by_rules(self, draft: Draft, *, all_of_them: bool = False) -> Iterator[Answer]:
        """What the declared match rules answer, in their order; whom a person has refused stands in nobody's way.

        Profiles are not asked where a record before them answers by itself: so nobody waits for rows that have no say.

        Args:
            draft: The draft.
            all_of_them: Whoever might answer, should those before not.
        """
        refused = self.ruling(draft).refused
        for position, rule in enumerate(self._mapping.match):
            hits: list[OrgRow] = []
            disagreed: list[tuple[OrgRow, tuple[str, ...]]] = []
            consulted: set[str] = set()
            for search in self._picture.searches.of(draft, position):
                is_found = any(not row.dead_end for row in hits)
                if is_found and self._is_of_profiles(search) and not all_of_them:
                    continue
                now, ever = self._hits(search, rule, draft, disagreed)
                consulted |= ever
                hits = hits if is_found else [*hits, *(row for row in now if row.id not in refused)]
            vetoed = _vetoed(rule, hits, draft)
            yield Answer(rule.name, hits, frozenset(consulted), vetoed, disagreed, position=position)

    def rivals(self, attempt: Attempt) -> set[str]:
        """Every row that the draft might be, whichever rule decides."""
        return {record_id for answer in self.of(attempt, all_of_them=True) for record_id in answer.ever}

    def _hits(
        self, search: Search, rule: MatchRule, draft: Draft, disagreed: list[tuple[OrgRow, tuple[str, ...]]]
    ) -> tuple[list[OrgRow], set[str]]:
        """Who answers now, and the ids of those that answer or answered before an action of this batch.

        Those that would answer, did they agree on what the rule asks for, are added to ``disagreed``.
        """
        if self._is_of_profiles(search):
            return self._led(search, rule, draft, disagreed)
        hits: list[OrgRow] = []
        ever: set[str] = set()
        for record_id in self._picture.ever(search.name, search.index()):
            states = list(self._picture.states(record_id))
            answered = any(map(search.answers, self._picture.looked(record_id, search.name)))
            if answered and any(agrees(rule, state.object, state.values, draft) for state in states):
                ever.add(record_id)
            answers = any(map(search.answers, self._picture.looks(record_id, search.name)))
            differs = disagreements(rule, states[-1].object, states[-1].values, draft) if answers else ()
            if differs:
                disagreed.append((states[-1], differs))
            elif answers:
                hits.append(states[-1])
        return hits, ever

    def _is_of_profiles(self, search: Search) -> bool:
        return self._mapping.profile is not None and search.name == self._mapping.profile.object

    def _led(
        self, search: Search, rule: MatchRule, draft: Draft, disagreed: list[tuple[OrgRow, tuple[str, ...]]]
    ) -> tuple[list[OrgRow], set[str]]:
        """The same of those to whom profiles lead: what must agree is asked of the person, not of the profile."""
        hits: dict[str, OrgRow] = {}
        ever: set[str] = set()
        for mark, ids in self._picture.profile_rows.found(search, draft):
            ever.add(mark)
            person = self._person(ids, rule)
            if person is None:
                continue
            differs = disagreements(rule, person.object, person.values, draft)
            if any(agrees(rule, state.object, state.values, draft) for state in self._picture.states(person.id)):
                ever.add(person.id)
            if differs:
                disagreed.append((person, differs))
            else:
                hits[person.id] = person
        return list(hits.values()), ever

    def _person(self, ids: Sequence[str], rule: MatchRule) -> OrgRow | None:
        """The one to whom a profile leads, where she lives and may answer to the rule; of two nobody."""
        rows = {row.id: row for each in ids if (row := self._picture.row(each)) and not row.dead_end}
        living = list(rows.values())
        return living[0] if len(living) == 1 and living[0].object in rule.objects else None

    def _confirms(self, position: int, draft: Draft, row: OrgRow) -> bool:
        """Whether a rule takes a row for the draft that the org named."""
        rule = self._mapping.match[position]
        return confirms(self._mapping, position, draft, row) and agrees(rule, row.object, row.values, draft)

    def carriers(self, draft: Draft) -> list[OrgRow]:
        """Rows in whose own field its key stands: not what a lead that carries it has become."""
        field = self._mapping.key.field
        return [row for row in self._keyed(draft) if str(row.values.get(field)) == draft.key and not row.dead_end]

    def fields_that_answer(self, rule: str | None, draft: Draft, rows: Sequence[OrgRow]) -> tuple[str, ...]:
        """Which fields of these rows, as ``Contact.Email``, answer to a rule; of a phone's key its phone.

        Of a row that does not answer itself, the fields of profiles that lead to it.
        """
        found: set[str] = set()
        for position in (place for place, each in enumerate(self._mapping.match) if each.name == rule):
            searches = self._picture.searches.of(draft, position)
            for row in rows:
                itself = self._fields_of_row(searches, row)
                found |= itself or self._fields_of_profiles(searches, row, self._mapping.match[position], draft)
        return tuple(sorted(found))

    def _fields_of_row(self, searches: Sequence[Search], row: OrgRow) -> set[str]:
        phones = {each.name: each.of for each in self._mapping.phone_keys}
        looks = ((each, values) for each in searches for values in self._picture.looks(row.id, each.name))
        return {f"{each.name}.{phones.get(name, name)}" for each, values in looks for name in each.found_in(values)}

    def _fields_of_profiles(self, searches: Sequence[Search], row: OrgRow, rule: MatchRule, draft: Draft) -> set[str]:
        found: set[str] = set()
        for search in searches:
            for says, led_to in self._picture.profile_rows.answering(search, draft):
                person = self._person(led_to, rule)
                found |= {f"{search.name}.{name}" for name in search.found_in(says)} if person == row else set()
        return found

    def _ever_keyed(self, draft: Draft) -> frozenset[str]:
        names = self._mapping.objects
        return frozenset(each for name in names for each in self._picture.ever_with_key(name, draft.key))

    def _keyed(self, draft: Draft) -> list[OrgRow]:
        """Rows that carry its key, each once."""
        keyed = (row for name in self._mapping.objects for row in self._picture.with_key(name, draft.key))
        return list({row.id: row for row in keyed}.values())


def _vetoed(rule: MatchRule, rows: Sequence[OrgRow], draft: Draft) -> dict[str, tuple[str, ...]]:
    return {row.id: fields for row in rows if (fields := vetoes(rule, row, draft))} if rule.unless else {}
