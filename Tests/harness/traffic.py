"""What kernels do to memory, family by family, as the simulator of a GPU counts it: what an expert
would look for first.
"""
import re
import tempfile
from pathlib import Path

from .result import Outcome, Test, execute

PROGRAM = """
import sys
import jax
import jax.numpy as jnp
import numpy as np

def ones(*shape):
    return np.ones(shape, np.float32)

def layernorm(x):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / jnp.sqrt(variance + 1e-5)

def softmax_of_matrices(x):
    e = jnp.exp(x - x.max((1, 2), keepdims=True))
    return e / e.sum((1, 2), keepdims=True)

def convolution(x, w, b):
    y = jax.lax.conv_general_dilated(
        x, w, (1, 1), 'SAME', dimension_numbers=('NHWC', 'HWIO', 'NHWC'))
    return jax.nn.relu(y + b)

families = {
    'elementwise': (jax.nn.selu, ones(1 << 18)),
    'narrow elementwise': (lambda x: x * 3 + 1, ones(1 << 19).astype(np.int8)),
    'Booleans': (lambda x, y: x & y, ones(1 << 19).astype(np.bool_), ones(1 << 19).astype(np.bool_)),
    'transpose': (lambda x: x.T, ones(512, 256)),
    'transpose of bytes': (lambda x: x.T, ones(512, 256).astype(np.int8)),
    'transpose of Booleans': (lambda x: x.T, ones(512, 256).astype(np.bool_)),
    'transpose of halves': (lambda x: x.T, ones(512, 256).astype(jnp.bfloat16)),
    'transpose of complexes': (lambda x: x.T, ones(512, 256).astype(np.complex64)),
    'odd transpose': (lambda x: x.T, ones(513, 255)),
    'odd transpose of bytes': (lambda x: x.T, ones(513, 255).astype(np.int8)),
    'transpose of even rows': (lambda x: x.T, ones(520, 264).astype(np.int8)),
    'rows': (lambda x: x.sum(1), ones(128, 2048)),
    'columns': (lambda x: x.sum(0), ones(512, 1024)),
    'total': (lambda x: x.sum(), ones(1 << 18)),
    'softmax': (jax.nn.softmax, ones(128, 1024)),
    'long softmax': (jax.nn.softmax, ones(2, 1 << 17)),
    'odd rows': (lambda x: x.sum(1), ones(128, 1001)),
    'odd starts': (lambda x: x.sum(1), ones(3, 70001)),
    'short rows': (lambda x: x.sum(1), ones(1 << 14, 16)),
    'short softmax': (jax.nn.softmax, ones(1 << 12, 128)),
    'shortest softmax': (jax.nn.softmax, ones(1 << 12, 16)),
    'short odd rows': (jax.nn.softmax, ones(1001, 33)),
    'joined': (lambda x, y: jnp.concatenate([x, y], 1) * 2, ones(512, 256), ones(512, 256)),
    'matrices': (softmax_of_matrices, ones(2, 59, 256)),
    'layernorm': (layernorm, ones(128, 1024)),
    'product': (lambda x, w: x @ w, ones(256, 128), ones(128, 256)),
    'column scan': (lambda x: jnp.cumsum(x, 0), ones(2048, 256)),
    'argmax': (jnp.argmax, ones(300_000)),
    'argmax of rows': (lambda x: x.argmax(1), ones(64, 4096)),
    'even product': (lambda x, w: x @ w, ones(130, 66), ones(66, 34)),
    'integers': (lambda x, w: x @ w, ones(128, 64).astype(jnp.int32), ones(64, 128).astype(jnp.int32)),
    'first layer': (lambda x, w: jax.lax.conv(x, w, (2, 2), 'SAME'), ones(2, 3, 28, 28),
                    ones(16, 3, 7, 7)),
    'narrow product': (lambda x, w: x @ w, ones(128, 64).astype(jnp.bfloat16),
                       ones(64, 128).astype(jnp.bfloat16)),
    'layer': (lambda x, w, b, r: jax.nn.relu(x @ w + b) + r,
              ones(100, 64), ones(64, 72), ones(72), ones(100, 72)),
    'convolution': (convolution, ones(2, 16, 16, 16), ones(3, 3, 16, 32), ones(32)),
    'loop': (lambda x: jax.lax.while_loop(lambda x: x.sum() < 1e4, lambda x: x * 2, x), ones(256)),
    'large loop': (lambda x: jax.lax.while_loop(lambda x: jnp.max(x) > 1.5, lambda x: x * 0.5, x),
                   4 * ones(1 << 19)),
    'unique scatter': (lambda x, i: x.at[i].add(1.0, unique_indices=True), ones(1 << 12),
                       np.arange(1 << 11)[::-1].copy()),
}
function, *arguments = families[sys.argv[1]]
jax.jit(function)(*arguments).block_until_ready()
"""

