"""The command: Singer's own, and ``authorize`` beside it."""

from __future__ import annotations

import sys

from tap_lightspeed_retail.authorize import authorize
from tap_lightspeed_retail.tap import TapLightspeedRetail


def main() -> None:
    """Run ``authorize`` when that is the first word, else the tap."""
    if sys.argv[1:2] == ["authorize"]:
        authorize(args=sys.argv[2:], prog_name=f"{TapLightspeedRetail.name} authorize")
    TapLightspeedRetail.cli()
