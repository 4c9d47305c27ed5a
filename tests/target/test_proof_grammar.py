"""Each key of the grammar, and each word that a mapping may choose, has an effect that a hand has written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.mapping.load import grammar
from target_salesforce_retail.mapping.match_keys import can_be_asked
from target_salesforce_retail.metadata import CURRENCY, FieldDescribe
from target_salesforce_retail.nouns import Fault, Reason, Recovery, Result

from tests.target.world import SHOPS, World

Values = dict[str, Any]
Told = tuple[str, list[Any]]
BASE = """
stream: customers
object: Contact
key: {field: Key__c, value: "{account_id}:{id}"}
version: updated_at
region: {else: CA}
"""
NAMED = BASE.replace("version: updated_at\n", "")
TOGETHER = (
    BASE
    + "match: [{all: [{by: name, from: last, to: {Contact: Last}}, "
    + "{by: date, from: birth_date, to: {Contact: Birthdate}}]}]\nfields: {F: {from: f}}\n"
)
BY_EMAIL = "match: [{by: key}, {by: email, from: email, to: {Contact: Email}}]\n"
AGREE = BASE + BY_EMAIL.replace("Email}}", "Email}, agree: {First: {%s}}}") + "fields: {F: {from: f}}\n"
ONE = BASE + "fields: {F: {from: f, %s}}\n"
MANY = BASE + BY_EMAIL + "on_many: %s\nfields: {F: {from: f}, Email: {from: email}, Phone: {from: phone}}\n"
DATED = BASE + "fields: {F: {from: f, as: date, %s}}\n"
EITHER = """
stream: customers
object: Lead
key: {field: Key__c, value: "{account_id}:{id}"}
match: [{by: key}, {by: email, from: email, to: {Contact: Email, Lead: Email}}]
fields: {F: {from: f, %s}}
"""
OF_LEADS = BASE + "match: [{by: email, from: email, to: {Contact: Email, Lead: Email}}]\n"
ASKED = EITHER.replace("Lead: Email}", "Lead: Email}, agree: {First: {from: name, only: %s}}").replace("f, %s", "f")
SALES = """
---
stream: sales
object: Sale__c
key: {field: Key__c, value: "{account_id}:{id}"}
fields: {Total__c: {from: total}}
"""
OF_A_SHOPPER = BASE + "fields: {Name: {from: name}}\n" + SALES.replace("{Total__c: {from: total}}", "{%s}")
LINES = (
    SALES
    + """
