"""Is it the row, or the set-up? One row never stops the others; what no row escapes stops, with the name of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.errors import OrgRefused
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe
from target_salesforce_retail.nouns import Reason, Recovery, Result, Verdict
from target_salesforce_retail.org.faults import TABLE, fault_of
from target_salesforce_retail.org.judge import Judge, Operation
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.session import OrgSettings, Session

from sandbox.salesforce.rules import ValidationRule
from sandbox.serve import Box, running
from tests.lanes import examples
from tests.target.company import all_of, parts
from tests.target.wire import Wire, taken_away
from tests.target.world import World

KEY = "Lightspeed_Key__c"
NONE: dict[str, None] = {}
OF_ROWS = sorted(code for code, verdict in TABLE.items() if verdict.recovery is not Recovery.STOP)
ONCE = [code for code in OF_ROWS if TABLE[code].reason is not Reason.LOCKED and "HALTED" not in code]
"""Without those that are waited out in ``org``, which the sandbox would go on saying."""
Values = dict[str, Any]


def rows(count: int, bad: int = -1) -> list[Values]:
    return [{KEY: f"1:{each}", "LastName": "spoils" if each == bad else f"L{each}"} for each in range(count)]


def refusing(box: Box, code: str, message: str = "no") -> None:
    """Have the org refuse whoever is called so."""
    box.org.rules[:] = [ValidationRule("Contact", "LastName", "spoils", message, code)]


def connected(box: Box) -> LiveOrg:
    client_id, secret = box.salesforce_client
    return LiveOrg(Session(OrgSettings(box.salesforce_url, client_id, secret), sleep=lambda _: None))


# -- one row ------------------------------------------------------------------------------------------------------

cuts = st.lists(st.integers(1, 3), max_size=5)


class Picky(MemoryOrg):
    """Refuses a shopper of one name with one code, whatever else is sent."""

    code = ""

    def _upsert(self, name: str, key_field: str, row: Values) -> Result:
        if row.get("LastName") != "spoils":
            return super()._upsert(name, key_field, row)
        return Result(None, fault=fault_of([{"statusCode": self.code, "message": "no"}], key_field))


@settings(max_examples=examples(120))
@given(st.sampled_from(OF_ROWS), st.integers(1, 7), st.integers(0, 6), cuts)
def test_whoever_is_refused_the_others_end_as_without(code: str, count: int, place: int, sizes: Sequence[int]) -> None:
    """Whatever the code, wherever it stands, in any partition: org and ledger, and the one is held with the code."""
    people: list[Values] = [{"id": str(each), "last_name": f"L{each}"} for each in range(count)]
    bad = {"id": "99", "last_name": "spoils"}
    calm, stormy = World(), World()
    stormy.org = Picky(stormy.describes)
    stormy.org.code = code

    calm.run("customers", *people)
    told = [each for part in parts([*people[:place], bad, *people[place:]], sizes) for each in run(stormy, part)]

    (held,) = [each for each in told if each.verdict is Verdict.HELD]
    assert (held.arrival.key, held.code, held.reason) == ("1:99", code, TABLE[code].reason)
    ended = all_of(stormy)
    alone = {table: [row for row in found if "1:99" not in row] for table, found in ended.items()}
    assert alone == all_of(calm)


def run(world: World, records: Sequence[Values]) -> list[Any]:
    return world.run("customers", *records)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(20))
@given(st.sampled_from(ONCE), st.integers(0, 4), cuts)
def test_the_org_itself_takes_the_others(box: Box, code: str, place: int, sizes: Sequence[int]) -> None:
    """The same over the wire, where the set-up is judged: it is asked, and found in order."""
    box.org.reset()
    refusing(box, code)
    org = connected(box)

    results = [each for part in parts(rows(5, place), sizes) for each in org.upsert("Contact", KEY, part)]

    assert [each.fault.code if each.fault else None for each in results].count(code) == 1
    assert results[place].fault is not None
    assert results[place].fault.recovery is not Recovery.STOP
    assert len(box.org.tables["Contact"]) == 4


@pytest.mark.parametrize("code", ["INVALID_FIELD", "INSUFFICIENT_ACCESS", "INVALID_FIELD_FOR_INSERT_UPDATE"])
def test_a_row_alone_is_held_where_the_set_up_is_in_order(org: LiveOrg, box: Box, code: str) -> None:
    """The org was asked anew; its text names the field."""
    refusing(box, code, "Failed to deserialize LastName: it is not what it should be")

    (result,) = org.upsert("Contact", KEY, [{KEY: "1:1", "LastName": "spoils", "FirstName": "A"}])

    assert result.fault is not None
    assert (result.fault.recovery, result.fault.fields) == (Recovery.HOLD, ("LastName",))


def test_two_with_one_bad_value_are_held_where_it_is_named(org: LiveOrg, box: Box) -> None:
    """Their field may be written: it is what they write into it."""
    refusing(box, "INVALID_FIELD", "Failed to deserialize LastName")

    results = org.upsert("Contact", KEY, [{KEY: f"1:{each}", "LastName": "spoils"} for each in range(2)])

    assert [each.fault and each.fault.fields for each in results] == [("LastName",)] * 2


# -- no row -------------------------------------------------------------------------------------------------------


def test_no_row_was_taken(org: LiveOrg, box: Box) -> None:
    """Two that differ and one refusal, that names nothing; and not when one of them was ever taken in this run."""
    refusing(box, "INSUFFICIENT_ACCESS", "insufficient access rights on object id")
    bad = [{KEY: f"1:{each}", "LastName": "spoils"} for each in range(2)]

    with pytest.raises(OrgRefused, match="INSUFFICIENT_ACCESS: no row of Contact was taken"):
        org.upsert("Contact", KEY, bad)
    org.upsert("Contact", KEY, [{KEY: "1:9", "LastName": "Lee"}])
    assert [each.fault is None for each in org.upsert("Contact", KEY, bad)] == [False, False]


def test_rows_that_are_alike_may_be_refused_for_what_they_have_in_common() -> None:
    """It takes two that differ to say that no row escapes."""
    describe = ObjectDescribe(
        "Contact", {"LastName": FieldDescribe("LastName", "string"), KEY: FieldDescribe(KEY, "string")}
    )
    judge = Judge("Contact", Operation.CREATE, lambda: describe, set())
    fault = fault_of([{"statusCode": "INSUFFICIENT_ACCESS", "message": "no"}])

    assert [each.fault for each in judge.of_rows(rows(1) * 2, [Result(None, fault=fault)] * 2)] == [fault] * 2


@pytest.mark.parametrize(("second", "stops"), [("no", True), ("not so", False)])
def test_what_is_refused_for_two_reasons_may_be_the_rows(second: str, stops: bool) -> None:
    """The set-up says the same of each row."""
    describe = ObjectDescribe(
        "Contact", {"LastName": FieldDescribe("LastName", "string"), KEY: FieldDescribe(KEY, "string")}
    )
    judge = Judge("Contact", Operation.CREATE, lambda: describe, set())
    faults = [fault_of([{"statusCode": "INSUFFICIENT_ACCESS", "message": each}]) for each in ("no", second)]
    results = [Result(None, fault=fault) for fault in faults]

    if stops:
        with pytest.raises(OrgRefused, match="no row of Contact"):
            judge.of_rows(rows(2), results)
    else:
        assert [each.fault for each in judge.of_rows(rows(2), results)] == faults


@pytest.mark.parametrize(("named", "recovery"), [(["Of__c"], Recovery.RETRY), (["Of__c", KEY], Recovery.HOLD)])
def test_only_fields_that_are_set_once_say_that_it_is_there_already(named: list[str], recovery: Recovery) -> None:
    """Of any other an update would be refused no less."""
    fields = [FieldDescribe("Of__c", "reference", updateable=False), FieldDescribe(KEY, "string")]
    judge = Judge(
        "Line__c", Operation.CREATE, lambda: ObjectDescribe("Line__c", {each.name: each for each in fields}), set()
    )
    fault = fault_of([{"statusCode": "INVALID_FIELD_FOR_INSERT_UPDATE", "message": "no", "fields": named}])
    (judged,) = judge.of_rows([{KEY: "1:1", "Of__c": "a"}], [Result(None, fault=fault)])

    assert judged.fault is not None
    assert judged.fault.recovery is recovery


def test_one_that_only_lacks_access_is_never_the_set_up(org: LiveOrg, box: Box) -> None:
    """However many they are: private sharing and approvals say so of single rows."""
    refusing(box, "INSUFFICIENT_ACCESS_OR_READONLY")

    results = org.upsert("Contact", KEY, [{KEY: f"1:{each}", "LastName": "spoils"} for each in range(5)])

    assert {each.fault and each.fault.reason for each in results} == {Reason.NOT_ALLOWED}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("right", ["createable", "updateable", "hidden"])
def test_a_field_that_was_taken_away_is_named(org: LiveOrg, box: Box, right: str, count: int) -> None:
    """A row of the batch that sends it is enough, on the side of the write that it is closed on."""
    there = [str(each.id) for each in org.upsert("Contact", KEY, rows(count))]
    bodies: list[Values] = [{"FirstName": f"F{each}"} for each in range(count)]
    bodies[0]["Title"] = "Dr"
    rights = {} if right == "hidden" else {right: False}

    def write() -> None:
        if right == "updateable":
            org.update("Contact", KEY, [(each, body, NONE) for each, body in zip(there, bodies, strict=True)])
        else:
            org.upsert(
                "Contact", KEY, [{"LastName": "Lee", KEY: f"2:{each}", **body} for each, body in enumerate(bodies)]
            )

    with taken_away(box, "Contact", "Title", **rights), pytest.raises(OrgRefused, match=r"Contact\.Title may") as told:
        write()

    assert "Dr" not in str(told.value)


def test_all_fields_that_were_taken_away_are_named_at_once(org: LiveOrg, box: Box) -> None:
    """With the place and what to do; what else the row sends is in order."""
    (row,) = rows(1)
    with (
        taken_away(box, "Contact", "Title"),
        taken_away(box, "Contact", "Phone", createable=False),
        pytest.raises(OrgRefused) as told,
    ):
        org.upsert("Contact", KEY, [{**row, "Phone": "1", "Title": "Dr"}])

    assert str(told.value) == (
        "Contact, write: Salesforce refused with INVALID_FIELD: Contact.Phone, Contact.Title may not be written "
        "any more. Nothing of the batch is acknowledged. Check the permission set of the integration user, then run "
        "again."
    )


@pytest.mark.parametrize("request_or_row", ["row", "request"])
def test_a_field_that_is_gone_costs_no_halves(request_or_row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever way the org refuses it: one look at the object, and the run stops."""
    with running(switches={"unknown_field_in_row": request_or_row}) as box:
        org = connected(box)
        org.describe(["Contact"])
        wire = Wire(org._session)
        monkeypatch.setattr(org._session._http, "request", wire.request)
        with taken_away(box, "Contact", "Title"), pytest.raises(OrgRefused, match=r"Contact\.Title"):
            org.upsert("Contact", KEY, [{**row, "Title": "Dr"} for row in rows(150)])

        assert len(wire.sent) == 2


