"""Singer tap for Lightspeed Retail: R-Series and X-Series as one clean contract (see ``schemas/``)."""

__version__ = "0.1.0"
