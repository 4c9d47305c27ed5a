"""The unkeyed: people in the org with a phone number whose key is blank, for somebody has typed it in or changed it.

No query finds them by their number. While they are few, a run reads them once, and knows them by it: their ids are
asked for with the rest of a look-up, so that a decision stands on what they are now. Above the bound the run says so
and goes without; ``salesforce-retail backfill-keys`` gives them their keys.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from target_salesforce_retail.errors import OrgBusy
from target_salesforce_retail.invocation import invoked
from target_salesforce_retail.mapping.phone_keys import phone_keys_of
from target_salesforce_retail.mapping.rules import StreamMapping
from target_salesforce_retail.nouns import Action, Draft
from target_salesforce_retail.ports import Org

BOUND = 2000
SETTING = "unkeyed_persons"
BACKFILL = "backfill-keys"
"""The command that gives keys to those who lack them."""
Tell = Callable[[str], None]


def _tell_nobody(text: str) -> None:
    del text


class Unkeyed:
    """Whom one run knows by a number that has no key.

    Args:
        bound: The most persons that are read.
        tell: Called with a sentence on how many there are, once for each stream that asks.
        warn: Called in its place where they are too many.
    """

    def __init__(self, bound: int = BOUND, tell: Tell = _tell_nobody, warn: Tell = _tell_nobody) -> None:
        self._bound = bound
        self._tell = tell
        self._warn = warn
        self._ids: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        self._known: set[str] = set()

    def asked(self, drafts: Sequence[Draft], mapping: StreamMapping, org: Org) -> dict[str, list[str]]:
        """Object -> ids of those who may answer to one of the drafts by a number.

        Raises:
            OrgError: The org as a whole did not answer: asked at the first draft of a stream with a number.
        """
        wanted = dict.fromkeys(each for draft in drafts for each in _numbers(draft, mapping))
        if not wanted:
            return {}
        self._learn(mapping, org)
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for name, number in wanted:
            if (name, number) in self._ids:
                found[name] |= self._ids[name, number]
        return {name: list(ids) for name, ids in found.items()}

    def note(self, actions: Iterable[Action], mapping: StreamMapping) -> None:
        """Take note of rows of which we write a number in another way, with the same key: the org may blank that."""
        for action in actions:
            row = action.match.row
            for key, phone in phone_keys_of(mapping, action.object).phones.items() if row else ():
                if row and phone in action.body and key not in action.body and row.values.get(key):
                    self._add(row.object, row.id, [str(row.values[key])])

    def _learn(self, mapping: StreamMapping, org: Org) -> None:
        if mapping.stream in self._known:
            return
        self._known.add(mapping.stream)
        try:
            self._read(mapping, org)
        except OrgBusy:  # no index helps these queries; an org that is ill says so to the next question too
            self._warn(
                "Salesforce did not tell who has a phone number without its key: such people are not found by it in "
                f"this run. Give them their keys with {invoked(BACKFILL)}."
            )

    def _read(self, mapping: StreamMapping, org: Org) -> None:
        keys = {name: each for name in mapping.objects if (each := phone_keys_of(mapping, name)).phones}
        counted = org.count_unkeyed({name: each.phones for name, each in keys.items()}) if keys else {}
        total = sum(counted.values())
        if not total:
            return
        people = " and ".join(f"{count:,} of {name}" for name, count in counted.items() if count)
        lack = f"{people} {'have' if total > 1 else 'has'} a phone number without its key"
        if total > self._bound:
            self._warn(
                f"{lack}, more than {SETTING} = {self._bound:,}: they are not found by it. "
                f"Give them their keys with {invoked(BACKFILL)}."
            )
            return
        self._tell(f"{lack}: read once for this run. {invoked(BACKFILL)} gives them theirs.")
        for name in (each for each, count in counted.items() if count):
            for row in org.unkeyed(name, keys[name].phones, keys[name].read, self._bound):
                self._add(name, row.id, keys[name].numbers(row.values))

    def _add(self, name: str, record_id: str, numbers: Iterable[str]) -> None:
        for number in numbers:
            self._ids[name, number][record_id] = None


def _numbers(draft: Draft, mapping: StreamMapping) -> Iterator[tuple[str, str]]:
    """(Object, number) that the draft looks for."""
    for rule, match_keys in zip(mapping.match, draft.match_keys, strict=True):
        for comparison, keys in zip(rule.comparisons, match_keys, strict=False):
            if comparison.by == "phone":
                yield from ((name, key) for name in rule.objects for key in keys)
