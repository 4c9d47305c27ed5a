"""Reads Singer lines without ever quoting one: a line holds shoppers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from singer_sdk.io_base import SingerReader

from target_salesforce_retail.errors import RetailError


class DiscreetReader(SingerReader):
    """The SDK's reader, except that a line that is not JSON is named by its position, not quoted.

    NaN and Infinity, which JSON does not have and some taps write, stay text: no number for anybody behind.
    """

    def deserialize_json(self, line: str | bytes) -> dict[str, Any]:
        """Parse one line; numbers with a fraction become ``Decimal``.

        Raises:
            RetailError: The line is not JSON, or none that can be read.
        """
        try:
            message: dict[str, Any] = json.loads(line, parse_float=Decimal, parse_constant=str)
        except json.JSONDecodeError as error:
            raise RetailError(
                f"A line of the input is not JSON: {error.msg} at column {error.colno}.",
                where="input",
                hint="Look at the tap's output; what was acknowledged stays, the rest comes again.",
            ) from None
        except (ValueError, RecursionError):
            raise RetailError(
                "A line of the input cannot be read: a number of thousands of digits, or values nested without end.",
                where="input",
                hint="Look at the tap's output; what was acknowledged stays, the rest comes again.",
            ) from None
        return message
