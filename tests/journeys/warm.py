"""A process that has the commands of both plugins loaded, and forks a run of one when it is asked to.

Most of a short run is Python's own start and its imports. A fork is a process like any other, with pipes, signals and
an exit code of its own, and runs the installed script itself; only the start is shared. Stories that start, signal or
kill a command by themselves start it anew; with ``SHORTCUTS=none`` all do.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import phonenumbers
from target_salesforce_retail.mapping.load import load

from tests.parsed_once import parse_once

ROOT = Path(__file__).parents[2]
LATE = (
    "_strptime",
    "netrc",
    "tap_lightspeed_retail.schemas",
    *(f"phonenumbers.data.region_{country}" for country in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]),
)
"""What a run imports when it needs it."""
COMMANDS = ("tap-lightspeed-retail", "target-salesforce-retail", "salesforce-retail")


class Warm:
    """The side that asks: one process behind it, which ends with this one.

    Args:
        env: The environment in which it loads the commands; each run has its own.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._asked, theirs = socket.socketpair()
        command = [sys.executable, "-m", __name__, str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=env,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )

    def run(
        self, command: Sequence[str], *, env: Mapping[str, str], timeout: float, said: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """As ``subprocess.run`` with captured text, from the current folder.

        Raises:
            subprocess.TimeoutExpired: It was killed after so many seconds.
        """
        pipes = [os.pipe() for _ in range(4)]
        theirs = [pipes[0][0], *(pipe[1] for pipe in pipes[1:])]
        ours = [pipes[0][1], *(pipe[0] for pipe in pipes[1:])]
        with tempfile.TemporaryFile() as request:
            request.write(json.dumps({"command": list(command), "cwd": str(Path.cwd()), "env": dict(env)}).encode())
            request.seek(0)
            socket.send_fds(self._asked, [b"!"], [request.fileno(), *theirs])
        for each in theirs:
            os.close(each)
        with os.fdopen(ours[3], "r") as status, ThreadPoolExecutor(3) as pool:
            pid = int(status.readline())
            timer = threading.Timer(timeout, os.kill, (pid, signal.SIGKILL))
            timer.start()
            pool.submit(_write, ours[0], said)
            out, err = (pool.submit(_read, each) for each in ours[1:3])
            code = int(status.readline())
            late = timer.finished.is_set()
            timer.cancel()
            if late:
                raise subprocess.TimeoutExpired(list(command), timeout, out.result(), err.result())
            return subprocess.CompletedProcess(list(command), code, out.result(), err.result())


def _write(fileno: int, text: str) -> None:
    with suppress(BrokenPipeError), os.fdopen(fileno, "w") as file:
        file.write(text)


def _read(fileno: int) -> str:
    with os.fdopen(fileno) as file:
        return file.read()


# The side that is asked


def main(fileno: int) -> None:
    """Load the commands, then fork until nobody can ask any more."""
    for script in entry_points(group="console_scripts"):
        if script.name in COMMANDS:
            importlib.import_module(script.module)  # not the object: the SDK's would set logging up
    for module in LATE:
        importlib.import_module(module)
    parse_once()
    load(ROOT / "transforms")
    assert threading.active_count() == 1, "a fork takes along the thread that forks, and no other"
    gc.freeze()
    asked = socket.socket(fileno=fileno)
    while True:
        word, files, _, _ = socket.recv_fds(asked, 1, 5)
        if not word:
            return
        if os.fork() == 0:
            asked.close()
            _become(**_watched(files))
            return
        for each in files:
            os.close(each)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _watched(files: list[int]) -> dict[str, Any]:
    """What the run is to do, in a process of its own; this one ends with it, when it has told how."""
    request, *pipes, status = files
    with os.fdopen(request) as file:
        wanted: dict[str, Any] = json.load(file)
    pid = os.fork()
    if pid == 0:
        os.close(status)
        for number, each in enumerate(pipes):
            os.dup2(each, number)
            os.close(each)
        return wanted
    for each in pipes:
        os.close(each)
    os.write(status, f"{pid}\n".encode())
    _, ended = os.waitpid(pid, 0)
    os.write(status, f"{os.waitstatus_to_exitcode(ended)}\n".encode())
    os._exit(0)


def _become(command: list[str], cwd: str, env: dict[str, str]) -> None:
    """Run the script as if it had just been started; it ends this process as it would end its own."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = command
    runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    main(int(sys.argv[1]))
