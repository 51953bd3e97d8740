/// The syntax tree as CPython's `ast.dump` writes it: names, fields, no places.
///
/// Two trees are equal iff their dumps are, so the round trip of the unparser compares them, and
/// CPython's own parser is the oracle of ours.
extension ModuleAST {
  /// One line per statement.
  public func dump() -> String {
    body.map { $0.dumped.text + "\n" }.joined()
  }

  /// One line per field, except in small nodes, as `ast.dump(…, indent=2)` writes it.
  public func indentedDump() -> String {
    body.map { $0.dumped.indented(level: 0).text + "\n" }.joined()
  }
}

/// A node as it is dumped.
private indirect enum Dump {
  /// Absent fields are left out.
  case node(String, [(String, Dump?)] = [])
  case list([Dump])
  case text(String)

  var text: String {
    var result = ""
    write(to: &result)
    return result
  }

  private func write(to result: inout String) {
    switch self {
    case .text(let text): result += text
    case .list(let elements):
      result += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { result += ", " }
        element.write(to: &result)
      }
      result += "]"
    case .node(let name, let fields):
      result += name + "("
      var isFirst = true
      for case (let label, let value?) in fields {
        if !isFirst { result += ", " }
        isFirst = false
        result += label + "="
        value.write(to: &result)
      }
      result += ")"
    }
  }

  /// The text over several lines, and whether it is a single word.
  func indented(level: Int) -> (text: String, isSimple: Bool) {
    let separator = "\n" + String(repeating: "  ", count: level + 1)
    switch self {
    case .text(let text): return (text, true)
    case .list(let elements):
      if elements.isEmpty { return ("[]", true) }
      let texts = elements.map { $0.indented(level: level + 1).text }
      return ("[" + separator + texts.joined(separator: "," + separator) + "]", false)
    case .node(let name, let fields):
      var texts: [String] = []
      var areSimple = true
      for case (let label, let value?) in fields {
        let (text, isSimple) = value.indented(level: level + 1)
        texts.append("\(label)=\(text)")
        areSimple = areSimple && isSimple
      }
      if areSimple && texts.count <= 3 {
        return ("\(name)(\(texts.joined(separator: ", ")))", texts.isEmpty)
      }
      return ("\(name)(" + separator + texts.joined(separator: "," + separator) + ")", false)
    }
  }

  static func name(_ symbol: Symbol) -> Dump { .text(LiteralText.quote(symbol.text)) }

  static func names(_ names: [Identifier]) -> Dump { .list(names.map { name($0.symbol) }) }

  static func path(_ path: [Identifier]) -> Dump {
    .text(LiteralText.quote(path.map(\.text).joined(separator: ".")))
  }

  static func expressions(_ list: [Expr]) -> Dump { .list(list.map(\.dumped)) }

  static func statements(_ list: [Stmt]) -> Dump { .list(list.map(\.dumped)) }

  static func load(_ kind: String, _ fields: [(String, Dump?)]) -> Dump {
    .node(kind, fields + [("ctx", .node("Load"))])
  }

  static func constant(_ value: Literal) -> Dump {
    .node("Constant", [("value", .text(value.dumped))])
  }
}

extension Literal {
  fileprivate var dumped: String {
    switch self {
    case .none: "None"
    case .ellipsis: "Ellipsis"
    case .bool(let value): value ? "True" : "False"
    case .integer(let value): "\(value)"
    case .bigInteger(let digits, let radix):
      switch radix {
      case 16: "0x\(digits)"
      case 8: "0o\(digits)"
      case 2: "0b\(digits)"
      default: digits
      }
    case .float(let value): value.description
    case .imaginary(let value): value.description.replacingSuffix(".0", with: "") + "j"
    case .string(let text): LiteralText.quote(text)
    case .bytes(let bytes): LiteralText.quote(bytes: bytes)
    }
  }
}

extension String {
  fileprivate func replacingSuffix(_ suffix: String, with other: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) + other : self
  }
}

