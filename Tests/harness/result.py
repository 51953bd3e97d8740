"""What every suite is made of: a context, tests, and their outcomes."""
import difflib
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

TIMEOUT = 120  # seconds for one command


@dataclass
class Context:
    root: Path      # of the repository
    jxc: Path       # the compiler under test
    update: bool    # rewrite what is expected


@dataclass
class Outcome:
    message: str = ""       # what went wrong; empty for a pass
    skipped: bool = False   # could not run: the message says why


@dataclass
class Test:
    name: str
    run: Callable[[], Outcome] = field(repr=False)


def execute(command, directory, stdin=None, timeout=TIMEOUT):
    """(stdout, stderr, exit code) of a command; `command` is a list, or a line for the shell."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JXC_")}
    environment["NO_COLOR"] = "1"
    environment["JXC_CACHE"] = "off"
    try:
        done = subprocess.run(
            command, cwd=directory, input=stdin, capture_output=True, timeout=timeout,
            shell=isinstance(command, str), env=environment,
            executable="/bin/bash" if isinstance(command, str) else None)
    except subprocess.TimeoutExpired:
        return "", f"no end after {timeout} s\n", "timeout"
    return done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), done.returncode


def difference(expected, actual):
    """The first lines of a unified diff."""
    lines = list(difflib.unified_diff(
        expected.splitlines(), actual.splitlines(), "expected", "actual", lineterm="", n=2))
    return "\n".join(lines[:40] + (["..."] if len(lines) > 40 else []))
