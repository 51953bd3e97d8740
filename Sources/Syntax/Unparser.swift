/// Writes a syntax tree as source text, so that `parse(unparse(x))` equals `x`.
///
/// Parentheses stand only where the grammar needs them; comments and layout are lost.
public struct Unparser {
  private var output = ""
  private var indentation = ""
  /// The quotes around f-strings that enclose what is being written, from the outermost.
  private var enclosingQuotes: [Unicode.Scalar] = []

  public static func unparse(_ module: ModuleAST) -> String {
    var unparser = Unparser()
    unparser.write(module.body)
    return unparser.output
  }

  public static func unparse(_ expression: Expr) -> String {
    var unparser = Unparser()
    unparser.write(expression, .tuple)
    return unparser.output
  }

  /// How tightly operators bind, from the loosest. An expression is put in parentheses where its
  /// place demands a tighter one.
  private enum Precedence: Int, Comparable {
    case yield, tuple, walrus, conditional, or, and, not, comparison, bitOr, bitXor, bitAnd,
      shift, sum, term, factor, power, primary

    /// The next tighter one.
    var next: Precedence { Precedence(rawValue: rawValue + 1) ?? .primary }

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  // MARK: Text

  private mutating func put(_ text: String) { output += text }

  /// Writes `elements` with `, ` between them.
  private mutating func list<Element>(
    _ elements: [Element], _ write: (inout Unparser, Element) -> Void
  ) {
    for (index, element) in elements.enumerated() {
      if index > 0 { put(", ") }
      write(&self, element)
    }
  }

  // MARK: Statements

  private mutating func write(_ statements: [Stmt]) {
    for statement in statements {
      put(indentation)
      write(statement)
    }
  }

  /// `:` and the statements below, `pass` if there are none.
  private mutating func block(_ statements: [Stmt]) {
    put(":\n")
    let outer = indentation
    indentation += "    "
    write(statements)
    if statements.isEmpty { put(indentation + "pass\n") }
    indentation = outer
  }

  /// A further clause of a compound statement.
  private mutating func clause(_ header: String, _ statements: [Stmt]) {
    if statements.isEmpty { return }
    put(indentation + header)
    block(statements)
  }

  private mutating func write(_ statement: Stmt) {
    switch statement {
    case .expression(let s): write(s.value, .yield)
    case .assign(let s):
      for target in s.targets {
        write(target)
        put(" = ")
      }
      write(s.value, .yield)
    case .augmentedAssign(let s):
      write(s.target)
      put(" \(s.op.rawValue)= ")
      write(s.value, .yield)
    case .annotatedAssign(let s):
      if case .name = s.target, !s.isSimple {
        put("(")
        write(s.target)
        put(")")
      } else {
        write(s.target)
      }
      put(": ")
      write(s.annotation, .conditional)
      if let value = s.value {
        put(" = ")
        write(value, .yield)
      }
    case .delete(let s):
      put("del ")
      list(s.targets) { $0.write($1, isNested: true) }
    case .pass: put("pass")
    case .break: put("break")
    case .continue: put("continue")
    case .return(let s): keyword("return", s.value, .tuple)
    case .raise(let s):
      keyword("raise", s.exception)
      if let cause = s.cause {
        put(" from ")
        write(cause, .conditional)
      }
    case .assert(let s):
      keyword("assert", s.condition)
      if let message = s.message {
        put(", ")
        write(message, .conditional)
      }
    case .global(let s): put("global " + s.names.map(\.text).joined(separator: ", "))
    case .nonlocal(let s): put("nonlocal " + s.names.map(\.text).joined(separator: ", "))
    case .import(let s):
      put("import ")
      list(s.modules) {
        $0.put($1.path.map(\.text).joined(separator: "."))
        $0.alias($1.alias)
      }
    case .importFrom(let s):
      put("from " + String(repeating: ".", count: s.level))
      put(s.path.map(\.text).joined(separator: "."))
      put(" import ")
      switch s.names {
      case .all: put("*")
      case .some(let names):
        list(names) {
          $0.put($1.name.text)
          $0.alias($1.alias)
        }
      }
    case .if, .while, .for, .with, .try, .match, .function, .class: return compound(statement)
    }
    put("\n")
  }