KERNELS = "kernels"

# What the columns of the statistics have to be, summed over kernels, or of each kernel. A number is
# the value, a pair the least and the most.
EXPECTED = {
    # One access moves 16 bytes, and nothing is transferred that nobody wants.
    "elementwise": {KERNELS: 1, "read each": 16, "read used": 100, "written each": 16,
                    "written used": 100, "lanes": (99, 100), "barriers": 0},
    "narrow elementwise": {KERNELS: 1, "read each": 16, "written each": 16, "written used": 100},
    "Booleans": {KERNELS: 1, "read each": 16, "written each": 16, "written used": 100},
    # Both sides in the order of memory, and no two threads at one bank.
    "transpose": {KERNELS: 1, "read each": 16, "read used": 100, "written each": 16,
                  "written used": 100, "conflicts": 0, "divergent": 0},
    # Narrow elements are turned over in registers, four or two lines at a time.
    "transpose of bytes": {KERNELS: 1, "read each": 16, "written each": 16, "shared": 1280,
                           "read used": 100, "written used": 100, "conflicts": 0},
    "transpose of Booleans": {KERNELS: 1, "read each": 16, "written each": 16, "shared": 1280,
                              "conflicts": 0},
    "transpose of halves": {KERNELS: 1, "read each": 16, "written each": 16, "shared": 2560,
                            "read used": 100, "written used": 100, "conflicts": 0},
    "transpose of complexes": {KERNELS: 1, "read each": 16, "written each": 16, "shared": 6144,
                               "read used": 100, "written used": 100, "conflicts": 0},
    "odd transpose": {KERNELS: 1, "read each": 4, "read used": (75, 100), "conflicts": 0},
    "odd transpose of bytes": {KERNELS: 1, "conflicts": 0},
    # Rows begin at multiples of eight bytes.
    "transpose of even rows": {KERNELS: 1, "read each": 8, "written each": 8, "conflicts": 0},
    "rows": {KERNELS: 1, "read each": 16, "read used": 100, "conflicts": 0},
    "columns": {"read each": (4, 16), "read used": 100, "written used": 100, "conflicts": 0},
    "total": {KERNELS: 2, "read each": (15, 16), "read used": 100, "conflicts": 0},
    # Rows stay in registers: each element is read once and written once.
    "softmax": {KERNELS: 1, "read": 128 * 1024 * 4, "read each": 16, "written": 128 * 1024 * 4,
                "written each": 16, "read used": 100, "written used": 100, "conflicts": 0},
    # Two blocks would leave a GPU idle.
    "long softmax": {"blocks": (64, 1 << 20), "read used": 100, "written used": 100,
                     "written each": (15, 16)},
    # Neighbours are those of threads where vectors would not be aligned.
    "odd rows": {KERNELS: 1, "read each": 4, "read used": (80, 100)},
    "odd starts": {"read each": 4, "read used": (80, 100)},
    # A block has several short rows, each of as many threads as load it.
    "short rows": {KERNELS: 1, "blocks": (64, 512), "read each": 16, "read used": 100,
                   "written used": 100, "conflicts": 0, "barriers": 0},
    "short softmax": {KERNELS: 1, "blocks": (64, 512), "read": 4096 * 128 * 4, "read each": 16,
                      "read used": 100, "written each": 16, "lanes": 100, "barriers": 0},
    "shortest softmax": {KERNELS: 1, "blocks": (64, 512), "read": 4096 * 16 * 4, "read each": 16,
                         "read used": 100, "written each": 16, "lanes": 100, "divergent": 0},
    "short odd rows": {KERNELS: 1, "blocks": (64, 512), "written": 1001 * 33 * 4, "barriers": 0},
    # Vectors lie on one side of the seam.
    "joined": {KERNELS: 1, "read each": 16, "read used": 100, "written each": 16, "divergent": 0},
    # More shared memory than a block has without asking.
    "matrices": {KERNELS: 1, "written": 2 * 59 * 256 * 4, "conflicts": 0},
    "layernorm": {KERNELS: 1, "read": 128 * 1024 * 4, "read each": 16, "written": 128 * 1024 * 4,
                  "written each": 16, "read used": 100, "written used": 100, "conflicts": 0},
    "product": {"read each": 16, "read used": 100, "written each": 16, "written used": 100,
                "conflicts": 0},
    # Neighbouring threads have neighbouring columns, and chunks of them.
    "column scan": {KERNELS: 3, "blocks": (64, 1024), "read": (2 * 2048 * 256 * 4, 5 << 20),
                    "read used": 100, "written used": 100, "conflicts": 0},
    # Several arrays are reduced together, by more than one block.
    "argmax": {KERNELS: 2, "blocks": (64, 1024), "read": (300_000 * 4, 310_000 * 4),
               "read used": (90, 100), "conflicts": 0},
    "argmax of rows": {KERNELS: 1, "blocks": 64, "read": 64 * 4096 * 4, "read each": 16,
                       "read used": 100, "conflicts": 0},
    # Rows of an even number of elements begin at multiples of eight bytes.
    "even product": {KERNELS: 1, "read each": 8, "written": 130 * 34 * 4, "written each": 8,
                     "conflicts": 0},
    # Integers go through the same tiles.
    "integers": {KERNELS: 1, "read": 4 * 64 * 64 * 2 * 4, "read each": 16, "written each": 16,
                 "conflicts": 0},
    # So do convolutions of few features: each element of the result is written once.
    "first layer": {KERNELS: 1, "written": 2 * 16 * 14 * 14 * 4},
    # Short numbers are widened as they are fetched, and narrowed before they are stored.
    "narrow product": {KERNELS: 1, "read": 4 * 64 * 64 * 2 * 2, "read each": 8,
                       "written": 128 * 128 * 2, "written each": 8, "conflicts": 0},
    # Bias, activation and residual in the product's own kernel, at the edges of tiles, too.
    "layer": {KERNELS: 1, "written": 100 * 72 * 4, "written each": 16, "written used": 100,
              "conflicts": 0},
    "convolution": {KERNELS: 1, "read each": (14, 16), "written": 2 * 16 * 16 * 32 * 4,
                    "written each": 16, "written used": 100, "conflicts": 0},
    # One launch for all iterations.
    "loop": {KERNELS: 1, "launches": 1, "blocks": 1},
    # Of more work, all blocks do it together.
    "large loop": {KERNELS: 1, "launches": 1, "blocks": 6, "read each": (14, 16), "read used": (95, 100)},
    # A thread for each update.
    "unique scatter": {KERNELS: 1, "blocks": (8, 64)},
}
SUMS = {"launches", "read", "written", "conflicts", "barriers", "divergent"}


