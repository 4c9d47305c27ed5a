"""Who carries which match key is counted over all time, and no value is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text, update
from target_salesforce_retail.errors import LedgerError
from target_salesforce_retail.ledger.scratch import open_scratch
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.ledger.tables import CARRIERS, LEDGER, VERSION
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
        assert connection.scalar(text("SELECT version FROM ledger")) == VERSION
        assert len(connection.scalar(select(LEDGER.c.secret))) == 64


def damaged(tmp_path: Path, secret: object, *keys: str) -> str:
    """The URL of a ledger whose secret somebody has overwritten."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    carry(open_ledger(url), *keys)
    with create_engine(url).begin() as connection:
        connection.execute(text("UPDATE ledger SET secret = :secret"), {"secret": secret})
    return url


@pytest.mark.parametrize("opened", [open_ledger, lambda url: open_scratch(url, print)], ids=["run", "plan"])
@pytest.mark.parametrize("secret", [None, "", "zz", "00", "z" * 64, 7, b"\x00"])
def test_a_ledger_whose_secret_is_gone_is_said_to_be_damaged(tmp_path: Path, secret: object, opened: Any) -> None:
    """Hashes without it would be open to all, and fit none of those that are there."""
    url = damaged(tmp_path, secret, "1:1")

    with pytest.raises(LedgerError, match="The ledger is damaged: its secret") as raised:
        opened(url)

    assert "begins to count anew" in str(raised.value)


@pytest.mark.parametrize("secret", [None, ""])
def test_a_ledger_that_has_counted_nobody_gets_another_secret(tmp_path: Path, secret: object) -> None:
    """There is nothing yet that would not fit it; and what it counts then is counted under a secret that it keeps."""
    url = damaged(tmp_path, secret)
    carry(open_ledger(url), "1:1")

    assert open_ledger(url).sharing("customers", [ANN], []) == {ANN: Sharing(1)}
    with create_engine(url).begin() as connection:
        assert len(connection.scalar(select(LEDGER.c.secret))) == 64


def test_a_secret_that_goes_while_the_ledger_is_open_is_missed() -> None:
    """No hash is made without one."""
    ledger = fresh()
    with ledger._engine.begin() as connection:
        connection.execute(update(LEDGER).values(secret=None))

    with pytest.raises(LedgerError, match="damaged"):
        carry(ledger, "1:1")
