"""Records how JAX and NumPy print arrays.

  printing.py > Tests/Cases/Tensor/printing.json
"""

import json
import random
import warnings

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
from jax._src.lax import lax

warnings.simplefilter("ignore")
jax.config.update("jax_enable_x64", True)
rng = np.random.default_rng(3)
random.seed(3)

FLOATS = ["float16", "float32", "float64", "bfloat16", "float8_e4m3fn", "float8_e5m2"]
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "int4", "uint4"]
SHAPES = [(), (1,), (2,), (5,), (7,), (13,), (30,), (60,), (2, 3), (3, 2), (4, 5), (1, 9), (12, 2), (2, 2, 2), (2, 1, 3, 2),
          (0,), (0, 3), (2, 0), (1, 1, 1), (3, 11)]
LARGE = [(1001,), (40, 30), (11, 10, 11), (2, 600), (600, 2), (1000,), (1001, 1), (5, 7, 3, 11)]


def dtype(name):
  return np.dtype(getattr(ml_dtypes, name, name))


def floats(shape, kind):
  n = int(np.prod(shape))
  if kind == "unit":
    return rng.random(n)
  if kind == "normal":
    return rng.normal(size=n) * 10
  if kind == "wide":
    return rng.normal(size=n) * 10.0 ** rng.integers(-8, 9, n)
  if kind == "huge":
    return rng.normal(size=n) * 10.0 ** rng.integers(-30, 30, n)
  if kind == "short":
    return rng.integers(-20, 20, n) / 4
  if kind == "round":
    return np.round(rng.normal(size=n) * 100, 2)
  if kind == "whole":
    return rng.integers(-300, 300, n).astype(float)
  if kind == "counting":
    return np.arange(n) * 1.0
  if kind == "small":
    return rng.random(n) * 1e-5
  if kind == "big":
    return rng.random(n) * 1e9
  if kind == "cutoff":
    return rng.choice([999.0, 1000.0, 999999.0, 1e6, 99999999.0, 1e8, 1.0, 2.0, 1e-4, 9.99e-5], n)
  if kind == "special":
    return rng.choice([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -2.5, 1000.25], n)
  if kind == "nan":
    return np.full(n, np.nan)
  if kind == "zeros":
    return np.zeros(n)
  if kind == "ties":
    return rng.choice([0.5, 1.5, 2.5, 0.125, 0.375, 2.675, 1.005, -0.5], n)
  raise ValueError(kind)


KINDS = ["unit", "normal", "wide", "huge", "short", "round", "whole", "counting", "small", "big", "cutoff", "special",
         "nan", "zeros", "ties"]
OPTIONS = [dict(precision=3, suppress=True), dict(precision=2), dict(precision=4, suppress=True), dict(precision=0),
           dict(floatmode="fixed", precision=3), dict(floatmode="unique"), dict(floatmode="maxprec_equal"), dict(sign="+"),
           dict(sign=" "), dict(linewidth=40), dict(linewidth=120, precision=17), dict(threshold=5, edgeitems=2),
           dict(threshold=5, edgeitems=1), dict(nanstr="NA", infstr="Inf"), dict(precision=12), dict(suppress=True),
           dict(floatmode="fixed", precision=0), dict(floatmode="fixed", precision=20), dict(threshold=10**6), dict(linewidth=10)]

CASES = []


def record(values, weak=False, **options):
  with np.printoptions(**options):
    x = jnp.asarray(values)
    if weak:
      x = lax._convert_element_type(x, x.dtype, weak_type=True)
    a = np.asarray(x)
    CASES.append(dict(
        dtype=a.dtype.name, shape=list(a.shape), weak=bool(x.weak_type), data=a.tobytes().hex(),
        options=options, str=str(x), jax=repr(x), numpy=repr(a)))


def array(name, shape, kind):
  with np.errstate(all="ignore"):
    if name.startswith("complex"):
      return (floats(shape, kind) + 1j * floats(shape, random.choice(KINDS))).reshape(shape).astype(name)
    return floats(shape, kind).reshape(shape).astype(dtype(name))


def integers(name, shape):
  low, high = {"int4": (-8, 8), "uint4": (0, 16)}.get(name) or (np.iinfo(name).min, np.iinfo(name).max)
  bits = random.choice([2, 6, 12, 30, 62])
  values = rng.integers(-(2**bits), 2**bits, shape)
  return np.clip(values, max(low, -(2**62)), min(high, 2**62) - 1).astype(dtype(name))


for name in FLOATS + ["complex64", "complex128"]:
  for kind in KINDS:
    for shape in random.sample(SHAPES, 3):
      record(array(name, shape, kind), weak=random.random() < 0.2)
for name in INTEGERS:
  for shape in random.sample(SHAPES, 8):
    record(integers(name, shape), weak=random.random() < 0.2)
for shape in SHAPES:
  record(rng.random(shape) < 0.5)
for options in OPTIONS:
  for name in ["float32", "float64", "float16", "bfloat16", "int32", "complex64", "bool"]:
    for shape in random.sample(SHAPES, 2):
      if name == "int32":
        record(integers(name, shape), **options)
      elif name == "bool":
        record(rng.random(shape) < 0.5, **options)
      else:
        record(array(name, shape, random.choice(KINDS)), **options)
for shape in LARGE:
  record(array("float32", shape, "counting"))
  record(array("float32", shape, random.choice(KINDS)))
  record(integers("int32", shape))
for kind in KINDS:
  for name in FLOATS[:3] + ["complex64"]:
    record(array(name, (), kind), weak=True)

print("[")
print(",\n".join(json.dumps(case) for case in CASES))
print("]")
