"""The vendor behaviours that nobody has verified: each is a switch, so that both ways can be tested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True)
class Switches:
    """Defaults are what the facts think likelier. Sources: the vendors' pages and recordings, as each line says."""

    # Lightspeed R-Series
    updatetime_filter: bool = True  # sort by updatetime is documented, filtering by it is not
    updatetime_name: str = "updateTime"  # recorded so; the V3 samples print `updatetime`
    empty_relation: str = "absent"  # "absent" | "text" ("") | "object" ({}); all three have been recorded
    empty_page: str = "absent"  # "absent" | "object"
    child_bumps_parent: bool = False  # recorded: line and payment edits leave the sale's times alone
    contact_bumps_customer: bool = True
    refused_calls_cost: bool = False  # whether a call that got 429 adds to the bucket
    long_limit: str = "clamp"  # "clamp" | "400" for limit > 100
    gift_card_query: str = (
        "only"  # "only" | "also": whether giftCard=true brings gift cards alone, or other accounts too
    )
    credit_account_ranges: bool = (
        True  # the endpoint's page allows `=` alone; whether that means the code only, it does not say
    )
    strict_refresh: bool = False  # refuse a refresh that sends `scope`
    # Salesforce
    person_accounts: bool = False  # shoppers as accounts; an org has them on for good, or not
    multi_currency: bool = False  # every record with a currency of its own; likewise
    duplicate_key: str = "duplicateResut"  # as seen, misspelt; one project has met "duplicateResult" too
    search_lag_seconds: int = 10  # a test of another client waits that long for the index, and tries again
    refresh_rotation: bool = False  # an external client app may rotate refresh tokens
    email_lower: bool = True  # recorded: e-mails read back in lower case
    text_trim: bool = True  # leading and trailing blanks of text are dropped
    decimal_round: bool = True  # extra decimals are rounded to the scale; else refused
    number_for_text: str = "refuse"  # "refuse" | "accept": a JSON number sent for a text field
    same_key_twice: str = "error"  # "error" | "last": one external id twice in one batch
    bulk_polls: int = 1  # polls for which a job that is done still seems to work
    bulk_unknown_column: str = "fail"  # "fail" (users report) | "drop" (documented): a CSV column the object lacks
    bulk_error_tail: bool = True  # an error without fields ends in `:--` (documented), or does not (one recording)
    bulk_charset: bool = True  # whether results say charset=UTF-8; without it some clients misread accents
    detail_parent_on_update: str = "refuse"  # "refuse" | "ignore" when the same master is sent on update

    @classmethod
    def parse(cls, pairs: dict[str, str]) -> Switches:
        """Read ``name=value`` pairs; raises ValueError that lists the names for an unknown one."""
        known = {field.name: field for field in fields(cls)}
        unknown = sorted(set(pairs) - set(known))
        if unknown:
            message = f"unknown switch {', '.join(unknown)}; there are: {', '.join(known)}"
            raise ValueError(message)
        values: dict[str, Any] = {name: _READ.get(type(getattr(cls, name)), str)(text) for name, text in pairs.items()}
        return replace(cls(), **values)


_READ: dict[type, Callable[[str], Any]] = {bool: lambda text: text == "true", int: int}
