"""`python -m tests.mutants [--sample N] [--seed N] [folder ...]`: break, test, and name what no test noticed."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from .mutate import Mutant, Mutants
from .tree import Tree

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def main() -> int:
    """Run a sample of mutants of each folder; 1 when fewer are killed than the floor says."""
    config = YAML(typ="safe").load(HERE / "mutants.yml")
    judged = {(one["was"], one["now"]): one["why"] for one in YAML(typ="safe").load(HERE / "judged.yml")}
    asked = _arguments(config)
    folders = {name: config["folders"][name] for name in asked.folders or config["folders"]}
    killed, total = 0, 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as scratch:
        tree = Tree(ROOT, Path(scratch), config)
        tree.cover({folder["tests"] for folder in folders.values()}, asked.cover)
        for name, folder in folders.items():
            sample = _sample(folder["code"], asked, name, config)
            if asked.control:
                sample = (replace(mutant, code=(ROOT / mutant.path).read_text("utf-8")) for mutant in sample)
            count = Counter(_run(tree, sample, judged, config["longest"]))
            killed, total = killed + count["killed"], total + count["killed"] + count["survived"]
            print(_line(name, count), flush=True)
    print(_line("all", Counter(killed=killed, survived=total - killed)))
    return int(100 * killed < config["floor"] * total)


def _arguments(config: Mapping[str, Any]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=main.__doc__)
    parser.add_argument("folders", nargs="*", help=f"of {', '.join(config['folders'])}; all by default")
    parser.add_argument("--sample", type=int, default=config["sample"], help="mutants per folder")
    parser.add_argument("--seed", default=config["seed"], help="another seed is another sample")
    parser.add_argument("--cover", type=Path, help="a folder that keeps what the unbroken run found, for the next time")
    parser.add_argument(
        "--control", action="store_true", help="break nothing: whatever is killed now, is killed by the tool"
    )
    return parser.parse_args()


def _sample(pattern: str, asked: argparse.Namespace, name: str, config: Mapping[str, Any]) -> Iterator[Mutant]:
    alone = frozenset(config["not_mutated"]["calls"])
    files = [Mutants(ROOT, path.relative_to(ROOT), alone) for path in _files(pattern)]
    every = [(mutants, index) for mutants in files for index in range(len(mutants))]
    drawn = random.Random(f"{asked.seed}:{name}").sample(range(len(every)), min(asked.sample, len(every)))
    print(f"\n{name}: {len(drawn)} of {len(every)} mutants", flush=True)
    for number in sorted(drawn):
        mutants, index = every[number]
        yield mutants[index]


def _files(pattern: str) -> list[Path]:
    before, brace, rest = pattern.partition("{")
    names, _, after = rest.partition("}")
    patterns = [before + name + after for name in names.split(",")] if brace else [pattern]
    return sorted({path for one in patterns for path in ROOT.glob(one)})


def _run(tree: Tree, sample: Iterator[Mutant], judged: Mapping[tuple[str, str], str], longest: float) -> Iterator[str]:
    """Say for each mutant what became of it: killed, survived, or judged to be equivalent."""
    for mutant in sample:
        begun = time.monotonic()
        if tree.kills(mutant, longest):
            yield "killed"
            continue
        why = judged.get((mutant.was, mutant.now))
        took = f"{time.monotonic() - begun:.0f} s"
        print(f"  {mutant.path}:{mutant.lines.start}  {'equivalent: ' + why if why else 'SURVIVED'}  ({took})")
        print(mutant.diff((ROOT / mutant.path).read_text(encoding="utf-8")), flush=True)
        yield "equivalent" if why else "survived"


def _line(name: str, count: Counter[str]) -> str:
    judged = f", {count['equivalent']} judged equivalent besides" if count["equivalent"] else ""
    total = count["killed"] + count["survived"]
    share = 100 * count["killed"] / total if total else 100
    return f"{name}: {count['killed']} of {total} killed, {count['survived']} survived: {share:.1f} %{judged}"


if __name__ == "__main__":
    sys.exit(main())
