import Syntax
import Tensor

/// `jnp.finfo(dtype)`
final class FloatInformation: NativeObject {
  private let type: ElementType

  init(_ type: ElementType) { self.type = type }

  nonisolated(unsafe) static let shared = Class(
    builtin: "finfo", base: Types.object, module: "jax.numpy")
  override var cls: Class { FloatInformation.shared }

  override func attribute(_ name: Symbol) throws -> Object? {
    let real = type.realPart
    guard let format = real.floatFormat else { return nil }
    func scalar(_ value: Double) -> Object {
      .native(NumpyArray(HostTensor(.float(value), type: real), isScalar: true))
    }
    switch name.text {
    case "bits": return .int(real.bitWidth)
    case "dtype": return .dtype(real)
    case "eps": return scalar(format.epsilon)
    case "epsneg": return scalar(format.epsilon / 2)
    case "max": return scalar(format.largest)
    case "min": return scalar(format.lowest)
    case "tiny", "smallest_normal": return scalar(format.smallestNormal)
    case "smallest_subnormal": return scalar(format.smallestSubnormal)
    case "nmant": return .int(format.significandBits)
    case "nexp", "iexp": return .int(format.exponentBits)
    case "machep": return .int(-format.significandBits)
    case "negep": return .int(-format.significandBits - 1)
    case "minexp": return .int(format.minimumExponent)
    case "maxexp": return .int(format.maximumExponent + 1)
    case "precision": return .int(format.decimalPrecision)
    case "resolution": return scalar(Double("1e-\(format.decimalPrecision)") ?? 0)
    default: return nil
    }
  }

  private func text(_ name: String) throws -> String {
    try attribute(Symbol(name)).map(Host.str) ?? ""
  }

  override func repr() throws -> String {
    let isHalf = type.realPart == .f16
    let bounds = try ["min", "max"].map { name in
      try isHalf ? formatFloat(double(attribute(Symbol(name)) ?? .none), ".5e") : text(name)
    }
    return try "finfo(resolution=\(text("resolution")), min=\(bounds[0]), max=\(bounds[1]), "
      + "dtype=\(type.realPart.numpyName))"
  }

  override func str() throws -> String {
    let rule = String(repeating: "-", count: 63)
    return try """
    Machine parameters for \(type.realPart.numpyName)
    \(rule)
    precision = \(text("precision"))   resolution = \(text("resolution"))
    machep = \(text("machep"))   eps =        \(text("eps"))
    negep =  \(text("negep"))   epsneg =     \(text("epsneg"))
    minexp = \(text("minexp"))   tiny =       \(text("tiny"))
    maxexp = \(text("maxexp"))   max =        \(text("max"))
    nexp =   \(text("nexp"))   min =        -max
    smallest_normal = \(text("smallest_normal"))   smallest_subnormal = \
    \(text("smallest_subnormal"))
    \(rule)

    """
  }
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
