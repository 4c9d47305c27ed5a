"""Does its field take the value? The sandbox's org, which shares no code with us, judges what we let pass."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from target_salesforce_retail.mapping.rules import Update
from target_salesforce_retail.metadata import FieldDescribe, ObjectDescribe
from target_salesforce_retail.nouns import Action, Draft, Intent, Match, OrgRow, Reason
from target_salesforce_retail.stages.inside.compare import fitted, same
from target_salesforce_retail.stages.inside.fit import Fitter, objection
from target_salesforce_retail.stages.inside.wanted import WantedValue
from target_salesforce_retail.stages.plan import plan

from sandbox.salesforce.faults import Refused
from sandbox.salesforce.schema import Field
from sandbox.salesforce.values import coerce
from sandbox.switches import Switches
from tests.target.world import arrival, mappings

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
RULES = """
stream: customers
object: Contact
key: {{field: Key__c, value: "{{account_id}}:{{id}}"}}
fields:
  F: {{from: f, {rule}}}
  Other__c: {{from: other, refused: leave_out}}
"""


def planned(field: FieldDescribe, rule: str, value: Any, held: Any = None, **more: Any) -> Action:
    """The plan for a shopper; ``held`` is what the org has, ... for one that it has not."""
    rules = mappings(RULES.format(rule=rule))
    fields = {"F": field, "Key__c": FieldDescribe("Key__c", "string"), "Other__c": FieldDescribe("Other__c", "double")}
    values = {"F": value} if "fallbacks" not in more else {}
    row = OrgRow("Contact", "A", {"Key__c": "1:7", "F": held}) if held is not ... else None
    without = frozenset(more.pop("without", ()))
    match = Match(Draft(arrival("customers", id="7"), {**values, "Other__c": 1}, **more), row=row, omitted=without)
    return plan(match, rules.ordered[0], rules, {"Contact": ObjectDescribe("Contact", fields)})


def sent(action: Action) -> Any:
    assert action.intent is not Intent.HOLD
    return action.body.get("F")


TEXT = FieldDescribe("F", "string", length=5)


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("double", "12.5", True),
        ("double", "a dozen", False),
        ("double", True, False),
        ("double", Decimal("NaN"), False),
        ("double", Decimal("sNaN"), False),
        ("double", Decimal("999.99"), True),
        ("double", Decimal("999.995"), False),
        ("double", Decimal("1E+30"), False),
        ("double", Decimal("1E+999999"), False),
        ("double", Decimal("1E-999999"), True),
        ("double", 0, True),
        ("int", 2**31 - 1, True),
        ("int", 2**31, False),
        ("int", "12", True),
        ("int", 10**400, False),
        ("long", -(2**63), True),
        ("boolean", "TRUE", True),
        ("boolean", "yes", False),
        ("boolean", 1, False),
        ("date", "2026-03-01", True),
        ("date", date(1699, 12, 31), False),
        ("date", date(1700, 1, 1), True),
        ("date", date(4000, 12, 31), True),
        ("date", "4001-01-01", False),
        ("date", NOON, False),
        ("date", "2026-03-01T12:00:00Z", False),
        ("date", "March", False),
        ("datetime", "2026-03-01T12:00:00Z", True),
        ("datetime", "2026-03-01", False),
        ("datetime", date(2026, 3, 1), False),
        ("datetime", datetime(1699, 12, 31, tzinfo=timezone.utc), False),
        ("email", "ann@example.org", True),
        ("email", "none", False),
        ("picklist", "card", True),
        ("picklist", "CARD", True),
        ("picklist", "cheque", False),
        ("multipicklist", "cash;Card", True),
        ("multipicklist", "cash;cheque", False),
        ("string", 12, True),
        ("reference", "003000000000001", True),
    ],
)
@pytest.mark.parametrize("there", [..., None], ids=["new", "known"])
def test_what_the_describe_tells_is_known_before_anything_is_sent(
    kind: str, value: Any, fits: bool, there: Any
) -> None:
    """Held with the field's name, or left out, as the rule says; never a traceback."""
    listed = ("card", "cash") if "picklist" in kind else ()
    field = FieldDescribe("F", kind, length=80, precision=5, scale=2, picklist=listed)

    held = planned(field, "refused: hold", value, there)
    left = planned(field, "refused: leave_out", value, there)

    if fits:
        assert (sent(held) is not None, sent(left) is not None) == (True, True)
        assert (held.fields, left.fields) == ((), ())
    else:
        assert (held.intent, held.reason, held.fields) == (Intent.HOLD, Reason.VALUE_REFUSED, ("F",))
        assert (sent(left), left.fields, left.body["Other__c"]) == (None, ("F",), 1)