---
stream: sale_lines
object: Line__c
key: {field: Key__c, value: "{account_id}:{id}"}
parent: {%s}
fields: {Quantity__c: {from: quantity}}
"""
)
KEPT = (
    BASE
    + BY_EMAIL
    + "fields: {Last: {from: f}, Email: {from: email}}\n"
    + "profile: {object: P__c, key: Key__c, person: {Contact: Contact__c}, %s}\n"
)
TAGGED = "by: text, from: tag, to: {Contact: Tag__c}"
BRIDGED = (
    BASE
    + BY_EMAIL.replace("}}]", f"}}}}, {{{TAGGED}}}]")
    + "fields: {Email: {from: email}, Tag__c: {from: tag}}\n"
    + "profile: {object: P__c, key: Key__c, person: {Contact: Contact__c}}\non_suspect: %s\n"
)
OF_ALL = KEPT.replace("%s", "keep: all, %s")
SHARED = "shared:349bca1fabbe61171f2352c27431aef7"
"""What those named Lee share."""
US = "005000000000001AAA"
"""Who writes."""
FIRST_MADE = "Acc000000000001AAA"
"""The id of what is made first."""
PART = "reference: sales, from: sale_id, field: F"


@dataclass(frozen=True)
class Story:
    """What arrives, and what is to be seen of it, for each thing that a mapping may say.

    Attributes:
        text: The mapping, with a place for what it says.
        records: Stream and record, one run after the other.
        expected: What it says -> what became of the last record, and what is looked at in each row of the org.
        there: Object and row, in the org before.
        looks: Object and field to look at; or the name of the rule that decided.
        fields: What the org says of fields, where that matters.
        objects: To a new record, by a duplicate rule that only warns.
    """

    text: str
    records: Sequence[tuple[str, Values]]
    expected: Mapping[str, Told]
    there: Sequence[tuple[str, Values]] = ()
    looks: str = "Contact.F"
    fields: Mapping[str, FieldDescribe] = field(default_factory=dict)
    objects: bool = False


class Suspicious(MemoryOrg):
    """An org that sees a look-alike of whoever is new."""

    def upsert(self, name: str, key_field: str, rows: Any, *, allow_duplicates: bool = False) -> list[Result]:
        """Refused, unless that is allowed."""
        if allow_duplicates:
            return super().upsert(name, key_field, rows, allow_duplicates=True)
        alike = tuple(self.tables[name])
        fault = Fault(Reason.DUPLICATE_RULE, Recovery.RETRY, "DUPLICATES_DETECTED", "", (), alike, may_allow=True)
        return [Result(None, fault=fault) for _ in rows]


def shopper(**values: Any) -> tuple[str, Values]:
    return "customers", {"id": "1", **values}


def sale(**values: Any) -> tuple[str, Values]:
    return "sales", {"id": "5", **values}


def line(**values: Any) -> tuple[str, Values]:
    return "sale_lines", {"id": "9", **values}


def contact(**values: Any) -> tuple[str, Values]:
    return "Contact", values


def account_story(
    told: str,
    expected: Mapping[str, list[Any]],
    looks: str = "Account.Name",
    shared: str = "shared: {last: name}, ",
    **more: Any,
) -> Story:
    """A new shopper whose account has what is told, beside what an account needs."""
    given = told.partition(":")[0]
    rest = "".join(each for each in ("key: Key__c, ", shared) if not each.startswith(f"{given}:"))
    fields = "fields: {Name: {from: last}, Site: {from: f}}" if given != "fields" else ""
    text = BASE + f"account: [{{{rest}{fields}{', ' if fields else ''}{told}}}]\nfields: {{F: {{from: f}}}}\n"
    record = shopper(id="7", f="x", last="Lee", at="2026-02-28T04:30:00Z")
    return Story(text, [record], {said: ("created", seen) for said, seen in expected.items()}, looks=looks, **more)


def account_field(told: str, expected: Mapping[str, list[Any]]) -> Story:
    """The same, of one of its fields."""
    return account_story(f"fields: {{Name: {told}}}", expected)


A_LEAD = ("Lead", {"Email": "a@x.org", "F": "old", "CreatedDate": "1"})
OLD = contact(Email="a@x.org", F="old", CreatedDate="1")
FULL = contact(Email="a@x.org", F="full", CreatedDate="2", Phone="1")
NEW = contact(Email="a@x.org", F="new", CreatedDate="3")
ANN = shopper(email="a@x.org", f="x")
BOTH = "{email: a@x.org}"
CHOICES = {
    "on_many": Story(
        MANY,
        [ANN],
        {
            "hold": ("held many_matches", ["old", "full", "new"]),
            "oldest": ("updated", ["x", "full", "new"]),
            "newest": ("updated", ["old", "full", "x"]),
            "most_complete": ("updated", ["old", "x", "new"]),
            "most_recently_active": ("updated", ["x", "full", "new"]),
        },
        [OLD, FULL, NEW],
    ),
    "on_suspect": Story(
        BRIDGED,
        [shopper(email="a@x.org"), shopper(id="2", tag="t"), shopper(id="3", email="a@x.org", tag="t")],
        {"report": ("updated", ["1:1", "1:2"]), "merge": ("updated", ["1:1"])},
        looks="Contact.Key__c",
    ),
    "by of agree": Story(
        AGREE.replace("%s", "from: name, by: %s"),
        [shopper(f="x", email="a@x.org", name="Robert")],
        {"text": ("created", ["old", "x"]), "name": ("updated", ["x"]), "alike": ("updated", ["x"])},
        [contact(Email="a@x.org", F="old", First="Bob")],
    ),
    "initial of agree": Story(
        AGREE.replace("%s", "from: name, by: name, initial: %s"),
        [shopper(f="x", email="a@x.org", name="R.")],
        {"agrees": ("updated", ["x"]), "differs": ("created", ["old", "x"])},
        [contact(Email="a@x.org", F="old", First="Robert")],
    ),
    "blank of agree": Story(
        AGREE.replace("%s", "from: name, blank: %s"),
        [shopper(f="x", email="a@x.org", name="Robert"), shopper(id="2", f="y", email="a@x.org")],
        {"agrees": ("unchanged", ["x"]), "differs": ("updated", ["y", "x"]), "never": ("created", ["old", "x", "y"])},
        [OLD],
    ),
    "keep": Story(
        KEPT.replace("%s", "keep: %s"),
        [ANN],
        {"needed": ("updated", []), "all": ("updated", ["linked"])},
        [OLD],
        looks="P__c.Status__c",
    ),
    "do of on_none": Story(
        BASE + "on_none: [{do: %s}]\nfields: {F: {from: f}}\n",
        [ANN],
        {"skip": ("skipped not_wanted", []), "hold": ("held none_held", [])},
    ),
    "do of retired": Story(
        OF_ALL.replace("%s", "retired: [{when: {archived: true}, do: %s}]"),
        [shopper(f="x"), shopper(f="y", archived=True)],
        {
            "keep": ("skipped excluded", ["retired"]),
            "unlink": ("updated excluded", ["unlinked"]),
            "anonymise": ("updated excluded", ["erased"]),
        },
        looks="P__c.Status__c",
    ),
    "on_match": Story(
        BASE + BY_EMAIL + "on_match: {Contact: %s}\nfields: {F: {from: f}}\n",
        [ANN],
        {
            "update": ("updated", ["x"]),
            "leave": ("skipped left_alone", ["old"]),
            "hold": ("held match_held", ["old"]),
        },
        [OLD],
    ),
    "on_match of a lead": Story(
        OF_LEADS + "on_match: {Lead: %s}\nfields: {F: {from: f}}\n",
        [ANN],
        {
            "update": ("updated", []),
            "leave": ("skipped left_alone", []),
            "hold": ("held match_held", []),
            "convert": ("updated", ["x"]),
        },
        [A_LEAD],
    ),
    "else": Story(
        OF_LEADS + "on_match: {Lead: convert}\nconvert: {when: {type: none}, else: %s}\nfields: {F: {from: f}}\n",
        [ANN],
        {
            "update": ("updated", ["x"]),
            "leave": ("skipped left_alone", ["old"]),
            "hold": ("held match_held", ["old"]),
        },
        [A_LEAD],
        looks="Lead.F",
    ),
    "on_duplicate_rule": Story(
        BASE + "on_duplicate_rule: %s\nfields: {F: {from: f}}\n",
        [ANN],
        {"hold": ("held duplicate_rule", ["old"]), "allow": ("created", ["old", "x"])},
        [OLD],
        objects=True,
    ),
    "update": Story(
        ONE.replace("%s", "update: %s"),
        [shopper(f="x"), shopper(f="y")],
        {"always": ("updated", ["y"]), "if_blank": ("unchanged", ["x"]), "never": ("unchanged", ["x"])},
    ),
    "update of what is blank": Story(
        ONE.replace("%s", "update: %s"),
        [shopper(f=None), shopper(f="y")],
        {"always": ("updated", ["y"]), "if_blank": ("updated", ["y"]), "never": ("unchanged", [None])},
    ),
    "on_null": Story(
        ONE.replace("%s", "on_null: %s"),
        [shopper(f="x"), shopper(f=None)],
        {"keep": ("unchanged", ["x"]), "clear": ("updated", [None])},
    ),
    "too_long": Story(
        ONE.replace("%s", "too_long: %s"),
        [shopper(f="Montréal")],
        {"hold": ("held value_refused", []), "cut": ("created", ["Mont"]), "leave_out": ("created", [None])},
        fields={"F": FieldDescribe("F", "string", length=4)},
    ),
    "refused": Story(
        ONE.replace("%s", "as: date, refused: %s"),
        [shopper(f="last May")],
        {"hold": ("held unconvertible", []), "leave_out": ("created", [None])},
    ),
    "missing": Story(
        BASE + "fields: {F: {reference: shops, from: f, missing: %s}}\n",
        [shopper(f="7")],
        {"wait": ("held parent_missing", []), "hold": ("held parent_held", []), "blank": ("created", [None])},
    ),
    "stale": Story(
        LINES.replace("%s", f"{PART}, siblings: line_ids, stale: %s"),
        [sale(line_ids=["9"]), line(sale_id="5", quantity=2), sale(line_ids=[])],
        {"delete": ("updated", []), "keep": ("unchanged", [2])},
        looks="Line__c.Quantity__c",
    ),
}
"""Option, and what tells two stories of it apart -> the story, with all its words."""
BY: dict[str, tuple[str, list[str], list[str]]] = {
    # Kind of match: what the shop says; rows that answer; rows that do not
    "key": ("1", ["1:1"], ["1:2"]),
    "email": (" Ann\u200b@X.org ", ["ann@x.org"], ["ann@x.or", "nan@x.org"]),
    "phone": ("(514) 250-0001", ["+15142500001"], ["514.250.0001", "+15142500002", "+335142500001"]),
    "text": (" ab\u200b-12 ", ["AB-12"], ["AB 12", "AB-1"]),
    "name": ("Dr. José O'Brien-Smith", ["JOSE OBRIEN SMITH", "jose o\u2019brien-smith"], ["Jose Brien Smith", "J"]),
    "digits": ("AB 12-345", ["12345", "1-2345x"], ["12-34", "112345"]),
    "postal_code": ("h2x1y4", ["H2X 1Y4", "H2X1Y4", "h2x-1y4"], ["H2X 1Y5", "H2X"]),
    "date": ("1980-01-02T00:00:00+02:00", ["1980-01-02"], ["1980-02-01"]),
}
CONVERTED: dict[str, tuple[Any, Any, Any]] = {
    # Converter: a value, what becomes of it, and a value that it cannot read
    "text": (1.5, "1.5", ["1.5"]),
    "email": (" Ann@X.org ", "ann@x.org", "none"),
    "phone": ("(514) 250-0001", "+15142500001", "250-0001"),
    "decimal": ("01.50", "1.50", "1,50"),
    "integer": ("7.0", 7, "7.5"),
    "boolean": ("TRUE", True, "yes"),
    "date": ("2026-05-04", "2026-05-04", "2026-05-04T10:00:00Z"),
    "datetime": ("2026-05-04T10:00:00+02:00", "2026-05-04 08:00:00+00:00", "2026-05-04T10:00:00"),
    "list": (["vip", "", "vip", "golf"], "vip;golf", "vip"),
}

KEYS = {
    "stream": Story(
        BASE.replace("stream: customers", "stream: %s") + "fields: {F: {from: f}}\n",
        [ANN],
        {"customers": ("created", ["x"]), "sales": ("skipped unmapped", [])},
    ),
    "object": Story(
        BASE.replace("Contact", "%s") + "fields: {F: {from: f}}\n",
        [ANN],
        {"Contact": ("created", ["x"]), "Lead": ("created", [])},
    ),
    "when": Story(
        BASE + "when: {kind: %s}\nfields: {F: {from: f}}\n",
        [shopper(f="x", kind="b")],
        {"[a, b]": ("created", ["x"]), "a": ("skipped excluded", []), "null": ("skipped excluded", [])},
    ),
    "nobody": Story(
        OF_A_SHOPPER.replace("%s", "F: {reference: customers, from: of}").replace(
            "object: C", "nobody: [%s]\nobject: C"
        ),
        [shopper(name="Cash Sale"), sale(of="1")],
        {"'1:1'": ("created", [None]), "'1:2'": ("created", ["Con000000000001AAA"])},
        looks="Sale__c.F",
    ),
    "require": Story(
        BASE + "require: %s\nfields: {F: {from: f}}\n",
        [shopper(f="x", code=" ")],
        {"[f]": ("created", ["x"]), "[f, code]": ("held required_missing", [])},
    ),
    "version": Story(
        NAMED + "version: %s\nfields: {F: {from: f}}\n",
        [
            shopper(f="new", updated_at="2026-11-02T10:00:00Z", seen=1),
            shopper(f="old", updated_at="2026-11-01T10:00:00Z", seen=2),
        ],
        {"updated_at": ("skipped overtaken", ["new"]), "seen": ("updated", ["old"])},
    ),
    "region.from": Story(
        BASE.replace("{else: CA}", "{from: %s, else: CA}") + "fields: {F: {from: f, as: phone}}\n",
        [shopper(f="020 7946 0958", country="GB", home="FR")],
        {"country": ("created", ["+442079460958"]), "home": ("held unconvertible", [])},
    ),
    "region.else": Story(
        BASE.replace("CA", "%s") + "fields: {F: {from: f, as: phone}}\n",
        [shopper(f="020 7946 0958")],
        {"GB": ("created", ["+442079460958"]), "CA": ("held unconvertible", [])},
    ),
    "unreadable": Story(
        BASE + "unreadable: %s\nfields: {F: {from: f}}\n",
        [shopper(f=None, unreadable=["f"], doubts=[])],
        {"unreadable": ("held invalid", []), "doubts": ("created", [None])},
    ),
    "currency": Story(
        BASE + "currency: %s\nfields: {F: {from: f}}\n",
        [shopper(f=5, money="CAD", other="USD")],
        {"money": ("created", ["CAD"]), "other": ("created", ["USD"])},
        looks=f"Contact.{CURRENCY}",
        fields={CURRENCY: FieldDescribe(CURRENCY, "picklist"), "F": FieldDescribe("F", "currency", scale=2)},
    ),
    "record_type": Story(
        BASE + "record_type: %s\nfields: {F: {from: f}}\n",
        [ANN],
        {"Retail": ("created", ["Retail"]), "default": ("created", [None])},
        looks="Contact.RecordTypeId",
    ),
    "key.field": Story(
        BASE.replace("Key__c", "%s") + "fields: {F: {from: f}}\n",
        [ANN],
        {"Key__c": ("created", ["1:1"]), "Other__c": ("created", [None])},
        looks="Contact.Key__c",
    ),
    "key.value": Story(
        BASE.replace("{account_id}:{id}", "%s") + "fields: {F: {from: f}}\n",
        [ANN],
        {"{account_id}:{id}": ("created", ["1:1"]), "shop-{id}": ("created", ["shop-1"])},
        looks="Contact.Key__c",
    ),
    "match.from": Story(
        BASE + "match: [{by: email, from: %s, to: {Contact: Email}}]\nfields: {F: {from: f}}\n",
        [shopper(f="x", email="a@x.org", other="b@x.org")],
        {
            "email": ("updated", ["x"]),
            "other": ("created", ["old", "x"]),
            "[other, email]": ("updated", ["x"]),
        },
        [OLD],
    ),
    "match.to": Story(
        BASE + "match: [{by: email, from: email, to: {Contact: %s}}]\nfields: {F: {from: f}}\n",
        [ANN],
        {"Email": ("updated", ["x"]), "Other__c": ("created", ["old", "x"])},
        [OLD],
    ),
    "match.name": Story(
        BASE + "match: [{name: %s, by: email, from: email, to: {Contact: Email}}]\nfields: {F: {from: f}}\n",
        [ANN],
        {"by_mail": ("updated", ["by_mail"]), "mail": ("updated", ["mail"])},
        [OLD],
        looks="the rule",
    ),
    "match.all.from": Story(
        TOGETHER.replace("from: birth_date", "from: %s"),
        [shopper(f="x", last="O'Brien", birth_date="1980-01-02", other="1980-02-01")],
        {
            "birth_date": ("updated", ["x"]),
            "other": ("created", ["old", "x"]),
            "[other, birth_date]": ("updated", ["x"]),
            "nothing": ("created", ["old", "x"]),
        },
        [contact(Last="OBRIEN", Birthdate="1980-01-02", F="old")],
    ),
    "match.all.to": Story(
        TOGETHER.replace("{Contact: Last}", "{Contact: %s}"),
        [shopper(f="x", last="O'Brien", birth_date="1980-01-02")],
        {"Last": ("updated", ["x"]), "[Maiden, Last]": ("updated", ["x"]), "Maiden": ("created", ["old", "x"])},
        [contact(Last="OBRIEN", Birthdate="1980-01-02", F="old")],
    ),
    "match.when": Story(
        BASE + "match: [{by: email, from: email, to: {Contact: Email}, when: {%s}}]\nfields: {F: {from: f}}\n",
        [shopper(f="x", email="a@x.org", type="loyal")],
        {
            "type: loyal": ("updated", ["x"]),
            "type: [other, loyal]": ("updated", ["x"]),
            "type: other": ("created", ["old", "x"]),
            "other: null": ("updated", ["x"]),
        },
        [OLD],
    ),
    "on_none.create": Story(
        EITHER.replace("f, %s", "f").replace("fields:", "on_none: %s\nfields:"),
        [shopper(f="x")],
        {
            "create": ("created", ["x"]),
            "skip": ("skipped not_wanted", []),
            "hold": ("held none_held", []),
            "[{create: Lead}]": ("created", ["x"]),
            "[{create: Contact}]": ("created", []),
        },
        looks="Lead.F",
    ),
    "on_none.when": Story(
        EITHER.replace("f, %s", "f").replace("fields:", "on_none: [{when: {%s}, do: skip}, {create: Lead}]\nfields:"),
        [shopper(f="x", type="staff", email=None)],
        {
            "type: staff": ("skipped not_wanted", []),
            "type: [test, staff]": ("skipped not_wanted", []),
            "type: test": ("created", ["x"]),
            "email: null": ("skipped not_wanted", []),
            "email: null, type: test": ("created", ["x"]),
        },
        looks="Lead.F",
    ),
    "convert.when": Story(
        OF_LEADS + "on_match: {Lead: convert}\nconvert: {when: {%s}}\nfields: {F: {from: f}}\n",
        [shopper(f="x", email="a@x.org", type="loyal")],
        {"type: loyal": ("updated", ["x"]), "type: [a, loyal]": ("updated", ["x"]), "type: a": ("updated", [])},
        [A_LEAD],
    ),
    "convert.status": Story(
        OF_LEADS + "on_match: {Lead: convert}\nconvert: {status: %s}\nfields: {F: {from: f}}\n",
        [shopper(f="x", email="a@x.org")],
        {"Won": ("updated", ["Won"]), "Closed": ("updated", ["Closed"])},
        [A_LEAD],
        looks="Lead.Status",
    ),
    "match.unless.from": Story(
        BASE + "match: [{by: email, from: email, to: {Contact: Email}, unless: {%s}}]\nfields: {F: {from: f}}\n",
        [shopper(f="x", email="a@x.org", name="Ann")],
        {
            "First: name": ("held vetoed", ["old"]),
            "Last: name": ("updated", ["x"]),
            "Blank: name": ("updated", ["x"]),
            "Blank: {from: name, blank: differs}": ("held vetoed", ["old"]),
        },
        [contact(Email="a@x.org", F="old", First="Bob", Last="ann")],
    ),
    "match.unless.only": Story(
        ASKED.replace("agree", "unless"),
        [shopper(f="x", email="a@x.org", name="Ann")],
        {"Contact": ("updated", ["x"]), "Lead": ("held vetoed", ["old"])},
        [("Lead", {"Email": "a@x.org", "F": "old", "First": "Bob"})],
        looks="Lead.F",
    ),
    "match.agree.only": Story(
        ASKED,
        [shopper(f="x", email="a@x.org", name="Ann")],
        {"Contact": ("updated", ["x"]), "Lead": ("created", ["old", "x"])},
        [("Lead", {"Email": "a@x.org", "F": "old", "First": "Bob"})],
        looks="Lead.F",
    ),
    "match.agree.from": Story(
        BASE + "match: [{by: email, from: email, to: {Contact: Email}, agree: {%s}}]\nfields: {F: {from: f}}\n",
        [shopper(f="x", email="a@x.org", name="Ann", nick="bob")],
        {
            "First: name": ("created", ["old", "x"]),
            "Last: name": ("updated", ["x"]),
            "First: {from: name}": ("created", ["old", "x"]),
            "First: {from: nick}": ("updated", ["x"]),
            "First: {from: [blank, nick, name]}": ("updated", ["x"]),
            "First: {from: [blank, name, nick]}": ("created", ["old", "x"]),
        },
        [contact(Email="a@x.org", F="old", First="Bob", Last="ann")],
    ),
    "match.shared_by": Story(
        BASE + "match: [{by: email, from: email, to: {Contact: Email}, shared_by: %s}]\nfields: {F: {from: f}}\n",
        [("customers", {"id": "2", "email": "a@x.org"}), ANN],
        {"2": ("unchanged", ["old"]), "1": ("created", ["old", "x"])},
        [OLD],
    ),
    "fields.from": Story(
        BASE + "fields: {F: {from: %s}}\n",
        [shopper(f="x", g="y", blank=" ")],
        {"f": ("created", ["x"]), "g": ("created", ["y"]), "[blank, g, f]": ("created", ["y"])},
    ),
    "fields.value": Story(
        BASE + "fields: {F: {value: %s}}\n",
        [shopper(f="x", blank=None)],
        {
            "In store": ("created", ["In store"]),
            '"{f}[ of {blank}][ by {f}]"': ("created", ["x by x"]),
            '"{{f}}"': ("created", ["{f}"]),
        },
    ),
    "fields.else": Story(
        BASE + "fields: {F: {from: f, else: %s}}\n",
        [shopper(f=" ")],
        {"unknown": ("created", ["unknown"]), "null": ("created", [None])},
    ),
    "fields.only": Story(
        EITHER.replace("%s", "only: %s"),
        [ANN],
        {"Contact": ("updated", ["x"]), "Lead": ("updated", ["old"]), "[Contact, Lead]": ("updated", ["x"])},
        [OLD],
    ),
    "fields.key_of": Story(
        BASE
        + "match: [{by: phone, from: m, to: {Contact: [Phone, Mobile]}}]\n"
        + "fields: {F: {from: f}, M_Key: {key_of: %s}}\n",
        [shopper(f="x", m="514 250 0001")],
        {"Mobile": ("updated", ["x"]), "Phone": ("created", ["old", "x"])},
        [contact(Mobile="(514) 250-0001", F="old")],
    ),
    "fields.zone": Story(
        DATED.replace("%s", "zone: %s"),
        [shopper(f="2026-05-04T23:30:00Z")],
        {"America/Halifax": ("created", ["2026-05-04"]), "Europe/Berlin": ("created", ["2026-05-05"])},
    ),
    "fields.reference": Story(
        OF_A_SHOPPER.replace("%s", "F: {reference: %s, from: of}"),
        [shopper(), ("shops", {"id": "1"}), sale(of="1")],
        {"customers": ("created", ["Con000000000001AAA"]), "shops": ("created", ["Sho000000000002AAA"])},
        looks="Sale__c.F",
    ),
    "fields.to": Story(
        OF_A_SHOPPER.replace("%s", "F: {reference: customers, from: of, to: {%s}}"),
        [shopper(), sale(of="1")],
        {
            "Contact: Who__c, Lead: Lead__c": ("created", ["Con000000000001AAA"]),
            "Contact: Other__c, Lead: Who__c": ("created", [None]),
        },
        looks="Sale__c.Who__c",
    ),
    "fields.follow": Story(
        OF_A_SHOPPER.replace(
            "%s",
            'A: {value: "{account_id}:{of}", on_null: clear}, B: {value: "{account_id}:{of}", on_null: clear}, '
            "F: {reference: customers, from: of, follow: %s}",
        ),
        [shopper()],
        {"A": ("unchanged", ["Con000000000001AAA"]), "B": ("unchanged", ["003X"])},
        [contact(Key__c="1:1"), ("Sale__c", {"Key__c": "1:5", "A": "1:1", "F": "003X"})],
        looks="Sale__c.F",
    ),
    "parent.reference": Story(
        LINES.replace("%s", "reference: %s, from: of, field: F"),
        [("shops", {"id": "5"}), sale(), line(of="5")],
        {"sales": ("created", ["Sal000000000002AAA"]), "shops": ("created", ["Sho000000000001AAA"])},
        looks="Line__c.F",
    ),
    "parent.from": Story(
        LINES.replace("%s", "reference: sales, from: %s, field: F"),
        [sale(), line(sale_id="5", other_id="6")],
        {"sale_id": ("created", ["Sal000000000001AAA"]), "other_id": ("held parent_missing", [])},
        looks="Line__c.F",
    ),
    "parent.field": Story(
        LINES.replace("%s", "reference: sales, from: sale_id, field: %s"),
        [sale(), line(sale_id="5")],
        {"F": ("created", ["Sal000000000001AAA"]), "G": ("created", [None])},
        looks="Line__c.F",
    ),
    "parent.siblings": Story(
        LINES.replace("%s", f"{PART}, siblings: %s, stale: delete"),
        [sale(line_ids=["9"], others=["9"]), line(sale_id="5", quantity=2), sale(line_ids=[], others=["9"])],
        {"line_ids": ("updated", []), "others": ("unchanged", [2])},
        looks="Line__c.Quantity__c",
    ),
    "account.object": account_story("object: %s", {"Account": ["Lee"], "Household__c": []}),
    "account.lookup": account_story(
        "lookup: %s", {"Home__c": [FIRST_MADE], "Office__c": [None]}, looks="Contact.Home__c"
    ),
    "account.key": account_story("key: %s", {"Key__c": [SHARED], "Code__c": [None]}, looks="Account.Key__c"),
    "account.size": account_story(
        "size: %s", {"5": ["1:shoppers:1"], "10": ["1:shoppers:0"]}, looks="Account.Key__c", shared=""
    ),
    "account.found_by": account_story(
        "found_by: %s", {"Name": ["LEE"], "Site": ["LEE", "Lee"]}, there=[("Account", {"Name": "LEE", "Site": "old"})]
    ),
    "account.fields.from": account_field("{from: %s}", {"last": ["Lee"], "f": ["x"]}),
    "account.fields.value": account_field("{value: %s}", {"Retail": ["Retail"], '"{last} home"': ["Lee home"]}),
    "account.fields.else": account_field("{from: none, else: %s}", {"a": ["a"], "b": ["b"]}),
    "account.fields.zone": account_field(
        "{from: at, as: date, zone: %s}", {"America/Toronto": ["2026-02-27"], "Europe/Paris": ["2026-02-28"]}
    ),
    "profile.object": Story(
        OF_ALL.replace("P__c", "%s", 1).replace(", %s}\n", "}\n"),
        [ANN],
        {"P__c": ("created", ["linked"]), "Q__c": ("created", [])},
        looks="P__c.Status__c",
    ),
    "profile.key": Story(
        OF_ALL.replace("key: Key__c, person", "key: %s, person").replace(", %s}\n", "}\n"),
        [ANN],
        {"Key__c": ("created", ["1:1"]), "Other__c": ("created", [None])},
        looks="P__c.Key__c",
    ),
    "profile.person": Story(
        OF_ALL.replace("Contact__c", "%s").replace(", %s}\n", "}\n"),
        [ANN],
        {"F": ("created", ["Con000000000001AAA"]), "G": ("created", [None])},
        looks="P__c.F",
    ),
    "profile.status": Story(
        OF_ALL.replace("%s", "status: %s"),
        [ANN],
        {"F": ("created", ["linked"]), "G": ("created", [None])},
        looks="P__c.F",
    ),
    "profile.matched": Story(
        OF_ALL.replace("%s", "matched: %s"),
        [ANN],
        {"F": ("created", ["Con000000000001AAA"]), "G": ("created", [None])},
        looks="P__c.F",
    ),
    "profile.rule": Story(
        OF_ALL.replace("%s", "rule: %s"),
        [ANN],
        {"F": ("created", ["created"]), "G": ("created", [None])},
        looks="P__c.F",
    ),
    "profile.evidence": Story(
        OF_ALL.replace("%s", "evidence: %s"),
        [ANN],
        {"F": ("updated", ["Contact.Email"]), "G": ("updated", [None])},
        [OLD],
        looks="P__c.F",
    ),
    "profile.candidates": Story(
        KEPT.replace("%s", "candidates: %s"),
        [ANN],
        {"F": ("held many_matches", ["Con000000000001AAA Con000000000002AAA"]), "G": ("held many_matches", [None])},
        [OLD, FULL],
        looks="P__c.F",
    ),
    "profile.retired.when": Story(
        KEPT.replace("%s", "retired: [{when: %s, do: unlink}]"),
        [shopper(f="x"), shopper(f="y", archived=True)],
        {"{archived: true}": ("updated excluded", ["x"]), "{archived: [false, null]}": ("created", ["y"])},
        looks="Contact.Last",
    ),
    "profile.retired.set": Story(
        KEPT.replace("%s", "retired: [{when: {archived: true}, do: anonymise, set: {Last: %s}}]"),
        [shopper(f="x"), shopper(f="y", archived=True)],
        {"gone": ("updated excluded", ["gone"]), "null": ("updated excluded", [None])},
        looks="Contact.Last",
    ),
    "profile.not": Story(
        KEPT.replace("%s", "not: %s"),
        [ANN],
        {"F": ("created", ["A"]), "G": ("updated", ["A"])},
        [contact(Id="A", Email="a@x.org"), ("P__c", {"Key__c": "1:1", "F": "A"})],
        looks="P__c.F",
    ),
    "profile.fields.from": Story(
        OF_ALL.replace("%s", "fields: {F: {from: %s}}"),
        [shopper(f="x", g="y")],
        {"f": ("created", ["x"]), "[none, g]": ("created", ["y"])},
        looks="P__c.F",
    ),
    "profile.fields.value": Story(
        OF_ALL.replace("%s", 'fields: {F: {value: "%s"}}'),
        [ANN],
        {"till": ("created", ["till"]), "{f}!": ("created", ["x!"])},
        looks="P__c.F",
    ),
    "profile.fields.else": Story(
        OF_ALL.replace("%s", "fields: {F: {from: none, else: %s}}"),
        [ANN],
        {"a": ("created", ["a"]), "b": ("created", ["b"])},
        looks="P__c.F",
    ),
    "profile.fields.zone": Story(
        OF_ALL.replace("%s", "fields: {F: {from: f, as: date, zone: %s}}"),
        [shopper(f="2026-11-02T03:00:00Z")],
        {"UTC": ("created", ["2026-11-02"]), "America/Toronto": ("created", ["2026-11-01"])},
        looks="P__c.F",
    ),
    "deleted.when": Story(
        BASE + "fields: {F: {from: f}}\ndeleted: {when: %s, set: {F: gone}}\n",
        [ANN, shopper(f="x", deleted_at="2026-11-01", left=False)],
        {"deleted_at": ("updated", ["gone"]), "left": ("unchanged", ["x"])},
    ),
    "deleted.set": Story(
        BASE + "fields: {F: {from: f}}\ndeleted: {when: deleted_at%s}\n",
        [ANN, shopper(f="x", deleted_at="2026-11-01")],
        {", set: {F: gone}": ("updated", ["gone"]), "": ("skipped deleted", ["x"])},
    ),
}
"""Key of the grammar -> the story, with two things at least that a mapping may say there."""


def words(schema: Any, name: str = "") -> Iterator[str]:
    """Every word that the grammar lets a mapping choose from, after the name of its option."""
    if isinstance(schema, dict):
        yield from (f"{name} {word}" for word in schema.get("enum", ()))
        for key, each in schema.items():
            inner = name if key in ("items", "additionalProperties", "properties", "definitions") else key
            yield from words(each, inner)


def keys(schema: Values, above: str = "") -> Iterator[str]:
    """Every key that the grammar gives a mapping, after those that it is within; but those with words to choose."""
    for name, each in schema["properties"].items():
        inner = innermost(each)
        if "properties" in inner:
            yield from keys(inner, f"{above}{name}.")
        elif "enum" not in inner:
            yield f"{above}{name}"


def innermost(schema: Values) -> Values:
    """What a key holds in the end: a list of it, or a table of it, is no key."""
    if "$ref" in schema:
        return innermost(grammar()["definitions"][schema["$ref"].rpartition("/")[2]])
    held = schema.get("items") or schema.get("additionalProperties")
    return innermost(held) if held and "properties" not in schema else schema


def test_every_word_of_the_grammar_is_written_down_here() -> None:
    """A new one fails until somebody has said what it does."""
    here = {f"{option.split()[0]} {word}" for option, story in CHOICES.items() for word in story.expected}
    here |= {f"by {word}" for word in BY} | {f"converter {word}" for word in CONVERTED}

    assert {*words(grammar())} == here


def test_every_key_of_the_grammar_is_written_down_here() -> None:
    """Likewise; and what is said there makes a difference."""
    assert {*keys(grammar())} == {*KEYS}
    assert [key for key, story in KEYS.items() if len({str(each) for each in story.expected.values()}) < 2] == []


ALL = {**CHOICES, **KEYS}


@pytest.mark.parametrize(("name", "said"), [(name, said) for name, story in ALL.items() for said in story.expected])
def test_a_mapping_does_what_it_says(name: str, said: str) -> None:
    """On a run in memory."""
    assert told(ALL[name], said) == ALL[name].expected[said]


def told(story: Story, said: str) -> Told:
    """What became of the last record, and what is in the org then."""
    text = story.text.replace("%s", said)
    world = World(text, SHOPS)
    for name, describe in world.describes.items():
        world.describes[name] = replace(describe, fields={**describe.fields, **story.fields})
    if story.objects:
        world.org = Suspicious(world.describes)
    for name, values in story.there:
        world.org.put(name, dict(values))
    world.org.user_id = US
    for stream, record in story.records:
        (outcome,) = world.run(stream, record)
        world.pipeline.follow(stream)
        world.pipeline.merge_suspects()
    if story.looks == "the rule":
        return outcome.verdict.value, [outcome.rule]
    name, _, looked_at = story.looks.partition(".")
    seen = [row.get(looked_at) for row in world.org.tables.get(name, {}).values()]
    ended = f"{outcome.verdict.value} {outcome.reason.value}" if outcome.reason else outcome.verdict.value
    return ended, [each if each is None or isinstance(each, int) else str(each) for each in seen]


@pytest.mark.parametrize("by", BY)
def test_a_kind_of_match_knows_what_is_alike(by: str) -> None:
    """Whoever answers is updated; who does not is somebody else."""
    value, alike, others = BY[by]
    one = f"by: {by}, from: m, to: {{Contact: M}}"
    rule = "{by: key}" if by == "key" else f"{{{one}}}" if can_be_asked(by) else f"{{all: [{{{one}}}, {{{TAGGED}}}]}}"
    text = f"{BASE}match: [{rule}]\nfields: {{F: {{from: f}}, M: {{from: n}}, Tag__c: {{from: n}}}}\n"
    held = "Key__c" if by == "key" else "M"
    record = {"id": value if by == "key" else "1", "m": value, "f": "x", "tag": "t"}
    for there, expected in [(each, "updated") for each in alike] + [(each, "created") for each in others]:
        story = Story(text, [("customers", record)], {}, [contact(**{held: there, "Tag__c": "t"})])
        assert (there, told(story, "")[0]) == (there, expected)


@pytest.mark.parametrize("by", [by for by in BY if by != "key"])
def test_a_kind_of_match_is_proved_with_another_spelling(by: str) -> None:
    """By case and blanks alone nobody would have shown what else it overlooks; the key is compared as it is."""
    value, alike, _ = BY[by]

    assert {bare(each) for each in alike} - {bare(value)}


def bare(value: str) -> str:
    """Without case and blanks."""
    return "".join(value.casefold().split())


@pytest.mark.parametrize("converter", CONVERTED)
def test_a_converter_makes_what_it_says(converter: str) -> None:
    """And holds what it cannot read."""
    value, becomes, unreadable = CONVERTED[converter]
    text = ONE.replace("%s", f"as: {converter}")

    assert told(Story(text, [shopper(f=value)], {}), "") == ("created", [becomes])
    assert told(Story(text, [shopper(f=unreadable)], {}), "") == ("held unconvertible", [])
