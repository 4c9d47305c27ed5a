"""Fault by call number: whatever happens to any one call, the org ends as in calm weather, and nothing stands still.

One day of a shop that holds all that a run can do: creates, updates, two profiles of one shopper, lines that left their
sale, a line that moved, details, holds, and receipts that wait. Each call of that run in turn is lost, refused, late or
spoiled. ``FAULTS=all`` goes through every kind at every call. Else, with ``CASES=full``, every lost answer, and of the
others a few; by default every third lost answer, and each other kind once.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from target_salesforce_retail.errors import RetailError
from target_salesforce_retail.ledger.replay import replay
from target_salesforce_retail.ledger.store import open_ledger
from target_salesforce_retail.mapping.load import load
from target_salesforce_retail.nouns import Outcome, Verdict
from target_salesforce_retail.org import session as session_module
from target_salesforce_retail.org.session import OrgSettings, Session
from target_salesforce_retail.run import Run
from target_salesforce_retail.singer.arrivals import ArrivalBuilder
from target_salesforce_retail.singer.settings import SETTINGS, with_defaults

from sandbox.serve import ROOT, Box, running
from sandbox.weather import Gust
from tests.journeys.lines import Record, day, item, line, person, sale, shop
from tests.journeys.races import schema
from tests.lanes import FULL

STREAMS = ("shops", "customers", "items", "sales", "sale_lines", "sale_payments")
OBJECTS = (
    "Retail_Shop__c",
    "Contact",
    "Lead",
    "Product2",
    "Retail_Sale__c",
    "Retail_Sale_Line__c",
    "Retail_Payment__c",
)
DETAILS = ("Retail_Sale_Line__c", "Retail_Payment__c")
"""They are numbered by the org."""
STAMPS = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp", "ConvertedDate")
LOST = ("drop", True)
KINDS = [
    LOST,
    ("500", False),
    ("500", True),
    ("503", False),
    ("drop", False),
    ("truncate", True),
    ("cut", True),
    ("200-error", False),
    ("200-error", True),
    ("html", True),
    ("401", False),
    ("404", False),
    ("slow", True),
]
"""(fault, whether the call took effect)."""
ROW_KINDS = ["UNABLE_TO_LOCK_ROW", "INSUFFICIENT_ACCESS_OR_READONLY"]
PATIENCE = 0.4
"""Seconds after which a late answer counts as none."""
WHOLE = os.environ.get("FAULTS") == "all"


def payment(number: int, of: int, on: int) -> Record:
    return {
        "id": str(number),
        "sale_id": str(of),
        "type": "cash",
        "amount": 20,
        "voided": False,
        "sale_updated_at": day(on),
    }


def left(number: int, of: int, on: int) -> Record:
    """A line that left its sale."""
    return line(number, of, on=on, deleted_at=day(on))


YESTERDAY: dict[str, list[Record]] = {
    "shops": [shop()],
    "customers": [person(1, "Ada", "Gray", email="ada@example.com"), person(2, "Bo", "Hill", email="bo@example.com")],
    "items": [item(1), item(2)],
    "sales": [sale(1, 1, 2, 3, customer_id="1"), sale(2, 4), sale(6, 10, customer_id="3")],
    "sale_lines": [*(line(each, 1) for each in (1, 2, 3)), line(4, 2, item_id="3"), line(10, 6)],
    "sale_payments": [],
}
TODAY: dict[str, list[Record]] = {
    "shops": [shop(), shop(2)],
    "customers": [
        person(1, "Ada", "Gray", email="ada@example.com", mobile="5142500001", updated_at=day(2)),
        person(3, "Cleo", "Ibis", email="cleo@example.com"),
        person(4, "Dan", "Jay", email="dan@example.com"),
        person(5, "Dan", "Jay", email="DAN@example.com", mobile="5142500005"),
        person(6, "Eve", "Kite", email="eve@example.com", mobile="5142500006", city="Bonn"),
        person(7, "Twice", "Known", email="twice@example.com"),
        person(8, "Flo", "Lark", email="flo@example.com", birth_date="1990-05-17"),
        person(9, "Gus", "Refused", email="gus@example.com"),
        {**person(11, "Old", "Owl"), "archived": True},
    ],
    "items": [item(1, name="Kettle 1", updated_at=day(2)), item(2), item(3)],
    "sales": [
        sale(1, 1, 3, 4, 5, on=2, customer_id="1", payment_ids=["1", "2"]),
        sale(2, on=2),
        sale(3, 6, 7, customer_id="3", payment_ids=["3"]),
        sale(4, 8, customer_id="7"),
        sale(5, 9, customer_id="99"),
        sale(7, customer_id="5"),
    ],
    "sale_lines": [
        line(1, 1, on=2, quantity=2, total=40),
        left(2, 1, 2),
        *(line(each, 1, on=2) for each in (3, 4, 5)),
        *(line(each, 3, item_id="3") for each in (6, 7)),
        line(8, 4),
        line(9, 5),
    ],
    "sale_payments": [payment(1, 1, 2), payment(2, 1, 2), payment(3, 3, 1)],
}


@dataclass
class Scene:
    """The org and the ledger as of yesterday's end, to which every run of today goes back.

    Attributes:
        known: What the org's objects look like: no news from one run to the next.
        told: What became of each record in calm weather.
        calm: What today ends as in calm weather: the org's rows, and the open holds.
        calls: How many calls that takes.
        rows: How many rows it writes.
    """

    box: Box
    folder: Path
    known: dict[str, Any] = field(default_factory=dict)
    told: list[Outcome] = field(default_factory=list)
    calm: tuple[Any, Any] = ((), ())
    calls: int = 0
    rows: int = 0

    def begin(self) -> None:
        insert = self.box.org.insert_as_user
        insert("Contact", {"FirstName": "Eve", "LastName": "Kite", "Email": "eve@example.com"})
        insert("Lead", {"FirstName": "Flo", "LastName": "Lark", "Company": "x", "Email": "flo@example.com"})
        for _ in range(2):
            insert("Contact", {"FirstName": "Twice", "LastName": "Known", "Email": "twice@example.com"})
        self.box.clock.advance(3600)
        run = self.new_run("yesterday.db")
        self.tell(run, YESTERDAY)
        self.known = dict(run.org._describes)
        self.box.clock.advance(3600)
        self.frozen = self.box.org.freeze()
        before = self.box.org.writes.total()
        today = self.today("calm.db")
        answers: list[object] = []
        today.session._http.hooks["response"].append(lambda answer, **_: answers.append(answer.status_code))
        self.told = self.tell(today, TODAY)
        self.calls = len(answers)
        self.rows = self.box.org.writes.total() - before
        self.calm = self.ended(today)

    def today(self, ledger: str) -> Run:
        """The morning of today, with a ledger of its own."""
        self.box.weather_s.clear()
        self.box.org.thaw(self.frozen)
        self.box.org.allowance.restart()
        shutil.copy(self.folder / "yesterday.db", self.folder / ledger)
        return self.new_run(ledger)

    def new_run(self, ledger: str) -> Run:
        client_id, secret = self.box.salesforce_client
        url = f"sqlite:///{self.folder / ledger}"
        settings = {
            "login_url": self.box.salesforce_url,
            "client_id": client_id,
            "client_secret": secret,
            "transforms": str(ROOT / "transforms"),
            "ledger_url": url,
        }
        made = Run(with_defaults(SETTINGS.to_dict(), settings))
        made.__dict__["mappings"] = MAPPINGS
        made.__dict__["session"] = Session(
            OrgSettings(self.box.salesforce_url, client_id, secret), sleep=lambda _: None, jitter=lambda: 0.0
        )
        made.__dict__["ledger"] = open_ledger(url, sleep=lambda _: None)
        made.ledger.open_run()
        made.org._describes |= self.known
        return made

    def tell(self, run: Run, day_of: dict[str, list[Record]]) -> list[Outcome]:
        """What the target does with a day's lines; what it returns for a batch is acknowledged."""
        told: list[Outcome] = []
        try:
            for stream in STREAMS:
                run.check_schema(stream, schema(stream))
                arrivals = [builder(stream).arrival({"account_id": "7", **record}) for record in day_of[stream]]
                outcomes = run.load(stream, arrivals) if arrivals else []
                self.assess(run, outcomes)
                told += outcomes
            run.finish()
        finally:
            run.ledger._engine.dispose()
            run.session._http.close()
        return told

    def assess(self, run: Run, outcomes: list[Outcome]) -> None:
        """Nothing is acknowledged that is neither in the org nor in the ledger."""
        for outcome in outcomes:
            stream, key = outcome.arrival.stream, outcome.arrival.key
            if outcome.verdict is Verdict.HELD:
                assert run.ledger.record(stream, key), (stream, key)
            elif outcome.verdict is not Verdict.SKIPPED and not outcome.removed:
                row = self.box.org.tables[str(outcome.object)][str(outcome.id)]
                assert not row["IsDeleted"], (stream, key)

    def ended(self, run: Run) -> tuple[Any, Any]:
        """The org's living rows with records told by their keys, and what is held for which reason."""
        living = {
            row["Id"]: (name, row)
            for name in OBJECTS
            for row in self.box.org.tables[name].values()
            if not row["IsDeleted"]
        }
        known = {each: same(name, row["Lightspeed_Key__c"]) or each for each, (name, row) in living.items()}
        rows = [
            (
                name,
                known[each],
                sorted((column, known.get(str(held), same(name, held))) for column, held in told(name, row)),
            )
            for each, (name, row) in living.items()
        ]
        holds = run.ledger.holds(limit=1000)
        run.ledger._engine.dispose()
        return sorted(rows), sorted((hold.stream, hold.key, hold.reason.value) for hold in holds)

    def struck(self, gusts: list[Gust]) -> str:
        """Today in that weather; where it ends in a sentence, or holds something, the next run goes on.

        What was refused and does not come again, a person replays.
        """
        ledger = "stormy.db"
        run = self.today(ledger)
        self.box.weather_s.plan(gusts)
        said = ""
        try:
            self.tell(run, TODAY)
        except RetailError as error:
            said = str(error)
        assert "example.com" not in said
        self.box.weather_s.clear()
        if said or self.ended(run) != self.calm:
            run = self.new_run(ledger)
            self.tell(run, TODAY)
        if self.ended(run) != self.calm:
            run = self.new_run(ledger)
            replay(run.ledger, run.pipeline.run, order=STREAMS)
            run.finish()
        assert self.ended(run) == self.calm, said
        return said


