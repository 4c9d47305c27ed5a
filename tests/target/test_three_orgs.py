"""A merge and a conversion in the org, in a plan on it, and in memory: what is asked afterwards is answered alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.nouns import Conversion, Merge, OrgRow
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.rehearsal import Rehearsal
from target_salesforce_retail.ports import Org

from sandbox.salesforce.store import Frozen
from sandbox.serve import Box
from tests.lanes import examples

KEY, SALE = "Lightspeed_Key__c", "Retail_Sale__c"
FIELDS = {
    "Contact": (KEY, "LastName", "Email", "Phone"),
    "Lead": (KEY, "LastName", "Email"),
    SALE: ("Contact__c", "Lead__c"),
}
WHO = {"Contact": "abcd", "Lead": "wxyz", SALE: "123"}
MAILS = ("p@x.org", "q@x.org", "r@x.org")
Step = tuple[Any, ...]


class Stage:
    """The same few records for each of the orgs.

    Attributes:
        ids: By name, and of what a lead became by the lead's name and a plus.
    """

    def __init__(self, box: Box) -> None:
        self.box = box
        self.box.org.switches = replace(box.org.switches, standard_duplicate_rules=False)
        self.ids: dict[str, str] = {}
        for name, letters in WHO.items():
            for place, letter in enumerate(letters):
                self.ids[letter] = box.org.insert_as_user(name, self._values(name, place))
        self._frozen: Frozen = box.org.freeze()
        self._rows = {name: dict(box.org.tables[name]) for name in WHO}

    def _values(self, name: str, place: int) -> dict[str, Any]:
        if name == SALE:
            return {"Contact__c": self.ids["abcd"[place]]}
        person = {"LastName": f"{name}{place}", "Email": MAILS[place] if place < 2 else None}
        return {**person, "Company": "x"} if name == "Lead" else person

    def live(self, org: LiveOrg) -> LiveOrg:
        self.box.org.thaw(self._frozen)
        return org

    def memory(self, org: LiveOrg) -> MemoryOrg:
        made = MemoryOrg(org.describe([*WHO, "Account"]))
        for name, rows in self._rows.items():
            for row in rows.values():
                made.put(name, dict(row))
        return made


@pytest.fixture
def stage(box: Box) -> Iterator[Stage]:
    switches = box.org.switches
    yield Stage(box)
    box.org.switches = switches


def act(org: Org, ids: dict[str, str], step: Step) -> Any:
    """Take one step; whether it went well, and who stays."""
    what, *how = step
    if what == "merge":
        name, stays, goes, phone = how
        fill = {"Phone": phone} if phone and name == "Contact" else {}
        (result,) = org.merge(name, [Merge(ids[stays], ids[goes], fill)])
    elif what == "convert":
        (result,) = org.convert([Conversion(ids[how[0]], "Closed - Converted")])
        if result.id and result.id not in ids.values():
            ids[f"{how[0]}+"] = result.id
    elif what == "mail":
        (result,) = org.update("Contact", KEY, [(ids[how[0]], {"Email": how[1]}, {})])
    else:
        to = org.survivors("Contact", [ids[how[1]]])[ids[how[1]]]  # a run never points to who is gone
        (result,) = org.update(SALE, KEY, [(ids[how[0]], {"Contact__c": to}, {})])
    return named(ids, result.id) if result.fault is None else result.fault.reason


def named(ids: Mapping[str, str], record_id: Any) -> Any:
    return next((name for name, each in ids.items() if each == record_id), record_id)


def asked(org: Org, ids: Mapping[str, str]) -> list[Any]:
    """What a run asks: by mail, by id, by lookup; and who survives."""
    wanted: list[dict[str, Any]] = [
        {"Contact": [{"Email": MAILS}], "Lead": [{"Email": MAILS}]},
        *({name: [{"Id": [ids[each] for each in WHO[name]]}]} for name in WHO),
        *({SALE: [{"Contact__c": [each]}]} for name, each in ids.items() if name in WHO["Contact"] or "+" in name),
    ]
    rows = [sorted(said(ids, row) for row in org.find(each, FIELDS)) for each in wanted]
    heirs = [org.survivors(name, [ids[each] for each in WHO[name]]) for name in ("Contact", "Lead")]
    return [*rows, *({named(ids, each): named(ids, heir) for each, heir in found.items()} for found in heirs)]


def said(ids: Mapping[str, str], row: OrgRow) -> Any:
    values = sorted((name, str(named(ids, row.values.get(name)))) for name in FIELDS[row.object])
    return row.object, str(named(ids, row.id)), row.searched, row.dead_end, [] if row.dead_end else values


def steps() -> st.SearchStrategy[list[Step]]:
    def merges(name: str) -> st.SearchStrategy[Step]:
        two = st.permutations(WHO[name]).map(lambda letters: letters[:2])
        return st.tuples(two, st.sampled_from(["", "1", "2"])).map(lambda each: ("merge", name, *each[0], each[1]))

    contact, lead, sale = (st.sampled_from(letters) for letters in WHO.values())
    one = st.one_of(
        merges("Contact"),
        merges("Lead"),
        lead.map(lambda each: ("convert", each)),
        st.tuples(st.just("mail"), contact, st.sampled_from(MAILS)),
        st.tuples(st.just("point"), sale, contact),
    )
    return st.lists(one, min_size=1, max_size=6)


@settings(max_examples=examples(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps())
def test_after_any_steps_all_three_answer_alike(stage: Stage, org: LiveOrg, taken: Sequence[Step]) -> None:
    """Results, rows by value, by id and by lookup, and survivors; ids that are made up have the lead's name."""
    answers = []
    for of in (stage.live, lambda each: Rehearsal(stage.live(each)), stage.memory):
        here, ids = of(org), dict(stage.ids)
        results = [act(here, ids, step) for step in taken]
        answers.append((results, asked(here, ids)))

    assert answers[0] == answers[1]
    assert answers[0] == answers[2]
