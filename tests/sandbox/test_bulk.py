"""Bulk 2.0: jobs, CSV, results."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.bulk.dialect import DELIMITERS, LINE_ENDS, Dialect
from sandbox.salesforce.bulk.engine import Engine
from sandbox.salesforce.bulk.jobs import IngestJob
from sandbox.salesforce.bulk.loading import Loader
from sandbox.salesforce.bulk.sheet import Sheet
from sandbox.salesforce.bulk.work import error_text
from sandbox.salesforce.faults import Fault
from sandbox.serve import Box, running
from tests.sandbox.loopback import Rest

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r\n"), max_size=6)
UPSERT = {"object": "Contact", "operation": "upsert", "externalIdFieldName": "Lightspeed_Key__c"}


def rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def load(
    rest: Rest, text: str | bytes, **job: Any
) -> tuple[dict[str, Any], list[dict[str, str]], list[dict[str, str]]]:
    """Run a whole job: the job when it is done, what succeeded, what failed."""
    made = rest.call("POST", "jobs/ingest", json={**UPSERT, **job}).json()
    home = f"jobs/ingest/{made['id']}"
    content = text.encode() if isinstance(text, str) else text
    assert rest.call("PUT", f"{home}/batches", data=content).status_code == 201
    rest.call("PATCH", home, json={"state": "UploadComplete"})
    done = rest.finished(home)
    if done["state"] == "Failed":
        return done, [], []
    good, bad = (rows(rest.call("GET", f"{home}/{name}/")) for name in ("successfulResults", "failedResults"))
    return done, good, bad


# -- the life of a job


def test_a_job_lives_from_open_to_complete_and_every_row_has_a_result(rest: Rest, box: Box) -> None:
    made = rest.call("POST", "jobs/ingest", json=UPSERT).json()
    assert made["state"] == "Open"
    assert made["contentUrl"] == f"services/data/v66.0/jobs/ingest/{made['id']}/batches"
    assert (made["apiVersion"], made["lineEnding"], made["columnDelimiter"]) == (66.0, "LF", "COMMA")
    home = f"jobs/ingest/{made['id']}"
    text = "Lightspeed_Key__c,LastName,Email\n1:1,Ann,ann@example.com\n1:2,,\n"
    answer = rest.session.put(f"{box.salesforce_url}/{made['contentUrl']}", data=text)
    assert (answer.status_code, answer.content) == (201, b"")
    assert rest.call("PATCH", home, json={"state": "UploadComplete"}).json()["state"] == "UploadComplete"
    assert rest.call("GET", home).json()["state"] == "InProgress"
    done = rest.finished(home)
    assert (done["state"], done["jobType"]) == ("JobComplete", "V2Ingest")
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (2, 1)
    (good,) = rows(rest.call("GET", f"{home}/successfulResults"))
    assert (good["sf__Created"], good["Email"]) == ("true", "ann@example.com")
    assert box.org.tables["Contact"][good["sf__Id"]]["LastName"] == "Ann"
    (bad,) = rows(rest.call("GET", f"{home}/failedResults/"))
    assert bad["sf__Error"] == "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
    assert bad["sf__Id"] == ""
    assert rows(rest.call("GET", f"{home}/unprocessedrecords")) == []
    assert rest.call("DELETE", home).status_code == 204
    assert rest.call("GET", home).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {**UPSERT, "operation": "merge"},
        {**UPSERT, "object": "Nothing"},
        {**UPSERT, "externalIdFieldName": None},
        {**UPSERT, "externalIdFieldName": "Phone"},
        {**UPSERT, "operation": "insert"},
        {**UPSERT, "columnDelimiter": "DOT"},
        {**UPSERT, "lineEnding": "CR"},
        {**UPSERT, "contentType": "JSON"},
    ],
)
def test_a_job_that_makes_no_sense_is_refused(rest: Rest, body: dict[str, Any]) -> None:
    assert rest.call("POST", "jobs/ingest", json=body).status_code == 400


def test_a_job_takes_one_upload_while_it_is_open_and_no_results_before_the_end(rest: Rest) -> None:
    home = f"jobs/ingest/{rest.call('POST', 'jobs/ingest', json=UPSERT).json()['id']}"
    early = rest.call("PATCH", home, json={"state": "UploadComplete"})
    assert (early.status_code, early.json()[0]["errorCode"]) == (400, "INVALIDJOBSTATE")
    assert rest.call("GET", f"{home}/successfulResults").status_code == 400
    assert rest.call("PUT", f"{home}/batches", data="Lightspeed_Key__c,LastName\n").status_code == 201
    assert rest.call("PUT", f"{home}/batches", data="Lightspeed_Key__c,LastName\n").status_code == 400
    assert rest.call("DELETE", home).status_code == 400
    assert rest.call("PATCH", home, json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert rest.call("PATCH", home, json={"state": "UploadComplete"}).status_code == 400


def test_a_job_and_its_rows_come_in_one_multipart_request(rest: Rest, box: Box) -> None:
    parts = {
        "job": (None, '{"object": "Contact", "operation": "insert"}', "application/json"),
        "content": ("content", "LastName\nZoë\n", "text/csv"),
    }
    made = rest.call("POST", "jobs/ingest", files=parts).json()
    assert made["state"] == "UploadComplete"
    rest.finished(f"jobs/ingest/{made['id']}")
    assert [row["LastName"] for row in box.org.tables["Contact"].values()] == ["Zoë"]


def test_jobs_are_listed_newest_first_and_forgotten_after_a_week(rest: Rest, box: Box) -> None:
    made = [rest.call("POST", "jobs/ingest", json=UPSERT).json()["id"] for _ in range(2)]
    listed = rest.call("GET", "jobs/ingest").json()
    assert [job["id"] for job in listed["records"]][:2] == made[::-1]
    assert listed["done"] is True
    box.clock.advance(25 * 3600)
    again = Rest(box)
    assert again.call("GET", f"jobs/ingest/{made[0]}").json()["state"] == "Aborted"
    box.clock.advance(7 * 24 * 3600)
    assert Rest(box).call("GET", f"jobs/ingest/{made[0]}").status_code == 404


# -- what rows say


def test_nothing_is_trimmed_empty_says_nothing_and_the_null_word_clears(rest: Rest, box: Box) -> None:
    load(rest, "Lightspeed_Key__c,LastName,FirstName,Title\n1:1,Ann,Bo,Boss\n")
    _, good, _ = load(rest, 'LASTNAME,firstname,Title,lightspeed_key__c\n"Ann ""the""\nFirst",#N/A,,1:1\n')
    (row,) = box.org.tables["Contact"].values()
    assert (row["LastName"], row["FirstName"], row["Title"]) == ('Ann "the"\nFirst', None, "Boss")
    assert good[0]["sf__Created"] == "false"
    assert good[0]["LASTNAME"] == 'Ann "the"\nFirst'


def test_parents_are_named_by_their_key(rest: Rest, box: Box) -> None:
    load(rest, "Lightspeed_Key__c,LastName,Email\n1:1,Ann,ann@example.com\n")
    text = "Lightspeed_Key__c,LastName,ReportsTo.Email\n1:2,Bo,ANN@example.com\n1:3,Cy,nobody@example.com\n"
    _, good, bad = load(rest, text)
    (ann,) = box.org.lookup("Contact", "Lightspeed_Key__c", ["1:1"])
    assert box.org.tables["Contact"][good[0]["sf__Id"]]["ReportsToId"] == ann["Id"]
    assert bad[0]["sf__Error"].startswith("INVALID_FIELD:Foreign key external ID: nobody@example.com not found")


@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_every_dialect_is_read_and_answered_in_kind(rest: Rest, box: Box, delimiter: str, line_end: str) -> None:
    lines = [["Lightspeed_Key__c", "LastName"], ["1:1", f"Ann{DELIMITERS[delimiter]}B"]]
    text = Dialect(delimiter, line_end).write(lines)
    made = rest.call("POST", "jobs/ingest", json={**UPSERT, "columnDelimiter": delimiter, "lineEnding": line_end})
    home = f"jobs/ingest/{made.json()['id']}"
    rest.call("PUT", f"{home}/batches", data=text.encode())
    rest.call("PATCH", home, json={"state": "UploadComplete"})
    assert rest.finished(home)["numberRecordsFailed"] == 0
    (row,) = box.org.tables["Contact"].values()
    expected = Dialect(delimiter, line_end).write(
        [["sf__Id", "sf__Created", *lines[0]], [row["Id"], "true", *lines[1]]]
    )
    assert rest.call("GET", f"{home}/successfulResults").content == expected.encode()


def test_a_bad_row_spoils_only_itself(rest: Rest) -> None:
    text = 'Lightspeed_Key__c,LastName\n1:1, "Ann"\n1:2,Bo,more\n1:3,"Cy" \n1:4,Di\n'
    done, good, bad = load(rest, text)
    assert [row["LastName"] for row in good] == ["Di"]
    assert [row["sf__Error"].partition(":")[0] for row in bad] == ["INVALID_BATCH"] * 3
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (4, 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Lightspeed_Key__c,LastName\r\n1:1,Ann\r\n", "LineEnding is invalid"),
        ("Lightspeed_Key__c,LastName,Shoe\n1:1,Ann,9\n", "Field name not found : Shoe"),
        ("\nAnn\n", "no header"),
        (b"Lightspeed_Key__c,LastName\n1:1,\xff\n", "not UTF-8"),
    ],
)
def test_an_upload_that_cannot_be_read_fails_the_job(rest: Rest, text: str | bytes, said: str) -> None:
    done, _, _ = load(rest, text)
    assert done["state"] == "Failed"
    assert said in done["errorMessage"]


@pytest.mark.parametrize("text", ["", "Lightspeed_Key__c,LastName\n"])
def test_an_empty_upload_is_a_job_of_no_rows(rest: Rest, text: str) -> None:
    done, good, bad = load(rest, text)
    assert (done["state"], done["numberRecordsProcessed"], good, bad) == ("JobComplete", 0, [], [])


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("EmailBouncedDate", "2018-09-28", "xsd:dateTime"),
        ("EmailBouncedDate", "2018-09-28 10:00:00Z", "xsd:dateTime"),
        ("Birthdate", "9/28/18", "xsd:date"),
        ("IsEmailBounced", "perhaps", "xsd:boolean"),
        ("MailingLatitude", "north", "xsd:double"),
    ],
)
def test_a_value_that_cannot_be_read_is_worded_as_bulk_does(rest: Rest, column: str, value: str, kind: str) -> None:
    text = f"Lightspeed_Key__c,LastName,Title,{column}\n1:1,Ann,,{value}\n1:2,Bo,,\n"
    _, good, (bad,) = load(rest, text)
    said = f"Failed to deserialize field at col 3. Due to, '{value}' is not a valid value for the type {kind}"
    assert bad["sf__Error"] == f"INVALID_FIELD:{said}:{column} --"
    assert [row["LastName"] for row in good] == ["Bo"]


def test_failed_rows_have_an_empty_id_in_old_versions_too(rest: Rest, box: Box) -> None:
    home = f"{box.salesforce_url}/services/data/v50.0/jobs/ingest"
    job = f"{home}/{rest.session.post(home, json=UPSERT).json()['id']}"
    rest.session.put(f"{job}/batches", data="Lightspeed_Key__c,LastName\n1:1,\n")
    rest.session.patch(job, json={"state": "UploadComplete"})
    rest.finished(f"jobs/ingest/{job.rpartition('/')[2]}")
    (bad,) = rows(rest.session.get(f"{job}/failedResults"))
    assert [*bad][:2] == ["sf__Id", "sf__Error"]
    assert bad["sf__Id"] == ""


def test_an_unknown_column_is_dropped_where_the_switch_says_so() -> None:
    with running(switches={"bulk_unknown_column": "drop", "bulk_polls": "3", "bulk_charset": "false"}) as box:
        rest = Rest(box)
        _, good, _ = load(rest, "Lightspeed_Key__c,LastName,Shoe\n1:1,Ann,9\n")
        assert list(good[0]) == ["sf__Id", "sf__Created", "Lightspeed_Key__c", "LastName"]
        home = f"jobs/ingest/{rest.call('GET', 'jobs/ingest').json()['records'][0]['id']}"
        assert rest.call("GET", f"{home}/successfulResults").headers["content-type"] == "text/csv"


@pytest.mark.parametrize(("switch", "kept"), [("error", ["Ann"]), ("both", []), ("last", ["Ann", "Bo"])])
def test_one_key_twice_in_a_job(switch: str, kept: list[str]) -> None:
    with running(switches={"same_key_twice": switch}) as box:
        _, good, _ = load(Rest(box), "Lightspeed_Key__c,LastName\n1:1,Ann\n1:1,Bo\n")
        assert sorted(row["LastName"] for row in good) == kept


@pytest.mark.parametrize(("switch", "kept"), [("error", 1), ("twelve", 12)])
def test_one_id_many_times_in_an_update(switch: str, kept: int) -> None:
    with running(switches={"same_id_twice": switch}) as box:
        ann = box.org.insert_as_user("Contact", {"LastName": "Ann"})
        rows = "".join(f"{ann},{number}\n" for number in range(13))
        _, good, bad = load(Rest(box), f"Id,Title\n{rows}", operation="update", externalIdFieldName=None)
        assert sorted(int(row["Title"]) for row in bad) == [*range(kept, 13)]
        assert len(good) == kept
        assert all(row["sf__Error"].startswith("DUPLICATE_VALUE:Duplicate id specified") for row in bad)


def test_update_delete_and_hard_delete_go_by_id(rest: Rest, box: Box) -> None:
    ids = [box.org.insert_as_user("Contact", {"LastName": name}) for name in ("Ann", "Bo", "Cy")]
    plain = {"externalIdFieldName": None}
    load(rest, f"Id,Title\n{ids[0][:15]},Boss\n", operation="update", **plain)
    assert box.org.tables["Contact"][ids[0]]["Title"] == "Boss"
    load(rest, f"Id\n{ids[1]}\n", operation="delete", **plain)
    assert box.org.tables["Contact"][ids[1]]["IsDeleted"] is True
    load(rest, f"Id\n{ids[2]}\n", operation="hardDelete", **plain)
    assert ids[2] not in box.org.tables["Contact"]
    _, _, bad = load(rest, "Id,Title\n,Boss\n", operation="update", **plain)
    assert bad[0]["sf__Error"].startswith("MISSING_ARGUMENT:Id not specified")


@pytest.mark.parametrize(
    ("faults", "tail", "said"),
    [
        ([Fault("A", "b: c", ("D", "E"))], "--", "A:b: c:D,E --"),
        ([Fault("A", "b", ())], "--", "A:b:--"),
        ([Fault("A", "b", ())], "", "A:b"),
    ],
)
def test_how_an_error_is_worded(faults: Sequence[Fault], tail: str, said: str) -> None:
    assert error_text(faults, tail=tail) == said


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1), st.sampled_from(sorted(DELIMITERS)))
def test_what_is_written_reads_back(lines: list[list[str]], delimiter: str) -> None:
    dialect = Dialect(delimiter)
    written = Sheet(dialect.write([["a", "b"], *lines]).encode())
    header, found = dialect.read(written)
    assert header == ["a", "b"]
    read = [line.cells for line in found if not line.fault]
    # ` "x"` reads as a space beside a quote even where it was quoted as a whole.
    assert read == [
        cells for cells in lines if not any(cell.startswith(" ") and cell.lstrip(" ")[:1] == '"' for cell in cells)
    ]


# -- trouble


def keyed(count: int) -> str:
    return "Lightspeed_Key__c,LastName\n" + "".join(f"1:{number},Ann\n" for number in range(count))


def test_a_job_that_runs_out_of_time_leaves_the_rest_unprocessed(rest: Rest, box: Box) -> None:
    home = f"{box.salesforce_url}/_sandbox/bulk"
    assert rest.session.post(home, json={"after": 400}).json() == {"after": 400, "then": "fail"}
    done, _, _ = load(rest, keyed(1_000))
    assert (done["state"], done["retries"], done["numberRecordsProcessed"]) == ("Failed", 10, 400)
    job = f"jobs/ingest/{done['id']}"
    assert len(rows(rest.call("GET", f"{job}/successfulResults"))) == 400
    assert len(rows(rest.call("GET", f"{job}/unprocessedrecords"))) == 600
    assert len(box.org.tables["Contact"]) == 400
    assert load(rest, keyed(500))[0]["state"] == "JobComplete"


def test_a_job_is_aborted_in_the_middle(rest: Rest, box: Box) -> None:
    home = f"{box.salesforce_url}/_sandbox/bulk"
    rest.session.post(home, json={"after": 400, "then": "wait"})
    job = f"jobs/ingest/{rest.call('POST', 'jobs/ingest', json=UPSERT).json()['id']}"
    rest.call("PUT", f"{job}/batches", data=keyed(1_000))
    rest.call("PATCH", job, json={"state": "UploadComplete"})
    while len(box.org.tables["Contact"]) < 400:
        assert rest.call("GET", job).json()["state"] == "InProgress"
    assert rest.call("PATCH", job, json={"state": "Aborted"}).json()["state"] == "Aborted"
    rest.session.delete(home)
    while len(rows(rest.call("GET", f"{job}/unprocessedrecords"))) < 600:
        pass
    assert len(rows(rest.call("GET", f"{job}/successfulResults"))) == 400
    assert len(box.org.tables["Contact"]) == 400


def test_a_day_has_only_so_many_rows(box: Box) -> None:
    upload = Sheet(keyed(450).encode())
    contact = box.org.object("Contact")
    job = IngestJob(
        id="750", operation="upsert", object="Contact", api_version=66.0, created=box.clock.now(), created_by="",
        dialect=Dialect(), sobject=contact, key=contact.field("Lightspeed_Key__c"),
    )  # fmt: skip
    for _ in Loader(box.org, Engine(), daily_rows=400).work(job, upload):
        pass
    assert (job.state, job.processed) == ("Failed", 400)
    assert "ExceededQuota" in job.error


def test_results_come_in_no_certain_order(rest: Rest) -> None:
    _, good, _ = load(rest, keyed(50))
    found = [row["Lightspeed_Key__c"] for row in good]
    assert found != [f"1:{number}" for number in range(50)]
    assert sorted(found) == sorted(f"1:{number}" for number in range(50))


# -- queries


def ask(rest: Rest, soql: str, **job: Any) -> tuple[dict[str, Any], str]:
    made = rest.call("POST", "jobs/query", json={"operation": "query", "query": soql, **job}).json()
    return rest.finished(f"jobs/query/{made['id']}"), f"jobs/query/{made['id']}/results"


def test_a_query_comes_in_pages_of_csv(rest: Rest, box: Box) -> None:
    load(rest, keyed(450))
    done, results = ask(rest, "SELECT id, lastname, IsDeleted, Account.Name FROM Contact")
    assert (done["state"], done["jobType"], done["numberRecordsProcessed"]) == ("JobComplete", "V2Query", 450)
    found: list[dict[str, str]] = []
    locator = ""
    while locator != "null":
        page = rest.call("GET", results, params={"maxRecords": "200", **({"locator": locator} if locator else {})})
        assert page.headers["Sforce-NumberOfRecords"] == str(len(rows(page)))
        found += rows(page)
        locator = page.headers["Sforce-Locator"]
    assert {row["Id"] for row in found} == set(box.org.tables["Contact"])
    assert len(found) == 450
    assert found[0] == {"Id": found[0]["Id"], "LastName": "Ann", "IsDeleted": "false", "Account.Name": ""}


def test_query_all_sees_the_recycle_bin(rest: Rest, box: Box) -> None:
    gone = box.org.insert_as_user("Contact", {"LastName": "Ann"})
    box.org.delete_as_user("Contact", gone)
    assert ask(rest, "SELECT Id FROM Contact")[0]["numberRecordsProcessed"] == 0
    assert ask(rest, "SELECT Id FROM Contact", operation="queryAll")[0]["numberRecordsProcessed"] == 1


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT COUNT(Id) FROM Contact", "FEATURENOTENABLED"),
        ("SELECT Id, (SELECT Id FROM Opportunities) FROM Contact", "FEATURENOTENABLED"),
        ("SELECT Id FROM Contact LIMIT 1 OFFSET 2", "FEATURENOTENABLED"),
        ("SELECT Shoe FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Shoes", "INVALID_TYPE"),
        ("SELECT FROM", "MALFORMED_QUERY"),
    ],
)
def test_what_bulk_does_not_query_is_refused_at_once(rest: Rest, soql: str, code: str) -> None:
    answer = rest.call("POST", "jobs/query", json={"operation": "query", "query": soql})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
