"""Records JAX's promotion of every pair of types, weak ones starred.

  promotion.py > Tests/Cases/Tensor/promotion.txt

A line holds two types and their common type with 64-bit types disabled, enabled, and under strict
promotion; `-` where there is none.
"""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
from jax._src import dtypes
from jax._src.lax import lax

warnings.simplefilter("ignore")
import ml_dtypes

NAMES = """bool int2 int4 int8 int16 int32 int64 uint2 uint4 uint8 uint16 uint32 uint64 float8_e3m4
float8_e4m3 float8_e4m3fn float8_e4m3fnuz float8_e4m3b11fnuz float8_e5m2 float8_e5m2fnuz
float8_e8m0fnu bfloat16 float16 float32 float64 complex64 complex128""".split()
WEAK = ["int32*", "int64*", "float32*", "float64*", "complex64*", "complex128*", "int8*", "float16*"]


def operand(name):
  base = name.rstrip("*")
  dtype = np.dtype(getattr(ml_dtypes, base, base))
  if not name.endswith("*"):
    return np.zeros((), dtype)
  return lax._convert_element_type(jnp.zeros((), dtype), dtype, weak_type=True)


def promoted(a, b, x64, mode="standard"):
  with jax.enable_x64(x64), jax.numpy_dtype_promotion(mode):
    try:
      dtype, weak = dtypes.result_type(
          OPERANDS[a], OPERANDS[b], return_weak_type_flag=True)
    except dtypes.TypePromotionError:
      return "-"
  return str(dtype) + ("*" if weak else "")


with jax.enable_x64(True):
  OPERANDS = {name: operand(name) for name in NAMES + WEAK}
for a in NAMES + WEAK:
  for b in NAMES + WEAK:
    print(a, b, promoted(a, b, False), promoted(a, b, True), promoted(a, b, True, "strict"))
