"""What the sandbox says, held against what real orgs have said."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
from ruamel.yaml import YAML

from sandbox.clock import Clock
from sandbox.salesforce.rows import Org
from sandbox.salesforce.standard import standard_schema
from sandbox.serve import Box, running
from sandbox.switches import Switches
from sandbox.weather import Gust
from tests.sandbox.loopback import Rest
from tests.sandbox.salesforce_client import BASE, Client

pytestmark = pytest.mark.recorded
SAME = (
    "type", "length", "precision", "scale", "nillable", "createable", "updateable", "externalId", "idLookup", "unique",
    "caseSensitive", "calculated", "defaultedOnCreate", "restrictedPicklist", "nameField", "label", "referenceTo",
    "relationshipName", "compoundFieldName", "custom", "soapType", "byteLength", "digits", "aggregatable",
    "polymorphicForeignKey", "filterable", "sortable", "groupable", "defaultValue", "queryByDistance", "htmlFormatted",
    "namePointing", "autoNumber", "encrypted", "dependentPicklist", "controllerName", "mask",
)  # fmt: skip
CASSETTES = [
    ("TestCompositeParallelSalesforce.test_composite_parallel_salesforce", 2),
    ("TestCompositeParallelSalesforce.test_errors", 1),
    ("TestCompositeParallelSalesforce.test_reference_ids", 2),
    ("TestUpsert.test_simple_upsert__rest", 7),
    ("TestUpsert.test_upsert_complex_external_id_field__rest", 12),
]
NAMES = ("Account", "Case", "Contact", "Event", "Lead", "Opportunity", "OpportunityContactRole")
# What single fields have otherwise than all others of their type: one byte a character, a label of their own, a name
# for a parent that is none, rights of queries; and the long list of what an event may be about.
ODD = {
    ("Fiscal", "byteLength"), ("Id", "label"), ("ChannelProgramLevelName", "filterable"),
    ("ChannelProgramLevelName", "sortable"), ("ChannelProgramName", "filterable"), ("ChannelProgramName", "sortable"),
    ("JigsawCompanyId", "relationshipName"), ("CaseNumber", "groupable"), ("Comments", "byteLength"),
    ("Comments", "aggregatable"), ("Comments", "sortable"), ("ActivityDate", "aggregatable"),
    ("RecurrenceDayOfMonth", "digits"), ("RecurrenceDayOfWeekMask", "digits"), ("RecurrenceInterval", "digits"),
    ("WhatId", "referenceTo"),
}  # fmt: skip
BEFORE_2021 = datetime(2020, 8, 14, 20, 53, 2, tzinfo=timezone.utc)


@pytest.fixture
def client() -> Client:
    return Client(Org(standard_schema(), Clock(BEFORE_2021), Switches())).log_in()


@pytest.fixture
def folder(recorded: Path) -> Path:
    return recorded / "salesforce"


def describe_of(folder: Path, name: str) -> Any:
    return json.loads((folder / "describe" / f"{name}.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_fields_are_described_as_recorded(client: Client, folder: Path, name: str) -> None:
    theirs = {one["name"]: one for one in describe_of(folder, name)["fields"]}
    ours = {one["name"]: one for one in client.data("GET", f"/sobjects/{name}/describe").body["fields"]}
    shared = ours.keys() & theirs.keys()
    assert len(shared) > 10
    differing = [
        (field, key, ours[field][key], theirs[field][key])
        for field in sorted(shared)
        for key in SAME
        if ours[field][key] != theirs[field][key] and (field, key) not in ODD
    ]
    assert differing == []


@pytest.mark.parametrize("name", NAMES)
def test_the_keys_of_describe_are_those_recorded(client: Client, folder: Path, name: str) -> None:
    theirs = describe_of(folder, name)
    ours = client.data("GET", f"/sobjects/{name}/describe").body
    keys = set(theirs["fields"][0])
    assert len(keys) == 57
    assert {frozenset(one) for one in ours["fields"]} == {frozenset(keys)}
    assert set(theirs) - set(ours) == set()
    children = [frozenset(one) for body in (theirs, ours) for one in body["childRelationships"]]
    assert len(set(children)) <= 1
    required = {"createable": True, "nillable": False, "defaultedOnCreate": False}
    needed = [
        {one["name"] for one in body["fields"] if one["type"] != "boolean" and required.items() <= one.items()}
        for body in (ours, theirs)
    ]
    assert needed[0] == needed[1]


@pytest.mark.parametrize("name", ["Account", "Case", "Event"])
def test_no_standard_field_is_left_out(client: Client, folder: Path, name: str) -> None:
    """The recorded accounts have custom fields, some of them not marked as such."""
    theirs = {one["name"] for one in describe_of(folder, name)["fields"] if not one["name"].endswith("__c")}
    assert theirs <= {one["name"] for one in client.data("GET", f"/sobjects/{name}/describe").body["fields"]}


@pytest.mark.parametrize("name", ["Account", "Case", "Contact", "Opportunity", "Organization", "User"])
def test_objects_are_listed_as_recorded(client: Client, folder: Path, name: str) -> None:
    theirs, ours = describe_of(folder, "_global"), client.data("GET", "/sobjects").body
    entries = [next(one for one in body["sobjects"] if one["name"] == name) for body in (ours, theirs)]
    assert [{**one, "urls": None} for one in entries[:1]] == [{**one, "urls": None} for one in entries[1:]]


def test_the_list_of_objects_has_the_recorded_keys(client: Client, folder: Path) -> None:
    theirs, ours = describe_of(folder, "_global"), client.data("GET", "/sobjects").body
    assert set(ours) == set(theirs)
    assert set(ours["sobjects"][0]) == set(theirs["sobjects"][0])


# -- recorded traffic


def interactions(folder: Path, name: str) -> Iterator[tuple[str, str, Any, int, Any]]:
    """Method, URL below the host, request body, status and answer; describes and counts are left to other tests."""
    for one in YAML(typ="safe").load(folder / "cumulusci_cassettes" / f"{name}.yaml")["interactions"]:
        if "request" not in one or "recordCount" in one["request"]["uri"]:
            continue
        request, response = one["request"], one["response"]
        url = request["uri"].partition(".com")[2]
        yield request["method"], url, request.get("body"), response["status"]["code"], response["body"]["string"]


class Replay:
    """Sends recorded requests to the sandbox, with the recorded ids replaced by the sandbox's own."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.ids: dict[str, str] = {}

    def run(self, folder: Path, name: str) -> int:
        count = 0
        for method, url, body, status, text in interactions(folder, name):
            sent = self._ours(body) if body else None
            reply = self.client.send(method, self._ours(url), sent.encode() if sent else None)
            theirs = json.loads(text)
            assert reply.status == status
            assert reply.headers["content-type"] == "application/json;charset=UTF-8"
            self._learn(theirs, reply.body)
            assert ordered(reply.body) == ordered(json.loads(self._ours(text)))
            count += 1
        return count

    def _ours(self, text: str) -> str:
        for theirs, ours in self.ids.items():
            text = text.replace(theirs, ours)
        return text.replace("/services/data/vxx.0", BASE).replace("/services/data/v49.0", BASE)

    def _learn(self, theirs: Any, ours: Any) -> None:
        """New ids are those of rows that both answers have in the same place."""
        if isinstance(theirs, dict) and isinstance(ours, dict):
            if "id" in theirs and "id" in ours:
                self.ids.setdefault(theirs["id"], ours["id"])
            for key in theirs.keys() & ours.keys():
                self._learn(theirs[key], ours[key])
        elif isinstance(theirs, list) and isinstance(ours, list):
            for one, other in zip(theirs, ours, strict=False):
                self._learn(one, other)


