"""The cache of compiled functions, and executables: what is compiled once is not compiled again."""
import os
import subprocess
import tempfile
import time
from pathlib import Path

from .numbers import first_difference
from .result import Outcome, Test

PROGRAM = '''
import jax
import jax.numpy as jnp

f = jax.jit(lambda x: jnp.tanh(x) @ x.T + 1)
print(f(jnp.arange(12.0).reshape(3, 4)).sum())
g = jax.jit(lambda x: jnp.sort(x)[::-1])
print(g(jnp.arange(SIZE) % 3)[:4])
'''


def tests(context):
    return [Test(f"cache: {name}", lambda check=check: run(context, check))
            for name, check in CHECKS.items()]


def run(context, check):
    with tempfile.TemporaryDirectory() as folder:
        return Outcome(check(Cache(context, Path(folder))) or "")


class Cache:
    """A folder with a program in it, and a cache of its own."""

    def __init__(self, context, folder):
        self.context = context
        self.folder = folder
        self.directory = folder / "xdg" / "jxc"
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("JXC_")}
        self.environment.update(XDG_CACHE_HOME=str(folder / "xdg"), NO_COLOR="1")

    def program(self, size=10):
        path = self.folder / f"prog{size}.jx"
        path.write_text(PROGRAM.replace("SIZE", str(size)))
        return path

    def start(self, *arguments, **variables):
        return subprocess.Popen(
            [str(argument) for argument in arguments], cwd=self.folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**self.environment, **variables})

    def jxc(self, *arguments, **variables):
        return finish(self.start(self.context.jxc, *arguments, **variables))

    def run(self, path, **variables):
        """What the program prints, and whether anything was compiled."""
        output, error = self.jxc("run", path, "--time-passes", **variables)
        return output, "code generation" in error

    def entries(self):
        return sorted(self.directory.glob("*.jxo"))


def finish(process):
    output, error = process.communicate(timeout=300)
    if process.returncode != 0:
        raise AssertionError(f"exit code {process.returncode}\n{error}")
    return output, error


MODULE = """
func.func @first() -> tensor<4xf32> {
  %0 = stablehlo.iota dim = 0 : tensor<4xf32>
  %1 = stablehlo.NAME %0 : tensor<4xf32>
  return %1 : tensor<4xf32>
}
func.func @second() -> tensor<2xi32> {
  %0 = stablehlo.iota dim = 0 : tensor<2xi32>
  return %0 : tensor<2xi32>
}
"""


def check_modules(cache):
    path = cache.folder / "module.mlir"
    seen = []
    for name in ("tanh", "tanh", "sine"):
        path.write_text(MODULE.replace("NAME", name))
        seen.append(cache.run(path))
    if [compiled for _, compiled in seen] != [True, False, True]:
        return f"compiled: {seen}"
    if seen[0][0] != seen[1][0] or seen[0][0] == seen[2][0]:
        return f"results: {seen}"


def check_hit(cache):
    first, compiled = cache.run(cache.program())
    again, compiled_again = cache.run(cache.program())
    if not compiled or compiled_again or first != again:
        return f"compiled: {compiled}, again: {compiled_again}\n{first}{again}"
    if cache.run(cache.program(), JXC_CACHE="off") != (first, True):
        return "JXC_CACHE=off does not turn it off"
    path, _ = cache.jxc("cache", "path")
    stats, _ = cache.jxc("cache", "stats")
    count = len(cache.entries())
    size = sum(entry.stat().st_size for entry in cache.entries())
    if path != f"{cache.directory}\n" or f"entries  {count}\n" not in stats \
            or f"bytes    {size} of" not in stats:
        return path + stats
    cleared, _ = cache.jxc("cache", "clear")
    if cleared != f"removed {count} entries\n" or cache.entries():
        return cleared


def check_digits(cache):
    program = cache.context.root / "examples" / "digits.jx"
    first, compiled = cache.run(program)
    again, compiled_again = cache.run(program)
    if not compiled or compiled_again or first != again:
        return f"compiled: {compiled}, again: {compiled_again}"


