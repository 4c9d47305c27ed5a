"""People in the org who have a phone number without its key: a run reads them once, and knows them by it."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from target_salesforce_retail.companion.backfill import backfills
from target_salesforce_retail.companion.memory_org import MemoryOrg
from target_salesforce_retail.errors import OrgBusy
from target_salesforce_retail.mapping.phone_keys import country_of
from target_salesforce_retail.nouns import Verdict
from target_salesforce_retail.pipeline import Pipeline
from target_salesforce_retail.stages.inside.unkeyed import Unkeyed

from tests.lanes import examples
from tests.target.world import SHOPPERS, World, arrival

ANN = {"id": "1", "phone": "514 250 0001"}


class CountingOrg(MemoryOrg):
    """Counts what is asked of the unkeyed."""

    asked = 0

    def count_unkeyed(self, phones: Any) -> dict[str, int]:
        """How many."""
        self.asked += 1
        return super().count_unkeyed(phones)


class OneRun:
    """Several batches of one run, in a world of its own."""

    def __init__(self, bound: int = 2000, text: str = SHOPPERS) -> None:
        self.world = World(text)
        self.world.org = CountingOrg(self.world.describes)
        self.lines: list[str] = []
        unkeyed = Unkeyed(bound, self.lines.append, lambda text: self.lines.append(f"WARNING {text}"))
        self.pipeline = Pipeline(
            self.world.mappings, self.world.org, self.world.ledger, self.world.describes, unkeyed=unkeyed
        )

    def run(self, *records: dict[str, Any]) -> list[tuple[str, str | None]]:
        """Verdict and id for each."""
        arrivals = [arrival("customers", **record) for record in records]
        return [(each.verdict.value, each.id) for each in self.pipeline.run("customers", arrivals)]


def test_they_are_read_once_per_run_and_told() -> None:
    """However many batches there are; a run that looks for no number does not ask."""
    run = OneRun()
    run.world.org.put("Contact", {"Id": "A", "Phone": "(514) 250-0001"})
    run.world.org.put("Lead", {"Id": "B", "Phone": "(514) 250-0002"})

    assert run.run({"id": "9", "email": "ann@x.org"})[0][0] == "created"
    assert (run.world.org.asked, run.lines) == (0, [])
    assert [each for batch in (ANN, {**ANN, "id": "2", "phone": "5142500002"}) for each in run.run(batch)] == [
        ("updated", "A"),
        ("updated", "B"),
    ]
    assert run.world.org.asked == 1
    (line,) = run.lines
    assert line == (
        "1 of Contact and 1 of Lead have a phone number without its key: read once for this run. "
        "`salesforce-retail backfill-keys` gives them theirs."
    )


def test_above_the_bound_they_are_not_found() -> None:
    """And the run says so, and what to do."""
    run = OneRun(bound=0)
    run.world.org.put("Contact", {"Id": "A", "Phone": "(514) 250-0001"})
    run.world.org._time += timedelta(hours=1)  # who is being made at the same time is looked for in another way

    assert run.run(ANN)[0][0] == "created"
    (line,) = run.lines
    assert line == (
        "WARNING 1 of Contact has a phone number without its key, more than unkeyed_persons = 0: they are not found by "
        "it. Give them their keys with `salesforce-retail backfill-keys`."
    )


class SlowOrg(CountingOrg):
    """Takes too long over a query that no index helps."""

    def count_unkeyed(self, phones: Any) -> dict[str, int]:
        """Never."""
        super().count_unkeyed(phones)
        raise OrgBusy("QUERY_TIMEOUT")


def test_an_org_that_takes_too_long_over_it_is_gone_without() -> None:
    """Once a run, and the run says so: a shopper is not kept out for a query that an org of millions cannot answer."""
    run = OneRun()
    run.world.org = SlowOrg(run.world.describes)
    run.pipeline = replace(run.pipeline, org=run.world.org)

    assert [run.run({"id": each, "phone": "514 250 0001"})[0][0] for each in ("1", "2")] == ["created", "unchanged"]
    assert run.world.org.asked == 1
    (line,) = run.lines
    assert line.startswith("WARNING Salesforce did not tell who has a phone number without its key")


def test_who_has_a_key_answers_to_it_and_not_to_the_number_beside_it() -> None:
    """The key is believed: else a decision would depend on which rows have come for other reasons."""
    run = OneRun()
    run.world.org.put(
        "Contact", {"Id": "A", "Email": "a@x.org", "Phone": "514 250 0001", "Phone_E164__c": "+15142500002"}
    )

    found = run.run({"id": "1", "email": "a@x.org"}, {**ANN, "id": "2"}, {**ANN, "id": "3", "phone": "5142500002"})

    assert [found[0][1], found[2][1]] == ["A", "A"]
    assert found[1][0] == "created"


def test_a_second_number_is_found_although_the_first_has_its_key() -> None:
    """Each phone has a key of its own."""
    run = OneRun()
    row = {"Id": "A", "Phone": "514 250 0001", "Phone_E164__c": "+15142500001", "MobilePhone": "514-250-0002"}
    run.world.org.put("Contact", row)

    assert run.run({**ANN, "mobile": None, "phone": "5142500002"})[0] == ("updated", "A")


def test_what_they_are_now_decides_and_not_what_they_were_when_the_run_began() -> None:
    """A colleague changes the number between two batches."""
    run = OneRun()
    run.world.org.put("Contact", {"Id": "A", "Phone": "514 250 0001"})
    run.run({"id": "9", "phone": "514 250 0009"})
    run.world.org.tables["Contact"]["A"]["Phone"] = "514 250 0003"

    assert run.run(ANN)[0][0] == "created"


def test_a_number_that_we_write_in_another_way_is_found_in_the_same_run() -> None:
    """The key stays the same, so that the flow of the org, which sees a phone change alone, blanks it."""
    run = OneRun()
    (made,) = run.run(ANN)
    assert made[0] == "created"
    (again,) = run.run({**ANN, "phone": "(514) 250-0001"})
    assert again == ("updated", made[1])
    row = run.world.org.tables["Contact"][str(made[1])]
    assert row["Phone_E164__c"] == "+15142500001"
    row["Phone_E164__c"] = None
    run.world.org._time += timedelta(hours=1)

    assert run.run({**ANN, "id": "2"})[0][1] == made[1]


def test_the_names_of_countries_do_not_bring_the_places_of_the_world() -> None:
    """A hundred megabytes, and half a second of every command."""
    assert country_of("Deutschland") == "DE"

    assert "phonenumbers.geodata" not in sys.modules


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("US", ["us", "USA", "U.S.A.", "U.S.", "United States", "Etats-Unis", "\u00c9tats-Unis"]),
        ("GB", ["gb", "UK", "U.K.", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland"]),
        ("BR", ["Br\u00e9sil", "bresil", "BRE\u0301SIL"]),
        ("DE", [" DE ", "germany", "Deutschland", "Allemagne"]),
        (None, ["", "XX", "Narnia", "U"]),
    ],
)
def test_a_country_is_known_by_its_code_and_by_what_people_call_it(code: str | None, names: list[str]) -> None:
    """In any case, with accents or points or without; and a part of the kingdom has the kingdom's numbers."""
    assert {name: country_of(name) for name in names} == dict.fromkeys(names, code)


