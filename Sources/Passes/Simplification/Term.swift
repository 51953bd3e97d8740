import HLO
import Tensor

/// An elementwise expression, in which the rules of arithmetic are written: `x + 0`.
///
/// Variables stand for values of one type, `p` for a Boolean, `c` and `d` for constants. A variable
/// that occurs twice stands for one value.
indirect enum Term: Sendable, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  enum Variable: Int, Sendable {
    case x, y, z, p, c, d
    var isBoolean: Bool { self == .p }
    var isConstant: Bool { self == .c || self == .d }
  }

  case variable(Variable)
  /// A constant whose elements are all this number, with this sign where it is zero.
  case number(Double)
  case unary(UnaryOp, Term)
  case binary(BinaryOp, Term, Term)
  case compare(ComparisonDirection, Term, Term)
  case select(Term, Term, Term)

  init(floatLiteral value: Double) { self = .number(value) }
  init(integerLiteral value: Int) { self = .number(Double(value)) }

  static let yes = Term.number(1)
  static let no = Term.number(0)

  static func + (a: Term, b: Term) -> Term { .binary(.add, a, b) }
  static func - (a: Term, b: Term) -> Term { .binary(.subtract, a, b) }
  static func * (a: Term, b: Term) -> Term { .binary(.multiply, a, b) }
  static func / (a: Term, b: Term) -> Term { .binary(.divide, a, b) }
  static func % (a: Term, b: Term) -> Term { .binary(.remainder, a, b) }
  static func & (a: Term, b: Term) -> Term { .binary(.and, a, b) }
  static func | (a: Term, b: Term) -> Term { .binary(.or, a, b) }
  static func ^ (a: Term, b: Term) -> Term { .binary(.xor, a, b) }
  static prefix func - (a: Term) -> Term { .unary(.negate, a) }
  static prefix func ! (a: Term) -> Term { .unary(.not, a) }
  static func < (a: Term, b: Term) -> Term { .compare(.lt, a, b) }
  static func <= (a: Term, b: Term) -> Term { .compare(.le, a, b) }
  static func > (a: Term, b: Term) -> Term { .compare(.gt, a, b) }
  static func >= (a: Term, b: Term) -> Term { .compare(.ge, a, b) }
  static func == (a: Term, b: Term) -> Term { .compare(.eq, a, b) }
  static func != (a: Term, b: Term) -> Term { .compare(.ne, a, b) }
  static func max(_ a: Term, _ b: Term) -> Term { .binary(.maximum, a, b) }
  static func min(_ a: Term, _ b: Term) -> Term { .binary(.minimum, a, b) }

  /// The kind of the outermost operation; `nil` for variables and numbers.
  var root: SimplificationRule.Root? {
    switch self {
    case .variable, .number: nil
    case .unary(let op, _): .unary(op)
    case .binary(let op, _, _): .binary(op)
    case .compare: .compare
    case .select: .select
    }
  }
}

infix operator => : AssignmentPrecedence

/// What an expression becomes.
struct Equation: Sendable, CustomStringConvertible {
  let left: Term
  let right: Term
  var description: String { "\(left) → \(right)" }
}

func => (left: Term, right: Term) -> Equation { Equation(left: left, right: right) }

/// The element types of the variables for which an equation holds.
struct Domain: OptionSet, Sendable {
  let rawValue: UInt8

  static let boolean = Domain(rawValue: 1)
  static let signed = Domain(rawValue: 2)
  static let unsigned = Domain(rawValue: 4)
  static let float = Domain(rawValue: 8)
  static let complex = Domain(rawValue: 16)
  /// What complex numbers have as parts.
  static let part = Domain(rawValue: 32)
  static let integer: Domain = [.signed, .unsigned]
  static let real: Domain = [.signed, .unsigned, .float]
  static let any: Domain = [.boolean, .signed, .unsigned, .float, .complex]

  func contains(_ type: ElementType) -> Bool {
    switch type.kind {
    case .bool: contains(.boolean)
    case .signed: contains(.signed)
    case .unsigned: contains(.unsigned)
    case .float: contains(.float) || contains(.part) && (type == .f32 || type == .f64)
    case .complex: contains(.complex)
    case .float0, .key: false
    }
  }

