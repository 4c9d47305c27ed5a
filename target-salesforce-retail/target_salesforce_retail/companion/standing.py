"""Of whom a person decides: the record, where its link stands before that, and who is named.

A link stands by the profile, the key, or the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from target_salesforce_retail.errors import RetailError
from target_salesforce_retail.mapping.places import did_you_mean
from target_salesforce_retail.mapping.profile import ProfileRule
from target_salesforce_retail.mapping.rules import Mappings, StreamMapping
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import OrgRow, Ruling
from target_salesforce_retail.ports import Org
from target_salesforce_retail.stages.inside.profile_fields import DECIDED, noted
from target_salesforce_retail.stages.inside.profiles import Profile


class Senseless(RetailError):
    """A decision that makes no sense; nothing was written."""

    exit_code = 2


@dataclass(frozen=True)
class Subject:
    """Of whom something is decided.

    Attributes:
        mapping: The mapping of the record's stream.
        rule: Where the org keeps who it is.
        key: The record's key.
        candidates: Ids of the records that it may be, as its hold says.
    """

    mapping: StreamMapping
    rule: ProfileRule
    key: str
    candidates: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """What an error says of it."""
        return f"{self.mapping.stream} {self.key}"


@dataclass(frozen=True)
class Standing:
    """Where the link of a record stands.

    Attributes:
        profile: Its profile; None when it has none.
        living: Id that the profile names -> the id that lives now.
        known: Whom its key or the ledger knows, where the profile names nobody.
    """

    profile: Profile | None
    living: Mapping[str, str]
    known: str = ""

    @property
    def ruling(self) -> Ruling:
        """What the next run would go by."""
        return self.profile.ruling(self.living.get) if self.profile else Ruling()

    @property
    def refused(self) -> frozenset[str]:
        """Whom persons have ruled out."""
        return self.ruling.refused

    @property
    def is_decided(self) -> bool:
        """True when the link is one that a person has decided, and nobody has put another in since."""
        profile = self.profile
        if profile is None or profile.rule != DECIDED:
            return False
        return self.ruling.person == self.living.get(profile.matched, "")

    @property
    def before(self) -> str:
        """The id that it is linked to; empty when there is none."""
        return self.ruling.person or (self.profile.matched if self.profile else "") or self.known

    @property
    def before_as_ids(self) -> tuple[str, ...]:
        """The id that it is linked to, if any."""
        return (self.before,) if self.before else ()

    def lives_as(self, record_id: str) -> str:
        """The id that lives in the place of one that the profile names."""
        return self.living.get(record_id, record_id)

    def others(self, ids: Iterable[str], living: str) -> set[str]:
        """Those of the ids that are somebody else than the one who lives under this one."""
        return {each for each in ids if self.lives_as(each) != living}

    def noted(self, rule: ProfileRule, refused: Set[str]) -> str | None:
        """These ids as the profile lists whom it is not, with what somebody has written beside them."""
        return noted(self.profile.values.get(rule.refused) if self.profile else None, refused)

    def lookups(self, rule: ProfileRule) -> dict[str, str]:
        """Lookup -> the id in it, of those that are filled."""
        values = self.profile.values if self.profile else {}
        return {field: str(values[field]) for field in rule.person.values() if values.get(field)}


def see_that_it_is_mapped(stream: str, mappings: Mappings) -> None:
    """See that there is a mapping of a stream.

    Raises:
        Senseless: There is none: it lists those that there are.
    """
    names = [each.stream for each in mappings.ordered]
    if stream not in names:
        message = f"No mapping has the stream `{stream}`{did_you_mean(stream, names) or '.'}"
        raise Senseless(message, hint=f"There are mappings of {', '.join(names)}.")


def person_named(person: str, subject: Subject, org: Org, describes: Mapping[str, ObjectDescribe]) -> OrgRow:
    """The living record with this id, which the mapping may find.

    Raises:
        Senseless: It is nobody whom the mapping may find, or who is there.
    """
    objects = subject.mapping.objects
    names = " or ".join(objects)
    fields = dict.fromkeys(objects, (subject.mapping.key.field,))
    rows = org.find({name: [{"Id": [person]}] for name in objects}, fields)
    living = [row for row in rows if not row.dead_end]
    if living:
        return living[0]
    if rows:
        message = f"{person} is a converted lead, and what it became is gone or no {names}."
        raise Senseless(message, where=subject.where, hint="Name who it is now.")
    if not any(person.startswith(describes[name].key_prefix or person[:3]) for name in objects):
        message = f"{person} is the id of no {names}."
        raise Senseless(message, where=subject.where, hint="Copy the id from the record's address in Salesforce.")
    heirs = (org.survivors(name, [person]).get(person) for name in objects if _can_lead_on(describes[name], person))
    heir = next((each for each in heirs if each), None)
    message = f"{person} is not there: " + (f"it was merged into {heir}." if heir else "deleted, or mistyped.")
    hint = f"Name {heir}." if heir else "Restore it from the recycle bin, or name another."
    raise Senseless(message, where=subject.where, hint=hint)


def _can_lead_on(describe: ObjectDescribe, person: str) -> bool:
    return describe.mergeable and person.startswith(describe.key_prefix)
