#!/usr/bin/env python3
"""Holds the texts that jxc prints against XLA's own tools; runs under a Python that has JAX 0.10.

    $JAX_PYTHON Tests/xla.py stablehlo|samples|hlo --jxc bin/jxc [FILE ...]

stablehlo  the StableHLO of every function that a program compiles: MLIR reads it, finds it valid, and
           prints the same text
samples    a module (.mlir), printed by jxc: MLIR reads the same from it as from the file
hlo        the HLO text of every function that a program compiles: XLA reads it, compiles it, and it
           gives what the StableHLO gives
"""
import argparse
import difflib
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax
import numpy as np
from jax._src.interpreters import mlir
from jax._src.lib import xla_client
from jaxlib import _hlo, _jax, lapack
from jaxlib.mlir import ir

jax.config.update("jax_enable_x64", True)

ROOT = Path(__file__).resolve().parents[1]
SEPARATOR = re.compile(r"^// -----.*\n", re.M)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=["stablehlo", "samples", "hlo"])
    parser.add_argument("--jxc", default="bin/jxc")
    parser.add_argument("files", nargs="*", type=Path)
    arguments = parser.parse_args()
    jxc = str(Path(arguments.jxc).resolve())
    files = arguments.files or (samples() if arguments.check == "samples" else programs())
    check = {"stablehlo": stablehlo, "samples": sample, "hlo": hlo}[arguments.check]
    checked, failures = 0, []
    with ThreadPoolExecutor(2) as pool:
        texts = pool.map(lambda file: prepare(arguments.check, jxc, file), files)
        for file, text in zip(files, texts):
            count, problems = check(file, text)
            checked += count
            failures += [f"{file.name}: {problem}" for problem in problems]
    print("\n".join(failures))
    print(f"{checked} modules of {len(files)} files, {len(failures)} problems")
    return 1 if failures or not checked else 0


def programs():
    """Programs of the repository, and those beside it."""
    return sorted([*(ROOT / "examples").glob("*.jx"), *(ROOT / "Tests" / "Programs").glob("*.jx"),
                   *(ROOT.parent / "shared" / "exam" / "programs").glob("*.jx")])


def samples():
    return sorted([*(ROOT / "Tests" / "Cases" / "HLO").glob("*/*.mlir"),
                   *(ROOT.parent / "shared" / "stablehlo").glob("*/*.mlir")])


def prepare(check, jxc, file):
    """What jxc prints, for each of the commands that the check needs."""
    commands = {"stablehlo": [["--emit-stablehlo"]], "samples": [["opt", "--passes=none"]],
                "hlo": [["--emit-stablehlo"], ["--emit-hlo"]]}[check]
    return [subprocess.run([jxc, *command, file.name], cwd=file.parent, capture_output=True, text=True)
            for command in commands]


def modules(text):
    return [part.strip() + "\n" for part in SEPARATOR.split(text) if part.strip()]


# MARK: StableHLO

def canonical(text):
    """The text as MLIR prints it."""
    with mlir.make_ir_context():
        return ir.Module.parse(text).operation.get_asm(enable_debug_info=False)


def stablehlo(file, outputs):
    problems = []
    texts = modules(outputs[0].stdout)
    for number, text in enumerate(texts):
        try:
            theirs = canonical(text)
        except Exception as error:
            problems.append(f"module {number} is refused: {str(error)[:300]}")
            continue
        if theirs.strip() != text.strip():
            problems.append(f"module {number} prints otherwise:\n{difference(theirs, text)}")
    return len(texts), problems


def sample(file, outputs):
    if outputs[0].returncode != 0:
        return 1, [f"jxc refuses it: {outputs[0].stderr[:200]}"]
    theirs, ours = modules(file.read_text()), modules(outputs[0].stdout)
    checked, problems = 0, []
    for number, (a, b) in enumerate(zip(theirs, ours)):
        try:
            a = canonical(a)
        except Exception:
            continue  # The dialects of StableHLO's own tests are unknown to XLA's tools.
        checked += 1
        try:
            b = canonical(b)
        except Exception as error:
            problems.append(f"module {number} is refused: {str(error)[:300]}")
            continue
        if a != b:
            problems.append(f"module {number} is another one:\n{difference(a, b)}")
    if len(theirs) != len(ours):
        problems.append(f"{len(theirs)} modules became {len(ours)}")
    return checked, problems


