"""The page over the org: read as HTML everywhere, and seen by headless Chromium where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
import requests

from sandbox.serve import Box, running
from sandbox.weather import Gust
from tests.sandbox.loopback import Rest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WICKED = "<script>document.title='taken'</script>"


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    """A shopper with two receipts, a shopper with a wicked name, and somebody deleted."""
    with running() as box:
        org = box.org
        ann = org.insert_as_user("Contact", {"FirstName": "Ann", "LastName": "Lee", "Email": "ann@example.com"})
        org.insert_as_user("Contact", {"LastName": WICKED, "Title": WICKED})
        org.delete_as_user("Contact", org.insert_as_user("Contact", {"LastName": "Gone"}))
        for number in (1, 2):
            sale = {"Lightspeed_Key__c": f"1:{number}", "Contact__c": ann, "Total__c": number * 10, "Kind__c": "sale"}
            org.insert_as_user("Retail_Sale__c", {**sale, "Completed_At__c": f"2026-11-0{number}T10:00:00Z"})
        for number in range(60):
            org.insert_as_user("Product2", {"Name": f"Boot {number:02}"})
        yield box


class Seen(HTMLParser):
    """The text of every table cell, and every link."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.links: dict[str, str] = {}
        self._href, self._in_cell = "", False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"td", "th", "caption"}:
            self._in_cell = True
            self.cells.append("")
        self._href = str(dict(attrs).get("href", "")) if tag == "a" else self._href

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in {"td", "th", "caption"}

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.cells[-1] += data
        self.links.setdefault(data, self._href)


def get(box: Box, path: str) -> requests.Response:
    return requests.get(f"{box.salesforce_url}{path}", timeout=10)


def seen(box: Box, path: str) -> Seen:
    answer = get(box, path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return Seen(answer.text)


def test_from_the_objects_to_one_shopper_and_her_receipts(box: Box) -> None:
    home = seen(box, "/_sandbox/")
    place = home.cells.index("Contact")
    assert home.cells[place : place + 3] == ["Contact", "2", "1"]
    contacts = seen(box, home.links["Contacts"])
    assert "ann@example.com" in contacts.cells
    ann = seen(box, contacts.links["Ann Lee"])
    lists = [cell for cell in ann.cells if re.fullmatch(r".* \(\d+\)", cell)]
    assert lists == ["Retail Sales (2)"]
    newest, oldest = (ann.cells.index(f"2026-11-0{day} 10:00") for day in (2, 1))
    assert newest < oldest
    assert ann.cells[ann.cells.index("Email") + 2] == "ann@example.com"


def test_rows_are_searched_sorted_and_paged(box: Box) -> None:
    assert [cell for cell in seen(box, "/_sandbox/objects/Product2?q=boot+07").cells if "Boot" in cell] == ["Boot 07"]
    first = seen(box, "/_sandbox/objects/Product2?sort=-Name")
    assert [cell for cell in first.cells if "Boot" in cell][:2] == ["Boot 59", "Boot 58"]
    last = [cell for cell in seen(box, first.links["later"]).cells if "Boot" in cell]
    assert (len(last), last[-1]) == (10, "Boot 00")
    assert seen(box, "/_sandbox/objects/Product2?page=x&sort=Shoe").cells


def test_a_name_stays_text_whatever_it_says(box: Box) -> None:
    wicked = next(row["Id"] for row in box.org.tables["Contact"].values() if row["Title"])
    for place in ("objects/Contact", f"records/{wicked}"):
        page = get(box, f"/_sandbox/{place}").text
        assert "<script>" not in page
        assert page.count("&lt;script&gt;") >= 2


def test_finding_leads_to_a_record_or_to_shoppers(box: Box) -> None:
    ann = next(iter(box.org.tables["Contact"]))
    assert get(box, f"/_sandbox/find?q={ann[:15]}").url.endswith(f"/_sandbox/records/{ann[:15]}")
    assert "ann@example.com" in seen(box, "/_sandbox/find?q=ann%40example").cells


def test_traffic_shows_calls_and_weather_and_no_token(box: Box) -> None:
    rest = Rest(box)
    box.weather_s.plan([Gust("503", path="*/limits", times=2)])
    assert rest.call("GET", "limits").status_code == 503
    token = str(rest.session.headers["Authorization"]).removeprefix("Bearer ")
    get(box, f"/services/oauth2/userinfo?access_token={token}")
    page = seen(box, "/_sandbox/traffic")
    assert page.cells[page.cells.index("Weather that struck") + 4 :][:2] == ["503", "/services/data/v66.0/limits"]
    assert "/services/oauth2/userinfo?access_token=..." in page.cells
    assert token not in get(box, "/_sandbox/traffic").text


@pytest.mark.parametrize(
    "path", ["/_sandbox/objects/Shoe", "/_sandbox/records/0035e00000000zzAAA", "/_sandbox/records/x"]
)
def test_what_is_not_there_says_so(box: Box, path: str) -> None:
    answer = get(box, path)
    assert (answer.status_code, "Not there" in answer.text) == (404, True)


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here; `make browser` installs it")
def test_a_browser_shows_the_page(box: Box) -> None:
    ann = next(iter(box.org.tables["Contact"]))

    def shown(path: str) -> str:
        command = [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--dump-dom",
            f"{box.salesforce_url}{path}",
        ]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout

    contacts = shown("/_sandbox/objects/Contact")
    assert "<title>Contacts" in contacts  # a name that is a script has not run
    assert Seen(contacts).cells.count(WICKED) == 2
    assert "Retail Sales (2)" in Seen(shown(f"/_sandbox/records/{ann}")).cells
