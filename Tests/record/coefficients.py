"""Minimax polynomials for Sources/Tensor/Elementary: writes Coefficients.swift to standard output.

Needs mpmath. Each entry says which function the polynomial approximates, on which interval, and
relative to which weight the error is measured; Remez' exchange algorithm does the rest.
"""

import sys

from mpmath import mp, mpf, matrix, lu_solve, exp, log, sqrt, sin, cos, tan, atan, asin, pi, erfc, erf
from mpmath import erfinv, log1p, expm1, taylor, diff, atanh, chop

mp.dps = 50


def remez(f, a, b, degree, weight=lambda x: mpf(1), rounds=12, grid=None):
  """Coefficients (lowest first) of p that minimises max |p - f| * weight on [a, b]."""
  a, b = mpf(a), mpf(b)
  n = degree + 2
  nodes = [(a + b) / 2 - (b - a) / 2 * mp.cos(pi * i / (n - 1)) for i in range(n)]
  grid = grid or 16 * n
  xs = [(a + b) / 2 - (b - a) / 2 * mp.cos(pi * (i + mpf(1) / 3) / grid) for i in range(grid)]
  xs = [a] + xs + [b]
  values = [(x, f(x), weight(x)) for x in xs]
  cache = {}

  def fw(x):
    if x not in cache:
      cache[x] = (f(x), weight(x))
    return cache[x]

  coefficients, worst = None, None
  for _ in range(rounds):
    system, right = matrix(n, n), matrix(n, 1)
    for i, x in enumerate(nodes):
      fx, wx = fw(x)
      power = mpf(1)
      for j in range(degree + 1):
        system[i, j] = power
        power *= x
      system[i, degree + 1] = (-1) ** i / wx
      right[i] = fx
    solution = lu_solve(system, right)
    coefficients = [solution[j] for j in range(degree + 1)]
    level = abs(solution[degree + 1])

    def error(x, fx, wx):
      return (mp.polyval(coefficients[::-1], x) - fx) * wx

    errors = [error(*v) for v in values]
    # One extremum per run of equal signs.
    extrema, run = [], [0]
    for i in range(1, len(errors)):
      if (errors[i] > 0) == (errors[run[-1]] > 0):
        run.append(i)
      else:
        extrema.append(max(run, key=lambda k: abs(errors[k])))
        run = [i]
    extrema.append(max(run, key=lambda k: abs(errors[k])))
    while len(extrema) > n:
      extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
    worst = max(abs(e) for e in errors)
    if len(extrema) < n or worst < level * mpf("1.02"):
      break
    nodes = [xs[k] for k in extrema]
  return coefficients, worst


def series(f, x0, order):
  return taylor(f, x0, order)


def near_zero(f, terms, threshold=mpf("1e-6")):
  """`f`, but from its Taylor polynomial `terms` (lowest first) where |x| is small."""
  return lambda x: mp.polyval(terms[::-1], x) if abs(x) < threshold else f(x)


ENTRIES = []


def entry(name, comment, f, a, b, single, double, weight=lambda x: mpf(1)):
  ENTRIES.append((name, comment, f, a, b, single, double, weight))


LN2 = log(2)
fact = mp.factorial

# exp r = 1 + r + r^2 p(r)
entry("exp", "`(exp r − 1 − r) / r²` for |r| ≤ ln 2 / 2",
      near_zero(lambda r: (exp(r) - 1 - r) / r**2, [1 / fact(k + 2) for k in range(8)], mpf("1e-4")),
      -LN2 / 2 * mpf("1.0001"), LN2 / 2 * mpf("1.0001"), 4, 9, lambda r: exp(-abs(r)) * max(r * r, mpf("1e-3")))
# exp2 f = 1 + f p(f)
entry("exp2", "`(2^f − 1) / f` for |f| ≤ 1/2",
      near_zero(lambda r: (mpf(2)**r - 1) / r, [LN2**(k + 1) / fact(k + 1) for k in range(8)], mpf("1e-4")),
      mpf("-0.5001"), mpf("0.5001"), 5, 10, lambda r: max(abs(r), mpf("1e-2")))
