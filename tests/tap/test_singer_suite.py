"""The Singer SDK's own suite for taps, on a running sandbox."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class
from tap_lightspeed_retail.tap import TapLightspeedRetail

from sandbox.serve import running

CONFIG: dict[str, object] = {"client_id": "", "client_secret": "", "refresh_token": ""}
"""Filled when the sandbox runs; the SDK wants it when the module is read."""

StandardTests = get_tap_test_class(TapLightspeedRetail, config=CONFIG, suite_config=SuiteConfig(max_records_limit=200))


@pytest.fixture(scope="module", autouse=True)
def _served() -> Iterator[None]:
    with ExitStack() as stack:
        box = stack.enter_context(running(seed="chain", size="small"))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        CONFIG.update(box.tap_config(folder))
        yield


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # fields that R-Series has not are null throughout
class TestStandard(StandardTests):  # type: ignore[misc, valid-type]
    """Discovery, connection, streams, schemas, keys, types."""