extension Expr {
  fileprivate var dumped: Dump {
    switch self {
    case .name(let e): .load("Name", [("id", .name(e.symbol))])
    case .constant(let e): .constant(e.value)
    case .formatted(let e): e.dumped
    case .tuple(let e): .load("Tuple", [("elts", .expressions(e.elements))])
    case .list(let e): .load("List", [("elts", .expressions(e.elements))])
    case .set(let e): .node("Set", [("elts", .expressions(e.elements))])
    case .dict(let e):
      .node(
        "Dict",
        [
          ("keys", .list(e.items.map { $0.key?.dumped ?? .text("None") })),
          ("values", .expressions(e.items.map(\.value))),
        ])
    case .comprehension(let e): e.dumped
    case .lambda(let e):
      .node("Lambda", [("args", e.parameters.dumped), ("body", e.body.dumped)])
    case .unary(let e):
      .node("UnaryOp", [("op", .node(e.op.dumpName)), ("operand", e.operand.dumped)])
    case .binary(let e):
      .node(
        "BinOp",
        [
          ("left", e.left.dumped), ("op", .node(e.op.dumpName)), ("right", e.right.dumped),
        ])
    case .boolean(let e):
      .node(
        "BoolOp",
        [
          ("op", .node(e.op == .and ? "And" : "Or")), ("values", .expressions(e.operands)),
        ])
    case .compare(let e):
      .node(
        "Compare",
        [
          ("left", e.first.dumped), ("ops", .list(e.rest.map { .node($0.op.dumpName) })),
          ("comparators", .expressions(e.rest.map(\.operand))),
        ])
    case .conditional(let e):
      .node(
        "IfExp",
        [
          ("test", e.condition.dumped), ("body", e.then.dumped), ("orelse", e.otherwise.dumped),
        ])
    case .call(let e):
      .node(
        "Call",
        [
          ("func", e.function.dumped), ("args", .expressions(e.arguments)),
          ("keywords", .list(e.keywords.map(\.dumped))),
        ])
    case .attribute(let e):
      .load("Attribute", [("value", e.value.dumped), ("attr", .name(e.symbol))])
    case .subscript(let e):
      .load("Subscript", [("value", e.value.dumped), ("slice", e.index.dumped)])
    case .slice(let e):
      .node(
        "Slice",
        [
          ("lower", e.start?.dumped), ("upper", e.stop?.dumped), ("step", e.step?.dumped),
        ])
    case .starred(let e): .load("Starred", [("value", e.value.dumped)])
    case .walrus(let e):
      .node("NamedExpr", [("target", Target.name(e.target).dumped()), ("value", e.value.dumped)])
    case .yield(let e): .node("Yield", [("value", e.value?.dumped)])
    case .yieldFrom(let e): .node("YieldFrom", [("value", e.value.dumped)])
    }
  }
}

extension FormattedString {
  fileprivate var dumped: Dump {
    .node(
      "JoinedStr",
      [
        (
          "values",
          .list(
            parts.map { part in
              switch part {
              case .text(let text): .constant(.string(text))
              case .field(let field):
                .node(
                  "FormattedValue",
                  [
                    ("value", field.value.dumped),
                    ("conversion", .text(field.conversion.map { "\($0.rawValue)" } ?? "-1")),
                    ("format_spec", field.format?.dumped),
                  ])
              }
            })
        )
      ])
  }
}

extension ComprehensionExpr {
  fileprivate var dumped: Dump {
    let generators = Dump.list(
      clauses.map { clause in
        .node(
          "comprehension",
          [
            ("target", clause.target.dumped()), ("iter", clause.iterable.dumped),
            ("ifs", .expressions(clause.conditions)), ("is_async", .text("0")),
          ])
      })
    return switch result {
    case .list(let e): .node("ListComp", [("elt", e.dumped), ("generators", generators)])
    case .set(let e): .node("SetComp", [("elt", e.dumped), ("generators", generators)])
    case .generator(let e):
      .node("GeneratorExp", [("elt", e.dumped), ("generators", generators)])
    case .dict(let key, let value):
      .node(
        "DictComp", [("key", key.dumped), ("value", value.dumped), ("generators", generators)])
    }
  }
}

extension ParameterList {
  fileprivate var dumped: Dump {
    let defaults = (positionalOnly + positional).compactMap(\.defaultValue)
    return .node(
      "arguments",
      [
        ("posonlyargs", .list(positionalOnly.map(\.dumped))),
        ("args", .list(positional.map(\.dumped))), ("vararg", variadic?.dumped),
        ("kwonlyargs", .list(keywordOnly.map(\.dumped))),
        ("kw_defaults", .list(keywordOnly.map { $0.defaultValue?.dumped ?? .text("None") })),
        ("kwarg", keywords?.dumped), ("defaults", .expressions(defaults)),
      ])
  }
}

