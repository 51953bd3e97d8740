"""Compares the library of stdlib/ with JAX, case by case: jaxpr text, values, dtypes, errors.

    python Tests/record/stdlib_check.py [FILTER]          compare every case whose text holds FILTER
    python Tests/record/stdlib_check.py --show FILTER     print JAX's jaxprs of these cases
    python Tests/record/stdlib_check.py --expr 'f32[3] | jnp.sum(a)'   compare one case

A case is `ARGUMENTS | EXPRESSION`: arguments are abstract (`f32[3,4]`), named a, b, c, … in the
expression; `f32*` is a weakly typed scalar. See stdlib_cases/*.txt.
"""

import importlib
import pathlib
import re
import sys
import traceback
import types
import warnings

import jax
import jax.numpy
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import stdlib_shim

warnings.simplefilter("ignore")
DTYPES = {
    "f32": "float32", "f64": "float64", "f16": "float16", "bf16": "bfloat16", "i32": "int32",
    "i64": "int64", "i8": "int8", "i16": "int16", "u8": "uint8", "u16": "uint16", "u32": "uint32",
    "u64": "uint64", "bool": "bool", "c64": "complex64", "c128": "complex128",
}


def make_argument(text, seed):
    if text == "key":
        return jax.random.key(7)
    if text == "rawkey":
        return jax.random.PRNGKey(7)
    m = re.fullmatch(r"([a-z0-9]+)(\*)?(?:\[([0-9,]*)\])?(\+)?", text)
    if m is None:
        raise ValueError(text)
    dtype, weak, dims, positive = m.groups()
    if weak:
        return {"f32": 1.5, "i32": 3, "bool": True, "c64": 1 + 2j}[dtype]
    shape = tuple(int(d) for d in dims.split(",") if d) if dims else ()
    dtype = jax.numpy.dtype(DTYPES[dtype])
    rng = np.random.RandomState(seed)
    if dtype.kind == "b":
        data = rng.rand(*shape) > 0.5
    elif dtype.kind in "iu":
        data = rng.randint(0 if dtype.kind == "u" or positive else -4, 6, shape)
    elif dtype.kind == "c":
        data = rng.randn(*shape) + 1j * rng.randn(*shape)
    else:
        data = rng.rand(*shape) * 0.9 + 0.05 if positive else rng.randn(*shape) * 2
    return jax.numpy.asarray(np.asarray(data).astype(dtype))


def namespace(root):
    def sub(name):
        return importlib.import_module(root.__name__ + "." + name)

    space = {"jax": root, "np": np, "functools": importlib.import_module("functools")}
    for name, module in {
        "jnp": "numpy", "lax": "lax", "nn": "nn", "random": "random", "tree_util": "tree_util",
    }.items():
        try:
            space[name] = sub(module)
        except ModuleNotFoundError as error:
            print("missing", error)
    for module in (
        "numpy.linalg numpy.fft nn.initializers scipy scipy.special scipy.linalg scipy.stats "
        "scipy.signal ops tree image"
    ).split():
        try:
            setattr(sys.modules[root.__name__], module.partition(".")[0], sub(module.partition(".")[0]))
            sub(module)
        except ModuleNotFoundError as error:
            print("missing", error)
    if root.__name__ == "jxlib":
        space["jsp"] = sys.modules.get("jxlib.scipy")
    else:
        space["jsp"] = jax.scipy
    if "scipy.stats" and root is jax:
        for s in "norm uniform expon gamma beta t cauchy laplace logistic poisson bernoulli chi2 pareto multivariate_normal".split():
            sub("scipy.stats." + s)
    return space


def normalise(text):
    text = re.sub(r" at 0x[0-9a-f]+", "", text)
    return text


class Ours:
    """Sends `x[...]` and `x.at[...]` of the arguments to the library's indexing."""

    def __init__(self, value):
        self.value = value

    def __getitem__(self, index):
        indexing = importlib.import_module("jxlib._indexing")
        plain = lambda i: i.value if isinstance(i, Ours) else i
        index = tuple(map(plain, index)) if isinstance(index, tuple) else plain(index)
        return indexing.getitem(self.value, index)

    @property
    def at(self):
        indexing = importlib.import_module("jxlib._indexing")
        outer = self

        class At:
            def __getitem__(self, index):
                plain = lambda i: i.value if isinstance(i, Ours) else i
                index = tuple(map(plain, index)) if isinstance(index, tuple) else plain(index)
                return indexing.IndexUpdateRef(outer.value, index)

        return At()

    def __iter__(self):
        return iter(importlib.import_module("jxlib._indexing").iterate(self.value))

    def __gt__(self, other):
        return self.value > other

    def __getattr__(self, name):
        return getattr(self.value, name)


