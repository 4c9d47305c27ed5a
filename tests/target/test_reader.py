"""Lines that no tap should write: read as far as they can be, else named, never quoted."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.errors import InputError
from target_salesforce_retail.singer.lines import DEEPEST, read
from target_salesforce_retail.singer.reader import DiscreetReader

SECRET = "quince@example.org"


def messages(lines: bytes | str) -> list[dict[str, Any]]:
    """What the reader hands over, of whatever type."""
    found: list[dict[str, Any]] = []
    source = io.StringIO(lines) if isinstance(lines, str) else io.TextIOWrapper(io.BytesIO(lines), encoding="utf-8")
    DiscreetReader().process_lines(source, dict.fromkeys(("RECORD", "SCHEMA", "STATE"), found.append))
    return found


def said(record: str) -> str:
    return f'{{"type": "RECORD", "stream": "customers", "record": {record}}}\n'


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ('{"type": "RECORD", "record": ' + "[" * 100_000, "not JSON"),
        (f'["{SECRET}"]', "no object"),
        (f'"{SECRET}"', "no object"),
        ("1e5", "no object"),
        (f'{{"name": "{SECRET}"}}', "no type"),
        (f'{{"type": null, "name": "{SECRET}"}}', "no type"),
        (f'{{"type": "{SECRET}"}}', "type that Singer"),
        ('{"type": ["RECORD"]}', "type that Singer"),
        (f'{{"type": "RECORDS", "record": "{SECRET}"}}', "type `RECORDS` that Singer"),
        ('{"type": "STATE", "value": {"n": ' + "[" * 300 + "]" * 300 + "}}", "nested too deep"),
        ('{"type": "STATE", "value": {"n": ' + "9" * 5000 + "}}", "thousands of digits"),
    ],
)
def test_a_line_that_is_no_message_ends_the_run_in_a_sentence(line: str, words: str) -> None:
    """With its number, and without quoting it."""
    with pytest.raises(InputError, match=words) as stopped:
        messages(f"{said('1')}\n{line}\n")

    assert str(stopped.value).startswith("input, line 3: ")
    assert SECRET not in str(stopped.value)


def test_a_state_that_is_not_utf_8_ends_the_run() -> None:
    """It would be acknowledged otherwise than it was said."""
    with pytest.raises(InputError, match="not UTF-8"):
        messages(b'{"type": "STATE", "value": {"n": "\xe9"}}\n')


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_stays_text(number: str) -> None:
    """So that its record is held by its schema."""
    assert messages(said(number))[0]["record"] == number


@pytest.mark.parametrize("number", ["9" * 5000, "-" + "9" * 5000, "1e" + "9" * 30])
def test_a_number_beyond_python_stays_text_and_its_neighbours_are_numbers(number: str) -> None:
    """No row may end every run."""
    assert messages(said(f'{{"a": {number}, "b": 7, "c": -1.10}}'))[0]["record"] == {
        "a": number,
        "b": 7,
        "c": Decimal("-1.10"),
    }


@pytest.mark.parametrize("number", ["1e400", "1e999999999", "-0.1e-999999999", "123456789012345678901234567890.5"])
def test_decimals_are_exact(number: str) -> None:
    """However large."""
    assert messages(said(number))[0]["record"] == Decimal(number)


def test_what_tools_put_between_lines_is_no_message() -> None:
    """A byte order mark, also of a second file; blank lines; the line ends of Windows."""
    line = said('{"id": "1"}').rstrip().encode()

    assert len(messages(b"\xef\xbb\xbf" + line + b"\r\n\r\n  \n\xef\xbb\xbf" + line)) == 2


def test_a_record_that_is_not_utf_8_is_read() -> None:
    """Its name has half characters, by which the door knows it; its neighbours are not in danger."""
    (first, second) = messages(said('{"name": "Jos\xe9"}').encode("latin-1") + said('{"name": "José"}').encode())

    assert first["record"]["name"] == "Jos\udce9"
    assert second["record"]["name"] == "José"


def test_a_control_character_in_a_text_is_a_character() -> None:
    """JSON wants it escaped; there is no doubt what is meant."""
    assert messages(said('{"name": "a\tb\0"}'))[0]["record"] == {"name": "a\tb\0"}


@pytest.mark.parametrize("depth", [DEEPEST - 2, DEEPEST, 1000, 50_000])
def test_a_record_nested_without_end_is_read_to_some_depth(depth: int) -> None:
    """What is deeper is null; what stands beside it is whole."""
    deep = '{"a": ' + "[" * depth + '"]"' + "]" * depth + ', "b": "}"}'
    record = messages(said(deep))[0]["record"]

    levels, node = 0, record["a"]
    while isinstance(node, list):
        levels, node = levels + 1, node[0]
    assert record["b"] == "}"
    assert (levels, node) == ((depth, "]") if depth < DEEPEST else (DEEPEST - 2, None))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=30,
)


@given(values, st.booleans())
def test_what_is_sound_is_read_as_it_is(value: Any, escaped: bool) -> None:
    """As JSON's own reader does."""
    text = json.dumps(value, ensure_ascii=escaped)
    if not escaped and not _is_utf8(text):
        return
    found = read(text.encode())

    assert found is not None
    assert not found.altered
    assert found.value == json.loads(text, parse_float=Decimal)


@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:\\u0d8e1 \n', max_size=60).map(str.encode))
def test_any_bytes_are_a_value_or_a_sentence(line: bytes) -> None:
    """Nothing else comes out of the reader."""
    with suppress(InputError):
        found = read(line)
        assert found is None or json.dumps(found.value, default=str)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
