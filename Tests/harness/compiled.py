"""`jxc compile` and `jxc build`: the hosts in examples/hosts/, small hosts in C under valgrind and
under qemu, and what is not possible, which leaves no file behind."""
import importlib.util
import re
import shutil
import sys
import tempfile
from pathlib import Path

from .result import Outcome, Test, difference, execute

HOSTS = {"c": "gcc", "cpp": "g++", "python": "python3", "swift": "swiftc"}

# A Python that has NumPy.
PYTHON = sys.executable if importlib.util.find_spec("numpy") else "/usr/bin/python3"


def tests(context):
    found = [Test(f"compiled: host in {host}", lambda host=host: check_host(context, host))
             for host in HOSTS]
    found += [Test(f"compiled: {name}", lambda check=check: check(context)) for name, check in {
        "every value is right": check_values,
        "on AArch64, under qemu": check_aarch64,
        "for all levels of x86-64": check_multiversion,
        "on a processor that lacks AVX2": check_processor,
        "trees of arrays in Python": check_trees,
        "the same bytes every time": check_deterministic,
        "every kind of file": check_kinds,
        "the program's own calls": check_own_calls,
        "results in the place of arguments": check_donation,
        "arguments by name, file and value": check_named_arguments,
        "two objects in one binary": check_two_objects,
        "threads end with the library": check_threads,
        "a declaration of what another module defines": check_declarations,
        "mistakes leave no file": check_mistakes,
        "a file that may not grow": check_file_limit,
    }.items()]
    return found


# -- The examples ----------------------------------------------------------------------------------

def check_host(context, host):
    if not shutil.which(HOSTS[host]):
        return Outcome(f"there is no {HOSTS[host]}", skipped=True)
    with tempfile.TemporaryDirectory() as folder:
        output, error, code = execute(
            ["make", "-s", host, f"JXC={context.jxc}", f"OUT={folder}",
             f"PYTHON={PYTHON}"],
            context.root / "examples" / "hosts")
    expected = (context.root / "examples" / "hosts" / "expected.txt").read_text()
    if code != 0:
        return Outcome(f"exit code {code}\n{error[-2000:]}")
    return Outcome(difference(expected, output))


# -- One program, called from C on every processor --------------------------------------------------

PROGRAM = '''
import jax
import jax.numpy as jnp

table = jnp.arange(6, dtype=jnp.float32).reshape(2, 3)

def affine(params, x):
    return {"sum": x @ params["w"] + params["b"], "shifted": table + x[0]}

def integers(a: "i32[3,3]", flags: "bool[3]"):
    return jnp.where(flags[:, None], a @ a, jnp.cumsum(a, axis=0))

def ordered(x: "f32[9]"):
    return jnp.sort(x), jnp.argsort(x)

def series(x: "f32"):
    return jax.lax.fori_loop(0, 10, lambda i, s: s + x ** i, 0.0)

def normal(key: "u32[2]"):
    return jax.random.normal(key, (4,))

def chain(x: "f32[5]"):
    """More steps than one function runs."""
    for _ in range(300):
        x = jnp.sort(-x)
    return x

def tanh(x: "f32[1000]"):
    return jnp.tanh(x) + jnp.exp(-x) * jnp.sin(x)
'''

ENTRIES = ["affine({'w': f32[3,2], 'b': f32[2]}, f32[4,3])", "integers", "ordered", "series",
           "normal", "chain", "tanh"]

