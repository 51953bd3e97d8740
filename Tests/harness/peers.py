"""StableHLO's own tests, where the checkout has them beside it (../shared/stablehlo): each file runs
through the interpreter, through compiled code, and through that for a GPU, on the simulator of one.
"""
import re
from concurrent.futures import ThreadPoolExecutor

from .result import Outcome, Test, execute

# What cannot pass as written: comparisons of NaN for equality, a program that wants arguments.
IMPOSSIBLE = {"sort_float32_5", "top_k_float32_5_chlo", "api_input_arguments"}

# FIXME: these expect the rounding errors of one certain algorithm, to 3 units in the last place.
WRONG = {"fft_complex64_14_15_16_17", "fft_complex128_14_15_16_17",
         "triangular_solve_float32_2_8_8_float32_2_10_8"}


def tests(context):
    return [Test("peers/interpreted", lambda: check(context, ["--interpret"])),
            Test("peers/compiled", lambda: check(context, [])),
            Test("peers/simulated", lambda: check(context, ["--device", "ptxsim"]))]


def check(context, flags):
    folder = context.root.parent / "shared" / "stablehlo"
    if not folder.exists():
        return Outcome("../shared/stablehlo is not here", skipped=True)
    files = [file for file in sorted(folder.glob("*/*.mlir")) if file.stem not in IMPOSSIBLE]
    with ThreadPoolExecutor(4) as pool:
        outcomes = pool.map(lambda file: run(context, file, flags), files)
        failures = []
        for file, message in zip(files, outcomes):
            if file.stem in WRONG:
                message = "" if message.startswith("exit 3") else "passes now: see WRONG"
            if message:
                failures.append(f"{file.stem}: {message}")
    if failures:
        failures.insert(0, f"{len(failures)} of {len(files)} fail")
    return Outcome("\n".join(failures))


def run(context, file, flags):
    """What is wrong; empty where the module's checks hold."""
    _, error, code = execute([str(context.jxc), "run", *flags, str(file)], context.root)
    # What a GPU cannot run is refused, with its line.
    if "--device" in flags and re.match(r"\S+:\d+:\d+: error: unsupported: ", error):
        return ""
    return "" if code == 0 else f"exit {code}: {(error.splitlines() or [''])[0]}"