KINDS = {
    "double": {"precision": 5, "scale": 2},
    "int": {},
    "date": {},
    "datetime": {},
    "boolean": {},
    "string": {"length": 5},
    "textarea": {"length": 5},
    "picklist": {"length": 40, "picklist": ["card", "cash"], "restricted": True},
    "multipicklist": {"length": 40, "picklist": ["card", "cash"], "restricted": True},
}
values = st.one_of(
    st.text(max_size=9),
    st.sampled_from(["card", "CASH", "card;cash", "12.5", "true", "2026-03-01", "1600-01-01", "2026-03-01T12:00:00Z"]),
    st.integers(-(2**40), 2**40),
    st.decimals(),
    st.booleans(),
    st.dates(),
    st.datetimes(timezones=st.just(timezone.utc)),
)


@given(st.sampled_from(sorted(KINDS)), values, st.sampled_from(["cut", "leave_out"]))
def test_the_org_takes_what_we_let_pass(kind: str, value: Any, too_long: str) -> None:
    """And what it has stored is not sent again."""
    told = KINDS[kind]
    describe = FieldDescribe(
        "F", kind, **{name: tuple(v) if name == "picklist" else v for name, v in told.items() if name != "restricted"}
    )
    made = planned(describe, f"too_long: {too_long}, refused: leave_out", value)

    body = sent(made)
    assert (body is None) is ("F" in made.fields or same(body, None, describe))
    if body is None:
        return
    wire = body.isoformat() if isinstance(body, date) else body
    stored = coerce(Field("F", kind, **told), wire, Switches())
    back = datetime.fromisoformat(stored.replace("+0000", "+00:00")) if kind == "datetime" else stored
    assert sent(planned(describe, f"too_long: {too_long}, refused: leave_out", value, back)) is None


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=12), st.integers(1, 8))
def test_what_is_cut_fits_however_it_is_counted_and_stays(text: str, length: int) -> None:
    """Characters, or units of which an emoji is two; it begins as it was, ends in no blank, and is the same again."""
    field = FieldDescribe("F", "textarea", length=length)
    once = sent(planned(field, "too_long: cut", text)) or ""

    assert len(once.encode("utf-16-le")) // 2 <= length
    assert once == once.strip()
    assert text.strip().startswith(once)
    assert (sent(planned(field, "too_long: cut", once)) or "") == once
    assert sent(planned(field, "too_long: cut", text, once)) is None


@pytest.mark.parametrize(
    ("rule", "value", "body", "omitted"),
    [
        ("too_long: cut", "A long name", "A lon", ()),
        ("too_long: cut", "1234 6", "1234", ()),
        ("too_long: cut", "123\U0001f600\U0001f600", "123\U0001f600", ()),
        ("too_long: cut", "1234\U0001f600", "1234", ()),
        ("too_long: cut", 1234567, None, ("F",)),
        ("too_long: cut", "12\n45", "12\n4", ()),
        ("too_long: leave_out", "12\n45", None, ("F",)),
        ("too_long: hold", "12\n45", "12\n45", ()),
        ("too_long: leave_out", "A long name", None, ("F",)),
        ("too_long: leave_out", "1234\U0001f600", None, ("F",)),
        ("too_long: leave_out", "12345", "12345", ()),
        ("too_long: hold", "1234\U0001f600", "1234\U0001f600", ()),
    ],
)
def test_what_is_too_long(rule: str, value: Any, body: Any, omitted: tuple[str, ...]) -> None:
    """Nobody is held for an emoji, or the end of a line, of which it is not known how the org counts it."""
    made = planned(TEXT, rule, value)

    assert (sent(made), made.fields) == (body, omitted)


@pytest.mark.parametrize(
    ("describe", "value", "why"),
    [
        (TEXT, "A long name", "F: longer than its 5 characters"),
        (FieldDescribe("F", "boolean"), "?", "F: neither true nor false"),
    ],
)
def test_a_hold_says_what_the_field_has_against_the_value(describe: FieldDescribe, value: str, why: str) -> None:
    """So that a person knows which word of the mapping helps; the value itself is not told."""
    made = planned(describe, "update: always", value)

    assert (made.reason, made.message) == (Reason.VALUE_REFUSED, why)


