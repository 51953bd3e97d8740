import Core
import Tensor

/// e^-|x| I₀(x), by Chebyshev series: of the function up to 8, of its product with √x beyond.
func besselI0e(_ x: Value) throws -> Value {
  if x.dtype != .f32 && x.dtype != .f64 {
    return try convert(besselI0e(convert(x, to: .f32)), to: x.dtype)
  }
  let isSingle = x.dtype == .f32
  let a = try bind1(Unary(.abs), x)
  let two = constant(2, like: x)
  let small = try chebyshev(
    Array(belowEight.prefix(isSingle ? 18 : 28)), sub(mul(constant(0.5, like: x), a), two))
  let large = try chebyshev(
    Array(aboveEight.prefix(isSingle ? 8 : 20)), sub(div(constant(32, like: x), a), two))
  let isSmall = try compare(a, .le, constant(8, like: x))
  return try select(isSmall, small, div(large, bind1(Unary(.sqrt), a)))
}

/// The sum of `coefficients[n] Tₙ(y / 2)`, the first one halved (Clenshaw).
private func chebyshev(_ coefficients: [Double], _ y: Value) throws -> Value {
  var (latest, previous, oldest) = (
    try full(0, like: y), try full(0, like: y), try full(0, like: y)
  )
  for coefficient in coefficients.reversed() {
    (previous, oldest) = (latest, previous)
    latest = try add(sub(mul(y, previous), oldest), constant(coefficient, like: y))
  }
  return try mul(constant(0.5, like: y), sub(latest, oldest))
}

private let belowEight: [Double] = [
  0.6767952744094761, -0.30468267234319835, 0.1716209015222087, -0.09490109704804758,
  0.04930528423967063, -0.023737414805899422, 0.010546460394594944, -0.004324309995050499,
  0.0016394756169412564, -0.0005763755745387539, 0.00018850288509569824, -5.754195010054808e-05,
  1.6448448070777166e-05, -4.416738358714589e-06, 1.1173875390652066e-06, -2.670793851078379e-07,
  6.046994996400379e-08, -1.3000250237427124e-08, 2.6598238472841373e-09, -5.18979414998455e-10,
  9.675811540876822e-11, -1.7268068919218393e-11, 2.9547544966312955e-12, -4.853929758130704e-13,
  7.660191925218385e-14, -1.1868978022633314e-14, 2.050443148604586e-15, -4.579669976578771e-16,
]

private let aboveEight: [Double] = [
  0.8044904110141088, 0.003369116478255718, 6.889758346915499e-05, 2.891370520875791e-06,
  2.0489185891588851e-07, 2.266668987921383e-08, 3.3962320100319743e-09, 4.940602510439263e-10,
  1.188912033059375e-11, -3.149930316581617e-11, -1.321586807004338e-11, -1.7940648966430217e-12,
  7.180566904962937e-13, 3.85122489454659e-13, 1.5340810219366396e-14, -4.141131881851834e-14,
  -9.71445146547012e-15, 3.774758283725532e-15, 1.8383732036664213e-15, -2.8449465006019636e-16,
]
