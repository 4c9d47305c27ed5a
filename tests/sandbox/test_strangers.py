"""Clients that nobody here wrote, as they are: simple-salesforce."""

from __future__ import annotations

import pytest
from simple_salesforce import Salesforce, SalesforceMalformedRequest, SalesforceResourceNotFound

from sandbox.serve import Box
from tests.sandbox.loopback import stranger


@pytest.fixture
def sf(served: Box) -> Salesforce:
    served.org.reset()
    return stranger(served)


def test_rows_are_created_read_changed_upserted_and_deleted(sf: Salesforce) -> None:
    made = sf.Contact.create({"LastName": "Ann", "Email": "ann@example.com"})
    assert made["success"] is True
    assert sf.Contact.get(made["id"])["LastName"] == "Ann"
    assert sf.Contact.update(made["id"], {"LastName": "Bo", "Email": None}) == 204
    assert sf.Contact.get(made["id"])["Email"] is None
    assert sf.Contact.upsert("Lightspeed_Key__c/1:7", {"LastName": "Cy"}) == 201
    assert sf.Contact.upsert("Lightspeed_Key__c/1:7", {"LastName": "Di"}) == 200
    assert sf.Contact.get_by_custom_id("Lightspeed_Key__c", "1:7")["LastName"] == "Di"
    assert sf.Contact.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        sf.Contact.get(made["id"])
    with pytest.raises(SalesforceMalformedRequest):
        sf.Contact.create({"FirstName": "Nobody"})


def test_queries_page_through(sf: Salesforce) -> None:
    records = [{"attributes": {"type": "Contact"}, "LastName": f"Ann {number}"} for number in range(200)]
    for _ in range(12):
        sf.restful("composite/sobjects", method="POST", json={"allOrNone": True, "records": records})
    first = sf.query("SELECT Id FROM Contact")
    assert (first["totalSize"], first["done"], len(first["records"])) == (2_400, False, 2_000)
    rest = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert (len(rest["records"]), rest["done"]) == (400, True)
    found = sf.query_all("SELECT Id, LastName FROM Contact ORDER BY LastName")
    assert len({record["Id"] for record in found["records"]}) == 2_400


def test_the_org_describes_itself(sf: Salesforce) -> None:
    described = sf.describe()
    assert {"Account", "Contact", "Lead", "Retail_Sale__c"} <= {one["name"] for one in described["sobjects"]}
    assert sf.Contact.metadata()["objectDescribe"]["keyPrefix"] == "003"
    names = {field["name"] for field in sf.Contact.describe()["fields"]}
    assert {"Id", "LastName", "Lightspeed_Key__c"} <= names
    assert sf.limits()["DailyApiRequests"]["Max"] == 15_000
    assert sf.api_usage["api-usage"].used > 0


def test_bulk_2_writes_and_reads(sf: Salesforce) -> None:
    rows = [{"Lightspeed_Key__c": f"1:{number}", "LastName": "Ann"} for number in range(30)]
    (done,) = sf.bulk2.Contact.upsert(records=rows, external_id_field="Lightspeed_Key__c", wait=0.01)
    assert (done["numberRecordsTotal"], done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (30, 30, 0)
    assert sf.bulk2.Contact.get_successful_records(done["job_id"]).count("\n") == 31
    pages = list(sf.bulk2.Contact.query("SELECT Id, LastName FROM Contact", max_records=20, wait=0.01))
    assert sum(page.count("\n") - 1 for page in pages) == 30
    ids = [{"Id": record["Id"]} for record in sf.query_all("SELECT Id FROM Contact")["records"]]
    (gone,) = sf.bulk2.Contact.delete(records=ids, wait=0.01)
    assert gone["numberRecordsFailed"] == 0
    assert sf.query("SELECT COUNT() FROM Contact")["totalSize"] == 0


def test_bulk_1_writes_and_reads(sf: Salesforce, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simple_salesforce.bulk.sleep", lambda _seconds: None)
    rows = [{"Lightspeed_Key__c": f"1:{number}", "LastName": "Ann" if number else None} for number in range(3)]
    results = sf.bulk.Contact.upsert(rows, "Lightspeed_Key__c")
    assert [one["success"] for one in results] == [False, True, True]
    assert results[0]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    found = sf.bulk.Contact.query("SELECT Id, LastName FROM Contact")
    assert [record["LastName"] for record in found] == ["Ann", "Ann"]
