"""One row never stops another: one that makes the org fail on whole calls is found, and held alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from target_salesforce_retail import deliver
from target_salesforce_retail.errors import OrgBusy, RequestRefused, RetailError
from target_salesforce_retail.isolate import ENOUGH
from target_salesforce_retail.nouns import Reason, Stage, Verdict

from sandbox.serve import running
from sandbox.weather import Gust
from tests.target.doorway import record, schema, state
from tests.target.proof import Target
from tests.target.world import World

SHOPPERS = """
stream: customers
object: Contact
key: {field: Lightspeed_Key__c, value: "{account_id}:{id}"}
match: [{by: key}, {by: email, from: email, to: {Contact: Email}}]
fields: {LastName: {from: last_name}, Email: {from: email, as: email}}
"""
MALFORMED = json.dumps([{"errorCode": "MALFORMED_QUERY", "message": "unexpected token"}])
ALWAYS = 10_000


def spoiled_by(text: str, fault: str, **more: Any) -> Gust:
    return Gust(fault, method="POST", path="*/composite", containing=text, times=ALWAYS, **more)


def shoppers(bad: set[int], **fields: str) -> list[Any]:
    """Eleven of them; some have odd fields."""
    return [record("customers", each, **(fields if each in bad else {})) for each in range(11)]


@pytest.mark.parametrize(
    ("gust", "reason", "field"),
    [
        (spoiled_by("odd", "500"), "unanswered", "last_name"),
        (spoiled_by("odd", "drop"), "unanswered", "last_name"),
        (spoiled_by("odd", "400"), "refused", "last_name"),
        (spoiled_by("odd", "500"), "unanswered", "email"),
        (spoiled_by("odd", "400", body=MALFORMED), "refused", "email"),
    ],
    ids=["write-500", "write-no-answer", "write-refused", "query-500", "query-refused"],
)
@pytest.mark.parametrize("bad", [{0}, {3, 10}], ids=str)
def test_a_row_that_spoils_every_call_is_held_alone(
    whole: Target, gust: Gust, reason: str, field: str, bad: set[int]
) -> None:
    """In a write or in a look-up, wherever it stands: the others go in, and STATE passes."""
    whole.maps(customers=SHOPPERS)
    whole.box.weather_s.plan([gust])
    odd = "odd@x.org" if field == "email" else "odd"

    ended = whole.hear(schema("customers"), *shoppers(bad, **{field: odd}), state(1))

    assert (ended.exit_code, ended.states) == (0, [{"n": 1}])
    assert whole.reasons() == {f"1:{each}": reason for each in bad}
    assert len(whole.rows("Contact")) == 11 - len(bad)
    assert f"{11 - len(bad)} created" in ended.log
    assert "odd" not in ended.log


def test_it_goes_in_by_itself_once_the_org_takes_it(whole: Target) -> None:
    """A failure may pass after all: it is tried in every run, and says which stage met it."""
    whole.maps(customers=SHOPPERS)
    whole.box.weather_s.plan([spoiled_by("odd", "500")])
    whole.hear(schema("customers"), *shoppers({1}, last_name="odd"))
    told = whole.explained("customers", "1:1")
    again = whole.hear(schema("customers"))
    still = whole.reasons()
    whole.box.weather_s.clear()
    whole.hear(schema("customers"))

    assert (told["reason"], told["stage"]) == ("unanswered", "send")
    assert "500 UNKNOWN_EXCEPTION" in told["message"]
    assert (again.exit_code, still, whole.reasons()) == (0, {"1:1": "unanswered"}, {})
    assert len(whole.rows("Contact")) == 11


@pytest.mark.parametrize(("times", "held"), [(ALWAYS, {"1:5": "unanswered"}), (6 + 2 + 2 + 2 + 5, {})])
def test_halves_are_given_up_early_and_nobody_is_held_for_that(whole: Target, times: int, held: dict[str, str]) -> None:
    """Six attempts at the batch, two at each half of sixteen, and six at the row alone: the last may go well."""
    whole.maps(customers=SHOPPERS)
    whole.box.weather_s.plan([Gust("500", path="*/composite", containing="odd", times=times)])
    people = [record("customers", each, **({"last_name": "odd"} if each == 5 else {})) for each in range(16)]

    ended = whole.hear(schema("customers"), *people, state(1))

    assert (ended.exit_code, whole.reasons(), len(whole.rows("Contact"))) == (0, held, 16 - len(held))
    assert len(whole.box.weather_s.struck) == 6 + 2 + 2 + 2 + (6 if held else 5)


@pytest.mark.parametrize("fault", ["500", "503", "drop"])
def test_an_org_that_answers_nothing_stops_the_run(whole: Target, fault: str) -> None:
    """No row is held for it, and none is sent in halves: six attempts, and six for the question that holds no row."""
    whole.maps(customers=SHOPPERS)
    whole.hear(schema("customers"), record("customers", 99))
    whole.box.weather_s.plan([Gust(fault, method="POST", path="*/composite", skip=2, times=ALWAYS)])

    ended = whole.hear(schema("customers"), *shoppers(set()), state(1))

    assert (ended.exit_code, ended.states, whole.reasons()) == (1, [], {})
    assert len(whole.box.weather_s.struck) == 12


def test_where_every_row_fails_alone_the_run_stops(whole: Target) -> None:
    """Though the org answers questions: that is no row's doing, and nobody is held for it."""
    whole.maps(customers=SHOPPERS)
    whole.box.weather_s.plan([spoiled_by("PATCH", "500")])

    ended = whole.hear(schema("customers"), *(record("customers", each) for each in range(ENOUGH + 1)), state(1))

    assert (ended.exit_code, ended.states, whole.reasons()) == (1, [], {})
    assert "did not answer after 6 attempts: 500 UNKNOWN_EXCEPTION" in ended.log