  /// Types on which the tests try an equation.
  var elementTypes: [ElementType] {
    [ElementType.bool, .i8, .i32, .u8, .u64, .bf16, .f32, .f64, .c64].filter(contains)
  }
}

extension Equation {
  /// What has been found so far. Most searches end soon, and in vain: they allocate nothing.
  struct Match {
    private var values = SIMD8<UInt32>(repeating: .max)
    var comparison: ComparisonType?
    /// A variable that is no Boolean, if there is one.
    fileprivate(set) var typed: Term.Variable?

    subscript(variable: Term.Variable) -> ValueID? {
      get {
        let number = values[variable.rawValue]
        return number == .max ? nil : ValueID(number)
      }
      set { values[variable.rawValue] = newValue?.rawValue ?? .max }
    }

    /// The type of the variables that are neither Booleans nor absent.
    func type(in rewriter: Rewriter) -> TensorType? {
      typed.flatMap { self[$0] }.flatMap { rewriter.type(of: $0) }
    }
  }

  /// Replaces `operation`, which has the root of the left side, if the left side matches.
  func rewrite(
    _ operation: Operation, for domain: Domain, in rewriter: inout Rewriter
  ) -> Rewrite {
    var match = Match()
    guard left.matches(operation, rewriter, &match), let type = match.type(in: rewriter),
      domain.contains(type.element), let result = rewriter.type(of: operation.result)
    else { return .keep }
    return right.replacement(match, type, result, in: &rewriter)
  }

  /// `true` iff the operation has the type of the variables, so that its type tells whether the
  /// equation holds.
  var isUniform: Bool { left.isUniform }
}

extension Term {
  fileprivate var isUniform: Bool {
    switch self {
    case .variable, .number: true
    case .unary(.real, _), .unary(.imag, _), .binary(.complex, _, _), .compare, .select: false
    case .unary(_, let x): x.isUniform
    case .binary(_, let x, let y): x.isUniform && y.isUniform
    }
  }
}

extension Constant {
  /// Every element is `number`; -1 has all bits set.
  fileprivate static func all(_ number: Double, _ type: TensorType) -> Constant {
    switch type.element.kind {
    case .bool, .signed, .unsigned: Constant(Int(number), type)
    case .float, .complex, .float0, .key: Constant(number, type)
    }
  }
}

// MARK: Matching

extension Term {
  /// `true` iff `operation` is what this term says.
  fileprivate func matches(
    _ operation: Operation, _ rewriter: Rewriter, _ match: inout Equation.Match
  ) -> Bool {
    let operands = operation.operands
    switch (self, operation.op) {
    case (.unary(let wanted, let x), .unary(let op)):
      return op == wanted && x.matches(operands[0], rewriter, &match)
    case (.binary(let wanted, let x, let y), .binary(let op)):
      guard op == wanted else { return false }
      let before = match
      if x.matches(operands[0], rewriter, &match), y.matches(operands[1], rewriter, &match) {
        return true
      }
      match = before
      return op.isCommutative && x.matches(operands[1], rewriter, &match)
        && y.matches(operands[0], rewriter, &match)
    case (.compare(let direction, let x, let y), .compare(let comparison)):
      guard comparison.direction == direction else { return false }
      match.comparison = comparison.type
      return x.matches(operands[0], rewriter, &match) && y.matches(operands[1], rewriter, &match)
    case (.select(let p, let x, let y), .select):
      return p.matches(operands[0], rewriter, &match) && x.matches(operands[1], rewriter, &match)
        && y.matches(operands[2], rewriter, &match)
    default: return false
    }
  }

  private func matches(
    _ value: ValueID, _ rewriter: Rewriter, _ match: inout Equation.Match
  ) -> Bool {
    switch self {
    case .variable(let name):
      if let known = match[name] { return known == value }
      guard rewriter.isTensor(value) else { return false }
      if name.isConstant, rewriter.splat(value) == nil { return false }
      match[name] = value
      if !name.isBoolean || match.typed == nil { match.typed = name }
      return true
    case .number(let number):
      guard let splat = rewriter.splat(value) else { return false }
      return splat.isInteger(number) || splat.isReal(number)
    default:
      guard let definition = rewriter.definition(of: value) else { return false }
      return matches(definition, rewriter, &match)
    }
  }
}

