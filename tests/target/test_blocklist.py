"""A blocklist: what is in it names nobody; what is wrong with it is said at its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from target_salesforce_retail.errors import MappingError
from target_salesforce_retail.mapping.blocklist import FILE, NO_COUNTRY, NO_EMAIL, NO_NUMBER, NO_TEXT
from target_salesforce_retail.mapping.load import load

from tests.target.world import SHOPPERS, World

LIST = """
email: [None@none.com, "*@Shop.ca", noreply@*]
phone: ["(514) 555-0100", 000-0000, "1234567"]
text: [N/A]
"""

TWO_OR_NONE = ("514 555 0100, 514 555 0101", "514 555 0100 or 0101", "514 555 0100 x12", "*5550100", "1-800-FLOWERS")
OF_NO_COUNTRY = (
    "514 555 0100 / 514 555 0101",
    "514-555-0100 514-555-0101",
    "555-0100 555-0101",
    "+1 000 000 0000",
    "0000000000000",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "customers.yml").write_text(SHOPPERS)
    return tmp_path


@pytest.mark.parametrize(
    ("by", "match_key", "blocked"),
    [
        ("email", "none@none.com", True),
        ("email", "none@none.co", False),
        ("email", "anybody@shop.ca", True),
        ("email", "anybody@my.shop.ca", False),
        ("email", "noreply@else.where", True),
        ("email", "noreply2@else.where", False),
        ("phone", "+15145550100", True),
        ("phone", "+15145550101", False),
        ("phone", "+14160000000", True),
        ("phone", "+442071234567", True),
        ("text", "n/a", True),
        ("text", "none@none.com", False),
    ],
)
def test_what_is_blocked(folder: Path, by: str, match_key: str, blocked: bool) -> None:
    """Addresses in any case, domains, names before the @, numbers by their last digits; each for its own kind."""
    (folder / FILE).write_text(LIST)

    assert load(folder).blocklist.blocks(by, match_key) is blocked


@pytest.mark.parametrize(
    ("by", "entry", "match_key"),
    [
        *(("phone", each, "+442079460000") for each in ("020 7946 0000", "+44 (0)20 7946 0000", "0044 20 7946 0000")),
        *(("phone", each, "+442079460000") for each in ("442079460000", "011 44 20 7946 0000", "2079460000")),
        ("phone", "06 12 34 56 78", "+33612345678"),
        ("phone", "06 1234 5678", "+390612345678"),
        ("phone", "8 (495) 123-45-67", "+74951234567"),
        ("phone", "(011) 91234-5678", "+5511912345678"),
        ("phone", "1-514-555-0100", "+15145550100"),
        ("phone", "0151 12345678", "+4915112345678"),
        ("phone", "514/555.0100", "+15145550100"),
        ("phone", "\u0665\u0661\u0664 \u0665\u0665\u0665 \u0660\u0661\u0660\u0660", "+15145550100"),
        ("email", "*@cafe\u0301.org", "ann@caf\u00e9.org"),
        ("email", "*@\u200bshop.ca", "ann@shop.ca"),
    ],
)
def test_an_entry_blocks_what_it_says(folder: Path, by: str, entry: str, match_key: str) -> None:
    """As it is dialled at home or from abroad, and in any script."""
    (folder / FILE).write_text(f"{by}: ['{entry}']\n", "utf-8")

    assert load(folder).blocklist.blocks(by, match_key)


def test_the_digit_before_a_number_at_home_is_its_own_countrys(folder: Path) -> None:
    """Else a listed number would block those of other countries that end like it."""
    (folder / FILE).write_text("phone: [020 7946 0000]\n")

    assert not load(folder).blocklist.blocks("phone", "+12079460000")


@pytest.mark.parametrize("text", [None, "", "# nothing yet\n", "phone: []\n"])
def test_a_folder_need_not_block_anything(folder: Path, text: str | None) -> None:
    """Without a file, and with one that says nothing."""
    if text is not None:
        (folder / FILE).write_text(text)

    loaded = load(folder)

    assert [mapping.stream for mapping in loaded.ordered] == ["customers"]
    assert not loaded.blocklist.blocks("phone", "+15145550100")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("emails: [a@b.ca]", "1 emails: unknown key `emails`; did you mean `email`?"),
        ("email:\n  - a@b.ca\n  - nobody", f"3 email/1: {NO_EMAIL}"),
        ("email: ['*@*']", f"1 email/0: {NO_EMAIL}"),
        ("email: ['*@nowhere']", f"1 email/0: {NO_EMAIL}"),
        (
            "phone:\n\n  - 55 50 10",
            "3 phone/0: fewer than 7 digits would block numbers that somebody has; list more of them",
        ),
        *((f"email: ['{each}']", f"1 email/0: {NO_EMAIL}") for each in ("*@*.a.ca", "no*@a.ca", "a+*@a.ca", "a@*.ca")),
        *((f"phone: ['{each}']", f"1 phone/0: {NO_NUMBER}") for each in TWO_OR_NONE),
        *((f"phone: ['{each}']", f"1 phone/0: {NO_COUNTRY}") for each in OF_NO_COUNTRY),
        *((f"text: ['{each}']", f"1 text/0: {NO_TEXT}") for each in ("*", "n*")),
        ("phone: [000]", "1 phone/0: a number stands where a text should; put it in quotes"),
        ("text: [2020-01-01]", "1 text/0: a date stands where a text should; put it in quotes"),
        ("text: [true]", "1 text/0: a true or false stands where a text should; put it in quotes"),
        ("text: [~]", "1 text/0: a blank stands where a text should"),
        ("text: [' ']", "1 text/0: a blank is no match key anyway; take it out"),
        ("- a@b.ca", "1: a list stands where a map of keys should"),
        ("email: [", "1: "),
    ],
)
def test_what_is_wrong_is_said_at_its_line(folder: Path, text: str, said: str) -> None:
    """With all that is wrong with the mappings."""
    (folder / FILE).write_text(text)
    (folder / "shops.yml").write_text("stream: shops\n")

    with pytest.raises(MappingError) as raised:
        load(folder)

    of_the_list = [each for each in raised.value.problems if f"/{FILE}:" in each]
    assert len(of_the_list) == 1, of_the_list
    assert of_the_list[0].startswith(f"{folder / FILE}:{said}")
    assert any("shops.yml" in each for each in raised.value.problems)


def test_who_carries_nothing_else_is_recognised_by_nothing(folder: Path) -> None:
    """Neither is the value looked for, nor does it lead to a record that holds it; and it is written."""
    (folder / FILE).write_text(LIST)
    world = World(SHOPPERS)
    world.mappings = load(folder)
    world.org.put("Contact", {"Email": "ann@shop.ca", "Phone": "(514) 555-0100"})

    world.run("customers", {"id": "1", "email": "ann@shop.ca", "phone": "514-555-0100"})

    assert [row["Email"] for row in world.rows("Contact")] == ["ann@shop.ca", "ann@shop.ca"]


@pytest.mark.parametrize("name", ["blocklist.yaml", "Blocklist.YML", "blocklist.yml.txt", "blocklist"])
def test_a_list_by_a_wrong_name_is_named(folder: Path, name: str) -> None:
    """Else it would block nothing, and nobody would hear of it."""
    (folder / name).write_text("")

    with pytest.raises(MappingError) as raised:
        load(folder)

    assert f"{folder / name}:1: not read by this name; call it `{FILE}`, or take it away" in raised.value.problems


def test_a_list_that_leads_nowhere_is_named(folder: Path) -> None:
    """A link of which the end is gone is no folder without a list."""
    (folder / FILE).symlink_to("/nowhere")

    with pytest.raises(MappingError, match=f"{FILE}:1: no file"):
        load(folder)


@pytest.mark.parametrize("text", ["email: {key}", "email: [{key}: [x]]", "{key}: [x]", "email: [[&x [{key}], *x, *x]]"])
def test_no_message_grows_with_what_stands_there(folder: Path, text: str) -> None:
    """A list may hold shoppers' addresses, and a long one would bury all other problems."""
    (folder / FILE).write_text(text.replace("{key}", "ann.address" * 50))

    with pytest.raises(MappingError) as raised:
        load(folder)

    assert max(len(problem) for problem in raised.value.problems) < len(str(folder)) + 250
