"""The vendor behaviours that nobody has verified: each is a switch, so that both ways can be tested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any


def _switch(default: Any, says: str, *others: Any) -> Any:
    """A switch: its default is what the facts think likelier, ``others`` are its further values."""
    return field(default=default, metadata={"says": says, "others": others})


@dataclass(frozen=True)
class Switches:
    """Every switch with what it decides and where the doubt comes from; ``says`` makes the reference."""

    # Lightspeed R-Series
    updatetime_filter: bool = _switch(True, "sorting by the update time is documented, filtering by it is not", False)
    updatetime_name: str = _switch("updateTime", "recorded so; the V3 samples print the other", "updatetime")
    empty_relation: str = _switch("absent", 'a relation without rows; "" and {} have been recorded', "text", "object")
    empty_page: str = _switch("absent", "a page without rows has no key, or an empty object", "object")
    child_bumps_parent: bool = _switch(
        False, "recorded: edits of lines and payments leave the sale's times alone", True
    )
    contact_bumps_customer: bool = _switch(True, "whether an edited address moves the customer's time", False)
    refused_calls_cost: bool = _switch(False, "whether a call that got 429 adds to the bucket", True)
    long_limit: str = _switch("clamp", "a limit above 100", "400")
    gift_card_query: str = _switch("only", "whether giftCard=true brings gift cards alone, or others too", "also")
    credit_account_ranges: bool = _switch(True, "the page allows `=` alone, perhaps for the code only", False)
    strict_refresh: bool = _switch(False, "refuse a refresh that sends `scope`", True)
    # Salesforce
    person_accounts: bool = _switch(False, "shoppers as accounts; an org has them on for good, or not", True)
    multi_currency: bool = _switch(False, "every record with a currency of its own; likewise", True)
    duplicate_key: str = _switch("duplicateResut", "as seen, misspelt; one project has met both", "duplicateResult")
    search_lag_seconds: int = _switch(10, "until a new row is found by search; a live test waits that long", 0)
    refresh_rotation: bool = _switch(False, "an external client app may rotate refresh tokens", True)
    email_lower: bool = _switch(True, "recorded: e-mails read back in lower case", False)
    text_trim: bool = _switch(True, "leading and trailing blanks of text are dropped", False)
    decimal_round: bool = _switch(True, "extra decimals are rounded to the scale, or refused", False)
    number_for_text: str = _switch("refuse", "a JSON number sent for a text field", "accept")
    same_key_twice: str = _switch("error", "one external id twice in one batch", "last")
    bulk_polls: int = _switch(1, "polls for which a bulk job that is done still seems to work", 0)
    bulk_unknown_column: str = _switch("fail", "a CSV column the object lacks: users report, documented", "drop")
    bulk_error_tail: bool = _switch(True, "an error without fields ends in `:--`: documented, one recording not", False)
    bulk_charset: bool = _switch(True, "results say charset=UTF-8; without it some clients misread accents", False)
    detail_parent_on_update: str = _switch("refuse", "the same master sent again on update", "ignore")

    @classmethod
    def parse(cls, pairs: dict[str, str]) -> Switches:
        """Read ``name=value`` pairs.

        Raises:
            ValueError: An unknown name or value, with those there are.
        """
        known = {one.name: one for one in fields(cls)}
        unknown = sorted(set(pairs) - set(known))
        if unknown:
            message = f"unknown switch {', '.join(unknown)}; there are: {', '.join(known)}"
            raise ValueError(message)
        return replace(cls(), **{name: _read(known[name], text) for name, text in pairs.items()})


def choices(one: Field[Any]) -> list[Any]:
    """The values of a switch, its default first; a number takes any other too."""
    return [one.default, *one.metadata["others"]]


def _read(one: Field[Any], text: str) -> Any:
    value = _READ.get(type(one.default), str)(text)
    if value not in choices(one) and not (type(one.default) is int and isinstance(value, int)):
        message = f"{one.name} is {' or '.join(str(choice).lower() for choice in choices(one))}, not {text}"
        raise ValueError(message)
    return value


def _truth(text: str) -> Any:
    return {"true": True, "false": False}.get(text.lower(), text)


_READ: dict[type, Callable[[str], Any]] = {
    bool: _truth,
    int: lambda text: int(text) if text.isdigit() else text,
    str: str,
}