  private mutating func keyword(
    _ word: String, _ value: Expr?, _ precedence: Precedence = .conditional
  ) {
    put(word)
    guard let value else { return }
    put(" ")
    write(value, precedence)
  }

  private mutating func alias(_ name: Identifier?) {
    if let name { put(" as " + name.text) }
  }

  private mutating func compound(_ statement: Stmt) {
    switch statement {
    case .if(let s):
      for (index, branch) in s.branches.enumerated() {
        if index > 0 { put(indentation) }
        keyword(index == 0 ? "if" : "elif", branch.condition, .walrus)
        block(branch.body)
      }
      clause("else", s.otherwise)
    case .while(let s):
      keyword("while", s.condition, .walrus)
      block(s.body)
      clause("else", s.otherwise)
    case .for(let s):
      put("for ")
      write(s.target)
      put(" in ")
      write(s.iterable, .tuple)
      block(s.body)
      clause("else", s.otherwise)
    case .with(let s):
      put("with ")
      // `with (a, b):` would be two items.
      let isTuple = if case .tuple? = s.items.first?.context { s.items.count == 1 } else { false }
      if isTuple && s.items[0].target == nil {
        put("(")
        write(s.items[0].context, .conditional)
        put(")")
        return block(s.body)
      }
      list(s.items) { unparser, item in
        unparser.write(item.context, .conditional)
        if let target = item.target {
          unparser.put(" as ")
          unparser.write(target, isNested: true)
        }
      }
      block(s.body)
    case .try(let s):
      put("try")
      block(s.body)
      for handler in s.handlers {
        put(indentation)
        keyword("except", handler.kind)
        alias(handler.name)
        block(handler.body)
      }
      clause("else", s.otherwise)
      clause("finally", s.finally)
    case .match(let s):
      keyword("match", s.subject, .tuple)
      put(":\n")
      let outer = indentation
      indentation += "    "
      for matchCase in s.cases {
        put(indentation + "case ")
        write(matchCase.pattern)
        if let condition = matchCase.condition {
          put(" if ")
          write(condition, .walrus)
        }
        block(matchCase.body)
      }
      indentation = outer
    case .function(let s):
      decorators(s.decorators)
      put("def \(s.name.text)(")
      write(s.parameters)
      put(")")
      if let returns = s.returns {
        put(" -> ")
        write(returns, .conditional)
      }
      block(s.body)
    case .class(let s):
      decorators(s.decorators)
      put("class \(s.name.text)")
      if !s.bases.isEmpty || !s.keywords.isEmpty {
        put("(")
        arguments(s.bases, s.keywords)
        put(")")
      }
      block(s.body)
    case .expression, .assign, .augmentedAssign, .annotatedAssign, .delete, .pass, .break,
      .continue, .return, .raise, .assert, .global, .nonlocal, .import, .importFrom:
      write(statement)
    }
  }

  /// The decorators, each on a line of its own; the definition follows.
  private mutating func decorators(_ decorators: [Expr]) {
    for decorator in decorators {
      put("@")
      write(decorator, .walrus)
      put("\n" + indentation)
    }
  }

  private mutating func write(_ parameters: ParameterList) {
    var pieces: [(marker: String, parameter: Parameter?)] = []
    pieces += parameters.positionalOnly.map { ("", $0) }
    if !parameters.positionalOnly.isEmpty { pieces.append(("/", nil)) }
    pieces += parameters.positional.map { ("", $0) }
    if let variadic = parameters.variadic {
      pieces.append(("*", variadic))
    } else if !parameters.keywordOnly.isEmpty {
      pieces.append(("*", nil))
    }
    pieces += parameters.keywordOnly.map { ("", $0) }
    if let keywords = parameters.keywords { pieces.append(("**", keywords)) }
    list(pieces) { unparser, piece in
      unparser.put(piece.marker)
      guard let parameter = piece.parameter else { return }
      unparser.put(parameter.name.text)
      if let annotation = parameter.annotation {
        unparser.put(": ")
        unparser.write(annotation, .conditional)
      }
      if let value = parameter.defaultValue {
        unparser.put(parameter.annotation == nil ? "=" : " = ")
        unparser.write(value, .conditional)
      }
    }
  }

