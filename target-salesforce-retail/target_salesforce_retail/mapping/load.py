"""Reads the mappings of a folder; every problem of every file at once, each with file:line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from target_salesforce_retail.errors import ConfigError, MappingError
from target_salesforce_retail.mapping.blocked import Blocklist
from target_salesforce_retail.mapping.blocklist import FILE, blocklist
from target_salesforce_retail.mapping.build import Problems, build
from target_salesforce_retail.mapping.digest import digest
from target_salesforce_retail.mapping.lint import lint
from target_salesforce_retail.mapping.places import Document, Place, Problem, did_you_mean, sentence
from target_salesforce_retail.mapping.plain import PlainConstructor
from target_salesforce_retail.mapping.rules import Mappings, StreamMapping

CASES = ".cases.yml"


def load(folder: Path) -> Mappings:
    """All mappings of a folder, parents before children, and its blocklist.

    Raises:
        ConfigError: There is no such folder, or no mapping in it.
        MappingError: Every problem of every file.
    """
    files = _files(folder)
    if not files:
        raise ConfigError(
            "There is no mapping in this folder.",
            where="transforms",
            hint="Set `transforms` to the folder that holds <stream>.yml files.",
        )
    problems: Problems = []
    mappings = [mapping for path in files for mapping in parse(text_of(path, problems), str(path), problems)]
    wrong = {Path(problem.file).stem for problem in problems}
    problems += lint(mappings, elsewhere=wrong)
    problems += _misnamed(folder)
    blocked = _blocklist(folder / FILE, problems)
    if problems:
        raise MappingError([str(problem) for problem in sorted(problems)])
    ordered = tuple(_in_order(mappings))
    return Mappings(ordered, blocked, {mapping.stream: digest(mapping, blocked) for mapping in ordered})


def _blocklist(path: Path, problems: Problems) -> Blocklist:
    """A folder need not have one."""
    text = text_of(path, problems) if path.exists() or path.is_symlink() else ""
    return blocklist(_documents(text, str(path), problems), problems)


def _misnamed(folder: Path) -> Iterator[Problem]:
    """What looks like one of ours and would be passed over in silence."""
    has_list = (folder / FILE).exists()
    for path in sorted(folder.iterdir()):
        is_yaml = path.suffix.lower() in (".yaml", ".yml")
        is_list = path.name.partition(".")[0].lower() == Path(FILE).stem and path.name != FILE
        if (is_list and (is_yaml or not has_list)) or (is_yaml and path.suffix != ".yml"):
            name = FILE if is_list else "<stream>.yml"
            yield Document(str(path), None).problem_at(1, f"not read by this name; call it `{name}`, or take it away")


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.glob("*.yml") if path.name != FILE and not path.name.endswith(CASES))
    except (OSError, ValueError):  # no folder can have this name
        return []


def parse(text: str, file: str, problems: Problems) -> list[StreamMapping]:
    """The mappings of one file; what is wrong with it is added to ``problems``."""
    documents = documents_of(text, file, problems, "mapping")
    validator = Draft7Validator(grammar())
    mappings: list[StreamMapping] = []
    for document in documents:
        errors = sorted(validator.iter_errors(document.data), key=lambda error: [str(step) for step in error.path])
        found = [problem for error in errors for problem in sentence(document, error)]
        problems += found
        if not found:
            mappings += build(document, problems)
    return mappings


def grammar() -> dict[str, Any]:
    """The grammar of a mapping file, as a JSON Schema."""
    text = (resources.files("target_salesforce_retail.mapping") / "grammar.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def documents_of(text: str, file: str, problems: Problems, what: str) -> list[Document]:
    """The YAML documents of a file that should hold one at least; what is wrong is added to ``problems``."""
    documents = _documents(text, file, problems)
    if not documents and not any(problem.file == file for problem in problems):
        problems.append(
            Document(file, None).problem_at(1, f"no {what} in this file; take it away if there is to be none")
        )
    return documents


def _documents(text: str, file: str, problems: Problems) -> list[Document]:
    yaml = YAML(typ="rt")
    yaml.Constructor = PlainConstructor
    try:
        return [Document(file, data) for data in yaml.load_all(text) if data is not None]
    except (MarkedYAMLError, ReaderError, RecursionError) as error:
        problems.append(Document(file, None).problem_at(*_what_is_no_yaml(error, text)))
        return []


def _what_is_no_yaml(error: MarkedYAMLError | ReaderError | RecursionError, text: str) -> tuple[int, str]:
    """The line, and what is wrong there."""
    if isinstance(error, MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        return mark.line + 1 if mark else 1, str(error.problem or error.context)
    if isinstance(error, ReaderError):
        return text.count("\n", 0, error.position) + 1, "a character that YAML does not allow; take it out"
    return 1, "nested too deep to be read"


def text_of(path: Path, problems: Problems) -> str:
    """What a file holds. A folder, a pipe or a circle of links by its name is not waited for."""
    document, line = Document(str(path), None), 1
    try:
        if path.is_file():
            return path.read_text("utf-8")
        text = "no file, but a folder or a link to nowhere; take it away"
    except OSError as error:
        text = f"cannot be read ({type(error).__name__}); look at its rights"
    except UnicodeDecodeError as error:
        line, text = error.object.count(b"\n", 0, error.start) + 1, "not UTF-8; save the file as UTF-8"
    problems.append(document.problem_at(line, text))
    return ""


def _in_order(mappings: Sequence[StreamMapping]) -> list[StreamMapping]:
    by_stream = {mapping.stream: mapping for mapping in mappings}
    graph = {mapping.stream: sorted({rule.stream for rule in mapping.links}) for mapping in mappings}
    return [by_stream[stream] for stream in TopologicalSorter(graph).static_order()]


def lint_streams(mappings: Mappings, streams: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Problems for properties that a mapping reads and its stream lacks, and for instants of which it asks the day.

    Args:
        mappings: The mappings.
        streams: Stream -> its properties with their schemas, for the streams to look at.
    """
    known = [(mapping, streams[mapping.stream]) for mapping in mappings.ordered if mapping.stream in streams]
    return [
        *(
            f"{at}: the stream {mapping.stream} has no property `{name}`{did_you_mean(name, has)}"
            for mapping, has in known
            for at, name in properties_read(mapping, mappings)
            if name not in has
        ),
        *(
            f"{rule.at}: `{name}` is an instant: say in which `zone` it has its day"
            for mapping, has in known
            for rule in mapping.value_rules
            if rule.convert == "date" and rule.zone is None
            for name in rule.sources
            if _is_instant(has.get(name))
        ),
    ]


