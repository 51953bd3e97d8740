import Tensor

/// A parameter of a primitive as programs pass it and jaxprs print it.
public struct Parameter {
  public var name: String
  public var value: ParameterValue

  public init(_ name: String, _ value: ParameterValue) {
    self.name = name
    self.value = value
  }
}

/// The value of a parameter.
public indirect enum ParameterValue {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case dtype(ElementType)
  case tuple([ParameterValue])
  case list([ParameterValue])
  /// A named tuple such as `GatherDimensionNumbers(offset_dims=(0,), …)`.
  case record(String, [Parameter])
  /// An enumeration member such as `GatherScatterMode.CLIP`.
  case symbol(String)
  case jaxpr(ClosedJaxpr)
  case jaxprs([ClosedJaxpr])
  /// An object of the evaluator that the primitive only keeps, with the text it prints as.
  case opaque(AnyObject, String)

  public static func ints(_ values: [Int]) -> ParameterValue { .tuple(values.map { .int($0) }) }
}

extension ParameterValue: CustomStringConvertible {
  /// As Python prints it.
  public var description: String {
    switch self {
    case .none: return "None"
    case .bool(let value): return value ? "True" : "False"
    case .int(let value): return "\(value)"
    case .float(let value): return pythonRepr(value)
    case .string(let value): return value
    case .dtype(let value): return value.numpyName
    case .tuple(let values):
      let items = values.map(\.elementDescription)
      return items.count == 1 ? "(\(items[0]),)" : "(\(items.joined(separator: ", ")))"
    case .list(let values):
      return "[\(values.map(\.elementDescription).joined(separator: ", "))]"
    case .record(let name, let fields):
      let items = fields.map { "\($0.name)=\($0.value.elementDescription)" }
      return "\(name)(\(items.joined(separator: ", ")))"
    case .symbol(let name): return name
    case .jaxpr(let jaxpr): return jaxpr.description
    case .jaxprs(let jaxprs): return ParameterValue.tuple(jaxprs.map { .jaxpr($0) }).description
    case .opaque(_, let text): return text
    }
  }

  /// As Python prints it inside a container: strings are quoted.
  var elementDescription: String {
    switch self {
    case .string(let value): "'\(value)'"
    case .dtype(let value): "dtype('\(value.numpyName)')"
    case .none, .bool, .int, .float, .tuple, .list, .record, .symbol, .jaxpr, .jaxprs, .opaque:
      description
    }
  }
}

/// Python's `repr` of a float: the shortest text that reads back as the same number.
public func pythonRepr(_ value: Double) -> String {
  if value.isNaN { return "nan" }
  if value.isInfinite { return value < 0 ? "-inf" : "inf" }
  var text = value.description
  guard let e = text.firstIndex(of: "e") else {
    // Swift switches to exponents at 2^53, Python at 1e16, both below 1e-4.
    return text
  }
  var mantissa = String(text[..<e])
  let exponent = Int(text[text.index(after: e)...])!
  let negative = mantissa.hasPrefix("-")
  if negative { mantissa.removeFirst() }
  let digits = mantissa.filter { $0 != "." }
  let trimmed = digits.hasSuffix("0") && digits.count > 1 ? String(digits.dropLast()) : digits
  if exponent >= 0 && exponent < 16 {
    let padded = trimmed + String(repeating: "0", count: max(0, exponent + 1 - trimmed.count))
    let point = padded.index(padded.startIndex, offsetBy: exponent + 1)
    let fraction = padded[point...]
    text = "\(padded[..<point]).\(fraction.isEmpty ? "0" : String(fraction))"
  } else {
    let fraction = trimmed.dropFirst()
    let sign = exponent < 0 ? "-" : "+"
    let magnitude = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
    text = "\(trimmed.first!)\(fraction.isEmpty ? "" : "." + fraction)e\(sign)\(magnitude)"
  }
  return negative ? "-" + text : text
}

