"""Compares printed text: floating-point numbers to a few units in the last place, all else exactly."""
import math
import re

TOKEN = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+(?=e[-+]?\d))(?:e[-+]?\d+)?|\s+|\w+|.", re.S)
FLOAT = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+(?=e))(?:e[-+]?\d+)?$")
ULPS = 8


def first_difference(expected, actual, relative=0.0):
    """The first pair of lines that differ, or None. `relative` widens the tolerance."""
    expected, actual = expected.rstrip().splitlines(), actual.rstrip().splitlines()
    for i in range(max(len(expected), len(actual))):
        a = expected[i] if i < len(expected) else "<end of output>"
        b = actual[i] if i < len(actual) else "<end of output>"
        if not lines_match(a, b, relative):
            return i + 1, a, b
    return None


def lines_match(expected, actual, relative):
    if expected.rstrip() == actual.rstrip():
        return True
    # A number that is a digit longer moves the columns of an array: blanks only separate.
    a = [t for t in TOKEN.findall(expected) if not t.isspace()]
    b = [t for t in TOKEN.findall(actual) if not t.isspace()]
    return len(a) == len(b) and all(tokens_match(x, y, relative) for x, y in zip(a, b))


def tokens_match(expected, actual, relative):
    if expected == actual:
        return True
    if not (FLOAT.match(expected) and FLOAT.match(actual)):
        return False
    x, y = float(expected), float(actual)
    if not (math.isfinite(x) and math.isfinite(y)):
        return x == y
    mantissa, _, exponent = expected.partition("e")
    digits = sum(c.isdigit() for c in mantissa.lstrip("+-0."))
    # A rounded number may round the other way, unless it is as short as 1.5.
    last_place = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2])) if digits > 3 else 0
    # More digits than a float32 has: a double.
    epsilon = 2.0 ** -52 if digits > 10 else 2.0 ** -23
    return abs(x - y) <= 1.01 * last_place + max(ULPS * epsilon, relative) * abs(x)
