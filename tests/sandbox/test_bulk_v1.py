"""Bulk 1.0: jobs of batches, in XML, JSON and CSV."""

from __future__ import annotations

import json
import time
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from sandbox.salesforce.bulk.v1_wire import NAMESPACE
from sandbox.serve import Box
from tests.sandbox.loopback import Rest

XML = {"Content-Type": "application/xml;charset=UTF-8"}
JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}


class Old:
    """Calls below ``/services/async``, with the session in the header that Bulk 1.0 reads."""

    def __init__(self, box: Box) -> None:
        token = str(Rest(box).session.headers["Authorization"]).removeprefix("Bearer ")
        self._session = {"X-SFDC-Session": token}
        self._home = f"{box.salesforce_url}/services/async/60.0/job"

    def call(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> requests.Response:
        named = {**self._session, **(headers or {})}
        return requests.request(method, f"{self._home}{path}", data=body.encode(), headers=named, timeout=10)

    def done(self, path: str) -> dict[str, Any]:
        """A batch once it is done, as its job tells of it: the header asks for JSON in vain."""
        for _ in range(1_000):
            answer = self.call("GET", path, headers=JSON)
            batch: dict[str, Any] = answer.json() if answer.text.startswith("{") else counted(answer.text)
            if batch["state"] not in {"Queued", "InProgress"}:
                return batch
            time.sleep(0.001)
        raise TimeoutError(path)


def info(text: str) -> dict[str, str]:
    return {child.tag.removeprefix(f"{{{NAMESPACE}}}"): child.text or "" for child in ElementTree.fromstring(text)}


def counted(text: str) -> dict[str, Any]:
    """The same with its counts as numbers."""
    return {name: int(value) if value.isdigit() else value for name, value in info(text).items()}


def xml_job(**fields: str) -> str:
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f'<jobInfo xmlns="{NAMESPACE}">{inside}</jobInfo>'


def test_a_job_in_xml_takes_batches_of_csv_and_answers_in_their_order(box: Box) -> None:
    old = Old(box)
    made = old.call("POST", "", xml_job(operation="insert", object="Contact", contentType="CSV"), XML)
    assert (made.status_code, made.headers["content-type"]) == (201, "application/xml")
    job = info(made.text)
    assert (job["state"], job["concurrencyMode"], job["numberBatchesTotal"]) == ("Open", "Parallel", "0")
    batch = info(old.call("POST", f"/{job['id']}/batch", '"LastName","Title"\n"Ann",""\n"","Boss"\n', CSV).text)
    home = f"/{job['id']}/batch/{batch['id']}"
    done = old.done(home)
    assert (done["state"], done["numberRecordsProcessed"], done["numberRecordsFailed"]) == ("Completed", 2, 1)
    good, bad = old.call("GET", f"{home}/result").text.splitlines()[1:]
    (record_id,) = box.org.tables["Contact"]
    assert good == f'"{record_id}","true","true",""'
    assert bad == '"","false","false","REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"'
    closed = info(old.call("POST", f"/{job['id']}", xml_job(state="Closed"), XML).text)
    assert (closed["state"], closed["numberBatchesCompleted"]) == ("Closed", "1")
    listed = ElementTree.fromstring(old.call("GET", f"/{job['id']}/batch").text)
    assert [batch.tag for batch in listed] == [f"{{{NAMESPACE}}}batchInfo"]
    assert old.call("POST", f"/{job['id']}/batch", "LastName\nBo\n", CSV).status_code == 400


def test_a_batch_in_json_upserts_with_parents_and_nulls(box: Box) -> None:
    box.org.insert_as_user("Contact", {"LastName": "Ann", "Email": "ann@example.com"})
    old = Old(box)
    spec = {
        "operation": "upsert",
        "object": "Contact",
        "contentType": "JSON",
        "externalIdFieldName": "Email",
        "concurrencyMode": 1,
    }
    job = old.call("POST", "", json.dumps(spec), JSON).json()
    assert (job["concurrencyMode"], job["apiVersion"]) == ("Serial", 60.0)
    rows = [
        {"Email": "ANN@example.com", "FirstName": "Bo"},
        {"Email": "new@example.com", "LastName": "New", "ReportsTo": {"Email": "ann@example.com"}},
    ]
    batch = old.call("POST", f"/{job['id']}/batch", json.dumps(rows), JSON).json()
    old.done(f"/{job['id']}/batch/{batch['id']}")
    results = old.call("GET", f"/{job['id']}/batch/{batch['id']}/result", headers=JSON).json()
    assert [(one["success"], one["created"]) for one in results] == [(True, False), (True, True)]
    assert box.org.tables["Contact"][results[1]["id"]]["ReportsToId"] == results[0]["id"]


def test_a_batch_in_xml(box: Box) -> None:
    old = Old(box)
    job = info(old.call("POST", "", xml_job(operation="insert", object="Contact", contentType="XML"), XML).text)
    rows = f'<sObjects xmlns="{NAMESPACE}"><sObject><LastName>Ann &amp; Bo</LastName></sObject></sObjects>'
    batch = info(old.call("POST", f"/{job['id']}/batch", rows, XML).text)
    old.done(f"/{job['id']}/batch/{batch['id']}")
    result = ElementTree.fromstring(old.call("GET", f"/{job['id']}/batch/{batch['id']}/result").text)
    assert [cell.text for cell in result[0]][1:] == ["true", "true"]
    assert [row["LastName"] for row in box.org.tables["Contact"].values()] == ["Ann & Bo"]


def test_a_query_lists_its_results_and_then_gives_them(box: Box) -> None:
    box.org.insert_as_user("Contact", {"LastName": "Ann"})
    old = Old(box)
    job = info(old.call("POST", "", xml_job(operation="query", object="Contact", contentType="CSV"), XML).text)
    batch = info(old.call("POST", f"/{job['id']}/batch", "SELECT LastName, IsDeleted FROM Contact", CSV).text)
    home = f"/{job['id']}/batch/{batch['id']}"
    assert old.done(home)["numberRecordsProcessed"] == 1
    listed = ElementTree.fromstring(old.call("GET", f"{home}/result").text)
    assert old.call("GET", f"{home}/result/{listed[0].text}").text == '"LastName","IsDeleted"\n"Ann","false"\n'


@pytest.mark.parametrize(
    ("body", "said"),
    [("LastName,Shoe\nAnn,9\n", "Field name not found : Shoe"), ("LastName\n\xff", "")],
)
def test_a_batch_that_cannot_be_read_fails_alone(box: Box, body: str, said: str) -> None:
    old = Old(box)
    job = info(old.call("POST", "", xml_job(operation="insert", object="Contact", contentType="CSV"), XML).text)
    batch = info(old.call("POST", f"/{job['id']}/batch", body, CSV).text)
    done = old.done(f"/{job['id']}/batch/{batch['id']}")
    if said:
        assert done["state"] == "Failed"
        assert said in done["stateMessage"]
    else:
        assert done["state"] == "Completed"


@pytest.mark.parametrize(("kind", "is_json"), [("CSV", False), ("XML", False), ("JSON", True)])
def test_batches_are_told_in_the_format_of_their_job(box: Box, kind: str, is_json: bool) -> None:
    old = Old(box)
    job = old.call("POST", "", json.dumps({"operation": "query", "object": "Contact", "contentType": kind}), JSON)
    home = f"/{job.json()['id']}/batch"
    answers = [old.call("POST", home, "SELECT Id FROM Contact", headers) for headers in (XML, JSON)]
    answers += [old.call("GET", home, headers=headers) for headers in (XML, JSON, CSV)]
    answers.append(old.call("GET", f"{home}/7515e00000000zz", headers=XML if is_json else JSON))
    assert {one.text.startswith(("{", "[")) for one in answers} == {is_json}
    assert {one.headers["content-type"] for one in answers} == {"application/json" if is_json else "application/xml"}
    assert old.call("GET", f"/{job.json()['id']}", headers=JSON).json()["contentType"] == kind


@pytest.mark.parametrize("body", ["", " \n"])
def test_an_empty_batch_is_refused_at_once(box: Box, body: str) -> None:
    old = Old(box)
    job = info(old.call("POST", "", xml_job(operation="insert", object="Contact", contentType="CSV"), XML).text)
    answer = old.call("POST", f"/{job['id']}/batch", body, CSV)
    assert (answer.status_code, info(answer.text)["exceptionCode"]) == (400, "ClientInputError")


def test_a_value_that_cannot_be_read_is_told_with_its_column(box: Box) -> None:
    old = Old(box)
    job = info(old.call("POST", "", xml_job(operation="insert", object="Contact", contentType="CSV"), XML).text)
    batch = info(old.call("POST", f"/{job['id']}/batch", "LastName,Title,Birthdate\nAnn,,soon\n", CSV).text)
    home = f"/{job['id']}/batch/{batch['id']}"
    old.done(home)
    said = "Failed to deserialize field at col 2. Due to, 'soon' is not a valid value for the type xsd:date"
    assert f'"INVALID_FIELD:{said}:Birthdate --"' in old.call("GET", f"{home}/result").text


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "", xml_job(operation="merge", object="Contact"), "InvalidJob"),
        ("POST", "", xml_job(operation="insert", object="Shoe"), "InvalidJob"),
        ("POST", "", xml_job(operation="upsert", object="Contact"), "InvalidJob"),
        ("POST", "", "<jobInfo", "InvalidJob"),
        ("GET", "/7505e00000000zzAAA", "", "InvalidJob"),
        ("DELETE", "/7505e00000000zzAAA", "", "InvalidUrl"),
    ],
)
def test_a_refusal_has_a_code_and_a_message(box: Box, method: str, path: str, body: str, code: str) -> None:
    answer = Old(box).call(method, path, body, XML)
    assert answer.status_code in {400, 404}
    said = info(answer.text)
    assert said["exceptionCode"] == code
    assert said["exceptionMessage"]


def test_a_retired_version_and_a_closed_session_are_refused(box: Box) -> None:
    home = f"{box.salesforce_url}/services/async"
    assert "InvalidSessionId" in requests.post(f"{home}/60.0/job", data="", timeout=10).text
    token = str(Rest(box).session.headers["Authorization"])
    answer = requests.post(f"{home}/29.0/job", headers={"Authorization": token}, timeout=10)
    assert (answer.status_code, info(answer.text)["exceptionCode"]) == (400, "InvalidVersion")
