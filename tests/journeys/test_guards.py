"""What comes amiss from the shop deletes nothing in Salesforce: no receipt is voided, no stock 0, no line gone."""

from __future__ import annotations

from tests.journeys.pair import Pair, comparable, run


def test_tables_and_lists_under_other_names_leave_the_org_as_it_is(chain: Pair) -> None:
    """Shoppers under another name, lines under another name, a table of items that comes empty: three sentences."""
    chain.sync()
    before, state = comparable(chain.box.org), chain.state_file.read_text()
    chain.box.clock.advance(25 * 3600)
    amiss = {"Customer": "rows_renamed", "Sale": "within_renamed", "Item": "rows_gone"}
    gusts = [{"fault": fault, "path": f"*/{name}.json", "times": 10_000} for name, fault in amiss.items()]
    chain.weather(*gusts, vendor="lightspeed")

    told = run(chain.tap_command())
    done = chain.load(told.stdout)

    assert told.returncode == 1
    assert [word for word in ("customers", "sales", "items") if f"Stream {word} stops here" not in told.stderr] == []
    assert "Traceback" not in told.stderr
    assert done.returncode == 0, done.stderr
    assert comparable(chain.box.org) == before

    assert chain.state_file.read_text() != state
    chain.box.weather_l.clear()
    chain.box.clock.advance(25 * 3600)
    assert chain.sync().returncode == 0
    assert comparable(chain.box.org) == before
