"""Problems that only several mappings, or several parts of one, show together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from target_salesforce_retail.mapping.match_rules import MatchRule
from target_salesforce_retail.mapping.places import Place, Problem, did_you_mean
from target_salesforce_retail.mapping.profile import ProfileRule
from target_salesforce_retail.mapping.rules import (
    FieldRule,
    KeyRule,
    OnRefused,
    ReferenceRule,
    Stale,
    StreamMapping,
    Template,
    TooLong,
    Update,
)
from target_salesforce_retail.mapping.template import spelled


def lint(mappings: Sequence[StreamMapping], elsewhere: Set[str] = frozenset()) -> list[Problem]:
    """Streams mapped twice, references to nowhere or in a circle, objects that the mapping never makes.

    Args:
        mappings: The mappings.
        elsewhere: Streams whose mapping is there, but has problems of its own: a reference to them is not one more.
    """
    streams = [mapping.stream for mapping in mappings]
    return [
        *_twice(mappings),
        *(problem for mapping in mappings for problem in _references(mapping, streams, elsewhere)),
        *(problem for mapping in mappings for problem in _objects(mapping)),
        *(problem for mapping in mappings for problem in _stale(mapping)),
        *(problem for mapping in mappings for problem in _follow(mapping, mappings)),
        *(problem for mapping in mappings for problem in _nobody(mapping, mappings)),
        *_circles(mappings),
    ]


def _problem(at: Place, path: str, text: str) -> Problem:
    return Problem(at.file, at.line, path, text)


def _twice(mappings: Sequence[StreamMapping]) -> Iterator[Problem]:
    first: dict[str, StreamMapping] = {}
    for mapping in mappings:
        if mapping.stream in first:
            yield _problem(mapping.at, "stream", f"`{mapping.stream}` is mapped at {first[mapping.stream].at} already")
        first.setdefault(mapping.stream, mapping)


def _references(mapping: StreamMapping, streams: Sequence[str], elsewhere: Set[str]) -> Iterator[Problem]:
    for rule in mapping.links:
        if rule.stream not in streams and rule.stream not in elsewhere:
            hint = did_you_mean(rule.stream, streams)
            yield _problem(rule.at, rule.label, f"no mapping for the stream `{rule.stream}`{hint}")


def _objects(mapping: StreamMapping) -> Iterator[Problem]:
    known = ", ".join(mapping.objects)
    for name in mapping.on_match:
        if name not in mapping.objects:
            yield _problem(
                mapping.at_key("on_match"), "on_match", f"the mapping never finds a `{name}`; it knows {known}"
            )
    for rule in mapping.fields:
        for name in rule.only:
            if name not in mapping.objects:
                yield _problem(rule.at, rule.name, f"`only: {name}`, but the mapping knows {known}")
    if mapping.profile:
        yield from _profile(mapping, mapping.profile)
    elif mapping.merges:
        text = "`merge` needs `profile`, which keeps the key of the one that goes"
        yield _problem(mapping.at_key("on_suspect"), "on_suspect", text)


def _profile(mapping: StreamMapping, profile: ProfileRule) -> Iterator[Problem]:
    known = ", ".join(mapping.objects)
    for name in profile.person:
        if name not in mapping.objects:
            yield _problem(profile.at, "profile/person", f"the mapping never finds a `{name}`; it knows {known}")
    for name in mapping.objects:
        if name not in profile.person:
            yield _problem(profile.at, "profile/person", f"no lookup for `{name}`, which the mapping may find")
    named = Counter((profile.key, *profile.own_fields, *(rule.name for rule in profile.fields)))
    for name, times in named.items():
        if times > 1:
            yield _problem(profile.at, "profile", f"`{name}` stands for {times} things; name a field for each")
    if profile.object in mapping.objects:
        yield _problem(profile.at, "profile/object", f"a `{profile.object}` is what a record becomes; name another")
    for rule in mapping.match:
        if profile.object in rule.objects:
            yield from _sought(rule, mapping, profile)


def _sought(rule: MatchRule, mapping: StreamMapping, profile: ProfileRule) -> Iterator[Problem]:
    """A rule that looks into profiles, where these lead to nobody, or hold nothing that the till has told."""
    if not set(rule.objects) & set(mapping.objects):
        yield _problem(
            rule.at, f"match/{rule.name}", f"a `{profile.object}` only leads to a person: name the person's object too"
        )
    filled = [each.name for each in profile.fields]
    for name in rule.compared(profile.object):
        if name not in filled:
            hint = did_you_mean(name, filled)
            text = f"nothing fills {profile.object}.{name}: name it in the `fields` of `profile`{hint}"
            yield _problem(rule.at, f"match/{rule.name}", text)


def _stale(mapping: StreamMapping) -> Iterator[Problem]:
    parent = mapping.parent
    if parent and parent.stale is Stale.DELETE and not parent.siblings:
        yield _problem(
            parent.reference.at, "parent", "`stale: delete` needs `siblings`, the parent's list of its children"
        )


def _follow(mapping: StreamMapping, mappings: Sequence[StreamMapping]) -> Iterator[Problem]:
    """Rows that would be found by what is not the key of the record they refer to, or not any more."""
    keys = {other.stream: other.key for other in mappings}
    for rule in mapping.references:
        if rule.follow and rule.stream in keys:
            filled = next((each for each in mapping.fields if each.name == rule.follow), None)
            if rule.update is not Update.ALWAYS:
                yield _problem(rule.at, rule.label, "`follow` needs `update: always`, for the lookup is changed")
            if filled is None or not _says_the_key(filled, rule, keys[rule.stream]):
                yield _problem(
                    rule.at, rule.label, f"`follow: {rule.follow}` needs the rule {_rule_of_key(rule, keys)}"
                )


def _nobody(mapping: StreamMapping, mappings: Sequence[StreamMapping]) -> Iterator[Problem]:
    parts = [each.stream for each in mappings if each.parent and each.parent.reference.stream == mapping.stream]
    if mapping.nobody and parts:
        text = f"`{parts[0]}` are parts of these records, and would hang on nothing; leave them out by `when`"
        yield _problem(mapping.at_key("nobody"), "nobody", text)


def _says_the_key(filled: FieldRule, rule: ReferenceRule, key: KeyRule) -> bool:
    """Whether a field holds the key of the record that its row refers to, in all its rows and at all times."""
    bare = (filled.convert, filled.otherwise, filled.only) == (None, None, ())
    strict = (filled.update, filled.too_long, filled.refused) == (Update.ALWAYS, TooLong.HOLD, OnRefused.HOLD)
    return bare and strict and filled.on_null is rule.on_null and filled.template == _referring(key.value, rule.source)


def _referring(key: Template, source: str) -> Template:
    """The template of a key, told by a record that refers to it."""
    renamed = {"id": source}
    parts = (replace(part, properties=tuple(renamed.get(each, each) for each in part.properties)) for part in key.parts)
    return Template(tuple(parts))


def _rule_of_key(rule: ReferenceRule, keys: Mapping[str, KeyRule]) -> str:
    text = spelled(_referring(keys[rule.stream].value, rule.source))
    return f'`{rule.follow}: {{value: "{text}", on_null: {rule.on_null.value}}}`'


def _circles(mappings: Sequence[StreamMapping]) -> Iterator[Problem]:
    graph: dict[str, set[str]] = defaultdict(set)
    for mapping in mappings:
        graph[mapping.stream] |= {rule.stream for rule in mapping.links}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = list(reversed(error.args[1]))
        first = next(mapping for mapping in mappings if mapping.stream == circle[0])
        rule = next(rule for rule in first.links if rule.stream == circle[1])
        yield _problem(rule.at, rule.label, f"references go in a circle: {' -> '.join(circle)}")
