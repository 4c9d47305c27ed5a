"""Where the link of a record stands, before anybody decides anything: by its profile, its key, or the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from target_salesforce_retail.mapping.profile import ProfileRule
from target_salesforce_retail.nouns import Ruling
from target_salesforce_retail.stages.inside.profile_fields import noted
from target_salesforce_retail.stages.inside.profiles import Profile


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
