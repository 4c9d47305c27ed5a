"""The digest of a mapping changes when what it says does, and not when it is only written otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from target_salesforce_retail.mapping.load import load
from target_salesforce_retail.mapping.phone_keys import phone_keys_of

Digest = Callable[..., str]
ROOT = Path(__file__).parents[2]
MAPPING = """
stream: customers
object: Contact
key: {field: Key__c, value: "{account_id}:{id}"}
match:
  - by: key
  - {by: email, from: email, to: {Contact: Email, Lead: Email}, agree: {FirstName: first_name}}
fields:
  FirstName: {from: first_name}
  Email: {from: email, as: email}
"""


@pytest.fixture
def digest(tmp_path: Path) -> Digest:
    def of(text: str, blocklist: str = "") -> str:
        (tmp_path / "customers.yml").write_text(text)
        (tmp_path / "blocklist.yml").write_text(blocklist)
        return load(tmp_path).digests["customers"]

    return of


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{from: first_name}", "{from: last_name}"),
        ("{from: first_name}", "{from: first_name, update: if_blank}"),
        ("{Contact: Email, Lead: Email}", "{Lead: Email, Contact: Email}"),
        ("agree: {FirstName: first_name}", "shared_by: 3"),
        ("object: Contact", "object: Contact\non_many: oldest"),
    ],
)
def test_another_meaning_is_another_digest(digest: Digest, before: str, after: str) -> None:
    """Of a field, of a rule, of the order in which objects are asked, of the policies."""
    assert digest(MAPPING) != digest(MAPPING.replace(before, after))


def test_the_blocklist_is_part_of_it(digest: Digest) -> None:
    """What it lists is no evidence any more."""
    assert digest(MAPPING) != digest(MAPPING, "email: [none@none.com]")
    assert digest(MAPPING, "email: [a@x.org, b@x.org]") == digest(MAPPING, "email: [b@x.org, a@x.org]")


def test_another_way_to_write_it_is_the_same_digest(digest: Digest) -> None:
    """Comments, lines, and the order of the fields."""
    fields = "  FirstName: {from: first_name}\n"
    moved = MAPPING.replace(fields, "") + f"  # a name\n{fields}"

    assert digest(MAPPING) == digest(moved) == digest(f"\n\n{MAPPING}")


def test_of_two_countries_the_same_one_tells_how_numbers_are_read_whatever_the_order(tmp_path: Path) -> None:
    """Else two mappings with one digest would give a person other phone keys."""
    two = ("  OtherCountry: {from: country}\n", "  MailingCountry: {from: country}\n")
    phones = "  MobilePhone: {from: mobile}\n  Mobile_Key__c: {key_of: MobilePhone}\n"
    here = {"MailingCountry": "France", "OtherCountry": "Canada", "MobilePhone": "06 12 34 56 78"}
    found = []
    for fields in (two, two[::-1]):
        (tmp_path / "customers.yml").write_text(
            MAPPING + "".join(fields) + phones + "region: {from: country, else: CA}\n"
        )
        mappings = load(tmp_path)
        keys = phone_keys_of(mappings.ordered[0], "Contact")
        found.append((mappings.digests["customers"], keys.lacking(here)))

    assert found[0] == found[1]
    assert found[0][1] == {"Mobile_Key__c": "+33612345678"}


def test_each_shipped_mapping_has_its_own() -> None:
    """In a few digits, the same in each run."""
    digests = load(ROOT / "transforms").digests

    assert len(set(digests.values())) == len(digests) > 5
    assert load(ROOT / "transforms").digests == digests
