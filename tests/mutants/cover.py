"""Which test runs which line, and how long it takes: a run of the unbroken tests with coverage says it.

Time is the processor's, so that a machine that does other work beside asks the same tests.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from coverage import CoverageData

DATA, TIMES = "mutants.coverage", "mutants.times.json"


class Times:
    """A plugin of pytest that writes down how long each test took."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = defaultdict(float)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Setup, call and teardown, with the processes that they started."""
        begun = sum(os.times()[:4])
        yield
        self._spent[item.nodeid] += sum(os.times()[:4]) - begun

    def pytest_sessionfinish(self) -> None:
        """Leave the times where `Cover.read` finds them."""
        Path(TIMES).write_text(json.dumps(self._spent), encoding="utf-8")


@dataclass
class Cover:
    """Who runs a line.

    Attributes:
        seconds: How long each test takes, by its id, in seconds of the processor.
    """

    seconds: dict[str, float]
    _lines: dict[tuple[Path, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    _files: dict[Path, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def read(cls, root: Path) -> Cover:
        """What the unbroken run in `root` left behind."""
        cover = cls(json.loads((root / TIMES).read_text(encoding="utf-8")))
        data = CoverageData(str(root / DATA))
        data.read()
        for measured in data.measured_files():
            path = Path(measured)
            for line, contexts in data.contexts_by_lineno(measured).items():
                tests = {context.rpartition("|")[0] for context in contexts if context}
                cover._lines[path, line] |= tests
                cover._files[path] |= tests
        return cover

    def tests(self, path: Path, lines: range, longest: float) -> list[str]:
        """The tests that run one of these lines, file by file, the quickest first, up to `longest` seconds.

        A line that is run when its module is imported is every test's that runs anything of the module; of a module
        that is nothing but tables, every test's.
        """
        found = set().union(*(self._lines[path, line] for line in lines)) or self._files[path] or {*self.seconds}
        kept, spent = [], 0.0
        for test in sorted(found, key=lambda one: (self.seconds.get(one, 0.0), one)):
            spent += self.seconds.get(test, 0.0)
            if kept and spent > longest:
                break
            kept.append(test)
        by_file: dict[str, list[str]] = defaultdict(list)
        for test in kept:
            by_file[test.partition("::")[0]].append(test)
        return [test for tests in sorted(by_file.values(), key=self.spent) for test in tests]

    def spent(self, tests: list[str]) -> float:
        """How long these tests take together, in seconds."""
        return sum(self.seconds.get(test, 0.0) for test in tests)
