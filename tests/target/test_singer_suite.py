"""The Singer SDK's own suite for targets. Its streams have no mapping: they are skipped by rule, and counted."""

from __future__ import annotations

from pathlib import Path

import pytest
from singer_sdk.testing import get_target_test_class
from target_salesforce_retail.singer.target import TargetSalesforceRetail

ROOT = Path(__file__).parents[2]

StandardTests = get_target_test_class(
    TargetSalesforceRetail,
    config={
        "login_url": "http://127.0.0.1:9",
        "client_id": "nobody",
        "client_secret": "nothing",
        "transforms": str(ROOT / "transforms"),
        "ledger_url": "sqlite://",
    },
)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
class TestStandard(StandardTests):  # type: ignore[misc, valid-type]
    """Runs without an org: nothing of it may need one."""

    # The SDK ends the run there. Ours holds such a record: tests/journeys/test_nothing_crossed.py
    test_target_record_missing_key_property = None
