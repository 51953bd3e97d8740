import Tensor

/// A number that no result may hold, and what gave it.
public struct InvalidValue: Sendable {
  /// `nan` or `inf`
  public let number: String
  /// The name of the primitive.
  public let primitive: String

  /// Whether a function that was compiled whole gave it: no more precise place is known.
  public var isOfFunction: Bool { primitive == "jit" }
}

/// Looks for numbers that no result may hold: JAX's `jax_debug_nans` and `jax_debug_infs`.
public enum InvalidValues {
  /// `jax_debug_nans`. Programs run on one thread.
  public nonisolated(unsafe) static var refusesNaN = false
  /// `jax_debug_infs`
  public nonisolated(unsafe) static var refusesInfinity = false

  public static var areRefused: Bool { refusesNaN || refusesInfinity }

  /// Checks what `primitive` gave.
  ///
  /// - Throws: `FloatingPointError` where a result holds a number that is refused.
  static func check(_ results: [DeviceArray], of primitive: any Primitive) throws {
    for result in results where result.aval.dtype.isInexact {
      guard let number = refused(in: try result.tensor()) else { continue }
      throw RaisedError(
        .floatingPointError, "invalid value (\(number)) encountered in \(primitive.name)",
        invalidValue: InvalidValue(number: number, primitive: primitive.name))
    }
  }

  private static func refused(in tensor: HostTensor) -> String? {
    for position in 0..<tensor.count {
      let parts =
        if case .complex(let value) = tensor[position] {
          [value.real, value.imaginary]
        } else {
          [tensor[position].double]
        }
      if refusesNaN, parts.contains(where: \.isNaN) { return "nan" }
      if refusesInfinity, parts.contains(where: \.isInfinite) { return "inf" }
    }
    return nil
  }
}
