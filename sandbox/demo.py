"""The demonstration: a first sync, some hours of trade, a second sync, what became of every record, and one decision.

``python -m sandbox.demo`` starts the sandbox on free ports, runs Meltano twice as a retailer would, prints, and stops
everything it started. The tables come from the loader's own ledger; the calls and the timeline from the stand-in org.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from rich.console import Console
from rich.table import Table

from sandbox.process import served

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
TRADE_HOURS = 8
VERDICTS = ("created", "updated", "unchanged", "skipped", "held")
CAUSES = {
    "many_matches": "they were in the CRM twice before any sync: a person says which of the two, or merges them",
    "duplicate_rule": "name and street are like theirs in the CRM: the org's rule warns, no match rule confirms",
    "parent_missing": "receipts of shoppers who are held, with lines and payments: they come in with them",
    "excluded": "archived shoppers, and sales that are not completed yet: left out by `when`",
    "parent_skipped": "lines and payments of sales that were left out",
}
"""What of the seed is behind a reason, in the order in which the demonstration tells it."""
console = Console(width=118)


def main() -> int:
    """Run the demonstration; 0 when both syncs ended well."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.demo", description="Two syncs, and what became of them.")
    parser.add_argument("--size", choices=["small", "full"], default="full", help="of the chain of shops")
    size = parser.parse_args().size
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, served(seed="chain", size=size) as box:
        env = environment(box, Path(folder))
        for title in ("First sync", f"After {TRADE_HOURS} hours of trade"):
            if title != "First sync":
                console.print(
                    f"\nThe shops traded: {said(post(box['lightspeed_url'], 'trade', {'hours': TRADE_HOURS}))}."
                )
            if not sync(title, box, env):
                return 1
        show_timeline(box)
        show_decision(box, env)
    console.print(f"\nDone in {time.monotonic() - started:.0f} s. Nothing is left running.")
    return 0


def environment(box: dict[str, Any], folder: Path) -> dict[str, str]:
    """Settings for the plugins, and a place of its own for all that a run leaves behind."""
    client_id, secret, refresh_token = box["lightspeed_client"]
    consumer, consumer_secret = box["salesforce_client"]
    settings = {
        "MELTANO_ENVIRONMENT": "sandbox",  # whoever has a `.env` for production shows the demo all the same
        "TAP_LIGHTSPEED_RETAIL_CLIENT_ID": client_id,
        "TAP_LIGHTSPEED_RETAIL_CLIENT_SECRET": secret,
        "TAP_LIGHTSPEED_RETAIL_REFRESH_TOKEN": refresh_token,
        "TARGET_SALESFORCE_RETAIL_CLIENT_ID": consumer,
        "TARGET_SALESFORCE_RETAIL_CLIENT_SECRET": consumer_secret,
        "TAP_LIGHTSPEED_RETAIL_API_URL": box["lightspeed_url"],
        "TAP_LIGHTSPEED_RETAIL_AUTH_URL": box["lightspeed_url"],
        "TAP_LIGHTSPEED_RETAIL_TOKEN_STORE": str(folder / "tokens.json"),
        "TARGET_SALESFORCE_RETAIL_LOGIN_URL": box["salesforce_url"],
        "TARGET_SALESFORCE_RETAIL_LEDGER_URL": f"sqlite:///{folder / 'ledger.db'}",
        "MELTANO_STATE_BACKEND_URI": f"file://{folder / 'state'}",
        "MELTANO_DATABASE_URI": f"sqlite:///{folder / 'meltano.db'}",
        "XDG_STATE_HOME": str(folder / "log"),
    }
    return {**os.environ, **settings}


