#!/usr/bin/env python3
"""Makes bench/gpu's bundle: an archive with a program that checks and measures every kernel family on
an NVIDIA GPU. It needs the driver and a C library, nothing else.

    bench/gpu/bundle.py --jxc bin/jxc --output gpu-bundle.tar.gz
"""
import argparse
import pathlib
import re
import subprocess
import tarfile
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def functions():
    """Name, arguments, kind of work and amount of it, for each line of the list."""
    for line in (HERE / "functions").read_text().splitlines():
        if line and not line.startswith("#"):
            name, *arguments, kind, work = line.split()
            yield name, arguments, kind, int(work)


def compile_functions(jxc, folder, prefix, flags):
    """Compiles every function; returns the names of those that the target supports."""
    supported = []
    for name, arguments, _, _ in functions():
        entry = f"{name}({', '.join(arguments)})"
        done = subprocess.run(
            [jxc, "compile", HERE / "kernels.jx", "--entry", entry, "--prefix", prefix, "-q",
             "-o", folder / f"{prefix}_{name}.o", *flags], capture_output=True, text=True)
        if done.returncode == 0:
            supported.append(name)
        else:
            print(f"{name} for {prefix}: {done.stderr.strip().splitlines()[0]}")
    return supported


def array_count(folder, name):
    """How many arrays a function takes and gives: all parameters but the workspace, which is last."""
    header = re.sub(r"/\*.*?\*/", "", (folder / f"gpu_{name}.h").read_text(), flags=re.S)
    return re.search(rf"int32_t gpu_{name}\(([^)]*)\)", header).group(1).count(",")


def write_list(folder, names):
    """The table of functions.inc, and the headers of all functions in one."""
    wrappers, rows = [], []
    for name, arguments, kind, work in functions():
        if name not in names:
            continue
        list_ = ", ".join(f"p[{index}]" for index in range(array_count(folder, name)))
        for prefix in ("gpu", "cpu"):
            wrappers.append(
                f"static int32_t call_{prefix}_{name}(void *const *p) "
                f"{{ return {prefix}_{name}({list_}, NULL); }}")
        rows.append(
            f'  {{"{name}", call_gpu_{name}, call_cpu_{name}, gpu_{name}_info, '
            f'{int(kind == "flop")}, {work}.0}},')
    text = "\n".join(wrappers) + "\n\nstatic const function functions[] = {\n"
    (folder / "functions.inc").write_text(text + "\n".join(rows) + "\n};\n")
    for prefix in ("gpu", "cpu"):
        includes = [f'#include "{prefix}_{name}.h"' for name in names]
        (folder / f"{prefix}.h").write_text("\n".join(includes) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jxc", default=ROOT / "bin/jxc", type=pathlib.Path)
    parser.add_argument("--output", default="gpu-bundle.tar.gz")
    options = parser.parse_args()
    jxc = options.jxc.resolve()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        on_gpu = compile_functions(jxc, folder, "gpu", ["--target", "cuda"])
        on_cpu = compile_functions(jxc, folder, "cpu", ["--cpu", "x86-64-v3"])
        names = [name for name in on_gpu if name in on_cpu]
        write_list(folder, names)
        objects = [folder / f"{prefix}_{name}.o" for name in names for prefix in ("gpu", "cpu")]
        runtime = jxc.parent / "libjxrt.a"
        subprocess.run(
            ["cc", "-O2", "-std=c17", "-D_GNU_SOURCE", HERE / "check.c",
             ROOT / "Sources/COpenBLAS/FortranRuntime.c", "-I", folder,
             "-I", ROOT / "Sources/JXRuntime/include", *objects, runtime, "-o", folder / "check",
             "-Wl,--gc-sections", "-Wl,-Bstatic", "-lopenblas", "-Wl,-Bdynamic", "-lpthread", "-ldl",
             "-lm"], check=True)
        subprocess.run(["strip", folder / "check"], check=True)
        with tarfile.open(options.output, "w:gz") as archive:
            archive.add(folder / "check", "gpu-bundle/check")
            for name in ("run.sh", "jax_times.py", "functions", "kernels.jx"):
                archive.add(HERE / name, f"gpu-bundle/{name}")
    size = pathlib.Path(options.output).stat().st_size
    print(f"{options.output}: {len(names)} functions, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
