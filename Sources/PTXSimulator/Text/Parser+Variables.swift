import Support

/// Declarations of variables and parameters.
extension Parser {
  /// `.shared .align 4 .b8 name[128], other;`, from the state space to the semicolon.
  mutating func parseVariables(isExtern: Bool = false) throws(Diagnostic) -> [Variable] {
    let head = try parseVariableHead()
    var variables: [Variable] = []
    repeat {
      let variable = try parseDeclarator(head, isExtern: isExtern)
      variables.append(variable)
      try declare(variable)
    } while take(",")
    try expect(";")
    return variables
  }

  /// `(.param .u64 a, .param .align 8 .b8 b[16])`, with the parentheses.
  mutating func parseParameters(space: Variable.Space) throws(Diagnostic) -> [Variable] {
    try expect("(")
    var parameters: [Variable] = []
    if take(")") { return [] }
    repeat {
      guard isAt(directive: "param") else {
        if isAt(directive: "reg") {
          throw unsupported("parameters in registers", at: token.span)
        }
        throw unexpected("'.param'")
      }
      var head = try parseVariableHead()
      head.space = space
      let parameter = try parseDeclarator(head, isExtern: false)
      parameters.append(parameter)
      try declare(parameter)
    } while take(",")
    try expect(")")
    return parameters
  }

  private mutating func declare(_ variable: Variable) throws(Diagnostic) {
    let scope = variableScopes.count - 1
    guard variableScopes[scope].updateValue(variable, forKey: variable.name) == nil else {
      throw Diagnostic(.error, "'\(variable.name)' is declared twice", at: variable.span)
    }
  }

  private struct VariableHead {
    var space: Variable.Space
    var alignment: Int?
    var type: ScalarType
    /// Elements of a vector type, or 1.
    var width: Int
  }

  private mutating func parseVariableHead() throws(Diagnostic) -> VariableHead {
    guard case .dotted(let name) = token.kind, var space = Variable.Space(rawValue: name) else {
      throw unexpected("a state space")
    }
    advance()
    if space == .param { space = .callParam }
    var alignment: Int?
    var width = 1
    while case .dotted(let word) = token.kind {
      let place = token.span
      advance()
      switch word {
      case "align":
        let value = try expectInteger("an alignment")
        guard value > 0, value <= 1 << 20, value & (value - 1) == 0 else {
          throw Diagnostic(.error, "an alignment is a power of two", at: place)
        }
        alignment = value
      case "v2": width = 2
      case "v4": width = 4
      case "ptr", "global", "const", "shared", "local":
        // `.param .u64 .ptr .global .align 16`: what a pointer points to, which is not checked.
        break
      default:
        guard let type = ScalarType(rawValue: word), type != .pred else {
          throw unsupported("the variable type '.\(word)'", at: place)
        }
        let isPointer = try skipPointerAttributes()
        _ = isPointer
        return VariableHead(space: space, alignment: alignment, type: type, width: width)
      }
    }
    throw unexpected("a type")
  }

  /// `.ptr .global .align 16` behind a parameter's type.
  private mutating func skipPointerAttributes() throws(Diagnostic) -> Bool {
    guard take(directive: "ptr") else { return false }
    while case .dotted(let word) = token.kind {
      advance()
      if word == "align" { _ = try expectInteger("an alignment") }
    }
    return true
  }

  private mutating func parseDeclarator(
    _ head: VariableHead, isExtern: Bool
  ) throws(Diagnostic) -> Variable {
    let place = token.span
    let name = try expectWord("a name")
    var count = head.width
    var isUnsized = false
    while take("[") {
      if take("]") {
        isUnsized = true
        continue
      }
      let extent = try expectInteger("an array size")
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= 1 << 40 else {
        throw Diagnostic(.error, "this array is too large", at: place)
      }
      count = product
      try expect("]")
    }
    let initializer = take("=") ? try parseInitializer(head.type) : []
    if isUnsized {
      guard !initializer.isEmpty || (isExtern && head.space == .shared) else {
        throw Diagnostic(.error, "the size of '\(name)' is not known", at: place)
      }
      count = initializer.last.map { ($0.offset + $0.byteCount) / head.type.byteCount } ?? 0
    }
    let byteCount = count * head.type.byteCount
    if let last = initializer.last, last.offset + last.byteCount > byteCount {
      throw Diagnostic(.error, "the initializer of '\(name)' is too long", at: place)
    }
    if !initializer.isEmpty, head.space != .global, head.space != .const {
      throw Diagnostic(.error, "a '.\(head.space)' variable has no initial value", at: place)
    }
    return Variable(
      name: name, space: head.space, alignment: head.alignment ?? head.type.byteCount * head.width,
      byteCount: byteCount, isExtern: isExtern, initializer: initializer, span: place)
  }

  // MARK: Initializers

  /// A value, or values in (nested) braces, which are laid out one behind the other.
  private mutating func parseInitializer(_ type: ScalarType) throws(Diagnostic) -> [InitialValue] {
    var values: [InitialValue] = []
    var depth = 0
    repeat {
      while take("{") { depth += 1 }
      if !isAt("}") {
        let content = try parseInitialContent(type)
        let offset = values.count * type.byteCount
        values.append(InitialValue(content: content, offset: offset, byteCount: type.byteCount))
      }
      while depth > 0, take("}") { depth -= 1 }
    } while depth > 0 && take(",")
    guard depth == 0 else { throw unexpected("'}'") }
    return values
  }

  private mutating func parseInitialContent(
    _ type: ScalarType
  ) throws(Diagnostic) -> InitialValue.Content {
    let isNegative = take("-")
    switch token.kind {
    case .integer(let value):
      advance()
      if !isNegative, take("(") {
        let content = try parseInitialAddress(mask: value)
        try expect(")")
        return content
      }
      if type.kind == .float {
        let number = isNegative ? -Double(value) : Double(value)
        return .bits(type == .f32 ? UInt64(Float(number).bitPattern) : number.bitPattern)
      }
      return .bits(isNegative ? 0 &- value : value)
    case .float32(let bits):
      advance()
      return .bits(UInt64(isNegative ? bits ^ 0x8000_0000 : bits))
    case .float64(let bits):
      advance()
      let value = isNegative ? -Double(bitPattern: bits) : Double(bitPattern: bits)
      return .bits(type == .f32 ? UInt64(Float(value).bitPattern) : value.bitPattern)
    case .word where !isNegative:
      return try parseInitialAddress(mask: .max)
    case .word, .dotted, .string, .punctuation, .end:
      throw unexpected("an initial value")
    }
  }

  /// `name`, `generic(name)`, each with an offset.
  private mutating func parseInitialAddress(
    mask: UInt64
  ) throws(Diagnostic) -> InitialValue.Content {
    var place = token.span
    var name = try expectWord("a name")
    let isGeneric = name == "generic" && take("(")
    if isGeneric {
      place = token.span
      name = try expectWord("a name")
      try expect(")")
    }
    guard let variable = variableScopes[0][name] else {
      throw unsupported("the address of '\(name)' as an initial value", at: place)
    }
    var offset: Int64 = 0
    if take("+") {
      offset = try parseOffset()
    } else if take("-") {
      offset = 0 &- (try parseOffset())
    }
    return .address(variable, offset: offset, isGeneric: isGeneric, mask: mask)
  }

  /// The number behind a plus sign.
  mutating func parseOffset() throws(Diagnostic) -> Int64 {
    let isNegative = take("-")
    guard case .integer(let value) = token.kind else { throw unexpected("an offset") }
    advance()
    return Int64(bitPattern: isNegative ? 0 &- value : value)
  }
}
