"""Two records made at once: one of them yields, and what is left is held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.nouns import Fault, Outcome, Reason, Recovery, Result, Verdict
from target_salesforce_retail.org.clock import OrgClock

from tests.target.world import World

ANN = {"id": "7", "first_name": "Ann", "last_name": "Lee", "email": "ann@x.org"}
AT = datetime(2026, 11, 27, 12, 0, tzinfo=timezone.utc)


class StampingOrg(MemoryOrg):
    """Says when a record was made."""

    stamp: datetime | None = None

    def put(self, name: str, values: dict[str, Any]) -> str:
        return super().put(name, {"CreatedDate": self.stamp, **values})


def stamping(stamp: datetime) -> World:
    """A world in which our records are made at this time."""
    world = World()
    org = StampingOrg(world.describes)
    org.stamp = stamp
    world.org = org
    return world


def meanwhile(world: World, monkeypatch: pytest.MonkeyPatch, deed: Callable[[], Any]) -> None:
    """Somebody does something between the first look-up and the first write."""
    upsert, done = world.org.upsert, []

    def write(*args: Any, **more: Any) -> list[Result]:
        if not done:
            done.append(deed())
        return upsert(*args, **more)

    monkeypatch.setattr(world.org, "upsert", write)


def contacts(world: World) -> list[tuple[Any, Any]]:
    return sorted((str(row.get("Email")), str(row.get("Key__c"))) for row in world.rows("Contact"))


@pytest.mark.parametrize("spelt", [{"Email": "ANN@x.org"}, {"Email": "ann@x.org", "FirstName": "Anna"}])
def test_ours_yields_to_one_made_by_hand(monkeypatch: pytest.MonkeyPatch, spelt: dict[str, Any]) -> None:
    """A colleague was quicker: ours is taken back, and the colleague's is the shopper."""
    world = World()
    theirs: list[str] = []
    meanwhile(world, monkeypatch, lambda: theirs.append(world.org.put("Contact", {"LastName": "Lee", **spelt})))

    outcome = world.run("customers", ANN)[0]

    assert (outcome.verdict, outcome.id, outcome.rule) == (Verdict.UPDATED, theirs[0], "email")
    assert [key for _, key in contacts(world)] == ["1:7"]


def test_who_leans_on_what_yields_goes_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second profile had nothing to add to a record that is taken back: it is the colleague's as well."""
    world = World()
    theirs: list[str] = []
    meanwhile(world, monkeypatch, lambda: theirs.append(world.org.put("Contact", {"Email": "ann@x.org"})))

    outcomes = world.run("customers", ANN, {**ANN, "id": "8"})

    assert [outcome.id for outcome in outcomes] == theirs * 2
    assert world.ledger.links("customers", ["1:8"])["1:8"].id == theirs[0]


def test_a_phone_that_no_look_up_spells_is_found_by_looking_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared is the number."""
    world = World()
    meanwhile(
        world,
        monkeypatch,
        lambda: world.org.put("Contact", {"FirstName": "Ann", "Phone": "514/250 00 01", "CreatedDate": AT}),
    )

    outcome = world.run("customers", {"id": "7", "first_name": "Ann", "phone": "5142500001"})[0]

    assert (outcome.verdict, outcome.rule) == (Verdict.UPDATED, "phone")
    assert len(world.rows("Contact")) == 1


def test_the_younger_of_two_runs_yields(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run made the same shopper under the key of its own account."""
    world = stamping(AT + timedelta(seconds=1))
    other = {"LastName": "Lee", "Email": "ann@x.org", "Key__c": "2:9", "CreatedDate": AT}
    meanwhile(world, monkeypatch, lambda: world.org.put("Contact", other))

    outcome = world.run("customers", ANN)[0]

    assert outcome.verdict in (Verdict.UPDATED, Verdict.UNCHANGED)
    assert contacts(world) == [("ann@x.org", "2:9")]


def test_the_older_of_two_runs_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other sees ours, and yields. Until it has, ours is not called settled."""
    world = stamping(AT)
    other = {"LastName": "Lee", "Email": "ann@x.org", "Key__c": "2:9", "CreatedDate": AT + timedelta(seconds=1)}
    theirs: list[str] = []
    meanwhile(world, monkeypatch, lambda: theirs.append(world.org.put("Contact", other)))

    outcome = world.run("customers", ANN)[0]
    assert (outcome.verdict, outcome.reason) == (Verdict.HELD, Reason.TWIN)
    world.org.delete("Contact", theirs)
    world.later(minutes=3)

    assert [each.verdict for each in world.pipeline.retry_waiting("customers")] == [Verdict.UNCHANGED]
    assert contacts(world) == [("ann@x.org", "1:7")]


def test_a_record_that_was_stamped_before_our_look_up_and_committed_after_it_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The org stamps when a transaction begins: what was under way then is not in our look-up."""
    world = stamping(AT + timedelta(seconds=9))
    early = {"LastName": "Lee", "Email": "ann@x.org", "Key__c": "2:9", "CreatedDate": AT}

    def commit() -> None:
        record_id = world.org.put("Contact", early)
        world.org._touched[record_id] -= timedelta(seconds=10)

    meanwhile(world, monkeypatch, commit)

    assert world.run("customers", ANN)[0].verdict in (Verdict.UPDATED, Verdict.UNCHANGED)
    assert contacts(world) == [("ann@x.org", "2:9")]


