"""Text with gaps: ``{address_line1}[, {address_line2}]``."""

from __future__ import annotations

import re

from target_salesforce_retail.mapping.rules import Template, TemplatePart
from target_salesforce_retail.mapping.text import as_text, is_blank
from target_salesforce_retail.nouns import Record

TOKEN = re.compile(r"\{\{|\}\}|\[\[|\]\]|\{([a-z_][a-z0-9_]*)\}|[\[\]{}]")
OPEN, CLOSE = "[", "]"
LONE = {
    "{": "a lone brace; write {property}, or {{ and }} for braces",
    "}": "a lone brace; write {property}, or {{ and }} for braces",
    OPEN: "a lone bracket; write [optional part], or [[ and ]] for brackets",
    CLOSE: "a lone bracket; write [optional part], or [[ and ]] for brackets",
}


class _Cutter:
    """The part under way, and those before it."""

    def __init__(self) -> None:
        self.parts: list[TemplatePart] = []
        self.begin(optional=False)

    def begin(self, *, optional: bool) -> None:
        self.literals, self.properties, self.optional = [""], list[str](), optional

    def end(self) -> None:
        if self.optional and not self.properties:
            raise ValueError("an optional part needs a {property} that can be blank")
        if self.properties or self.literals[0]:
            self.parts.append(TemplatePart(tuple(self.literals), tuple(self.properties), self.optional))

    def add(self, token: str, name: str | None) -> None:
        if name:
            self.properties.append(name)
            self.literals.append("")
        elif token in (OPEN, CLOSE) and self.optional is (token == CLOSE):
            self.end()
            self.begin(optional=token == OPEN)
        elif len(token) == 1:
            raise ValueError(LONE[token])
        else:
            self.literals[-1] += token[0]


def template(text: str) -> Template:
    """Cut a text with ``{property}`` gaps and ``[optional parts]`` into pieces; doubled, the four stand for themselves.

    Raises:
        ValueError: A brace or bracket without its other half, or an optional part in another, or without a gap.
    """
    cutter, rest = _Cutter(), 0
    for token in TOKEN.finditer(text):
        cutter.literals[-1] += text[rest : token.start()]
        rest = token.end()
        cutter.add(token.group(0), token.group(1))
    cutter.literals[-1] += text[rest:]
    if cutter.optional:
        raise ValueError(LONE[OPEN])
    cutter.end()
    return Template(tuple(cutter.parts))


def fill(pattern: Template, record: Record) -> str | None:
    """The template with its gaps filled from the record, trimmed; None when a gap is blank that is in no optional part.

    Raises:
        ValueError: A property is no text and no number that can be written out.
    """
    filled: list[str] = []
    for part in pattern.parts:
        values = [record.get(name) for name in part.properties]
        if not any(map(is_blank, values)):
            pairs = zip(values, part.literals[1:], strict=True)
            filled += [part.literals[0], *(piece for value, literal in pairs for piece in (as_text(value), literal))]
        elif not part.optional:
            return None
    return "".join(filled).strip() or None


def spelled(pattern: Template) -> str:
    """The text of a template without optional parts."""
    pieces = []
    for part in pattern.parts:
        literals = [re.sub(r"[{}\[\]]", lambda sign: sign.group() * 2, literal) for literal in part.literals]
        gaps = [f"{{{name}}}" for name in part.properties]
        pieces += [literals[0], *(piece for pair in zip(gaps, literals[1:], strict=True) for piece in pair)]
    return "".join(pieces)
