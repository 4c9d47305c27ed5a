"""Pages by keyset cursor, and lists that may be objects (docs/vendors/lightspeed-r-series.md, spellings, cursors)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tap_lightspeed_retail.errors import Malformed
from tap_lightspeed_retail.r_series.forms import as_list, is_nothing
from tap_lightspeed_retail.r_series.notes import Row
from tap_lightspeed_retail.web.api import Params


def pages(
    read: Callable[[Params], dict[str, Any]], resource: str, params: Params, *, certain: bool = False
) -> Iterator[list[Row]]:
    """Every page of a list, each as its rows.

    Only the cursor of the ``next`` link is taken: its host is the answer's word, and the token must not follow it. An
    empty body is a list without rows; where a page was announced, or something is concluded from its absence
    (``certain``), it must be said twice.

    Raises:
        Malformed: The link leads back to where it came from or says no cursor, or rows are no objects or come under
            another name, which must not pass for a list without rows.
    """
    after = ""
    followed: set[str] = set()
    while True:
        asked = [*params, ("after", after)] if after else params
        body = read(asked)
        if (after or certain) and not body:
            body = read(asked)
        rows = as_list(body.get(resource))
        if not rows and not all(is_nothing(value) for name, value in body.items() if name != "@attributes"):
            raise Malformed("Rows come under another name.", where=resource, hint="Please report it.")
        if not all(isinstance(row, dict) for row in rows):
            raise Malformed("A row is no object.", where=resource, hint="Please report it.")
        yield rows
        following = _cursor(body, resource)
        followed.add(after)
        if following in followed and following:
            raise Malformed(
                "The next page is the page itself, or one before it.", where=resource, hint="Try again; else report it."
            )
        if not following:
            return
        after = following


def _cursor(body: dict[str, Any], resource: str) -> str:
    """The cursor of the next page; empty on the last.

    A link that has none is no end, nor is a page that does not say whether it has a link: rows would be missing.
    """
    attributes = body.get("@attributes") if body else {}
    if not isinstance(attributes, dict):
        raise Malformed("The attributes of the page are no object.", where=resource, hint="Please report it.")
    link = str(attributes.get("next") or "")
    try:
        cursor = parse_qs(urlsplit(link).query).get("after", [""])[0]
    except ValueError:
        cursor = ""
    if link and not cursor:
        raise Malformed("The link to the next page says no cursor.", where=resource, hint="Try again; else report it.")
    return cursor
