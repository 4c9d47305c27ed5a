"""The vendor behaviours that nobody has verified: each is a switch, so that both ways can be tested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any


def _switch(default: Any, says: str, *others: Any) -> Any:
    """A switch: its default is what is thought likelier, ``others`` are its further values."""
    return field(default=default, metadata={"says": says, "others": others})


@dataclass(frozen=True)
class Switches:
    """Every switch with what it decides and where the doubt comes from; ``says`` makes the reference."""

    # Lightspeed R-Series
    updatetime_filter: str = _switch(
        "true", "sorting by the update time is documented, filtering by it is not: heeded, refused or ignored",
        "false", "ignore",
    )  # fmt: skip
    unknown_filter: str = _switch("400", "a filter by a field that no row has: refused, or ignored", "ignore")
    updatetime_name: str = _switch("updateTime", "recorded so; the V3 samples print the other", "updatetime")
    empty_relation: str = _switch("absent", 'a relation without rows; "" and {} have been recorded', "text", "object")
    empty_page: str = _switch(
        "absent", "a page without rows has no key, or something empty; or nothing is all there is", "text", "object",
        "list", "body",
    )  # fmt: skip
    lists_of_one: str = _switch(
        "object", "recorded as an object, in pages, relations and rows; a reader must bear the list too", "list"
    )
    nested_limit: int = _switch(0, "rows of a loaded to-many relation at most; 0 is all of them", 100)
    onworkorder_name: str = _switch("onWorkOrder", "the table of fields says this, the sample the other", "onWorkorder")
    accept_wins: bool = _switch(True, "an Accept header beats `.json` in the path: one client says so", False)
    unknown_relation: str = _switch("400", "a relation that is unknown, or a list of them that is no JSON", "ignore")
    offset: str = _switch("400", "what becomes of the old offset, orderby and orderby_desc", "ignore")
    same_field_twice: str = _switch("and", "two conditions on one field", "last")
    child_bumps_parent: bool = _switch(
        False, "recorded: edits of lines and payments leave the sale's times alone", True
    )
    void_bumps_update: bool = _switch(True, "whether a void moves the sale's update time", False)
    edit_bumps_update: bool = _switch(True, "whether another payment moves a completed sale's update time", False)
    merged_receipts: str = _switch(
        "move", "a merged shopper's receipts: moved, moved with a new update time, or those completed left behind",
        "stamp", "leave",
    )  # fmt: skip
    completion_is_timestamp: bool = _switch(
        True, "a completed sale's time stamp: when it says it was completed, or when that was written", False
    )
    update_after_seconds: int = _switch(1, "recorded: the update comes a second after the completion", 0)
    commit_lag_seconds: int = _switch(0, "until a row is seen, from the time that it is stamped with", 30)
    contact_bumps_customer: bool = _switch(True, "whether an edited address moves the customer's time", False)
    refused_calls_cost: bool = _switch(False, "whether a call that got 429 adds to the bucket", True)
    full_bucket: str = _switch("admit", "a bucket filled to the brim, but not over it", "refuse")
    nested_on_list_cost: str = _switch("once", "a relation under a to-many, on a list, is doubled", "twice")
    long_limit: str = _switch("clamp", "a limit above 100", "400")
    gift_card_query: str = _switch("only", "whether giftCard=true brings gift cards alone, or others too", "also")
    credit_account_ranges: bool = _switch(True, "the page allows `=` alone, perhaps for the code only", False)
    strict_refresh: bool = _switch(False, "refuse a refresh that sends `scope`", True)
    reuse_revokes_all: bool = _switch(False, "a refresh token that comes again after its end ends the others too", True)
    read_scopes_suffice: bool = _switch(
        True, "`register_read` opens what its page opens to `register`, and so on", False
    )
    # Salesforce
    person_accounts: bool = _switch(False, "shoppers as accounts; an org has them on for good, or not", True)
    person_contact_edits: bool = _switch(
        True, "the contact behind a person account is changed as any other: documented; or refused as no access", False
    )
    record_types: bool = _switch(
        False,
        "contacts and leads of two record types, both open to the integration user; an org has them, or not",
        True,
    )
    multi_currency: bool = _switch(False, "every record with a currency of its own; likewise", True)
    opt_outs_granted: bool = _switch(
        False, "HasOptedOutOfEmail, HasOptedOutOfFax, DoNotCall are seen without a permission set that says so", True
    )
    undelete_taken_key: str = _switch(
        "refuse", "a row is undeleted whose unique value another has now: refused, or it comes back without it", "lose"
    )
    merge_frees_keys: bool = _switch(
        False,
        "a unique value of the row that goes, given in the same merge to the one that stays: refused, or free",
        True,
    )
    merge_duplicate_rules: bool = _switch(
        True, "duplicate rules look at the row that stays when a merge writes to it, as in an update; or not", False
    )
    convert_duplicate_rules: bool = _switch(
        True, "duplicate rules look at the account and the contact that a conversion makes; an org says which", False
    )
    convert_leads_granted: bool = _switch(True, "the API user has the permission to convert leads, or not", False)
    soap_names_duplicates: bool = _switch(
        True, "an error of SOAP names the records that a duplicate rule has found, as the WSDL allows; or not", False
    )
    conversion_names_person: bool = _switch(
        True, "of a person account a conversion answers the contact behind it, or only the account", False
    )
    standard_duplicate_rules: bool = _switch(
        True,
        "the standard duplicate rules of a new org for contacts, leads and accounts; documented, can be off",
        False,
    )
    composite_inherits_headers: bool = _switch(
        False,
        "headers of a composite request hold for its subrequests; documented of three, of others nothing is",
        True,
    )
    state_country_picklists: bool = _switch(
        True,
        "states and countries are picklists with codes beside the texts; an org has them on for good, or not",
        False,
    )
    code_as_text: bool = _switch(
        True, "the text fields of state and country take codes too; where not, labels only", False
    )
    duplicate_key: str = _switch("duplicateResut", "as seen, misspelt; one project has met both", "duplicateResult")
    search_lag_seconds: int = _switch(10, "until a new row is found by search; a live test waits that long", 0)
    refresh_rotation: bool = _switch(False, "an external client app may rotate refresh tokens", True)
    email_lower: bool = _switch(True, "recorded: e-mails read back in lower case", False)
    text_trim: bool = _switch(True, "leading and trailing blanks of text are dropped", False)
    decimal_round: bool = _switch(True, "extra decimals are rounded to the scale, or refused", False)
    number_for_text: str = _switch("refuse", "a JSON number sent for a text field", "accept")
    same_key_twice: str = _switch(
        "error",
        "one external id twice in one call: error from the second, from the first (both), or the last wins",
        "both",
        "last",
    )
    same_id_twice: str = _switch(
        "error", "one id more than once in one update: error from the second, or from the 13th", "twelve"
    )
    wrong_case_id: str = _switch(
        "miss",
        "an id of 18 characters in the wrong case, in a query: finds nothing, is refused, or is mended",
        "refuse",
        "mend",
    )
    bulk_polls: int = _switch(1, "polls for which a bulk job that is done still seems to work", 0)
    bulk_unknown_column: str = _switch("fail", "a CSV column the object lacks: users report, documented", "drop")
    bulk_error_tail: bool = _switch(True, "an error without fields ends in `:--`: documented, one recording not", False)
    bulk_charset: bool = _switch(True, "results say charset=UTF-8; without it some clients misread accents", False)
    detail_parent_on_update: str = _switch(
        "refuse", "a master or another create-only field sent again on update with the value it has", "ignore"
    )
    wrong_type_in_row: str = _switch(
        "row", "a value of a wrong JSON type in a Collections call refuses its row, or the whole call", "request"
    )
    unknown_field_in_row: str = _switch("row", "likewise a field that the object lacks", "request")

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
