"""What is said of an exception that nobody foresaw: its type and the places in our code. Never its message.

A message may hold a value, and so may the lines that a traceback shows.
"""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb

ROOT = Path(__file__).parent
REPORT = (
    "This is a defect of the target: please report this line with the target's version, and with what "
    "TARGET_SALESFORCE_RETAIL_LOGLEVEL=debug says more. None of it holds data."
)


def places(error: BaseException) -> list[str]:
    """Where it came through our code, outermost first, as ``stages/plan.py:42``."""
    found = []
    for frame in extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if ROOT in path.parents:
            found.append(f"{path.relative_to(ROOT).as_posix()}:{frame.lineno}")
    return found


def named(error: BaseException) -> str:
    """The exception in one word and one place."""
    through = places(error)
    return f"{type(error).__name__} at {through[-1]}" if through else type(error).__name__
