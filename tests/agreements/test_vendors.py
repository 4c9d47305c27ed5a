"""What code relies on of the vendors is written down: each citation leads to a heading, each heading is cited."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from sandbox.switches import Switches

ROOT = Path(__file__).parents[2]
FOLDER = "docs/vendors/"
TEXT = {".py", ".md", ".yml", ".json", ".lark", ".toml"}
LONGEST = 250
"""Lines of a page: it says what code relies on, and is no copy of the vendor's."""
UNWRAP = re.compile(r"\s*\n\s*(?:#|//)?\s*")
CITATION = re.compile(r"docs/vendors/([a-z-]+)\.md, ([a-z0-9 ,-]+)")
LINK = re.compile(r"vendors/([a-z-]+)\.md#([a-z0-9-]+)")
ELSEWHERE = re.compile(r"\bfact[s][:,]\s", re.IGNORECASE)
"""A citation of notes that are not part of the project."""
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
STATEMENT = re.compile(r"\n(?=\*|#|\n)")


def texts() -> dict[str, str]:
    """Every text file that git tracks, or would, by its path."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [name for name in listing.stdout.decode().split("\0") if Path(name).suffix in TEXT]
    here = Path(__file__).relative_to(ROOT).as_posix()
    return {name: (ROOT / name).read_text("utf-8") for name in names if name != here and (ROOT / name).is_file()}


def cited(text: str) -> Iterator[tuple[str, str]]:
    """Page and heading of every citation and every link, wherever its lines break."""
    plain = UNWRAP.sub(" ", text)
    for page, headings in CITATION.findall(plain):
        yield from ((page, heading.strip()) for heading in headings.split(","))
    yield from ((page, anchor.replace("-", " ")) for page, anchor in LINK.findall(plain))


def complaints(files: dict[str, str]) -> list[str]:
    """What leads nowhere, or is led to by nobody. A page's own words do not count as citing it."""
    pages = {
        name.removeprefix(FOLDER).removesuffix(".md"): {*HEADING.findall(text)}
        for name, text in files.items()
        if name.startswith(FOLDER)
    }
    found = [f"{name}: cites notes that are not here" for name, text in files.items() if ELSEWHERE.search(text)]
    wanted: set[tuple[str, str]] = set()
    for name, text in files.items():
        uses = {*cited(text)}
        found += [f"{name}: no heading {page}, {one}" for page, one in uses if one not in pages.get(page, ())]
        wanted |= set() if name.startswith(FOLDER) else uses
    return sorted(
        [*found, *(f"{page}, {one}: cited by nobody" for page in pages for one in pages[page] - _named(page, wanted))]
    )


def _named(page: str, wanted: set[tuple[str, str]]) -> set[str]:
    return {heading for where, heading in wanted if where == page}


def test_every_citation_leads_to_a_heading_and_every_heading_is_cited() -> None:
    """A comment that cites what nobody can read is no better than none."""
    assert complaints(texts()) == []


def test_what_leads_nowhere_is_told() -> None:
    """Toy pages: a heading that is misspelt, a page that is not there, notes, and a heading that nobody cites."""
    files = {
        "docs/vendors/toy.md": "# Toy\n\n## two words\n\n## lonely\n\nAs (docs/vendors/toy.md, lonely) says.",
        "sound.py": '"""It is so (docs/vendors/toy.md, two\nwords). More."""',
        "wrapped.py": "# It is so (docs/vendors/toy.md,\n# two words); not more.",
        "misspelt.py": '"""It is so (docs/vendors/toy.md, two words, too words)."""',
        "moved.md": "[there](../vendors/gone.md#two-words)",
        "notes.py": '"""It is so (fact' + 's: Toy section 2)."""',
    }

    assert complaints(files) == [
        "misspelt.py: no heading toy, too words",
        "moved.md: no heading gone, two words",
        "notes.py: cites notes that are not here",
        "toy, lonely: cited by nobody",
    ]


def test_every_doubt_names_its_switch() -> None:
    """What nobody has verified is tried both ways, and each switch says on which page its doubt is."""
    pages = {name: text for name, text in texts().items() if name.startswith(FOLDER)}
    switches = {f"`{one.name}`" for one in fields(Switches)}
    doubts = [
        statement.strip()
        for text in pages.values()
        for statement in STATEMENT.split(text.partition("\n## ")[2])
        if "*unverified*" in statement
    ]

    assert [doubt for doubt in doubts if not any(switch in doubt for switch in switches)] == []
    assert [switch for switch in sorted(switches) if switch not in "".join(pages.values())] == []
    assert doubts


def test_pages_are_short_and_say_how_to_correct_them() -> None:
    """Whoever finds a statement wrong needs to know what else hangs on it."""
    for name, text in texts().items():
        if name.startswith(FOLDER):
            assert len(text.splitlines()) <= LONGEST, name
            assert {"**How a statement gets in**", "**How to correct one**"} <= {*re.findall(r"\*\*.+?\*\*", text)}, (
                name
            )
