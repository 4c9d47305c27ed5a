"""A copy of the tree in which code is broken, and the processes that test it there."""

from __future__ import annotations

import importlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from .cover import DATA, TIMES, Cover, Times
from .mutate import Mutant

PATIENCE = 10
"""A process that waits may take so many times as long as one that computes: the machine may be busy."""
QUIET = ["-q", "-p", "no:xdist", "-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of what is imported beforehand


class Tree:
    """A scratch copy of `root`, never `root` itself. What is imported before a fork is every mutant's."""

    def __init__(self, root: Path, scratch: Path, config: Mapping[str, Any]):
        self._root, self._at, self._config = root, scratch.resolve(), config
        self._covers: dict[Path, Cover] = {}
        listed = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        for name in subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\0"):
            if name and (root / name).is_file():
                (self._at / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, self._at / name)
        with (self._at / "pyproject.toml").open("a", encoding="utf-8") as settings:
            settings.write('\n[tool.mutmut]\nsource_paths = ["."]\n')  # else it guesses one, and finds none
        packages = [self._at / tests["package"] for tests in config["tests"].values()]
        self._paths = [str(self._at), *(str(package.parent) for package in packages)]
        os.chdir(self._at)
        os.environ["PYTHONPATH"] = os.pathsep.join(self._paths)
        sys.path[:0] = self._paths
        for module in config["preload"]:
            importlib.import_module(module)

    def cover(self, kinds: set[str], kept: Path | None) -> None:
        """Run the unbroken tests once, unless `kept` has what they said; they must be green.

        Raises:
            SystemExit: they are not.
        """
        for kind in sorted(kinds):
            tests = self._config["tests"][kind]
            store = kept / kind if kept else None
            if store and store.is_dir():
                shutil.copytree(store, self._at, dirs_exist_ok=True)
            else:
                self._measure(tests)
                if store:
                    store.mkdir(parents=True)
                    for name in (DATA, TIMES):
                        shutil.copy2(self._at / name, store / name)
            self._covers[Path(tests["package"])] = Cover.read(self._at)

    def _measure(self, tests: Mapping[str, Any]) -> None:
        os.environ["COVERAGE_FILE"] = str(self._at / DATA)
        (self._at / ".coveragerc").write_text("[run]\nrelative_files = true\n", encoding="utf-8")
        left_out = [f"--ignore-glob=*/{name}.py" for name in tests["without"]]
        covered = [f"--cov={tests['package']}", "--cov-context=test", "--cov-report="]
        code = self._pytest([*tests["paths"], *left_out, *covered], [Times()], longest=3600, log="unbroken.txt")
        if code != 0:
            sys.exit(f"The unbroken tests are not green:\n{(self._at / 'unbroken.txt').read_text()[-4000:]}")

    def kills(self, mutant: Mutant, longest: float) -> bool:
        """Whether a test turns red, or takes for ever, when the tree is broken like this; the tree is mended again.

        Raises:
            RuntimeError: pytest could not run these tests at all, the code being broken or not.
        """
        cover = next(cover for package, cover in self._covers.items() if mutant.path.is_relative_to(package))
        tests = cover.tests(mutant.path, mutant.lines, longest)
        if not tests:
            return False
        path = self._at / mutant.path
        kept, stamp = path.read_bytes(), path.stat().st_mtime
        path.write_text(mutant.code, encoding="utf-8")
        os.utime(path, (stamp + 10, stamp + 10))  # bytecode is told by size and second: both may be as before
        try:
            code = self._pytest(["-x", *tests], [], longest=30 + 6 * cover.spent(tests), log="broken.txt")
        finally:
            path.write_bytes(kept)
            os.utime(path, (stamp, stamp))
        if code in (0, 1, None):
            return code != 0
        # what cannot be imported is killed, what cannot be asked is not: only the unbroken tree tells them apart
        if self._pytest(["-x", *tests], [], longest=3600, log="broken.txt") != 0:
            raise RuntimeError(f"Unbroken, these tests are not green: {(self._at / 'broken.txt').read_text()[-2000:]}")
        return True

    def _pytest(self, arguments: Sequence[str], plugins: list[object], longest: float, log: str) -> int | None:
        """The exit code of pytest in a process of its own; none when it was ended after `longest` processor seconds."""
        child = os.fork()
        if child == 0:
            os.setsid()
            resource.setrlimit(resource.RLIMIT_CPU, (int(longest), int(longest)))
            with (self._at / log).open("w") as said:
                os.dup2(said.fileno(), 1)
                os.dup2(said.fileno(), 2)
            sys.dont_write_bytecode = log == "broken.txt"
            code = 70
            try:
                code = int(pytest.main([*QUIET, *arguments], plugins=plugins))
            except BaseException:  # a process of its own has nobody to raise to
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        until = time.monotonic() + PATIENCE * longest
        while time.monotonic() < until:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else None
            time.sleep(0.05)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return None