MAIN = '''
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "all.h"

/* Functions may be called from several threads at once. */
static void *sort_often(void *failed) {
  for (int round = 0; round < 100; round++) {
    float x[9], sorted[9];
    int32_t places[9];
    for (int i = 0; i < 9; i++) x[i] = (i * 5 + round) % 9;
    if (PREFIX(ordered)(x, sorted, places, NULL)) *(int *)failed = 1;
    for (int i = 0; i < 9; i++)
      if (sorted[i] != i) *(int *)failed = 1;
  }
  return NULL;
}

int main(void) {
  pthread_t threads[4];
  int failed[4] = {0};
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, sort_often, &failed[i]);
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], NULL);
    if (failed[i]) return 9;
  }
  float w[6] = {1, 2, 3, 4, 5, 6}, b[2] = {10, 20}, x[12], sum[8], shifted[6];
  for (int i = 0; i < 12; i++) x[i] = i;
  if (PREFIX(affine)(b, w, x, shifted, sum, NULL)) return 1;
  for (int i = 0; i < 8; i++) printf("%g ", sum[i]);
  for (int i = 0; i < 6; i++) printf("%g ", shifted[i]);
  int32_t a[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, out[9];
  bool flags[3] = {true, false, true};
  if (PREFIX(integers)(a, flags, out, NULL)) return 2;
  for (int i = 0; i < 9; i++) printf("%d ", out[i]);
  float unordered[9] = {3, -1, NAN, 2, INFINITY, 0, -5, 1, 2}, ordered[9];
  int32_t places[9];
  if (PREFIX(ordered)(unordered, ordered, places, NULL)) return 3;
  for (int i = 0; i < 9; i++) printf("%g@%d ", ordered[i], places[i]);
  float half = 0.5f, total;
  if (PREFIX(series)(&half, &total, NULL)) return 4;
  printf("%.9g ", total);
  uint32_t key[2] = {0, 42};
  float noise[4];
  if (PREFIX(normal)(key, noise, NULL)) return 5;
  for (int i = 0; i < 4; i++) printf("%.4f ", noise[i]);
  float five[5] = {3, -1, 4, 1, 5}, last[5];
  if (PREFIX(chain)(five, last, NULL)) return 8;
  for (int i = 0; i < 5; i++) printf("%g ", last[i]);
  float *many = malloc(4000), *results = malloc(4000);
  for (int i = 0; i < 1000; i++) many[i] = (i - 500) / 100.0f;
  const jx_function *info = PREFIX(tanh_info)();
  size_t bytes = info->workspace_bytes;
  char *workspace = aligned_alloc(64, (bytes + 127) / 64 * 64);
  if (PREFIX(tanh)(many, results, workspace)) return 6;
  double worst = 0;
  for (int i = 0; i < 1000; i++)
    worst = fmax(worst, fabs(results[i] - (tanh(many[i]) + exp(-many[i]) * sin(many[i]))));
  printf("%s ", worst < 1e-4 ? "close" : "far");
  printf("%s", jx_status_message(PREFIX(tanh)(NULL, results, workspace)));
  if (bytes > 0 && PREFIX(tanh)(many, results, workspace + 1) != JX_MISALIGNED_WORKSPACE) return 7;
  free(many), free(results), free(workspace);
  printf("\\n");
  return 0;
}
'''

EXPECTED = (
    "23 36 50 72 77 108 104 144 0 2 4 3 5 7 30 36 42 5 7 9 102 126 150 "
    "-5@6 -1@1 0@5 1@7 2@3 2@8 3@0 inf@4 nan@2 1.99804688 NOISE -1 1 3 4 5 close a pointer to an array is null\n")


class Workshop:
    """A folder with PROGRAM and MAIN in it."""

    def __init__(self, context, folder):
        self.context = context
        self.folder = Path(folder)
        (self.folder / "prog.jx").write_text(PROGRAM)
        (self.folder / "main.c").write_text(MAIN)

    def run(self, command, **options):
        output, error, code = execute(command, self.folder, **options)
        if code != 0:
            name = command if isinstance(command, str) else " ".join(map(str, command))
            raise Failed(f"{name}\nexit code {code}\n{output[-500:]}{error[-2000:]}")
        return output

    def compile(self, *arguments):
        entries = [word for entry in ENTRIES for word in ("--entry", entry)]
        self.run([str(self.context.jxc), "compile", "prog.jx", *entries, "--quiet", *arguments])

    def c(self, *arguments, compiler="gcc"):
        return self.run(
            [compiler, "-Wall", "-Werror", "-DPREFIX(name)=prog_##name", "main.c", *arguments])


class Failed(Exception):
    pass


def in_workshop(check):
    def run(context):
        with tempfile.TemporaryDirectory() as folder:
            try:
                return check(Workshop(context, folder))
            except Failed as failure:
                return Outcome(str(failure))
    return run


def differs(output):
    """What is wrong with what the host printed; the random numbers are JAX's."""
    noise = "-0.0283 0.4671 0.2957 0.1535 "
    expected = EXPECTED.replace("NOISE ", noise)
    return difference(expected.replace(" ", "\n"), output.replace(" ", "\n"))


