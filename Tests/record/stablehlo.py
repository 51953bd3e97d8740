"""Records the StableHLO that JAX lowers functions to, one file each.

  stablehlo.py Tests/Cases/HLO

The functions cover the operations, element types and forms of text that JAX emits. The files in
`lowered` are JAX's text; those in `checked` run the same functions on recorded operands and compare
with JAX's results, in the form of StableHLO's own test data.
"""

import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

jax.config.update("jax_enable_x64", True)

CASES = {}


def shape(*dimensions, dtype=np.float32):
  return jax.ShapeDtypeStruct(dimensions, dtype)


def case(*arguments):
  def record(function):
    CASES[function.__name__] = (function, arguments)
    return function
  return record


F = shape(3, 4)
V = shape(5)
S = shape()


@case(F, F)
def binary(x, y):
  return (x + y, x - y, x * y, x / y, jnp.maximum(x, y), jnp.minimum(x, y), lax.rem(x, y), lax.pow(x, y),
          lax.atan2(x, y), lax.nextafter(x, y), lax.complex(x, y))


@case(shape(4, dtype=np.int32), shape(4, dtype=np.int32))
def integers(x, y):
  return (x & y, x | y, x ^ y, ~x, x << y, x >> y, lax.shift_right_logical(x, y), lax.population_count(x), lax.clz(x),
          lax.sign(x), abs(x), -x, lax.div(x, y), lax.rem(x, y))


@case(F)
def unary(x):
  return (lax.exp(x), lax.log(x), lax.sin(x), lax.cos(x), lax.tan(x), lax.tanh(x), lax.sqrt(x), lax.rsqrt(x), lax.cbrt(x),
          lax.exp2(x), lax.expm1(x), lax.log1p(x), lax.floor(x), lax.ceil(x), lax.round(x), lax.sign(x), abs(x), -x,
          lax.logistic(x), lax.is_finite(x), lax.erf(x), lax.erfc(x), lax.erf_inv(x), lax.lgamma(x), lax.digamma(x),
          lax.bessel_i1e(x), lax.integer_pow(x, 3), lax.round(x, lax.RoundingMethod.TO_NEAREST_EVEN))


@case(F)
def inverse(x):
  return (lax.asin(x), lax.acos(x), lax.atan(x), lax.sinh(x), lax.cosh(x), lax.asinh(x), lax.acosh(x), lax.atanh(x))


@case(shape(3, dtype=np.complex64))
def complex_numbers(z):
  return lax.real(z), lax.imag(z), lax.conj(z), abs(z), lax.exp(z), z * (1 + 2j)


GROWING = (lax.sin, lax.cos, lax.sinh, lax.cosh)
SLOW = (lax.tan, lax.tanh, lax.asin, lax.acos, lax.atan, lax.asinh, lax.acosh, lax.atanh, lax.exp, lax.log, lax.sqrt, lax.square,
        lax.logistic, abs)
EDGES = np.array([complex(a, b) for a in (0.0, -0.0, -2.0, np.inf, -np.inf) for b in (0.0, -0.0, 1.0, -np.inf)], np.complex64)


@case(np.array([-10 + 1j, 10 - 2j, 0.001 - 1j, -80 + 1e6j], np.complex64), EDGES)
def complex_edges(z, edges):
  return (*(f(z[:3]) * np.float32(1e-4) for f in GROWING), *(f(z) * np.float32(1e-36) for f in GROWING),
          *(f(edges) for f in GROWING + SLOW))


@case(F, shape(3, 4, dtype=bool))
def selection(x, p):
  return jnp.where(p, x, 1), lax.clamp(np.float32(0), x, np.float32(1)), lax.select_n(p, x, x), ~p, x > 0, x == x, x <= 2, x != 3


@case(F)
def conversions(x):
  return ([x.astype(t) for t in (np.int8, np.uint16, np.int64, np.float16, jnp.bfloat16, np.float64, bool, np.complex128,
                                 jnp.float8_e4m3fn, jnp.int4)]
          + [lax.bitcast_convert_type(x, np.int32), lax.bitcast_convert_type(x, np.int8), lax.reduce_precision(x, 5, 10)])


@case()
def constants():
  return (np.float32(1e-3), np.float32(16777216), np.float32(np.nan), np.float32(np.inf), np.float64(0.1), np.float64(1 / 3),
          np.arange(6).reshape(2, 3), np.array([True, False]), np.array([1 + 2j, -0.0]), np.float32([0.1, 123456.7, -0.0, 1e30]),
          np.arange(101), np.zeros((2, 60), np.float32), np.uint8([0, 255]), np.int64(-1 << 63), np.uint64((1 << 64) - 1),
          jnp.bfloat16(0.1), np.float16(0.1), np.array([], np.float32), np.float16([65504, 6e-8]), np.eye(12, dtype=bool))