/// Reads the keyword parameters of a primitive by name: each method those of one type.
///
/// They throw a `TypeError` where the parameter is missing, `None` or of another type; those called
/// `optional…` give `nil` where it is missing or `None`.
public struct ParameterReader {
  public let primitive: String
  public let values: [String: ParameterValue]

  public init(primitive: String, _ values: [String: ParameterValue]) {
    self.primitive = primitive
    self.values = values
  }

  /// The parameter `name`, or `nil` if it is missing or `None`.
  public subscript(name: String) -> ParameterValue? {
    switch values[name] {
    case .none?, nil: nil
    case let value?: value
    }
  }

  private func unusable(_ name: String, _ wanted: String) -> RaisedError {
    let given = values[name].map { "\($0)" } ?? "nothing"
    return .type("\(primitive): parameter '\(name)' must be \(wanted), got \(given)")
  }

  public func int(_ name: String) throws -> Int {
    guard case .int(let value)? = self[name] else { throw unusable(name, "an integer") }
    return value
  }

  public func bool(_ name: String, default fallback: Bool? = nil) throws -> Bool {
    switch self[name] {
    case .bool(let value)?: return value
    case .int(let value)?: return value != 0
    case nil:
      if let fallback { return fallback }
      throw unusable(name, "a Boolean")
    default: throw unusable(name, "a Boolean")
    }
  }

  public func double(_ name: String) throws -> Double {
    switch self[name] {
    case .float(let value)?: return value
    case .int(let value)?: return Double(value)
    default: throw unusable(name, "a number")
    }
  }

  public func string(_ name: String) throws -> String {
    switch self[name] {
    case .string(let value)?, .symbol(let value)?: return value
    default: throw unusable(name, "a string")
    }
  }

  public func dtype(_ name: String) throws -> ElementType {
    guard let dtype = try optionalDType(name) else { throw unusable(name, "a dtype") }
    return dtype
  }

  public func optionalDType(_ name: String) throws -> ElementType? {
    switch self[name] {
    case nil: return nil
    case .dtype(let value)?: return value
    case .string(let text)?:
      guard let value = ElementType(numpy: text) else { throw unusable(name, "a dtype") }
      return value
    default: throw unusable(name, "a dtype")
    }
  }

  public func ints(_ name: String) throws -> [Int] {
    guard let values = try optionalInts(name) else { throw unusable(name, "a tuple of integers") }
    return values
  }

  public func optionalInts(_ name: String) throws -> [Int]? {
    switch self[name] {
    case nil: return nil
    case .tuple(let values)?, .list(let values)?:
      return try values.map {
        guard case .int(let value) = $0 else { throw unusable(name, "a tuple of integers") }
        return value
      }
    default: throw unusable(name, "a tuple of integers")
    }
  }

  /// A tuple of tuples of integers.
  public func intTuples(_ name: String) throws -> [[Int]] {
    guard let values = elements(name) else { throw unusable(name, "a tuple of tuples") }
    return try values.map {
      switch $0 {
      case .tuple(let items), .list(let items):
        return try items.map {
          guard let value = $0.markedInt else { throw unusable(name, "a tuple of tuples") }
          return value
        }
      default: throw unusable(name, "a tuple of tuples")
      }
    }
  }

  /// The elements of a tuple or list.
  public func elements(_ name: String) -> [ParameterValue]? {
    switch self[name] {
    case .tuple(let values)?, .list(let values)?: values
    default: nil
    }
  }

  /// The fields of a named tuple.
  public func record(_ name: String) throws -> ParameterReader {
    guard case .record(_, let fields)? = self[name] else { throw unusable(name, "a named tuple") }
    return ParameterReader(
      primitive: primitive,
      Dictionary(fields.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 }))
  }

  public func jaxpr(_ name: String) throws -> ClosedJaxpr {
    guard case .jaxpr(let value)? = self[name] else { throw unusable(name, "a jaxpr") }
    return value
  }
}
