"""The closed lists of what can be said of a record on its way. ``nouns`` is where others look for them."""

from __future__ import annotations

from enum import Enum


class Stage(str, Enum):
    """The six stages; their alphabetical order is the pipeline's order."""

    CHECK = "check"
    MAP = "map"
    MATCH = "match"
    PLAN = "plan"
    SEND = "send"
    SETTLE = "settle"


class Verdict(str, Enum):
    """What became of an arrival. Every arrival ends in exactly one."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    HELD = "held"


IN_ORG = (Verdict.CREATED, Verdict.UPDATED, Verdict.UNCHANGED)
"""Verdicts after which the org says what the record says."""


class Retirement(str, Enum):
    """Why a record speaks for nobody any more. The values are what the org keeps of it."""

    MERGED = "merged"
    EXCLUDED = "retired"
    UNLINKED = "unlinked"
    ERASED = "erased"

    @property
    def releases(self) -> bool:
        """Whether nothing is left that leads from the record to a person, or from her to it."""
        return self in (Retirement.UNLINKED, Retirement.ERASED)


class Recovery(str, Enum):
    """The only three answers to a fault. What is held may yet go without a value: ``deliver.can_omit``."""

    RETRY = "retry"
    HOLD = "hold"
    STOP = "stop"


class Intent(str, Enum):
    """What an action wants."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    CONVERT = "convert"
    NOTHING = "nothing"
    SKIP = "skip"
    HOLD = "hold"


class DecisionKind(str, Enum):
    """What somebody says of a record and a person, or what we have made of that."""

    IS = "is"
    IS_NOT = "not"
    IS_NEW = "new"
    UNHEEDED = "unheeded"
    """A new person, beside a lookup that is filled and stands against it."""
    IS_BESIDE = "is_beside"
    """This one, in a lookup that somebody has filled; the *new person* beside it is as unheeded."""
    MERGED = "merged"
    """No person has: we have merged whom two rules took for the same."""