  // MARK: Targets

  /// - Parameter isNested: whether a sequence needs its parentheses.
  private mutating func write(_ target: Target, isNested: Bool = false) {
    switch target {
    case .name(let t): put(t.symbol.text)
    case .attribute(let t): write(.attribute(t), .primary)
    case .subscript(let t): write(.subscript(t), .primary)
    case .starred(let t):
      put("*")
      write(t.target, isNested: true)
    case .sequence(let t):
      let needsParentheses = isNested || t.elements.isEmpty
      put(t.isList ? "[" : needsParentheses ? "(" : "")
      list(t.elements) { $0.write($1, isNested: true) }
      if !t.isList && t.elements.count == 1 { put(",") }
      put(t.isList ? "]" : needsParentheses ? ")" : "")
    }
  }

  // MARK: Expressions

  private func precedence(of expression: Expr) -> Precedence {
    switch expression {
    case .name, .formatted, .list, .set, .dict, .comprehension, .call, .attribute, .subscript:
      .primary
    case .constant: .primary
    case .tuple(let e): e.elements.isEmpty ? .primary : .tuple
    case .lambda, .conditional: .conditional
    case .unary(let e): e.op == .not ? .not : .factor
    case .binary(let e): precedence(of: e.op)
    case .boolean(let e): e.op == .and ? .and : .or
    case .compare: .comparison
    case .slice, .starred: .tuple
    case .walrus: .walrus
    case .yield, .yieldFrom: .yield
    }
  }

  private func precedence(of op: BinaryOperator) -> Precedence {
    switch op {
    case .add, .subtract: .sum
    case .multiply, .matrixMultiply, .divide, .floorDivide, .modulo: .term
    case .power: .power
    case .leftShift, .rightShift: .shift
    case .bitAnd: .bitAnd
    case .bitOr: .bitOr
    case .bitXor: .bitXor
    }
  }

  /// Writes `expression` where something that binds at least as tightly as `place` must stand.
  private mutating func write(_ expression: Expr, _ place: Precedence) {
    let needsParentheses =
      switch expression {
      case .starred: false
      case .walrus: place != .walrus
      default: precedence(of: expression) < place
      }
    if needsParentheses {
      parenthesize(expression)
    } else {
      contents(expression)
    }
  }

  private mutating func parenthesize(_ expression: Expr) {
    put("(")
    contents(expression)
    put(")")
  }

  private mutating func elements(_ expressions: [Expr]) {
    list(expressions) { $0.write($1, .walrus) }
  }

