"""Match keys that name nobody, as a blocklist declares them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import phonenumbers


@dataclass(frozen=True, slots=True)
class Blocklist:
    """What is no evidence, whoever carries it.

    Attributes:
        values: (Kind of match, match key).
        domains: Of e-mails: what stands behind the ``@``.
        locals: Of e-mails: what stands before it.
        endings: Of phones: the last digits, as dialled.
    """

    values: frozenset[tuple[str, str]] = frozenset()
    domains: frozenset[str] = frozenset()
    locals: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()

    def blocks(self, by: str, match_key: str) -> bool:
        """Whether a match key of this kind names nobody."""
        if (by, match_key) in self.values:
            return True
        if by == "email":
            local, _, domain = match_key.partition("@")
            return local in self.locals or domain in self.domains
        endings = self.endings if by == "phone" else ()
        return bool(endings) and any(each.endswith(endings) for each in dialled(match_key))


@lru_cache(maxsize=65536)
def dialled(e164: str) -> tuple[str, ...]:
    """A number from abroad, and at home: there most countries have digits before a number that are not part of it."""
    number = phonenumbers.parse(e164, None)
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    trunk = phonenumbers.ndd_prefix_for_region(region, True) or ""
    return f"00{e164[1:]}", f"011{e164[1:]}", trunk + phonenumbers.national_significant_number(number)
