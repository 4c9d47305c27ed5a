"""``python -m tap_lightspeed_retail``."""

from tap_lightspeed_retail.tap import TapLightspeedRetail

TapLightspeedRetail.cli()
