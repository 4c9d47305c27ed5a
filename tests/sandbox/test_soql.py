"""SOQL: what is served, what is refused, and that results are what a naive reading of the query gives."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.salesforce.rows import Org
from sandbox.salesforce.soql import SoqlError, select
from sandbox.salesforce.soql.functions import applied
from sandbox.salesforce.soql.records import Records
from sandbox.salesforce.soql.values import span
from sandbox.salesforce.standard import standard_schema
from sandbox.switches import Switches

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)


def fresh() -> Org:
    return Org(standard_schema(), Clock(NOW), Switches())


@pytest.fixture(scope="module")
def org() -> Org:
    """An account with three contacts, two opportunities, and somebody deleted."""
    made = fresh()
    acme = made.insert_as_user("Account", {"Name": "Acme", "NumberOfEmployees": 12})
    made.insert_as_user("Account", {"Name": "Zenith"})
    for last, mail in (("Lee", "ann@x.org"), ("O'Hara", None), ("100%_\\", "bob@x.org")):
        made.insert_as_user("Contact", {"LastName": last, "Email": mail, "AccountId": acme})
    gone = made.insert_as_user("Contact", {"LastName": "Gone"})
    made.delete_as_user("Contact", gone)
    for number in (1, 2):
        values = {
            "Name": f"Deal {number}",
            "StageName": "Prospecting",
            "CloseDate": f"2026-12-0{number}",
            "Amount": number * 10,
        }
        made.insert_as_user("Opportunity", {**values, "AccountId": acme})
    return made


def names(org: Org, where: str) -> list[str]:
    return sorted(row["LastName"] for row in select(org, f"SELECT LastName FROM Contact WHERE {where}").records)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Email = 'ANN@X.org'", ["Lee"]),
        ("Email != 'ann@x.org'", ["100%_\\", "O'Hara"]),
        ("Email = null", ["O'Hara"]),
        ("Email != null", ["100%_\\", "Lee"]),
        ("LastName = 'O\\'Hara'", ["O'Hara"]),
        ("LastName = '100%_\\\\'", ["100%_\\"]),
        ("LastName LIKE 'l%'", ["Lee"]),
        ("LastName LIKE '100\\%\\_%'", ["100%_\\"]),
        ("LastName LIKE '_ee'", ["Lee"]),
        ("LastName IN ('lee', 'nobody')", ["Lee"]),
        ("LastName NOT IN ('lee')", ["100%_\\", "O'Hara"]),
        ("NOT LastName = 'Lee'", ["100%_\\", "O'Hara"]),
        ("(LastName = 'Lee' OR Email = null) AND Account.Name = 'acme'", ["Lee", "O'Hara"]),
        ("Account.Name = 'Zenith'", []),
        ("CreatedDate = TODAY", ["100%_\\", "Lee", "O'Hara"]),
        ("CreatedDate < TODAY", []),
        ("CreatedDate >= 2026-11-25T12:00:00Z", ["100%_\\", "Lee", "O'Hara"]),
        ("CreatedDate > 2026-11-25T14:00:00+02:00", []),
        ("AccountId IN (SELECT Id FROM Account WHERE Name = 'Acme')", ["100%_\\", "Lee", "O'Hara"]),
        ("IsDeleted = false", ["100%_\\", "Lee", "O'Hara"]),
    ],
)
def test_conditions(org: Org, where: str, expected: list[str]) -> None:
    """Text without regard to case, null and not null, escapes, instants in any offset, semi-joins."""
    assert expected == names(org, where)


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id FROM Contact WHERE Email = 'a' AND Email = 'b' OR Email = 'c'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Email = 'a\\q'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Email = 'a\\_'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Email == 'a'", "MALFORMED_QUERY"),
        ("SELECT * FROM Contact", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact JOIN Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WITH DATA CATEGORY x__c", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact ALL ROWS", "MALFORMED_QUERY"),
        ("SELECT LastName n FROM Contact", "MALFORMED_QUERY"),
        ("SELECT LastName FROM Contact HAVING COUNT(Id) > 1", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact LIMIT -1", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact LIMIT 1 OFFSET -1", "MALFORMED_QUERY"),
        ("SELECT LeadSource, COUNT(Id) FROM Contact GROUP BY ROLLUP(LeadSource)", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Contact ORDER BY Description", "INVALID_FIELD"),
        ("SELECT Id, LastName, lastname FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE LastName = 'a' AND Email = 'b' OR Phone = 'c'", "MALFORMED_QUERY"),
        ("SELECT CALENDAR_YEAR(CreatedDate) FROM Contact", "MALFORMED_QUERY"),
        ("SELECT CALENDAR_YEAR(LastName) y, COUNT(Id) FROM Contact GROUP BY CALENDAR_YEAR(LastName)", "INVALID_FIELD"),
        ("SELECT Owner.Description FROM Lead", "INVALID_FIELD"),
        ("SELECT TYPEOF Who WHEN Shoe THEN Name END FROM Task", "INVALID_TYPE"),
        ("SELECT ReportsTo.ReportsTo.ReportsTo.ReportsTo.ReportsTo.ReportsTo.Name FROM Contact", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact LIMIT x", "MALFORMED_QUERY"),
        ("SELECT FIELDS(ALL) FROM Contact", "MALFORMED_QUERY"),
        ("SELECT FIELDS(ALL) FROM Contact LIMIT 201", "MALFORMED_QUERY"),
        ("SELECT LastName, COUNT(Id) FROM Contact", "MALFORMED_QUERY"),
        ("", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE LastName = '" + "x" * 4001 + "'", "MALFORMED_QUERY"),
        ("SELECT Nothing FROM Contact", "INVALID_FIELD"),
        ("SELECT Account.Nothing FROM Contact", "INVALID_FIELD"),
        ("SELECT Nobody.Name FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE CreatedDate = 'today'", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE Amount = '5'", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE LastName = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Opportunity WHERE Amount LIKE '5%'", "INVALID_OPERATOR"),
        ("SELECT Id FROM Contact WHERE Id LIKE '003%'", "INVALID_OPERATOR"),
        ("SELECT Id FROM Contact WHERE Id IN ('0035e0000000001AAA', 'zzz')", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Contact WHERE AccountId = 'zzz'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Contact WHERE Account.OwnerId != 'zzz'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Contact WHERE Birthdate = 2026-13-01", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE CreatedDate > 2026-02-30T00:00:00Z", "MALFORMED_QUERY"),
        ("SELECT Id FROM Nothing__c", "INVALID_TYPE"),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)
def test_what_is_refused(org: Org, soql: str, code: str) -> None:
    """Never ignored."""
    with pytest.raises(SoqlError) as raised:
        select(org, soql)

    assert code == raised.value.code


@pytest.mark.recorded
def test_an_unknown_object_is_refused_in_the_recorded_words(org: Org, recorded: Any) -> None:
    """To the letter."""
    bodies = json.loads((recorded / "salesforce" / "error_bodies.json").read_text())
    body = next(each["body"][0] for each in bodies if each["name"] == "soql_unknown_sobject")
    with pytest.raises(SoqlError) as raised:
        select(org, "select count() from XYZZY")

    assert (body["errorCode"], body["message"]) == (raised.value.code, raised.value.message)


def test_records_come_as_the_vendor_nests_them(org: Org) -> None:
    """Attributes, parents as objects, null parents as null, children as an envelope or null."""
    (row,) = select(org, "SELECT LastName, Account.Name, ReportsTo.Name FROM Contact WHERE LastName = 'Lee'").records
    assert (row["attributes"]["type"], row["Account"]["Name"], row["ReportsTo"]) == ("Contact", "Acme", None)
    by_name = {
        each["Name"]: each["Contacts"]
        for each in select(
            org, "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName DESC LIMIT 2) FROM Account"
        ).records
    }
    assert by_name["Zenith"] is None
    assert [each["LastName"] for each in by_name["Acme"]["records"]] == ["O'Hara", "Lee"]


def test_aggregates(org: Org) -> None:
    """With names, without, grouped, and kept by HAVING."""
    (whole,) = select(org, "SELECT SUM(Amount), MAX(CloseDate) last, COUNT(Id) FROM Opportunity").records
    assert (whole["expr0"], whole["last"], whole["expr1"]) == (30.0, "2026-12-02", 2)
    soql = "SELECT AccountId, COUNT(Id) n FROM Contact GROUP BY AccountId HAVING COUNT(Id) > 2 ORDER BY COUNT(Id) DESC"
    assert [row["n"] for row in select(org, soql).records] == [3]
    counted = select(org, "SELECT COUNT() FROM Contact")
    assert (counted.total, counted.count_only, len(counted.records)) == (3, True, 0)


def test_deleted_rows_are_seen_on_demand(org: Org) -> None:
    """By queryAll."""
    assert select(org, "SELECT COUNT() FROM Contact", deleted=True).total == 4


def test_order_limit_offset(org: Org) -> None:
    """Nulls first unless said otherwise."""
    soql = "SELECT Email FROM Contact ORDER BY Email"
    assert [row["Email"] for row in select(org, soql).records] == [None, "ann@x.org", "bob@x.org"]
    assert [row["Email"] for row in select(org, f"{soql} DESC NULLS LAST").records] == ["bob@x.org", "ann@x.org", None]
    assert [row["Email"] for row in select(org, f"{soql} LIMIT 1 OFFSET 1").records] == ["ann@x.org"]


def test_nobody_may_rely_on_an_order_that_was_not_asked_for() -> None:
    """It is not the order of insertion."""
    org = fresh()
    inserted = [org.insert_as_user("Contact", {"LastName": f"L{number}"}) for number in range(20)]

    found = [row["Id"] for row in select(org, "SELECT Id FROM Contact").records]

    assert sorted(inserted) == sorted(found)
    assert inserted != found


Row = dict[str, Any]
texts = st.sampled_from(["a", "A", "b", "ab", "", None])
numbers = st.sampled_from([None, Decimal(1), Decimal("2.5"), Decimal(-3)])
rows = st.lists(st.fixed_dictionaries({"FirstName": texts, "n": numbers}), max_size=8)
quoted = st.sampled_from(["a", "A", "b", "zz"])


def truth(operator: str, held: Any, wanted: Any) -> bool:
    """One comparison, as the org makes it (docs/vendors/salesforce.md, comparing text)."""
    if operator in ("=", "!="):
        return (held == wanted) is (operator == "=")
    if held is None:
        return False
    return {"<": held < wanted, "<=": held <= wanted, ">": held > wanted, ">=": held >= wanted}[operator]


@st.composite
def leaves(draw: Callable[..., Any]) -> tuple[str, Callable[[Row], bool]]:
    operator = draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
    if draw(st.booleans()):
        number = draw(st.sampled_from([Decimal(1), Decimal("2.5")]))
        return f"Amount {operator} {number}", lambda row: truth(operator, row["n"], number)
    if draw(st.booleans()):
        values = draw(st.lists(quoted, min_size=1, max_size=3))
        listed = ", ".join(f"'{value}'" for value in values)
        folded = {value.lower() for value in values}
        return f"NextStep IN ({listed})", lambda row: (row["FirstName"] or "").lower() in folded
    value = draw(quoted)
    return f"NextStep {operator} '{value}'", lambda row: truth(
        operator, (row["FirstName"] or "").lower() or None, value.lower()
    )


def joined(parts: Any) -> Any:
    def whole(pair: tuple[str, list[tuple[str, Callable[[Row], bool]]]]) -> tuple[str, Callable[[Row], bool]]:
        word, found = pair
        test = all if word == "AND" else any
        return f" {word} ".join(f"({soql})" for soql, _ in found), lambda row: test(check(row) for _, check in found)

    return st.tuples(st.sampled_from(["AND", "OR"]), st.lists(parts, min_size=2, max_size=3)).map(whole)


def negated(parts: Any) -> Any:
    return parts.map(lambda part: (f"NOT ({part[0]})", lambda row: not part[1](row)))


trees = st.recursive(leaves(), lambda parts: joined(parts) | negated(parts), max_leaves=5)


@given(rows, trees)
def test_results_are_what_a_naive_reading_gives(values: list[Row], tree: tuple[str, Callable[[Row], bool]]) -> None:
    """For any tree of conditions over any rows, with and without an index."""
    org = fresh()
    soql, check = tree
    expected = []
    for row in values:
        made = {"Name": "x", "StageName": "Prospecting", "CloseDate": "2026-12-01", "Amount": row["n"]}
        record_id = org.insert_as_user("Opportunity", {**made, "NextStep": row["FirstName"]})
        if check({**row, "FirstName": row["FirstName"] or None}):
            expected.append(record_id)

    found = [each["Id"] for each in select(org, f"SELECT Id FROM Opportunity WHERE {soql}").records]

    assert sorted(expected) == sorted(found)


# -- dates, functions, parents of several kinds


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("TODAY", "2026-11-25", "2026-11-25"),
        ("YESTERDAY", "2026-11-24", "2026-11-24"),
        ("TOMORROW", "2026-11-26", "2026-11-26"),
        ("THIS_WEEK", "2026-11-22", "2026-11-28"),
        ("LAST_WEEK", "2026-11-15", "2026-11-21"),
        ("NEXT_MONTH", "2026-12-01", "2026-12-31"),
        ("THIS_QUARTER", "2026-10-01", "2026-12-31"),
        ("NEXT_QUARTER", "2027-01-01", "2027-03-31"),
        ("LAST_YEAR", "2025-01-01", "2025-12-31"),
        ("LAST_N_DAYS:2", "2026-11-23", "2026-11-25"),
        ("NEXT_N_DAYS:2", "2026-11-26", "2026-11-27"),
        ("LAST_90_DAYS", "2026-08-27", "2026-11-25"),
        ("NEXT_90_DAYS", "2026-11-26", "2027-02-23"),
        ("LAST_N_WEEKS:2", "2026-11-08", "2026-11-21"),
        ("NEXT_N_MONTHS:2", "2026-12-01", "2027-01-31"),
        ("LAST_N_QUARTERS:1", "2026-07-01", "2026-09-30"),
        ("NEXT_N_YEARS:1", "2027-01-01", "2027-12-31"),
        ("N_DAYS_AGO:3", "2026-11-22", "2026-11-22"),
        ("LAST_FISCAL_QUARTER", "2026-07-01", "2026-09-30"),
        ("NEXT_N_FISCAL_YEARS:2", "2027-01-01", "2028-12-31"),
        ("N_MONTHS_AGO:11", "2025-12-01", "2025-12-31"),
    ],
)
def test_a_date_literal_stands_for_days(word: str, first: str, last: str) -> None:
    low, after = span(word, NOW.date())
    assert (low.isoformat(), (after - timedelta(days=1)).isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("having", "names"),
    [
        ("COUNT(Id) > 1", ["Ann"]),
        ("NOT COUNT(Id) > 1", ["Bo", "Cy"]),
        ("COUNT(Id) = 1 AND LastName != 'Cy'", ["Bo"]),
        ("MAX(Email) = 'c@x.org' OR COUNT(Id) = 2", ["Ann", "Cy"]),
    ],
)
def test_groups_are_kept_by_having(having: str, names: list[str]) -> None:
    org = fresh()
    for last, mail in (("Ann", "a@x.org"), ("Ann", "b@x.org"), ("Bo", None), ("Cy", "c@x.org")):
        org.insert_as_user("Contact", {"LastName": last, "Email": mail})
    soql = f"SELECT LastName FROM Contact GROUP BY LastName HAVING {having} ORDER BY LastName"
    assert [record["LastName"] for record in select(org, soql).records] == names


def test_dates_are_grouped_by_their_parts(org: Org) -> None:
    soql = (
        "SELECT CALENDAR_YEAR(CloseDate), CALENDAR_MONTH(CloseDate) m, COUNT(Id) FROM Opportunity "
        "GROUP BY CALENDAR_YEAR(CloseDate), CALENDAR_MONTH(CloseDate)"
    )
    (record,) = select(org, soql).records
    assert {key: record[key] for key in ("expr0", "m", "expr1")} == {"expr0": 2026, "m": 12, "expr1": 2}
    assert select(org, "SELECT Id FROM Opportunity WHERE DAY_IN_MONTH(CloseDate) = 2").total == 1
    assert select(org, "SELECT Id FROM Opportunity WHERE DAY_ONLY(CreatedDate) = TODAY").total == 2


@pytest.mark.parametrize(
    ("function", "value"),
    [
        ("CALENDAR_QUARTER", 4),
        ("DAY_IN_WEEK", 4),
        ("DAY_IN_YEAR", 329),
        ("WEEK_IN_YEAR", 47),
        ("HOUR_IN_DAY", 13),
        ("DAY_ONLY", "2026-11-25"),
        ("TOLABEL", "2026-11-25T13:14:15.000+0000"),
    ],
)
def test_what_functions_make_of_an_instant(function: str, value: Any) -> None:
    assert applied(function, "2026-11-25T13:14:15.000+0000") == value
    assert applied(function, None) is None


def test_a_parent_of_several_kinds_is_known_by_its_name_and_its_type() -> None:
    org = fresh()
    lead = org.insert_as_user("Lead", {"LastName": "Lee", "Company": "Acme", "Phone": "1"})
    ann = org.insert_as_user("Contact", {"LastName": "Ann", "Title": "Boss"})
    for who in (lead, ann, None):
        org.insert_as_user("Task", {"Subject": "Call", "WhoId": who})
    soql = "SELECT Who.Name, Who.Type FROM Task WHERE WhoId != null ORDER BY Who.Type"
    found = [(record["Who"]["Type"], record["Who"]["Name"]) for record in select(org, soql).records]
    assert found == [("Contact", "Ann"), ("Lead", "Lee")]
    assert select(org, "SELECT Id FROM Task WHERE Who.Type = 'Lead'").total == 1
    typed = "SELECT TYPEOF Who WHEN Lead THEN Company, Phone WHEN Contact THEN Title ELSE Name END FROM Task"
    shown = {
        (record["Who"] or {}).get("attributes", {}).get("type"): record["Who"] for record in select(org, typed).records
    }
    assert shown[None] is None
    assert {key: shown["Lead"][key] for key in ("Company", "Phone")} == {"Company": "Acme", "Phone": "1"}
    assert "Name" not in shown["Contact"]
    assert shown["Contact"]["Title"] == "Boss"


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id FROM Contact WITH SECURITY_ENFORCED",
        "SELECT Id FROM Contact WHERE Id != null WITH USER_MODE LIMIT 1",
        "SELECT Id FROM Contact USING SCOPE everything",
        "SELECT toLabel(LeadSource) FROM Contact FOR VIEW",
        "SELECT c.Id, Contact.LastName FROM Contact c FOR REFERENCE",
    ],
)
def test_words_that_change_nothing_are_read(org: Org, soql: str) -> None:
    assert select(org, soql).total in {1, 3}


def test_a_big_result_is_made_as_it_is_looked_at(org: Org) -> None:
    made: list[Any] = []
    records = Records(range(1_000_000), lambda number: {"n": made.append(number) or number})
    assert len(records) == 1_000_000
    assert [record["n"] for record in records[10:12]] == [10, 11]
    assert records[-1]["n"] == 999_999
    assert made == [10, 11, 999_999]