def test_an_object_that_takes_nothing_any_more_is_named(org: LiveOrg, box: Box) -> None:
    """That may not be created in; that is hidden."""
    org.describe(["Contact"])
    with taken_away(box, "Contact", createable=False), pytest.raises(OrgRefused, match="Contact takes no create"):
        org.upsert("Contact", KEY, rows(1))
    with taken_away(box, "Contact"), pytest.raises(OrgRefused, match="Contact is not there any more"):
        org.upsert("Contact", KEY, rows(1))


@pytest.mark.parametrize("trouble", [(403, "INSUFFICIENT_ACCESS"), (404, "NOT_FOUND"), (403, "BRAND_NEW"), (405, "X")])
def test_a_whole_object_that_is_closed_stops(org: LiveOrg, wire: Wire, trouble: tuple[int, str]) -> None:
    """Though the org does not show why: all rows meet it. One row that meets it alone is held, and not as gone."""
    wire.refuse = lambda each: trouble if each["method"] != "GET" else None

    with pytest.raises(OrgRefused, match=trouble[1]):
        org.upsert("Contact", KEY, rows(3))
    (alone,) = org.upsert("Contact", KEY, rows(1))

    assert alone.fault is not None
    assert (alone.fault.recovery, alone.fault.reason) == (Recovery.HOLD, Reason.NOT_ALLOWED)


