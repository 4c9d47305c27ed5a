"""The stand-in org's own speed: it must not be what a load waits for."""

from __future__ import annotations

import csv
import io
import json
import resource
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from sandbox.process import served

ROWS = 50_000
SLICE = 200
KEY = "Lightspeed_Key__c"
OrgRow = dict[str, Any]


def main() -> None:
    """Print the table."""
    print(f"\n{'the sandbox alone, one core':<34}{'rows/s':>11}{'':>13}{'peak MB':>9}")
    with served(seed="empty") as box:
        org = Caller(box)
        _print(f"{ROWS:,} by Collections of {SLICE}", ROWS, lambda: org.collections(people(0, ROWS)))
        _print(f"{ROWS:,} by one Bulk 2.0 job", ROWS, lambda: org.bulk(people(ROWS, 2 * ROWS)))
        _print(f"{2 * ROWS:,} read by SOQL", 2 * ROWS, org.read)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{'all of it':<34}{'':>24}{peak:>9.0f}")


def _print(name: str, count: int, work: Callable[[], None]) -> None:
    started = time.monotonic()
    work()
    print(f"{name:<34}{count / (time.monotonic() - started):>11,.0f}")


def people(first: int, after: int) -> list[OrgRow]:
    """Invented shoppers."""
    return [
        {
            KEY: f"9:{number}",
            "FirstName": "Ann",
            "LastName": f"Lovelock{number}",
            "Email": f"ann{number}@example.org",
            "Phone_Key__c": f"+1514{number:07}",
            "Birthdate": "1990-05-17",
            "MailingCity": "Lyon",
        }
        for number in range(first, after)
    ]


class Caller:
    """A client of the org, with a token."""

    def __init__(self, box: dict[str, Any]) -> None:
        self._home, self._headers = box["salesforce_url"], {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
        client_id, secret = box["salesforce_client"]
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        with urlopen(f"{self._home}/services/oauth2/token", urlencode(form).encode(), timeout=10) as answer:
            self._headers["Authorization"] = f"Bearer {json.load(answer)['access_token']}"

    def call(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> Any:
        """One call below ``/services/data``."""
        headers = {**self._headers, "Content-Type": kind}
        request = Request(f"{self._home}/services/data/v66.0/{path}", data=body or None, headers=headers, method=method)
        with urlopen(request, timeout=600) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def collections(self, rows: list[OrgRow]) -> None:
        """Upsert the rows, 200 a call."""
        for start in range(0, len(rows), SLICE):
            records = [{"attributes": {"type": "Contact"}, **row} for row in rows[start : start + SLICE]]
            results = self.call("PATCH", f"composite/sobjects/Contact/{KEY}", json.dumps({"records": records}).encode())
            assert all(result["success"] for result in results)

    def insert(self, name: str, rows: list[OrgRow]) -> list[str]:
        """Put rows of an object in, 200 a call, also where a duplicate rule warns; their ids."""
        found: list[str] = []
        for start in range(0, len(rows), SLICE):
            records = [{"attributes": {"type": name}, **row} for row in rows[start : start + SLICE]]
            results = self.call("POST", "composite/sobjects", json.dumps({"records": records}).encode())
            assert not (refused := [result["errors"] for result in results if not result["success"]]), refused
            found += [result["id"] for result in results]
        return found

    def bulk(self, rows: list[OrgRow]) -> None:
        """Upsert the rows in one job."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        job = {"object": "Contact", "operation": "upsert", "externalIdFieldName": KEY}
        home = f"jobs/ingest/{self.call('POST', 'jobs/ingest', json.dumps(job).encode())['id']}"
        self.call("PUT", f"{home}/batches", text.getvalue().encode(), "text/csv")
        self.call("PATCH", home, b'{"state": "UploadComplete"}')
        while (state := self.call("GET", home))["state"] != "JobComplete":
            assert state["state"] in {"UploadComplete", "InProgress"}
            time.sleep(0.05)
        assert state["numberRecordsFailed"] == 0

    def read(self) -> None:
        """Every row, page by page."""
        page = self.call("GET", f"query?{urlencode({'q': 'SELECT Id, Email, LastName FROM Contact'})}")
        while not page["done"]:
            page = self.call("GET", page["nextRecordsUrl"].partition("v66.0/")[2])