extension HostTensor {
  /// `true` iff the single element is an integer or a Boolean, and this number; all bits set
  /// are -1.
  fileprivate func isInteger(_ number: Double) -> Bool {
    switch type.kind {
    case .bool, .signed, .unsigned:
      if number == -1 { return bytes.prefix(type.byteCount).allSatisfy { $0 == allBits } }
      return self[0].integer == Int(exactly: number)
    case .float, .complex, .float0, .key: return false
    }
  }

  /// A byte of an element with all bits set.
  private var allBits: UInt8 {
    type.bitWidth < 8 && type.kind != .signed ? 1 << UInt8(type.bitWidth) - 1 : 0xFF
  }

  /// `true` iff the single element is a real number, and this one, with this sign where it is zero.
  fileprivate func isReal(_ number: Double) -> Bool {
    guard case .float(let value) = self[0] else { return false }
    return value == number && value.sign == number.sign
  }
}

// MARK: Replacing

extension Term {
  /// What an operation of type `result` becomes, whose variables have the type `type`.
  fileprivate func replacement(
    _ match: Equation.Match, _ type: TensorType, _ result: TensorType, in rewriter: inout Rewriter
  ) -> Rewrite {
    switch self {
    case .variable(let name):
      // A scalar predicate may stand beside arrays.
      guard let value = match[name], rewriter.type(of: value) == result else {
        return .keep
      }
      return .replace([value])
    case .number: return .replace([insert(match, result, in: &rewriter)])
    default:
      // All but comparisons and predicates have the variables' type.
      let inner = result.with(type.element)
      // Numbers match in any type: `select(p, 0, 1)` may be an array of reals.
      let element = if case .compare = self { ElementType.bool } else { type.element }
      guard element == result.element,
        let (op, operands) = operation(match, inner, in: &rewriter)
      else { return .keep }
      return .update(op, operands)
    }
  }

  /// The outermost operation, with its operands inserted; `nil` for variables and numbers.
  private func operation(
    _ match: Equation.Match, _ inner: TensorType, in rewriter: inout Rewriter
  ) -> (Op, Operands)? {
    switch self {
    case .variable, .number: return nil
    case .unary(let op, let x): return (.unary(op), [x.insert(match, inner, in: &rewriter)])
    case .binary(let op, let x, let y):
      let x = x.insert(match, inner, in: &rewriter)
      return (.binary(op), [x, y.insert(match, inner, in: &rewriter)])
    case .compare(let direction, let x, let y):
      let x = x.insert(match, inner, in: &rewriter)
      let y = y.insert(match, inner, in: &rewriter)
      return (.compare(Comparison(direction, match.comparison)), [x, y])
    case .select(let p, let x, let y):
      let p = p.insert(match, inner.with(.bool), in: &rewriter)
      let x = x.insert(match, inner, in: &rewriter)
      return (.select, [p, x, y.insert(match, inner, in: &rewriter)])
    }
  }

  private func insert(
    _ match: Equation.Match, _ type: TensorType, in rewriter: inout Rewriter
  ) -> ValueID {
    switch self {
    case .variable(let name): return match[name] ?? ValueID(0)
    case .number(let number):
      return rewriter.insert(.constant(.all(number, type)), [], type: type)
    default:
      guard let (op, operands) = operation(match, type, in: &rewriter) else { return ValueID(0) }
      return rewriter.insert(op, operands, type: type)
    }
  }
}

// MARK: Examples

extension Term {
  /// How many values of a type the tests try: arguments hold every pair of them.
  static let sampleCount = 16

  private func variables(_ names: inout [Variable]) {
    switch self {
    case .variable(let name): if !names.contains(name) { names.append(name) }
    case .number: break
    case .unary(_, let x): x.variables(&names)
    case .binary(_, let x, let y), .compare(_, let x, let y):
      x.variables(&names)
      y.variables(&names)
    case .select(let p, let x, let y):
      p.variables(&names)
      x.variables(&names)
      y.variables(&names)
    }
  }

  private var arguments: [Variable] {
    var names: [Variable] = []
    variables(&names)
    return names.filter { !$0.isConstant }
  }

