import Tensor

/// Looks for numbers that no result may hold: JAX's `jax_debug_nans` and `jax_debug_infs`.
public enum InvalidValues {
  /// `jax_debug_nans`. Programs run on one thread.
  public nonisolated(unsafe) static var refusesNaN = false
  /// `jax_debug_infs`
  public nonisolated(unsafe) static var refusesInfinity = false

  static var areRefused: Bool { refusesNaN || refusesInfinity }

  /// Checks what `primitive` gave.
  ///
  /// - Throws: `FloatingPointError` where a result holds a number that is refused.
  static func check(_ results: [DeviceArray], of primitive: any Primitive) throws {
    for result in results where result.aval.dtype.isInexact {
      guard let name = name(in: try result.tensor()) else { continue }
      throw RaisedError(
        .floatingPointError, "invalid value (\(name)) encountered in \(primitive.name)")
    }
  }

  /// Whether `error` says that a function that was compiled whole gave such a number: no more
  /// precise place is known.
  public static func isOfFunction(_ error: RaisedError) -> Bool {
    error.kind == .floatingPointError && error.message.hasPrefix("invalid value (")
      && error.message.hasSuffix("encountered in jit")
  }

  private static func name(in tensor: HostTensor) -> String? {
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
