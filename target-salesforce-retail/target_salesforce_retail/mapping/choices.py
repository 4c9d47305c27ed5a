"""The words among which a mapping chooses."""

from __future__ import annotations

from enum import Enum


class Update(str, Enum):
    """When a rule may change a record that is there already."""

    ALWAYS = "always"
    IF_BLANK = "if_blank"
    NEVER = "never"


class OnNull(str, Enum):
    """What a null in the record does to the field. An absent property never does anything."""

    KEEP = "keep"
    CLEAR = "clear"


class IfBlank(str, Enum):
    """What it is where a value that must agree with another is blank, or the other is."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NEVER = "never"


class TooLong(str, Enum):
    """What becomes of a text that is longer than its field."""

    HOLD = "hold"
    CUT = "cut"
    LEAVE_OUT = "leave_out"


class OnRefused(str, Enum):
    """What becomes of a value that is not sound, or that its field does not take, wherever that shows."""

    HOLD = "hold"
    LEAVE_OUT = "leave_out"


class OnMany(str, Enum):
    """What to do when several records answer."""

    HOLD = "hold"
    OLDEST = "oldest"
    NEWEST = "newest"
    MOST_COMPLETE = "most_complete"
    MOST_RECENTLY_ACTIVE = "most_recently_active"


class OnSuspect(str, Enum):
    """What to do with two who may be one person, as a record says that is found to be both."""

    REPORT = "report"
    MERGE = "merge"


class OnMatch(str, Enum):
    """What to do with a record that matched."""

    UPDATE = "update"
    LEAVE = "leave"
    HOLD = "hold"
    CONVERT = "convert"


class OnNone(str, Enum):
    """What to do when nothing matched."""

    CREATE = "create"
    SKIP = "skip"
    HOLD = "hold"


class OnDuplicateRule(str, Enum):
    """What to do when a duplicate rule of the org objects, and no match rule confirms the records it names."""

    HOLD = "hold"
    ALLOW = "allow"


class Missing(str, Enum):
    """What to do when a reference cannot be resolved."""

    WAIT = "wait"
    BLANK = "blank"
    HOLD = "hold"


class Stale(str, Enum):
    """What becomes of children that have left their parent's complete set."""

    DELETE = "delete"
    KEEP = "keep"
