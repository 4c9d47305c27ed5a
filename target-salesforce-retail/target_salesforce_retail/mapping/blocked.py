"""Match keys that name nobody, as a blocklist declares them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Blocklist:
    """What is no evidence, whoever carries it.

    Attributes:
        values: (Kind of match, match key).
        domains: Of e-mails: what stands behind the ``@``.
        locals: Of e-mails: what stands before it.
        endings: Of phones: the last digits.
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
        return by == "phone" and bool(self.endings) and match_key.endswith(self.endings)
