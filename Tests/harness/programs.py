"""The programs in examples/ and Tests/Programs/, against what JAX printed (Tests/record/)."""
from .numbers import first_difference
from .result import Outcome, Test, execute

# The losses of a training run drift apart with every step; a transform of three numbers and back
# loses a few units more than others.
RELATIVE = {"digits": 1e-4, "scipy": 1e-5}


def tests(context):
    folders = [context.root / "examples", context.root / "Tests" / "Programs"]
    return [Test(str(program.relative_to(context.root)), lambda program=program: check(context, program))
            for folder in folders for program in sorted(folder.glob("*.jx"))]


def check(context, program):
    expected = program.parent / "expected" / f"{program.stem}.out"
    if not expected.exists():
        return Outcome("no recorded output: see Tests/record/")
    output, error, code = execute([str(context.jxc), "run", "--verify-each", str(program)], context.root)
    problem = first_difference(expected.read_text(), output, RELATIVE.get(program.stem, 0.0))
    if code == 0 and problem is None:
        return Outcome()
    message = []
    if problem:
        line, a, b = problem
        message.append(f"line {line}: expected {a}\n{'':{len(str(line)) + 10}}got {b}")
    if code != 0:
        message.append(f"exit code {code}")
    return Outcome("\n".join(message + error.splitlines()[-6:]))
