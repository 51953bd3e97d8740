"""The exam programs, where the checkout has them beside it (../shared/exam): a larger set of programs
with JAX's output. Tests/exam.passing names those that pass; none of them may fail again.
"""
import re

from .result import Outcome, Test, execute


def tests(context):
    return [Test("exam", lambda: check(context))]


def check(context):
    runner = context.root.parent / "shared" / "exam" / "run_exam.py"
    if not runner.exists():
        return Outcome("../shared/exam is not here", skipped=True)
    record = context.root / "Tests" / "exam.passing"
    required = set(record.read_text().split()) if record.exists() else set()
    output, error, _ = execute(["python3", str(runner), "--jxc", str(context.jxc), "-v"], context.root)
    passing = set(re.findall(r"^PASS\s+\S+ (\w+)$", output, re.M))
    if not output.rstrip().endswith("failed"):
        return Outcome("the exam runner failed\n" + error)
    lost, won = sorted(required - passing), sorted(passing - required)
    if context.update and won:
        record.write_text("".join(f"{name}\n" for name in sorted(passing | required)))
    if lost:
        return Outcome("no longer passing: " + ", ".join(lost))
    if won and context.update:
        return Outcome("newly passing, and recorded: " + ", ".join(won))
    return Outcome()
