"""A person decides who a shopper is, by a command or in Salesforce itself, and no rule undoes that."""

from __future__ import annotations

import getpass
import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.salesforce.people import merge
from tests.journeys.lines import by_key, change, day, person, said, sale, shop, summary, told
from tests.journeys.pair import Pair

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "decide.md"
SHOPS = said("shops", shop())
PHONE = "514-555-2368"
LOU = person(5, "Lou", "Berg", mobile=PHONE, tags=["vip"])
BOUGHT = said("sales", sale(3, customer_id="5"))
Row = dict[str, Any]

SOUGHT = r", Retail_Profile__c: \w+(?=[,}])|\n +Retail_Profile__c: \[.*\]"
"""Where a match rule looks into profiles."""


def contact(pair: Pair, email: str | None = None, **values: Any) -> str:
    """A Lou Berg in the org with the shopper's phone."""
    known = {"FirstName": "Lou", "LastName": "Berg", "Phone": "(514) 555-2368", "Email": email}
    made: str = pair.box.org.insert_as_user("Contact", {**known, **values})
    return made


def profile(pair: Pair, key: str = "5") -> Row:
    """Her profile, without what is blank."""
    return {
        field: value for field, value in by_key(pair, "Retail_Profile__c")[key].items() if value not in (None, False)
    }


def edit(pair: Pair, **values: Any) -> None:
    """What a person does to her profile in Salesforce."""
    pair.box.org.edit_as_user("Retail_Profile__c", profile(pair)["Id"], values)