def same(name: str, value: Any) -> str:
    """Which of two profiles a shopper is stamped with goes by which of them was taken first."""
    return "7:4" if (name, value) == ("Contact", "7:5") else str(value or "")


def told(name: str, row: Any) -> list[tuple[str, Any]]:
    """What it holds that does not differ from run to run."""
    stamps = (*STAMPS, "Name") if name in DETAILS else STAMPS
    return [(column, held) for column, held in row.items() if held is not None and column not in stamps]


MAPPINGS = load(ROOT / "transforms")


@cache
def builder(stream: str) -> ArrivalBuilder:
    return ArrivalBuilder(stream, schema(stream), ["account_id", "id"])


@pytest.fixture(scope="module", params=["refuse", "ignore"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Both beliefs of what becomes of a master that comes again on update."""
    switches = {"detail_parent_on_update": request.param, "standard_duplicate_rules": "false"}
    with running(switches=switches) as box:
        made = Scene(box, tmp_path_factory.mktemp("ledgers"))
        made.begin()
        yield made


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "TIMEOUT", (5, PATIENCE))


def test_today_holds_all_that_a_run_can_do(scene: Scene) -> None:
    """Else the rest would show little."""
    rows, holds = scene.calm
    verdicts = {(each.arrival.stream, each.arrival.key[2:]): each.verdict for each in scene.told}
    lines = {key: dict(values) for name, key, values in rows if name == "Retail_Sale_Line__c"}

    assert verdicts["customers", "3"] is verdicts["sale_lines", "5"] is Verdict.CREATED
    assert verdicts["customers", "1"] is verdicts["customers", "6"] is verdicts["customers", "8"] is Verdict.UPDATED
    assert [name for name, key, _ in rows if key in ("7:4", "7:5") and name == "Contact"] == ["Contact"]
    assert sorted(lines) == [f"7:{each}" for each in ("1", "10", "3", "4", "5", "6", "7")]
    assert lines["7:4"] == {**lines["7:4"], "Sale__c": "7:1"}
    assert [(stream, key[2:]) for stream, key, _ in holds] == [
        ("customers", "7"),
        ("sale_lines", "8"),
        ("sale_lines", "9"),
        ("sales", "4"),
        ("sales", "5"),
    ]


def places(scene: Scene, kind: tuple[str, bool]) -> list[int]:
    """The numbers of the calls to be struck."""
    everywhere = list(range(scene.calls))
    belief = scene.box.org.switches.detail_parent_on_update
    if WHOLE or (kind == LOST and belief == "refuse"):
        return everywhere if WHOLE or FULL else everywhere[::5]
    return random.Random(f"{kind}{belief}").sample(everywhere, 6 if kind == LOST else 1)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind[0]}{'-done' if kind[1] else ''}")
def test_any_call_may_fail(scene: Scene, kind: tuple[str, bool]) -> None:
    """Once."""
    fault, commit = kind
    for number in places(scene, kind):
        scene.struck([Gust(fault, skip=number, commit=commit, seconds=PATIENCE * 1.5)])


@pytest.mark.parametrize("code", ROW_KINDS)
def test_any_row_may_be_refused(scene: Scene, code: str) -> None:
    """Once: then it goes in at the next attempt, or in the next run."""
    for number in range(scene.rows) if WHOLE else random.Random(code).sample(range(scene.rows), 3):
        scene.struck([Gust(code, skip=number)])
