/// Which numbers of a parameter JAX prints as `np.int64(…)`, because its rule computed them with
/// NumPy. They mean the same; only the text of a jaxpr shows them.
public struct NumPyMarks: Hashable, ExpressibleByBooleanLiteral, Sendable {
  private var bits: UInt64

  /// All numbers or none.
  public init(booleanLiteral all: Bool) { bits = all ? .max : 0 }

  public init(_ positions: some Sequence<Int>) {
    bits = positions.reduce(0) { $1 < 64 ? $0 | 1 << UInt64($1) : $0 }
  }

  /// A mapped axis in front of numbers that were computed.
  public static let allButFirst = NumPyMarks(1..<64)

  public subscript(position: Int) -> Bool { position < 64 && bits >> UInt64(position) & 1 == 1 }

  /// Marks do not tell parameters apart.
  public static func == (a: NumPyMarks, b: NumPyMarks) -> Bool { true }
  public func hash(into hasher: inout Hasher) {}
}

extension ParameterValue {
  /// A tuple of integers of which some print as `np.int64(…)`.
  public static func ints(_ values: [Int], _ marks: NumPyMarks) -> ParameterValue {
    .tuple(
      values.enumerated().map { marks[$0] ? .symbol("np.int64(\($1))") : .int($1) })
  }

  /// This integer, which may be marked.
  var markedInt: Int? {
    switch self {
    case .int(let value): value
    case .symbol(let text):
      text.hasPrefix("np.int64(") ? Int(text.dropFirst(9).dropLast()) : nil
    case .none, .bool, .float, .string, .dtype, .tuple, .list, .record, .jaxpr, .jaxprs, .opaque:
      nil
    }
  }
}

extension ParameterReader {
  /// A tuple of integers, of which some are NumPy's.
  public func markedInts(_ name: String) throws -> ([Int], NumPyMarks) {
    guard case .tuple(let values)? = self[name] else { return (try ints(name), false) }
    return try marked(values, name)
  }

  /// A tuple of such tuples.
  public func markedIntTuples(_ name: String) throws -> [([Int], NumPyMarks)] {
    try (elements(name) ?? []).map {
      switch $0 {
      case .tuple(let items), .list(let items): return try marked(items, name)
      case .none, .bool, .int, .float, .string, .symbol, .dtype, .record, .jaxpr, .jaxprs, .opaque:
        throw RaisedError.type("\(name) must be a tuple of tuples of integers")
      }
    }
  }

  private func marked(_ values: [ParameterValue], _ name: String) throws -> ([Int], NumPyMarks) {
    var marked: [Int] = []
    let numbers = try values.enumerated().map { position, value in
      guard let number = value.markedInt else {
        throw RaisedError.type("\(name) must be a tuple of integers")
      }
      if case .symbol = value { marked.append(position) }
      return number
    }
    return (numbers, NumPyMarks(marked))
  }
}
