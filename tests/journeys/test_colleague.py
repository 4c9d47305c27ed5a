"""A colleague acts in the org between any two calls of a run: nothing of it is lost, doubled or overwritten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import requests
from target_salesforce_retail.ledger.listing import HoldSummary
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger

from sandbox.salesforce.people import convert_lead, merge
from sandbox.serve import Box, running
from tests.journeys.races import Shop, load, new_run

KNOWN, LEAD, NEW = "1:1", "1:2", "1:3"
"""Keys of the shoppers: one whom the org has as a contact, one whom it has as a lead, and one whom it does not have."""
LAST_NAMES = {KNOWN: "Quillabar", LEAD: "Mirtorlun", NEW: "Hulfildeb"}


def mail(key: str) -> str:
    return f"{LAST_NAMES[key].lower()}@example.com"


def shop() -> Shop:
    made = Shop("1")
    for key, last_name in LAST_NAMES.items():
        number = key.split(":")[1]
        shared = {"account_id": "1", "updated_at": "2026-11-01T10:00:00+00:00"}
        person = {"first_name": "Ada", "last_name": last_name, "email": mail(key), "mobile": f"514250000{number}"}
        made.customers.append({**shared, **person, "id": number, "archived": False})
        receipt = {"kind": "sale", "state": "completed", "total": 10, "line_ids": [], "payment_ids": []}
        made.sales.append({**shared, **receipt, "id": f"{number}0", "number": last_name, "customer_id": number})
    return made


@dataclass
class Scene:
    """An org with a contact, a lead, and another contact; and what the calls of a run say.

    Attributes:
        box: The sandbox.
        ledger: URL of the ledger.
        ids: Key -> the row that the org had of that shopper.
        other: A contact of somebody who never was in the shop.
        said: The bodies of the calls so far.
    """

    box: Box
    ledger: str
    ids: dict[str, str] = field(default_factory=dict)
    other: str = ""
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        org = self.box.org
        org.reset()
        known = {"FirstName": "Ada", "LastName": LAST_NAMES[KNOWN], "Email": mail(KNOWN)}
        lead = {"FirstName": "Ada", "LastName": LAST_NAMES[LEAD], "Email": mail(LEAD), "Company": "At home"}
        self.ids = {KNOWN: org.insert_as_user("Contact", known), LEAD: org.insert_as_user("Lead", lead)}
        self.other = org.insert_as_user("Contact", {"LastName": "Zwetschge"})

    def asked(self, key: str) -> bool:
        """Whether the run has looked for this shopper."""
        return any(LAST_NAMES[key].lower() in body for body in self.said)

    def row(self, record_id: str) -> Any:
        tables = self.box.org.tables
        return tables["Contact"].get(record_id) or tables["Lead"][record_id]

    @cached_property
    def looker(self) -> SqlLedger:
        return open_ledger(self.ledger)

    def outcome(self, stream: str, key: str) -> Any:
        return self.looker.record(stream, key)

    def holds(self) -> list[HoldSummary]:
        return self.looker.holds()

    def named(self, key: str) -> set[str]:
        """Ids that the shopper's hold names."""
        return {each for hold in self.holds() if hold.key == key for each in hold.candidates}

    def living(self, key: str) -> list[str]:
        """Ids of the living records of this shopper: by e-mail, by last name or by key."""
        return [
            row["Id"]
            for name in ("Contact", "Lead")
            for row in self.box.org.tables[name].values()
            if not row["IsDeleted"]
            and not row.get("IsConverted")
            and (row["Email"] == mail(key) or row["LastName"] == LAST_NAMES[key] or row["Lightspeed_Key__c"] == key)
        ]

    def receipt(self, key: str) -> Any:
        found = [row for row in self.box.org.tables["Retail_Sale__c"].values() if row["Lightspeed_Key__c"] == f"{key}0"]
        assert len(found) <= 1
        return found[0] if found else None

    def bearer(self, key: str) -> str | None:
        """On whom the receipt hangs."""
        receipt = self.receipt(key)
        found: str | None = (receipt["Contact__c"] or receipt["Lead__c"]) if receipt else None
        return found


@dataclass(frozen=True)
class Moment:
    """How things stood when the colleague acted.

    Attributes:
        asked: The run had looked for the shopper.
        settled: The run was through with the shopper.
    """

    asked: bool
    settled: bool


# What a colleague does, and whom there may be afterwards. A colleague who knows better than we could is right


def make_the_same(scene: Scene) -> None:
    scene.box.org.insert_as_user("Contact", {"LastName": LAST_NAMES[NEW], "FirstName": "Ada", "Email": mail(NEW)})


def only_one(scene: Scene, moment: Moment) -> None:
    """Or two that a hold names; or, where ours was settled before, the colleague's own second one."""
    ids = set(scene.living(NEW))
    assert len(ids) <= 1 or ids <= scene.named(NEW) or (moment.settled and len(ids) == 2)


def fill_a_blank(scene: Scene) -> None:
    scene.box.org.edit_as_user("Contact", scene.ids[KNOWN], {"MobilePhone": "604 111 1111"})


