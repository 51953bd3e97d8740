import Support

/// The registers of a pair of braces.
struct RegisterScope {
  /// `.reg .b32 %r<12>`: `%r0` … `%r11`.
  struct Family {
    var type: ScalarType
    var count: Int
  }

  var families: [String: Family] = [:]
  /// Those that have been used or were declared one by one.
  var registers: [String: Register] = [:]
}

/// Functions, their declarations and their statements.
extension Parser {
  mutating func parseFunction(isKernel: Bool) throws(Diagnostic) {
    advance()
    variableScopes.append([:])
    registerScopes.append(RegisterScope())
    defer {
      variableScopes.removeLast(variableScopes.count - 1)
      registerScopes.removeAll()
    }
    let results = !isKernel && isAt("(") ? try parseParameters(space: .callParam) : []
    let place = token.span
    let name = try parseDottedName()
    var function = ParsedFunction(name: name, isKernel: isKernel, span: place)
    function.results = results
    if isAt("(") {
      function.parameters = try parseParameters(space: isKernel ? .param : .callParam)
    }
    try parsePerformanceDirectives(&function)
    if take(";") {
      function.isDeclaration = true
    } else {
      try expect("{")
      try parseBody(&function)
    }
    if let index = module.functions.firstIndex(where: { $0.name == name }) {
      guard function.isDeclaration || module.functions[index].isDeclaration else {
        throw Diagnostic(.error, "'\(name)' is defined twice", at: place)
      }
      if !function.isDeclaration { module.functions[index] = function }
    } else {
      module.functions.append(function)
    }
  }

  /// A name that may hold dots, as LLVM prints the intrinsics that it does not know.
  private mutating func parseDottedName() throws(Diagnostic) -> String {
    var name = try expectWord("a function name")
    while case .dotted(let part) = token.kind, !isPerformanceDirective(part) {
      name += "." + part
      advance()
    }
    return name
  }

  private func isPerformanceDirective(_ name: String) -> Bool {
    ["maxntid", "reqntid", "minnctapersm", "maxnctapersm", "maxnreg", "noreturn", "pragma"]
      .contains(name)
  }

  private mutating func parsePerformanceDirectives(
    _ function: inout ParsedFunction
  ) throws(Diagnostic) {
    while case .dotted(let name) = token.kind {
      let place = token.span
      switch name {
      case "maxntid":
        advance()
        function.maximumThreads = try parseExtents()
      case "reqntid":
        advance()
        function.requiredThreads = try parseExtents()
      case "minnctapersm", "maxnctapersm", "maxnreg":
        advance()
        _ = try expectInteger("a number")
      case "noreturn":
        advance()
      case "pragma":
        try skipDebugDirective()
      default:
        throw unsupported("the directive '.\(name)'", at: place)
      }
    }
  }

  private mutating func parseExtents() throws(Diagnostic) -> (Int, Int, Int) {
    var extents = [try expectInteger("a number of threads")]
    while extents.count < 3, take(",") { extents.append(try expectInteger("a number of threads")) }
    extents += [1, 1]
    return (extents[0], extents[1], extents[2])
  }

  // MARK: Statements

  private mutating func parseBody(_ function: inout ParsedFunction) throws(Diagnostic) {
    var depth = 1
    while depth > 0 {
      if take("{") {
        depth += 1
        variableScopes.append([:])
        registerScopes.append(RegisterScope())
      } else if take("}") {
        depth -= 1
        if depth > 0 {
          variableScopes.removeLast()
          registerScopes.removeLast()
        }
      } else {
        try parseStatement(&function)
      }
    }
  }

  private mutating func parseStatement(_ function: inout ParsedFunction) throws(Diagnostic) {
    switch token.kind {
    case .dotted("reg"):
      try parseRegisters(&function)
    case .dotted("shared"), .dotted("local"), .dotted("param"):
      function.variables += try parseVariables()
    case .dotted("global"), .dotted("const"):
      module.variables += try parseVariables()
    case .dotted("loc"), .dotted("file"), .dotted("pragma"):
      try skipDebugDirective()
    case .dotted(let name):
      throw unsupported("the directive '.\(name)'", at: token.span)
    case .word(let name):
      if tokens[min(position + 1, tokens.count - 1)].kind == .punctuation(UInt8(ascii: ":")) {
        try parseLabel(name, &function)
      } else {
        function.instructions.append(try parseInstruction(guarding: nil, &function))
      }
    case .punctuation(UInt8(ascii: "@")):
      let guarding = try parseGuard(&function)
      function.instructions.append(try parseInstruction(guarding: guarding, &function))
    case .punctuation(UInt8(ascii: ";")):
      advance()
    case .integer, .float32, .float64, .string, .punctuation, .end:
      throw unexpected("an instruction")
    }
  }

  private mutating func parseLabel(
    _ name: String, _ function: inout ParsedFunction
  ) throws(Diagnostic) {
    let place = token.span
    advance()
    advance()
    if take(directive: "branchtargets") {
      var targets: [Operand] = []
      repeat {
        let place = token.span
        targets.append(Operand(kind: .name(try expectWord("a label")), span: place))
      } while take(",")
      try expect(";")
      guard function.branchTargets.updateValue(targets, forKey: name) == nil else {
        throw Diagnostic(.error, "the label '\(name)' is defined twice", at: place)
      }
      return
    }
    guard function.labels.updateValue(function.instructions.count, forKey: name) == nil else {
      throw Diagnostic(.error, "the label '\(name)' is defined twice", at: place)
    }
  }

  /// `.reg .b32 %r<12>, %x;`.
  private mutating func parseRegisters(_ function: inout ParsedFunction) throws(Diagnostic) {
    advance()
    guard case .dotted(let name) = token.kind, let type = ScalarType(rawValue: name) else {
      throw unexpected("a register type")
    }
    guard type != .b128 else { throw unsupported("registers of 128 bits", at: token.span) }
    advance()
    let scope = registerScopes.count - 1
    repeat {
      let place = token.span
      let name = try expectWord("a register name")
      if take("<") {
        let count = try expectInteger("a number of registers")
        try expect(">")
        registerScopes[scope].families[name] = RegisterScope.Family(type: type, count: count)
      } else {
        let register = newRegister(type, &function)
        guard registerScopes[scope].registers.updateValue(register, forKey: name) == nil else {
          throw Diagnostic(.error, "'\(name)' is declared twice", at: place)
        }
      }
    } while take(",")
    try expect(";")
  }

  private func newRegister(_ type: ScalarType, _ function: inout ParsedFunction) -> Register {
    if type == .pred {
      function.predicateCount += 1
      return Register(index: function.predicateCount - 1, type: type)
    }
    function.registerCount += 1
    return Register(index: function.registerCount - 1, type: type)
  }

  /// The register called `name`, innermost braces first.
  mutating func register(named name: String, _ function: inout ParsedFunction) -> Register? {
    let digits = name.utf8.reversed().prefix { $0.isDigit }.count
    let family = String(name.dropLast(digits))
    let number = Int(name.suffix(digits))
    for scope in registerScopes.indices.reversed() {
      if let register = registerScopes[scope].registers[name] { return register }
      if let number, let found = registerScopes[scope].families[family], number < found.count {
        let register = newRegister(found.type, &function)
        registerScopes[scope].registers[name] = register
        return register
      }
    }
    return nil
  }
}