extension Parameter {
  fileprivate var dumped: Dump {
    .node("arg", [("arg", .name(symbol)), ("annotation", annotation?.dumped)])
  }
}

extension KeywordArgument {
  fileprivate var dumped: Dump {
    .node("keyword", [("arg", name.map { .name($0.symbol) }), ("value", value.dumped)])
  }
}

extension Target {
  fileprivate func dumped(_ context: String = "Store") -> Dump {
    let ctx = ("ctx", Dump?.some(.node(context)))
    return switch self {
    case .name(let t): .node("Name", [("id", .name(t.symbol)), ctx])
    case .attribute(let t):
      .node("Attribute", [("value", t.value.dumped), ("attr", .name(t.symbol)), ctx])
    case .subscript(let t):
      .node("Subscript", [("value", t.value.dumped), ("slice", t.index.dumped), ctx])
    case .sequence(let t):
      .node(
        t.isList ? "List" : "Tuple",
        [("elts", .list(t.elements.map { $0.dumped(context) })), ctx])
    case .starred(let t): .node("Starred", [("value", t.target.dumped(context)), ctx])
    }
  }
}

extension Stmt {
  fileprivate var dumped: Dump {
    switch self {
    case .expression(let s): .node("Expr", [("value", s.value.dumped)])
    case .assign(let s):
      .node(
        "Assign",
        [("targets", .list(s.targets.map { $0.dumped() })), ("value", s.value.dumped)])
    case .augmentedAssign(let s):
      .node(
        "AugAssign",
        [
          ("target", s.target.dumped()), ("op", .node(s.op.dumpName)), ("value", s.value.dumped),
        ])
    case .annotatedAssign(let s):
      .node(
        "AnnAssign",
        [
          ("target", s.target.dumped()), ("annotation", s.annotation.dumped),
          ("value", s.value?.dumped), ("simple", .text(s.isSimple ? "1" : "0")),
        ])
    case .delete(let s): .node("Delete", [("targets", .list(s.targets.map { $0.dumped("Del") }))])
    case .pass: .node("Pass")
    case .break: .node("Break")
    case .continue: .node("Continue")
    case .return(let s): .node("Return", [("value", s.value?.dumped)])
    case .raise(let s): .node("Raise", [("exc", s.exception?.dumped), ("cause", s.cause?.dumped)])
    case .assert(let s):
      .node("Assert", [("test", s.condition.dumped), ("msg", s.message?.dumped)])
    case .global(let s): .node("Global", [("names", .names(s.names))])
    case .nonlocal(let s): .node("Nonlocal", [("names", .names(s.names))])
    case .import(let s):
      .node(
        "Import",
        [
          (
            "names",
            .list(
              s.modules.map {
                .node(
                  "alias",
                  [("name", .path($0.path)), ("asname", $0.alias.map { .name($0.symbol) })])
              })
          )
        ])
    case .importFrom(let s):
      .node(
        "ImportFrom",
        [
          ("module", s.path.isEmpty ? nil : .path(s.path)), ("names", s.names.dumped),
          ("level", .text("\(s.level)")),
        ])
    case .if(let s): s.dumped
    case .while(let s):
      .node(
        "While",
        [
          ("test", s.condition.dumped), ("body", .statements(s.body)),
          ("orelse", .statements(s.otherwise)),
        ])
    case .for(let s):
      .node(
        "For",
        [
          ("target", s.target.dumped()), ("iter", s.iterable.dumped),
          ("body", .statements(s.body)), ("orelse", .statements(s.otherwise)),
        ])
    case .with(let s):
      .node(
        "With",
        [
          (
            "items",
            .list(
              s.items.map {
                .node(
                  "withitem",
                  [
                    ("context_expr", $0.context.dumped),
                    ("optional_vars", $0.target?.dumped()),
                  ])
              })
          ),
          ("body", .statements(s.body)),
        ])
    case .try(let s):
      .node(
        "Try",
        [
          ("body", .statements(s.body)), ("handlers", .list(s.handlers.map(\.dumped))),
          ("orelse", .statements(s.otherwise)), ("finalbody", .statements(s.finally)),
        ])
    case .match(let s):
      .node("Match", [("subject", s.subject.dumped), ("cases", .list(s.cases.map(\.dumped)))])
    case .function(let s):
      .node(
        "FunctionDef",
        [
          ("name", .name(s.symbol)), ("args", s.parameters.dumped),
          ("body", .statements(s.body)), ("decorator_list", .expressions(s.decorators)),
          ("returns", s.returns?.dumped),
        ])
    case .class(let s):
      .node(
        "ClassDef",
        [
          ("name", .name(s.symbol)), ("bases", .expressions(s.bases)),
          ("keywords", .list(s.keywords.map(\.dumped))), ("body", .statements(s.body)),
          ("decorator_list", .expressions(s.decorators)),
        ])
    }
  }
}