def _is_instant(schema: Any) -> bool:
    """True for a property that its JSON Schema calls an instant, in any of its alternatives."""
    if not isinstance(schema, dict):
        return False
    alternatives = [each for key in ("anyOf", "oneOf", "allOf") for each in schema.get(key) or ()]
    return schema.get("format") == "date-time" or any(map(_is_instant, alternatives))


def properties_read(mapping: StreamMapping, mappings: Mappings) -> Iterator[tuple[Place, str]]:
    """Every property of its stream that a mapping reads, with the place of the rule."""
    yield from ((mapping.key.at, name) for name in mapping.key.value.properties)
    whole = {
        "when": tuple(mapping.when),
        "require": mapping.require,
        "version": (mapping.version,),
        "region": mapping.region[:1],
        "unreadable": (mapping.unreadable,),
        "currency": (mapping.currency,),
        "deleted": (mapping.deleted.when,) if mapping.deleted else (),
    }
    yield from ((mapping.at_key(key), name) for key, each in whole.items() for name in each if name)
    for none in mapping.on_none:
        yield from ((none.at, name) for name in none.when)
    if mapping.convert:
        yield from ((mapping.convert.places[f"when/{name}"], name) for name in mapping.convert.when)
    for retired in mapping.retired:
        yield from ((retired.at, name) for name in retired.when)
    for rule in (*mapping.fields, *(mapping.profile.fields if mapping.profile else ())):
        yield from ((rule.at, name) for name in rule.reads)
    for account in mapping.accounts:
        yield from ((account.at, name) for name in account.properties)
    for match in mapping.match:
        yield from ((match.at, name) for name in match.properties)
    yield from ((rule.at, rule.source) for rule in mapping.links)
    for child in mappings.children(mapping.stream):
        if child.parent and child.parent.siblings:
            yield child.parent.reference.at, child.parent.siblings