  private mutating func contents(_ expression: Expr) {
    switch expression {
    case .name(let e): put(e.symbol.text)
    case .constant(let e): write(e.value)
    case .formatted(let e): write(e)
    case .tuple(let e):
      if e.elements.isEmpty { put("(") }
      list(e.elements) { $0.write($1, .conditional) }
      if e.elements.count == 1 { put(",") }
      if e.elements.isEmpty { put(")") }
    case .list(let e):
      put("[")
      elements(e.elements)
      put("]")
    case .set(let e):
      put("{")
      elements(e.elements)
      put("}")
    case .dict(let e):
      put("{")
      list(e.items) { unparser, item in
        if let key = item.key {
          unparser.write(key, .conditional)
          unparser.put(": ")
          unparser.write(item.value, .conditional)
        } else {
          unparser.put("**")
          unparser.write(item.value, .bitOr)
        }
      }
      put("}")
    case .comprehension(let e): write(e)
    case .lambda(let e):
      put("lambda")
      if !e.parameters.all.isEmpty { put(" ") }
      write(e.parameters)
      put(": ")
      write(e.body, .conditional)
    case .unary(let e):
      put(e.op == .not ? "not " : e.op.rawValue)
      write(e.operand, e.op == .not ? .not : .factor)
    case .binary(let e):
      let level = precedence(of: e.op)
      // `**` binds to the right, and more tightly than a sign on its left only.
      write(e.left, e.op == .power ? .primary : level)
      put(" \(e.op.rawValue) ")
      write(e.right, e.op == .power ? .factor : level.next)
    case .boolean(let e):
      let level: Precedence = e.op == .and ? .and : .or
      for (index, operand) in e.operands.enumerated() {
        if index > 0 { put(" \(e.op.rawValue) ") }
        write(operand, level.next)
      }
    case .compare(let e):
      write(e.first, .bitOr)
      for (op, operand) in e.rest {
        put(" \(op.rawValue) ")
        write(operand, .bitOr)
      }
    case .conditional(let e):
      write(e.then, .or)
      put(" if ")
      write(e.condition, .or)
      put(" else ")
      write(e.otherwise, .conditional)
    case .call(let e):
      write(e.function, .primary)
      put("(")
      arguments(e.arguments, e.keywords)
      put(")")
    case .attribute(let e):
      if case .constant(let constant) = e.value, constant.value.isInteger {
        // `1.real` would be a number.
        parenthesize(e.value)
      } else {
        write(e.value, .primary)
      }
      put(".\(e.name.text)")
    case .subscript(let e):
      write(e.value, .primary)
      put("[")
      index(e.index)
      put("]")
    case .slice(let e):
      if let start = e.start { write(start, .conditional) }
      put(":")
      if let stop = e.stop { write(stop, .conditional) }
      if let step = e.step {
        put(":")
        write(step, .conditional)
      }
    case .starred(let e):
      put("*")
      write(e.value, .bitOr)
    case .walrus(let e):
      put("\(e.target.symbol) := ")
      write(e.value, .conditional)
    case .yield(let e): keyword("yield", e.value, .tuple)
    case .yieldFrom(let e): keyword("yield from", e.value)
    }
  }

  /// What stands in a subscript: slices only directly there or in a tuple without parentheses.
  private mutating func index(_ index: Expr) {
    if case .tuple(let tuple) = index, !tuple.elements.isEmpty {
      list(tuple.elements) { unparser, element in
        switch element {
        case .slice: unparser.contents(element)
        case .starred(let starred): unparser.unpack(starred)
        default: unparser.write(element, .walrus)
        }
      }
      if tuple.elements.count == 1 { put(",") }
    } else if case .slice = index {
      contents(index)
    } else {
      write(index, .walrus)
    }
  }

  /// `*x` among arguments or in a subscript, where `x` may be any expression.
  private mutating func unpack(_ starred: StarredExpr) {
    put("*")
    write(starred.value, .conditional)
  }

  private mutating func arguments(_ arguments: [Expr], _ keywords: [KeywordArgument]) {
    list(arguments) { unparser, argument in
      if case .starred(let starred) = argument {
        unparser.unpack(starred)
      } else {
        unparser.write(argument, .walrus)
      }
    }
    if !arguments.isEmpty && !keywords.isEmpty { put(", ") }
    list(keywords) { unparser, keyword in
      unparser.put(keyword.name.map { $0.text + "=" } ?? "**")
      unparser.write(keyword.value, .conditional)
    }
  }

  private mutating func write(_ comprehension: ComprehensionExpr) {
    let closer: String
    switch comprehension.result {
    case .list(let element):
      put("[")
      write(element, .walrus)
      closer = "]"
    case .set(let element):
      put("{")
      write(element, .walrus)
      closer = "}"
    case .generator(let element):
      put("(")
      write(element, .walrus)
      closer = ")"
    case .dict(let key, let value):
      put("{")
      write(key, .conditional)
      put(": ")
      write(value, .conditional)
      closer = "}"
    }
    for clause in comprehension.clauses {
      put(" for ")
      write(clause.target)
      put(" in ")
      write(clause.iterable, .or)
      for condition in clause.conditions {
        put(" if ")
        write(condition, .or)
      }
    }
    put(closer)
  }

