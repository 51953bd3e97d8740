import Support

/// Turns the instructions of a function into steps.
///
/// Registers, local memory and parameters have fixed places for every function: there is no
/// recursion, and the lanes of a warp that call from different places use different lanes of the
/// same registers.
struct FunctionDecoder {
  /// What a register that no instruction writes holds.
  enum Constant: Hashable {
    case value(UInt64)
    case special(SpecialRegister)
    case shared(ObjectIdentifier, offset: UInt64)
    case dynamicShared(offset: UInt64)
  }

  /// A call whose callee may not be decoded yet.
  struct PendingCall {
    var callee: String
    var arguments: [Variable]
    var results: [Variable]
    var span: Span
  }

  let function: ParsedFunction
  let registerBase: Int
  let predicateBase: Int
  /// The first step.
  let start: Int
  var steps: [Step] = []
  var spans: [Span] = []
  var calls: [PendingCall] = []
  var tables: [[Int32]] = []
  let firstCall: Int
  let firstTable: Int
  /// The smallest access that races are looked for in.
  var granule = 16
  var sharedVariables: [Variable] = []

  /// Registers of this function, and behind them constants and one for results nobody needs.
  private(set) var registerCount: Int
  private(set) var predicateCount: Int
  private(set) var constants: [Constant: Int32] = [:]

  init(
    _ function: ParsedFunction, registerBase: Int, predicateBase: Int, start: Int, firstCall: Int,
    firstTable: Int
  ) {
    self.function = function
    self.registerBase = registerBase
    self.predicateBase = predicateBase
    self.start = start
    self.firstCall = firstCall
    self.firstTable = firstTable
    registerCount = function.registerCount + 1
    predicateCount = function.predicateCount
  }

  mutating func decode() throws(Diagnostic) {
    for instruction in function.instructions {
      var step = try decode(instruction)
      if let guarding = instruction.guarding {
        step.guarding = predicate(guarding.register)
        step.guardFlip = guarding.isNegated ? .max : 0
      }
      steps.append(step)
      spans.append(instruction.span)
    }
    var end = Step(execute: WarpOperations.none)
    end.flow = function.isKernel ? .exit : .functionEnd
    steps.append(end)
    spans.append(function.span)
    let start = start
    let tables = tables
    let firstTable = firstTable
    let copies = steps
    PostDominators.setReconvergence(of: &steps, in: 0..<steps.count) { index in
      let step = copies[index]
      let isGuarded = step.guarding >= 0
      switch step.flow {
      case .branch:
        let target = Int(step.target) - start
        return isGuarded ? [target, index + 1] : [target]
      case .indexedBranch:
        let targets = tables[Int(step.target) - firstTable].map { Int($0) - start }
        return isGuarded ? targets + [index + 1] : targets
      case .exit:
        return isGuarded ? [copies.count - 1, index + 1] : [copies.count - 1]
      case .next, .call, .barrier, .poll, .functionEnd:
        return [index + 1]
      }
    }
    for index in steps.indices where steps[index].reconvergence >= 0 {
      steps[index].reconvergence += Int32(start)
    }
  }

  // MARK: Registers

  func register(_ register: Register) -> Int32 { Int32((registerBase + register.index) * 32) }

  func predicate(_ register: Register) -> Int32 { Int32(predicateBase + register.index) }

  /// Where results go that nobody needs.
  var sink: Int32 { Int32((registerBase + function.registerCount) * 32) }

  mutating func constant(_ constant: Constant) -> Int32 {
    if let known = constants[constant] { return known }
    let register = Int32((registerBase + registerCount) * 32)
    registerCount += 1
    constants[constant] = register
    return register
  }

  mutating func constant(_ value: UInt64) -> Int32 { constant(.value(value)) }

  // MARK: Operands

  func mismatch(_ operand: Operand, _ type: ScalarType) -> Diagnostic {
    let what =
      switch operand.kind {
      case .register(let register): "a register of type '.\(register.type)'"
      case .negated: "a complemented predicate"
      case .integer: "an integer"
      case .float32, .float64: "a floating-point literal"
      case .special: "a special register"
      case .variable: "an address"
      case .name: "a name"
      case .vector: "a vector"
      case .address: "a place in memory"
      case .pair: "a pair"
      case .list: "a list"
      case .sink: "'_'"
      }
    return Diagnostic(
      .error, "expected an operand of type '.\(type)', found \(what)", at: operand.span)
  }

  /// The register that holds `operand`, which is read as `type`. `isWide`: registers may be wider
  /// than the type (`cvt`, `st`).
  mutating func source(
    _ operand: Operand, _ type: ScalarType, isWide: Bool = false
  ) throws(Diagnostic) -> Int32 {
    switch operand.kind {
    case .register(let found):
      let isFitting =
        type.accepts(register: found.type)
        || (isWide && found.type.bitWidth > type.bitWidth && found.type.kind != .float
          && (type.kind != .float || found.type.kind == .bits))
      guard isFitting, found.type != .pred else { throw mismatch(operand, type) }
      return register(found)
    case .integer(let value):
      guard type.kind != .float, type != .pred else { throw mismatch(operand, type) }
      return constant(value)
    case .float32(let bits):
      switch type {
      case .f32, .b32: return constant(UInt64(bits))
      case .f64: return constant(Double(Float(bitPattern: bits)).bitPattern)
      default: throw mismatch(operand, type)
      }
    case .float64(let bits):
      switch type {
      case .f64, .b64: return constant(bits)
      case .f32: return constant(UInt64(Float(Double(bitPattern: bits)).bitPattern))
      default: throw mismatch(operand, type)
      }
    case .special(let special):
      guard type.kind != .float, type != .pred, type.bitWidth >= 16 else {
        throw mismatch(operand, type)
      }
      return constant(.special(special))
    case .variable(let variable, let offset):
      guard type.kind != .float, type.bitWidth == 64 || (isWide && type.bitWidth == 32) else {
        throw mismatch(operand, type)
      }
      return address(of: variable, offset: UInt64(bitPattern: offset))
    case .sink, .negated, .name, .vector, .address, .pair, .list:
      throw mismatch(operand, type)
    }
  }