def refused(code: str) -> RequestRefused:
    error = RequestRefused("Salesforce refused a request.", where="query")
    error.code, error.of_a_row = code, True
    return error


@pytest.mark.parametrize(
    ("error", "reason"), [(OrgBusy("busy"), Reason.UNANSWERED), (refused("MALFORMED_QUERY"), Reason.REFUSED)]
)
def test_a_look_up_that_a_row_spoils_holds_that_row(
    monkeypatch: pytest.MonkeyPatch, error: RetailError, reason: Reason
) -> None:
    """Where one query of a call fails as where the call does; the hold says so, in words that quote nobody."""
    world = World()
    find: Callable[..., Any] = world.org.find

    def spoiled(wanted: Any, fields: Any) -> Any:
        if "odd@x.org" in str(wanted):
            raise error
        return find(wanted, fields)

    monkeypatch.setattr(world.org, "find", spoiled)
    people = [{"id": str(each), "last_name": "Lee", "email": f"{each}@x.org"} for each in range(6)]
    people[4]["email"] = "odd@x.org"

    outcomes = world.run("customers", *people)

    assert [outcome.arrival.record["id"] for outcome in outcomes] == [str(each) for each in range(6)]
    held = outcomes.pop(4)
    assert (held.reason, held.stage, held.message) == (reason, Stage.MATCH, error.what)
    assert {outcome.verdict for outcome in outcomes} == {Verdict.CREATED}


def test_what_is_no_row_s_is_not_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal that is about what was asked, and not about what it held, stops at once."""
    world, calls = World(), []

    def closed(attempts: Any, *_: Any, **__: Any) -> Any:
        calls.append(len(attempts))
        error = refused("INSUFFICIENT_ACCESS")
        error.of_a_row = False
        raise error

    monkeypatch.setattr(deliver, "look_up", closed)
    with pytest.raises(RequestRefused):
        world.run("customers", {"id": "1"}, {"id": "2"})

    assert calls == [2]


def test_who_fails_first_is_held_when_another_has_gone_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that are all there is are held too, for the org answers a question that neither has a part in."""
    world = World()
    find = deliver.look_up

    def look_up(attempts: Any, *rest: Any, **more: Any) -> Any:
        if any("odd" in str(each.draft.values) for each in attempts):
            raise OrgBusy("busy")
        return find(attempts, *rest, **more)

    monkeypatch.setattr(deliver, "look_up", look_up)
    outcomes = world.run("customers", {"id": "1", "last_name": "odd"}, {"id": "2", "last_name": "Lee"})
    both = world.run("customers", {"id": "3", "last_name": "odd"}, {"id": "4", "last_name": "odd"})

    assert [outcome.verdict for outcome in outcomes] == [Verdict.HELD, Verdict.CREATED]
    assert [outcome.reason for outcome in both] == [Reason.UNANSWERED] * 2
    assert world.ledger.open_holds() == 3


