#!/usr/bin/env python3
"""JAX's times of the functions of kernels.jx on the GPU at hand, cuBLAS's and cuDNN's among them."""
import importlib.machinery
import importlib.util
import pathlib
import time

import jax
import jax.numpy as jnp
import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
TYPES = {"f32": jnp.float32, "bf16": jnp.bfloat16, "i32": jnp.int32, "u32": jnp.uint32, "i8": jnp.int8,
         "f16": jnp.float16, "c64": jnp.complex64}


def load(path):
    loader = importlib.machinery.SourceFileLoader("kernels", str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("kernels", loader))
    loader.exec_module(module)
    return module


def argument(text):
    """`f32[8,3]` as an array."""
    name, _, extents = text.rstrip("]").partition("[")
    shape = tuple(int(extent) for extent in extents.split(",") if extent)
    random = np.random.default_rng(0)
    if name.startswith(("i", "u")):
        return jnp.asarray(random.integers(0, 128, shape), TYPES[name])
    return jnp.asarray(random.uniform(-2, 2, shape), TYPES[name])


def main():
    kernels = load(HERE / "kernels.jx")
    for line in (HERE / "functions").read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        name, *arguments, kind, work = line.split()
        function = jax.jit(getattr(kernels, name))
        operands = [argument(text) for text in arguments]
        jax.block_until_ready(function(*operands))
        best = float("inf")
        for _ in range(20):
            start = time.perf_counter()
            jax.block_until_ready(function(*operands))
            best = min(best, time.perf_counter() - start)
        unit = "GFLOP/s" if kind == "flop" else "GB/s"
        print(f"{name:12} {1e3 * best:9.3f} ms {int(work) / best / 1e9:9.1f} {unit}", flush=True)


if __name__ == "__main__":
    main()
