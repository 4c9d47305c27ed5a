"""A record explains itself: rule by rule who answered, what was sent, what came back, and what it was before."""

from __future__ import annotations

import json
import re
import shutil

from tests.journeys.lines import day, in_words, person, said, sale, shop, told
from tests.journeys.pair import ROOT, Pair


def explained(pair: Pair, stream: str, key: str, *more: str) -> str:
    done = pair.companion("explain", stream, key, *more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_who_of_a_family_it_is_not_is_told(pair: Pair) -> None:
    """Rule by rule, in words; without a value unless it is asked for."""
    pair.box.org.insert_as_user("Contact", {"FirstName": "Bob", "LastName": "Lee", "Email": "lees@example.com"})
    (bob,) = (row["Id"] for row in pair.rows("Contact"))
    pair.load(said("customers", person(1, "Ann", "Lee", email="lees@example.com")))
    ann = told(pair, "customers", "7:1")["id"]

    plain, whole = (in_words(explained(pair, "customers", "7:1", *more)) for more in ((), ("--values",)))

    assert f"customers 7:1: created -> Contact {ann}" in plain
    assert "  key  no row in Salesforce carries its key\n" in plain
    assert f"  email  Contact {bob} would answer, but differs in FirstName: somebody else\n" in plain
    assert "  phone  not asked: the record has nothing to be found by in mobile and phone\n" in plain
    assert "What was sent\n  Email, FirstName, " in plain
    assert "Salesforce took it." in plain
    assert "lees@example.com" not in plain
    assert "Email = lees@example.com" in whole


def test_what_the_rules_said_is_told_as_long_as_the_record_is_known(pair: Pair) -> None:
    """Her key decides from then on; how she was matched is still there."""
    made = pair.box.org.insert_as_user("Contact", {"FirstName": "Ann", "LastName": "Lee", "Email": "ann@example.com"})
    ann = person(1, "Ann", "Lee", email="ann@example.com")
    pair.load(said("customers", ann))
    pair.load(said("customers", {**ann, "birth_date": "1990-05-17", "updated_at": day(2)}))

    plain = in_words(explained(pair, "customers", "7:1"))

    assert f"customers 7:1: updated -> Contact {made}, by key" in plain
    assert "known by its key now; when the rules were asked last\n" in plain
    assert f"  email  Contact {made} answers, and nobody else\n" in plain
    assert "What was sent\n  Birthdate\n" in plain


def test_a_receipt_says_which_hold_it_waits_for(pair: Pair) -> None:
    """The shopper is twice in Salesforce: the receipt waits for her, and comes in with her; it tells both."""
    for _ in range(2):
        pair.box.org.insert_as_user("Contact", {"FirstName": "Ann", "LastName": "Lee", "Email": "ann@example.com"})
    ann = person(1, "Ann", "Lee", email="ann@example.com")
    pair.load(said("shops", shop()) + said("customers", ann) + said("sales", sale(9, customer_id="1")))
    shopper = json.loads(explained(pair, "customers", "7:1", "--json"))

    waits = explained(pair, "sales", "7:9")

    assert [(each["rule"], each["why"]) for each in shopper["trail"][:2]] == [("key", "none"), ("email", "several")]
    assert f"customers 7:1, which is held itself: many_matches (hold {shopper['hold']})" in waits

    twin = pair.rows("Contact")[0]["Id"]
    pair.box.org.delete_as_user("Contact", twin)
    pair.companion("replay")
    came = explained(pair, "sales", "7:9")

    assert "sales 7:9: created" in came
    assert "Before that" in came
    assert "held, parent_missing (Shopper); waited for customers 7:1" in came


def test_it_is_told_under_which_mapping_a_record_was_settled(pair: Pair) -> None:
    """And a run says how many were settled under an older one, until they have come again."""
    folder = shutil.copytree(ROOT / "transforms", pair.folder / "transforms")
    pair.target_settings["transforms"] = str(folder)
    pair.load(said("customers", person(1, "Ann", "Lee"), person(2, "Bob", "Roy")))
    before = told(pair, "customers", "7:1")
    text = (folder / "customers.yml").read_text()
    (folder / "customers.yml").write_text(text.replace("{value: In store,", "{value: Till,"))

    plain = explained(pair, "customers", "7:1")
    first = pair.load(said("customers", person(1, "Ann", "Lee")))
    second = pair.load(said("customers", person(2, "Bob", "Roy")))
    third = pair.load(said("customers"))

    now = told(pair, "customers", "7:1")["mapping"]
    assert before["mapping"] != now
    assert f"mapping {before['mapping']}: an older one, now it is {now}" in plain
    assert "2 customers were settled under an older mapping" in first.stderr
    assert "1 customers were settled under an older mapping" in second.stderr
    assert "older mapping" not in third.stderr


def test_a_record_tells_its_last_versions(pair: Pair) -> None:
    """What was sent each time, the newest first."""
    for number in range(1, 4):
        pair.load(said("shops", shop(name=f"Harbour Street {number}")))
    whole = json.loads(explained(pair, "shops", "7:1", "--values", "--json"))

    assert [each["sent"].get("Name") for each in (whole, *whole["earlier"])] == [
        "Harbour Street 3", "Harbour Street 2", "Harbour Street 1"
    ]  # fmt: skip
    assert [each["verdict"] for each in whole["earlier"]] == ["updated", "created"]
    assert day(1)[:4] in explained(pair, "shops", "7:1")


GUIDE = (ROOT / "docs" / "guides" / "explain.md").read_text("utf-8")
INVOKED = "meltano invoke target-salesforce-retail:"


def alike(text: str) -> list[str]:
    """Lines without what differs from run to run: times, runs, digests, ids."""
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "(time)", re.sub(r"run [0-9a-f]{8}", "(run)", text))
    return re.sub(r"0035e\d+AAA", "(id)", re.sub(r"mapping [0-9a-f]{12}", "(mapping)", text)).splitlines()


def test_the_guide_shows_what_the_commands_say(pair: Pair) -> None:
    """Each of them as it stands there, and both answers line by line."""
    pair.box.org.insert_as_user("Contact", {"FirstName": "Bob", "LastName": "Lee", "Email": "lees@example.com"})
    ann = person(42, "Ann", "Lee", email="lees@example.com")
    pair.load(said("customers", ann, person(43, "Cleo", "Roy", email="cleo@example.com")))
    pair.load(said("customers", {**ann, "birth_date": "1990-05-17", "updated_at": day(3)}))
    known = {row["FirstName"]: row["Id"] for row in pair.rows("Contact")}

    commands = [
        each.split("`")[0].removeprefix(INVOKED).split() for each in GUIDE.split("`") if each.startswith(INVOKED)
    ]
    answers = [pair.companion(*(known["Bob"] if "AAA" in word else word for word in words)) for words in commands]

    project = (ROOT / "meltano.yml").read_text("utf-8")
    assert [words[0] for words in commands if f"executable: salesforce-retail, args: {words[0]}}}" not in project] == []
    assert [words[0] for words in commands] == ["explain", "explain", "why-not", "why-not"]
    assert [done.returncode for done in answers] == [0, 0, 0, 0]
    shown = [alike(block) for block in GUIDE.split("```\n")[1::2]]
    assert shown == [alike(answers[0].stdout), alike(answers[3].stdout)]