@case(F)
def movement(x):
  return (x.T, x.reshape(2, 6), x[1:, ::2], x[::-1], jnp.concatenate([x, x], 1), lax.pad(x, np.float32(0), ((1, -1, 2), (0, 0, 0))),
          jnp.broadcast_to(x, (2, 3, 4)), lax.iota(np.int32, 5), lax.broadcasted_iota(np.float32, (2, 3), 1), jnp.zeros((0, 3)),
          jnp.squeeze(x[:1]), x[:, None], jnp.stack([x, x]), lax.expand_dims(x, (0,)))


@case(F, shape(dtype=np.int32))
def dynamic_slices(x, i):
  return lax.dynamic_slice(x, (i, i), (2, 2)), lax.dynamic_update_slice(x, x[:1], (i, i)), x[i], x.at[i].set(0)


@case(V, shape(3, dtype=np.int32))
def gathers(x, i):
  return x[i], jnp.take(x, i), x[i[:, None] + jnp.arange(2)], jnp.take(x, i, mode="clip")


@case(V, shape(3, dtype=np.int32), shape(3))
def scatters(x, i, u):
  return (x.at[i].set(u), x.at[i].add(u), x.at[i].multiply(u), x.at[i].max(u), x.at[i].min(u),
          x.at[i].set(u, indices_are_sorted=True, unique_indices=True))


@case(shape(2, 3, 4), shape(2, 4, 5))
def contractions(a, b):
  return (a @ b, jnp.einsum("bij,bjk->bki", a, b), jnp.dot(a, b[0]), lax.dot_general(a, b, (((2,), (1,)), ((0,), (0,))),
          precision=lax.Precision.HIGHEST, preferred_element_type=np.float64), jnp.vdot(a, a),
          lax.dot(a[0], b[0], precision=lax.DotAlgorithmPreset.F32_F32_F32))


@case(shape(1, 8, 8, 4), shape(3, 3, 2, 6))
def convolutions(x, w):
  numbers = ("NHWC", "HWIO", "NHWC")
  return (lax.conv_general_dilated(x, w, (1, 2), "SAME", dimension_numbers=numbers, feature_group_count=2),
          lax.conv_general_dilated(x, w, (1, 1), ((1, 2), (0, 0)), (2, 1), (1, 2), numbers, feature_group_count=2,
                                   precision=lax.Precision.HIGH))


@case(F)
def reductions(x):
  return (x.sum(), x.sum(0), x.max(1), x.min(), x.prod(), jnp.any(x > 0), jnp.all(x > 0, 0), jnp.argmax(x), jnp.argmin(x, 1),
          x.mean(), x.std(), lax.reduce((x, x), (np.float32(0), np.float32(1)), lambda a, b: (a[0] + b[0], a[1] * b[1]), (0,)),
          jax.nn.softmax(x), jax.nn.logsumexp(x, 1), lax.reduce_xor(x.astype(np.int32), (0,)))


@case(F)
def windows(x):
  return (lax.reduce_window(x, np.float32(0), lax.add, (2, 2), (1, 2), "SAME"), lax.cumsum(x, 1), lax.cummax(x, 0), lax.cumprod(x, 0, reverse=True),
          lax.cumlogsumexp(x, 1), jax.grad(lambda x: lax.reduce_window(x, np.float32(-np.inf), lax.max, (2, 2), (1, 1), "VALID").sum())(x))


@case(V)
def sorting(x):
  return lax.sort(x), jnp.argsort(x), lax.sort((x, x), num_keys=2), lax.top_k(x, 2), jnp.sort(x, descending=True), jnp.median(x)


@case(S)
def loops(x):
  return (lax.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 1, c[1] * 2), (0, x)), lax.fori_loop(0, 5, lambda i, c: c + i, x),
          lax.scan(lambda c, y: (c + y, c), x, jnp.arange(3, dtype=np.float32)))


@case(S, shape(dtype=np.int32))
def branches(x, i):
  return (lax.cond(x > 0, lambda y: y + 1, lambda y: y * 2, x), lax.switch(i, [lambda y: y, lambda y: -y, lambda y: y * y], x))


@case(F)
def nested_calls(x):
  f = jax.jit(lambda y: jnp.sin(y) * 2)
  return f(f(x)), jax.jit(lambda y, z: (y, z))(x, x)


@case(shape(3, 3))
def linear_algebra(a):
  return (lax.linalg.triangular_solve(a, a, left_side=True, lower=True), lax.linalg.cholesky(a), jnp.linalg.qr(a), jnp.linalg.eigh(a),
          jnp.linalg.svd(a), jnp.linalg.solve(a, a), jnp.linalg.inv(a), jnp.linalg.det(a))