def number_kept(scene: Scene, moment: Moment) -> None:
    assert scene.row(scene.ids[KNOWN])["MobilePhone"] == "604 111 1111"
    assert scene.living(KNOWN) == [scene.ids[KNOWN]]


def edit_the_mail(scene: Scene) -> None:
    scene.box.org.edit_as_user("Contact", scene.ids[KNOWN], {"Email": "moved@example.com"})


def mail_kept(scene: Scene, moment: Moment) -> None:
    """Whoever had another e-mail before we looked is somebody else to us."""
    assert scene.row(scene.ids[KNOWN])["Email"] == "moved@example.com"
    assert len(scene.living(KNOWN)) == 1 + (not moment.asked)


def merge_away(scene: Scene) -> None:
    """The other contact stays, and takes over name and e-mail."""
    merge(scene.box.org, scene.other, [scene.ids[KNOWN]])
    name = {"FirstName": "Ada", "LastName": LAST_NAMES[KNOWN]}
    scene.box.org.edit_as_user("Contact", scene.other, {"Email": mail(KNOWN), **name})


def only_the_survivor(scene: Scene, moment: Moment) -> None:
    assert scene.living(KNOWN) == [scene.other]


def merge_and_drop_the_mail(scene: Scene) -> None:
    """The other contact stays as it is."""
    merge(scene.box.org, scene.other, [scene.ids[KNOWN]])


def the_survivor_if_seen(scene: Scene, moment: Moment) -> None:
    """Who was merged away before we looked is nobody we know: then there is a new one."""
    assert len([each for each in scene.living(KNOWN) if each != scene.other]) == (not moment.asked)


def convert(scene: Scene) -> None:
    convert_lead(scene.box.org, scene.ids[LEAD])


def only_the_contact(scene: Scene, moment: Moment) -> None:
    assert scene.living(LEAD) == [scene.row(scene.ids[LEAD])["ConvertedContactId"]]


def delete(scene: Scene) -> None:
    scene.box.org.delete_as_user("Contact", scene.ids[KNOWN])


def at_most_one(scene: Scene, moment: Moment) -> None:
    assert len(scene.living(KNOWN)) <= 1


Deed = tuple[str, Callable[[Scene], None], Callable[[Scene, Moment], None]]
"""Whom it concerns; what is done; what must be true after every run."""
DEEDS: dict[str, Deed] = {
    "makes the same by hand": (NEW, make_the_same, only_one),
    "fills a blank": (KNOWN, fill_a_blank, number_kept),
    "edits the e-mail": (KNOWN, edit_the_mail, mail_kept),
    "merges": (KNOWN, merge_away, only_the_survivor),
    "merges and drops the e-mail": (KNOWN, merge_and_drop_the_mail, the_survivor_if_seen),
    "converts": (LEAD, convert, only_the_contact),
    "deletes": (KNOWN, delete, at_most_one),
}


def run(scene: Scene, before_call: Callable[[int], None] = lambda _: None) -> int:
    """A run over the whole shop; how many calls it took."""
    made = new_run(scene.box, scene.ledger)
    through = made.session._http.request
    count = 0

    def request(method: str, url: str, **more: Any) -> requests.Response:
        nonlocal count
        count += 1
        before_call(count)
        scene.said.append(str(more.get("data")))
        return through(method, url, **more)

    made.session._http.request = request  # type: ignore[method-assign]
    load(made, shop(), 100)
    return count


def interrupted(scene: Scene, deed: Deed, number: int) -> tuple[Moment | None, int]:
    """A run with the deed right before this call of it."""
    concerns, do, _ = deed
    moments: list[Moment] = []

    def act(count: int) -> None:
        if count == number:
            moments.append(Moment(scene.asked(concerns), scene.outcome("customers", concerns) is not None))
            do(scene)

    calls = run(scene, act)
    return (moments[0] if moments else None), calls


CREATING = ("makes the same by hand", "edits the e-mail", "deletes")
"""Deeds after which something is created: there the org's duplicate rules have a say."""
CASES = [*((name, "false") for name in DEEDS), *((name, "true") for name in CREATING)]


@pytest.mark.parametrize(("name", "rules"), CASES)
def test_between_any_two_calls(tmp_path: Path, name: str, rules: str) -> None:
    """For every call of a run: the colleague acts right before it; what that run could not do, the next one does."""
    deed = DEEDS[name]
    with running(switches={"standard_duplicate_rules": rules}) as box:
        number, calls = 1, 1
        while number <= calls:
            scene = Scene(box, f"sqlite:///{tmp_path / str(number)}.db")
            moment, calls = interrupted(scene, deed, number)
            if moment is None:
                break
            deed[2](scene, moment)
            for key in LAST_NAMES:
                assert scene.outcome("customers", key), f"call {number}: {key} is lost"
                assert scene.outcome("sales", f"{key}0"), f"call {number}: the receipt of {key} is lost"

            run(scene)

            deed[2](scene, moment)
            for key in LAST_NAMES:
                if not scene.named(key):
                    assert scene.bearer(key) in [*scene.living(key), scene.other], (
                        f"call {number}: the receipt of {key}"
                    )
            assert {(hold.stream, hold.key) for hold in scene.holds()} == set()
            number += 1
        assert number > 8, "the run makes calls to step between"
