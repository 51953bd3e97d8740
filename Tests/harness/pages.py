"""Golden pages: a program, and what commands of jxc make of it, on one page.

A page Tests/Cases/**/NAME.jx.page (or NAME.mlir.page) begins with the program. Each section after
it has a command line of jxc as its heading and what the command prints as its body:

    ==== --emit-jaxpr --entry f --arg f32[3]
    { lambda ; a:f32[3]. let ...
    ==== run
    [1. 2. 3.]

The program's file is put behind the command. `|` hands the output of one command to the next, which
reads it as `-`. Standard error and an exit code other than 0 follow below lines of their own,
`---- error` and `---- exit 1`. Output is compared exactly. A page that differs leaves what it saw
beside it, in NAME.jx.page.observed.
"""
import shlex
import tempfile
from pathlib import Path

from .result import Outcome, Test, difference, execute

HEADING = "==== "


def tests(context):
    cases = context.root / "Tests" / "Cases"
    return [Test(str(page.relative_to(cases)), lambda page=page: check(context, page))
            for page in sorted(cases.rglob("*.page"))]


def check(context, page):
    expected = page.read_text()
    program, commands = split(expected)
    if not commands:
        return Outcome("the page has no sections")
    name = page.name.removesuffix(".page")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_text(program)
        actual = program + "".join(
            f"{HEADING}{command}\n{show(context, command, name, folder)}" for command in commands)
    observed = page.with_name(page.name + ".observed")
    if actual == expected:
        observed.unlink(missing_ok=True)
        return Outcome()
    (page if context.update else observed).write_text(actual)
    return Outcome(difference(expected, actual) + ("\nupdated" if context.update else ""))


def split(text):
    """The program, and the headings of the sections."""
    lines = text.splitlines(keepends=True)
    first = next((i for i, line in enumerate(lines) if line.startswith(HEADING)), len(lines))
    headings = [line.removeprefix(HEADING).strip() for line in lines if line.startswith(HEADING)]
    return "".join(lines[:first]), headings


def show(context, command, file, folder):
    """What the body of the section `command` has to be."""
    output = None
    for step in command.split("|"):
        words = shlex.split(step)
        if "-" not in words:
            words.append(file)
        stdin = None if output is None else output.encode()
        output, error, code = execute([str(context.jxc), *words], folder, stdin)
        if error or code != 0:
            break
    body = with_newline(output)
    if error:
        body += "---- error\n" + with_newline(error)
    if code != 0:
        body += f"---- exit {code}\n"
    return body


def with_newline(text):
    return text if text.endswith("\n") or not text else text + "\n"
