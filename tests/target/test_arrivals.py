"""The door: whatever a record holds is a flaw or none; no flaw tells a value."""

from __future__ import annotations

import json
import socket
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.errors import InputError
from target_salesforce_retail.singer.arrivals import DEEPEST, ArrivalBuilder
from target_salesforce_retail.singer.lines import read

CANARY = "quince@example.org"
FLAG = {"type": "boolean"}


def builder(keys: tuple[str, ...] = (), **properties: Any) -> ArrivalBuilder:
    return ArrivalBuilder("customers", {"type": "object", "properties": properties}, keys)


def flaws(one: ArrivalBuilder, record: Any) -> list[str]:
    return [str(flaw) for flaw in one.arrival(record).flaws]


def nested(depth: int, core: Any = "x") -> Any:
    for _ in range(depth):
        core = [core]
    return core


# What a record may be


@pytest.mark.parametrize("record", [None, CANARY, [CANARY], 7, Decimal("1.5"), True])
def test_what_is_no_object_is_a_record_with_a_flaw(record: Any) -> None:
    """It is kept as it is, and has no key."""
    arrival = builder(("id",)).arrival(record)

    assert [str(flaw) for flaw in arrival.flaws] == ["record: is no object"]
    assert (arrival.key, arrival.record) == ("", {"record": record})


@pytest.mark.parametrize(
    "value",
    [None, [1], {"a": 1}, True, "7\n8", "7\0", "\ud83d", "7" * 300],
    ids=["none", "list", "object", "bool"] + ["text"] * 4,
)
def test_a_key_that_cannot_be_written_down_is_none(value: Any) -> None:
    """Else records of a stream without a mapping would share an entry, or none could be made."""
    assert builder(("account_id", "id")).arrival({"account_id": "1", "id": value}).key == ""


def test_a_key_property_that_is_missing_is_a_flaw() -> None:
    """Whether or not the schema requires it; once."""
    schema = {"type": "object", "properties": {}, "required": ["account_id"]}

    assert flaws(ArrivalBuilder("customers", schema, ["account_id", "id"]), {}) == [
        "id: is a key property, and missing",
        "record: lacks account_id",
    ]


@pytest.mark.parametrize("half", ["\ud83d", "a\udc00b"])
def test_half_a_character_is_a_flaw_of_its_property(half: str) -> None:
    """In a value at any depth, and in names: of the record as a whole."""
    one = builder(name={}, tags={})

    assert flaws(one, {"name": half, "tags": ["whole 😀"]}) == ["name: holds half a character"]
    assert flaws(one, {"tags": [{"a": [half]}]}) == ["tags: holds half a character"]
    assert flaws(one, {"tags": {half: 1}}) == ["tags: holds half a character"]
    assert flaws(one, {half: 1}) == ["record: has a property whose name holds half a character"]


def test_a_record_may_be_deep_but_not_without_end() -> None:
    """Who looks into it later does so level by level."""
    one = builder(tags={})

    assert flaws(one, {"tags": nested(DEEPEST - 1)}) == []
    assert flaws(one, {"tags": nested(DEEPEST)}) == [f"tags: is nested deeper than {DEEPEST} levels"]
    assert flaws(one, {"tags": nested(190, {"a": 1})}) == [f"tags: is nested deeper than {DEEPEST} levels"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"x", json, object()], ids=type)
def test_what_a_stream_map_makes_and_json_does_not_have_is_a_flaw(value: Any) -> None:
    """And the record can be kept all the same."""
    arrival = builder(points={}).arrival({"points": value, "tags": (1, value)})

    assert "points: holds what JSON does not have" in [str(flaw) for flaw in arrival.flaws]
    assert json.dumps(arrival.record)


# What a schema may say