  // MARK: Literals

  private mutating func write(_ literal: Literal) {
    switch literal {
    case .none: put("None")
    case .ellipsis: put("...")
    case .bool(let value): put(value ? "True" : "False")
    case .integer(let value): put("\(value)")
    case .bigInteger(let digits, let radix):
      let prefix =
        switch radix {
        case 16: "0x"
        case 8: "0o"
        case 2: "0b"
        default: ""
        }
      put(prefix + digits)
    case .float(let value): put(LiteralText.number(value))
    case .imaginary(let value): put(LiteralText.number(value) + "j")
    case .string(let text): put(LiteralText.quote(text))
    case .bytes(let bytes): put(LiteralText.quote(bytes: bytes))
    }
  }

  private mutating func write(_ string: FormattedString) {
    // Other quotes inside than outside, as far as there are two kinds.
    let quote: Unicode.Scalar = enclosingQuotes.last == "\"" ? "'" : "\""
    put("f\(quote)")
    enclosingQuotes.append(quote)
    parts(string, quote: quote, isFormat: false)
    enclosingQuotes.removeLast()
    put("\(quote)")
  }

  private mutating func parts(_ string: FormattedString, quote: Unicode.Scalar, isFormat: Bool) {
    for part in string.parts {
      switch part {
      case .text(let text):
        for scalar in LiteralText.escape(text, quote: quote).unicodeScalars {
          switch scalar {
          case "{", "}":
            put(isFormat ? "\\x" + String(scalar.value, radix: 16) : "\(scalar)\(scalar)")
          default: output.unicodeScalars.append(scalar)
          }
        }
      case .field(let field):
        put("{")
        let start = output.utf8.count
        write(field.value, .or)
        let first = output.utf8.index(output.startIndex, offsetBy: start)
        // `{{` would be a brace.
        if output[first] == "{" { output.insert(" ", at: first) }
        if let conversion = field.conversion { put("!\(Unicode.Scalar(conversion.rawValue))") }
        if let format = field.format {
          put(":")
          parts(format, quote: quote, isFormat: true)
        }
        put("}")
      }
    }
  }

  // MARK: Patterns

  private mutating func write(_ pattern: Pattern) {
    switch pattern {
    case .value(let p): write(p.value, .tuple)
    case .singleton(let p): write(p.value)
    case .sequence(let p):
      put("[")
      list(p.patterns) { $0.write($1) }
      put("]")
    case .mapping(let p):
      put("{")
      list(p.items) { unparser, item in
        unparser.write(item.key, .conditional)
        unparser.put(": ")
        unparser.write(item.pattern)
      }
      if let rest = p.rest { put("\(p.items.isEmpty ? "" : ", ")**\(rest.text)") }
      put("}")
    case .class(let p):
      write(p.type, .primary)
      put("(")
      list(p.positional) { $0.write($1) }
      if !p.positional.isEmpty && !p.keywords.isEmpty { put(", ") }
      list(p.keywords) { unparser, keyword in
        unparser.put(keyword.name.text + "=")
        unparser.write(keyword.pattern)
      }
      put(")")
    case .star(let p): put("*" + (p.name?.text ?? "_"))
    case .capture(let p):
      if let inner = p.pattern {
        put("(")
        write(inner)
        put(" as \(p.name?.text ?? "_"))")
      } else {
        put(p.name?.text ?? "_")
      }
    case .or(let p):
      put("(")
      for (index, alternative) in p.alternatives.enumerated() {
        if index > 0 { put(" | ") }
        write(alternative)
      }
      put(")")
    }
  }
}

extension Literal {
  fileprivate var isInteger: Bool {
    switch self {
    case .integer, .bigInteger: true
    case .none, .ellipsis, .bool, .float, .imaginary, .string, .bytes: false
    }
  }
}
