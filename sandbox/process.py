"""The sandbox in a process of its own, for programs that want to be measured or shown apart from it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@contextmanager
def served(*, seed: str, size: str = "full") -> Iterator[dict[str, Any]]:
    """Both servers on free ports; what ``serve`` says when it is ready. Stopped at the end whatever happens."""
    command = [sys.executable, "-m", "sandbox", "serve", "--seed", seed, "--size", size]
    command += ["--lightspeed-port", "0", "--salesforce-port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(timeout=20)
