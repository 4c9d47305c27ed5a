"""Invented shoppers, as messy as real ones: doubles, families, odd spellings, missing and malformed data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from random import Random

FIRST = (
    "Ann Bob Chloé Dev Elif Finn Grace Hugo Ines Jonas Kavya Léa Mateo Nora Omar Priya Quinn Rosa Sven "
    "Tara Uma Victor Wei Ximena Yusuf Zoë Amelia Boris Carmen Dario Esther Farid Gwen Henrik"
).split()
LAST_HEADS = (
    "Ash Beck Castel Dun Ember Fair Glen Haw Iver Jas Kirk Lark Mont North Oak Pem Quill Ros Stan Thorn"
).split()
LAST_TAILS = "bury croft den field grove ham kins ley mere ridge son ston thorpe vale ward wood".split()
STREETS = "Maple Harbour Mill Station Church King Queen Orchard Bridge Lake".split()
PLACES = (
    ("Montréal", "QC", "H2X 1Y4", "514"),
    ("Toronto", "ON", "M5V 2T6", "416"),
    ("Vancouver", "BC", "V6B 1A1", "604"),
    ("Calgary", "AB", "T2P 1J9", "403"),
    ("Halifax", "NS", "B3H 4R2", "902"),
)
PHONE_FORMS = ("({a}) {b}-{c}", "{a}-{b}-{c}", "{a}.{b}.{c}", "+1 {a} {b} {c}", "{a}{b}{c}", "1-{a}-{b}-{c}")
MAIL_HOSTS = ("example.com", "example.org", "example.net")
TAGS = (("vip",), ("vip", "skier"), ("staff & family",))
BAD_MAILS = ("ann@@x", "none", "no e-mail", "x@")


@dataclass(frozen=True)
class Person:
    """A shopper as the till knows them."""

    first: str = ""
    last: str = ""
    company: str = ""
    email: str = ""
    mobile: str = ""
    home: str = ""
    street: str = ""
    city: str = ""
    state: str = ""
    postal: str = ""
    born: date | None = None
    note: str = ""
    archived: bool = False
    tags: tuple[str, ...] = ()
    custom: tuple[tuple[str, str], ...] = ()
    """Names and values of custom fields."""


def person(rng: Random) -> Person:
    """An ordinary shopper."""
    first = rng.choice(FIRST)
    last = rng.choice(LAST_HEADS) + rng.choice(LAST_TAILS)
    city, state, postal, area = rng.choice(PLACES)
    return Person(
        first=first,
        last=last,
        email=f"{plain(first)}.{last.lower()}{rng.randrange(1, 999)}@{rng.choice(MAIL_HOSTS)}",
        mobile=phone(rng, area),
        home=phone(rng, area) if rng.random() < 0.2 else "",
        street=f"{rng.randrange(1, 400)} {rng.choice(STREETS)} Street",
        city=city,
        state=state,
        postal=postal,
        born=date(rng.randrange(1940, 2008), rng.randrange(1, 13), rng.randrange(1, 29))
        if rng.random() < 0.6
        else None,
        tags=rng.choice(TAGS) if rng.random() < 0.08 else (),
        custom=(("Shoe size", str(rng.randrange(35, 48))),) if rng.random() < 0.15 else (),
    )


def plain(text: str) -> str:
    """A name as an e-mail address spells it."""
    return text.lower().translate(str.maketrans("éëèö", "eeeo"))


def phone(rng: Random, area: str) -> str:
    """A number in the area, written the way this person writes numbers."""
    form = rng.choice(PHONE_FORMS)
    return form.format(a=area, b=f"2{rng.randrange(30, 99)}", c=f"{rng.randrange(10000):04d}")


def respelt(number: str, rng: Random) -> str:
    """The same number as somebody else writes it, without its extension; one without area code stays as it is."""
    digits = "".join(filter(str.isdigit, number.partition("ext")[0])).removeprefix("1")
    if len(digits) != 10:
        return number
    return rng.choice(PHONE_FORMS).format(a=digits[:3], b=digits[3:6], c=digits[6:])


def has_mail(shopper: Person) -> bool:
    """Whether the shopper's e-mail is one that a CRM takes."""
    return bool(shopper.email) and shopper.email.lower() not in BAD_MAILS


def double(known: Person, rng: Random) -> Person:
    """A second profile of somebody who is known: same e-mail in other case, number spelt anew, no address."""
    return Person(
        first=known.first.upper() if rng.random() < 0.5 else known.first,
        last=f"{known.last} ",
        email=known.email.title() if rng.random() < 0.5 else known.email,
        mobile=respelt(known.mobile, rng) if known.mobile else "",
        born=known.born,
    )


def relative(known: Person, rng: Random) -> Person:
    """Somebody of the same household: one phone for both, another first name and e-mail."""
    first = rng.choice([name for name in FIRST if name != known.first])
    email = f"{plain(first)}.{known.last.strip().lower()}{rng.randrange(1, 999)}@{rng.choice(MAIL_HOSTS)}"
    return replace(known, first=first, email=email, mobile=respelt(known.mobile, rng), born=None)


def messy(known: Person, kind: int) -> Person:
    """The same shopper, with something missing, malformed or odd; every kind has its turn."""
    kinds = (
        {"email": ""},
        {"mobile": "", "home": ""},
        {"email": BAD_MAILS[kind % len(BAD_MAILS)]},
        {"first": "", "last": "", "company": f"{known.last} & Sons Ltd", "email": ""},
        {"first": "", "last": "", "mobile": ""},
        {"last": f"{known.last}  "},
        {"last": f"O'{known.last}", "note": 'said "ring twice"\nback door'},
        {"first": f"{known.first} 🎿"},
        {"mobile": f"{known.mobile} ext. 12"},
        {"mobile": "555-0100"},
        {"archived": True},
    )
    return replace(known, **kinds[kind % len(kinds)])


def people(rng: Random, count: int) -> list[Person]:
    """So many shoppers; one in five is messy, some are doubles or relatives, one has a name that is too long."""
    crowd: list[Person] = []
    for number in range(count):
        kin = [each for each in crowd if each.mobile and each.email] if number % 20 == 12 else []
        if number % 5 == 4:
            crowd.append(messy(person(rng), number // 5))
        elif number % 12 == 7:
            crowd.append(double(rng.choice(crowd), rng))
        elif kin:
            crowd.append(relative(rng.choice(kin), rng))
        else:
            crowd.append(person(rng))
    crowd[count // 2] = replace(person(rng), last="Ashburymontcroft" * 6)
    return crowd
