"""Programs on a GPU: on the simulator of one, and errors of the driver by a stand-in for it."""
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

from .numbers import first_difference
from .programs import RELATIVE
from .result import Outcome, Test, execute

# Programs that do not run on the simulator, and why.
NOT_SIMULATED = {
    "platforms": "asks for the platform",
    "digits": "trains a network: the simulator takes minutes",
    "selu": "prints the name of the platform",
    "devices": "is about several processors",
    "device_count": "is about several processors",
    "absent_devices": "is about a machine without one",
    "device_put_jaxprs": "prints the name of the device",
    "device_attributes": "prints the name of the device",
}

PROGRAM = """
import jax
import jax.numpy as jnp
print(jax.default_backend())
print(jax.jit(lambda x: x * 2 + 1)(jnp.arange(4.0)))
"""

# What goes wrong on a GPU is an exception, and arrays of the host stay as they are.
CAUGHT = """
import jax
import jax.numpy as jnp
x = jnp.arange(4.0)
try:
    y = jax.jit(lambda x: x * 2 + 1)(x)
    y.block_until_ready()
    print('nothing happened')
except RuntimeError as error:
    print(error)
print(x)
"""

# Arrays that are dropped, calls in Python's order, and a wait at the end.
ASYNCHRONOUS = """
import jax
import jax.numpy as jnp
import sys
step = jax.jit(lambda x: jnp.sin(x) * 2 + 1)
x = step(jnp.arange(4.0))
for _ in range(5):
    x = step(x) - 1
y = jax.device_put(x * 3, jax.devices()[0])
y.shape, y.dtype, y.is_deleted()
if sys.argv[1] == 'ready':
    jax.block_until_ready({'x': x, 'y': y})
elif sys.argv[1] == 'read':
    float(y[0])
"""

# A loop of more work than one block does: the stand-in's memory stays zero, which ends it at once.
COOPERATIVE = """
import jax
import jax.numpy as jnp
def f(x):
  return jax.lax.while_loop(lambda x: jnp.max(x) > 0.5, lambda x: x / 2, x)
print(jax.jit(f)(jnp.zeros(1 << 20))[0])
"""

# What has no room is an error that programs can catch, on all devices, compiled or not.
LARGE = """
import jax
import jax.numpy as jnp
x = jnp.arange(4.0)
attempts = [
  lambda: jnp.zeros((10**12,)),
  lambda: jnp.eye(10**7),
  lambda: jax.jit(lambda: jnp.ones(10**13))(),
  lambda: jnp.tile(x, 10**13),
  lambda: jax.jit(lambda x: jnp.broadcast_to(x, (10**13, 4)))(x),
]
for attempt in attempts:
  try:
    print(attempt().shape)
  except jax.errors.JaxRuntimeError as error:
    print(isinstance(error, RuntimeError), str(error).split('. ')[0].rstrip('.'))
print(x)
"""
NO_ROOM = "".join(
    f"True RESOURCE_EXHAUSTED: Out of memory allocating {count} bytes\n"
    for count in [4 * 10**12, 4 * 10**14, 4 * 10**13, 16 * 10**13, 16 * 10**13]) + "[0. 1. 2. 3.]\n"

MAIN = """
#include <stdio.h>
#include "gpu.h"
int main(void) {
  float x[8] = {1, 2, 3, 4, 5, 6, 7, 8}, y[8] = {-1, -1, -1, -1, -1, -1, -1, -1};
  int32_t status = prog_f(x, y, NULL);
  printf("%d: %s: %s\\n", status, jx_status_message(status), jx_device_message());
  for (int i = 0; i < 8; i++)
    if (x[i] != i + 1 || (status && y[i] != -1)) printf("the host's data changed\\n");
  return 0;
}
"""

# What the stand-in is told to do, and what users then read.
FAILURES = {
    "absent": ("no CUDA-capable device is detected", -8),
    "full": ("do not fit into the GPU's memory, of which 1000 of 8000 are free", -2),
    "old": ("the CUDA driver, of version 11.4, is too old for these kernels", -9),
    "refused": ("line 7: no such instruction", -9),
    "ancient": ("the GPU is an sm_61, and the kernels are for sm_", -9),
    "fault": ("an illegal memory access was encountered", -9),
}


