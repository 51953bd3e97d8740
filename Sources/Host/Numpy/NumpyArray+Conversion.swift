import BigInt
import Core
import Tensor

extension NumpyArray {
  /// `np.asarray(object, dtype)`
  static func from(_ object: Object, type: ElementType? = nil) throws -> NumpyArray {
    switch object {
    case .native(let array as NumpyArray):
      if type == nil || type == array.type {
        return array.isScalar ? NumpyArray(array.copied) : array
      }
      return NumpyArray(numpyCast(array.tensor, to: type ?? array.type))
    case .array(let value):
      guard let tensor = try value.concrete?.tensor() else {
        throw RaisedError.documented(
          .tracerArrayConversionError,
          """
          The numpy.ndarray conversion method __array__() was called on traced array with shape \
          \(value.aval.strengthened.longDescription)\(value.origin)
          """)
      }
      let own = tensor.strided(shape: tensor.shape, strides: tensor.shape.strides)
      return NumpyArray(numpyCast(own, to: type ?? tensor.type))
    default: break
    }
    var leaves: [Object] = []
    guard let shape = try nestedShape(object, into: &leaves, depth: 0) else {
      throw typeError("cannot convert '\(typeOf(object).name)' object to a NumPy array")
    }
    if type == nil, leaves.isEmpty { return NumpyArray(HostTensor.zeros(.f64, shape)) }
    return NumpyArray(try tensor(leaves, shape: shape, type: type))
  }

  /// The shape of nested sequences, whose numbers are appended to `leaves`.
  private static func nestedShape(_ object: Object, into leaves: inout [Object], depth: Int) throws
    -> Shape?
  {
    switch object {
    case .bool, .int, .big, .float, .complex:
      leaves.append(object)
      return .scalar
    case .native(let array as NumpyArray):
      let tensor = array.tensor
      for i in 0..<tensor.count { leaves.append(element(tensor, i)) }
      return tensor.shape
    case .array:
      let tensor = try from(object).tensor
      for i in 0..<tensor.count { leaves.append(element(tensor, i)) }
      return tensor.shape
    case .list, .tuple, .range:
      let items = try Host.list(object)
      var inner: Shape?
      for item in items {
        guard let shape = try nestedShape(item, into: &leaves, depth: depth + 1) else { return nil }
        if let inner, inner != shape {
          throw valueError(
            """
            setting an array element with a sequence. The requested array has an inhomogeneous \
            shape after \(depth + 1) dimensions. The detected shape was \
            \(depth == 0 ? "(\(items.count),)" : "(...)") + inhomogeneous part.
            """)
        }
        inner = shape
      }
      return Shape([items.count] + (inner?.dimensions ?? []))
    default:
      if case .instance = object, let number = try? double(object) {
        leaves.append(.float(number))
        return .scalar
      }
      return nil
    }
  }

  private static func element(_ tensor: HostTensor, _ position: Int) -> Object {
    let item = tensor.reshaped([tensor.count])
      .sliced(starts: [position], limits: [position + 1], strides: [1])
    return .native(NumpyArray(item.reshaped(.scalar), isScalar: true))
  }

  /// The array of the given numbers; without a type, the smallest that holds all kinds.
  private static func tensor(_ leaves: [Object], shape: Shape, type: ElementType?) throws
    -> HostTensor
  {
    var kinds: ElementType?
    var scalars: [Scalar] = []
    scalars.reserveCapacity(leaves.count)
    for leaf in leaves {
      let own: ElementType
      switch leaf {
      case .bool(let value):
        scalars.append(.bool(value))
        own = .bool
      case .int(let value):
        scalars.append(.int(Int64(value)))
        own = .i64
      case .big(let big):
        guard let value = UInt64(exactly: big.value) else {
          throw overflowError("Python integer too large to convert to C long")
        }
        scalars.append(.uint(value))
        own = .u64
      case .float(let value):
        scalars.append(.float(value))
        own = .f64
      case .complex(let value):
        scalars.append(.complex(Complex(value.real, value.imaginary)))
        own = .c128
      case .native(let array as NumpyArray):
        scalars.append(array.tensor[0])
        own = array.type
      default: throw typeError("float() argument must be a string or a real number")
      }
      kinds = kinds.map { numpyPromote($0, own) } ?? own
      if let type, type.isInteger, case .int(let value) = scalars[scalars.count - 1] {
        try checkRange(Int(value), type)
      }
    }
    let target = type ?? kinds ?? .f64
    return HostTensor(type: target, shape: shape) { address in
      fill(address, scalars, target.representation)
    }
  }

  private static func fill<T: TensorElement>(
    _ address: UnsafeMutableRawPointer, _ scalars: [Scalar], _: T.Type
  ) {
    let target = address.assumingMemoryBound(to: T.self)
    for (i, scalar) in scalars.enumerated() { target[i] = scalar.converted(to: T.self) }
  }

  /// - Throws: `OverflowError` if a Python integer does not fit in `type`.
  private static func checkRange(_ value: Int, _ type: ElementType) throws {
    let fits = value >= 0 ? UInt64(value) <= type.integerMaximum : value >= type.integerMinimum
    if !fits {
      throw overflowError("Python integer \(value) out of bounds for \(type.numpyName)")
    }
  }

  /// The elements as nested lists of Python numbers.
  func toList() -> Object {
    let tensor = tensor
    var position = 0
    func nested(_ axis: Int) -> Object {
      if axis == rank {
        position += 1
        return pythonScalar(tensor[position - 1])
      }
      return .list((0..<shape[axis]).map { _ in nested(axis + 1) })
    }
    return nested(0)
  }
}

/// An operand of a NumPy function: Python numbers are weak.
struct NumpyOperand {
  var tensor: HostTensor
  var isWeak: Bool

  init(_ tensor: HostTensor, isWeak: Bool = false) {
    self.tensor = tensor
    self.isWeak = isWeak
  }

  /// `nil` if `object` is nothing that NumPy makes an array of.
  init?(_ object: Object) throws {
    switch object {
    case .bool: self.init(try NumpyArray.from(object).tensor)
    case .int, .big, .float, .complex: self.init(try NumpyArray.from(object).tensor, isWeak: true)
    case .list, .tuple, .range, .array, .native(is NumpyArray):
      self.init(try NumpyArray.from(object).tensor)
    default: return nil
    }
  }
}

/// The array that `object` is or becomes.
func numpy(_ object: Object?) throws -> NumpyArray {
  if case .native(let array as NumpyArray)? = object { return array }
  return try NumpyArray.from(object ?? .none)
}

/// A Python number from a scalar argument.
func plainNumber(_ object: Object?) throws -> Object {
  let object = object ?? .none
  if case .native(let array as NumpyArray) = object, array.elementCount == 1 {
    return pythonScalar(array.tensor[0])
  }
  return object
}

extension HostTensor {
  /// The same elements in memory of their own.
  var ownCopy: HostTensor { strided(shape: shape, strides: shape.strides) }
}
