"""``python -m sandbox serve`` for people; tests use ``sandbox.serve.running``."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path
from urllib.request import Request, urlopen

from sandbox.salesforce.sessions import REFRESH_TOKEN
from sandbox.serve import METADATA, RECORDED, running

SEEDS = ("empty", "chain", "corner", "oddities", "recorded")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    commands = parser.add_subparsers(required=True)
    serve = commands.add_parser("serve", help="serve both vendors on loopback until SIGTERM")
    serve.add_argument("--lightspeed-port", type=int, default=8701, help="0 takes a free one")
    serve.add_argument("--salesforce-port", type=int, default=8702, help="0 takes a free one")
    serve.add_argument("--seed", choices=SEEDS, default="chain")
    serve.add_argument("--size", choices=["small", "full"], default="full")
    serve.add_argument("--random-seed", type=int, default=7)
    serve.add_argument("--recorded-folder", type=Path, default=RECORDED)
    serve.add_argument(
        "--metadata-folder", type=Path, default=METADATA, help="SFDX project whose objects the org has; ours by default"
    )
    serve.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE", help="see sandbox/switches.py")
    serve.set_defaults(run=_serve)
    move = commands.add_parser("trade", help="let the shops of a running sandbox trade")
    move.add_argument("--lightspeed", required=True, metavar="URL")
    move.add_argument("--hours", type=float, default=4.0)
    move.set_defaults(run=_trade)
    words = parser.parse_args()
    code: int = words.run(words)
    return code


def _serve(words: argparse.Namespace) -> int:
    stop = threading.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *_: stop.set())
    try:
        switches = dict(pair.split("=", 1) for pair in words.switch)
        with running(
            seed=words.seed,
            size=words.size,
            random_seed=words.random_seed,
            switches=switches,
            ports=(words.lightspeed_port, words.salesforce_port),
            metadata=words.metadata_folder,
            recorded=words.recorded_folder,
        ) as box:
            ready = {
                "lightspeed_url": box.lightspeed_url,
                "salesforce_url": box.salesforce_url,
                "account_id": box.account_id,
                "lightspeed_client": box.lightspeed_client,
                "salesforce_client": box.salesforce_client,
                "salesforce_refresh_token": REFRESH_TOKEN,
            }
            print(json.dumps(ready), flush=True)
            stop.wait()
    except (OSError, ValueError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0


def _trade(words: argparse.Namespace) -> int:
    body = json.dumps({"hours": words.hours}).encode()
    request = Request(f"{words.lightspeed}/_sandbox/trade", data=body, headers={"Content-Type": "application/json"})
    with urlopen(request, timeout=60) as answer:
        print(answer.read().decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
