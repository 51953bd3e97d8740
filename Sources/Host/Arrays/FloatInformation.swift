import Core
import Syntax
import Tensor

/// `jnp.finfo(dtype)`
final class FloatInformation: NativeObject {
  private let type: ElementType

  init(_ type: ElementType) { self.type = type }

  nonisolated(unsafe) static let shared = Class(
    builtin: "finfo", base: Types.object, module: "jax.numpy")
  override var cls: Class { FloatInformation.shared }

  /// Bits of the exponent and of the fraction.
  private var layout: (exponent: Int, fraction: Int)? {
    switch type.realPart {
    case .f64: (11, 52)
    case .f32: (8, 23)
    case .f16: (5, 10)
    case .bf16: (8, 7)
    case .f8E5M2: (5, 2)
    case .f8E4M3FN, .f8E4M3: (4, 3)
    case .f8E3M4: (3, 4)
    default: nil
    }
  }

  override func attribute(_ name: Symbol) throws -> Object? {
    guard let (exponentBits, fraction) = layout else { return nil }
    let real = type.realPart
    let bias = (1 << (exponentBits - 1)) - 1
    func scalar(_ value: Double) -> Object {
      .native(NumpyArray(HostTensor(.float(value), type: real), isScalar: true))
    }
    func power(_ exponent: Int) -> Double { scalbnDouble(1, exponent) }
    let epsilon = power(-fraction)
    let largest: Double =
      real == .f8E4M3FN ? 448 : (2 - epsilon) * power(bias)
    switch name.text {
    case "bits": return .int(real.bitWidth)
    case "dtype": return .dtype(real)
    case "eps": return scalar(epsilon)
    case "epsneg": return scalar(epsilon / 2)
    case "max": return scalar(largest)
    case "min": return scalar(-largest)
    case "tiny", "smallest_normal": return scalar(power(1 - bias))
    case "smallest_subnormal": return scalar(power(1 - bias - fraction))
    case "nmant": return .int(fraction)
    case "nexp": return .int(exponentBits)
    case "machep": return .int(-fraction)
    case "negep": return .int(-fraction - 1)
    case "minexp": return .int(1 - bias)
    case "maxexp": return .int(bias + 1)
    case "precision": return .int(Int(Double(fraction) * 0.30103))
    case "resolution":
      return scalar(Double("1e-\(Int(Double(fraction) * 0.30103))") ?? 0)
    default: return nil
    }
  }

  override func repr() throws -> String {
    func text(_ name: String) throws -> String { try attribute(Symbol(name)).map(Host.str) ?? "" }
    return try "finfo(resolution=\(text("resolution")), min=\(text("min")), max=\(text("max")), "
      + "dtype=\(type.realPart.numpyName))"
  }
}

/// `x · 2^exponent`, subnormal results included.
private func scalbnDouble(_ x: Double, _ exponent: Int) -> Double {
  exponent < -1000 ? x * .leastNonzeroMagnitude * Double(sign: .plus, exponent: exponent + 1074, significand: 1)
    : x * Double(sign: .plus, exponent: exponent, significand: 1)
}

/// `jnp.iinfo(dtype)`
final class IntegerInformation: NativeObject {
  private let type: ElementType

  init(_ type: ElementType) { self.type = type }

  nonisolated(unsafe) static let shared = Class(
    builtin: "iinfo", base: Types.object, module: "jax.numpy")
  override var cls: Class { IntegerInformation.shared }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "bits": return .int(type.bitWidth)
    case "dtype": return .dtype(type)
    case "min": return .int(type.integerMinimum)
    case "max":
      return type == .u64 ? pythonScalar(.uint(.max)) : .int(Int(type.integerMaximum))
    default: return nil
    }
  }

  override func repr() throws -> String {
    let maximum = type == .u64 ? "\(UInt64.max)" : "\(type.integerMaximum)"
    return "iinfo(min=\(type.integerMinimum), max=\(maximum), dtype=\(type.numpyName))"
  }
}
