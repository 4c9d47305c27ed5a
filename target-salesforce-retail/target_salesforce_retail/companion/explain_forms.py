"""What is known of one record, as a person and as a program read it. Values are told only when they were asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from target_salesforce_retail.companion import decision_words
from target_salesforce_retail.companion.clue_words import lines
from target_salesforce_retail.companion.printable import json_text, printable
from target_salesforce_retail.ledger.listing import OURS, DecisionSummary, RecordSummary
from target_salesforce_retail.nouns import DecisionKind, Stage, Trail, Verdict, Why
from target_salesforce_retail.trail import UNDECLARED, asks_rules, unconverted_lead
from target_salesforce_retail.words import IN_ORG

KNOWN = {
    "decided": "a person has decided that",
    "key": "known by its key now",
    "profile": "known by its profile now",
    "ledger": "known by the ledger now",
    "survivor": "it lives on in another now",
}
"""How it is known without a rule of the mapping."""


@dataclass(frozen=True)
class Explained:
    """A record with what is known around it.

    Attributes:
        stream: Its stream.
        key: Its key.
        record: What the ledger knows of it.
        parents: What the ledger knows of the records that it waits for; None of those that it does not know.
        digest_now: The digest of its stream's mapping as it is now, or None.
        decisions: What persons have decided of it, and whom we have merged that it is, the newest first.
        profile_object: The object in which its mapping keeps profiles; empty where it keeps none.
    """

    stream: str
    key: str
    record: RecordSummary
    parents: Mapping[tuple[str, str], RecordSummary | None]
    digest_now: str | None
    decisions: Sequence[DecisionSummary] = ()
    profile_object: str = ""

    @property
    def decided(self) -> list[DecisionSummary]:
        """What persons have decided."""
        return [each for each in self.decisions if each.what is not DecisionKind.MERGED]

    @property
    def merges(self) -> list[DecisionSummary]:
        """Whom we have merged."""
        return [each for each in self.decisions if each.what is DecisionKind.MERGED]

    @property
    def is_profile_refused(self) -> bool:
        """True when Salesforce refused the row of its profile, and not its own record."""
        objects = {each.partition(".")[0] for each in self.record.fields}
        return self.record.stage is Stage.SEND and self.profile_object in objects


def as_text(explained: Explained, *, values: bool) -> str:
    """All of it for a person."""
    record = explained.record
    text = [
        f"{explained.stream} {explained.key}: {as_end(record)}",
        f"  {_when(record)}{_mapping(record, explained.digest_now)}",
        *_block(_who(record), lines(said_by_rules(record))),
        *_block("What a person has decided", decision_words.lines(explained.decided, record)),
        *_block("What was merged", decision_words.lines(explained.merges, record)),
        *_block("What was sent", _sent(record, values=values)),
        *_block("What came of it", _came(explained, values=values)),
        *_block("What it waits for", _waits(explained)),
        *_block("Before that", [_before(each, values=values) for each in record.earlier]),
    ]
    return "\n".join(map(printable, text))


def as_end(record: RecordSummary) -> str:
    """How it ended, in a few words."""
    where = f" -> {record.object} {record.id}" if record.id else ""
    rule = f", by {record.rule}" if record.rule else ""
    return f"{record.verdict.value}{where}{rule}{_reason(record)}"


def _reason(record: RecordSummary) -> str:
    if not record.reason:
        return ""
    return f", {record.reason.value}" + (f" ({', '.join(record.fields)})" if record.fields else "")


def _who(record: RecordSummary) -> str:
    is_known = record.rule in UNDECLARED and asks_rules(record.trail)
    return f"Who it is: {KNOWN[str(record.rule)]}; when the rules were asked last" if is_known else "Who it is"


def said_by_rules(record: RecordSummary) -> Trail:
    """The clues of match rules alone."""
    return tuple(each for each in record.trail if each.why is not Why.WAITS)


def _when(record: RecordSummary) -> str:
    run = f", run {record.run[:8]}" if record.run else ""
    version = f", version {record.version}" if record.version else ""
    return f"{record.at:%Y-%m-%d %H:%M:%S} UTC{run}{version}"


def _mapping(record: RecordSummary, digest_now: str | None) -> str:
    if not record.mapping:
        return ", under a mapping that was not noted"
    is_older = digest_now not in (None, record.mapping)
    return f", mapping {record.mapping}" + (f": an older one, now it is {digest_now}" if is_older else "")


def _block(title: str, text: list[str]) -> list[str]:
    return [title, *(f"  {line}" for line in text)] if text else []


def _sent(record: RecordSummary, *, values: bool) -> list[str]:
    sent = [f"{name} = {_as_text(record.sent[name])}" if values else name for name in sorted(record.sent)]
    omitted = [f"left out: {', '.join(record.omitted)}"] if record.omitted else []
    lead = unconverted_lead(record.trail)
    conversion = [f"the conversion of Lead {lead}"] if lead and sent else []
    return [*conversion, *(sent if values else [", ".join(sent)] if sent else []), *omitted]


def _as_text(value: Any) -> str:
    return "blank" if value in (None, "") else " ".join(str(value).split())


def _came(explained: Explained, *, values: bool) -> list[str]:
    record = explained.record
    if record.verdict in IN_ORG:
        took = record.verdict is not Verdict.UNCHANGED and record.stage is Stage.SEND
        return ["Salesforce took it." if took else "Salesforce says all of it already."]
    words = record.message if values or record.stage in OURS else None
    text = [
        *_taken(explained),
        f"{_end(explained)}{f', {record.code}' if record.code else ''}{f': {words}' if words else ''}",
    ]
    if record.hold:
        text.append(f"hold {record.hold}, tried {_times(record.attempts)}")
    if record.candidates:
        text.append(f"it may be {', '.join(record.candidates)}")
    return [*text, *([f"what to do: {record.reason.remedy}"] if record.reason and record.reason.remedy else [])]


def _taken(explained: Explained) -> list[str]:
    return ["Salesforce took it."] if explained.is_profile_refused and explained.record.sent else []


def _end(explained: Explained) -> str:
    stage = explained.record.stage
    if explained.is_profile_refused:
        return f"Salesforce refused its row of {explained.profile_object}"
    return "Salesforce refused it" if stage is Stage.SEND else f"nothing was sent, as the stage {stage.value} decided"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _waits(explained: Explained) -> list[str]:
    return [f"{stream} {key}, {_stands(parent)}" for (stream, key), parent in explained.parents.items()]


def _stands(parent: RecordSummary | None) -> str:
    if parent is None:
        return "of which the ledger knows nothing"
    if parent.hold:
        return f"which is held itself: {parent.reason.value if parent.reason else ''} (hold {parent.hold})"
    return f"which is {as_end(parent)}"


def _before(record: RecordSummary, *, values: bool) -> str:
    sent = _sent(record, values=values)
    details = f"; sent {', '.join(sent)}" if record.sent else ""
    waits = ", ".join(f"{name} {of}" for each in record.trail if each.why is Why.WAITS for name, of in each.rows)
    mapping = f"; mapping {record.mapping}" if record.mapping else ""
    return f"{_when(record)}: {as_end(record)}{details}{f'; waited for {waits}' if waits else ''}{mapping}"


def as_json(explained: Explained, *, values: bool) -> str:
    """All of it for a program."""
    record = explained.record
    whole = {
        **_plain(record, values=values),
        "waits_for": record.waits_for,
        "decisions": [_decision(each) for each in explained.decisions],
        "decision_pending": any(decision_words.is_pending(each, record) for each in explained.decided[:1]),
        "mapping_now": explained.digest_now,
        "hold": record.hold,
        "attempts": record.attempts,
        "earlier": [dict(_filled(_plain(each, values=values))) for each in record.earlier],
    }
    return json_text(dict(_filled(whole)))


def _decision(decision: DecisionSummary) -> dict[str, Any]:
    shown = {name: value for name, value in asdict(decision).items() if name not in ("stream", "key")}
    return {**shown, "what": decision.what.value}


def _filled(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in values.items() if value)


def _plain(record: RecordSummary, *, values: bool) -> dict[str, Any]:
    return {
        "verdict": record.verdict.value,
        "stage": record.stage.value,
        "object": record.object,
        "id": record.id,
        "rule": record.rule,
        "trail": trail_as_json(record.trail),
        "sent": record.sent if values else sorted(record.sent),
        "reason": record.reason.value if record.reason else None,
        "remedy": record.reason.remedy if record.reason else None,
        "fields": record.fields,
        "left_out": record.omitted,
        "candidates": record.candidates,
        "code": record.code,
        "message": record.message if values or record.stage in OURS else None,
        "run": record.run,
        "at": record.at,
        "version": record.version,
        "mapping": record.mapping,
    }


def trail_as_json(trail: Trail) -> list[dict[str, Any]]:
    """A trail for a program."""
    return [
        dict(
            _filled(
                {
                    "rule": each.rule,
                    "why": each.why.value,
                    "rows": [" ".join(row) for row in each.rows],
                    "more": each.more,
                    "fields": each.fields,
                }
            )
        )
        for each in trail
    ]