# log(1+f) = f - f^2/2 + f^3 p(f)
entry("log", "`(log(1 + f) − f + f²/2) / f³` for √½ ≤ 1 + f ≤ √2",
      near_zero(lambda f: (log1p(f) - f + f * f / 2) / f**3, [mpf((-1) ** k) / (k + 3) for k in range(12)], mpf("1e-3")),
      sqrt(mpf(0.5)) - 1 - mpf("1e-5"), sqrt(mpf(2)) - 1 + mpf("1e-5"), 8, None, lambda f: f * f + mpf("1e-3"))
# log((1+s)/(1-s)) = 2s + s z p(z), z = s^2
entry("logRatio", "`(2 atanh √z / √z − 2) / z` for z = s², |s| ≤ 3 − 2√2",
      near_zero(lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z, [mpf(2) / (2 * k + 3) for k in range(10)], mpf("1e-5")),
      0, (3 - 2 * sqrt(mpf(2)))**2 * mpf("1.001"), 3, 7, lambda z: z + mpf("1e-3"))
# log((1+s)/(1-s)) = 2s + s z (2/3 + z p(z))
entry("logRatioRest", "`((2 atanh √z / √z − 2) / z − 2/3) / z` for z = s², |s| ≤ 3 − 2√2",
      near_zero(lambda z: ((2 * atanh(sqrt(z)) / sqrt(z) - 2) / z - mpf(2) / 3) / z, [mpf(2) / (2 * k + 5) for k in range(12)], mpf("1e-4")),
      0, (3 - 2 * sqrt(mpf(2)))**2 * mpf("1.001"), 3, 7, lambda z: z * z + mpf("1e-5"))
# sin r = r + r^3 p(r^2)
entry("sin", "`(sin r / r − 1) / z` for z = r², |r| ≤ π/4",
      near_zero(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, [mpf((-1) ** (k + 1)) / fact(2 * k + 3) for k in range(8)], mpf("1e-5")),
      0, (pi / 4)**2 * mpf("1.001"), 2, 6, lambda z: z + mpf("1e-2"))
# cos r = 1 - z/2 + z^2 p(z)
entry("cos", "`(cos r − 1 + z/2) / z²` for z = r², |r| ≤ π/4",
      near_zero(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, [mpf((-1) ** k) / fact(2 * k + 4) for k in range(8)], mpf("1e-4")),
      0, (pi / 4)**2 * mpf("1.001"), 2, 6, lambda z: z * z + mpf("1e-2"))
# atan t = t + t^3 p(t^2)
entry("atan", "`(atan t / t − 1) / z` for z = t², |t| ≤ tan(π/8)",
      near_zero(lambda z: (atan(sqrt(z)) / sqrt(z) - 1) / z, [mpf((-1) ** (k + 1)) / (2 * k + 3) for k in range(10)], mpf("1e-5")),
      0, tan(pi / 8)**2 * mpf("1.001"), 4, 11, lambda z: z + mpf("1e-3"))
# asin t = t + t^3 p(t^2)
entry("asin", "`(asin t / t − 1) / z` for z = t² ≤ 1/4",
      near_zero(lambda z: (asin(sqrt(z)) / sqrt(z) - 1) / z, [mp.binomial(2 * k + 2, k + 1) / mpf(4)**(k + 1) / (2 * k + 3) for k in range(10)], mpf("1e-5")),
      0, mpf("0.2501"), 5, 13, lambda z: z + mpf("1e-3"))

# erf x = x + x p(x^2), |x| <= 1
entry("erf", "`erf √z / √z − 1` for z = x² ≤ 1",
      near_zero(lambda z: erf(sqrt(z)) / sqrt(z) - 1, [2 / sqrt(pi) * mpf((-1) ** k) / fact(k) / (2 * k + 1) - (k == 0) for k in range(10)], mpf("1e-5")),
      0, mpf("1.001"), 6, 12)


def erfcx_of_u(k, scale):
  def g(u):
    x = k * (1 + u) / (1 - u)
    return (1 + 2 * x) * exp(x * x) * erfc(x)
  return g


# Beyond 1, erf x = 1 - e^-p(x) to single precision.
entry("erfcLogarithm", "`−log erfc x` for 1 ≤ x ≤ 4, as accurate as 1 − erfc x needs it",
      lambda x: -log(erfc(x)), 1, 4, 6, None, erfc)
