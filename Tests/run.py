#!/usr/bin/env python3
"""Runs all tests of a built jxc.

    python3 Tests/run.py [--jxc bin/jxc] [--update] [PATTERN ...]

A test is named after its file. PATTERNs (as in the shell) choose tests. --update rewrites what the
golden pages and README.md expect, and then fails like any other difference: look at the change,
commit it, and run again.
"""
import argparse
import fnmatch
import sys
import time
from pathlib import Path

from harness import (
    cache, compiled, exam, gpu, library, mutation, pages, peers, programs, ptx, readme, self,
    traffic, units, xla)
from harness.result import Context

SUITES = [
    self, units, pages, programs, library, compiled, gpu, traffic, cache, readme, mutation, peers,
    xla, exam, ptx]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jxc", default="bin/jxc")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("patterns", nargs="*")
    arguments = parser.parse_args()

    root = Path(__file__).resolve().parents[1]
    context = Context(root, Path(arguments.jxc).resolve(), arguments.update)
    passed = failed = skipped = 0
    for suite in SUITES:
        if suite is units and arguments.patterns and "swift" not in arguments.patterns[0]:
            continue  # collecting its tests means running them
        tests = [test for test in suite.tests(context) if chosen(test.name, arguments.patterns)]
        if not tests and not arguments.patterns:
            print(f"FAIL {suite.__name__}: no tests found")
            failed += 1
        for test in tests:
            started = time.time()
            outcome = test.run()
            seconds = time.time() - started
            if outcome.skipped:
                print(f"skip {test.name}: {outcome.message}")
                skipped += 1
            elif outcome.message:
                print(f"FAIL {test.name} ({seconds:.2f} s)")
                print("    " + outcome.message.rstrip().replace("\n", "\n    "), flush=True)
                failed += 1
            else:
                print(f"ok   {test.name} ({seconds:.2f} s)", flush=True)
                passed += 1
    if skipped:
        print(f"{skipped} skipped")
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


def chosen(name, patterns):
    return not patterns or any(
        fnmatch.fnmatch(name, p) or fnmatch.fnmatch(name, f"*{p}*") for p in patterns)


if __name__ == "__main__":
    sys.exit(main())
