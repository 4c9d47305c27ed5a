"""Record ids: 15 characters that mind their case, or 18 of which three say which letters are capitals.

Source: docs/vendors/salesforce.md, ids. The org answers with 18, its messages name either.
"""

from __future__ import annotations

import re

ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")
CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_id(text: str) -> str:
    """An id in 18 characters; empty for what is no id."""
    if not ID.fullmatch(text):
        return ""
    blocks = (text[start : start + 5] for start in (0, 5, 10))
    sums = (sum(1 << place for place, letter in enumerate(block) if "A" <= letter <= "Z") for block in blocks)
    return text[:15] + "".join(CHECKS[each] for each in sums) if len(text) == 15 else text
