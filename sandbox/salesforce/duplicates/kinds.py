"""The standard matching rules: which fields of which object they compare, by which keys they find rows, what matches.

The equations of contacts, leads and person accounts and the keys of contacts and leads are documented; the equation of
accounts is from memory, the key of a street, and of accounts, is a guess. That a blank first name or title does
not count where the e-mail is compared is documented, as is that first and last name may be swapped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.salesforce.duplicates.fields import (
    METHODS,
    company_words,
    first_name,
    host,
    last_name,
    phone_parts,
    street_words,
)
from sandbox.salesforce.duplicates.text import plain, sound
from sandbox.salesforce.row import AnyRow
from sandbox.salesforce.store import Store

Entry = dict[str, str]
"""A row as the rules see it: what they compare, by the words of ``METHODS``; blank values are left out."""
Groups = tuple[tuple[str, ...], ...]
_WITH_NAMES = frozenset({"phone", "company", "street"})
_BLANK_MAY_PASS = frozenset({"title"})
_MOST_CERTAIN = 99.0  # how the vendor makes one figure of many is not known; that a look is never certain is ours
_PERSON = (
    ("title", "company"),
    ("email",),
    ("phone", "company"),
    ("street", "city"),
    ("street", "zip"),
    ("street", "phone"),
    ("street", "title"),
    ("title", "email"),
    ("phone",),
)
_SHOPPER = (("email",), ("street", "city"), ("street", "zip"), ("phone",))
_BUSINESS = (
    ("company", "street"),
    ("company", "city", "state"),
    ("company", "zip"),
    ("company", "phone"),
    ("website", "phone"),
    ("website", "street"),
)


@dataclass(frozen=True)
class Kind:
    """What a row is to the rules.

    Attributes:
        name: contact, lead, person or business.
        object: Whose rows these are.
        rule: The matching rule that looks among rows of this kind.
        duplicate_rule: The duplicate rule that is asked when such a row is saved.
        fields: What is compared -> the field of the object.
        groups: Each a condition, the names apart; one that holds is enough.
        others: The kinds of rows that such a row is compared with.
    """

    name: str
    object: str
    rule: str
    duplicate_rule: str
    fields: dict[str, str]
    groups: Groups
    others: tuple[str, ...]

    def holds(self, row: AnyRow) -> bool:
        """Whether a row of the object is of this kind, and one to compare with."""
        if self.name == "lead":
            return not row["IsConverted"]
        return (self.name == "person") == bool(row.get("IsPersonAccount"))

    def entry(self, store: Store, row: AnyRow) -> Entry:
        """The row as the rules see it."""
        told = {word: row.get(field) for word, field in self.fields.items()}
        account = store.tables["Account"].get(row["AccountId"] or "") if self.name == "contact" else None
        told |= {"company": account["Name"]} if account else {}
        return {word: value for word, value in told.items() if value}


def _fields(person: str, address: str, **more: str) -> dict[str, str]:
    told = {"email": f"{person}Email", "title": f"{person}Title", "phone": "Phone"}
    told |= {"first": "FirstName", "last": "LastName"}
    where = {"street": f"{address}Street", "city": f"{address}City", "zip": f"{address}PostalCode"}
    return {**told, **where, **more}


_BUSINESS_FIELDS = {
    "company": "Name",
    "website": "Website",
    "phone": "Phone",
    "street": "BillingStreet",
    "city": "BillingCity",
    "state": "BillingState",
    "zip": "BillingPostalCode",
}
KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "contact",
            "Contact",
            "Standard_Contact_Match_Rule_v1_1",
            "Standard_Contact_Duplicate_Rule",
            _fields("", "Mailing"),
            _PERSON,
            ("contact", "lead", "person"),
        ),
        Kind(
            "lead",
            "Lead",
            "Standard_Lead_Match_Rule_v1_0",
            "Standard_Lead_Duplicate_Rule",
            _fields("", "", company="Company"),
            _PERSON,
            ("lead", "contact", "person"),
        ),
        Kind(
            "person",
            "Account",
            "Standard_Person_Account_Match_Rule_v1_0",
            "Standard_Person_Account_Duplicate_Rule",
            _fields("Person", "PersonMailing"),
            _SHOPPER,
            ("person", "contact", "lead"),
        ),
        Kind(
            "business",
            "Account",
            "Standard_Account_Match_Rule_v1_0",
            "Standard_Account_Duplicate_Rule",
            _BUSINESS_FIELDS,
            _BUSINESS,
            ("business",),
        ),
    )
}


def kind_of(name: str, row: AnyRow) -> Kind | None:
    """What a row is to the rules; None for what they do not look at."""
    if name == "Account":
        return KINDS["person" if row.get("IsPersonAccount") else "business"]
    kind = KINDS.get(name.lower())
    return kind if kind and kind.holds(row) else None


# -- keys: by which a row is found ------------------------------------------------------------------------------------


def keys(kind: Kind, entry: Entry) -> Iterator[str]:
    """The match keys of a row, the e-mail apart, which has an index of its own."""
    if kind.name == "business":
        yield from _business_keys(entry)
    elif "first" in entry and not _WITH_NAMES.isdisjoint(entry):
        yield from _person_keys(f"{plain(entry['first'])[:1]}{sound(entry['last'])}", entry)


def swapped(kind: Kind, entry: Entry) -> Iterator[str]:
    """The keys of a row whose first and last name changed places."""
    if kind.name != "business" and "first" in entry:
        yield from keys(kind, {**entry, "first": entry["last"], "last": entry["first"]})


def _person_keys(name: str, entry: Entry) -> Iterator[str]:
    if "phone" in entry:
        yield f"p{name}{_most_of_phone(entry['phone'])}"
    if "company" in entry:
        yield f"c{name}{_short(company_words(entry['company']))}"
    if "street" in entry:
        yield f"s{name}{_short(street_words(entry['street']))}"


def _business_keys(entry: Entry) -> Iterator[str]:
    heads = [f"n{_short(company_words(entry['company']))}"] if "company" in entry else []
    heads += [f"w{host(entry['website'])}"] if "website" in entry else []
    tails = [f"p{_most_of_phone(entry['phone'])}"] if "phone" in entry else []
    tails += [f"s{_short(street_words(entry['street']))}"] if "street" in entry else []
    tails += [f"z{entry['zip'][:5]}"] if "zip" in entry else []
    tails += [f"c{plain(entry['city'])[:6]}"] if "city" in entry else []
    yield from (f"{head}|{tail}" for head in heads for tail in tails)


def _most_of_phone(text: str) -> str:
    return "".join(phone_parts(text)[1:3])


def _short(words: list[str] | tuple[str, ...]) -> str:
    """Two words of a name, five letters each."""
    return " ".join(word[:5] for word in words[:2])


# -- the equation -----------------------------------------------------------------------------------------------------


def confidence(kind: Kind, one: Entry, other: Entry) -> float:
    """How sure the rule is that two rows are one, from 0 to 100; 0 is no match."""
    score = _business_score if kind.name == "business" else _person_score
    return min(score(kind, one, other), _MOST_CERTAIN)


def _business_score(kind: Kind, one: Entry, other: Entry) -> float:
    return max(_mean(_scores(group, one, other)) for group in kind.groups)


def _person_score(kind: Kind, one: Entry, other: Entry) -> float:
    swap = {**other, "first": other.get("last", ""), "last": other.get("first", "")}
    return max(_named_score(kind, one, each) for each in (other, swap))


def _named_score(kind: Kind, one: Entry, other: Entry) -> float:
    last = last_name(one.get("last", ""), other["last"]) if other.get("last") else 0.0
    if not last:
        return 0.0
    given, taken = one.get("first"), other.get("first")
    first = first_name(given, taken) if given and taken else None
    best = 0.0
    for group in kind.groups:
        if first is None and "email" not in group:
            continue
        names = [last] if first is None else [last, first]
        best = max(best, _mean([*names, *_scores(group, one, other)]))
    return best


def _scores(group: tuple[str, ...], one: Entry, other: Entry) -> list[float]:
    scores = []
    for word in group:
        if word in one and word in other:
            scores.append(METHODS[word](one[word], other[word]))
        elif not (word in _BLANK_MAY_PASS and "email" in group):
            scores.append(0.0)
    return scores


def _mean(scores: list[float]) -> float:
    """The mean; 0 when one of them is."""
    return sum(scores) / len(scores) if all(scores) else 0.0