@case(shape(8), shape(4, 4, dtype=np.complex64))
def transforms(x, z):
  return jnp.fft.rfft(x), jnp.fft.irfft(jnp.fft.rfft(x)), jnp.fft.fft2(z), jnp.fft.ifft(z)


@case(shape(2, dtype=np.uint32))
def random_numbers(key):
  return (jax.random.uniform(key, (3,)), jax.random.normal(key, (2, 2)), jax.random.bits(key, (5,)), jax.random.split(key),
          jax.random.randint(key, (3,), 0, 10), lax.rng_uniform(np.float32(0), np.float32(1), (3,)),
          lax.rng_bit_generator(jnp.zeros(4, np.uint32), (3,)))


@case(F)
def special(x):
  return lax.optimization_barrier((x, x)), lax.stop_gradient(x), lax.igamma(x, x), lax.zeta(x, x), lax.polygamma(x, x)


@case(F)
def gradients(x):
  return jax.grad(lambda x: jnp.tanh(x @ x.T).sum())(x), jax.value_and_grad(lambda x: jax.nn.logsumexp(x))(x)


@case({"w": F, "b": shape(4)}, [shape(3), S])
def trees(parameters, data):
  return {"y": data[0] @ parameters["w"] + parameters["b"], "n": (data[1],)}


def donated(x, y):
  return x + y


# Library calls, and random streams that belong to XLA.
UNCHECKED = {"linear_algebra", "random_numbers"}
ELEMENTS = {"bool": "i1", "bfloat16": "bf16", "float8_e4m3fn": "f8E4M3FN", "complex64": "complex<f32>",
            "complex128": "complex<f64>"}


def tensor_type(array):
  name = array.dtype.name
  name = ELEMENTS.get(name) or name.replace("uint", "ui").replace("int", "i").replace("float", "f")
  return "tensor<" + "".join(f"{n}x" for n in array.shape) + name + ">"


def constant(name, array):
  if array.size == 0:
    data = ""
  elif array.dtype.name in ("int4", "uint4"):
    data = str(array.tolist())
  else:
    data = '"0x' + np.ascontiguousarray(array).tobytes().hex().upper() + '"'
  return f"    %{name} = stablehlo.constant dense<{data}> : {tensor_type(array)}\n"


def operand(rng, leaf):
  if isinstance(leaf, np.ndarray):
    return leaf
  if leaf.dtype == bool:
    return rng.random(leaf.shape) < 0.5
  if np.issubdtype(leaf.dtype, np.integer):
    return rng.integers(0, 5, leaf.shape).astype(leaf.dtype)
  if np.issubdtype(leaf.dtype, np.complexfloating):
    return (rng.normal(size=leaf.shape) + 1j * rng.normal(size=leaf.shape)).astype(leaf.dtype)
  return rng.normal(size=leaf.shape).astype(leaf.dtype)


def checked(function, arguments, text):
  """The module with an @main that compares @tested with what JAX computes."""
  rng = np.random.default_rng(1)
  leaves, tree = jax.tree.flatten(arguments)
  operands = [operand(rng, leaf) for leaf in leaves]
  results = [np.asarray(x) for x in jax.tree.leaves(jax.jit(function)(*tree.unflatten(operands)))]
  out = "  func.func public @main() {\n"
  for index, array in enumerate(operands):
    out += constant(f"x{index}", array)
  for index, array in enumerate(results):
    out += constant(f"y{index}", array)
  given = ", ".join(f"%x{i}" for i in range(len(operands)))
  types = ", ".join(tensor_type(x) for x in operands)
  out += f"    %r:{len(results)} = call @tested({given}) : ({types}) -> ({', '.join(tensor_type(y) for y in results)})\n"
  for index, array in enumerate(results):
    check = "expect_almost_eq" if array.dtype.kind in "fcV" and "int" not in array.dtype.name else "expect_eq"
    kind = tensor_type(array)
    out += (f"    stablehlo.custom_call @check.{check}(%r#{index}, %y{index}) {{has_side_effect = true}} : "
            f"({kind}, {kind}) -> ()\n")
  out += "    return\n  }\n"
  head, _, body = text.partition("{\n")
  return head + "{\n" + out + body.replace("@main(", "@tested(")


def main():
  folder = Path(sys.argv[1])
  for part in ("lowered", "checked"):
    (folder / part).mkdir(parents=True, exist_ok=True)
  for name, (function, arguments) in CASES.items():
    text = jax.jit(function).lower(*arguments).as_text()
    (folder / "lowered" / f"{name}.mlir").write_text(text)
    if name not in UNCHECKED:
      (folder / "checked" / f"{name}.mlir").write_text(checked(function, arguments, text))
  text = jax.jit(donated, donate_argnums=(0,)).lower(F, F).as_text()
  (folder / "lowered" / "donated.mlir").write_text(text)


if __name__ == "__main__":
  main()
