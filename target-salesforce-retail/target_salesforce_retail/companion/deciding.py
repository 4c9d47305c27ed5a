"""What a person decides of a shopper, held against the org and the ledger, then written into the shopper's profile.

Whatever makes no sense is refused before anything is written: an id of nobody whom the mapping may find, a hold of
another stream, a key that nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from target_salesforce_retail.companion.arguments import number_in
from target_salesforce_retail.companion.candidates import address_of, shown
from target_salesforce_retail.companion.standing import (
    Senseless,
    Standing,
    Subject,
    person_named,
    see_that_it_is_mapped,
)
from target_salesforce_retail.errors import RetailError
from target_salesforce_retail.invocation import invoked
from target_salesforce_retail.ledger.store import SqlLedger
from target_salesforce_retail.mapping.build_match import KEY
from target_salesforce_retail.mapping.profile import ProfileRule
from target_salesforce_retail.mapping.rules import Mappings, StreamMapping
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Arrival, Decided, DecisionKind, OrgRow, Undecided, Value
from target_salesforce_retail.ports import Org
from target_salesforce_retail.stages.inside.context import Context
from target_salesforce_retail.stages.inside.kept import CREATED
from target_salesforce_retail.stages.inside.profile_fields import linked, listed, new_person, unlinked
from target_salesforce_retail.stages.inside.profiles import Profile, read_profiles
from target_salesforce_retail.stages.inside.refer import ObjectId, living_among, resolve
from target_salesforce_retail.trail import unconverted_lead


def what_waits() -> str:
    """Where somebody finds what there is to decide."""
    return f"Say {invoked('holds')} for what waits, or name the key as `explain` does."


@dataclass(frozen=True)
class Desk:
    """Where decisions are taken down.

    Attributes:
        mappings: The mappings.
        org: The org.
        ledger: The ledger, for holds and for the audit.
        describes: What the org says of its objects.
        login_url: The org's My Domain, for addresses at which to look.
    """

    mappings: Mappings
    org: Org
    ledger: SqlLedger
    describes: Mapping[str, ObjectDescribe]
    login_url: str = ""

    def subject(self, named: str, stream: str | None) -> Subject:
        """The record that a hold's number or a key names; with its stream it is a key.

        Raises:
            Senseless: There is none, or it may be either, or its mapping keeps no profiles.
        """
        if not named.isdecimal() or stream:
            return self.subject_of(named, stream)
        number = number_in(named)
        hold, keyed = self.ledger.hold(number) if number else None, self._keyed_by(named)
        if hold and keyed - {(hold.stream, hold.key)}:
            message = f"{named} is hold {hold.number}, of {hold.stream} {hold.key}, and the key of a record."
            raise Senseless(message, hint="Say --stream with the key of the one that is meant.")
        if hold:
            mapping, rule = self._mapping(hold.stream, hold.waits_for)
            return Subject(mapping, rule, hold.key, hold.candidates)
        if not keyed:
            message = f"There is no open hold {named}."
            raise Senseless(message, hint=what_waits())
        return self.subject_of(named, stream)

    def subject_of(self, key: str, stream: str | None) -> Subject:
        """The record with this key.

        Raises:
            Senseless: Its stream is not clear, or its mapping keeps no profiles.
        """
        mapping, rule = self._mapping(stream, ())
        hold = self.ledger.hold_of(mapping.stream, key)
        return Subject(mapping, rule, key, hold.candidates if hold else ())

    def _keyed_by(self, named: str) -> set[tuple[str, str]]:
        """Stream and key of the records whose key is a number: of mappings that build theirs from the id alone."""
        kept = (each.stream for each in self.mappings.ordered if each.profile)
        return {(stream, named) for stream in kept if self.ledger.record(stream, named)}

    def _mapping(self, stream: str | None, waits_for: tuple[str, ...]) -> tuple[StreamMapping, ProfileRule]:
        kept = {each.stream: (each, rule) for each in self.mappings.ordered if (rule := each.profile)}
        if stream is None and len(kept) == 1:
            (stream,) = kept
        if stream is None:
            message = "Which stream is it of?" if kept else "No mapping says `profile:`, so the org keeps no decision."
            names = ", ".join(kept)
            hint = f"Say --stream with one of {names}." if kept else "See docs/guides/decide.md."
            raise Senseless(message, hint=hint)
        see_that_it_is_mapped(stream, self.mappings)
        if stream not in kept:
            wanted = [each for each in waits_for if each.partition(":")[0] in kept]
            hint = f"It waits for {', '.join(wanted)}: decide that one." if wanted else "See docs/guides/decide.md."
            message = f"The mapping of `{stream}` has no `profile:`, so that nothing can be decided of its records."
            raise Senseless(message, hint=hint)
        return kept[stream]

    # What can be decided

    def link_to(self, subject: Subject, person: str, who: str) -> str:
        """It is this one; returns what was written, as a sentence.

        Raises:
            Senseless: That is nobody whom the mapping may find, or who is there.
        """
        row = person_named(person, subject, self.org, self.describes)
        link = self._standing(subject)
        refused = link.others({*link.refused, *link.before_as_ids}, row.id) - {person}
        body = linked(subject.rule, row.object, row.id, link.noted(subject.rule, refused))
        self._write(subject, link.profile, body, Decided(DecisionKind.IS, row.id, link.before, who))
        return f"{subject.key} is {row.object} {row.id}{self._beside(subject, link, row)}"

    def make_new(self, subject: Subject, who: str) -> str:
        """It is nobody who is there: a new record is to be made.

        Raises:
            Senseless: One was made for that already, and nobody has undone it since.
        """
        link = self._standing(subject)
        self._see_that_none_was_made(subject, link)
        asked = link.profile.candidates if link.profile else ()
        refused = {*subject.candidates, *asked, *link.refused, *link.before_as_ids}
        body = new_person(subject.rule, link.noted(subject.rule, refused))
        self._write(subject, link.profile, body, Decided(DecisionKind.IS_NEW, "", link.before, who))
        return f"{subject.key} is a new person"

    def rule_out(self, subject: Subject, person: str, who: str) -> str:
        """It is not this one.

        Raises:
            Senseless: That is nobody whom the mapping may find, or who is there.
        """
        row = person_named(person, subject, self.org, self.describes)
        link = self._standing(subject)
        lookups = link.lookups(subject.rule)
        left = link.others(lookups.values(), row.id)
        refused = ({*link.refused} - left) | {row.id}
        candidates = set(link.profile.candidates) - refused if link.profile else set()
        if link.lives_as(link.before) == row.id and not left:
            body = unlinked(subject.rule, link.noted(subject.rule, refused), candidates)
        elif link.profile is None:
            body = self._first_row(subject, link.noted(subject.rule, refused))
        else:
            emptied = {field: None for field, each in lookups.items() if left and each not in left}
            body = {**emptied, subject.rule.refused: link.noted(subject.rule, refused)}
            body |= {subject.rule.candidates: listed(candidates)}
        self._write(subject, link.profile, body, Decided(DecisionKind.IS_NOT, row.id, link.before, who))
        if link.lives_as(link.before) == row.id or row.id in map(link.lives_as, lookups.values()):
            return f"{subject.key} is not {row.object} {row.id}"
        linked_to = f", but it is linked to {link.before}" if link.before else ""
        return f"{subject.key} is not {row.object} {row.id}{self._beside(subject, link, row) or linked_to}"

    def unlink(self, subject: Subject, who: str) -> str:
        """It is not whom it is linked to.

        Raises:
            Senseless: It is linked to nobody.
        """
        before = self._standing(subject).before
        if not before:
            message = "It is linked to nobody."
            raise Senseless(message, where=subject.where, hint=what_waits())
        return self.rule_out(subject, before, who)

    def takes_effect(self, subject: Subject) -> str:
        """When what was decided shows, as a sentence."""
        hold = self.ledger.hold_of(subject.mapping.stream, subject.key)
        if hold is None:
            receipts = "go by it now" if self._led_to_now(subject) else "wait until then"
            return f"It takes effect when the record comes next; receipts that come {receipts}."
        profiles = read_profiles([subject.key], subject.rule, self.org)
        record = self.ledger.record(subject.mapping.stream, subject.key)
        lead = unconverted_lead(record.trail) if record else ""
        if profiles.has_decision_on(Undecided(hold.number, hold.key, hold.reason, hold.candidates, lead)):
            return f"The next run acts on it, or {invoked(f'replay --hold {hold.number}')} at once."
        return f"That does not settle hold {hold.number} ({hold.reason.value}). {hold.reason.remedy}"

    def _first_row(self, subject: Subject, refused: str | None) -> dict[str, Value]:
        """The row of a record that had none, with how its link stands, as a run would keep it."""
        place = self._led_to_now(subject)
        if place is None:
            return unlinked(subject.rule, refused)
        record = self.ledger.record(subject.mapping.stream, subject.key)
        return linked(subject.rule, *place, refused, by=(record.rule or CREATED) if record else KEY)

    def _led_to_now(self, subject: Subject) -> ObjectId | None:
        """Where a receipt of it that came now would lead."""
        stream, context = subject.mapping.stream, Context(self.mappings, self.org, self.ledger, self.describes)
        return resolve(stream, [subject.key], context, again=True).found.get(subject.key)

    def _beside(self, subject: Subject, link: Standing, row: OrgRow) -> str:
        """What is odd in somebody whom nobody has asked about: she may be mistyped. She is taken down all the same."""
        asked = dict.fromkeys((*subject.candidates, *(link.profile.candidates if link.profile else ())))
        if not asked or row.id in asked:
            return ""
        living = living_among(tuple(asked), subject.mapping, self.org, self.describes)
        if row.id in {record_id for _, record_id in living.values()}:
            return ""
        objects = {self.describes[name].key_prefix: name for name in subject.mapping.objects}
        there = ", ".join(shown(asked, objects, self.login_url))
        own = address_of(row.id, self.login_url)
        return f"{f' ({own})' if own else ''}, who is none of its candidates: {there}. It is taken down all the same"

    # What is there

    def _see_that_none_was_made(self, subject: Subject, link: Standing) -> None:
        """A ledger that was lost does not tell whom we made from whom a person has named: then too it is refused."""
        taken = self.ledger.decisions(stream=subject.mapping.stream, key=subject.key)
        kinds = [each.what for each in taken if each.what not in (DecisionKind.UNHEEDED, DecisionKind.MERGED)]
        if link.is_decided and (not kinds or kinds[0] is DecisionKind.IS_NEW):
            message = f"It is {link.before} already, as a person has decided. Nothing was written."
            hint = f"Is it not that one either, say {invoked(f'unlink {subject.key}')}, then this again."
            raise Senseless(message, where=subject.where, hint=hint)

    def _standing(self, subject: Subject) -> Standing:
        """Where the record's link stands: as its profile says, or its key, or the ledger.

        Raises:
            Senseless: Nobody knows the record.
        """
        mapping = subject.mapping
        profile = read_profiles([subject.key], subject.rule, self.org).by_key.get(subject.key)
        ids = profile.ids if profile else ()
        living = living_among(ids, mapping, self.org, self.describes) if ids else {}
        link = Standing(profile, {each: place[1] for each, place in living.items()})
        if link.before:
            return link
        remembered = self.ledger.links(mapping.stream, [subject.key]).get(subject.key)
        fields = dict.fromkeys(mapping.objects, (mapping.key.field,))
        asked = {name: [{mapping.key.field: [subject.key]}] for name in mapping.objects}
        rows = [row for row in self.org.find(asked, fields) if not row.dead_end]
        if not (profile or rows or remembered or self.ledger.record(mapping.stream, subject.key)):
            message = "Neither the ledger nor the org knows this record."
            raise Senseless(message, where=subject.where, hint="Keys look like <account_id>:<id>.")
        known = [*(row.id for row in rows), *([remembered.id] if remembered else [])]
        return replace(link, known=next((each for each in known if each not in link.refused), ""))

    def _write(self, subject: Subject, profile: Profile | None, body: Mapping[str, Value], decided: Decided) -> None:
        rule = subject.rule
        if profile:
            (result,) = self.org.update(rule.object, rule.key, [(profile.id, body, {})])
        else:
            new = {name: value for name, value in body.items() if value is not None}
            (result,) = self.org.upsert(rule.object, rule.key, [{rule.key: subject.key, **new}])
        if result.fault:
            fields = f" on {', '.join(result.fault.fields)}" if result.fault.fields else ""
            raise RetailError(
                f"Salesforce refused the profile: {result.fault.code}{fields}.",
                where=subject.where,
                hint="Nothing was decided. Mend that, then say it again.",
            )
        self.ledger.note([(Arrival(subject.mapping.stream, subject.key, {}), decided)])