def ordered(body: Any) -> Any:
    """The answer with query records in one order: neither side promises any."""
    if isinstance(body, dict):
        return {key: sorted_records(value) if key == "records" else ordered(value) for key, value in body.items()}
    return [ordered(one) for one in body] if isinstance(body, list) else body


def sorted_records(records: list[Any]) -> list[Any]:
    return sorted((ordered(one) for one in records), key=lambda one: json.dumps(one, sort_keys=True))


@pytest.mark.parametrize(("cassette", "calls"), CASSETTES)
def test_recorded_traffic_has_the_recorded_answers(client: Client, folder: Path, cassette: str, calls: int) -> None:
    assert Replay(client).run(folder, cassette) == calls


# -- recorded jobs of Bulk 1.0


class OldReplay:
    """Sends the recorded calls of a Bulk 1.0 client, and waits for a batch before it asks for its results."""

    def __init__(self, box: Box, folder: Path) -> None:
        self._home, self._session, self._folder = box.salesforce_url, Rest(box).session, folder
        self._ids: dict[str, str] = {}

    def run(self, name: str) -> int:
        count = 0
        for one in recorded_calls(self._folder, name):
            request, response = one["request"], one["response"]
            reply = self._send(request)
            assert reply.status_code == response["status"]["code"]
            assert reply.headers["content-type"] == response["headers"]["Content-Type"][0]
            self._compare(response["body"]["string"], reply.text)
            count += 1
        return count

    def _send(self, request: Any) -> requests.Response:
        path = self._ours(request["uri"].partition(".com")[2]).replace("vxx.0", "66.0")
        if path.endswith("/result"):
            self._wait(path.removesuffix("/result"))
        path = path.replace("/data/66.0", "/data/v66.0")
        body = self._ours(unchunked(request.get("body") or ""))
        kind = "text/csv" if path.endswith("/batch") else "application/xml"
        return self._session.request(
            request["method"], f"{self._home}{path}", data=body.encode(), headers={"Content-Type": kind}, timeout=10
        )

    def _wait(self, path: str) -> None:
        while "<state>Completed" not in self._session.get(f"{self._home}{path}", timeout=10).text:
            time.sleep(0.001)

    def _ours(self, text: str) -> str:
        for theirs, ours in self._ids.items():
            text = text.replace(theirs, ours)
        return text

    def _compare(self, recorded: Any, ours: str) -> None:
        if isinstance(recorded, dict):
            assert tags(ours) == tags((self._templates / recorded["include_template"]).read_text())
            self._ids.setdefault(recorded["vars"]["id"], ours.partition("<id>")[2].partition("<")[0])
        elif recorded.startswith('"Id"'):
            theirs, found = recorded.splitlines(), ours.splitlines()
            assert [line.partition(",")[2] for line in found] == [line.partition(",")[2] for line in theirs]
            self._ids.update(
                (their.split('"')[1], our.split('"')[1]) for their, our in zip(theirs[1:], found[1:], strict=True)
            )
        elif recorded.startswith("<"):
            assert tags(ours) == tags(recorded)
        else:
            assert ordered(json.loads(ours)) == ordered(json.loads(self._ours(recorded.replace("vxx.0", "v66.0"))))

    @property
    def _templates(self) -> Path:
        return self._folder / "cumulusci_cassettes" / "vcr_string_templates"


