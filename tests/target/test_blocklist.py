"""A blocklist: what is in it names nobody; what is wrong with it is said at its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from target_salesforce_retail.errors import MappingError
from target_salesforce_retail.mapping.blocklist import FILE
from target_salesforce_retail.mapping.load import load

from tests.target.world import SHOPPERS, World

LIST = """
email: [None@none.com, "*@Shop.ca", noreply@*]
phone: ["(514) 555-0100", 000-0000, "1234567"]
text: [N/A]
"""


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
        ("email:\n  - a@b.ca\n  - nobody", "3 email/1: `nobody` is no address, no `*@domain` and no `local@*`"),
        ("email: ['*@*']", "1 email/0: `*@*` is no address, no `*@domain` and no `local@*`"),
        ("email: ['*@nowhere']", "1 email/0: `*@nowhere` is no address, no `*@domain` and no `local@*`"),
        (
            "phone:\n\n  - 55 50 10",
            "3 phone/0: `55 50 10` has fewer than 7 digits, and would block numbers that somebody has",
        ),
        ("phone: [5550100]", "1 phone/0: 5550100 is not of type 'string'"),
        ("text: [' ']", "1 text/0: a blank is no match key anyway; take it out"),
        ("- a@b.ca", "1: ['a@b.ca'] is not of type 'object'"),
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
