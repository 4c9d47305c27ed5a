"""Reading mappings: every fault at once, each with file:line."""

from __future__ import annotations

import re
from collections.abc import Callable
from os import mkfifo
from pathlib import Path
from shutil import copy

import pytest
from target_salesforce_retail.errors import ConfigError, MappingError
from target_salesforce_retail.mapping.load import lint_streams, load
from target_salesforce_retail.mapping.rules import Template, TemplatePart
from target_salesforce_retail.mapping.template import template

SHIPPED = Path(__file__).parents[2] / "transforms"
BAD = Path(__file__).parent / "bad_mappings"
EXPECT = re.compile(r"# expect (.*)$", re.MULTILINE)


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yml")), ids=lambda path: path.stem)
def test_every_fault_is_said_at_its_line(path: Path, tmp_path: Path) -> None:
    """The file's name is the fault; its comments say in whole words which faults are due, and where.

    What a library says of it is cut off with three dots. Circles need one end only.
    """
    copy = tmp_path / path.name
    copy.write_text(path.read_text())
    due = [re.escape(text).replace(r"\.\.\.", ".*") for text in EXPECT.findall(path.read_text())]

    with pytest.raises(MappingError) as raised:
        load(tmp_path)

    said = [problem.removeprefix(f"{copy}:").replace(str(copy), "{file}") for problem in raised.value.problems]
    found = [pattern for pattern in due if any(re.fullmatch(pattern, problem, re.DOTALL) for problem in said)]
    assert len(found) == len(said) == (1 if path.stem == "circle" else len(due)), said


def test_all_faults_of_all_files_come_at_once(tmp_path: Path) -> None:
    """One look at the report, not one run per fault."""
    for name in ("unknown_key", "unknown_converter"):
        (tmp_path / f"{name}.yml").write_text((BAD / f"{name}.yml").read_text())

    with pytest.raises(MappingError) as raised:
        load(tmp_path)

    assert len(raised.value.problems) == 4
    assert {"unknown_key.yml", "unknown_converter.yml"} == {
        Path(fault.partition(":")[0]).name for fault in raised.value.problems
    }


@pytest.mark.parametrize(
    ("content", "line", "text"),
    [
        (b"", 1, "no mapping in this file"),
        (b"# stream: shops\n", 1, "no mapping in this file"),
        (b"stream: shops\nobject: Caf\xe9\n", 2, "not UTF-8"),
        (b"stream: shops\n\tobject: x", 2, "cannot start any token"),
        (b"stream: shops\nobject: 2026-02-30\n", 2, "looks like a date or a number and is none"),
        (b"stream: shops\nfields:\n  A__c: {value: 2026-13-45}\n", 3, "looks like a date or a number and is none"),
        (b"stream: shops\nobject: " + b"9" * 5000, 2, "looks like a date or a number and is none"),
        (b"stream: shops\nobject: a\0b", 2, "a character that YAML does not allow"),
        (b"stream: " + b"[" * 600, 1, "nested too deep"),
    ],
)
def test_a_mapping_that_cannot_be_read_is_the_only_fault(content: bytes, line: int, text: str, tmp_path: Path) -> None:
    """Those that refer to its stream are not said to refer to nowhere, and nobody sees a traceback."""
    for name in ("sales.yml", "customers.yml"):
        copy(SHIPPED / name, tmp_path)
    (tmp_path / "shops.yml").write_bytes(content)

    with pytest.raises(MappingError) as raised:
        load(tmp_path)

    assert len(raised.value.problems) == 1, raised.value.problems
    assert raised.value.problems[0].startswith(f"{tmp_path / 'shops.yml'}:{line}")
    assert text in raised.value.problems[0]


@pytest.mark.parametrize(
    "make", [Path.mkdir, mkfifo, lambda path: path.symlink_to(path), lambda path: path.symlink_to("/nowhere")]
)
def test_what_is_no_file_is_named_beside_all_other_faults(make: Callable[[Path], object], tmp_path: Path) -> None:
    """By a mapping's name; a pipe is not waited for."""
    make(tmp_path / "shops.yml")
    (tmp_path / "customers.yml").write_text("stream: 5\n")

    with pytest.raises(MappingError) as raised:
        load(tmp_path)

    assert (
        f"{tmp_path / 'shops.yml'}:1: no file, but a folder or a link to nowhere; take it away" in raised.value.problems
    )
    assert any("customers.yml:1" in problem for problem in raised.value.problems)


def test_a_mapping_by_a_wrong_ending_is_named(tmp_path: Path) -> None:
    """Else its stream would come without one, and nobody would see why."""
    copy(SHIPPED / "shops.yml", tmp_path)
    (tmp_path / "items.yaml").write_text("stream: items\n")

    with pytest.raises(MappingError, match=r"items\.yaml:1: not read by this name; call it `<stream>\.yml`"):
        load(tmp_path)


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: folder / "nowhere",
        lambda folder: folder,
        lambda folder: folder / ("a" * 5000),
        lambda folder: folder / "a\0b",
        lambda folder: folder / "\ud800",
    ],
    ids=range(5),
)
def test_a_folder_without_mappings_is_said(make: object, tmp_path: Path) -> None:
    """And what to set; not where it is, for that is a setting's value."""
    with pytest.raises(ConfigError, match="Set `transforms`") as raised:
        load(make(tmp_path))  # type: ignore[operator]

    assert str(raised.value).startswith("transforms: There is no mapping in this folder.")
    assert str(tmp_path) not in str(raised.value)


def test_parents_come_before_children() -> None:
    """In the shipped mappings too."""
    mappings = load(Path(__file__).parents[2] / "transforms")
    order = [mapping.stream for mapping in mappings.ordered]

    for mapping in mappings.ordered:
        for rule in mapping.links:
            assert order.index(rule.stream) < order.index(mapping.stream)


