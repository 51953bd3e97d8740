import Tensor

/// What a primitive is applied to: an array, or a tracer that stands for one.
public enum Value {
  case array(DeviceArray)
  case tracer(Tracer)

  public var aval: ShapedArray {
    switch self {
    case .array(let array): array.aval
    case .tracer(let tracer): tracer.aval
    }
  }

  public var shape: Shape { aval.shape }
  public var dtype: ElementType { aval.dtype }
  public var rank: Int { aval.rank }

  /// The concrete array, or `nil` for a tracer.
  public var concrete: DeviceArray? {
    switch self {
    case .array(let array): array
    case .tracer: nil
    }
  }

  /// Whether the function that this is traced in is still being traced. `true` for arrays.
  public var isLive: Bool {
    switch self {
    case .array: true
    case .tracer(let tracer): tracer.trace.isLive
    }
  }

  /// The number in the program's text that this is, or was made of while the same function is traced:
  /// conversions of it are done at once.
  public var inlineNumber: DeviceArray? {
    switch self {
    case .array(let array): return array.isInline ? array : nil
    case .tracer(let tracer):
      guard let array = tracer.constant, array.isInline,
        case .tracer(let own) = Trace.current.pure(array), own.trace === tracer.trace
      else { return nil }
      return array
    }
  }

  /// Is this the same array, or the same tracer?
  public func isSame(as other: Value) -> Bool {
    switch (self, other) {
    case (.tracer(let a), .tracer(let b)): a === b
    case (.array(let a), .array(let b)): a === b
    case (.tracer, .array), (.array, .tracer): false
    }
  }

  /// As messages and `print` show it: the elements, or what the tracer says of itself.
  public var text: String {
    switch self {
    case .array(let array): (try? array.tensor().text()) ?? "<deleted>"
    case .tracer(let tracer): tracer.description
    }
  }

  /// What a tracer was made from, for messages; starts a line of its own.
  public var origin: String {
    switch self {
    case .array: ""
    case .tracer(let tracer): tracer.origin
    }
  }

  public init(_ tensor: HostTensor, weakType: Bool = false) {
    self = .array(DeviceArray(tensor, weakType: weakType))
  }

  /// A 0-d constant that a jaxpr prints in line.
  public static func literal(
    _ tensor: HostTensor, weakType: Bool = false, pythonNumber: Double? = nil,
    isPythonScalar: Bool = false
  ) -> Value {
    .array(
      DeviceArray(
        tensor, weakType: weakType, isLiteral: true, pythonNumber: pythonNumber,
        isPythonScalar: isPythonScalar))
  }

  /// The 0-d constant `number` of type `dtype`, printed in line.
  public static func literal(_ number: Double, _ dtype: ElementType, weakType: Bool = false)
    -> Value
  {
    literal(
      HostTensor(.float(number), type: dtype), weakType: weakType,
      pythonNumber: weakType && dtype.isFloat ? number : nil)
  }
}

/// A derivative along one value: often known to be zero without computing anything.
/// JAX's `Zero` and `instantiate_zeros`.
public enum Tangent {
  /// All zeros, of this (tangent) aval.
  case zero(ShapedArray)
  case value(Value)

  public var isZero: Bool {
    switch self {
    case .zero: true
    case .value: false
    }
  }

  public var value: Value? {
    switch self {
    case .zero: nil
    case .value(let value): value
    }
  }

  public var aval: ShapedArray {
    switch self {
    case .zero(let aval): aval
    case .value(let value): value.aval
    }
  }
}

/// An operand of an equation that is being transposed: a known value, or one that the equation
/// is linear in. JAX's `UndefinedPrimal`.
public enum LinearOperand {
  case linear(ShapedArray)
  case known(Value)

  public var isLinear: Bool {
    switch self {
    case .linear: true
    case .known: false
    }
  }

  public var aval: ShapedArray {
    switch self {
    case .linear(let aval): aval
    case .known(let value): value.aval
    }
  }
}
