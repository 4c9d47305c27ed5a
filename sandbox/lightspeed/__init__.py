"""Lightspeed Retail R-Series V3 on loopback: one account, as inconvenient as the vendor's."""
