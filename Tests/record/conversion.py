"""Records how JAX converts between element types.

  conversion.py > Tests/Cases/Tensor/conversion.txt

A line holds a source type, a target type, and pairs of bytes in hexadecimal: source=target.
"""

import warnings

import jax
import ml_dtypes
import numpy as np

warnings.simplefilter("ignore")
jax.config.update("jax_enable_x64", True)

NAMES = """bool int2 int4 int8 int16 int32 int64 uint2 uint4 uint8 uint16 uint32 uint64 float8_e3m4
float8_e4m3 float8_e4m3fn float8_e4m3fnuz float8_e4m3b11fnuz float8_e5m2 float8_e5m2fnuz
float8_e8m0fnu bfloat16 float16 float32 float64 complex64 complex128""".split()
FLOATS = [0.0, -0.0, 1.0, -1.0, 1.5, 2.5, -2.5, 0.1, 3.14159265, 127.5, 128.0, -129.0, 240.0, 255.5,
          256.0, 300.0, 448.0, 464.0, 480.0, 1000.5, 57344.0, 65504.0, 65520.0, 70000.0, 1e9, 2147483648.0, -2147483649.0,
          4294967296.0, 1e19, -1e19, 1e30, 3e38, np.inf, -np.inf, np.nan, 1e-3, 6e-5, 1e-7, 1 + 2**-8 + 2**-40,
          1 + 2**-11 + 2**-40, 0.0146, 15.75, 30.9, 2**-9 * 0.51]
INTEGERS = [0, 1, -1, 2, 7, 8, 15, 16, 100, 127, 128, -128, -129, 255, 256, 300, 32768, 65535, 65536,
            70000, 2**24 + 1, 2**31 - 1, 2**31, -2**31, 2**32 + 5, (1 << 40) + (1 << 32) + 1, 2**53 + 1, 2**62 + 2**38 + 1, -2**63]


def sources(dtype):
  name = dtype.name
  if name.startswith("complex"):
    return np.array([complex(x, 1.5) for x in FLOATS]).astype(dtype)
  if "float" in name:
    return np.array(FLOATS).astype(dtype)
  if name == "bool":
    return np.array([False, True])
  return np.array(INTEGERS).astype(np.int64).astype(dtype)


for source in NAMES:
  source = np.dtype(getattr(ml_dtypes, source, source))
  values = sources(source)
  for target in NAMES:
    target = np.dtype(getattr(ml_dtypes, target, target))
    result = np.asarray(jax.lax.convert_element_type(values, target))
    pairs = {}
    for a, b in zip(values, result):
      pairs[np.asarray(a).tobytes().hex()] = np.asarray(b).tobytes().hex()
    print(source.name, target.name, *(f"{a}={b}" for a, b in pairs.items()))
