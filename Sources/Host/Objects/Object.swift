import BigInt
import Core
import Tensor

/// A value of the language: Python's values, plus arrays and tracers.
///
/// Small values are stored in line; the others are references, so that identity (`is`) and
/// mutation are Python's. Kinds of objects that only a module knows are `.native`.
public enum Object {
  case none, ellipsis, notImplemented
  case bool(Bool)
  case int(Int)
  /// An integer that does not fit in an `Int`.
  case big(BigInteger)
  case float(Double)
  case complex(ComplexNumber)
  case str(Str)
  case bytes(Bytes)
  case tuple(Tuple)
  case list(List)
  case dict(Dict)
  case set(SetObject)
  case slice(Slice)
  case range(RangeObject)
  case function(Function)
  case method(BoundMethod)
  case builtin(Builtin)
  case type(Class)
  case instance(Instance)
  case module(ModuleObject)
  case dtype(ElementType)
  case array(Value)
  case native(NativeObject)
}

/// An integer beyond the range of `Int`.
public final class BigInteger {
  let value: BigInt
  init(_ value: BigInt) { self.value = value }
}

/// A Python complex number.
public final class ComplexNumber {
  let real: Double
  let imaginary: Double

  init(_ real: Double, _ imaginary: Double) {
    self.real = real
    self.imaginary = imaginary
  }
}

extension Object {
  init(_ value: BigInt) {
    if let small = Int(exactly: value) {
      self = .int(small)
    } else {
      self = .big(BigInteger(value))
    }
  }

  static func str(_ text: String) -> Object { .str(Str(text)) }
  static func tuple(_ items: [Object]) -> Object {
    items.isEmpty ? .tuple(Tuple.empty) : .tuple(Tuple(items))
  }
  static func list(_ items: [Object]) -> Object { .list(List(items)) }
  static func complex(_ real: Double, _ imaginary: Double) -> Object {
    .complex(ComplexNumber(real, imaginary))
  }
  static func ints(_ values: some Sequence<Int>) -> Object { .tuple(values.map { .int($0) }) }
  /// `value`, or `None`.
  static func optional(_ value: Object?) -> Object { value ?? .none }

  var isNone: Bool {
    if case .none = self { return true }
    return false
  }

  var isNotImplemented: Bool {
    if case .notImplemented = self { return true }
    return false
  }

  /// The object that identity is decided by, or `nil` for values stored in line.
  var reference: AnyObject? {
    switch self {
    case .none, .ellipsis, .notImplemented, .bool, .int, .float, .dtype: nil
    case .big(let o): o
    case .complex(let o): o
    case .str(let o): o
    case .bytes(let o): o
    case .tuple(let o): o
    case .list(let o): o
    case .dict(let o): o
    case .set(let o): o
    case .slice(let o): o
    case .range(let o): o
    case .function(let o): o
    case .method(let o): o
    case .builtin(let o): o
    case .type(let o): o
    case .instance(let o): o
    case .module(let o): o
    case .array(.array(let o)): o
    case .array(.tracer(let o)): o
    case .native(let o): o
    }
  }

  /// Python's `is`.
  func isIdentical(to other: Object) -> Bool {
    switch (self, other) {
    case (.none, .none), (.ellipsis, .ellipsis), (.notImplemented, .notImplemented): true
    case (.bool(let a), .bool(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.float(let a), .float(let b)): a.bitPattern == b.bitPattern
    case (.dtype(let a), .dtype(let b)): a == b
    case (.str(let a), .str(let b)): a === b || a.text.utf8.elementsEqual(b.text.utf8)
    case (.method, .method): false
    default:
      if let a = reference, let b = other.reference { a === b } else { false }
    }
  }
}

extension Object? {
  /// The argument, unless it was left out or is `None`.
  var given: Object? { flatMap { $0.isNone ? nil : $0 } }
}