def test_an_address_is_whole_or_none() -> None:
    """A part of it is somebody else's."""
    made = planned(FieldDescribe("F", "email", length=12), "too_long: cut", "ann@example.org")

    assert (sent(made), made.fields) == (None, ("F",))


@pytest.mark.parametrize("value", ["A long name", None])
@pytest.mark.parametrize("rule", ["update: never", "update: if_blank"])
def test_what_would_not_be_written_holds_nobody(rule: str, value: Any) -> None:
    """Nor is it said to be left out."""
    made = planned(TEXT, f"{rule}, refused: hold", value, "Ann")

    assert (sent(made), made.fields) == (None, ())


@pytest.mark.parametrize(
    ("held", "body", "omitted"), [(..., "new", ("F",)), ("Ann", None, ("F",)), (None, None, ("F",))]
)
@pytest.mark.parametrize("how", [{"fallbacks": {"F": "new"}}, {"without": {"F"}}])
def test_a_new_record_that_cannot_do_without_gets_what_blanks_get(held: Any, body: Any, omitted: Any, how: Any) -> None:
    """One that is there keeps what it has."""
    demanded = FieldDescribe("F", "string", length=5, nillable=False)
    made = planned(demanded, "else: new, refused: leave_out", "Value", held, **how)

    assert (sent(made), made.fields) == (body, omitted)
    assert "F" not in made.omittable
    assert planned(TEXT, "else: new, refused: leave_out", "Value", ..., **how).body.get("F") is None


def test_what_steps_in_fits_too() -> None:
    """A value for blanks that the field does not take would be refused once more, and for nobody's benefit."""
    demanded = FieldDescribe("F", "picklist", nillable=False, picklist=("card", "new"))
    rules = [f"else: {each}, refused: leave_out" for each in ("NEW", "other")]
    taken, refused = (planned(demanded, rule, "cheque", ...) for rule in rules)

    assert (sent(taken), taken.fields) == ("new", ("F",))
    assert (sent(refused), refused.fields) == (None, ("F",))


@pytest.mark.parametrize("named", ["FCode", "F"])
def test_a_code_is_left_out_by_either_of_its_names(named: str) -> None:
    """The mapping names the text; the org may refuse the one or the other."""
    (rule, _) = mappings(RULES.format(rule="refused: leave_out")).ordered[0].fields
    wanted = WantedValue("FCode", "QC", Update.ALWAYS, rule=rule)
    describe = ObjectDescribe("Contact", {"FCode": FieldDescribe("FCode", "string", length=5)})
    once = Fitter(describe, None, owns=True).fit([wanted], [])
    again = Fitter(describe, None, owns=True, omitted={named}).fit([wanted], [])

    assert once.omittable({"FCode": "QC"}) == {"FCode", "F"}
    assert (again.accepted, again.omitted, again.objections) == ([], ["F"], {})


def test_only_rules_that_say_so_can_do_without() -> None:
    """Not the key, nor what is not sent."""
    made = planned(TEXT, "refused: hold", "Ann", ...)
    same_again = planned(TEXT, "refused: leave_out", "Ann", "Ann")

    assert (made.omittable, same_again.omittable) == ({"Other__c"}, {"Other__c"})


@pytest.mark.parametrize(
    ("wanted", "held", "expected"),
    [
        ("card;cash", "cash;card", True),
        ("CASH;card", "card;cash", True),
        ("card;card", "card", True),
        ("card", "card;cash", False),
        ("card;gift", "gift;card", True),
        (None, "card", False),
    ],
)
def test_multi_selects_are_sets(wanted: Any, held: Any, expected: bool) -> None:
    """The org gives them back in the order of its list."""
    field = FieldDescribe("F", "multipicklist", picklist=("card", "cash"))

    assert same(fitted(wanted, field), held, field) is expected


@given(
    st.from_type(object), st.sampled_from(["string", "double", "int", "boolean", "date", "datetime", "multipicklist"])
)
def test_no_value_raises(value: Any, kind: str) -> None:
    """Whatever has come this far."""
    field = FieldDescribe("F", kind, length=5, precision=5, picklist=("a",))
    made = fitted(value, field)

    assert objection(made, field) is None or objection(made, field)
    assert same(made, made, field) in (True, False)


def test_the_sandbox_refuses_what_we_hold() -> None:
    """Else the law above would let anything pass."""
    for kind, value in (("double", "1000"), ("date", "1699-12-31"), ("boolean", "yes"), ("string", "too long")):
        with pytest.raises(Refused):
            coerce(Field("F", kind, **KINDS[kind]), value, Switches())
