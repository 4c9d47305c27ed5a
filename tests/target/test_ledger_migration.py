"""A ledger of an older layout is brought up where it stands: nothing of it is lost, and all at once or not at all."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, inspect, text
from target_salesforce_retail.errors import LedgerError
from target_salesforce_retail.ledger import migrate
from target_salesforce_retail.ledger.store import SqlLedger, open_ledger
from target_salesforce_retail.ledger.tables import METADATA
from target_salesforce_retail.nouns import Reason

from tests.target.ledgers import done, held, restored, settle

V1 = Path(__file__).parent / "ledger_v1.sql"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database with a ledger of version 1."""
    return restored(V1, tmp_path)


@pytest.fixture
def migrated(url: str) -> SqlLedger:
    return open_ledger(url)


def rows(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of version 1, in a fixed order."""
    with engine.begin() as connection:
        names = ["runs", "run_counts", "records", "holds"]
        found = {name: connection.execute(text(f"SELECT * FROM {name}")).mappings().all() for name in names}
    return {name: sorted((dict(row) for row in each), key=str) for name, each in found.items()}


def test_nothing_is_lost(url: str) -> None:
    """Every column of every row says what it said."""
    before = rows(create_engine(url))
    after = rows(open_ledger(url)._engine)

    assert {name: len(each) for name, each in before.items()} == {"runs": 1, "run_counts": 2, "records": 3, "holds": 3}
    for name, old in before.items():
        columns = set(old[0])
        assert [{k: v for k, v in row.items() if k in columns} for row in after[name]] == old


@pytest.mark.parametrize("script", [V1, V1.with_name("ledger_v2.sql")], ids=lambda path: path.stem)
def test_the_layout_is_that_of_a_new_one(script: Path, tmp_path: Path) -> None:
    """Column by column and index by index; and it is opened once more as it is."""
    migrated = open_ledger(restored(script, tmp_path))
    found = inspect(migrated._engine)
    for table in METADATA.sorted_tables:
        assert {column["name"] for column in found.get_columns(table.name)} == {column.name for column in table.c}
        assert {index["name"] for index in found.get_indexes(table.name)} == {index.name for index in table.indexes}

    again = open_ledger(str(migrated._engine.url.render_as_string(hide_password=False)))
    assert again.open_holds() == migrated.open_holds() > 0


def test_links_and_holds_go_on(migrated: SqlLedger) -> None:
    """With exact numbers; a reason that is no more reads as refused."""
    assert migrated.links("customers", ["1:1"])["1:1"].version == "2026-04-01"
    (hold,) = migrated.holds(stream="customers")
    assert (hold.reason, hold.attempts, hold.code) == (Reason.REFUSED, 3, "SOME_CODE")
    assert migrated.held("customers")[0].record["spent"] == Decimal("1.10")
    assert migrated.runs(1)[0].streams == {"customers": {"created": 1, "held": 1}}


def test_what_waited_is_tried_once_per_run(migrated: SqlLedger) -> None:
    """It is not known for what it waits, until it is held again."""
    migrated.open_run()
    (again,) = migrated.waiting("sales", 0, 10)
    settle(migrated, held(Reason.PARENT_MISSING, stream="sales", key="1:9", hold=again.hold))

    assert migrated.waiting("sales", 0, 10) == []


def test_what_came_before_a_hold_does_not_close_it(migrated: SqlLedger) -> None:
    """The hold's version is told; new holds are numbered on."""
    settle(migrated, done(key="1:2", version="2026-04-20"), held(key="1:3"))

    assert [hold.number for hold in migrated.holds(stream="customers")] == [2, 4]
    assert migrated.record("customers", "1:2").code == "SOME_CODE"


def test_a_hold_goes_on_under_the_key_of_its_mapping(migrated: SqlLedger) -> None:
    """Version 1 called holds by the key of the stream; tried again, one is the hold of the record it is of."""
    settle(migrated, held(key="one/2", hold=2, version="2026-05-01"))
    assert [(hold.number, hold.key, hold.attempts) for hold in migrated.holds(stream="customers")] == [(2, "one/2", 4)]

    settle(migrated, done(key="one/2", hold=2, version="2026-05-01"))
    assert migrated.holds(stream="customers") == []


def test_two_open_holds_of_one_record_become_one(url: str) -> None:
    """The newer one stays: one record, one hold."""
    with create_engine(url).begin() as connection:
        connection.execute(text("UPDATE holds SET state = 'open', \"key\" = '1:2' WHERE number = 1"))

    assert [hold.number for hold in open_ledger(url).holds(stream="customers")] == [2]


def test_a_migration_that_fails_leaves_version_1(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of it is none of it."""
    before = rows(create_engine(url))
    monkeypatch.setattr(migrate, "TOLD", "UPDATE nonsense SET x = 1")

    with pytest.raises(LedgerError):
        open_ledger(url)

    assert rows(create_engine(url)) == before
    with create_engine(url).begin() as connection:
        assert connection.scalar(text("SELECT version FROM ledger")) == 1


def test_a_migrated_ledger_is_of_the_first_org_that_claims_it(migrated: SqlLedger) -> None:
    """Version 1 named none."""
    migrated.claim("00D000000000001AAA")
    migrated.claim("00D000000000001")

    with pytest.raises(LedgerError, match="belongs to org 00D000000000001, the login opens 00D000000000002"):
        migrated.claim("00D000000000002AAA")