def tags(text: str) -> list[str]:
    return [child.tag for child in ElementTree.fromstring(text.encode()).iter()]


def unchunked(body: str) -> str:
    """A body that was recorded as HTTP sent it, in chunks."""
    if not body.endswith("\r\n0\r\n\r\n"):
        return body
    text, rest = "", body
    while (size := int(rest.partition("\r\n")[0], 16)) > 0:
        start = rest.index("\r\n") + 2
        text, rest = text + rest[start : start + size], rest[start + size + 2 :]
    return text


def recorded_calls(folder: Path, name: str) -> Iterator[Any]:
    """Every call of a cassette except describes, which are included by name."""
    for one in YAML(typ="safe").load(folder / "cumulusci_cassettes" / f"{name}.yaml")["interactions"]:
        if "request" in one:
            yield one


def test_recorded_jobs_have_the_recorded_answers(folder: Path) -> None:
    with running() as box:
        assert OldReplay(box, folder).run("TestUpsert.test_upsert_external_id_field") == 37


def test_a_recorded_count_counts(client: Client, folder: Path) -> None:
    for number in range(17):
        client.org.insert_as_user("Account", {"Name": f"Account {number}"})
    assert Replay(client).run(folder, "TestCountSObjects.test_count_sobjects_simple") == 1


