"""The last door: each way in which a command ends is a sentence and an exit code, whatever was raised.

Of an exception that nobody foresaw its type and the places in our code are said, never its message.

A message may hold a value, and so may the lines that a traceback shows.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb

import click
from singer_sdk.exceptions import ConfigValidationError

from tap_lightspeed_retail.errors import TapError

ROOT = Path(__file__).parent
REPORT = (
    "This is a defect of the tap: please report this line with the tap's version, and with what "
    "TAP_LIGHTSPEED_RETAIL_LOGLEVEL=debug says more. None of it holds data."
)


def places(error: BaseException) -> list[str]:
    """Where it came through our code, outermost first, as ``r_series/pages.py:42``."""
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


@contextmanager
def last_door(logger: logging.Logger) -> Iterator[None]:
    """End what is done within. Exit codes: 1 stopped, or a defect; 2 settings.

    What click ends with passes, and so does a pipe that nobody reads any more, which click ends with silently.
    """
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise
    except ConfigValidationError as error:
        for each in error.errors:
            logger.error("%s", each)
        sys.exit(2)
    except TapError as error:
        logger.error("%s", error)
        sys.exit(error.exit_code)
    except Exception as error:
        logger.error("The tap failed: %s. %s", named(error), REPORT)
        logger.debug("%s", " -> ".join(places(error)))
        sys.exit(1)
