"""True people: who lives with whom, what they are called, and which addresses and numbers they share.

Nothing here was typed by anybody yet. Shares are set so that of what tills write down about 15 in 100 e-mails and
20 in 100 numbers belong to more than one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from sandbox.seeds.people import LAST_HEADS, LAST_TAILS

MEN = (
    "John Michael Robert David William Daniel James Thomas Mathieu Jean Pierre Luc Jean-Luc Jean-François Marc André "
    "Alexander Christopher Samuel Benjamin Patrick Nicholas Anthony Joseph Edward Gabriel Félix Étienne Olivier Hugo "
    "Omar Wei Arjun Mateo Youssef Ivan Sven Noah Liam Ethan Peter Paul Stephen Kevin Brian Eric Martin Simon"
).split()
WOMEN = (
    "Mary Jennifer Elizabeth Susan Katherine Margaret Sarah Jessica Marie Jeanne Marie-Ève Anne Anna Hannah Émilie "
    "Chloé Zoé Léa Sophie Isabelle Nathalie Julie Catherine Alexandra Christine Samantha Patricia Victoria Rebecca "
    "Deborah Amanda Nora Priya Mei Fatima Olga Rosa Ines Emma Olivia Ava Grace Linda Karen Nancy Helen Laura Joan"
).split()
SHORT = {
    "Robert": "Bob", "William": "Bill", "Michael": "Mike", "James": "Jim", "Thomas": "Tom", "Daniel": "Dan",
    "Alexander": "Alex", "Alexandra": "Alex", "Christopher": "Chris", "Christine": "Chris", "Samuel": "Sam",
    "Samantha": "Sam", "Benjamin": "Ben", "Nicholas": "Nick", "Anthony": "Tony", "Joseph": "Joe", "Edward": "Ed",
    "Patrick": "Pat", "Patricia": "Pat", "Jennifer": "Jen", "Elizabeth": "Liz", "Susan": "Sue", "Katherine": "Kate",
    "Margaret": "Peggy", "Jessica": "Jess", "Victoria": "Vicky", "Rebecca": "Becky", "Deborah": "Debbie",
}  # fmt: skip
"""As their friends call them."""
LAST = (
    "Smith Tremblay Brown Martin Roy Gagnon Lee Wilson Wong Johnson Bouchard Nguyen Patel Côté Macdonald Taylor Chen "
    "Li Gauthier Singh Morin Lavoie Campbell Fortin Anderson Gagné Jones Ouellet Williams Bélanger Lévesque Bergeron "
    "Thompson Leblanc Paquette Girard Simard Boucher Caron Beaulieu Cloutier Dubé Poirier Fournier Lapointe Leclerc "
    "O'Brien O'Neill St-Pierre Nadeau Hébert Thériault Kim Khan Garcia Silva Kowalski Novak Schmidt Rossi Ivanov Sato"
).split()
STREETS = "Maple Harbour Mill Station Church King Queen Orchard Bridge Lake Sherbrooke Laurier Main Elm".split()
CITIES = (
    ("Montréal", "QC", "H", "514"),
    ("Toronto", "ON", "M", "416"),
    ("Vancouver", "BC", "V", "604"),
    ("Calgary", "AB", "T", "403"),
    ("Halifax", "NS", "B", "902"),
)
HOSTS = "gmail.com hotmail.com outlook.com yahoo.ca videotron.ca bell.net icloud.com".split()
TRADES = ("Renovations Inc.", "Landscaping Ltd", "Consulting", "& Sons Ltd.", "Design Inc")
LETTERS = "ABCEGHJKLMNPRSTVXY"

CHILDREN = (0, 0, 0, 0, 1, 1, 2, 2, 3)
BUSINESSES = 0.03  # of households
COUPLES = 0.6
OTHER_NAME = 0.3  # of partners
NAMED_AFTER = 0.01  # of children: John Lee, and his father John Lee
FAMILY_MAIL = 0.3  # of households of several
PARENT_PHONE = 0.35  # of children: they give their mother's number
LANDLINE = 0.4  # of households of several
RECEPTION = 0.04  # of adults: they give the number of the office

Place = tuple[str, str, str, str]
"""Street, city, state, postal code."""


@dataclass(frozen=True)
class Person:
    """Somebody, with all that is true of them today.

    Attributes:
        number: Tells one from another: the truth.
        company: Of a business, which has no other name.
        email: Their own, or the family's where they share one; blank where they have none.
        mobile: Ten digits; a child's may be its mother's, an employee's the office's.
        home: The landline of the household, ten digits, or blank.
    """

    number: int
    first: str
    last: str
    born: date
    email: str
    mobile: str
    home: str
    street: str
    city: str
    state: str
    postal: str
    company: str = ""


class World:
    """Makes true people, household by household.

    Args:
        rng: The seed of all of them.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._lasts = [*LAST, *(head + tail for head in LAST_HEADS for tail in LAST_TAILS)]
        self._weights = [1 / (rank + 8) for rank in range(len(self._lasts))]
        self._offices = [self._number(rng.choice(CITIES)[3]) for _ in range(40)]
        self._next = 0

    def people(self, count: int) -> list[Person]:
        """So many people, in whole households as far as they go."""
        found: list[Person] = []
        while len(found) < count:
            found += self._household()
        return found[:count]

    def namesake(self, of: Person) -> Person:
        """Somebody else of the same name; one in five even lives in the same place."""
        home = of if self._rng.random() < 0.2 else self._adult(of.last, self._place())
        other = self._adult(of.last, (home.street, home.city, home.state, home.postal))
        return replace(other, first=of.first, email=self._mail(of.first, of.last))

    def at_another_time(self, person: Person) -> Person:
        """The same person, some of whose life was or will be another: moved, married, at another address."""
        rng, now = self._rng, person
        if rng.random() < 0.1:
            now = replace(now, email=self._mail(person.first or "info", person.last or "office"))
        if rng.random() < 0.08:
            now = replace(now, mobile=self._number(_area(person.state)))
        if rng.random() < 0.1:
            street, city, state, postal = self._place()
            now = replace(now, street=street, city=city, state=state, postal=postal, home="")
        if rng.random() < 0.02 and person.first in WOMEN:
            now = replace(now, last=self._last())
        return now

    def _household(self) -> Iterator[Person]:
        rng, place, last = self._rng, self._place(), self._last()
        if rng.random() < BUSINESSES:
            name = f"{last} {rng.choice(TRADES)}"
            yield replace(self._adult(last, place), first="", last="", company=name, email=self._mail("info", last))
            return
        adults = [self._adult(last, place)]
        if rng.random() < COUPLES:
            other = self._last() if rng.random() < OTHER_NAME else last
            adults.append(self._adult(other, place, {adults[0].first}))
        children: list[Person] = []
        for _ in range(rng.choice(CHILDREN) if len(adults) > 1 else 0):
            children.append(self._child(last, place, adults, {each.first for each in (*adults, *children)}))
        members = [*adults, *children]
        shared = self._mail("family", last) if len(members) > 1 and rng.random() < FAMILY_MAIL else ""
        home = self._number(_area(place[2])) if len(members) > 1 and rng.random() < LANDLINE else ""
        for member in members:
            mail = shared if shared and rng.random() < 0.8 else member.email
            yield replace(member, email=mail, home=home if rng.random() < 0.8 else "")

    def _adult(self, last: str, place: Place, taken: Set[str] = frozenset()) -> Person:
        rng = self._rng
        first = rng.choice([name for name in rng.choice((MEN, WOMEN)) if name not in taken])
        born = date(rng.randrange(1940, 1995), rng.randrange(1, 13), rng.randrange(1, 29))
        office = rng.random() < RECEPTION
        mobile = rng.choice(self._offices) if office else self._number(_area(place[2]))
        self._next += 1
        return Person(self._next, first, last, born, self._mail(first, last), mobile, "", *place)

    def _child(self, last: str, place: Place, parents: Sequence[Person], taken: Set[str]) -> Person:
        child, rng = self._adult(last, place, taken), self._rng
        born = date(rng.randrange(1996, 2012), rng.randrange(1, 13), rng.randrange(1, 29))
        first = parents[0].first if rng.random() < NAMED_AFTER else child.first
        mobile = parents[-1].mobile if rng.random() < PARENT_PHONE else child.mobile
        return replace(child, first=first, born=born, mobile=mobile)

    def _last(self) -> str:
        return self._rng.choices(self._lasts, self._weights)[0]

    def _place(self) -> Place:
        rng = self._rng
        city, state, letter, _ = rng.choice(CITIES)
        postal = f"{letter}{rng.randrange(1, 9)}{rng.choice(LETTERS)} {rng.randrange(1, 9)}{rng.choice(LETTERS[:6])}1"
        return f"{rng.randrange(1, 400)} {rng.choice(STREETS)} Street", city, state, postal

    def _number(self, area: str) -> str:
        """Few exchanges: one digit mistyped is often somebody else's number."""
        return f"{area}2{self._rng.randrange(30, 50)}{self._rng.randrange(10000):04d}"

    def _mail(self, first: str, last: str) -> str:
        name = "".join(each for each in plain(f"{first}.{last}") if each.isalnum() or each == ".")
        return f"{name}{self._rng.randrange(1, 99999)}@{self._rng.choice(HOSTS)}"


def plain(text: str) -> str:
    """Without capitals and accents."""
    return text.casefold().translate(str.maketrans("éèëêçôïî", "eeeecoii"))


def _area(state: str) -> str:
    return next(area for _, name, _, area in CITIES if name == state)
