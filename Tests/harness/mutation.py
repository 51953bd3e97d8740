"""Damaged modules, and what jxc says to them: the test behind Tests/fuzz.py, for a short time."""
import itertools
import random
import re

from .result import Outcome, Test, execute

# The module is read, checked, optimised and checked again.
COMMAND = ["opt", "-", "--verify-each"]
COUNT = 200
LARGEST = 20_000  # bytes of a sample


def tests(context):
    return [
        Test("undamaged modules", lambda: check(context, samples(cases(context.root)), "sample")),
        Test("mutated modules", lambda: check(context, damaged(context), "mutant of seed 1,")),
    ]


def check(context, texts, name):
    failures = []
    for number, text in enumerate(texts):
        message = problem(execute([str(context.jxc), *COMMAND], context.root, text, timeout=20))
        if message:
            failures.append(f"{name} {number}: {message}")
    return Outcome("\n".join(failures[:20]))


def damaged(context):
    return itertools.islice(mutants(samples(cases(context.root)), seed=1), COUNT)


def cases(root):
    return sorted((root / "Tests" / "Cases").rglob("*.mlir")) + sorted(
        (root / "Tests" / "Cases").rglob("*.mlir.page"))


def samples(files):
    """Their texts: of a golden page, the program."""
    texts = [re.split(rb"^==== ", file.read_bytes(), maxsplit=1, flags=re.M)[0] for file in files]
    return [text for text in texts if len(text) <= LARGEST]


TOKEN = re.compile(rb"[%@#!]?[\w.$]+|\"[^\"\n]*\"|->|\s+|.", re.S)
INSERTED = [
    b"%0", b"%9999999999999999999", b"-1", b"0", b"9223372036854775808", b"1e999", b"nan", b"?",
    b"tensor<", b">", b"<", b"(", b")", b"[", b"]", b"{", b"}", b"\"", b",", b":", b"x", b"::",
    b"dense<", b"array<i64: ", b"\xff", b"\x00", b"tensor<4294967296x4294967296xf32>", b"i1", b"f8E5M2",
    b"!quant.uniform<i8:f32, 1.0>", b"complex<f32>", b"stablehlo.while", b"\"stablehlo.reduce\"",
]


def mutants(texts, seed):
    """Damaged texts without end, the same ones for the same seed."""
    chance = random.Random(seed)
    while True:
        tokens = TOKEN.findall(chance.choice(texts))
        for _ in range(chance.choice([1, 1, 1, 2, 4, 8])):
            if not tokens:
                break
            at = chance.randrange(len(tokens))
            kind = chance.randrange(7)
            if kind == 0:
                del tokens[at]
            elif kind == 1:
                tokens[at] = chance.choice(INSERTED)
            elif kind == 2:
                tokens.insert(at, chance.choice(INSERTED))
            elif kind == 3:
                tokens[at] = chance.choice(tokens)
            elif kind == 4:
                other = chance.randrange(len(tokens))
                tokens[at], tokens[other] = tokens[other], tokens[at]
            elif kind == 5:
                tokens[at:at] = tokens[at:at + chance.randrange(1, 30)]
            else:
                del tokens[at:at + chance.randrange(1, 30)]
        yield b"".join(tokens)


def problem(outcome):
    """What is wrong with how jxc ended; empty if nothing is."""
    _, error, code = outcome
    if code == 0:
        return ""
    if code == 1 and "error:" in error and "internal error" not in error:
        return ""
    lines = error.splitlines() or [""]
    return f"exit {code}: {next((l for l in lines if 'rror' in l), lines[-1])[:200]}"