@pytest.mark.parametrize(
    ("rule", "sound", "flawed"),
    [
        (
            {"multipleOf": Decimal("0.01")},
            ["19.01", "0", "-5", "1e400", "100000000000000000000000000.01"],
            ["0.001", "1e-999999999"],
        ),
        ({"multipleOf": 0.01}, ["19.01", "1.10"], ["19.011"]),
        ({"multipleOf": Decimal("1e-999999999")}, ["0"], ["1", "1e999999999"]),
        ({"type": "number"}, ["1e999999999", "-1e-999999999", "9" * 4000], ['"NaN"', "NaN", "Infinity", "true"]),
        ({"type": "integer"}, ["1", "1.0", "1e400", "9" * 30], ["1.5", "1e-400", '"1"', "true"]),
        ({"minimum": Decimal("1e400")}, ["1e401", "1e999999999"], ["1", "1e399"]),
        ({"maximum": Decimal("9.99")}, ["9.99"], ["9.9901", "1e999999999"]),
        ({"minLength": 2, "maxLength": 3}, ['"ab"', '"😀😀😀"'], ['"a"', '"' + "a" * 1_000_000 + '"']),
        ({"pattern": "^a+$"}, ['"aa"'], ['"b"']),
        ({"enum": ["a", Decimal("1.5"), None, {"a": 1}]}, ['"a"', "1.5", "null"], ['"b"', "1.6"]),
        ({"const": Decimal("0.1")}, ["0.1"], ["0.2"]),
        ({"format": "date-time"}, ['"no date at all"'], []),
        ({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}, ['"x"', "null"], ["1"]),
        ({"uniqueItems": True}, ["[1, 2]"], ["[1, 1]"]),
    ],
    ids=str,
)
def test_every_rule_is_applied_to_every_number(rule: Any, sound: list[str], flawed: list[str]) -> None:
    """Money is decimal, and exact; what cannot be reckoned with is a flaw of its property."""
    one = builder(total=rule)
    found = {text: flaws(one, read(f'{{"total": {text}}}').value) for text in (*sound, *flawed)}  # type: ignore[union-attr]

    assert {text[:40] for text in sound if found[text]} == set()
    assert {text[:40] for text in flawed if not found[text] or not found[text][0].startswith("total: ")} == set()


def test_defaults_of_the_schema_are_not_written_into_the_record() -> None:
    """What is absent says nothing."""
    record = {"id": "1"}

    assert flaws(builder(id={}, note={"type": "string", "default": "none"}), record) == []
    assert record == {"id": "1"}


def test_a_schema_may_refer_to_itself() -> None:
    """Also without end: then its records cannot be held against it, and are held."""
    tree = {"type": "object", "properties": {"id": {}, "parts": {"type": "array", "items": {"$ref": "#"}}}}
    ring = {
        "type": "object",
        "properties": {"id": {"$ref": "#/definitions/a"}},
        "definitions": {"a": {"$ref": "#/definitions/a"}},
    }

    assert flaws(ArrivalBuilder("items", tree, ["id"]), {"id": 1, "parts": [{"id": 2, "parts": []}]}) == []
    assert flaws(ArrivalBuilder("items", tree, ["id"]), {"id": 1, "parts": [{"parts": 2}]}) == [
        "parts: [].parts breaks `type: array`"
    ]
    assert flaws(ArrivalBuilder("items", ring, []), {"id": 1}) == [
        "record: cannot be held against its schema (RecursionError)"
    ]


