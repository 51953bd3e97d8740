#!/usr/bin/env python3
"""Feeds damaged modules to jxc: each must be read or refused with a place, never crash or hang.

    python3 Tests/fuzz.py [--jxc bin/jxc] [--seconds 60] [--seed 1] [FILE.mlir ...]

The files are those of Tests/Cases unless given. A failure is saved as fuzz-SEED-NUMBER.mlir.
"""
import argparse
import sys
import time
from pathlib import Path

from harness import mutation
from harness.result import execute

ROOT = Path(__file__).resolve().parents[1]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jxc", default="bin/jxc")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("files", nargs="*", type=Path)
    arguments = parser.parse_args()
    texts = mutation.samples(arguments.files or mutation.cases(ROOT))
    jxc = str(Path(arguments.jxc).resolve())
    end = time.time() + arguments.seconds
    tried = failed = 0
    for number, text in enumerate(mutation.mutants(texts, arguments.seed)):
        if time.time() > end:
            break
        tried += 1
        problem = mutation.problem(execute([jxc, *mutation.COMMAND], ROOT, text, timeout=20))
        if problem:
            failed += 1
            file = Path(f"fuzz-{arguments.seed}-{number}.mlir")
            file.write_bytes(text)
            print(f"{file}: {problem}")
    print(f"{tried} modules, {failed} failed")
    return 1 if failed or not tried else 0


if __name__ == "__main__":
    sys.exit(main())
