"""PTX of every kernel of the examples, the exam programs and StableHLO's test data, as far as they are
here: NVIDIA's assembler accepts it, for two generations of GPUs. What jxc refuses for a GPU is
counted and said; any other error is a failure.
"""
import collections
import os
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .result import Outcome, Test, execute

ARCHITECTURES = ["sm_80", "sm_90"]
SEPARATOR = "\n// -----\n"


def tests(context):
    shared = context.root.parent / "shared"
    return [
        Test("ptx/examples", lambda: check(context, sorted((context.root / "examples").glob("*.jx")))),
        Test("ptx/programs",
             lambda: check(context, sorted((context.root / "Tests" / "Programs").glob("*.jx")))),
        Test("ptx/atomics", lambda: check_atomics(context)),
        Test("ptx/exam", lambda: check(context, sorted((shared / "exam" / "programs").rglob("*.jx")),
                                       shared / "exam")),
        Test("ptx/peers", lambda: check(context, sorted((shared / "stablehlo").glob("*/*.mlir")),
                                        shared / "stablehlo")),
    ]


def check(context, files, folder=None):
    if folder and not folder.exists():
        return Outcome(f"../shared/{folder.name} is not here", skipped=True)
    assembler = context.root / ".deps" / "nvidia" / "cuda_nvcc" / "bin" / "ptxas"
    if not assembler.exists():
        return Outcome("ptxas is absent: 'make deps-gpu' installs it", skipped=True)
    jobs = [(file, architecture) for file in files for architecture in ARCHITECTURES]
    refused = collections.Counter()
    failures, modules = [], 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for (file, architecture), (count, reasons, errors) in zip(
                jobs, pool.map(lambda job: assemble(context, assembler, *job), jobs)):
            modules += count
            if architecture == ARCHITECTURES[0]:
                refused.update(reasons)
            failures += [f"{file.name} for {architecture}: {error}" for error in errors]
    print(f"     {len(files)} files: {modules} texts assembled, {refused.total()} functions refused")
    for reason, count in refused.most_common():
        print(f"     {count:5} {reason}")
    return Outcome("\n".join(failures[:40]))


def check_atomics(context):
    """Atomic operations of every type, on the oldest GPUs, too."""
    page = (context.root / "Tests" / "Cases" / "GPU" / "atomics.jx.page").read_text()
    assembler = context.root / ".deps" / "nvidia" / "cuda_nvcc" / "bin" / "ptxas"
    if not assembler.exists():
        return Outcome("ptxas is absent: 'make deps-gpu' installs it", skipped=True)
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "atomics.jx"
        program.write_text(page.split("\n====")[0])
        for architecture in ["sm_70", *ARCHITECTURES]:
            count, _, errors = assemble(
                context, assembler, program, architecture, ["--gpu-atomics"])
            problems += errors + ([] if count > 10 else [f"{count} texts"])
    return Outcome("\n".join(problems))


def assemble(context, assembler, file, architecture, flags=()):
    """How many texts the assembler accepts, why functions were refused, and what went wrong."""
    output, error, code = execute(
        [str(context.jxc), "--emit-ptx", *flags, "--target", f"ptx:{architecture}", str(file)],
        file.parent)
    reasons = re.findall(r"error: unsupported: (.*)", error)
    errors = []
    if code not in (0, 1) or "internal error" in error:
        errors.append(f"exit code {code}: {error[-300:]}")
    texts = [text for text in output.split(SEPARATOR) if ".visible .entry" in text]
    with tempfile.TemporaryDirectory() as folder:
        for text in set(texts):
            source = Path(folder) / "kernels.ptx"
            source.write_text(text)
            said, complaint, code = execute(
                [str(assembler), "-arch", architecture, "-O1", "-o", "/dev/null", str(source)], folder)
            if code != 0:
                errors.append(f"ptxas: {(said + complaint)[:300]}")
    return len(texts), reasons, errors