entry("erfcx", "`(1 + 2x) e^(x²) erfc x` for u = (x − 3)/(x + 3), 0.4 ≤ x ≤ 30",
      erfcx_of_u(mpf(3), 1), (mpf("0.4") - 3) / mpf("3.4"), mpf(27) / 33, 10, 22)


def erfinv_of_w(w):
  x = sqrt(-expm1(-w))
  return erfinv(x) / x if w > mpf("1e-20") else sqrt(pi) / 2


entry("erfInvCentral", "`erf⁻¹ x / x` for t = w − 3, w = −log(1 − x²) ≤ 6.25",
      lambda t: erfinv_of_w(t + 3), -3, mpf("3.2501"), 11, 24)
entry("erfInvMiddle", "`erf⁻¹ x / x` for t = √w − 3.25, 2.5 ≤ √w ≤ 4",
      lambda t: erfinv_of_w((t + mpf("3.25"))**2), mpf("-0.76"), mpf("0.76"), 9, 20)
entry("erfInvTail", "`erf⁻¹ x / x` for t = √w − 5, 4 ≤ √w ≤ 6.1",
      lambda t: erfinv_of_w((t + 5)**2), mpf("-1.01"), mpf("1.11"), None, 19)


def lgamma_reduced(t):
  y = t + mpf("1.5")
  if abs(y - 1) < mpf("1e-12") or abs(y - 2) < mpf("1e-12"):
    return -mp.digamma(1) if abs(y - 1) < mpf("1e-12") else mp.digamma(2)
  return mp.loggamma(y) / ((y - 1) * (y - 2))


entry("lgamma", "`log Γ(y) / ((y − 1)(y − 2))` for t = y − 1.5, 1 ≤ y ≤ 2",
      lgamma_reduced, mpf("-0.5001"), mpf("0.5001"), 10, 22)
entry("stirling", "`(log Γ(a) − (a − ½)(log a − 1) − ½ log 2π + ½) a` for z = 1/a² ≤ 1/64",
      lambda z: stirling_reduced(z), 0, mpf("1") / 63, 2, 8)


def stirling_reduced(z):
  if z < mpf("1e-12"):
    return mpf(1) / 12 - z / 360
  a = 1 / sqrt(z)
  return (mp.loggamma(a) - (a - mpf(1) / 2) * (log(a) - 1) - log(2 * pi) / 2 + mpf(1) / 2) * a


def digamma_reduced(z):
  if z < mpf("1e-12"):
    return mpf(1) / 12 - z / 120
  y = 1 / sqrt(z)
  return (log(y) - 1 / (2 * y) - mp.digamma(y)) / z


entry("digamma", "`(log y − 1/(2y) − ψ(y)) y²` for z = 1/y² ≤ 1/100",
      digamma_reduced, 0, mpf("1") / 99, 2, 7)


def bessel_small(order):
  def f(t):
    x = 4 * (t + 1)
    if x < mpf("1e-20"):
      return mpf(1) if order == 0 else mpf(1) / 2
    return exp(-x) * mp.besseli(order, x) / (x if order else 1)
  return f


def bessel_large(order):
  def f(t):
    v = (t + 1) / 2 / 8
    if v < mpf("1e-30"):
      return 1 / sqrt(2 * pi)
    if v < mpf("1e-3"):
      # Hankel's asymptotic series.
      total, term, k, mu = mpf(1), mpf(1), 1, mpf(4 * order * order)
      while abs(term) > mpf("1e-45") and k < 60:
        term *= -(mu - (2 * k - 1)**2) / (k * 8) * v
        total += term
        k += 1
      return total / sqrt(2 * pi)
    x = 1 / v
    return exp(-x) * mp.besseli(order, x) * sqrt(x)
  return f


for order in (0, 1):
  entry(f"besselI{order}Small", f"`e^−x I{order}(x)`" + (" / x" if order else "") + " for t = x/4 − 1, 0 ≤ x ≤ 8",
        bessel_small(order), -1, 1, 17, 29)
  entry(f"besselI{order}Large", f"`e^−x I{order}(x) √x` for t = 16/x − 1, x ≥ 8",
        bessel_large(order), -1, 1, 6, 23)