def decide(pair: Pair, *words: str) -> str:
    """What the command says; it goes well."""
    done = pair.companion(*words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def stamped(pair: Pair) -> dict[str, str]:
    """Key -> id of the contact that carries it."""
    return {key: row["Id"] for key, row in by_key(pair, "Contact").items()}


def whose(pair: Pair) -> list[str]:
    """The contact of each receipt, in the order of their keys."""
    return [row["Contact__c"] for _, row in sorted(by_key(pair, "Retail_Sale__c").items())]


def audit(pair: Pair) -> list[tuple[str, str, str]]:
    """What was decided, of whom, by whom; the oldest first."""
    rows = json.loads(decide(pair, "decisions", "--format", "json"))
    return [(row["what"], row["person"], row["who"]) for row in reversed(rows)]


def nothing_new(pair: Pair, singer: str) -> None:
    """The same once more changes nothing."""
    before = pair.writes()
    again = pair.load(singer)
    assert again.returncode == 0, again.stderr
    assert pair.writes() == before
    assert "written" not in summary(again)


def forget(pair: Pair) -> None:
    """Lose the ledger."""
    for file in pair.folder.glob("ledger.db*"):
        file.unlink()


def undecided(pair: Pair) -> tuple[str, str]:
    """Two contacts with her phone, and a receipt that waits for who she is."""
    both = contact(pair), contact(pair)
    done = pair.load(SHOPS + said("customers", LOU) + BOUGHT)
    assert "1 profile written; 2 held" in summary(done)
    asked = profile(pair)
    assert (asked["Status__c"], asked["Rule__c"], asked["Evidence__c"]) == ("to decide", "phone", "Contact.Phone")
    assert asked["Candidates__c"].split() == sorted(both)
    assert (asked["Name__c"], asked["Phone__c"], asked["Tags__c"]) == ("Lou Berg", PHONE, "vip")
    return both


def go_on(pair: Pair) -> None:
    """A run in which nothing comes that has to do with her."""
    done = pair.load(SHOPS)
    assert "2 earlier holds tried again" in summary(done)
    assert "0 open holds" in pair.companion("holds").stdout


# Who of the two it is


def test_the_page_of_the_sandbox_shows_her_with_profile_and_receipt(pair: Pair) -> None:
    """As the related lists of the CRM would, with what was decided."""
    _, second = undecided(pair)
    decide(pair, "decide", "1", "--is", second)
    go_on(pair)

    page = requests.get(f"{pair.box.salesforce_url}/_sandbox/records/{second}", timeout=10).text
    assert [caption for caption in ("Retail Profiles (1)", "Retail Sales (1)") if caption not in page] == []
    assert "linked" in page


def test_a_hold_is_decided_by_its_number(pair: Pair) -> None:
    """The next run links her, the receipt that waited follows, and nothing is written twice, ledger or none."""
    _, second = undecided(pair)

    assert f"7:5 is Contact {second}. The next run acts on it" in decide(
        pair, "decide", "1", "--is", second, "--by", "Kim"
    )
    go_on(pair)

    assert stamped(pair) == {"5": second}
    assert whose(pair) == [second]
    assert profile(pair)["Status__c"] == "linked"
    assert told(pair, "customers", "7:5")["rule"] == "decided"
    assert audit(pair) == [("is", second, "Kim")]
    nothing_new(pair, SHOPS + said("customers", LOU) + BOUGHT)
    forget(pair)
    nothing_new(pair, SHOPS + said("customers", LOU) + BOUGHT)


def test_a_hold_is_decided_by_filling_the_lookup(pair: Pair) -> None:
    """In Salesforce, by whoever may; the audit names the user of the org."""
    _, second = undecided(pair)

    edit(pair, Contact__c=second)
    go_on(pair)

    assert stamped(pair) == {"5": second}
    assert whose(pair) == [second]
    assert (profile(pair)["Matched__c"], profile(pair)["Rule__c"]) == (second, "decided")
    assert audit(pair) == [("is", second, pair.box.org.person_id)]
    nothing_new(pair, SHOPS + said("customers", LOU) + BOUGHT)
    forget(pair)
    nothing_new(pair, SHOPS + said("customers", LOU) + BOUGHT)


@pytest.mark.parametrize("where", ["here", "Salesforce"])
def test_she_is_neither_of_them(pair: Pair, where: str) -> None:
    """A new contact is made, though both would answer, now and later."""
    both = undecided(pair)

    if where == "here":
        assert "7:5 is a new person" in decide(pair, "decide", "7:5", "--new")
    else:
        edit(pair, Status__c="new person")
    go_on(pair)

    (made,) = stamped(pair).values()
    assert made not in both
    assert whose(pair) == [made]
    assert (profile(pair)["Contact__c"], profile(pair)["Status__c"]) == (made, "linked")
    assert audit(pair) == [("new", "", getpass.getuser() if where == "here" else pair.box.org.person_id)]
    nothing_new(pair, SHOPS + said("customers", LOU) + BOUGHT)
    forget(pair)
    nothing_new(pair, SHOPS + said("customers", LOU) + BOUGHT)


def test_a_new_person_is_made_though_a_duplicate_rule_warns(pair: Pair) -> None:
    """A person has looked: what the org's own rule only warns of is saved."""
    both = contact(pair, "lou@example.org"), contact(pair, "lou@example.org")
    hers = said("customers", {**LOU, "email": "lou@example.org"})
    assert "1 held" in summary(pair.load(hers))
    decide(pair, "decide", "1", "--new")

    assert "1 earlier hold tried again" in summary(pair.load(SHOPS))
    assert stamped(pair)["5"] not in both


def test_she_is_not_the_first_so_she_is_the_second(pair: Pair) -> None:
    """The rules decide anew, without whom a person has ruled out."""
    first, second = undecided(pair)

    assert f"7:5 is not Contact {first}" in decide(pair, "decide", "1", "--not", first)
    go_on(pair)

    assert stamped(pair) == {"5": second}
    assert whose(pair) == [second]
    assert (profile(pair)["Rule__c"], profile(pair)["Not__c"]) == ("phone", first)
    nothing_new(pair, SHOPS + said("customers", LOU) + BOUGHT)
    forget(pair)
    nothing_new(pair, SHOPS + said("customers", LOU) + BOUGHT)


# A link that stood already


def linked(pair: Pair) -> tuple[str, str]:
    """She is the contact with her e-mail; another one is there, whom her phone would not find."""
    other = contact(pair, "kim@example.org", FirstName="Kim", Phone=None)
    hers = contact(pair, "lou@example.org")
    change_keep(pair)
    pair.load(SHOPS + said("customers", {**LOU, "email": "lou@example.org"}) + BOUGHT)
    assert stamped(pair) == {"5": hers}
    assert (profile(pair)["Contact__c"], profile(pair)["Matched__c"]) == (hers, hers)
    assert (profile(pair)["Rule__c"], profile(pair)["Evidence__c"]) == ("email", "Contact.Email")
    return hers, other


def change_keep(pair: Pair) -> None:
    """A row of every shopper."""
    change(pair, "customers", "keep: needed", "keep: all")


def test_a_link_that_somebody_moved_stays_moved(pair: Pair) -> None:
    """A new version comes with the e-mail and the phone of whom she was: she is whom the person said."""
    hers, other = linked(pair)
    newer = {**LOU, "email": "lou@example.org", "updated_at": day(2), "city": "Windsor"}

    edit(pair, Contact__c=other)
    done = pair.load(said("customers", newer) + said("sales", sale(3, customer_id="5", on=2), sale(4, customer_id="5")))

    assert done.returncode == 0, done.stderr
    assert stamped(pair) == {"5": other}
    assert whose(pair) == [other, other]
    assert audit(pair) == [("is", other, pair.box.org.person_id)]
    assert profile(pair)["Not__c"] == hers
    last = {**newer, "updated_at": day(3), "city": "Essex"}
    forget(pair)
    assert "0 created" in summary(pair.load(said("customers", last)))
    assert stamped(pair) == {"5": other}
    nothing_new(pair, said("customers", last))


def test_receipts_go_by_the_link_before_the_shopper_comes_again(pair: Pair) -> None:
    """What comes in a run without her hangs on whom a person has named."""
    _, other = linked(pair)

    edit(pair, Contact__c=other)
    pair.load(said("sales", sale(4, customer_id="5")))

    assert by_key(pair, "Retail_Sale__c")["4"]["Contact__c"] == other


@pytest.mark.parametrize("where", ["here", "Salesforce"])
def test_a_link_that_somebody_cut_is_not_made_again(pair: Pair, where: str) -> None:
    """She is decided anew without the one she was, whose key is taken back: here she is nobody who is there."""
    hers, other = linked(pair)

    if where == "here":
        assert f"7:5 is not Contact {hers}. It takes effect when the record comes next" in decide(pair, "unlink", "7:5")
    else:
        edit(pair, Contact__c=None)
    waiting = pair.load(said("sales", sale(4, customer_id="5")))
    assert "1 held" in summary(waiting)
    again = said("customers", {**LOU, "email": "lou@example.org", "updated_at": day(2)})
    done = pair.load(again)

    assert "1 arrived = 1 created" in summary(done)
    made = stamped(pair)["5"]
    assert made not in (hers, other)
    assert by_key(pair, "Retail_Sale__c")["4"]["Contact__c"] == made
    assert [each[:2] for each in audit(pair)] == [("not", hers)]
    assert profile(pair)["Not__c"] == hers
    nothing_new(pair, again)
    forget(pair)
    nothing_new(pair, again)


def test_a_contact_that_was_merged_takes_its_shoppers_along(pair: Pair) -> None:
    """What was decided of the one holds of the other; nobody has decided anything by that."""
    first, second = undecided(pair)
    decide(pair, "decide", "1", "--is", second)
    go_on(pair)
    merge(pair.box.org, first, [second])

    done = pair.load(said("customers", {**LOU, "updated_at": day(2)}) + said("sales", sale(4, customer_id="5")))

    assert done.returncode == 0, done.stderr
    assert stamped(pair) == {"5": first}
    assert whose(pair) == [first, first]
    assert profile(pair)["Rule__c"] == "decided"
    assert [each[:2] for each in audit(pair)] == [("is", second)]
    forget(pair)
    nothing_new(pair, said("customers", {**LOU, "updated_at": day(2)}) + said("sales", sale(4, customer_id="5")))


def test_a_contact_that_was_deleted_was_no_decision(pair: Pair) -> None:
    """The org has emptied the lookup itself: she is made anew, as if nobody had ever linked her."""
    hers, _ = linked(pair)
    pair.box.org.delete_as_user("Contact", hers)

    pair.load(said("customers", {**LOU, "updated_at": day(2)}))

    assert profile(pair)["Contact__c"] == stamped(pair)["5"] != hers
    assert "Not__c" not in profile(pair)
    assert audit(pair) == []


# What the guide says

COMMAND = "meltano invoke target-salesforce-retail:"


def commands(text: str) -> list[list[str]]:
    """The companion's commands of a page, in their order."""
    found = re.findall(rf"{COMMAND}([^`\n]+)", text)
    return [each.split() for each in found]


def test_the_commands_of_the_guide_do_what_it_says(pair: Pair) -> None:
    """As they stand there, with the ids that a new org gives."""
    text = GUIDE.read_text("utf-8")
    block = next(each for each in text.split("```") if COMMAND in each)
    asked = commands(text.replace(block, ""))
    both = contact(pair), contact(pair)
    pair.load(said("customers", {**LOU, "account_id": "1000", "id": "42"}))

    for words in commands(block):
        assert decide(pair, *words)
    assert [row["Id"] for row in pair.rows("Contact") if row["Lightspeed_Key__c"] == "1000:42"] == [both[1]]
    for words in asked:
        decide(pair, "decide", "1000:42", "--is", both[1])
        assert decide(pair, *words)

    assert {words[0] for words in asked} == {"decide", "unlink", "decisions", "suspects"}
    assert {"--is", "--new", "--not"} <= {word for words in asked for word in words}


# What is refused


def test_what_makes_no_sense_is_refused_before_anything_is_written(pair: Pair) -> None:
    """Each with a sentence that says what to do instead."""
    first, second = undecided(pair)
    lead = pair.box.org.insert_as_user("Account", {"Name": "Berg & Co"})
    gone = contact(pair, Phone=None)
    pair.box.org.delete_as_user("Contact", gone)
    merged = contact(pair, Phone=None)
    merge(pair.box.org, first, [merged])
    before = pair.writes()

    for words, sentence in [
        (("decide", "1", "--is", lead), f"{lead} is the id of no Contact or Lead"),
        (("decide", "1", "--is", "Lou"), "Lou is the id of no Contact or Lead"),
        (("decide", "1", "--is", gone), f"{gone} is not there: deleted, or mistyped. Restore it"),
        (("decide", "1", "--is", merged), f"it was merged into {first}. Name {first}"),
        (("decide", "1", "--not", gone), f"{gone} is not there"),
        (("decide", "2", "--new"), "The mapping of `sales` has no `profile:`"),
        (("decide", "2", "--new"), "It waits for customers:7:5: decide that one"),
        (("decide", "99", "--new"), "There is no open hold 99"),
        (("decide", "7:77", "--is", first), "Neither the ledger nor the org knows this record"),
        (("decide", "7:5", "--new", "--stream", "items"), "The mapping of `items` has no `profile:`"),
        (("unlink", "7:5"), "It is linked to nobody"),
        (("decide", "1"), "Say one of --is ID, --new and --not ID"),
        (("decide", "1", "--new", "--is", second), "Say one of --is ID, --new and --not ID"),
    ]:
        done = pair.companion(*words)
        assert (words, done.returncode) == (words, 2)
        assert sentence in done.stderr

    assert pair.writes() == before
    assert audit(pair) == []


def test_without_profiles_nothing_can_be_decided(pair: Pair) -> None:
    """And a run is as it was: two matches are a hold, and no row is written."""
    shipped = (Path(__file__).parents[2] / "transforms" / "customers.yml").read_text()
    without = re.sub(SOUGHT, "", shipped[: shipped.index("\nprofile:")])
    change(pair, "customers", shipped, without.replace("on_suspect: merge", "on_suspect: report"))
    contact(pair), contact(pair)
    pair.load(said("customers", LOU))

    done = pair.companion("decide", "1", "--new")

    assert done.returncode == 2
    assert "The mapping of `customers` has no `profile:`" in done.stderr
    assert pair.rows("Retail_Profile__c") == []


def test_a_plan_tells_of_profiles_and_writes_none(pair: Pair, tmp_path: Path) -> None:
    """How many; whose, the records say."""
    contact(pair), contact(pair)
    file = tmp_path / "input.jsonl"
    file.write_text(SHOPS + said("customers", LOU))

    done = pair.companion("plan", "--input", str(file))

    assert "1 profile would be written" in done.stdout
    assert pair.rows("Retail_Profile__c") == []
