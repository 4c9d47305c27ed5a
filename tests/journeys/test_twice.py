"""The same sync twice changes nothing the second time."""

from tests.journeys.pair import Pair


def test_the_second_sync_writes_nothing(chain: Pair) -> None:
    """Whole, without state: every record comes again, and not one create, update or delete is sent."""
    first = chain.sync()
    assert first.returncode == 0, first.stderr
    before = chain.writes()
    assert sum(before.values()) > 100
    chain.state_file.unlink()

    second = chain.sync()

    assert second.returncode == 0, second.stderr
    assert before == chain.writes()


def test_the_next_sync_carries_only_what_changed(chain: Pair) -> None:
    """After trade, the bookmark brings a few records, and each shop's new receipts are in the org once."""
    everything = chain.extract()
    assert chain.load(everything).returncode == 0
    sales_before = len(chain.rows("Retail_Sale__c"))

    chain.box.trade(hours=6)
    news = chain.extract()
    done = chain.load(news)

    assert done.returncode == 0, done.stderr
    assert len(chain.rows("Retail_Sale__c")) > sales_before
    assert len(news.splitlines()) < len(everything.splitlines()) / 2
    keys = [row["Lightspeed_Key__c"] for row in chain.rows("Retail_Sale__c")]
    assert len(keys) == len(set(keys))