@pytest.mark.parametrize("whole", [False, True])
def test_what_may_not_be_deleted_stops_nothing(org: LiveOrg, box: Box, wire: Wire, whole: bool) -> None:
    """The shipped permission set lets nobody delete a person: a twin stays, and is held."""
    there = [str(each.id) for each in org.upsert("Contact", KEY, rows(3))]
    box.org.read_only = set(there)
    wire.refuse = lambda each: (403, "INSUFFICIENT_ACCESS") if whole and each["method"] == "DELETE" else None

    results = org.delete("Contact", there)

    box.org.read_only = set()
    assert {each.fault and each.fault.recovery for each in results} == {Recovery.HOLD}


# -- whole requests, under both beliefs ----------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["row", "request"])
def believing(request: pytest.FixtureRequest) -> Iterator[Box]:
    with running(switches={"wrong_type_in_row": request.param}) as box:
        yield box


def test_one_unreadable_row_of_many_is_alone(believing: Box) -> None:
    """Whether the org refuses it or all of its request."""
    believing.org.reset()
    batch = rows(150)
    batch[77]["LastName"] = 7

    results = connected(believing).upsert("Contact", KEY, batch)

    assert {place: each.fault.code for place, each in enumerate(results) if each.fault} == {77: "JSON_PARSER_ERROR"}
    assert results[77].fault is not None
    assert results[77].fault.recovery is Recovery.HOLD