def test_what_needs_no_write_does_not_speak_for_an_org_that_takes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else each of the others would be waited for by itself, and held."""
    world = World()
    people = [{"id": str(number), "last_name": "Lee"} for number in range(2 * ENOUGH + 2)]
    world.run("customers", *people)
    real = deliver.send

    def send(actions: Any, *rest: Any) -> Any:
        if any(action.writes for action in actions):
            raise OrgBusy("busy")
        return real(actions, *rest)

    monkeypatch.setattr(deliver, "send", send)
    changed = [{**each, "last_name": "Roy"} if int(each["id"]) % 2 else each for each in people]

    with pytest.raises(OrgBusy):
        world.run("customers", *changed)


@pytest.mark.parametrize("refused_as", ["row", "request"])
def test_a_lookup_that_gets_what_is_no_id_of_its_kind_is_one_row(whole: Target, refused_as: str) -> None:
    """Text, half an id, an id of another object, a number or a flag; also where the org refuses the whole request."""
    odd = ["hello", "001", "003000000000001AAA", 7, 7.5, True, "001000000000001AAA"]
    with running(switches={"wrong_type_in_row": refused_as, "unknown_field_in_row": refused_as}) as box:
        target = Target(box, whole.folder, whole.capsys, whole.caplog, {})
        target.maps(customers=SHOPPERS.replace("Email: {from: email, as: email}", "AccountId: {from: belongs_to}"))
        people = [record("customers", each, belongs_to=value) for each, value in enumerate([None, *odd, None])]

        ended = target.hear(schema("customers", belongs_to={}), *people, state(1))

        assert (ended.exit_code, ended.states) == (0, [{"n": 1}])
        assert {*target.reasons()} == {f"1:{each + 1}" for each in range(len(odd))}
        assert [row["LastName"] for row in target.rows("Contact")] == ["Lee0", f"Lee{len(odd) + 1}"]


TYPES = """
stream: customers
object: Contact
key: {field: Lightspeed_Key__c, value: "{account_id}:{id}"}
match: [{by: key}]
fields:
  LastName: {from: last_name}
  EmailBouncedDate: {from: instant}
  Birthdate: {from: day}
  MailingLatitude: {from: degrees}
  HasOptedOutOfEmail: {from: flag}
  MailingGeocodeAccuracy: {from: choice}
  FirstName: {from: first_name}
"""
DECLARED = {
    "instant": {"type": "string", "format": "date-time"},
    "day": {"type": "string", "format": "date"},
    "degrees": {},
    "flag": {},
    "choice": {"type": "string"},
}
NOT_OF_ITS_TYPE = [
    *(("instant", value) for value in ("2026-13-45T99:00:00", "2026-11-05T10:00:00", "2026-11-05", "soon")),
    *(("instant", value) for value in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00")),
    *(("day", value) for value in ("2026-02-30", "05/11/2026", "0001-01-01", "2026-11-05T10:00:00Z")),
    *(("degrees", value) for value in ("NaN", "1e400", "1e9999999999", float("nan"), 10**400, True, [1], {"a": 1})),
    *(("flag", value) for value in ("perhaps", 1, "yes", [True])),
    ("choice", "Nearby"),
    ("first_name", "x" * 41),
    ("first_name", "x" * 100_000),
]


def test_a_value_that_its_field_does_not_take_is_one_row(whole: Target) -> None:
    """Of whatever type: no format of a SCHEMA is judged by it, and nothing of such a row is left to the org."""
    whole.maps(customers=TYPES)
    bad = [record("customers", each, **{name: value}) for each, (name, value) in enumerate(NOT_OF_ITS_TYPE)]
    good = record("customers", "good", instant="2026-11-05T10:00:00Z", day="2026-11-05", degrees=1.5, flag=True)

    ended = whole.hear(schema("customers", **DECLARED), *bad, good, state(1))

    assert (ended.exit_code, ended.states) == (0, [{"n": 1}])
    assert [row["LastName"] for row in whole.rows("Contact")] == ["Leegood"]
    held = whole.reasons()
    assert held.keys() == {f"1:{each['record']['id']}" for each in bad}
    assert {*held.values()} == {"unconvertible", "value_refused"}
    assert {whole.explained("customers", key)["stage"] for key in held} == {"map", "plan"}