def test_recorded_updates_update(client: Client, folder: Path) -> None:
    replay = Replay(client)
    cassette = "TestUpdatesIntegrationTests.test_updates_task"
    (_, _, _, _, listed), _ = interactions(folder, cassette)
    for row in json.loads(listed)["records"]:
        replay.ids[row["Id"]] = client.org.insert_as_user("Account", {"Name": row["Name"]})
    assert replay.run(folder, cassette) == 2
    rows = client.org.tables["Account"].values()
    assert {row["NumberOfEmployees"] for row in rows} == {10_000}
    assert all(row["BillingStreet"] == f"{row['Name']} Street" for row in rows)


def test_an_unchanged_describe_inside_composite_is_304_as_recorded(client: Client, folder: Path) -> None:
    ((method, url, body, status, text),) = interactions(
        folder, "ManualEditTestCompositeParallelSalesforce.test_http_headers"
    )
    reply = client.send(method, url, body.encode())
    theirs = json.loads(text)["compositeResponse"]
    assert reply.status == status
    for ours, recorded in zip(reply.body["compositeResponse"], theirs, strict=True):
        assert ours["httpHeaders"].keys() == recorded["httpHeaders"].keys()
        assert ours["httpHeaders"]["Last-Modified"] == recorded["httpHeaders"]["Last-Modified"]
        assert {**ours, "httpHeaders": {}} == {**recorded, "httpHeaders": {}}


def counts(folder: Path) -> Iterator[tuple[str, Any]]:
    """Every recorded call for a record count, with its answer."""
    for path in sorted((folder / "cumulusci_cassettes").glob("*.yaml")):
        for one in recorded_calls(folder, path.stem):
            if "recordCount" in one["request"]["uri"]:
                yield one["request"]["uri"].partition("vxx.0")[2], one["response"]


def test_recorded_counts_have_the_recorded_shape(client: Client, folder: Path) -> None:
    """Not the same numbers: the vendor's are approximate, as one of the recordings shows."""
    client.org.insert_as_user("Account", {"Name": "Acme"})
    client.org.insert_as_user("Contact", {"LastName": "Ann"})
    client.org.insert_as_user("Opportunity", {"Name": "Boots", "StageName": "Open", "CloseDate": "2026-01-01"})
    for url, response in counts(folder):
        reply = client.data("GET", url)
        assert reply.status == response["status"]["code"]
        assert reply.headers["content-type"] == "application/json;charset=UTF-8"
        theirs = json.loads(response["body"]["string"])
        assert [one.keys() for one in reply.body["sObjects"]][: len(theirs["sObjects"])] == [
            one.keys() for one in theirs["sObjects"]
        ]


def test_a_recorded_outage_is_a_matter_of_weather(folder: Path) -> None:
    ((method, url, body, status, text),) = interactions(
        folder, "ManualEdit_TestCountSObjects.test_count_sobjects__network_errors"
    )
    with running() as box:
        box.weather_s.plan([Gust("500", path="*/composite")])
        path = url.replace("vxx.0", "v66.0")
        reply = Rest(box).session.request(method, f"{box.salesforce_url}{path}", data=body, timeout=10)
    assert (reply.status_code, text) == (status, "")


def test_no_recorded_exchange_is_left_out(folder: Path) -> None:
    held = [
        one for path in (folder / "cumulusci_cassettes").glob("*.yaml") for one in recorded_calls(folder, path.stem)
    ]
    replayed = sum(calls for _, calls in CASSETTES) + 37
    single = 5  # the count, the updates (two calls), the unchanged describe, the outage: each has a test of its own
    assert len(held) == replayed + len(list(counts(folder))) + single