@in_workshop
def check_values(shop):
    shop.compile("-o", "all.a")
    shop.c("all.a", "-lopenblas", "-lpthread", "-lm", "-o", "main")
    problem = differs(shop.run(["./main"]))
    if problem:
        return Outcome(problem)
    # Without threads and products of matrices, nothing but the C library is needed.
    shop.run([str(shop.context.jxc), "compile", "prog.jx", "--entry", "tanh", "--entry", "series",
              "--threads", "1", "-q", "-o", "plain.o"])
    undefined = set(re.findall(r"U (\w+)", shop.run(["nm", "-u", "plain.o"])))
    extra = undefined - {"memcpy", "memset", "memmove", "free", "aligned_alloc"}
    if extra:
        return Outcome(f"plain.o calls {extra}")
    shop.compile("--cpu", "native", "-o", "all.a")
    shop.c("all.a", "-lopenblas", "-lpthread", "-lm", "-o", "main")
    problem = differs(shop.run(["./main"]))
    if problem:
        return Outcome(problem)
    shop.compile("-o", "all.a")
    shop.c("-g", "-fsanitize=address,undefined", "all.a", "-lopenblas", "-lpthread", "-lm", "-o",
           "main")
    problem = differs(shop.run(["./main"]))
    if problem:
        return Outcome(problem)
    if shutil.which("valgrind"):
        shop.c("-s", "all.a", "-lopenblas", "-lpthread", "-lm", "-o", "main")
        output = shop.run(["valgrind", "-q", "--error-exitcode=9", "--leak-check=full", "./main"])
        return Outcome(differs(output))
    return Outcome()


@in_workshop
def check_multiversion(shop):
    shop.compile("--multiversion", "-o", "all.o")
    runtime = Path(shop.context.jxc).resolve().parent / "libjxrt.a"
    shop.c("-s", "all.o", str(runtime), "-lopenblas", "-lpthread", "-lm", "-o", "main")
    problem = differs(shop.run(["./main"]))
    if problem or not shutil.which("valgrind"):
        return Outcome(problem)
    return Outcome(differs(shop.run(["valgrind", "-q", "--error-exitcode=9", "./main"])))


@in_workshop
def check_processor(shop):
    if not shutil.which("qemu-x86_64"):
        return Outcome("there is no qemu-x86_64", skipped=True)
    (shop.folder / "main.c").write_text('''
        #include <stdio.h>
        #include "all.h"
        int main(void) {
          float x[1000] = {0}, y[1000];
          puts(jx_status_message(PREFIX(tanh)(x, y, NULL)));
          return 0;
        }''')
    shop.compile("--threads", "1", "-o", "all.o")
    runtime = Path(shop.context.jxc).resolve().parent / "libjxrt.a"
    shop.c("all.o", str(runtime), "-lopenblas", "-lpthread", "-lm", "-o", "main")
    seen = [shop.run(["qemu-x86_64", "-cpu", cpu, "./main"]) for cpu in ("Nehalem", "max")]
    expected = ["the processor lacks instructions that the code was compiled for\n", "no error\n"]
    return Outcome("" if seen == expected else f"{seen}")


@in_workshop
def check_trees(shop):
    (shop.folder / "prog.jx").write_text('''
def f(p: "{'w': f32[2], 'b': [f32, f32]}"):
    return {"s": (p["w"] + p["b"][0], [p["b"][1] * 2]), "t": p["w"] * 3}
''')
    shop.run([str(shop.context.jxc), "compile", "prog.jx", "--entry",
              "f({'w': f32[2], 'b': [f32, f32]})", "-q", "--python", "-o", "libtrees.so"])
    seen = shop.run([PYTHON, "-c", (
        "import numpy as np, trees; x = np.float32([1, 2]);"
        "print({k: v for k, v in trees.f({'w': x, 'b': [10, 20]}).items()})")])
    expected = ("{'s': (array([11., 12.], dtype=float32), (array(40., dtype=float32),)), "
                "'t': array([3., 6.], dtype=float32)}\n")
    return Outcome("" if seen == expected else seen)