def tests(context):
    return [Test(f"traffic: {family}", lambda family=family: check(context, family))
            for family in EXPECTED]


def check(context, family):
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "traffic.jx"
        program.write_text(PROGRAM)
        _, said, code = execute(
            [str(context.jxc), "run", "--device", "ptxsim", "--statistics", str(program), "--",
             family], folder)
    kernels = table(said)
    if code != 0 or not kernels:
        return Outcome(f"exit code {code}\n{said[-2000:]}")
    problems = []
    for column, wanted in EXPECTED[family].items():
        least, most = wanted if isinstance(wanted, tuple) else (wanted, wanted)
        found = len(kernels) if column == KERNELS else figure(kernels, column, least)
        if not least <= found <= most:
            problems.append(f"{column} is {found}, not {least} to {most}")
    return Outcome("\n".join(problems + [said]) if problems else "")


def figure(kernels, column, least):
    """The sum of a column, or its value for the kernel that moves most."""
    if column in SUMS:
        return sum(kernel[column] for kernel in kernels)
    return max(kernels, key=lambda kernel: kernel["read"] + kernel["written"])[column]


def table(text):
    """The lines of `--statistics`, by the names of the columns."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()]
    heading = next((line for line in lines if line[0] == "kernel"), [])
    names, side = [], ""
    for name in heading:
        side = name if name in ("read", "written") else side
        names.append(f"{side} {name}" if name in ("each", "used") else name)
    return [dict(zip(names, [line[0]] + [number(cell) for cell in line[1:]]))
            for line in lines if len(line) == len(names) and line[0] != "kernel"]


def number(cell):
    return int(cell.rstrip("%")) if cell != "-" else 0
