#!/usr/bin/env python3
"""Checks what jxc promises about large modules and programs, on ones that are made here.

    bench/limits.py [--jxc bin/jxc]

Each is run once, with an empty compile cache; the exit status is 1 if one exceeds its limit.
"""
import argparse
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


def constants(path):
    """22 MB in lines of up to 1.8 MB: arrays as lists of numbers, and as hexadecimal digits."""
    source = random.Random(0)
    lines = ["func.func public @main() -> tensor<225000xf32> {"]
    for number in range(6):
        numbers = ", ".join(f"{source.uniform(-10, 10):.8e}" for _ in range(112_500))
        lines.append(
            f"  %{2 * number} = stablehlo.constant dense<[{numbers}]> : tensor<112500xf32>")
        digits = bytes(source.getrandbits(8) & 0x3F for _ in range(900_000)).hex().upper()
        lines.append(
            f'  %{2 * number + 1} = stablehlo.constant dense<"0x{digits}"> : tensor<225000xf32>')
    lines += ["  return %1 : tensor<225000xf32>", "}"]
    path.write_text("\n".join(lines) + "\n")


def chain(path):
    """100,000 operations, each of which takes the one before and another before that."""
    source = random.Random(1)
    names = ["add", "multiply", "subtract", "maximum", "minimum"]
    kind = "tensor<64xf32>"
    lines = [f"func.func public @main(%a: {kind}, %b: {kind}) -> {kind} {{"]
    values = ["%a", "%b"]
    for number in range(100_000):
        other = values[source.randrange(max(0, len(values) - 50), len(values))]
        lines.append(f"  %{number} = stablehlo.{names[number % 5]} {values[-1]}, {other} : {kind}")
        values.append(f"%{number}")
    lines += [f"  return {values[-1]} : {kind}", "}"]
    path.write_text("\n".join(lines) + "\n")


def cumulative_sum(path):
    """Unrolled: 30,000 equations, 10,000 results."""
    path.write_text("""\
import jax
import jax.numpy as jnp


def cumulative_sum(x):
    total = 0.0
    sums = []
    for i in range(x.shape[0]):
        total += x[i]
        sums.append(total)
    return sums


sums = jax.jit(cumulative_sum)(jnp.ones(10_000))
assert float(sums[-1]) == 10_000.0
""")


def fibonacci(path):
    """1,000 updates of an array, unrolled."""
    path.write_text("""\
import jax
import jax.numpy as jnp


@jax.jit
def fibonacci():
    a = jnp.zeros(1000).at[0].set(1).at[1].set(2)
    for i in range(2, 1000):
        a = a.at[i].set((a[i - 1] + a[i - 2]) % 10007.0)
    return a


assert float(fibonacci()[10]) == 144.0
""")


def numbers(path):
    """An array of 10,000 numbers that are computed one by one."""
    path.write_text("""\
import jax
import jax.numpy as jnp

double = jax.jit(lambda x: jnp.array([2.0 * x[i] for i in range(10_000)]))
assert float(double(jnp.ones(10_000)).sum()) == 20_000.0
""")


# What, who makes it, its file name, the command, the most seconds and MB.
LIMITS = [
    ("parse 22 MB of StableHLO", constants, "constants.mlir", ["opt", "--passes=dce"], 2, None),
    ("100,000 operations through all passes", chain, "chain.mlir", ["opt"], 3, 1000),
    ("unrolled cumulative sum of 10,000", cumulative_sum, "sums.jx", ["run"], 2, None),
    ("unrolled recurrence of 1,000 steps", fibonacci, "fibonacci.jx", ["run"], 1, None),
    ("array of 10,000 single numbers", numbers, "numbers.jx", ["run"], 2, None),
]


def measure(command):
    """Seconds, megabytes and the exit status of a command."""
    with tempfile.TemporaryDirectory() as cache:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, env=dict(os.environ, XDG_CACHE_HOME=cache))
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    return seconds, usage.ru_maxrss / 1024, process.returncode


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jxc", default=str(HERE.parent / "bin" / "jxc"))
    options = parser.parse_args()
    failed = False
    print(f"{'limits':40s}{'seconds':>10s}{'at most':>10s}{'MB':>8s}{'at most':>10s}")
    with tempfile.TemporaryDirectory() as folder:
        for name, make, file, command, most_seconds, most_megabytes in LIMITS:
            path = pathlib.Path(folder) / file
            make(path)
            seconds, megabytes, status = measure([options.jxc, *command, str(path)])
            exceeds = (status != 0 or seconds > most_seconds
                       or most_megabytes is not None and megabytes > most_megabytes)
            failed |= exceeds
            print(f"{name:40s}{seconds:10.2f}{most_seconds:10d}{megabytes:8.0f}"
                  f"{most_megabytes or '-':>10}"
                  + (f"  exit {status}" if status else "  exceeded" if exceeds else ""), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
