"""HTML in small pieces. Whatever came from a row goes through ``text``, so that it stays text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources
from typing import Any, NewType
from urllib.parse import quote

Html = NewType("Html", str)
"""Text that may be put into a page as it is."""

_STYLE = (resources.files("sandbox.salesforce.page") / "style.css").read_text("utf-8")


def text(value: Any) -> Html:
    """A value as text; nothing is a dash."""
    if value is None or value == "":
        return Html('<span class="nothing">&ndash;</span>')
    return Html(escape(str(value)))


def link(address: str, shown: str) -> Html:
    """A link within the page."""
    return Html(f'<a href="{escape(quote(address, safe="/?=&%+-_.~:"))}">{escape(shown)}</a>')


def table(caption: str, header: Sequence[str | Html], rows: Iterable[Sequence[Html]]) -> Html:
    """A table, or a sentence where there is nothing to show. Headers that are plain text are escaped."""
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    if not body:
        return Html(f'<p class="nothing">{escape(caption)}: none.</p>')
    heads = "".join(f'<th scope="col">{head}</th>' for head in header)
    return Html(
        f'<div class="wide"><table><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def document(title: str, *parts: Html) -> str:
    """A whole page."""
    shown = escape(title)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{shown} · Sandbox org</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><header>'
        '<strong>Sandbox org</strong><nav><a href="/_sandbox/">Objects</a> · '
        '<a href="/_sandbox/traffic">Traffic</a></nav>'
        '<form action="/_sandbox/find"><label>Find '
        '<input name="q" type="search" placeholder="id, name or e-mail"></label>'
        f"</form></header><main><h1>{shown}</h1>{''.join(parts)}</main></body></html>"
    )