def outcome(space, source, args):
    """(jaxpr text or error type, values) of one case."""
    names = "abcdefgh"[: len(args)]
    env = dict(space)
    f = eval(f"lambda {','.join(names)}: {source}", env)
    if space["jax"] is not jax and re.search(r"\b[ab](\.at)?\[", source) and outcome.indexing:
        plain = f
        f = lambda a, *rest: plain(Ours(a), *rest)
    try:
        text = normalise(str(jax.make_jaxpr(f)(*args)))
    except Exception as error:
        outcome.error = traceback.format_exc()
        text = "raises " + type(error).__name__
    try:
        value = jax.tree.leaves(f(*args))
    except Exception as error:
        outcome.error = traceback.format_exc()
        value = "raises " + type(error).__name__
    return text, value


outcome.indexing = False


def same(a, b):
    if isinstance(a, str) or isinstance(b, str):
        return a == b if type(a) is type(b) else False
    if len(a) != len(b):
        return False
    for x, y in zip(a, b):
        if isinstance(x, jax.Array) and jax.numpy.issubdtype(x.dtype, jax.dtypes.prng_key):
            x, y = jax.random.key_data(x), jax.random.key_data(y)
        if hasattr(x, "dtype") != hasattr(y, "dtype"):
            return False
        if hasattr(x, "dtype"):
            if x.dtype != y.dtype or x.shape != y.shape:
                return False
            if getattr(x, "weak_type", None) != getattr(y, "weak_type", None):
                return False
            x, y = np.asarray(x), np.asarray(y)
            if x.dtype.kind not in "biufcOSU":
                x, y = x.astype("float32"), y.astype("float32")
            if x.dtype.kind in "fc":
                if not np.allclose(x, y, rtol=1e-6, atol=1e-7, equal_nan=True):
                    return False
            elif not np.array_equal(x, y):
                return False
        elif type(x) is not type(y) or (x != y and x == x):
            return False
    return True


file_of = {}


def cases():
    folder = pathlib.Path(__file__).parent / "stdlib_cases"
    for file in sorted(folder.glob("*.txt")):
        for line in file.read_text().splitlines():
            if line.strip() and not line.startswith("#"):
                file_of[line] = file.stem
                yield line


def split_case(line):
    arguments, _, source = line.partition("|")
    return [make_argument(a, i) for i, a in enumerate(arguments.split())], source.strip()


def main(argv):
    if argv and argv[0] == "--show":
        space = namespace(jax)
        lines = [l for l in cases() if any(f in l for f in argv[1:])] if not any("|" in f for f in argv[1:]) else argv[1:]
        for line in lines:
            args, source = split_case(line)
            text, value = outcome(space, source, args)
            print("#", line)
            text = re.sub(r"\s+", " ", text)
            print(text if not text.startswith("raises") else text + " " + outcome.error.splitlines()[-1])
        return 0
    theirs = namespace(jax)
    ours = namespace(stdlib_shim.install())
    if argv and argv[0] == "--expr":
        lines = argv[1:]
        verbose = True
    else:
        lines = [l for l in cases() if not argv or any(f in l for f in argv)]
        verbose = bool(argv)
    failed = 0
    for line in lines:
        args, source = split_case(line)
        outcome.indexing = file_of.get(line) == "indexing"
        want_text, want = outcome(theirs, source, args)
        outcome.error = ""
        got_text, got = outcome(ours, source, args)
        if want_text == got_text and same(want, got):
            continue
        failed += 1
        kind = "jaxpr" if want_text != got_text else "value"
        print(f"FAIL ({kind}) {line}")
        if verbose:
            if want_text != got_text:
                print("--- JAX\n" + want_text + "\n--- ours\n" + got_text)
            else:
                print("--- JAX\n", want, "\n--- ours\n", got)
            if "raises" in got_text or isinstance(got, str):
                print(outcome.error)
        else:
            tail = outcome.error.strip().splitlines()[-1:] if "raises" in got_text or isinstance(got, str) else []
            print("   ", *tail)
    print(f"{len(lines) - failed} of {len(lines)} cases agree")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