@in_workshop
def check_aarch64(shop):
    compiler = "aarch64-linux-gnu-gcc"
    for tool in (compiler, "qemu-aarch64"):
        if not shutil.which(tool):
            return Outcome(f"there is no {tool}", skipped=True)
    # Without products of floating-point matrices: there is no OpenBLAS for AArch64 here.
    (shop.folder / "prog.jx").write_text(PROGRAM.replace(
        'x @ params["w"]', '(x[:, :, None] * params["w"]).sum(1)'))
    shop.compile("--target", "aarch64", "-o", "all.o")
    sources = shop.context.root / "Sources" / "JXRuntime"
    runtime = [str(sources / f"{name}.c")
               for name in ("elements", "integer_product", "memory", "sort", "threads")]
    shop.c("all.o", f"-I{sources / 'include'}", "-Wno-error", *runtime, "-static", "-lpthread",
           "-lm", "-o", "main", compiler=compiler)
    return Outcome(differs(shop.run(["qemu-aarch64", "./main"])))


@in_workshop
def check_deterministic(shop):
    seen = {}
    for name in ("one", "two"):
        (shop.folder / name).mkdir()
        for suffix in ("o", "a", "so", "mlir", "ll"):
            shop.compile("-o", f"{name}/all.{suffix}")
        for file in sorted((shop.folder / name).iterdir()):
            content = file.read_bytes()
            if seen.setdefault(file.name, content) != content:
                return Outcome(f"{file.name} differs")
    if len(seen) != 6:
        return Outcome(f"files: {sorted(seen)}")
    return Outcome()


@in_workshop
def check_kinds(shop):
    starts = {"o": b"\x7fELF", "so": b"\x7fELF", "a": b"!<arch>", "bc": b"BC", "s": b"\t",
              "ll": b"; ModuleID", "mlir": b"module @jit_affine"}
    for suffix, start in starts.items():
        shop.compile("-o", f"all.{suffix}")
        if not (shop.folder / f"all.{suffix}").read_bytes().startswith(start):
            return Outcome(f"all.{suffix} does not begin with {start}")
    shop.run([str(shop.context.jxc), "compile", "prog.jx", "--pkg-config", "-q", "-o", "libprog.a",
              "--entry", "slope=jax.grad(lambda x: jnp.dot(x, x).sum())(f32[200,200])"])
    package = (shop.folder / "prog.pc").read_text()
    if "Libs: -L${libdir} -lprog -lopenblas -lpthread -lm\n" not in package:
        return Outcome(package)
    if "prog_slope(" not in (shop.folder / "prog.h").read_text():
        return Outcome("prog.h does not declare prog_slope")
    # The module compiles to the same functions.
    shop.run([str(shop.context.jxc), "compile", "all.mlir", "-q", "--prefix", "prog",
              "--no-header", "-o", "again.o"])
    names = shop.run(["nm", "--defined-only", "again.o"])
    missing = [name for name in ("affine", "integers", "tanh_info") if f"prog_{name}" not in names]
    if missing:
        return Outcome(f"again.o lacks {missing}")
    for compiler in (["gcc", "-std=c99"], ["g++", "-x", "c++"]):
        shop.run([*compiler, "-Wall", "-Wextra", "-Werror", "-pedantic", "-fsyntax-only", "all.h"])
    return Outcome()


@in_workshop
def check_own_calls(shop):
    (shop.folder / "train.jx").write_text('''
import jax
import jax.numpy as jnp

@jax.jit
def step(params, x):
    return [p - 0.1 * x for p in params]

params = [jnp.zeros(3), jnp.ones((2, 3))]
for _ in range(2):
    params = step(params, jnp.ones(3))
jax.jit(lambda x: x + 1).lower(jnp.ones(4))
step([jnp.ones(3)], 2.0)
print("done")
''')
    output, error, code = execute(
        [str(shop.context.jxc), "compile", "train.jx", "-o", "train.o"], shop.folder)
    if code != 0 or output != "" or not error.startswith("done\ntrain.o: train_step, "):
        return Outcome(f"exit code {code}\n{output}{error}")
    header = (shop.folder / "train.h").read_text()
    declared = re.findall(r"int32_t (\w+)\(([^)]*)\)", re.sub(r" /\*.*?\*/", "", header))
    found = [(name, re.findall(r"\*(\w+)", parameters)) for name, parameters in declared]
    expected = [
        ("train_step", ["params_0", "params_1", "x", "out_0", "out_1", "workspace"]),
        ("train_lambda", ["x", "out", "workspace"]),
        ("train_step_2", ["params_0", "x", "out_0", "workspace"])]
    found = [one for one in found if one[0].startswith("train_")]
    return Outcome("" if found == expected else f"declared: {found}")


