#!/usr/bin/env python3
"""Records what JAX prints for the programs in examples/ and Tests/Programs/, into expected/ there.

    python3 -m venv venv && venv/bin/pip install jax==0.10.2
    venv/bin/python Tests/record/examples.py [NAME ...]

Without names, all programs. Their recorded output is what `jxc run` has to print.
"""
import os
import subprocess
import sys
from pathlib import Path

import jax

VERSION = "0.10.2"
ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [ROOT / "examples", ROOT / "Tests" / "Programs"]


def record(program):
    output = subprocess.run(
        [sys.executable, str(program)], check=True, stdout=subprocess.PIPE,
        env={**os.environ, "JAX_PLATFORMS": "cpu"}).stdout
    target = program.parent / "expected" / f"{program.stem}.out"
    target.parent.mkdir(exist_ok=True)
    changed = not target.exists() or target.read_bytes() != output
    target.write_bytes(output)
    print(f"{target.relative_to(ROOT)}: {'changed' if changed else 'as before'}")


def main():
    if jax.__version__ != VERSION:
        sys.exit(f"JAX {VERSION} is the reference, and this is {jax.__version__}")
    names = sys.argv[1:]
    programs = [
        p for folder in FOLDERS for p in sorted(folder.glob("*.jx")) if not names or p.stem in names]
    if missing := set(names) - {p.stem for p in programs}:
        sys.exit(f"no such program: {', '.join(sorted(missing))}")
    for program in programs:
        record(program)


if __name__ == "__main__":
    main()