@pytest.mark.parametrize(
    "properties",
    [
        {"a": {"$ref": "http://127.0.0.1:9/schema.json"}},
        {"a": {"$ref": "file:///etc/hostname"}},
        {"a": {"$ref": "other.json#/definitions/a"}},
        {"a": {"items": [{"$ref": "//127.0.0.1/a"}]}},
        {"a": {"$ref": "#/definitions/nowhere"}},
        {"a": {"pattern": "("}},
        {"a": {"pattern": 7}},
        {"a": {"type": "text"}},
        {"a": {"minimum": "NaN"}},
        {"a": {"multipleOf": 0}},
        {"a": {"required": True}},
        {"a": {"enum": "ab"}},
        {"a": CANARY},
    ],
    ids=str,
)
def test_a_schema_that_is_none_is_refused_in_a_sentence(properties: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing is ever fetched."""

    def dial(*args: Any) -> None:
        raise AssertionError(args)

    monkeypatch.setattr(socket.socket, "connect", dial)
    monkeypatch.setattr("urllib.request.urlopen", dial)
    with pytest.raises(InputError, match="The SCHEMA of `customers`") as refused:
        builder(**properties)

    assert CANARY not in str(refused.value)


def test_what_nobody_looks_at_may_have_any_schema() -> None:
    """A stream without a mapping is skipped by rule."""
    assert ArrivalBuilder("weather", None, ["id"]).arrival({"id": "\ud83d"}).flaws == ()


# What a flaw tells


def test_a_property_is_named_only_where_the_schema_names_it() -> None:
    """Any other name may be a shopper's."""
    schema = {
        "type": "object",
        "properties": {
            "id": {},
            "emails": {"type": "object", "additionalProperties": {"type": "object", "properties": {"on": FLAG}}},
        },
        "patternProperties": {"^x_": {"type": "string"}},
        "additionalProperties": False,
    }
    one = ArrivalBuilder("customers", schema, [])

    assert flaws(one, {"id": 1, CANARY: 1, f"x_{CANARY}": 1}) == [
        "record: breaks `additionalProperties: False`",
        "record: breaks `type: string`",
    ]
    assert flaws(one, {"emails": {CANARY: {"on": CANARY}, f"{CANARY}2": 5}}) == [
        "emails: * breaks `type: object`",
        "emails: *.on breaks `type: boolean`",
    ]


def test_a_long_rule_is_cut_and_a_bad_list_is_bad_once() -> None:
    """A flaw is a line that a person reads."""
    one = builder(kind={"enum": [f"kind {number}" for number in range(1000)]}, tags={"items": {"type": "string"}})
    (kind, tags) = flaws(one, {"kind": "x", "tags": list(range(100_000))})

    assert len(kind) < 200
    assert tags == "tags: [] breaks `type: string`"


subschemas = st.sampled_from(
    [
        {},
        True,
        {"type": ["string", "null"]},
        {"type": "integer", "multipleOf": 3},
        {"type": "number", "multipleOf": Decimal("0.01"), "minimum": 0},
        {"type": "array", "items": {"type": "string", "pattern": "^q"}},
        {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "number"}},
        {"enum": ["a", 1, None]},
        {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "object", "required": ["a"]}]},
        {"oneOf": [{"type": "number"}, {"minimum": 5}]},
        {"not": {"type": "string"}},
        {"propertyNames": {"maxLength": 3}},
        {"dependencies": {"a": ["b"]}},
        {"if": {"type": "string"}, "then": {"minLength": 100}, "else": {"type": "null"}},
        {"contains": {"const": "a"}},
    ]
)
numbers = st.integers() | st.sampled_from(
    ["NaN", Decimal("1e400"), Decimal("-1e-400"), Decimal("1e999999999"), 10**30, 10**4000]
)
texts = st.text() | st.sampled_from(["\ud83d", "\0", "a", "b", "q" * 9, "x" * 5000])
values = st.recursive(
    st.none() | st.booleans() | numbers | texts.map(lambda text: f"{text}{CANARY}"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts.map(lambda text: f"{text}{CANARY}") | st.sampled_from("ab"), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from("abcd"), subschemas, max_size=4),
    st.dictionaries(st.sampled_from("abcde"), values, max_size=5) | values,
)
def test_any_record_has_flaws_or_none_and_no_flaw_tells_a_value(properties: dict[str, Any], record: Any) -> None:
    """No value of a record makes the door raise."""
    found = flaws(builder(("a",), **properties), record)

    assert CANARY not in " ".join(found)
    assert not any(flaw.startswith("record: cannot be held") for flaw in found)