def render(coefficients):
  lines, line = [], "     "
  for c in coefficients:
    word = " " + repr(float(c)) + ","
    if len(line) + len(word) > 98:
      lines.append(line)
      line = "     "
    line += word
  return "\n".join(lines + [line])


def rounded(x, bits):
  """The nearest number of `bits` significant bits."""
  if x == 0:
    return x
  _, e = mp.frexp(x)
  return mp.ldexp(mp.nint(mp.ldexp(x, bits - e)), e - bits)


def parts(x, bits, count):
  """`x` as the unevaluated sum of `count` numbers of `bits` bits."""
  result = []
  for _ in range(count):
    result.append(rounded(x, bits))
    x -= result[-1]
  return result


def digits(x, bits, count):
  """The leading `count` digits of 0 < x < 1 in base 2^bits, as numbers."""
  result = []
  for i in range(count):
    d = mp.floor(mp.ldexp(x, bits * (i + 1)))
    result.append(mp.ldexp(d, -bits * (i + 1)))
    x -= result[-1]
  return result


def constants():
  """(name, comment, single, double) for constants that need more than one word."""
  mp.prec = 1600
  yield ("ln2", "ln 2 in words; multiples of the first by an exponent are exact.",
         [rounded(LN2_WIDE(), 15)] + parts(LN2_WIDE() - rounded(LN2_WIDE(), 15), 24, 1),
         [rounded(LN2_WIDE(), 40)] + parts(LN2_WIDE() - rounded(LN2_WIDE(), 40), 53, 1))
  yield ("log2e", "1 / ln 2 in words.", parts(1 / LN2_WIDE(), 24, 2), parts(1 / LN2_WIDE(), 53, 2))
  yield ("log10e", "1 / ln 10 in words.", parts(1 / log(mpf(10)), 24, 2), parts(1 / log(mpf(10)), 53, 2))
  log10of2 = LN2_WIDE() / log(mpf(10))
  yield ("log10of2", "ln 2 / ln 10 in words; multiples of the first by an exponent are exact.",
         [rounded(log10of2, 15)] + parts(log10of2 - rounded(log10of2, 15), 24, 1),
         [rounded(log10of2, 40)] + parts(log10of2 - rounded(log10of2, 40), 53, 1))
  yield ("twoThirds", "2/3 in words.", parts(mpf(2) / 3, 24, 2), parts(mpf(2) / 3, 53, 2))
  yield ("halfPi", "π/2 in words.", parts(+mp.pi / 2, 24, 3), parts(+mp.pi / 2, 53, 3))
  yield ("twoOverPi", "The digits of 2/π, scaled by 2^100 and 2^300 so that none is subnormal.",
         [mp.ldexp(d, 100) for d in digits(2 / mp.pi, 24, 10)],
         [mp.ldexp(d, 300) for d in digits(2 / mp.pi, 53, 24)])
  mp.dps = 50


def LN2_WIDE():
  return log(mpf(2))


def main(only):
  print("// Written by Tests/record/coefficients.py: do not edit.\n")
  print("/// Minimax polynomials, lowest coefficient first, for either precision.")
  print("enum Coefficients {")
  for name, comment, single, double in constants():
    print(f"  /// {comment}")
    print(f"  static let {name} = Constants(")
    print(f"    single: [\n{render(single)}\n    ],")
    print(f"    double: [\n{render(double)}\n    ])\n")
  first = True
  for name, comment, f, a, b, single, double, weight in ENTRIES:
    if only and name not in only:
      continue
    if not first:
      print()
    first = False
    parts = []
    for label, degree in (("single", single), ("double", double)):
      if degree is None:
        parts.append(f"    {label}: []")
        continue
      coefficients, worst = remez(f, a, b, degree, weight)
      print(f"{name} {label}: degree {degree}, error 2^{float(log(worst, 2)):.1f}", file=sys.stderr)
      parts.append(f"    {label}: [\n{render(coefficients)}\n    ]")
    print(f"  /// {comment}")
    print(f"  static let {name} = Polynomial(\n" + ",\n".join(parts) + ")")
  print("}")


if __name__ == "__main__":
  main(set(sys.argv[1:]))
