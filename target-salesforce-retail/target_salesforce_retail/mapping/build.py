"""From a YAML document that the grammar accepts to frozen rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import reduce
from operator import getitem
from typing import Any

from target_salesforce_retail.mapping.build_convert import convert_rule
from target_salesforce_retail.mapping.build_match import KEY, by_phone_keys, match_rules, values
from target_salesforce_retail.mapping.build_none import none_rules
from target_salesforce_retail.mapping.fillers import knowing_fillers
from target_salesforce_retail.mapping.places import Document, Place, Problem, names
from target_salesforce_retail.mapping.profile import Keep, ProfileRule, RetiredRule
from target_salesforce_retail.mapping.rules import (
    AccountRule,
    DeletedRule,
    FieldRule,
    KeyRule,
    Missing,
    OnDuplicateRule,
    OnMany,
    OnMatch,
    OnNull,
    OnRefused,
    OnSuspect,
    ParentRule,
    PhoneKeyRule,
    ReferenceRule,
    Stale,
    StreamMapping,
    Template,
    TooLong,
    Update,
    objects_of,
)
from target_salesforce_retail.mapping.template import template
from target_salesforce_retail.mapping.zones import zone_problem
from target_salesforce_retail.nouns import Retirement, Value

Problems = list[Problem]
VALUE_KEYS = ("from", "value", "as", "else", "zone", "too_long", "refused")
REFERENCE_KEYS = ("to", "missing", "follow")
NAMING = ("object", "key", "status", "matched", "rule", "evidence", "candidates", "not")
NAME = re.compile("[A-Za-z][A-Za-z0-9_]*")
NO_NAME = "no object and no field has such a name: a letter, then letters, digits and _"
ANONYMISE = "anonymise"
BECOMES = {"keep": Retirement.EXCLUDED, "unlink": Retirement.UNLINKED, ANONYMISE: Retirement.ERASED}
PHONE_KEY_KEYS = {"key_of", "only"}


def build(document: Document, problems: Problems) -> list[StreamMapping]:
    """The mapping of one document, in a list; empty when it has problems that only its whole shows."""
    before = len(problems)
    mapping = _mapping(document, problems)
    return [knowing_fillers(mapping)] if len(problems) == before else []


def _mapping(document: Document, problems: Problems) -> StreamMapping:
    data = document.data
    phone_keys = tuple(_phone_key(document, name, problems) for name in _with(data, "key_of"))
    profile = _profile(document, problems) if "profile" in data else None
    matches = by_phone_keys(match_rules(document, problems), phone_keys, profile.object if profile else None)
    references = _with(data, "reference")
    fields = [name for name in data["fields"] if name not in (*references, *_with(data, "key_of"))]
    objects = objects_of(str(data["object"]), matches, profile)
    on_match = {name: OnMatch(str(policy)) for name, policy in data.get("on_match", {}).items()}
    region = data.get("region", {})
    return StreamMapping(
        stream=str(data["stream"]),
        object=str(data["object"]),
        key=_key(document, problems),
        at=document.place("stream"),
        when={str(name): values(wanted) for name, wanted in data.get("when", {}).items()},
        nobody=frozenset(map(str, data.get("nobody", ()))),
        require=names(data.get("require")),
        version=data.get("version"),
        region=(region.get("from"), region.get("else")),
        unreadable=data.get("unreadable"),
        currency=data.get("currency"),
        record_type=data.get("record_type"),
        match=matches,
        on_many=OnMany(str(data.get("on_many", "hold"))),
        on_duplicate_rule=OnDuplicateRule(str(data.get("on_duplicate_rule", "hold"))),
        on_match={**dict.fromkeys(objects, OnMatch.UPDATE), **on_match},
        on_none=none_rules(document, objects, problems),
        fields=tuple(_field(document, ["fields", name], problems) for name in fields),
        phone_keys=phone_keys,
        references=tuple(_reference(document, name, problems) for name in references),
        parent=_parent(document) if "parent" in data else None,
        deleted=_deleted(document, problems) if "deleted" in data else None,
        accounts=tuple(_account(document, index, problems) for index in range(len(data.get("account", ())))),
        places={str(key): document.place(key) for key in data},
        profile=profile,
        convert=convert_rule(document, objects, problems),
        on_suspect=OnSuspect(str(data.get("on_suspect", "report"))),
    )


def _with(data: Mapping[str, Any], key: str) -> list[str]:
    """The fields whose rule has this key."""
    return [name for name, rule in data["fields"].items() if key in (rule or {})]


def _template(document: Document, path: list[Any], text: str, problems: Problems) -> Template:
    try:
        return template(text)
    except ValueError as error:
        problems.append(document.problem(path, str(error)))
        return Template(())


def _key(document: Document, problems: Problems) -> KeyRule:
    key = document.data["key"]
    value = _template(document, ["key", "value"], str(key["value"]), problems)
    strangers = sorted(set(value.properties) - {"account_id", "id"})
    if strangers or "id" not in value.properties:
        problems.append(document.problem(["key", "value"], "a key is built from {id} and {account_id}, nothing else"))
    if any(part.optional for part in value.parts):
        problems.append(document.problem(["key", "value"], "a key has no optional part"))
    return KeyRule(str(key["field"]), value, document.place("key"))


def _field(document: Document, path: list[Any], problems: Problems) -> FieldRule:
    rule: Mapping[str, Any] = reduce(getitem, path, document.data) or {}
    if ("from" in rule) == ("value" in rule):
        problems.append(document.problem(path, "needs `from` or `value`, one of them"))
    for key in REFERENCE_KEYS:
        if key in rule:
            problems.append(document.problem([*path, key], f"`{key}` goes with `reference`"))
    if rule.get("as") == "phone" and "region" not in document.data:
        problems.append(document.problem([*path, "as"], "reading phone numbers needs `region`"))
    if "zone" in rule:
        problems += [document.problem([*path, "zone"], text) for text in _zone_problems(rule)]
    value = rule.get("value")
    cut = _template(document, [*path, "value"], value, problems) if isinstance(value, str) else None
    gaps = bool(cut and cut.properties)
    return FieldRule(
        name=str(path[-1]),
        at=document.place(*path),
        sources=names(rule.get("from")),
        template=cut if gaps else None,
        constant="".join(part.literals[0] for part in cut.parts) if cut and not gaps else value,
        convert=rule.get("as"),
        otherwise=rule.get("else"),
        update=Update(str(rule.get("update", "always"))),
        on_null=OnNull(str(rule.get("on_null", "keep"))),
        only=names(rule.get("only")),
        zone=rule.get("zone"),
        too_long=TooLong(str(rule.get("too_long", "hold"))),
        refused=OnRefused(str(rule.get("refused", "hold"))),
    )


def _phone_key(document: Document, name: str, problems: Problems) -> PhoneKeyRule:
    rule = document.data["fields"][name]
    path = ["fields", name]
    for key in sorted(set(rule) - PHONE_KEY_KEYS):
        problems.append(document.problem([*path, key], f"`{key}` does not go with `key_of`"))
    if "region" not in document.data:
        problems.append(document.problem([*path, "key_of"], "reading phone numbers needs `region`"))
    return PhoneKeyRule(str(name), str(rule["key_of"]), names(rule.get("only")), document.place(*path))


def _zone_problems(rule: Mapping[str, Any]) -> Iterator[str]:
    if rule.get("as") != "date":
        yield "`zone` goes with `as: date`"
    if problem := zone_problem(str(rule["zone"])):
        yield problem


def _reference(document: Document, name: str, problems: Problems) -> ReferenceRule:
    rule = document.data["fields"][name]
    path = ["fields", name]
    if not isinstance(rule.get("from"), str):
        problems.append(document.problem(path, "a reference needs `from`, one property"))
    for key in VALUE_KEYS[1:]:
        if key in rule:
            problems.append(document.problem([*path, key], f"`{key}` does not go with `reference`"))
    return ReferenceRule(
        label=str(name),
        stream=str(rule["reference"]),
        source=str(rule.get("from")),
        fields={str(found): str(field) for found, field in rule.get("to", {"*": name}).items()},
        at=document.place(*path),
        missing=Missing(str(rule.get("missing", "wait"))),
        update=Update(str(rule.get("update", "always"))),
        on_null=OnNull(str(rule.get("on_null", "clear"))),
        follow=rule.get("follow"),
    )


def _profile(document: Document, problems: Problems) -> ProfileRule:
    rule = document.data["profile"]
    fields = [["profile", "fields", name] for name in rule.get("fields", {})]
    problems += [document.problem(path, NO_NAME) for path, name in _names(rule) if not NAME.fullmatch(str(name))]
    return ProfileRule(
        object=str(rule["object"]),
        key=str(rule["key"]),
        keep=Keep(str(rule.get("keep", "needed"))),
        person={str(name): str(field) for name, field in rule["person"].items()},
        status=str(rule.get("status", "Status__c")),
        matched=str(rule.get("matched", "Matched__c")),
        rule=str(rule.get("rule", "Rule__c")),
        evidence=str(rule.get("evidence", "Evidence__c")),
        candidates=str(rule.get("candidates", "Candidates__c")),
        refused=str(rule.get("not", "Not__c")),
        fields=tuple(_field(document, path, problems) for path in fields),
        retired=tuple(_retired(document, index, problems) for index in range(len(rule.get("retired", ())))),
        at=document.place("profile"),
    )


def _names(rule: Mapping[str, Any]) -> Iterator[tuple[list[Any], Any]]:
    """Where the section names an object or a field, and what stands there."""
    yield from ((["profile", key], rule[key]) for key in NAMING if key in rule)
    yield from ((["profile", "person", name], field) for name, field in rule["person"].items())
    yield from ((["profile", "fields", name], name) for name in rule.get("fields", {}))


def _retired(document: Document, index: int, problems: Problems) -> RetiredRule:
    path = ["profile", "retired", index]
    rule = document.data["profile"]["retired"][index]
    if rule["do"] != ANONYMISE and "set" in rule:
        problems.append(document.problem([*path, "set"], f"`set` goes with `do: {ANONYMISE}`"))
    return RetiredRule(
        when={str(name): values(wanted) for name, wanted in rule["when"].items()},
        becomes=BECOMES[str(rule["do"])],
        set=_constants(document, [*path, "set"], rule.get("set", {}), problems),
        at=document.place(*path),
    )


def _constants(document: Document, path: list[Any], given: Mapping[str, Any], problems: Problems) -> dict[str, Value]:
    for name, value in given.items():
        if isinstance(value, str) and _template(document, [*path, name], value, problems).properties:
            wrong = "a constant, for such a record says nothing else; no {property}"
            problems.append(document.problem([*path, name], wrong))
        if str(name).casefold() in (str(document.data["key"]["field"]).casefold(), "id"):
            problems.append(document.problem([*path, name], "what a record is known by is not set; name other fields"))
    return {str(name): value for name, value in given.items()}


def _account(document: Document, index: int, problems: Problems) -> AccountRule:
    path = ["account", index]
    rule = document.data["account"][index]
    problems += [document.problem(path, text) for text in _account_problems(rule, document.data)]
    return AccountRule(
        object=str(rule.get("object", "Account")),
        lookup=str(rule.get("lookup", "AccountId")),
        key=str(rule["key"]),
        shared={str(name): str(by) for name, by in rule.get("shared", {}).items()},
        size=rule.get("size"),
        found_by=rule.get("found_by"),
        fields=tuple(_field(document, [*path, "fields", name], problems) for name in rule["fields"]),
        at=document.place(*path),
    )


def _account_problems(rule: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[str]:
    if ("shared" in rule) == ("size" in rule):
        yield "needs `shared` or `size`, one of them"
    if KEY in rule.get("shared", {}).values():
        yield "records share a property, and no key: say how it is compared"
    if "phone" in rule.get("shared", {}).values() and "region" not in data:
        yield "reading phone numbers needs `region`"
    if rule.get("found_by") not in (None, *rule["fields"]):
        yield f"`found_by: {rule['found_by']}` is none of its `fields`"
    if rule["key"] in rule["fields"]:
        yield f"`{rule['key']}` is the account's key, and no field can fill it"
    lookup = rule.get("lookup", "AccountId")
    if lookup in data["fields"]:
        yield f"`{lookup}` is filled by `fields` already"


def _deleted(document: Document, problems: Problems) -> DeletedRule:
    rule = document.data["deleted"]
    set_to = _constants(document, ["deleted", "set"], rule.get("set", {}), problems)
    return DeletedRule(str(rule["when"]), set_to, document.place("deleted"))


def _parent(document: Document) -> ParentRule:
    rule = document.data["parent"]
    at: Place = document.place("parent")
    reference = ReferenceRule(
        label=str(rule["field"]),
        stream=str(rule["reference"]),
        source=str(rule["from"]),
        fields={"*": str(rule["field"])},
        at=at,
        missing=Missing.WAIT,
        update=Update.NEVER,  # for preflight alone: the org need not be able to move a part
    )
    return ParentRule(reference, rule.get("siblings"), Stale(str(rule.get("stale", "keep"))))