# -- there already ------------------------------------------------------------------------------------------------

LINE, SALE = "Retail_Sale_Line__c", "Retail_Sale__c"


@pytest.fixture(scope="module", params=["refuse", "ignore"])
def strict(request: pytest.FixtureRequest) -> Iterator[Box]:
    with running(switches={"detail_parent_on_update": request.param}) as box:
        yield box


def test_a_detail_that_is_there_already_is_asked_for_anew(strict: Box) -> None:
    """Its master is set once: where the org does not hear of it again, it is no fault of the set-up, nor the row's."""
    strict.org.reset()
    org = connected(strict)
    (sale,) = org.upsert(SALE, KEY, [{KEY: "1:1"}])
    lines = [{KEY: f"1:{each}", "Sale__c": sale.id, "Quantity__c": each} for each in range(3)]
    org.upsert(LINE, KEY, lines[:2])

    results = org.upsert(LINE, KEY, [{**line, "Quantity__c": 7} for line in lines])

    if strict.org.switches.detail_parent_on_update == "ignore":
        assert [(each.fault, each.created) for each in results] == [(None, False)] * 2 + [(None, True)]
        return
    faults = [each.fault for each in results]
    assert [each and (each.recovery, each.fields) for each in faults] == [(Recovery.RETRY, ("Sale__c",))] * 2 + [None]


def test_a_master_that_may_not_be_set_at_all_stops(strict: Box) -> None:
    """That would never be found."""
    strict.org.reset()
    org = connected(strict)
    (sale,) = org.upsert(SALE, KEY, [{KEY: "1:1"}])
    org.describe([LINE])

    with taken_away(strict, LINE, "Sale__c", createable=False), pytest.raises(OrgRefused, match=r"Sale__c may not"):
        org.upsert(LINE, KEY, [{KEY: "1:1", "Sale__c": sale.id}])


# -- a run that stops ----------------------------------------------------------------------------------------------

SHOPPERS = """
stream: customers
object: Contact
key: {field: Lightspeed_Key__c, value: "{account_id}:{id}"}
match: [{by: key}]
fields: {LastName: {from: last_name}, Title: {from: title}}
"""


@pytest.mark.parametrize("rights", [{"createable": False}, {}])
def test_what_was_settled_stays_and_nothing_else_is_acknowledged(
    org: LiveOrg, box: Box, rights: dict[str, bool]
) -> None:
    """A field is taken away, or hidden, between preflight and the second batch; given back, the run goes on."""
    world = World(SHOPPERS)
    world.org = org  # type: ignore[assignment]
    world.describes = org.describe(["Contact"])
    people = [{"id": str(each), "last_name": f"L{each}", "title": "Dr"} for each in range(4)]
    run(world, people[:2])

    with taken_away(box, "Contact", "Title", **rights), pytest.raises(OrgRefused, match=r"Contact\.Title"):
        run(world, people[2:])

    known = [world.ledger.record("customers", f"1:{each}") for each in range(4)]
    assert [each is not None for each in known] == [True, True, False, False]
    assert world.ledger.open_holds() == 0
    assert [each.verdict for each in run(world, people)] == [Verdict.UNCHANGED] * 2 + [Verdict.CREATED] * 2
