"""What match rules cost: Salesforce calls for new shoppers under three and under six rules.

A look-up asks for all rules and a whole batch at once, so that calls grow with chunks of values, and not with records.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.target import Target, singer
from sandbox.process import served

COUNTS = (2_500, 10_000)
RULES = (
    "{by: email, from: email, to: {Contact: Email, Lead: Email}}",
    "{by: phone, from: mobile, to: {Contact: [MobilePhone, Phone], Lead: [MobilePhone, Phone]}}",
    "{by: text, from: card, to: {Contact: Title}}",
    (
        "{all: [{by: date, from: birth_date, to: {Contact: Birthdate}}, "
        "{by: name, from: last_name, to: {Contact: LastName}}]}"
    ),
    (
        "{all: [{by: postal_code, from: postal_code, to: {Contact: MailingPostalCode, Lead: PostalCode}}, "
        "{by: name, from: last_name, to: {Contact: LastName, Lead: LastName}}]}"
    ),
    (
        "{all: [{by: text, from: last_name, to: {Contact: LastName}}, "
        "{by: text, from: first_name, to: {Contact: FirstName}}]}"
    ),
)
MAPPING = """
stream: customers
object: Contact
key: {field: Lightspeed_Key__c, value: "{account_id}:{id}"}
region: {else: CA}
on_duplicate_rule: allow
match: [{by: key}, %s]
fields:
  FirstName: {from: first_name}
  LastName: {from: last_name}
  Email: {from: email}
  MobilePhone: {from: mobile}
  Mobile_Phone_Key__c: {key_of: MobilePhone}
  Main_Phone_Key__c: {key_of: Phone}
  Birthdate: {from: birth_date, as: date, only: Contact}
  MailingPostalCode: {from: postal_code, only: Contact}
"""


def main() -> None:
    """Print the table."""
    print(f"\n{'new customers, by rules':<34}{'calls':>11}{'calls/1,000':>13}")
    for count in COUNTS:
        for rules in (3, 6):
            calls = calls_of(count, RULES[:rules])
            print(f"{f'{count:,} under {rules} rules':<34}{calls:>11,}{calls * 1000 / count:>13.1f}")


def calls_of(count: int, rules: tuple[str, ...]) -> int:
    """The calls of one load into an org of its own."""
    with tempfile.TemporaryDirectory() as name, served(seed="empty") as box:
        transforms = Path(name) / "transforms"
        transforms.mkdir()
        (transforms / "customers.yml").write_text(MAPPING % ", ".join(rules))
        return Target(Path(name), box, transforms).take(singer("customers", customers(count))).calls


def customers(count: int) -> Iterator[dict[str, Any]]:
    """Invented shoppers, who have everything that a rule asks for."""
    for number in range(count):
        yield {
            "account_id": "1",
            "id": str(number),
            "first_name": "Ann",
            "last_name": f"Lovelock{number}",
            "email": f"ann{number}@example.com",
            "mobile": f"(514) 2{number // 10000:02}-{number % 10000:04}",
            "card": f"C{number}",
            "birth_date": f"19{number % 80 + 10}-05-{number % 28 + 1:02}",
            "postal_code": f"H{number % 10}X {number % 7}Y{number % 9}",
        }