def check_damage(cache):
    expected, _ = cache.run(cache.program())
    for damage in (lambda b: b[:-1], lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b + b"x",
                   lambda b: b[:200] + bytes([b[200] ^ 1]) + b[201:],
                   lambda b: b"foreign" * 100):
        for entry in cache.entries():
            entry.write_bytes(damage(entry.read_bytes()))
        if cache.run(cache.program()) != (expected, True):
            return "a damaged entry was used"
    if cache.run(cache.program()) != (expected, False):
        return "damaged entries were not replaced"
    # An entry under the name of another one is not that one.
    first, second = cache.entries()[:2]
    first.write_bytes(second.read_bytes())
    if cache.run(cache.program()) != (expected, True):
        return "an entry of another program was used"


def check_bound(cache):
    cache.run(cache.program())
    limit = 3 * max(entry.stat().st_size for entry in cache.entries())
    for size in range(11, 16):
        cache.run(cache.program(size), JXC_CACHE_SIZE=str(limit))
        total = sum(entry.stat().st_size for entry in cache.entries())
        if total > limit:
            return f"{total} bytes, although {limit} is the limit"
    if not cache.entries():
        return "nothing is left"


def check_writers(cache):
    paths = [cache.program(), cache.program(11)]
    processes = [cache.start(cache.context.jxc, "run", paths[i % 2]) for i in range(6)]
    outputs = {}
    for i, process in enumerate(processes):
        output, _ = finish(process)
        if outputs.setdefault(i % 2, output) != output:
            return "writers disagree"
    if any(cache.run(path)[1] for path in paths):
        return "something was compiled again"
    if list(cache.directory.glob("*.tmp")):
        return "temporary files are left"


def check_kill(cache):
    for delay in (0.05, 0.15, 0.3, 0.6):
        process = cache.start(cache.context.jxc, "run", cache.program())
        time.sleep(delay)
        process.kill()
        process.communicate()
    expected, _ = cache.run(cache.program(), JXC_CACHE="off")
    if cache.run(cache.program())[0] != expected or cache.run(cache.program()) != (expected, False):
        return "the cache does not work after kills"


def check_unwritable(cache):
    (cache.folder / "xdg").write_text("a file where the folder should be")
    output, compiled = cache.run(cache.program())
    if not compiled or not output:
        return output


def check_build(cache):
    """An executable does the same as the program, without its files, and compiles nothing."""
    program = cache.program()
    (cache.folder / "helper.jx").write_text("def twice(x):\n    return 2 * x\n")
    program.write_text(program.read_text() + '''
import os
import sys
import numpy as np
from helper import twice
here = os.path.dirname(os.path.abspath(__file__))
print(jax.jit(twice)(np.load(os.path.join(here, "data.npy"))), sys.argv[1:])
''')
    # The header of NumPy's format, version 1, and two integers.
    header = b"{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }"
    header += b" " * (117 - len(header)) + b"\n"
    (cache.folder / "data.npy").write_bytes(
        b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
        + (3).to_bytes(4, "little") + (4).to_bytes(4, "little"))
    expected, _ = cache.jxc("run", program, "--", "a", "b")
    cache.jxc("build", program, "-o", "built", "-q", "--", "a", "b")
    for name in (program.name, "helper.jx", "data.npy"):
        (cache.folder / name).unlink()
    output, _ = finish(cache.start(cache.folder / "built", "a", "b", JXC_CACHE=str(cache.folder / "c")))
    if output != expected:
        return f"expected {expected}\ngot {output}"
    if (cache.folder / "c").exists():
        return "the executable compiled something"


def check_digits_build(cache):
    program = cache.context.root / "examples" / "digits.jx"
    cache.jxc("build", program, "-o", "digits", "-q")
    output, _ = finish(cache.start(cache.folder / "digits"))
    expected = (program.parent / "expected" / "digits.out").read_text()
    problem = first_difference(expected, output, 1e-4)
    return f"line {problem}" if problem else None


CHECKS = {
    "a second run of a module compiles nothing": check_modules,
    "a second run compiles nothing": check_hit,
    "a second run of the digits compiles nothing": check_digits,
    "damaged and foreign entries are not used": check_damage,
    "it stays below its limit": check_bound,
    "several writers at once": check_writers,
    "writers that are killed": check_kill,
    "a folder that cannot be written": check_unwritable,
    "an executable is the program": check_build,
    "an executable of the digits": check_digits_build,
}