@in_workshop
def check_donation(shop):
    """A result that takes the place of an argument may be written over it, and the header says so."""
    (shop.folder / "walk.jx").write_text('''
import jax
import jax.numpy as jnp

def advance(x, v):
    w = v + x[0]
    return x.at[1].set(v * 2), w

step = jax.jit(advance, donate_argnums=(0,))
step(jnp.arange(6.0).reshape(3, 2), jnp.ones(2))
''')
    (shop.folder / "walk.c").write_text('''
#include <stdio.h>
#include "walk.h"
int main(void) {
  float x[6] = {0, 1, 2, 3, 4, 5}, v[2] = {7, 8}, w[2];
  int status = walk_advance(x, v, x, w, NULL);
  for (int i = 0; i < 6; i++) printf("%g ", x[i]);
  printf("%g %g %d\\n", w[0], w[1], status);
}
''')
    shop.run([str(shop.context.jxc), "compile", "walk.jx", "-o", "walk.a", "--quiet"])
    header = (shop.folder / "walk.h").read_text()
    if ", may be x */" not in header:
        return Outcome(f"the header does not say what may be shared:\n{header}")
    shop.run("gcc -Wall -Werror walk.c walk.a -lm -lpthread -o walk")
    output = shop.run("./walk")
    return Outcome("" if output == "0 1 14 16 4 5 7 9 0\n" else output)


@in_workshop
def check_named_arguments(shop):
    shop.run([PYTHON, "-c", '''
import numpy as np
np.savez("weights.npz", w=np.zeros((3, 2), "f"), b=np.zeros(2, "f"))
'''])
    shop.run([str(shop.context.jxc), "compile", "prog.jx", "--entry", "affine", "--arg",
              "params=weights.npz", "--arg", "f32[4,3]", "-q", "-o", "affine.o"])
    by_file = (shop.folder / "affine.h").read_text()
    shop.run([str(shop.context.jxc), "compile", "prog.jx", "--entry", "affine", "--arg", "x=f32[4,3]",
              "--arg", "params=dict(w=f32[3,2], b=table[0, :2])", "-q", "-o", "affine.o"])
    return Outcome(difference(by_file, (shop.folder / "affine.h").read_text()))


@in_workshop
def check_two_objects(shop):
    for name in ("first", "second"):
        (shop.folder / f"{name}.jx").write_text(PROGRAM)
        shop.run([str(shop.context.jxc), "compile", f"{name}.jx", "--entry", "normal", "-q", "-o",
                  f"{name}.o"])
    (shop.folder / "main.c").write_text('''
#include <string.h>
#include "first.h"
#include "second.h"
int main(void) {
  uint32_t key[2] = {0, 1};
  float a[4], b[4];
  return first_normal(key, a, 0) || second_normal(key, b, 0) || memcmp(a, b, sizeof a);
}
''')
    runtime = Path(shop.context.jxc).resolve().parent / "libjxrt.a"
    shop.c("first.o", "second.o", str(runtime), "-lpthread", "-lm", "-o", "main")
    shop.run(["./main"])
    return Outcome()


@in_workshop
def check_threads(shop):
    (shop.folder / "wide.jx").write_text('''
import jax.numpy as jnp

def wide(x: "f32[400000]"):
    return jnp.tanh(x)
''')
    (shop.folder / "main.c").write_text('''
#include <dlfcn.h>
#include <unistd.h>
#include "wide.h"
static float x[400000], y[400000];
int main(void) {
  for (int round = 0; round < 3; round++) {
    void *library = dlopen("./libwide.so", RTLD_NOW);
    if (!library) return 1;
    int32_t (*wide)(const float *, float *, void *) = dlsym(library, "wide");
    if (!wide || wide(x, y, NULL)) return 2;
    dlclose(library);
    usleep(20000);
  }
  return 0;
}
''')
    shop.run([str(shop.context.jxc), "compile", "wide.jx", "--entry", "wide", "-q", "-o",
              "libwide.so"])
    shop.c("-ldl", "-o", "main")
    several = ["env", "JXC_NUM_THREADS=4"]
    shop.run([*several, "./main"])
    if shutil.which("valgrind"):
        shop.run([*several, "valgrind", "-q", "--error-exitcode=9", "--leak-check=full", "./main"])
    return Outcome()


