"""Who carries which match key is counted over all time, and no value is kept."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, select, text
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.ledger.tables import CARRIERS, LEDGER
from target_salesforce_retail.nouns import Carrier, Sharing, Trait

from tests.target.ledgers import fresh, restored

ANN = Trait(("email",), ("ann@x.org",))
PHONE = Trait(("phone",), ("+15142500001",))


def carry(ledger: SqlLedger, *keys: str, trait: Trait = ANN, stream: str = "customers") -> None:
    ledger.settle([], (), [Carrier(stream, key, trait) for key in keys])


def test_each_record_counts_once(tmp_path: Path) -> None:
    """However often it comes; and it is known who of those asked about is among them."""
    ledger = fresh()
    carry(ledger, "1:1", "1:2", "1:2")
    carry(ledger, "1:2", "1:3")

    assert ledger.sharing("customers", [ANN], ["1:2", "1:9"]) == {ANN: Sharing(3, frozenset({"1:2"}))}


def test_kinds_and_streams_are_counted_apart() -> None:
    """A text that reads like an e-mail is none; shops share nothing with shoppers."""
    ledger = fresh()
    carry(ledger, "1:1")
    carry(ledger, "1:2", trait=Trait(("text",), (ANN.values[0],)))
    carry(ledger, "1:3", stream="shops")

    assert ledger.sharing("customers", [ANN, PHONE], ["1:2", "1:3"]) == {ANN: Sharing(1)}


def test_more_than_one_query_may_name() -> None:
    """A batch brings thousands of match keys."""
    ledger = fresh()
    many = [Trait(("email",), (f"{number}@x.org",)) for number in range(1200)]
    ledger.settle([], (), [Carrier("customers", f"1:{each.values[0]}", each) for each in many])

    found = ledger.sharing("customers", many, [f"1:{each.values[0]}" for each in many])

    assert found == {each: Sharing(1, frozenset({f"1:{each.values[0]}"})) for each in many}


def test_no_value_is_kept(tmp_path: Path) -> None:
    """Two ledgers call one address differently: what is known of one tells nothing of the other."""
    kept = []
    for name in ("one", "other"):
        ledger = open_ledger(f"sqlite:///{tmp_path / name}.db")
        carry(ledger, "1:1")
        with ledger._engine.begin() as connection:
            kept.append(connection.scalar(select(CARRIERS.c.hash)))
        assert b"ann@x.org" not in (tmp_path / f"{name}.db").read_bytes()

    assert kept[0] != kept[1]
    assert len(kept[0]) == 64


def test_a_ledger_of_the_version_before_begins_to_count(tmp_path: Path) -> None:
    """It has a secret then, and keeps it."""
    url = restored(Path(__file__).parent / "ledger_v2.sql", tmp_path)
    carry(open_ledger(url), "1:1")

    assert open_ledger(url).sharing("customers", [ANN], []) == {ANN: Sharing(1)}
    with create_engine(url).begin() as connection:
        assert connection.scalar(text("SELECT version FROM ledger")) == 3
        assert len(connection.scalar(select(LEDGER.c.secret))) == 64