  /// The register that `operand`, a result of `type`, is written to.
  func destination(
    _ operand: Operand, _ type: ScalarType, isWide: Bool = false
  ) throws(Diagnostic) -> Int32 {
    switch operand.kind {
    case .register(let found):
      let isFitting =
        type.accepts(register: found.type)
        || (isWide && found.type.bitWidth > type.bitWidth && found.type.kind != .float
          && (type.kind != .float || found.type.kind == .bits))
      guard isFitting, found.type != .pred else { throw mismatch(operand, type) }
      return register(found)
    case .sink:
      return sink
    case .negated, .integer, .float32, .float64, .special, .variable, .name, .vector, .address,
      .pair, .list:
      throw mismatch(operand, type)
    }
  }

  /// The register that holds the address of `variable`.
  mutating func address(of variable: Variable, offset: UInt64) -> Int32 {
    guard variable.space == .shared else { return constant(variable.address &+ offset) }
    if variable.isExtern || variable.byteCount == 0 {
      return constant(.dynamicShared(offset: offset))
    }
    if !sharedVariables.contains(where: { $0 === variable }) { sharedVariables.append(variable) }
    return constant(.shared(ObjectIdentifier(variable), offset: offset))
  }

  /// The predicate that `operand`, a result, names; -1 for `_`.
  func predicateDestination(_ operand: Operand) throws(Diagnostic) -> Int32 {
    switch operand.kind {
    case .register(let register) where register.type == .pred: return predicate(register)
    case .sink: return -1
    case .register, .negated, .integer, .float32, .float64, .special, .variable, .name, .vector,
      .address, .pair, .list:
      throw mismatch(operand, .pred)
    }
  }

  /// Sets the step's operand `p`.
  mutating func setPredicateOperand(
    _ operand: Operand, _ step: inout Step
  ) throws(Diagnostic) {
    switch operand.kind {
    case .register(let register) where register.type == .pred:
      step.p = predicate(register)
    case .negated(let register):
      step.p = predicate(register)
      step.flags.insert(.complement)
    case .integer(let value):
      step.p = alwaysFalse()
      if value != 0 { step.flags.insert(.complement) }
    case .register, .float32, .float64, .special, .variable, .name, .vector, .address, .pair,
      .list, .sink:
      throw mismatch(operand, .pred)
    }
  }

  /// A predicate that no instruction writes.
  mutating func alwaysFalse() -> Int32 {
    if let known = falsePredicate { return known }
    let predicate = Int32(predicateBase + predicateCount)
    predicateCount += 1
    falsePredicate = predicate
    return predicate
  }

  private var falsePredicate: Int32?

  /// The registers of a vector or, as a vector of one, of a single operand.
  mutating func setVector(
    _ operand: Operand, _ type: ScalarType, width: Int, isResult: Bool, _ step: inout Step
  ) throws(Diagnostic) {
    var elements = [operand]
    if case .vector(let list) = operand.kind { elements = list }
    guard elements.count == width else {
      throw Diagnostic(
        .error, "expected \(width) registers, found \(elements.count)", at: operand.span)
    }
    var registers: [Int32] = []
    for element in elements {
      registers.append(
        isResult
          ? try destination(element, type, isWide: true) : try source(element, type, isWide: true))
    }
    registers += [0, 0, 0]
    step.vector = (registers[0], registers[1], registers[2], registers[3])
    step.width = UInt8(width)
  }

  /// Sets `a` and `offset` from `[base+offset]`, and returns the variable if the base is one.
  @discardableResult
  mutating func setAddress(
    _ operand: Operand, _ step: inout Step
  ) throws(Diagnostic) -> Variable? {
    guard case .address(let base, let offset) = operand.kind else { throw mismatch(operand, .b64) }
    step.offset = UInt64(bitPattern: offset)
    if case .register(let found) = base.kind, found.type.bitWidth == 32, found.type.kind != .float {
      throw unsupported("addresses of 32 bits", at: base.span)
    }
    step.a = try source(base, .b64)
    guard case .variable(let variable, _) = base.kind else { return nil }
    return variable
  }

  /// The step that `operand` labels.
  func label(_ operand: Operand) throws(Diagnostic) -> Int32 {
    guard case .name(let name) = operand.kind else {
      throw Diagnostic(.error, "expected a label", at: operand.span)
    }
    guard let index = function.labels[name] else {
      throw Diagnostic(.error, "the label '\(name)' is not defined", at: operand.span)
    }
    return Int32(start + index)
  }

  /// The step behind the last one of the function.
  var end: Int32 { Int32(start + function.instructions.count) }
}
