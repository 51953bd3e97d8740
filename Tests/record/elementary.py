"""Records reference values of the elementary functions, computed to 40 digits.

  elementary.py [POINTS] > Tests/Cases/Tensor/elementary.txt

A line holds a function, a precision (f32 or f64), the operands, and the value as a sum of two
doubles, all as hexadecimal floats. Ends (zeros, infinities, NaN) come from SciPy.
"""

import math
import random
import sys
import warnings

import numpy as np
import scipy.special as sp
from mpmath import mp, mpf

mp.dps = 45
warnings.simplefilter("ignore")
random.seed(7)
INF = float("inf")


def digits_of_erfc(x):
  return mp.erfc(x)


def power(x, y):
  """C's `pow`, of which Python's raises errors."""
  try:
    return math.pow(x, y)
  except OverflowError:
    return INF
  except ValueError:
    if x == 0:
      isOdd = y == math.floor(y) and y % 2 == 1
      return math.copysign(INF, x) if isOdd else INF
    return float("nan")


def erfinv(x):
  return mp.erfinv(x)


def rgamma_log(x):
  return mp.log(abs(mp.gamma(x))) if abs(x) < 1e6 else mp.re(mp.loggamma(x))


# name: (mpmath, scipy for the ends, sampled intervals (lower, upper, logarithmic?))
UNARY = {
    "exp": (mp.exp, np.exp, [(-104, 89, 0), (-746, 710, 0), (1e-30, 80, 1), (-1, 1, 0)]),
    "expm1": (mp.expm1, np.expm1, [(-50, 89, 0), (-50, 710, 0), (1e-30, 80, 1), (-1, 1, 0), (-1e-3, 1e-3, 0)]),
    "exp2": (lambda x: mpf(2)**x, np.exp2, [(-149, 128, 0), (-1074, 1024, 0), (-1, 1, 0)]),
    "log": (mp.log, np.log, [(1e-45, 3e38, 1), (1e-320, 1e308, 1), (0.5, 2, 0), (0.99, 1.01, 0)]),
    "log1p": (mp.log1p, np.log1p, [(1e-30, 3e38, 1), (1e-300, 1e308, 1), (-1, 1, 0), (-1e-3, 1e-3, 0), (-1, -0.9, 0)]),
    "log2": (lambda x: mp.log(x, 2), np.log2, [(1e-45, 3e38, 1), (1e-320, 1e308, 1), (0.5, 2, 0), (0.99, 1.01, 0)]),
    "log10": (mp.log10, np.log10, [(1e-45, 3e38, 1), (1e-320, 1e308, 1), (0.5, 2, 0), (0.99, 1.01, 0)]),
    "logistic": (lambda x: 1 / (1 + mp.exp(-x)), sp.expit, [(-87, 40, 0), (-700, 40, 0), (-1, 1, 0)]),
    "sin": (mp.sin, np.sin, [(-10, 10, 0), (-1e5, 1e5, 0), (1e-30, 3e38, 1), (1e-300, 1e308, 1)]),
    "cos": (mp.cos, np.cos, [(-10, 10, 0), (-1e5, 1e5, 0), (1e-30, 3e38, 1), (1e-300, 1e308, 1)]),
    "tan": (mp.tan, np.tan, [(-10, 10, 0), (-1e5, 1e5, 0), (1e-30, 3e38, 1), (1e-300, 1e308, 1)]),
    "atan": (mp.atan, np.arctan, [(-3, 3, 0), (1e-30, 1e30, 1)]),
    "asin": (mp.asin, np.arcsin, [(-1, 1, 0), (0.99, 1, 0), (1e-30, 1, 1)]),
    "acos": (mp.acos, np.arccos, [(-1, 1, 0), (0.99, 1, 0), (-1, -0.99, 0)]),
    "sinh": (mp.sinh, np.sinh, [(-3, 3, 0), (-89.4, 89.4, 0), (-710, 710, 0), (1e-30, 1, 1)]),
    "cosh": (mp.cosh, np.cosh, [(-3, 3, 0), (-89.4, 89.4, 0), (-710, 710, 0)]),
    "tanh": (mp.tanh, np.tanh, [(-3, 3, 0), (-25, 25, 0), (1e-30, 1, 1)]),
    "asinh": (mp.asinh, np.arcsinh, [(-3, 3, 0), (1e-30, 3e38, 1), (1e-300, 1e308, 1)]),
    "acosh": (mp.acosh, np.arccosh, [(1, 3, 0), (1, 3e38, 1), (1, 1e308, 1), (1, 1.001, 0)]),
    "atanh": (mp.atanh, np.arctanh, [(-1, 1, 0), (0.99, 1, 0), (1e-30, 1, 1)]),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), np.cbrt, [(-3, 3, 0), (1e-44, 3e38, 1), (1e-310, 1e308, 1)]),
    "rsqrt": (lambda x: 1 / mp.sqrt(x), lambda x: 1 / np.sqrt(x), [(0, 3, 0), (1e-38, 3e38, 1), (1e-307, 1e308, 1)]),
    "erf": (mp.erf, sp.erf, [(-3, 3, 0), (-6, 6, 0), (1e-30, 1, 1)]),
    "erfc": (mp.erfc, sp.erfc, [(-3, 3, 0), (-6, 10, 0), (0, 27, 0)]),
    "erfInv": (erfinv, sp.erfinv, [(-1, 1, 0), (0.99, 1, 0), (0.999999, 1, 0), (1e-30, 1, 1)]),
    "lgamma": (rgamma_log, sp.gammaln, [(0, 3, 0), (0, 20, 0), (1, 1e30, 1), (1e-30, 1, 1), (-4, 0, 0)]),
    "digamma": (mp.digamma, sp.digamma, [(0, 3, 0), (0, 20, 0), (1, 1e30, 1), (1e-15, 1, 1), (-4, 0, 0)]),
    "besselI0e": (lambda x: mp.exp(-abs(x)) * mp.besseli(0, x), sp.i0e, [(-8, 8, 0), (-100, 100, 0)]),
    "besselI1e": (lambda x: mp.exp(-abs(x)) * mp.besseli(1, x), sp.i1e, [(-8, 8, 0), (-100, 100, 0), (1e-30, 1, 1)]),
}
BINARY = {
    "pow": (lambda x, y: mp.power(x, y), power,
            [(0, 10, 0, -10, 10, 0), (1e-38, 1e38, 1, -1, 1, 0), (0.9, 1.1, 0, -800, 800, 0), (1e-3, 1e3, 1, -12, 12, 0), (0.999, 1.001, 0, -80000, 80000, 0)]),
    "atan2": (lambda y, x: mp.atan2(y, x), math.atan2,
              [(-3, 3, 0, -3, 3, 0), (1e-30, 1e30, 1, 1e-30, 1e30, 1), (-3, 3, 0, -1e30, 1e30, 0)]),
}


