"""A picture: the org as one batch sees it, the rows that were looked up and what earlier arrivals do to them.

A decision must not depend on company. So a row answers to a draft only where it holds what the draft itself asked for,
whoever's look-up brought it; and what an earlier arrival does is seen as the org would show it to a later batch. Until
that is written it is uncertain: who leans on it goes with it, or waits for the next round.

Of two shoppers in a batch the first gives Ann's contact a new e-mail, and the second comes with her old one. In the
picture the contact has two states, before and after, and the second does not find it any more, as it would not on the
next day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from target_salesforce_retail.mapping.phone_keys import phone_keys_of
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.metadata import CURRENCY, ObjectDescribe
from target_salesforce_retail.nouns import Action, Draft, Intent, Link, OrgRow, Reason, Value
from target_salesforce_retail.stages.inside.context import CREATED
from target_salesforce_retail.stages.inside.leaning import Leaning
from target_salesforce_retail.stages.inside.profile_rows import ProfileRows
from target_salesforce_retail.stages.inside.search import Searches, as_compared, combinations_of
from target_salesforce_retail.stages.inside.seekers import Seekers

Sought = tuple[str, str, str]
"""(object searched, field, value as the org compares it)."""
UNBORN = "~"
"""What ids of rows begin with that are to be created: sorted behind every id."""


class Picture:
    """Rows by id, each with its states in this batch: as it was looked up, and after every action upon it.

    Args:
        mapping: The stream's mapping.
        fields: Object -> the fields that rows bring.
        describes: What the org says of its objects.
        links: The ledger's memory of the batch's keys.
    """

    def __init__(
        self,
        mapping: StreamMapping,
        fields: Mapping[str, Sequence[str]],
        describes: Mapping[str, ObjectDescribe],
        links: Mapping[str, Link],
    ) -> None:
        self._key_field = mapping.key.field
        self._fields = fields
        self._describes = describes
        self._states: dict[str, list[OrgRow]] = {}
        self._phone_keys = {name: phone_keys_of(mapping, name) for name in mapping.objects}
        self._shown: dict[str, Mapping[str, Value]] = {}
        self._seen_as: dict[str, list[tuple[str, Mapping[str, Value]]]] = defaultdict(list)
        self._index: dict[Sought, dict[str, None]] = defaultdict(dict)
        self._heirs: dict[str, str] = {}
        self._fields_searched = {
            name: {self._key_field, *(field for rule in mapping.match for field in rule.compared(name))}
            for name in mapping.objects
        }
        self.links = dict(links)
        self._pending: set[str] = set()
        self._postponed: set[str] = set()
        self._undecided: dict[tuple[int, tuple[str, ...]], Leaning] = {}
        self.searches = Searches(mapping, describes)
        self._seekers = Seekers(mapping, self.searches, describes)
        self.profile_rows = ProfileRows(mapping, describes)
        self._profile_object = mapping.profile.object if mapping.profile else ""
        self._rewritten: set[str] = set()
        self._contested: dict[str, Leaning] = {}
        self._claims: set[tuple[str, str, str]] = set()

    # What came back from the org

    def learn(self, rows: Iterable[OrgRow]) -> None:
        """Take in rows that were looked up."""
        for row in rows:
            states = self._states.setdefault(row.id, [row])
            self._heirs[str(row.via.get("Id", row.id))] = row.id
            self._shown[row.id] = self._shown_by(states[-1])
            self._see(row, row.object, self._shown_by(row))
            if row.searched and row.searched != row.object:
                self._see(row, row.searched, row.via)

    def inherit(self, heirs: Mapping[str, str]) -> None:
        """Take in what merged records became: id looked for -> id that lives now."""
        self._heirs |= heirs

    def row(self, record_id: str) -> OrgRow | None:
        """The row that lives under this id, or in whose favour it was merged or converted."""
        states = self._states.get(self._heirs.get(record_id, record_id))
        return states[-1] if states else None

    @property
    def looked_up(self) -> list[OrgRow]:
        """Every row as the org brought it."""
        return [states[0] for record_id, states in self._states.items() if not record_id.startswith(UNBORN)]

    @property
    def stamped(self) -> set[str]:
        """The keys that rows carry as the org brought them."""
        return {str(key) for row in self.looked_up if (key := row.values.get(self._key_field))}

    def _shown_by(self, row: OrgRow) -> Mapping[str, Value]:
        keys = self._phone_keys.get(row.object)
        return keys.shown(row.values) if keys else row.values

    def _see(self, row: OrgRow, searched: str, values: Mapping[str, Value]) -> None:
        self._seen_as[row.id].append((searched, values))
        for field in self._fields_searched.get(searched, ()):
            value = values.get(field)
            if value is not None:
                self._index[searched, field, self._as_compared(searched, field, value)][row.id] = None

    def _as_compared(self, name: str, field: str, value: Value) -> str:
        return as_compared(self._describes, name, field, value)

    # What answers

    def with_key(self, name: str, key: str) -> list[OrgRow]:
        """Rows that carry a key now."""
        wanted = self._as_compared(name, self._key_field, key)
        ids = self.ever_with_key(name, key)
        return [
            self._states[each][-1]
            for each in ids
            if any(
                (held := values.get(self._key_field)) is not None
                and self._as_compared(name, self._key_field, held) == wanted
                for values in self.looks(each, name)
            )
        ]

    def ever_with_key(self, name: str, key: str) -> list[str]:
        """Ids of rows that carry a key, or carried it before an action of this batch."""
        return self.ever(name, {self._key_field: [self._as_compared(name, self._key_field, key)]})

    def ever(self, name: str, wanted: Mapping[str, Iterable[str]]) -> list[str]:
        """Ids of rows that hold a value in its field, or held it before an action of this batch.

        Args:
            name: The object searched.
            wanted: Field -> values, as the org compares them.
        """
        found = (self._index.get((name, field, value), ()) for field, values in wanted.items() for value in values)
        return list(dict.fromkeys(record_id for ids in found for record_id in ids))

    def looks(self, record_id: str, name: str) -> Iterator[Mapping[str, Value]]:
        """What the row shows to a search of an object now: its own values, and those of leads that lead to it."""
        present = self._states[record_id][-1]
        if present.object == name:
            yield self._shown[record_id]
        for searched, values in self._seen_as[record_id]:
            if searched == name != present.object:
                yield values

    def looked(self, record_id: str, name: str) -> Iterator[Mapping[str, Value]]:
        """What it shows, and what it showed before an action of this batch."""
        yield from (values for searched, values in self._seen_as[record_id] if searched == name)

    def states(self, record_id: str) -> Iterator[OrgRow]:
        """The row before and after each action upon it."""
        yield from self._states[record_id]

    # What the batch does

    def leans(self, action: Action, consulted: Iterable[str], profile: Mapping[str, Value] | None = None) -> Leaning:
        """What an action stands on that is not certain yet.

        That is rows that an action of this round changes, drafts that may yet become a row of their own or look for
        what the action writes, and values that only one record may have. An action that writes has to wait for all of
        them; so has one that writes nothing for the currency of its row: a new row has one that the org fills in.

        Args:
            action: The action.
            consulted: The ids and marks of all rows that had a say in it.
            profile: What the draft's profile will say, where that is news to whoever looks for it.
        """
        had_a_say = set(consulted)
        itself = {self.profile_rows.mark(action.match.draft.key)}  # for who waits may look for what its profile says
        others = [self._undecided[each] for each in _match_keys(action.match.draft) if each in self._undecided]
        others += self._seekers.of(action) if action.writes else ()
        others += self._seekers.of_profile(self._profile_object, profile) if profile else ()
        others += [self._contested[each] for each in had_a_say | itself if each in self._contested]
        rows = frozenset(had_a_say & self._pending | {row for other in others for row in other.rows})
        unsettled = had_a_say & (self._postponed | self._rewritten)
        postponed = bool(unsettled) or any(other.postponed for other in others)
        contested = bool(self._claims & self._claimed_by(action))
        contested = contested or self._seekers.may_find_conversion(action.match.draft)
        waits = action.writes or self._is_kept_by_currency(action)
        return Leaning(rows, postponed or (waits and bool(rows)) or contested)

    def apply(
        self,
        action: Action,
        leaning: Leaning,
        rivals: Callable[[], Iterable[str]],
        profile: Mapping[str, Value] | None = None,
    ) -> str:
        """Take in what an action does to its row, as the org will show it; returns the row's id, made up for a new one.

        Args:
            action: The action.
            leaning: What it stands on. Who leans on an action that is not certain goes with it or waits as well.
            rivals: Tells every row that the draft might turn out to be, should it come to that.
            profile: What the draft's profile will say, where that is news to whoever looks for it.
        """
        if profile:
            self.profile_rows.note(action.match.draft.key, profile)
            self._rewritten.add(self.profile_rows.mark(action.match.draft.key))
        self._claims |= self._claimed_by(action)
        if action.match.row and action.intent is Intent.CONVERT:
            self._seekers.convert(self._shown[action.match.row.id])
        record_id = self._changed(action)
        freed = {each for _, each in action.frees}
        if leaning.postponed:
            self._postponed |= {record_id, *freed}
        elif action.writes:
            self._pending |= {record_id, *freed}
            self._seekers.add(action.match.draft, Leaning(frozenset({record_id})))
        if leaning.postponed or leaning.rows:
            self._leave_open(action.match.draft, leaning, list(rivals()))
        if action.lets_go:
            self.links.pop(action.match.draft.key, None)
        elif action.intent in (Intent.CREATE, Intent.UPDATE, Intent.NOTHING) or action.reason is Reason.LEFT_ALONE:
            self._remember(action, record_id)
        return record_id

    def _is_kept_by_currency(self, action: Action) -> bool:
        """Whether it leaves money out, or is held, for what its row says of its currency."""
        money = {CURRENCY, *self._describes[action.object].amounts}
        return not money.isdisjoint(action.fields)

    def _claimed_by(self, action: Action) -> set[tuple[str, str, str]]:
        """Values of unique fields that an action takes or gives back."""
        fields = self._describes[action.object].fields if action.writes else {}
        unique = [name for name in action.body if name != self._key_field and name in fields and fields[name].unique]
        held = action.match.row.values if action.match.row else {}
        pairs = ((name, value) for name in unique for value in (action.body[name], held.get(name)))
        return {(action.object, name, self._as_compared(action.object, name, value)) for name, value in pairs if value}

    def _leave_open(self, draft: Draft, leaning: Leaning, rivals: Sequence[str]) -> None:
        """Note what a draft may yet do: be one of these rows, have a match key, take or give back what is unique."""
        for match_key in _match_keys(draft):
            self._undecided[match_key] = leaning.and_also(self._undecided.get(match_key))
        self._seekers.add(draft, leaning)
        for rival in rivals:
            self._contested[rival] = leaning.and_also(self._contested.get(rival))
        held = [state.values for rival in rivals for state in self._states.get(rival, ())]
        for name in self._fields:
            fields = self._describes[name].fields
            unique = [field for field in fields if fields[field].unique and field != self._key_field]
            pairs = ((field, values.get(field)) for values in (*held, draft.values) for field in unique)
            self._claims |= {(name, field, self._as_compared(name, field, value)) for field, value in pairs if value}

    def _changed(self, action: Action) -> str:
        row = action.match.row
        for _, freed in action.frees:
            self._change(
                replace(self._states[freed][-1], values={**self._states[freed][-1].values, self._key_field: None})
            )
        if row and action.intent in (Intent.DELETE, Intent.CREATE):  # a create with a row is in that row's place
            self._change(replace(row, values=dict.fromkeys(row.values)))
        if action.intent is Intent.CREATE:
            record_id = f"{UNBORN}{len(self._states):08d}"
            blank: dict[str, Value] = dict.fromkeys(self._fields[action.object])
            self._change(OrgRow(action.object, record_id, {**blank, **action.body, CREATED: UNBORN}))
            return record_id
        if row and action.intent is Intent.UPDATE:
            self._change(replace(row, values={**row.values, **action.body}))
        return row.id if row else ""

    def _change(self, row: OrgRow) -> None:
        self._states.setdefault(row.id, []).append(row)
        self._shown[row.id] = self._shown_by(row)
        self._see(row, row.object, self._shown[row.id])

    def _remember(self, action: Action, record_id: str) -> None:
        draft = action.match.draft
        version = None if action.reason is Reason.LEFT_ALONE else draft.arrival.version
        link = Link(action.object, record_id, version, action.match.stamped_key)
        self.links[draft.key] = link.no_older_than(self.links.get(draft.key))


def _match_keys(draft: Draft) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Everything by which a draft may be recognised; its key comes first."""
    yield -1, (draft.key,)
    yield from (
        (position, each) for position in range(len(draft.match_keys)) for each in combinations_of(draft, position)
    )
