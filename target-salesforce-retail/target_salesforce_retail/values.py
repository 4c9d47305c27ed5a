"""What fields and records hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

Scalar = str | int | bool | Decimal | date | datetime
"""A value that fits one Salesforce field. Instants carry an offset; money and quantities are ``Decimal``."""
Value = Scalar | None
Record = Mapping[str, object]
"""A Singer record, as the SDK hands it over: numbers with a fraction are ``Decimal``, instants may be ``datetime``."""
LONGEST_KEY = 255
"""Characters of an external id (docs/vendors/salesforce.md, metadata), and of a key in the ledger."""