def tests(context):
    folders = [context.root / "examples", context.root / "Tests" / "Programs"]
    found = [Test(f"gpu: simulated {program.stem}", lambda program=program: simulated(context, program))
             for folder in folders for program in sorted(folder.glob("*.jx"))
             if program.stem not in NOT_SIMULATED]
    found.append(Test("gpu: simulated exam", lambda: simulated_exam(context)))
    found += [Test(f"gpu: driver {failure}", lambda failure=failure: fails(context, failure))
              for failure in [*FAILURES, "missing"]]
    found += [Test(f"gpu: caught {failure}", lambda failure=failure: caught(context, failure))
              for failure in ["full", "fault"]]
    found.append(Test("gpu: asynchronous", lambda: asynchronous(context)))
    found.append(Test("gpu: driver in order", lambda: works(context)))
    found.append(Test("gpu: cooperative", lambda: cooperative(context)))
    found.append(Test("gpu: large arrays", lambda: large(context)))
    found.append(Test("gpu: bundle", lambda: bundle(context)))
    return found


def simulated(context, program, folder=None):
    """What JAX printed on a processor, of kernels that the simulator runs."""
    expected = (folder or program.parent / "expected") / f"{program.stem}.out"
    output, error, code = execute(
        [str(context.jxc), "run", "--device", "ptxsim", str(program)], context.root)
    problem = first_difference(
        expected.read_text(), output, RELATIVE.get(program.stem, 1e-5))
    if code == 0 and problem is None:
        return Outcome()
    return Outcome("\n".join([str(problem), f"exit code {code}"] + error.splitlines()[-6:]))


def simulated_exam(context):
    """The same for the exam programs, where the checkout has them beside it."""
    exam = context.root.parent / "shared" / "exam"
    programs = sorted(exam.glob("programs/*.jx"))
    if not programs:
        return Outcome("../shared/exam is not here", skipped=True)
    problems = []
    for program in programs:
        outcome = simulated(context, program, exam / "expected")
        if outcome.message:
            problems.append(f"{program.stem}: {outcome.message}")
    return Outcome("\n".join(problems))


class Driver:
    """A folder with a stand-in for the driver, a program, and an object that calls the driver."""

    def __init__(self, context, folder):
        self.context = context
        self.folder = Path(folder)
        self.stub = self.folder / "libcuda.so"
        subprocess.run(
            ["cc", "-shared", "-fPIC", context.root / "Tests/harness/cuda_stub.c", "-o", self.stub],
            check=True)
        (self.folder / "prog.jx").write_text(PROGRAM)

    def environment(self, failure):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("JXC_")}
        driver = self.folder / "nowhere.so" if failure == "missing" else self.stub
        environment.update(
            JXC_CUDA_DRIVER=str(driver), JXC_STUB=failure, JXC_CACHE="off", NO_COLOR="1")
        return environment

    def run(self, failure):
        """Runs the program: (stdout, stderr, exit code)."""
        done = subprocess.run(
            [self.context.jxc, "run", "--device", "gpu", self.folder / "prog.jx"],
            capture_output=True, text=True, timeout=60, env=self.environment(failure))
        return done.stdout, done.stderr, done.returncode

    def call(self, failure):
        """Calls a function that was compiled for the driver, from C: what the call says."""
        source = self.folder / "f.jx"
        source.write_text("def f(x):\n  return x + 1\n")
        subprocess.run(
            [self.context.jxc, "compile", source, "--entry", "f(f32[8])", "--target", "cuda",
             "--prefix", "prog", "-q", "-o", self.folder / "gpu.a"], check=True)
        (self.folder / "main.c").write_text(MAIN)
        subprocess.run(
            ["cc", self.folder / "main.c", self.folder / "gpu.a", "-I", self.folder, "-o",
             self.folder / "main", "-lpthread", "-ldl", "-lm"], check=True)
        return subprocess.run(
            [self.folder / "main"], capture_output=True, text=True, timeout=60,
            env=self.environment(failure)).stdout


def fails(context, failure):
    """Every failure is an error with the driver's words, of a program and of a call from C."""
    wanted, status = FAILURES.get(failure, ("no CUDA driver", -8))
    with tempfile.TemporaryDirectory() as folder:
        driver = Driver(context, folder)
        _, error, code = driver.run(failure)
        if code != 1 or wanted not in error:
            return Outcome(f"exit code {code}\n{error}")
        said = driver.call(failure)
        if wanted not in said or not said.startswith(f"{status}:") or "changed" in said:
            return Outcome(f"from C: {said}")
    return Outcome()