def sample(lower, upper, logarithmic):
  if logarithmic:
    x = float(mp.exp(mpf(random.uniform(float(mp.log(lower)), float(mp.log(upper))))))
    return x
  return random.uniform(lower, upper)


def show(name, precision, operands, value):
  if mp.isnan(value):
    words = "nan 0x0p+0"
  elif mp.isinf(value):
    words = ("inf" if value > 0 else "-inf") + " 0x0p+0"
  else:
    high = float(value)
    low = float(value - mpf(high)) if abs(high) != INF else 0.0
    words = f"{high.hex()} {low.hex()}"
  print(name, precision, *(float(x).hex() for x in operands), words)


def main(points):
  ends = [0.0, -0.0, 1.0, -1.0, INF, -INF, float("nan"), 2.0, 0.5]
  for precision, dtype in (("f32", np.float32), ("f64", np.float64)):
    info = np.finfo(dtype)
    for name, (exact, scipy, intervals) in UNARY.items():
      for x in ends:
        with np.errstate(all="ignore"):
          value = float(scipy(np.float64(x)))
        if value != 0 and abs(value) != INF and value == value:
          value = exact(mpf(x))
        if name in ("erfInv", "besselI1e") and x == 0:
          value = x
        if name == "digamma" and x == 0:
          value = float("nan")
        if name == "lgamma" and abs(x) == INF:
          value = INF
        if value == 0 and name not in ("lgamma", "log", "log2", "log10", "acos"):
          print(name, precision, float(x).hex(), float(value).hex(), "0x0p+0")
        else:
          show(name, precision, [x], mpf(value))
      for interval in intervals:
        if max(abs(interval[0]), abs(interval[1])) > info.max:
          continue
        for _ in range(points // len(intervals)):
          x = float(dtype(sample(*interval)))
          if abs(x) < info.tiny or (name == "erfInv" and abs(x) >= 1) or (name in ("asin", "atanh") and abs(x) >= 1):
            continue
          value = exact(mpf(x))
          if isinstance(value, mp.mpc) or abs(value) > float(info.max) or abs(value) < float(info.tiny):
            continue
          show(name, precision, [x], value)
    for name, (exact, scipy, intervals) in BINARY.items():
      for x in ends + [-2.0, -0.5, -3.0]:
        for y in ends + [-2.0, -0.5, -3.0, 3.0, 2.5]:
          with np.errstate(all="ignore"):
            value = scipy(x, y)
          if value != 0 and abs(value) != INF and value == value and name == "atan2":
            # The ends are multiples of π/4.
            value = mp.nint(mpf(value) / mp.pi * 4) * mp.pi / 4 if x == 0 or abs(x) == abs(y) or INF in (abs(x), abs(y)) else exact(mpf(x), mpf(y))
          print(name, precision, float(x).hex(), float(y).hex(), float(value).hex(),
                float(mpf(value) - mpf(float(value))).hex() if abs(float(value)) < INF else "0x0p+0")
      for interval in intervals:
        for _ in range(points // len(intervals)):
          x, y = float(dtype(sample(*interval[:3]))), float(dtype(sample(*interval[3:])))
          value = exact(mpf(x), mpf(y))
          if abs(value) > float(info.max) or abs(value) < float(info.tiny):
            continue
          show(name, precision, [x, y], value)


if __name__ == "__main__":
  main(int(sys.argv[1]) if len(sys.argv) > 1 else 150)