extension IfStmt {
  /// In `ast`, an `elif` is an `if` alone in the `else`.
  fileprivate var dumped: Dump {
    var otherwise = Dump.statements(self.otherwise)
    var result = otherwise
    for branch in branches.reversed() {
      result = .node(
        "If",
        [
          ("test", branch.condition.dumped), ("body", .statements(branch.body)),
          ("orelse", otherwise),
        ])
      otherwise = .list([result])
    }
    return result
  }
}

extension ImportFromStmt.Names {
  fileprivate var dumped: Dump {
    switch self {
    case .all: .list([.node("alias", [("name", .text("'*'"))])])
    case .some(let names):
      .list(
        names.map {
          .node(
            "alias",
            [("name", .name($0.name.symbol)), ("asname", $0.alias.map { .name($0.symbol) })])
        })
    }
  }
}

extension TryStmt.Handler {
  fileprivate var dumped: Dump {
    .node(
      "ExceptHandler",
      [
        ("type", kind?.dumped), ("name", name.map { .name($0.symbol) }),
        ("body", .statements(body)),
      ])
  }
}

extension MatchStmt.Case {
  fileprivate var dumped: Dump {
    .node(
      "match_case",
      [("pattern", pattern.dumped), ("guard", condition?.dumped), ("body", .statements(body))])
  }
}

extension Pattern {
  fileprivate var dumped: Dump {
    switch self {
    case .value(let p): .node("MatchValue", [("value", p.value.dumped)])
    case .singleton(let p): .node("MatchSingleton", [("value", .text(p.value.dumped))])
    case .sequence(let p): .node("MatchSequence", [("patterns", .list(p.patterns.map(\.dumped)))])
    case .mapping(let p):
      .node(
        "MatchMapping",
        [
          ("keys", .expressions(p.items.map(\.key))),
          ("patterns", .list(p.items.map(\.pattern.dumped))),
          ("rest", p.rest.map { .name($0.symbol) }),
        ])
    case .class(let p):
      .node(
        "MatchClass",
        [
          ("cls", p.type.dumped), ("patterns", .list(p.positional.map(\.dumped))),
          ("kwd_attrs", .list(p.keywords.map { .name($0.name.symbol) })),
          ("kwd_patterns", .list(p.keywords.map(\.pattern.dumped))),
        ])
    case .star(let p): .node("MatchStar", [("name", p.name.map { .name($0.symbol) })])
    case .capture(let p):
      .node(
        "MatchAs",
        [("pattern", p.pattern?.dumped), ("name", p.name.map { .name($0.symbol) })])
    case .or(let p): .node("MatchOr", [("patterns", .list(p.alternatives.map(\.dumped)))])
    }
  }
}

extension UnaryOperator {
  fileprivate var dumpName: String {
    switch self {
    case .not: "Not"
    case .negate: "USub"
    case .plus: "UAdd"
    case .invert: "Invert"
    }
  }
}

extension BinaryOperator {
  fileprivate var dumpName: String {
    switch self {
    case .add: "Add"
    case .subtract: "Sub"
    case .multiply: "Mult"
    case .matrixMultiply: "MatMult"
    case .divide: "Div"
    case .floorDivide: "FloorDiv"
    case .modulo: "Mod"
    case .power: "Pow"
    case .leftShift: "LShift"
    case .rightShift: "RShift"
    case .bitAnd: "BitAnd"
    case .bitOr: "BitOr"
    case .bitXor: "BitXor"
    }
  }
}

extension ComparisonOperator {
  fileprivate var dumpName: String {
    switch self {
    case .equal: "Eq"
    case .notEqual: "NotEq"
    case .less: "Lt"
    case .lessOrEqual: "LtE"
    case .greater: "Gt"
    case .greaterOrEqual: "GtE"
    case .is: "Is"
    case .isNot: "IsNot"
    case .in: "In"
    case .notIn: "NotIn"
    }
  }
}
