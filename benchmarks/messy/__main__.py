"""``python -m benchmarks.messy [PROFILES [SEED [FOLDER OF MAPPINGS]]]``: this bench alone, at any scale."""

import sys
from pathlib import Path

from benchmarks.messy import main

SHAPES = (int, int, Path)

main(*(shape(each) for shape, each in zip(SHAPES, sys.argv[1:], strict=False)))
