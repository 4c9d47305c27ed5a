"""``python -m tap_lightspeed_retail``."""

from tap_lightspeed_retail.cli import main

main()