def difference(a, b):
    lines = difflib.unified_diff(a.splitlines(), b.splitlines(), "MLIR", "jxc", n=0, lineterm="")
    return "\n".join(list(lines)[:10])[:1000]


# MARK: HLO

def hlo(file, outputs):
    stable, texts = modules(outputs[0].stdout), modules(outputs[1].stdout)
    problems = []
    if len(stable) != len(texts):
        problems.append(f"{len(stable)} modules are {len(texts)} in HLO: {outputs[1].stderr[-300:]}")
    for number, (module, text) in enumerate(zip(stable, texts)):
        problem = apart(lambda module=module, text=text: compare(module, text))
        if problem:
            problems.append(f"module {number}{problem}")
    return len(texts), problems


def apart(check):
    """What `check` returns; it runs in a process of its own, because XLA ends where it finds a
    mistake late."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receive)
        error = os.open(os.devnull, os.O_WRONLY)
        os.dup2(error, 2)
        os.write(send, check().encode()[:60000])
        os._exit(0)
    os.close(send)
    with os.fdopen(receive, "rb") as pipe:
        answer = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    return answer if status == 0 else f": XLA ended with signal {status & 127}"


def compare(module, text):
    try:
        read = _hlo.hlo_module_from_text(text)
        module_of_text = _jax.mlir.hlo_to_stablehlo(read.as_serialized_hlo_module_proto())
        expected, got = run(module, operands(module)), run(module_of_text, operands(module))
    except Exception as error:
        return f": {str(error)[:400]}"
    for index, (x, y) in enumerate(zip(expected, got)):
        if not agree(x, y):
            return f", result {index}: {x} is {y}"[:400]
    return ""


def run(module, arguments):
    lapack._lapack.initialize()  # Custom calls find LAPACK's routines.
    client = jax.devices("cpu")[0].client
    devices = xla_client.DeviceList(tuple(client.local_devices()[:1]))
    executable = client.compile_and_load(module, devices, xla_client.CompileOptions())
    arrays = [jax.device_put(a, jax.devices("cpu")[0]) for a in arguments]
    shards = executable.execute_sharded(arrays).disassemble_into_single_device_arrays()
    return [np.asarray(shard[0]) for shard in shards]


def operands(text):
    """Small numbers for the arguments of @main."""
    with mlir.make_ir_context():
        module = ir.Module.parse(text)
        # Other operations of a module, such as meshes, may be called the same.
        main = next(op for op in module.body.operations
                    if op.operation.name == "func.func" and op.name.value == "main")
        types = [ir.RankedTensorType(t) for t in main.type.inputs]
        kinds = [(tuple(t.shape), str(t.element_type)) for t in types]
    rng = np.random.default_rng(1)
    return [operand(rng, *kind) for kind in kinds]


ELEMENTS = {"i1": bool, "f16": np.float16, "f32": np.float32, "f64": np.float64,
            "complex<f32>": np.complex64, "complex<f64>": np.complex128}


def operand(rng, shape, element):
    if element in ELEMENTS or element.startswith(("f", "bf")):
        kind = ELEMENTS.get(element)
        values = rng.normal(size=shape)
        if kind is bool:
            return values > 0
        if kind is not None:
            return np.asarray(values, kind)
        return np.asarray(jax.numpy.asarray(values, getattr(jax.numpy, float_name(element))))
    name = element.replace("ui", "uint") if element.startswith("ui") else element.replace("i", "int")
    return np.asarray(rng.integers(0, 4, size=shape), getattr(jax.numpy, name))


def float_name(element):
    return "bfloat16" if element == "bf16" else element.lower().replace("f8", "float8_")


def agree(x, y):
    if x.shape != y.shape or x.dtype != y.dtype:
        return False
    if x.dtype.kind in "iub":
        return np.array_equal(x, y)
    # Halves of single precision are rounded at other steps, too.
    tolerance = {"bfloat16": 2e-2, "float16": 3e-3}.get(str(x.dtype), 2e-4)
    x, y = (a.astype(np.complex128 if a.dtype.kind == "c" else np.float64) for a in (x, y))
    scale = max(1.0, float(np.nanmax(np.abs(x[np.isfinite(x)]), initial=0)))
    return np.allclose(x, y, rtol=2e-3, atol=tolerance * scale, equal_nan=True)


if __name__ == "__main__":
    sys.exit(main())