@pytest.mark.parametrize(("key", "reason"), [("2:9", None), (None, Reason.TWIN)])
def test_a_create_whose_answer_was_lost_has_its_twins_too(
    monkeypatch: pytest.MonkeyPatch, key: str | None, reason: Reason | None
) -> None:
    """The org says of it that it was there. It may be another run's: it goes for an older one, and else is held."""
    world = stamping(AT + timedelta(days=365))
    made = AT if key else AT + timedelta(days=366)
    other = {"LastName": "Lee", "Email": "ann@x.org", "Key__c": key, "CreatedDate": made}
    upsert = world.org.upsert

    def lost(*args: Any, **more: Any) -> list[Result]:
        world.org.put("Contact", other)
        upsert(*args, **more)
        return upsert(*args, **more)

    monkeypatch.setattr(world.org, "upsert", lost)

    outcome = world.run("customers", ANN)[0]

    assert outcome.reason is reason
    assert len(world.rows("Contact")) == (2 if reason else 1)


def test_several_that_were_made_at_once_wait_for_one_to_go() -> None:
    """Another profile comes while two runs have made the shopper, and before one of them yields."""
    world = World()
    for key, seconds in (("2:9", 0), ("3:1", 1)):
        made = AT + timedelta(seconds=seconds)
        world.org.put("Contact", {"Email": "ann@x.org", "Key__c": key, "CreatedDate": made})

    outcome = world.run("customers", ANN)[0]

    assert (outcome.verdict, outcome.reason, len(outcome.candidates)) == (Verdict.HELD, Reason.TWIN, 2)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_of_two_that_the_ledger_has_settled_a_person_decides(size: int) -> None:
    """Ann and Bob came just now, and are two; whoever has their phone and no name may be either. In any batches."""
    world = stamping(AT)
    phone = {"last_name": "Lee", "phone": "514 250 0001"}
    three = [{"id": "1", "first_name": "Ann", **phone}, {"id": "2", "first_name": "Bob", **phone}, {"id": "3", **phone}]
    ended = [world.run("customers", *three[start : start + size])[-1] for start in range(0, 3, size)]

    assert (ended[-1].verdict, ended[-1].reason) == (Verdict.HELD, Reason.MANY_MATCHES)


def test_what_cannot_be_taken_back_is_held_and_names_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is silent."""
    world = World()
    theirs: list[str] = []
    meanwhile(world, monkeypatch, lambda: theirs.append(world.org.put("Contact", {"Email": "ann@x.org"})))
    fault = Fault(Reason.NOT_ALLOWED, Recovery.HOLD, "INSUFFICIENT_ACCESS_OR_READONLY", "no")
    monkeypatch.setattr(world.org, "delete", lambda name, ids: [Result(None, fault=fault) for _ in ids])

    outcome = world.run("customers", ANN)[0]

    ours = next(str(row["Id"]) for row in world.rows("Contact") if row.get("Key__c") == "1:7")
    assert (outcome.verdict, outcome.reason) == (Verdict.HELD, Reason.TWIN)
    assert set(outcome.candidates) == {ours, theirs[0]}


def crashed(minutes: float) -> Outcome:
    """The outcome of a shopper whose record was made by a run that died, while another run made one as well."""
    world = World()
    world.org.put("Contact", {"Email": "ann@x.org", "Key__c": "1:7", "CreatedDate": AT})
    world.org.put("Contact", {"Email": "ann@x.org", "Key__c": "2:9", "CreatedDate": AT + timedelta(minutes=minutes)})
    return world.run("customers", ANN)[0]


def test_a_twin_that_a_run_left_when_it_died_is_noticed() -> None:
    """Made at the same time, and never settled by us."""
    outcome = crashed(minutes=1)

    assert (outcome.verdict, outcome.reason) == (Verdict.HELD, Reason.TWIN)


def test_a_namesake_of_old_is_no_twin() -> None:
    """Orgs have their duplicates."""
    assert crashed(minutes=60).verdict is Verdict.UPDATED


def test_who_is_found_by_a_rule_has_no_twin() -> None:
    """Two people of one family, loaded together: the e-mail decides, whoever else has the phone."""
    world = World()
    world.org.put("Contact", {"Id": "A", "Email": "ann@x.org", "Key__c": "2:8", "CreatedDate": AT})
    world.org.put("Contact", {"Id": "B", "Phone": "5142500001", "Key__c": "2:9", "CreatedDate": AT})

    outcome = world.run("customers", {**ANN, "phone": "5142500001"})[0]

    assert (outcome.verdict, outcome.id) == (Verdict.UPDATED, "A")


def test_a_settled_record_has_no_twin() -> None:
    """It was looked at when it was made."""
    world = World()
    world.run("customers", ANN)
    (row,) = world.rows("Contact")
    row["CreatedDate"] = AT
    world.org.put("Contact", {"Email": "ann@x.org", "Key__c": "2:9", "CreatedDate": AT})

    assert world.run("customers", ANN)[0].verdict is Verdict.UNCHANGED
    neighbour = {"id": "8", "last_name": "Lee", "email": "ann@x.org"}
    assert world.run("customers", neighbour, ANN)[1].verdict is Verdict.UNCHANGED


@pytest.mark.parametrize(
    ("header", "passed", "expected"),
    [
        ("Fri, 27 Nov 2026 12:00:00 GMT", 0.0, AT),
        ("Fri, 27 Nov 2026 12:00:00 GMT", 2.9, AT + timedelta(seconds=2)),
        ("", 0.0, AT + timedelta(minutes=50)),
        ("yesterday", 0.0, AT + timedelta(minutes=50)),
    ],
)
def test_the_orgs_time_is_what_it_said_and_what_has_passed(header: str, passed: float, expected: datetime) -> None:
    """Without a word of it, ours put back by ten minutes: rather look back too far."""
    ticks = [100.0]
    clock = OrgClock(ticks=lambda: ticks[0], wall=lambda: AT + timedelta(hours=1))
    clock.note(header)
    ticks[0] += passed

    assert clock.now() == expected
