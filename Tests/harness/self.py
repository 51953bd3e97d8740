"""Tests of the harness: a comparison that cannot fail tests nothing."""
from .numbers import first_difference
from .readme import matches, steps
from .result import Outcome, Test

SAME = [
    ("x = 1.0000001", "x = 1.0000002"), ("[1. 2.]", "[1.  2.]"), ("1e-07", "1.0000001e-07"),
    ("nan inf", "nan inf"), ("a  b\n", "a  b"),
]
DIFFERENT = [
    ("x = 1.0", "x = 1.1"), ("1", "2"), ("3", "3.0"), ("a b", "a c"), ("1.5\n2.5", "1.5"),
    ("0.12345678", "0.12345778"), ("nan", "inf"), ("-0.5", "0.5"), ("1.0 2.0", "1.0"),
]


def tests(context):
    return [Test("harness compares numbers", numbers), Test("harness reads README", readme)]


def numbers():
    wrong = [f"told apart: {pair}" for pair in SAME if first_difference(*pair)]
    wrong += [f"not told apart: {pair}" for pair in DIFFERENT if not first_difference(*pair)]
    return Outcome("\n".join(wrong))


def readme():
    found = steps("$ a b\nout\n...\nend\n$ c\n")
    ok = found == [("a b", "out\n...\nend\n"), ("c", "")]
    ok = ok and matches("out\n...\nend\n", "out\nx\ny\nend\n") and not matches("out\n", "in\n")
    return Outcome("" if ok else f"{found}")
