"""What every call says besides its body: decided once, in docs/decisions/0019."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import requests
from target_salesforce_retail.org.live import LiveOrg
from target_salesforce_retail.org.session import Session

from tests.target.wire import Wire

KEY = "Lightspeed_Key__c"
OF_THE_WIRE = {
    "Accept-Encoding",
    "Connection",
    "Content-Length",
    "User-Agent",
    "Accept",
    "Authorization",
    "Content-Type",
}


def test_no_call_says_anything_that_was_not_decided(session: Session, org: LiveOrg) -> None:
    """Reading and writing, creating, filling, deleting."""
    said: dict[str, set[str]] = defaultdict(set)

    def note(response: requests.Response, **_: Any) -> None:
        for name, value in response.request.headers.items():
            said[name].add(str(value))

    session._http.hooks["response"].append(note)
    org.find({"Contact": [{"LastName": ["x"]}]}, {"Contact": ("LastName",)})
    org.changed_since(org.now(), {"Contact": ("LastName",)})
    (made,) = org.upsert("Contact", KEY, [{KEY: "1:1", "LastName": "x"}])
    org.update("Contact", KEY, [(str(made.id), {"Phone": "1"}, {"Phone": None})])
    org.upsert("Contact", KEY, [{KEY: "1:2", "LastName": "x"}], allow_duplicates=True)
    org.survivors("Contact", [str(made.id)])
    org.delete("Contact", [str(made.id)])

    assert set(said) == {*OF_THE_WIRE, "Sforce-Auto-Assign", "Sforce-Duplicate-Rule-Header"}
    assert said["Sforce-Auto-Assign"] == {"FALSE"}
    assert said["Sforce-Duplicate-Rule-Header"] == {"allowSave=true"}
    assert said["Accept"] == {"application/json"}
    assert said["Content-Type"] == {"application/json", "application/x-www-form-urlencoded"}


def test_every_call_says_that_rows_stand_alone_and_in_which_order(org: LiveOrg, wire: Wire) -> None:
    """All or none, and collation, are off and said to be."""
    (made,) = org.upsert("Contact", KEY, [{KEY: "1:1", "LastName": "x"}])
    org.update("Contact", KEY, [(str(made.id), {"Phone": "1"}, {"Phone": None})])
    org.delete("Contact", [str(made.id)])

    assert {(body["allOrNone"], body["collateSubrequests"]) for _, body in wire.sent} == {(False, False)}
    assert {each["body"]["allOrNone"] for each in wire.requests if "body" in each} == {False}
    assert all("allOrNone=false" in each["url"] for each in wire.requests if each["method"] == "DELETE")