def sync(title: str, box: dict[str, Any], env: dict[str, str]) -> bool:
    """One ``meltano run``, and what became of what arrived."""
    calls_before = calls(box)
    console.print(f"\n[bold]{title}[/bold]: meltano run tap-lightspeed-retail target-salesforce-retail")
    started = time.monotonic()
    command = [str(BIN / "meltano"), "run", "tap-lightspeed-retail", "target-salesforce-retail"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - started
    if done.returncode:
        console.print(done.stdout[-4000:] + done.stderr[-4000:])
        return False
    show_run(companion(env, "runs", "--limit", "1", "--format", "json")[0])
    console.print(f"{seconds:.1f} s, {calls(box) - calls_before} Salesforce calls.")
    return True


def show_run(run: dict[str, Any]) -> None:
    """What entered, per stream, and what became of it."""
    table = Table("stream", "arrived", *VERDICTS, box=None)
    for stream, counts in run["streams"].items():
        table.add_row(stream, f"{sum(counts.values()):,}", *(f"{counts.get(verdict, 0):,}" for verdict in VERDICTS))
    console.print(table)
    why = Table(box=None, show_header=False, padding=(0, 2))
    for reason in {**CAUSES, **run["reasons"]}:
        if reason in run["reasons"]:
            why.add_row(f"{run['reasons'][reason]:,}", reason, CAUSES.get(reason, ""))
    console.print(why)


def show_timeline(box: dict[str, Any]) -> None:
    """One shopper's receipts, as a person would see them in the CRM."""
    shopper = busiest_shopper(box)
    receipts = query(
        box,
        "SELECT Name, Kind__c, State__c, Completed_At__c, Total__c, Currency__c, Shop__r.Name, "
        "(SELECT Quantity__c, Description__c, Item__r.Name FROM Lines__r) "
        f"FROM Retail_Sale__c WHERE Contact__c = '{shopper}' ORDER BY Completed_At__c",
    )
    person = query(box, f"SELECT Name, Email, LeadSource, Lightspeed_Key__c FROM Contact WHERE Id = '{shopper}'")[0]
    console.print(f"\n[bold]One shopper as Salesforce now holds them[/bold]: {person['Name']}, {person['Email']}")
    table = Table("when", "shop", "receipt", "what", "total", "lines", box=None)
    for receipt in receipts:
        lines = (receipt["Lines__r"] or {"records": []})["records"]
        table.add_row(
            (receipt["Completed_At__c"] or "")[:16],
            (receipt["Shop__r"] or {}).get("Name", ""),
            receipt["Name"],
            f"{receipt['Kind__c']}, {receipt['State__c']}",
            f"{receipt['Total__c']} {receipt['Currency__c']}",
            ", ".join(line_words(line) for line in lines),
        )
    console.print(table)


def show_decision(box: dict[str, Any], env: dict[str, str]) -> None:
    """A shopper whom nobody but a person can place: she is placed, and what waited for her comes in."""
    profile = next(row for row in open_profiles(box) if row["Candidates__c"])
    key, candidates = profile["Lightspeed_Key__c"], profile["Candidates__c"].replace(",", " ").split()
    console.print(
        f"\n[bold]One that a person decides[/bold]: shopper {key} of the till, {profile['Name__c']}, may be any of "
        f"{' and '.join(candidates)} (rule: {profile['Rule__c']})."
    )
    for words in (["decide", key, "--is", candidates[0]], ["replay", "--stream", "customers"]):
        console.print(f"salesforce-retail {' '.join(words)}\n  {companion_says(env, *words)}")
    receipts = query(box, f"SELECT COUNT(Id) receipts FROM Retail_Sale__c WHERE Shopper_Key__c = '{key}'")
    after = query(box, f"SELECT Status__c FROM Retail_Profile__c WHERE Lightspeed_Key__c = '{key}'")[0]
    came = int(receipts[0]["receipts"])
    with_her = f", with {came} receipt{'s' if came > 1 else ''}" if came else ""
    console.print(f"{key} is {after['Status__c']} now{with_her}; no rule undoes that.")


def open_profiles(box: dict[str, Any]) -> list[dict[str, Any]]:
    """Shoppers who are to be decided, as an admin sees them in Salesforce."""
    return query(
        box,
        "SELECT Lightspeed_Key__c, Name__c, Rule__c, Candidates__c FROM Retail_Profile__c "
        "WHERE Status__c = 'to decide' ORDER BY Lightspeed_Key__c",
    )


def line_words(line: dict[str, Any]) -> str:
    """A line of a receipt: how many of what."""
    return f"{float(line['Quantity__c']):g} x {(line['Item__r'] or {}).get('Name') or line['Description__c'] or 'misc'}"


def busiest_shopper(box: dict[str, Any]) -> str:
    """The contact with a refund and the most receipts."""
    refunds = query(box, "SELECT Contact__c FROM Retail_Sale__c WHERE Kind__c = 'refund' AND Contact__c != null")
    returned = {row["Contact__c"] for row in refunds}
    counts = query(
        box,
        "SELECT Contact__c who, COUNT(Id) receipts FROM Retail_Sale__c WHERE Contact__c != null "
        "GROUP BY Contact__c ORDER BY COUNT(Id) DESC",
    )
    ranked = [str(row["who"]) for row in counts]
    return next((who for who in ranked if who in returned), ranked[0])


def query(box: dict[str, Any], soql: str) -> list[dict[str, Any]]:
    """Ask the stand-in org as any client would."""
    form = {
        "grant_type": "client_credentials",
        "client_id": box["salesforce_client"][0],
        "client_secret": box["salesforce_client"][1],
    }
    login = fetch(Request(f"{box['salesforce_url']}/services/oauth2/token", data=urlencode(form).encode()))
    url = f"{box['salesforce_url']}/services/data/v66.0/query?{urlencode({'q': soql})}"
    answer = fetch(Request(url, headers={"Authorization": f"Bearer {login['access_token']}"}))
    records: list[dict[str, Any]] = answer["records"]
    return records


def calls(box: dict[str, Any]) -> int:
    """API calls the org has counted."""
    return int(sum(fetch(Request(f"{box['salesforce_url']}/_sandbox/counters"))["calls"].values()))


def post(url: str, verb: str, body: dict[str, Any]) -> Any:
    """An admin verb of the sandbox."""
    headers = {"Content-Type": "application/json"}
    return fetch(Request(f"{url}/_sandbox/{verb}", data=json.dumps(body).encode(), headers=headers))


def fetch(request: Request) -> Any:
    """JSON over loopback."""
    with urlopen(request, timeout=60) as answer:
        return json.load(answer)


def companion(env: dict[str, str], *words: str) -> Any:
    """What the loader's companion command says, as JSON."""
    return json.loads(companion_says(env, *words))


def companion_says(env: dict[str, str], *words: str) -> str:
    """What it says."""
    command = [str(BIN / "salesforce-retail"), *words]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"salesforce-retail {' '.join(words)}: {done.stderr}")
    return done.stdout.strip()


def said(counts: dict[str, int]) -> str:
    """Counts in words."""
    return ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in counts.items() if count)


if __name__ == "__main__":
    sys.exit(main())
