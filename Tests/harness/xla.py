"""The texts of jxc and XLA's own tools, where JAX_PYTHON names a Python that has JAX."""
import os
from pathlib import Path

from .result import Outcome, Test, execute

CHECKS = ["stablehlo", "samples", "hlo"]


def tests(context):
    return [Test(f"xla/{name}", lambda name=name: check(context, name)) for name in CHECKS]


def check(context, name):
    python = os.environ.get("JAX_PYTHON")
    if not python:
        return Outcome("JAX_PYTHON names no Python that has JAX", skipped=True)
    script = str(context.root / "Tests" / "xla.py")
    output, error, code = execute(
        [python, script, name, "--jxc", str(context.jxc)], context.root, timeout=1800)
    return Outcome() if code == 0 else Outcome(output + error[-2000:])
