"""What of two who are merged stays of the one that goes: blanks that it fills in the other, and the row of its key.

Contact B carries the key 1:2, a birthday, and the e-mail b@x.org; contact A, in which it ends, has another e-mail. A
gets the birthday, and the row of 1:2 says b@x.org: whoever comes with that is found as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from target_salesforce_retail.mapping.agree import says_nothing
from target_salesforce_retail.mapping.match_rules import Comparison
from target_salesforce_retail.mapping.phone_keys import phone_keys_of
from target_salesforce_retail.mapping.profile import ProfileRule
from target_salesforce_retail.mapping.rules import FieldRule, StreamMapping, Update
from target_salesforce_retail.mapping.text import is_blank
from target_salesforce_retail.metadata import ObjectDescribe
from target_salesforce_retail.nouns import Arrival, Draft, Merge, OrgRow, Outcome, Stage, Value, Verdict
from target_salesforce_retail.stages.inside.address import CODE, address_of, in_codes
from target_salesforce_retail.stages.inside.compare import is_empty
from target_salesforce_retail.stages.inside.kept import CREATED, Kept, row_after
from target_salesforce_retail.stages.inside.profiles import Profiles
from target_salesforce_retail.stages.inside.untouched import Pair
from target_salesforce_retail.stages.inside.wanted import WantedValue
from target_salesforce_retail.stages.map import ABSENT, value_of


def merge_of(pair: Pair, mapping: StreamMapping, describe: ObjectDescribe) -> Merge:
    """The merge, with what the one that stays does not say and the other does, of the mapping's fields.

    What stands in for a blank is one. With a number goes its key. Of an address all parts are filled, or none.
    """
    fillers = {rule.name: rule.filler for rule in mapping.fields if rule.serves(describe.name)}
    stays, goes = pair.stays.values, pair.goes.values
    holds, more = (_held(values, fillers, describe) for values in (stays, goes))
    names = [
        each for each in _filled_by(mapping, describe) if each in more and holds.keys().isdisjoint(address_of(each))
    ]
    wanted = [WantedValue(each, goes[each], Update.IF_BLANK) for each in names]
    coded, _ = in_codes(wanted, describe, holds, owns=False)
    fill = {each.field: each.value for each in coded if each.field not in holds}
    phones = phone_keys_of(mapping, describe.name)
    read = phones.written(fill, stays, phones.region_of(goes))
    keys = {key: goes.get(key) or number for key, number in read.items()}
    stand_ins = {name: stays[name] for name in fill if not is_empty(stays.get(name), describe.fields[name])}
    controllers = ((name, describe.fields[name].controller) for name in fill)
    goes_with = {name: controller for name, controller in controllers if controller in fill}
    goes_with |= {key: phones.phones[key] for key in keys}
    return Merge(pair.stays.id, pair.goes.id, {**fill, **keys}, stand_ins, goes_with)


def _held(values: Mapping[str, Value], fillers: Mapping[str, Value], describe: ObjectDescribe) -> dict[str, Value]:
    """What a row says; the code of a country says nothing beside a text that stands in for a blank."""

    def is_stand_in(name: str) -> bool:
        return not is_blank(values.get(name)) and says_nothing(values[name], fillers.get(name))

    return {
        name: value
        for name, value in values.items()
        if name in describe.fields and not is_empty(value, describe.fields[name])
        if not (is_stand_in(name) or is_stand_in(name.removesuffix(CODE)))
    }


def _filled_by(mapping: StreamMapping, describe: ObjectDescribe) -> list[str]:
    rules = [rule for rule in mapping.fields if rule.serves(describe.name) and rule.update is not Update.NEVER]
    fields = [rule.name for rule in rules]
    lookups = [each for link in mapping.links for each in link.fields.values()]
    lookups += [rule.lookup for rule in mapping.accounts]
    return [each for each in dict.fromkeys((*fields, *lookups)) if each in describe.fields]


def unheard(pair: Pair, mapping: StreamMapping, describe: ObjectDescribe, profiles: Profiles) -> tuple[str, ...]:
    """The fields in which the one that goes has what rules look for, and what would find nobody any more.

    A new row of her key would say it (``row_of``); one that is there says what the till says by now.
    """
    stays, goes, rule = pair.stays.values, pair.goes.values, mapping.profile
    if rule is None or str(goes.get(mapping.key.field)) not in profiles.by_key:
        return ()
    region_of = phone_keys_of(mapping, describe.name).region_of
    after = {**stays, **merge_of(pair, mapping, describe).fill}
    rows = [
        profile.values
        for profile in profiles.by_key.values()
        if not profile.is_retired and not pair.ids.isdisjoint(profile.persons)
    ]

    new = _words_of(pair.goes, mapping, rule)

    def is_unheard(comparison: Comparison, name: str) -> bool:
        held = replace(comparison, to={describe.name: (name,)}).held(describe.name, goes, region_of(goes))
        kept = comparison.held(describe.name, after, region_of(stays))
        kept = kept.union(*(comparison.held(rule.object, row, region_of(goes)) for row in rows))
        return not held & comparison.held(rule.object, new, region_of(goes)) <= kept

    sought = (
        (each, name) for some in mapping.match for each in some.comparisons for name in each.to.get(describe.name, ())
    )
    return tuple(dict.fromkeys(name for comparison, name in sought if is_unheard(comparison, name)))


def row_of(pair: Pair, mapping: StreamMapping, rule: ProfileRule, describe: ObjectDescribe) -> Kept | None:
    """The profile of the key that goes, which has none yet: linked to whom it still is.

    It says of the till's words what her record does, so that whoever was found by that is found by it from then on.

    Args:
        pair: The two.
        mapping: Their mapping.
        rule: Where profiles are kept.
        describe: What the org says of the object of profiles.
    """
    row = pair.goes
    arrival = Arrival(mapping.stream, str(row.values.get(mapping.key.field)), {})
    outcome = Outcome(arrival, Verdict.UNCHANGED, Stage.PLAN, row.object, row.id, CREATED, stamped_key=arrival.key)
    draft = Draft(arrival, {}, profile=_words_of(row, mapping, rule))
    return row_after(None, draft, outcome, rule, describe, tells=True)


def _words_of(row: OrgRow, mapping: StreamMapping, rule: ProfileRule) -> dict[str, Value]:
    """What a profile would say of the record that made this row: by the same rule as a field of it, or read back."""
    rules = [each for each in mapping.fields if not each.only or row.object in each.only]
    arrival = Arrival(mapping.stream, "", _read_back(row, rules))
    region = phone_keys_of(mapping, row.object).region_of(row.values)
    found: dict[str, Value] = {}
    for each in rule.fields:
        alike = next((other for other in rules if _reads(other) == _reads(each)), None)
        with suppress(ValueError):
            value = row.values.get(alike.name) if alike else value_of(each, arrival, region)
            if value is not ABSENT and not is_blank(value):
                found[each.name] = value  # type: ignore[assignment]  # ABSENT is the only object that is no Value
    return found


def _reads(rule: FieldRule) -> tuple[object, ...]:
    return rule.sources, rule.template, rule.constant, rule.convert, rule.zone


def _read_back(row: OrgRow, rules: list[FieldRule]) -> Mapping[str, Value]:
    """The properties that a row's fields were filled from, as far as they tell: of several the first."""
    record: dict[str, Value] = {}
    ordered = sorted(rules, key=lambda rule: (rule.convert == "phone", len(rule.sources)))
    for rule in ordered:
        held = row.values.get(rule.name)
        is_said = rule.sources and not is_blank(held) and held != rule.otherwise
        if is_said and record.keys().isdisjoint(rule.sources):
            record[rule.sources[0]] = held
    return record
