"""A shop that seems to have lost most of what it had loses nothing in Salesforce: the run stops, and a person looks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.lines import item, line, said, sale, shop, state, summary
from tests.journeys.pair import Pair

MANY = range(60)
GONE = "2026-03-09T12:00:00+00:00"
BROUGHT = (
    said("shops", shop())
    + said("items", *(item(number) for number in MANY))
    + said("sales", *(sale(number, number) for number in MANY))
    + said("sale_lines", *(line(number, number) for number in MANY))
    + state(n=1)
)


def gone(stream: str, **more: Any) -> str:
    """Every record of a stream, as deleted in the shop."""
    return said(stream, *({"id": str(number), "deleted_at": GONE, "updated_at": GONE, **more} for number in MANY))


MISHAPS = {
    "items": gone("items"),
    "sales": gone("sales", kind="other", state="voided", line_ids=[], payment_ids=[]),
    "sale_lines": said("sales", *(sale(number, on=2) for number in MANY)),  # their lines came under another name
}


@pytest.mark.parametrize("stream", MISHAPS)
def test_an_emptied_table_deletes_nothing_until_a_person_says_so(pair: Pair, stream: str) -> None:
    """Exit 1, one sentence, no STATE, no write; with the setting for one run it is done."""
    summary(pair.load(BROUGHT))
    written = pair.writes()

    for _ in range(2):
        stopped = pair.load(MISHAPS[stream] + state(n=2))

        assert stopped.returncode == 1
        assert stopped.stdout == ""
        sentence = stopped.stderr.strip().splitlines()[-1]
        assert f"{stream}: This run would delete 60 of 60 records" in sentence
        assert "max_deleted_share" in sentence
        assert "Traceback" not in stopped.stderr
        assert pair.writes() == written

    pair.target_settings["max_deleted_share"] = 1
    done = pair.load(MISHAPS[stream] + state(n=2))

    assert "60 updated" in summary(done)
    assert '"n": 2' in done.stdout


def test_run_after_run_takes_no_share_of_its_own(pair: Pair) -> None:
    """What came in many batches has gone as far as the share when the run stops; the next run adds nothing to it."""
    summary(pair.load(BROUGHT))
    pair.target_settings |= {"max_deleted_share": 0.5, "batch_size_rows": 28}

    for _ in range(3):
        stopped = pair.load(MISHAPS["items"] + state(n=2))

        assert stopped.returncode == 1
        assert sum(row["Archived__c"] for row in pair.rows("Product2")) == 28


def test_a_few_go_as_ever(pair: Pair) -> None:
    """A shop deletes: below a fixed number nobody is asked."""
    summary(pair.load(BROUGHT))

    some = "".join(f"{each}\n" for each in gone("items").splitlines()[:21])

    assert "20 updated" in summary(pair.load(some))
