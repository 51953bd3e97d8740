import HLO
import Tensor

/// Lists rules, one statement each.
@resultBuilder enum RuleList {
  static func buildExpression(_ rule: SimplificationRule?) -> [SimplificationRule] {
    rule.map { [$0] } ?? []
  }
  static func buildBlock(_ rules: [SimplificationRule]...) -> [SimplificationRule] {
    rules.flatMap { $0 }
  }
}

/// Writes a table of rules: `rules { … }`.
func rules(@RuleList _ list: () -> [SimplificationRule]) -> [SimplificationRule] { list() }

private func equation(
  _ name: String, _ equation: Equation, for domain: Domain
) -> SimplificationRule? {
  SimplificationRule(name, equation, for: domain)
}

private let (x, y, z) = (Term.variable(.x), Term.variable(.y), Term.variable(.z))
private let (p, c, d) = (Term.variable(.p), Term.variable(.c), Term.variable(.d))
private let (yes, no) = (Term.yes, Term.no)

/// What holds for single elements, bit for bit. For floating point that excludes `x + 0`, which
/// makes 0 of -0, `x * 0` and `x - x`, which are NaN for infinities, and `0 - x`, which is 0 for 0.
let arithmeticRules =
  integerRules + realRules + signRules + logicRules + comparisonRules
  + selectRules + complexRules

private let integerRules = rules {
  equation("add-zero", x + 0 => x, for: .integer)
  equation("subtract-zero", x - 0 => x, for: .integer)
  equation("subtract-itself", x - x => 0, for: .integer)
  equation("multiply-by-one", x * 1 => x, for: .integer)
  equation("multiply-by-zero", x * 0 => 0, for: .integer)
  equation("divide-by-one", x / 1 => x, for: .integer)
  equation("remainder-by-one", x % 1 => 0, for: .integer)
  equation("add-constants", (x + c) + d => x + (c + d), for: .integer)
  equation("subtract-then-add", (x - c) + d => x + (d - c), for: .integer)
  equation("add-then-subtract", (x + c) - d => x + (c - d), for: .integer)
  equation("multiply-constants", (x * c) * d => x * (c * d), for: .integer)
  equation("add-then-subtract-the-same", (x + y) - y => x, for: .integer)
  equation("subtract-then-add-the-same", (x - y) + y => x, for: .integer)
  equation("shift-left-by-zero", .binary(.shiftLeft, x, 0) => x, for: .integer)
  equation("shift-right-by-zero", .binary(.shiftRightLogical, x, 0) => x, for: .integer)
  equation("shift-sign-by-zero", .binary(.shiftRightArithmetic, x, 0) => x, for: .integer)
}

private let realRules = rules {
  equation("add-minus-zero", x + -0.0 => x, for: .float)
  equation("subtract-plus-zero", x - 0 => x, for: .float)
  equation("multiply-by-one-real", x * 1 => x, for: .float)
  equation("divide-by-one-real", x / 1 => x, for: .float)
  equation("power-one", .binary(.power, x, 1) => x, for: .float)
  equation("maximum-of-itself", .max(x, x) => x, for: .real)
  equation("minimum-of-itself", .min(x, x) => x, for: .real)
  equation("floor-twice", .unary(.floor, .unary(.floor, x)) => .unary(.floor, x), for: .float)
  equation("ceil-twice", .unary(.ceil, .unary(.ceil, x)) => .unary(.ceil, x), for: .float)
  equation("sign-twice", .unary(.sign, .unary(.sign, x)) => .unary(.sign, x), for: .real)
  equation("abs-twice", .unary(.abs, .unary(.abs, x)) => .unary(.abs, x), for: [.signed, .float])
}

/// A sign is one bit, so that moving it changes no other.
private let signRules = rules {
  equation("negate-twice", -(-x) => x, for: [.real, .complex])
  equation("add-negated", x + -y => x - y, for: .real)
  equation("subtract-negated", x - -y => x + y, for: .real)
  equation("subtract-from-minus-zero", -0.0 - x => -x, for: .float)
  equation("subtract-from-zero", 0 - x => -x, for: .integer)
  equation("multiply-negated", -x * -y => x * y, for: .real)
  equation("divide-negated", -x / -y => x / y, for: .float)
  equation("multiply-by-minus-one", x * -1 => -x, for: [.signed, .float])
  equation("divide-by-minus-one", x / -1 => -x, for: .float)
  equation("abs-of-negated", .unary(.abs, -x) => .unary(.abs, x), for: [.signed, .float])
}

private let logicRules = rules {
  equation("not-twice", !(!x) => x, for: [.boolean, .integer])
  equation("and-itself", x & x => x, for: [.boolean, .integer])
  equation("or-itself", x | x => x, for: [.boolean, .integer])
  equation("xor-itself", x ^ x => 0, for: [.boolean, .integer])
  equation("and-all", x & -1 => x, for: [.boolean, .integer])
  equation("and-nothing", x & 0 => 0, for: [.boolean, .integer])
  equation("or-nothing", x | 0 => x, for: [.boolean, .integer])
  equation("or-all", x | -1 => -1, for: [.boolean, .integer])
  equation("xor-nothing", x ^ 0 => x, for: [.boolean, .integer])
  equation("xor-all", x ^ -1 => !x, for: [.boolean, .integer])
}

/// NaN is unequal to itself, so that less holds for floating point.
private let comparisonRules = rules {
  equation("equals-itself", x == x => yes, for: [.boolean, .integer])
  equation("differs-from-itself", x != x => no, for: [.boolean, .integer])
  equation("at-most-itself", x <= x => yes, for: .integer)
  equation("at-least-itself", x >= x => yes, for: .integer)
  equation("less-than-itself", x < x => no, for: .real)
  equation("greater-than-itself", x > x => no, for: .real)
  equation("not-equal", !(x == y) => x != y, for: .any)
  equation("not-different", !(x != y) => x == y, for: .any)
  equation("not-less", !(x < y) => x >= y, for: .integer)
  equation("not-greater", !(x > y) => x <= y, for: .integer)
  equation("not-at-most", !(x <= y) => x > y, for: .integer)
  equation("not-at-least", !(x >= y) => x < y, for: .integer)
  equation("is-true", p == yes => p, for: .boolean)
  equation("is-not-false", p != no => p, for: .boolean)
  equation("is-false", p == no => !p, for: .boolean)
  equation("is-not-true", p != yes => !p, for: .boolean)
}

private let selectRules = rules {
  equation("select-same", .select(p, x, x) => x, for: .any)
  equation("select-always", .select(yes, x, y) => x, for: .any)
  equation("select-never", .select(no, x, y) => y, for: .any)
  equation("select-not", .select(!p, x, y) => .select(p, y, x), for: .any)
  equation("select-truth", .select(p, yes, no) => p, for: .boolean)
  equation("select-falsehood", .select(p, no, yes) => !p, for: .boolean)
  equation("select-twice", .select(p, .select(p, x, y), z) => .select(p, x, z), for: .any)
}

private let complexRules = rules {
  equation("real-of-complex", .unary(.real, .binary(.complex, x, y)) => x, for: .part)
  equation("imag-of-complex", .unary(.imag, .binary(.complex, x, y)) => y, for: .part)
  equation(
    "complex-of-parts", .binary(.complex, .unary(.real, x), .unary(.imag, x)) => x, for: .complex)
  equation("conjugate-twice", .unary(.conj, .unary(.conj, x)) => x, for: .complex)
}
