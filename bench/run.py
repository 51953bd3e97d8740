#!/usr/bin/env python3
"""Measures jxc, and JAX beside it: the same programs, alternately, in one run.

    bench/run.py [--jxc bin/jxc] [--jax PYTHON] [--rounds 3] [--only REGEX] [--json FILE]

PYTHON is an interpreter that has JAX (or set JAX_PYTHON); without one, jxc is measured alone.
Every process starts with an empty compile cache. Per workload: the best time of a call, and the time
of the first call, which compiles; a ratio below 1 says that jxc is faster. The last columns say how
far both are from what the machine could do at best: its memory bandwidth and its arithmetic peak,
measured here (roofline.c), for the megabytes and operations that the workload declares.
"""
import argparse
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
START_UP = "hello"


def execute(command, timeout):
    """Runs a program: what it measured, its wall time and peak memory, or what went wrong."""
    cache = tempfile.mkdtemp(prefix="jxc-bench-")
    environment = dict(os.environ, XDG_CACHE_HOME=cache, JAX_PLATFORMS="cpu")
    # They would keep OpenBLAS from choosing its kernels for this machine.
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        environment.pop(name, None)
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
        timer = threading.Timer(timeout, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        out.seek(0)
        err.seek(0)
        lines, complaint = out.read().splitlines(), err.read().strip().splitlines()
    shutil.rmtree(cache, ignore_errors=True)
    measured = {}
    for words in map(str.split, lines):
        if len(words) == 7 and words[0] == "WORKLOAD":
            measured[words[1]] = [float(word) for word in words[2:]]
    error = None
    if process.returncode != 0:
        error = f"exit {process.returncode}: {complaint[-1] if complaint else ''}"[:150]
    return dict(measured=measured, wall=wall, peak=usage.ru_maxrss / 1024, error=error)


def measure_machine():
    """The machine's bandwidth in GB/s and its peak in Gflop/s (f32), or None."""
    with tempfile.TemporaryDirectory() as folder:
        binary = os.path.join(folder, "roofline")
        build = ["cc", "-O3", "-march=native", "-pthread", str(HERE / "roofline.c"), "-o", binary]
        try:
            subprocess.run(build, check=True, capture_output=True)
            text = subprocess.run([binary], check=True, capture_output=True, text=True).stdout
        except (OSError, subprocess.CalledProcessError):
            return None
    bandwidth, peak = map(float, text.split())
    return bandwidth, peak


def bound(machine, megabytes, gigaflops):
    """The least time in seconds for work that touches so much, or None where nothing is declared."""
    if machine is None or megabytes + gigaflops == 0:
        return None
    return max(megabytes / 1e3 / machine[0], gigaflops / machine[1])


def geometric_mean(values):
    values = [value for value in values if value]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def duration(seconds):
    if seconds is None:
        return "-"
    for unit, scale in (("s", 1), ("ms", 1e3), ("us", 1e6)):
        if seconds * scale >= 1 or unit == "us":
            return f"{seconds * scale:.3g} {unit}"


def ratio(value):
    return "-" if value is None else f"{value:.2f}"


def divide(a, b):
    return a / b if a and b else None


def agree(a, b):
    return a == b or abs(a - b) <= 1e-3 * max(abs(a), abs(b)) or (a != a and b != b)


def row(name, *cells):
    print(f"{name:34s}" + "".join(f"{cell:>10s}" for cell in cells), flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jxc", default=str(HERE.parent / "bin" / "jxc"))
    parser.add_argument("--jax", default=os.environ.get("JAX_PYTHON"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="programs whose name has this regular expression")
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("--json", help="also write every number to this file")
    options = parser.parse_args()

    sides = {"jxc": [options.jxc, "run"]}
    if options.jax:
        sides = {"jax": [options.jax], **sides}
    else:
        print("no JAX: jxc alone (name a Python that has JAX by --jax or JAX_PYTHON)\n")
    machine = measure_machine()
    if machine:
        print(f"this machine: {machine[0]:.1f} GB/s, {machine[1]:.0f} Gflop/s (f32), "
              f"{os.cpu_count()} CPUs\n")
    row("workload", "JAX", "jxc", "ratio", "JAX first", "jxc first", "ratio", "JAX/limit",
        "jxc/limit")

    results, programs, failures = {}, {}, []
    helper = (HERE / "measure.jx").read_text()
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted((HERE / "programs").glob("*.jx")):
            if not re.search(options.only, path.stem):
                continue
            is_start_up = path.stem == START_UP
            program = pathlib.Path(folder) / path.name
            program.write_text(("" if is_start_up else helper) + path.read_text())
            runs = {side: [] for side in sides}
            for _ in range(options.rounds * (3 if is_start_up else 1)):
                for side, command in sides.items():
                    runs[side].append(execute(command + [str(program)], options.timeout))
            for side in sides:
                failures += {f"{side} {path.name}: {run['error']}"
                             for run in runs[side] if run["error"]}
            programs[path.stem] = {
                side: dict(wall=min(run["wall"] for run in runs[side]),
                           peak=min(run["peak"] for run in runs[side])) for side in sides}
            names = dict.fromkeys(
                name for side in sides for run in runs[side] for name in run["measured"])
            for name in names:
                entry = results[name] = {}
                for side in sides:
                    found = [run["measured"][name] for run in runs[side] if name in run["measured"]]
                    if not found:
                        continue
                    limit = bound(machine, *found[0][2:4])
                    best = min(values[1] for values in found)
                    entry[side] = dict(first=min(values[0] for values in found), best=best,
                                       over=divide(best, limit), check=found[-1][4])
                jax, jxc = entry.get("jax", {}), entry.get("jxc", {})
                entry["ratio"] = divide(jxc.get("best"), jax.get("best"))
                entry["first_ratio"] = divide(jxc.get("first"), jax.get("first"))
                row(name, duration(jax.get("best")), duration(jxc.get("best")),
                    ratio(entry["ratio"]), duration(jax.get("first")), duration(jxc.get("first")),
                    ratio(entry["first_ratio"]), ratio(jax.get("over")), ratio(jxc.get("over")))
                if jax and jxc and not agree(jax["check"], jxc["check"]):
                    failures.append(f"{name}: JAX says {jax['check']}, jxc {jxc['check']}")

    print()
    entries = list(results.values())
    def both(key):
        return [divide(p["jxc"][key], p["jax"][key]) for p in programs.values() if "jax" in p]
    if options.jax:
        print(f"run time, geometric mean of {sum(1 for e in entries if e['ratio'])} ratios: "
              f"{ratio(geometric_mean([e['ratio'] for e in entries]))}; slower than JAX: "
              f"{sum(1 for e in entries if (e['ratio'] or 0) > 1)}")
        print(f"first call: {ratio(geometric_mean([e['first_ratio'] for e in entries]))}")
        print(f"peak memory: {ratio(geometric_mean(both('peak')))}")
        print(f"whole programs: {ratio(geometric_mean(both('wall')))}")
    for side in sides:
        over = geometric_mean([e.get(side, {}).get("over") for e in entries])
        if over:
            print(f"times the machine's limit, {side}: {ratio(over)}")
        if START_UP in programs:
            print(f"start-up, {side}: {duration(programs[START_UP][side]['wall'])}")
    for failure in failures:
        print("failed: " + failure)
    if options.json:
        pathlib.Path(options.json).write_text(
            json.dumps(dict(workloads=results, programs=programs, failures=failures), indent=1))
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
