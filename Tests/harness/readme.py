"""README.md: the commands that it shows print what it shows.

In a block that begins with ```console, a line `$ COMMAND` is run, with bin/jxc as jxc, and the lines
below it are its output. A line `...` stands for any lines.
"""
import re

from .result import Outcome, Test, difference, execute

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)


def tests(context):
    text = (context.root / "README.md").read_text()
    result = []
    for block in BLOCK.findall(text):
        for command, expected in steps(block):
            result.append(Test(
                f"README: {command}",
                lambda command=command, expected=expected: check(context, command, expected)))
    return result


def steps(block):
    """Pairs of a command and the output below it."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))


def check(context, command, expected):
    path = f"PATH={context.jxc.parent}:$PATH; "
    output, error, code = execute(path + command, context.root)
    actual = output or error
    if code == 0 and matches(expected, actual):
        return Outcome()
    if context.update and code == 0:
        readme = context.root / "README.md"
        readme.write_text(readme.read_text().replace(
            f"$ {command}\n{expected}", f"$ {command}\n{actual}", 1))
    return Outcome(difference(expected, actual) + (f"\nexit code {code}" if code else ""))


def matches(expected, actual):
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\s*\n"
        for line in expected.rstrip().splitlines())
    return re.fullmatch(pattern + r"\s*", actual.rstrip() + "\n") is not None