def caught(context, failure):
    """A program goes on after a failure of the GPU."""
    with tempfile.TemporaryDirectory() as folder:
        driver = Driver(context, folder)
        (driver.folder / "prog.jx").write_text(CAUGHT)
        output, error, code = driver.run(failure)
        wanted, _ = FAILURES[failure]
        is_clear = code == 0 and wanted in output and output.endswith("\n[0. 1. 2. 3.]\n")
        return Outcome("" if is_clear else f"exit code {code}\n{output}{error}")


def works(context):
    """Nothing fails: memory goes to the device and back, though nobody computes."""
    with tempfile.TemporaryDirectory() as folder:
        driver = Driver(context, folder)
        output, error, code = driver.run("")
        if code != 0 or not output.startswith("gpu\n[0. 0. 0. 0.]"):
            return Outcome(f"exit code {code}\n{output}{error}")
        said = driver.call("")
        return Outcome("" if said.startswith("0: no error") else f"from C: {said}")


def cooperative(context):
    """Blocks that wait for each other are launched together, no more than there is room for."""
    with tempfile.TemporaryDirectory() as folder:
        driver = Driver(context, folder)
        program, log = driver.folder / "loop.jx", driver.folder / "log"
        program.write_text(COOPERATIVE)
        done = subprocess.run(
            [context.jxc, "run", "--device", "gpu", program], capture_output=True, text=True,
            timeout=60, env={**driver.environment(""), "JXC_STUB_LOG": str(log)})
        asked = log.read_text().split() if log.exists() else []
        is_clear = done.returncode == 0 and asked.count("together") == 1
        return Outcome("" if is_clear else f"exit code {done.returncode}\n{done.stderr}{asked}")


def large(context):
    """Arrays that nothing has room for: JAX's error on the processor and on the simulator."""
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "large.jx"
        program.write_text(LARGE)
        for device in ["cpu", "ptxsim"]:
            output, error, code = execute(
                [str(context.jxc), "run", "--device", device, str(program)], folder)
            if code != 0 or output != NO_ROOM:
                problems.append(f"{device}: exit code {code}\n{output}{error[-1000:]}")
    return Outcome("\n".join(problems))


def asynchronous(context):
    """Calls only ask: the host waits where it reads an array, or says block_until_ready."""
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        driver = Driver(context, folder)
        program = driver.folder / "dispatch.jx"
        program.write_text(ASYNCHRONOUS)
        for ending, wanted in [("none", set()), ("ready", {"wait"}), ("read", {"out", "wait"})]:
            log = driver.folder / f"{ending}.log"
            done = subprocess.run(
                [context.jxc, "run", "--device", "gpu", program, "--", ending],
                capture_output=True, text=True, timeout=60,
                env={**driver.environment(""), "JXC_STUB_LOG": str(log)})
            asked = log.read_text().split() if log.exists() else []
            if done.returncode != 0 or asked.count("launch") < 8:
                problems.append(f"{ending}: exit code {done.returncode}\n{done.stderr}{asked}")
                continue
            last = len(asked) - 1 - asked[::-1].index("launch")
            if {"wait", "out"} & set(asked[:last]):
                problems.append(f"{ending}: the host waits between calls: {asked}")
            if {"wait", "out"} & set(asked[last:]) != wanted:
                problems.append(f"{ending}: at the end: {asked[last:]}")
    return Outcome("\n".join(problems))


def bundle(context):
    """The bundle is made, small, and says where there is no GPU."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "bundle.tar.gz"
        made = subprocess.run(
            [context.root / "bench/gpu/bundle.py", "--jxc", context.jxc, "--output", archive],
            capture_output=True, text=True, timeout=300)
        listed = sum(not line.startswith("#") for line in
                     (context.root / "bench/gpu/functions").read_text().splitlines())
        if made.returncode != 0 or f"{listed} functions" not in made.stdout:
            return Outcome(made.stdout + made.stderr[-2000:])
        if archive.stat().st_size > 60e6:
            return Outcome(f"{archive.stat().st_size} bytes are more than 60 MB")
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        done = subprocess.run(
            [Path(folder) / "gpu-bundle/run.sh"], capture_output=True, text=True, timeout=60,
            env={**os.environ, "JXC_CUDA_DRIVER": str(Path(folder) / "nowhere.so")})
        is_clear = done.returncode == 2 and "no GPU: no CUDA driver" in done.stderr
        return Outcome("" if is_clear else f"exit code {done.returncode}\n{done.stderr}")
