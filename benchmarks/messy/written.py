"""What is written down of people, by clerks in a hurry: at the till, and in the CRM."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from benchmarks.messy.persons import SHORT, Person, plain

PHONE_FORMS = ("({a}) {b}-{c}", "{a}-{b}-{c}", "{a}.{b}.{c}", "+1 {a} {b} {c}", "{a}{b}{c}", "1-{a}-{b}-{c}")


def mistyped(text: str, rng: Random) -> str:
    """One letter less, doubled, or in the place of its neighbour."""
    if len(text) < 3:
        return text
    at = rng.randrange(1, len(text) - 1)
    head, letter, after, tail = text[:at], text[at], text[at + 1], text[at + 2 :]
    return rng.choice((head + after + tail, head + letter + letter + after + tail, head + after + letter + tail))


FIRST_NAMES: tuple[tuple[float, Callable[[str, Random], str]], ...] = (
    (0.08, lambda name, _: name.upper()),
    (0.03, lambda name, _: name.lower()),
    (0.05, lambda name, _: plain(name).title()),
    (0.04, lambda name, _: SHORT.get(name, name)),
    (0.015, lambda name, _: f"{name[:1]}."),
    (0.02, lambda name, rng: f"{name} {rng.choice('ABCDEFGHJKLM')}."),
    (0.01, lambda name, rng: f"{rng.choice(('Mr', 'Mrs', 'Dr.', 'Mme'))} {name}"),
    (0.015, mistyped),
    (0.02, lambda _name, _: ""),
)
"""How often a first name is written in another way."""
LAST_NAMES: tuple[tuple[float, Callable[[str, Random], str]], ...] = (
    (0.1, lambda name, _: name.upper()),
    (0.06, lambda name, _: plain(name).title()),
    (0.02, lambda name, _: name.replace("-", " ").replace("'", "")),
    (0.02, mistyped),
    (0.01, lambda _name, _: ""),
)
MAIL = re.compile(r"[^@\s]+@([^@\s.]+\.)+[^@\s.]{2,}")
"""What the CRM takes."""
JUNK_MAIL = ("none@none.com", "x@x.com", "no@thanks.ca", "na@na.com", "client@magasin.ca")
JUNK_PHONES = ("514-555-5555", "000-000-0000", "416-999-9999")


@dataclass(frozen=True)
class Written:
    """What was written down of somebody.

    Attributes:
        person: Whose it is, which nobody wrote: the truth.
    """

    person: int
    first: str
    last: str
    email: str = ""
    mobile: str = ""
    phone: str = ""
    born: date | None = None
    street: str = ""
    city: str = ""
    state: str = ""
    postal: str = ""
    company: str = ""


class Clerk:
    """Writes people down.

    Args:
        rng: The seed of what goes wrong.
        shop: Of a till; a CRM has none.
    """

    def __init__(self, rng: Random, shop: int = 0) -> None:
        self._rng = rng
        self._counter_mail = f"shop{shop}@chain.example.com" if shop else ""
        self._counter_phone = f"514-27{shop % 10}-{shop:04d}" if shop else ""

    def write(self, person: Person) -> Written:
        """What a clerk makes of somebody."""
        rng = self._rng
        first = self._name(person.first, FIRST_NAMES) if person.first else ""
        last = self._name(person.last, LAST_NAMES) if person.last else ""
        if rng.random() < 0.007:
            first, last = last, first
        lives = rng.random() < 0.55
        return Written(
            person.number,
            first,
            last,
            email=self._mail(person.email),
            mobile=self._phone(person.mobile, 0.78),
            phone=self._phone(person.home, 0.6),
            born=self._born(person.born) if rng.random() < 0.5 else None,
            street=person.street if lives else "",
            city=person.city if lives else "",
            state=person.state if lives else "",
            postal=person.postal if lives else "",
            company=self._company(person.company),
        )

    def _name(self, name: str, ways: tuple[tuple[float, Callable[[str, Random], str]], ...]) -> str:
        chance = self._rng.random()
        for share, way in ways:
            chance -= share
            if chance < 0:
                return way(name, self._rng)
        return name

    def _company(self, name: str) -> str:
        chance = self._rng.random()
        if chance < 0.1:
            return name.upper()
        return name.replace(".", "") if chance < 0.2 else name

    def _mail(self, mail: str) -> str:
        chance = self._rng.random()
        if chance < 0.2:
            return ""
        if chance < 0.21 and self._counter_mail:
            return self._counter_mail
        if chance < 0.22 and self._counter_mail:
            return self._rng.choice(JUNK_MAIL)
        if chance < 0.235:
            return mistyped(mail, self._rng)
        return mail.title() if chance < 0.28 else mail

    def _phone(self, digits: str, share: float) -> str:
        chance = self._rng.random()
        if not digits or chance > share:
            return ""
        if chance < 0.005 and self._counter_phone:
            return self._counter_phone
        if chance < 0.01 and self._counter_phone:
            return self._rng.choice(JUNK_PHONES)
        if chance < 0.025:
            place = self._rng.randrange(4, 10)
            digits = f"{digits[:place]}{self._rng.randrange(10)}{digits[place + 1 :]}"
        return self._rng.choice(PHONE_FORMS).format(a=digits[:3], b=digits[3:6], c=digits[6:])

    def _born(self, born: date) -> date:
        chance = self._rng.random()
        if chance < 0.01:
            return date(1900, 1, 1)
        if chance < 0.017 and born.day <= 12:
            return born.replace(day=born.month, month=born.day)
        if chance < 0.025:
            return born.replace(year=born.year + self._rng.choice((-10, -1, 1, 10)))
        return born


def record(written: Written, key: str, at: str) -> dict[str, Any]:
    """As the tap tells it.

    Args:
        written: What the till has.
        key: Account and id, with a colon.
        at: When it was changed, in UTC.
    """
    account, _, number = key.partition(":")
    return {
        "account_id": account,
        "id": number,
        "first_name": written.first or None,
        "last_name": written.last or None,
        "company": written.company or None,
        "email": written.email or None,
        "mobile": written.mobile or None,
        "phone": written.phone or None,
        "birth_date": written.born.isoformat() if written.born else None,
        "address_line1": written.street or None,
        "city": written.city or None,
        "state": written.state or None,
        "postal_code": written.postal or None,
        "country": "CA" if written.city else None,
        "archived": False,
        "updated_at": at,
    }


def contact(written: Written) -> dict[str, Any]:
    """As a colleague has put it into the CRM; one in four puts numbers where others do not."""
    mobile, phone = ("Phone", "HomePhone") if written.person % 4 == 0 else ("MobilePhone", "Phone")
    row = {
        "FirstName": written.first,
        "LastName": written.last or written.company or "(unknown)",
        "Email": written.email if MAIL.fullmatch(written.email) else "",
        mobile: written.mobile,
        phone: written.phone,
        "Birthdate": written.born.isoformat() if written.born else "",
        "MailingStreet": written.street,
        "MailingCity": written.city,
        "MailingPostalCode": written.postal,
        "LeadSource": "Web",
    }
    return {name: value for name, value in row.items() if value}


def lead(written: Written) -> dict[str, Any]:
    """As a form on the web has made a lead of it."""
    shown = contact(written)
    row = {name.removeprefix("Mailing"): shown[name] for name in shown if name not in ("Birthdate", "HomePhone")}
    return {**row, "Company": written.company or "(private)"}
