"""What must never be in a committed file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
BANNED = {
    "a package index address": re.compile(
        r"https?://[^\s\"']*(?:py" + r"pi\.org|pythonhosted|registry\.npm" + r"js|deb\.debian)"
    ),
    "a Salesforce session id": re.compile(r"\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{20,}"),
    "a private key": re.compile(r"-----BEGIN (?:RSA |EC )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{200,}"),
    "a bearer token": re.compile(r"Bearer ey[A-Za-z0-9_-]{20,}\."),
}


def tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [name for name in listing.stdout.decode().split("\0") if name]
    return [path for name in names if (path := ROOT / name).is_file()]


def test_no_index_address_and_no_secret_is_committed() -> None:
    """Every file that git tracks, or would."""
    found = [
        f"{path.relative_to(ROOT)}: {what}"
        for path in tracked()
        for what, pattern in BANNED.items()
        if pattern.search(path.read_text("utf-8", errors="ignore"))
    ]

    assert found == []


def test_the_lock_pins_every_version_with_a_hash() -> None:
    """One `==` and at least one hash per requirement."""
    text = (ROOT / "requirements.lock").read_text("utf-8").replace("\\\n", " ")
    loose = [line for line in text.splitlines() if line.strip() and not ("==" in line and "--hash=sha256:" in line)]

    assert loose == []


def test_the_readme_is_short() -> None:
    """At most 120 lines."""
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 120


def test_modules_stay_small() -> None:
    """No module over 400 lines; about 300 is the aim."""
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for path in tracked()
        if path.suffix == ".py"
        and "tests" not in path.parts
        and (lines := len(path.read_text("utf-8").splitlines())) > 400
    ]

    assert long == []


def test_make_clean_leaves_what_a_production_run_needs(tmp_path: Path) -> None:
    """Tokens, ledgers and the STATE of production cannot be made anew."""
    kept = [".meltano/production/ledger.db", ".meltano/production/lightspeed-tokens.json", ".meltano/meltano.db"]
    gone = [".meltano/sandbox/ledger.db", ".meltano/loaders/x/venv/bin/python", ".venv/bin/python"]
    for name in kept + gone:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    subprocess.run(["make", "--file", ROOT / "Makefile", "clean"], cwd=tmp_path, capture_output=True, check=True)
    assert [name for name in kept + gone if (tmp_path / name).exists()] == kept