@pytest.mark.parametrize(
    ("country", "field", "phone", "found"),
    [
        ("GB", "MailingCountry", "020 7946 0018", True),
        ("United Kingdom", "MailingCountry", "020 7946 0018", True),
        ("Royaume-Uni", "MailingCountry", "020 7946 0018", True),
        ("uk", "MailingCountry", "020 7946 0018", True),
        ("GB", "MailingCountryCode", "020 7946 0018", True),
        ("Narnia", "MailingCountry", "+44 20 7946 0018", True),
        ("Narnia", "MailingCountry", "020 7946 0018", False),
        ("", "MailingCountry", "020 7946 0018", False),
        ("CA", "MailingCountry", "020 7946 0018", False),
    ],
)
def test_a_number_is_read_in_the_country_of_its_row(country: str, field: str, phone: str, found: bool) -> None:
    """By code or by name in some language; of a country that nobody knows only a number with its code is read."""
    text = SHOPPERS.replace("{else: CA}", "{from: country, else: CA}") + "  MailingCountry: {from: country}\n"
    run = OneRun(text=text)
    run.world.org.put("Contact", {"Id": "A", "Phone": phone, field: country})

    (outcome,) = run.run({"id": "1", "country": "GB", "phone": "020 7946 0018"})

    assert outcome[0] == (Verdict.UPDATED if found else Verdict.CREATED).value


SPELT = [
    "514 250 0001",
    "(514) 250-0001",
    "+1 514.250.0001",
    "020 7946 0018",
    "+44 20 7946 0018",
    "0412 345 678",
    "n/a",
]
phones = st.sampled_from([None, None, *SPELT])
people = st.lists(
    st.fixed_dictionaries(
        {
            "Phone": phones,
            "MobilePhone": phones,
            "MailingCountry": st.sampled_from([None, "GB", "Canada", "Australia", "Narnia"]),
            "Phone_E164__c": st.sampled_from([None, None, "+15142500001", "unreadable"]),
        }
    ),
    max_size=4,
)
comers = st.lists(
    st.fixed_dictionaries({"phone": phones, "mobile": phones, "country": st.sampled_from([None, "GB", "AU"])}),
    max_size=4,
)
LIVING = (
    SHOPPERS.replace("{else: CA}", "{from: country, else: CA}")
    + "  MailingCountry: {from: country, update: if_blank, only: Contact}\n"
)


@settings(max_examples=examples(80))
@given(people, comers)
def test_what_a_backfill_writes_is_what_a_run_would_have_matched(
    rows: list[dict[str, Any]], records: list[dict[str, Any]]
) -> None:
    """The same shoppers find the same people, by the look-up of a run before it and by the keys after it."""
    ended = []
    for is_filled in (False, True):
        run = OneRun(bound=0 if is_filled else 2000, text=LIVING)
        for number, row in enumerate(rows):
            run.world.org.put(
                "Contact", {"Id": f"C{number}", **{field: value for field, value in row.items() if value}}
            )
        run.world.org._time += timedelta(hours=1)
        if is_filled:
            for each in backfills(run.world.mappings.ordered, run.world.org, run.lines.append, writes=True):
                assert each.run(100).exit_code == 0
        came = [{"id": str(number), **record} for number, record in enumerate(records)]
        ended.append([(verdict == "created", record_id) for verdict, record_id in run.run(*came)])

    assert ended[0] == ended[1]