def test_properties_that_a_stream_lacks_are_named_at_their_rule() -> None:
    """With the nearest one it has."""
    mappings = load(Path(__file__).parents[2] / "transforms")
    names = (
        *("account_id", "id", "name", "time_zone", "citty"),
        *("country", "currency", "archived", "unreadable"),
        "deleted_at",
    )
    has: dict[str, dict[str, str]] = {name: {} for name in names}

    (fault,) = lint_streams(mappings, {"shops": has})

    assert re.search(r"shops\.yml:\d+: the stream shops has no property `city`; did you mean `citty`\?", fault)


@pytest.mark.parametrize(
    "said",
    [
        "version: nowhere",
        "currency: nowhere",
        "unreadable: nowhere",
        "require: [id, nowhere]",
        "when: {nowhere: true}",
        "region: {from: nowhere, else: CA}",
        "deleted: {when: nowhere}",
    ],
)
def test_a_property_that_the_mapping_as_a_whole_reads_is_named_at_its_key(said: str, tmp_path: Path) -> None:
    """Deletions that nobody would ever hear of among them."""
    file, key = tmp_path / "shops.yml", 'key: {field: Key__c, value: "{id}"}'
    file.write_text(f"stream: shops\nobject: Shop__c\n{key}\n{said}\nfields:\n  Open__c: {{value: true}}\n")

    assert lint_streams(load(tmp_path), {"shops": {"id": {}}}) == [
        f"{file}:4: the stream shops has no property `nowhere`"
    ]


def test_a_property_that_converting_asks_for_is_named_at_its_own_line(tmp_path: Path) -> None:
    """Not where `convert` begins."""
    file, key = tmp_path / "customers.yml", 'key: {field: Key__c, value: "{id}"}'
    match = "match: [{by: email, from: email, to: {Contact: Email, Lead: Email}}]\non_match: {Lead: convert}"
    when = "convert:\n  else: leave\n  when:\n    email: a\n    status: b"
    fields = "fields: {LastName: {from: id}}"
    file.write_text(f"stream: customers\nobject: Contact\n{key}\n{match}\n{when}\n{fields}\n")

    assert lint_streams(load(tmp_path), {"customers": {"id": {}, "email": {}}}) == [
        f"{file}:10: the stream customers has no property `status`"
    ]


@pytest.mark.parametrize(
    ("schema", "faults"),
    [
        ({"type": ["string", "null"], "format": "date-time"}, 1),
        ({"anyOf": [{"type": "null"}, {"type": "string", "format": "date-time"}]}, 1),
        ({"type": ["string", "null"], "format": "date"}, 0),
        ({"type": "string"}, 0),
        (True, 0),
    ],
)
@pytest.mark.parametrize("zone", [", zone: America/Halifax", ""])
def test_the_day_of_an_instant_needs_a_zone(schema: object, faults: int, zone: str, tmp_path: Path) -> None:
    """Else it would be the day in Greenwich. Of a plain date nobody asks for one."""
    rule = f"Day__c: {{from: opened_at, as: date{zone}}}"
    key = 'key: {field: Key__c, value: "{id}"}'
    (tmp_path / "shops.yml").write_text(f"stream: shops\nobject: Shop__c\n{key}\nfields:\n  {rule}\n")

    said = lint_streams(load(tmp_path), {"shops": {"id": {}, "opened_at": schema}})

    due = [f"{tmp_path / 'shops.yml'}:5: `opened_at` is an instant: say in which `zone` it has its day"]
    assert said == ([] if zone else due * faults)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("plain", (TemplatePart(("plain",)),)),
        ("", ()),
        ("{a}", (TemplatePart(("", ""), ("a",)),)),
        ("{a}:{b}!", (TemplatePart(("", ":", "!"), ("a", "b")),)),
        ("{{a}}", (TemplatePart(("{a}",)),)),
        ("{{{a}}}", (TemplatePart(("{", "}"), ("a",)),)),
        (
            "{a}[, {b}]!",
            (TemplatePart(("", ""), ("a",)), TemplatePart((", ", ""), ("b",), optional=True), TemplatePart(("!",))),
        ),
        ("[{a}][{b}]", (TemplatePart(("", ""), ("a",), optional=True), TemplatePart(("", ""), ("b",), optional=True))),
        ("[[{a}]]", (TemplatePart(("[", "]"), ("a",)),)),
    ],
)
def test_templates_are_cut_into_pieces(text: str, cut: tuple[TemplatePart, ...]) -> None:
    """Literals and properties alternate; optional parts stand apart; doubled, braces and brackets are themselves."""
    assert template(text) == Template(cut)


BRACE = "a lone brace; write {property}, or {{ and }} for braces"
BRACKET = "a lone bracket; write [optional part], or [[ and ]] for brackets"
OPTIONAL = "an optional part needs a {property} that can be blank"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *((text, BRACE) for text in ("{", "}", "{a", "a}", "{A b}", "{a}}")),
        *((text, BRACKET) for text in ("[", "]", "[{a}", "{a}]", "[{a}[{b}]]", "[{a}]]", "[[{a}]")),
        ("[a]", OPTIONAL),
        ("{a}[[b] ]", BRACKET),
        ("{a}[]", OPTIONAL),
    ],
)
def test_what_has_no_other_half_is_refused(text: str, said: str) -> None:
    """They are typos; and a part that can never be blank is not optional."""
    with pytest.raises(ValueError) as raised:  # noqa: PT011  # the words are compared whole
        template(text)

    assert str(raised.value) == said