@in_workshop
def check_file_limit(shop):
    before = sorted(shop.folder.iterdir())
    _, error, code = execute(
        f"ulimit -f 1; {shop.context.jxc} compile prog.jx --entry ordered -q -o x.o", shop.folder)
    left = set(shop.folder.iterdir()) - set(before)
    if code != 1 or "cannot write 'x.o': File too large" not in error or left:
        return Outcome(f"exit code {code}, left {left}\n{error}")
    return Outcome()


@in_workshop
def check_declarations(shop):
    kind = "(%x: tensor<2xf32>) -> tensor<2xf32>"
    body = "{ return %x : tensor<2xf32> }"
    (shop.folder / "two.mlir").write_text(
        f"module @a {{ func.func @f{kind} {body} }}\n// -----\n"
        f"module @b {{ func.func private @f{kind} func.func @g{kind} {body} }}\n")
    shop.run([str(shop.context.jxc), "compile", "two.mlir", "--entry", "f", "-q", "-o", "two.o"])
    names = re.findall(r" T (\w+)", shop.run(["nm", "--defined-only", "two.o"]))
    return Outcome(difference("two_f\ntwo_f_info\n", "\n".join(names) + "\n"))


MISTAKES = [
    # Arguments, the exit code, and what the message says.
    ("--entry nothing -o x.o", 1, "the program defines no 'nothing'"),
    ("--entry affine -o x.o", 1, "the types of the arguments of 'affine' are not known"),
    ("--entry affine --arg f32[3] -o x.o", 1, "missing 1 required positional argument"),
    ("--entry tanh --arg f33[3] -o x.o", 2, "'f33' is no element type"),
    ("--entry 'tanh(f33[3])' -o x.o", 1, "'f33' is not defined"),
    ("--entry 'affine(f32[3], f32[4,5])' -o x.o", 1, "TypeError"),
    ("--entry tanh -o x.unknown", 2, "does not say what to write"),
    ("--entry tanh --target vax -o x.o", 1, "unknown target 'vax'"),
    ("--entry tanh --cpu pentium9 -o x.o", 1, "unknown processor 'pentium9'"),
    ("--entry tanh --target aarch64 --multiversion -o x.o", 1, "--multiversion is for x86-64"),
    ("--entry tanh -o missing/folder/x.o", 1, "cannot write 'missing/folder/x.o'"),
    ("--entry tanh -o folder.o", 1, "it is a folder"),
    ("--entry printing -o x.o", 1, "debug_print in a function that is compiled ahead of time"),
    ("--entry calling -o x.o", 1, "pure_callback in a function that is compiled ahead of time"),
    ("--entry tanh --entry tanh -o x.o", 2, "given twice"),
    ("--entry f --entry f_info -o x.o", 1, "two functions have the symbol 'bad_f_info'"),
    ("--entry f --prefix jx -o x.o", 1, "belongs to the C library or to jxc"),
    ("--entry tanh --emit object -o /dev/full", 1, "No space left"),
    ("-o x.o", 1, "the program compiles no function itself"),
    ("--entry tanh --python -o x.o", 2, "--python calls a shared library"),
    ("--arg f32[2] -o x.o", 2, "describe a call of --entry, which is missing"),
    ("--entry 'tanh(f64[3])' -o x.o", 1, "f64 arrays need x64"),
    ("--entry tanh --arg weights.npz -o x.o", 1, "cannot read 'weights.npz'"),
]


@in_workshop
def check_mistakes(shop):
    (shop.folder / "bad.jx").write_text(PROGRAM + '''
import numpy as np

def printing(x: "f32"):
    jax.debug.print("{}", x)
    return x

def calling(x: "f32"):
    return jax.pure_callback(np.sin, x, x)

def f(x: "f32"):
    return x

def f_info(x: "f32"):
    return x
''')
    (shop.folder / "folder.o").mkdir()
    before = sorted(shop.folder.iterdir())
    problems = []
    for arguments, expected, message in MISTAKES:
        _, error, code = execute(f"{shop.context.jxc} compile bad.jx {arguments}", shop.folder)
        if code != expected or message not in error:
            problems.append(f"{arguments}: exit code {code}\n{error.rstrip()}")
        after = sorted(shop.folder.iterdir())
        if after != before:
            problems.append(f"{arguments}: left {set(after) - set(before)}")
    return Outcome("\n".join(problems))
