"""Why a record is skipped or held, and what to do about it: the closed list that operators read."""

from __future__ import annotations

from enum import Enum


class Reason(str, Enum):
    """Why an arrival was skipped or held. ``meaning`` and ``remedy`` are what an operator reads.

    ``waits`` marks reasons that heal without a person: such holds are tried again by themselves.
    """

    meaning: str
    remedy: str
    waits: bool

    def __new__(cls, code: str, meaning: str, remedy: str, waits: bool = False) -> Reason:
        """Make a member whose value is its code."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        member.remedy = remedy
        member.waits = waits
        return member

    @classmethod
    def of(cls, code: str) -> Reason:
        """The reason with this code; one that only an older ledger knows reads as ``refused``."""
        return next((reason for reason in cls if reason.value == code), cls.REFUSED)

    # Skipped, by a declared rule
    UNMAPPED = (
        "unmapped",
        "No mapping names this stream.",
        "Add transforms/<stream>.yml if it should be loaded.",
    )
    EXCLUDED = "excluded", "The mapping's `when` leaves this record out.", "Nothing, or widen `when`."
    DELETED = (
        "deleted",
        "It was deleted in the shop, and there is nothing to change in the org.",
        "Nothing, or say in `deleted` what to set.",
    )
    LEFT_ALONE = (
        "left_alone",
        "It matched, and `on_match` says to leave such records.",
        "Nothing, or change `on_match`.",
    )
    NOT_WANTED = (
        "not_wanted",
        "Nothing matched, and `on_none` says to skip such records.",
        "Nothing, or change `on_none`.",
    )
    SUPERSEDED = "overtaken", "A newer version of this record is in already.", "Nothing."
    PARENT_SKIPPED = (
        "parent_skipped",
        "The record it is part of was left out by rule.",
        "Nothing: it comes again with its parent.",
    )
    LEFT_PARENT = (
        "left_parent",
        "The newest version of the record it was part of does not name it any more.",
        "Nothing: it is not in the org, or was taken out.",
    )
    GONE_FROM_ORG = (
        "gone_from_org",
        "There was only a lookup to fill in, and the record is not in the org any more.",
        "Nothing.",
    )
    # Held in check and map; a currency that is missing, in plan
    INVALID = (
        "invalid",
        "A value is not sound: it breaks the stream's schema, cannot be kept, or could not be read by the tap.",
        "Mend it at the source; a newer version closes this hold. Or say `refused: leave_out`, then replay.",
    )
    REQUIRED_MISSING = (
        "required_missing",
        "A field the mapping requires is absent or null, or the currency of an amount is.",
        "Fill it in Lightspeed, or relax `require`.",
    )
    UNCONVERTIBLE = (
        "unconvertible",
        "A value does not fit its converter.",
        "Mend the value in Lightspeed, or the rule's `as`; or say `refused: leave_out`, then replay.",
    )
    # Held in any stage
    DEFECT = (
        "defect",
        "The target itself failed on it: a mistake in its code, told as the place in it.",
        "Report the place; once a newer target is installed, replay.",
    )
    # Held in match and plan
    MANY_MATCHES = (
        "many_matches",
        "Several records in the org answer to it.",
        "Say which it is: `decide` (docs/guides/decide.md), or merge the duplicates in Salesforce and replay.",
    )
    VETOED = (
        "vetoed",
        "One record in the org answers to it, and what the rule's `unless` names differs.",
        "Say whether they are one: `decide`, or correct the wrong value on either side and replay.",
    )
    MATCH_HELD = (
        "match_held",
        "It matched, and `on_match` says that a person decides.",
        "Decide, then replay or change `on_match`.",
    )
    BECOMES_UNKNOWN = (
        "becomes_unknown",
        "It matched a lead that is to be converted into a contact, and the mapping knows person accounts alone.",
        (
            "Take the company off the lead, without which it becomes a person account; or add Contact to the match "
            "rules. Then replay."
        ),
    )
    NONE_HELD = (
        "none_held",
        "Nothing matched, and `on_none` says that a person decides.",
        "Say which record it is: `decide --is`, or create or mend it in Salesforce. Then replay.",
    )
    OTHER_CURRENCY = (
        "other_currency",
        "The record is in another currency, and holds amounts that would be other sums of money in this one.",
        "Change the record's currency or its amounts in Salesforce, then replay.",
    )
    PARENT_MISSING = (
        "parent_missing",
        "A record it refers to is not in the org yet.",
        "Nothing here: it comes in after that record. If that one is held, settle it; if its stream is off, select it.",
        True,
    )
    PARENT_GONE = (
        "parent_gone",
        "A record it refers to was in the org, and was deleted there.",
        "Restore it from the recycle bin and replay, or let it come again: an edit at the till, or a full refresh.",
        True,
    )
    PARENT_HELD = (
        "parent_held",
        "A record it refers to is not in the org, and `missing` says to hold.",
        "Bring the parent in, then replay.",
    )
    CONVERTED = (
        "converted",
        "It is a converted lead, and what that became is gone, or no object of the mapping. No second lead is made.",
        (
            "Say which record it is: `decide --is`, or restore it, add Contact (for persons Account) to the match "
            "rules, or say `on_none: skip`. Then replay."
        ),
    )
    TWIN = (
        "twin",
        "Somebody else created the same record at the same time, and which of the two goes is not known yet.",
        "It is tried again in the next run. If it stays: merge the two records in Salesforce.",
        True,
    )
    # Held in send, for Salesforce refused the row; a value that its field cannot hold, in plan already
    RULE_BROKEN = (
        "rule_broken",
        "A validation rule, trigger or flow of the org refused it.",
        "Mend the value or the rule, then replay.",
    )
    VALUE_REFUSED = (
        "value_refused",
        "A value does not fit its field (length, range, picklist, e-mail).",
        "Mend the value, or say `too_long` (of a text) or `refused: leave_out` in the mapping; then replay.",
    )
    FIELD_REQUIRED = (
        "field_required",
        "The org requires a field that the draft leaves empty.",
        "Map the field or give it an `else`, then replay.",
    )
    DUPLICATE_RULE = (
        "duplicate_rule",
        "A duplicate rule of the org finds it too like records that no match rule of the mapping confirms.",
        "Say which it is, or that it is none: `decide`, or `on_duplicate_rule: allow`. Then replay.",
    )
    CONVERSION_DUPLICATE = (
        "conversion_duplicate",
        "A duplicate rule of the org finds what the lead that it matched would become too like another record.",
        (
            "Convert the lead by hand in Salesforce, or say who it is if not the lead: `decide --is`, --new or --not. "
            "Then replay."
        ),
    )
    VALUE_TAKEN = (
        "value_taken",
        "Another record has this value in a field that must be unique.",
        "Mend one of the two, then replay.",
    )
    KEY_NOT_UNIQUE = (
        "key_not_unique",
        "Several records carry the same key.",
        "Merge them in Salesforce, then replay.",
    )
    GONE = (
        "gone",
        "The record it matched was deleted and has no survivor.",
        "Replay: it will be matched anew.",
    )
    NOT_ALLOWED = (
        "not_allowed",
        "The integration user may not write this record, or a field of it.",
        "Check sharing, approvals and the permission set, then replay.",
    )
    CONVERSION_NOT_ALLOWED = (
        "conversion_not_allowed",
        "The integration user may not convert the lead that it matched.",
        (
            "Assign it the permission set Retail_Convert_Leads, which grants Convert Leads; if it has that, check "
            "sharing and approvals of the lead. Then replay."
        ),
    )
    PERSON_ACCOUNT = (
        "person_account",
        "It matched the contact behind a person account, and the org does not let it be written as a contact.",
        "Let the integration user edit person accounts, or make the change on the person account; then replay.",
    )
    ID_REFUSED = (
        "id_refused",
        "Salesforce knows no such id, or not for this user: of a record it refers to, of its record type, or its own.",
        "Restore that record, open it to the integration user, or mend the id in the mapping; then replay.",
    )
    LOCKED = (
        "locked",
        "The row stayed locked after the retries.",
        "Nothing: it is tried again in the next run.",
        True,
    )
    # Held in match and send, for Salesforce failed on each call that held it
    UNANSWERED = (
        "unanswered",
        "Salesforce fails on every call that it is part of, and answers others.",
        "It is tried again in the next run. If it stays: look for what is odd in it, and at triggers and flows.",
        True,
    )
    REFUSED = (
        "refused",
        "Salesforce refused it for a reason that no table row names.",
        "Read the answer in `explain`, then replay.",
    )
