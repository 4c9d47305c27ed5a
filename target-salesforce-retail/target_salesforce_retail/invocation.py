"""How the reader of a sentence starts a command: by Meltano, where that has started us, or by its own name."""

from __future__ import annotations

import os

OWN_NAME = "salesforce-retail"
LOADER = "MELTANO_LOADER_NAME"
"""What Meltano calls us, in the environment of whatever it starts for us; a project may name us as it likes."""


def invoked(words: str) -> str:
    """A command as the reader types it, marked as code.

    Args:
        words: The command and its arguments, as ``replay --hold 3``.
    """
    loader = os.environ.get(LOADER)
    return f"`meltano invoke {loader}:{words}`" if loader else f"`{OWN_NAME} {words}`"