  /// The types of the variables that are arguments of the example.
  func arguments(_ type: ElementType) -> [ValueType] {
    arguments.map { name in
      .tensor([Self.sampleCount * Self.sampleCount], name.isBoolean ? .bool : type)
    }
  }

  /// Emits this term for variables of `type`.
  func build(_ type: ElementType, _ b: FunctionBuilder) throws -> ValueID {
    let names = arguments
    let array = TensorType([Self.sampleCount * Self.sampleCount], type)
    // Booleans where the variables beside them are.
    func isBoolean(_ term: Term) -> Bool {
      switch term {
      case .variable(let name): name.isBoolean
      case .number: false
      case .unary(.not, let x): isBoolean(x)
      case .unary(_, let x): isBoolean(x)
      case .binary(_, let x, let y): isBoolean(x) || isBoolean(y)
      case .compare: true
      case .select(_, let x, let y): isBoolean(x) || isBoolean(y)
      }
    }
    func build(_ term: Term, isBoolean wanted: Bool) throws -> ValueID {
      let isBoolean = wanted || isBoolean(term)
      switch term {
      case .variable(.c): return try b.splat(3, array)
      case .variable(.d): return try b.splat(5, array)
      case .variable(let name): return b.arguments[names.firstIndex(of: name) ?? 0]
      case .number(let number):
        return try b.constant(.all(number, isBoolean ? array.with(.bool) : array))
      case .unary(let op, let x): return try b.unary(op, build(x, isBoolean: wanted))
      case .binary(let op, let x, let y):
        return try b.binary(op, build(x, isBoolean: isBoolean), build(y, isBoolean: isBoolean))
      case .compare(let direction, let x, let y):
        let isInside = Self.hasBoolean([x, y], isBoolean(_:))
        return try b.compare(
          build(x, isBoolean: isInside), direction, build(y, isBoolean: isInside))
      case .select(let p, let x, let y):
        let isInside = Self.hasBoolean([x, y], isBoolean(_:))
        return try b.select(
          build(p, isBoolean: true), build(x, isBoolean: isInside), build(y, isBoolean: isInside))
      }
    }
    return try build(self, isBoolean: false)
  }

  private static func hasBoolean(_ terms: [Term], _ isBoolean: (Term) -> Bool) -> Bool {
    terms.contains(where: isBoolean)
  }
}

// MARK: Pictures

extension Term: CustomStringConvertible {
  var description: String { description(inside: false) }

  private func description(inside isInside: Bool) -> String {
    func infix(_ x: Term, _ symbol: String, _ y: Term) -> String {
      let text = "\(x.description(inside: true)) \(symbol) \(y.description(inside: true))"
      return isInside ? "(\(text))" : text
    }
    switch self {
    case .variable(let name): return "\(name)"
    case .number(let number):
      return number == number.rounded() && !(number == 0 && number.sign == .minus)
        ? String(Int(number)) : String(number)
    case .unary(.negate, let x): return "-" + x.description(inside: true)
    case .unary(.not, let x): return "!" + x.description(inside: true)
    case .unary(let op, let x):
      return "\(op.rawValue.split(separator: ".").last ?? "") \(x.description(inside: true))"
    case .binary(let op, let x, let y):
      return op.symbol.map { infix(x, $0, y) }
        ?? "\(op.rawValue.split(separator: ".").last ?? "")(\(x), \(y))"
    case .compare(let direction, let x, let y): return infix(x, direction.symbol, y)
    case .select(let p, let x, let y): return "select(\(p), \(x), \(y))"
    }
  }
}

extension BinaryOp {
  fileprivate var symbol: String? {
    switch self {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .divide: "/"
    case .remainder: "%"
    case .and: "&"
    case .or: "|"
    case .xor: "^"
    case .power: "**"
    case .shiftLeft: "<<"
    case .shiftRightArithmetic: ">>"
    case .shiftRightLogical: ">>>"
    case .atan2, .complex, .maximum, .minimum, .mulhi, .nextAfter, .polygamma, .zeta: nil
    }
  }
}

extension ComparisonDirection {
  fileprivate var symbol: String {
    switch self {
    case .eq: "=="
    case .ne: "!="
    case .ge: ">="
    case .gt: ">"
    case .le: "<="
    case .lt: "<"
    }
  }
}
