import Support
import Tensor

extension Kernel {
  /// Reads the text of one kernel, from `kernel` to its last brace.
  init(_ scanner: inout LoopScanner) throws(Diagnostic) {
    try scanner.expect("kernel")
    try scanner.expect("@")
    var reader = KernelReader(name: try scanner.name())
    try reader.read(&scanner)
    self = reader.kernel
  }
}

/// Reads one kernel. Values are known by the numbers that the text gives them.
private struct KernelReader {
  var kernel: Kernel
  private var values: [Int: Kernel.ValueID] = [:]
  private var constants: [Kernel.Value: Kernel.ValueID] = [:]

  init(name: String) { kernel = Kernel(name: name) }

  mutating func read(_ scanner: inout LoopScanner) throws(Diagnostic) {
    let parameters = try scanner.list("(", ")") {
      scanner throws(Diagnostic) -> Kernel.Memory in
      var memory = try Self.memory(&scanner)
      memory.access =
        scanner.accept("readwrite")
        ? .readWrite : scanner.accept("write") ? .write : scanner.accept("read") ? .read : nil
      if memory.access == nil { throw scanner.error("expected 'read', 'write' or 'readwrite'") }
      return memory
    }
    for memory in parameters { kernel.memories.append(memory) }
    try scanner.expect("{")
    while scanner.accept("local") { kernel.memories.append(try Self.memory(&scanner)) }
    kernel.body = try block(&scanner)
    try scanner.expect("}")
  }

  /// `%m0: f32[8]`
  private static func memory(_ scanner: inout LoopScanner) throws(Diagnostic) -> Kernel.Memory {
    _ = try scanner.number(after: "%m")
    try scanner.expect(":")
    let type = try scanner.type()
    try scanner.expect("[")
    let count = try scanner.integer()
    try scanner.expect("]")
    return Kernel.Memory(access: nil, type: type, count: count)
  }

  // MARK: Values

  private mutating func define(_ number: Int, _ type: ElementType) -> Kernel.ValueID {
    let id = kernel.values.append(Kernel.Value(type: type))
    values[number] = id
    return id
  }

  /// A value that has been defined, or a constant.
  private mutating func operand(_ scanner: inout LoopScanner) throws(Diagnostic) -> Kernel.ValueID {
    let start = scanner
    if let number = try? scanner.number(after: "%") {
      guard let id = values[number] else { throw start.error("%\(number) is not defined") }
      return id
    }
    scanner = start
    let (type, bits) = try scanner.scalar()
    let value = Kernel.Value(type: type, constant: bits)
    if let known = constants[value] { return known }
    let id = kernel.values.append(value)
    constants[value] = id
    return id
  }

  private mutating func operands(
    _ scanner: inout LoopScanner
  ) throws(Diagnostic) -> [Kernel.ValueID] {
    var ids: [Kernel.ValueID] = []
    repeat { ids.append(try operand(&scanner)) } while scanner.accept(",")
    return ids
  }

  /// `(a, b)`
  private mutating func tuple(_ scanner: inout LoopScanner) throws(Diagnostic) -> [Kernel.ValueID] {
    try scanner.expect("(")
    if scanner.accept(")") { return [] }
    let ids = try operands(&scanner)
    try scanner.expect(")")
    return ids
  }

  private func memory(_ scanner: inout LoopScanner) throws(Diagnostic) -> Kernel.MemoryID {
    let start = scanner
    let number = try scanner.number(after: "%m")
    guard number < kernel.memories.count else { throw start.error("%m\(number) is not declared") }
    return Kernel.MemoryID(number)
  }

  /// `[index]`
  private mutating func index(_ scanner: inout LoopScanner) throws(Diagnostic) -> Kernel.ValueID {
    try scanner.expect("[")
    let id = try operand(&scanner)
    try scanner.expect("]")
    return id
  }

  // MARK: Blocks

  private mutating func block(
    _ scanner: inout LoopScanner, _ parameters: [Kernel.ValueID] = []
  ) throws(Diagnostic) -> Kernel.Block {
    var block = Kernel.Block(parameters: parameters)
    while let instruction = try instruction(&scanner) { block.instructions.append(instruction) }
    if scanner.accept("yield") { block.results = try operands(&scanner) }
    return block
  }

  /// The next instruction, or `nil` at the end of a block.
  private mutating func instruction(
    _ scanner: inout LoopScanner
  ) throws(Diagnostic) -> Kernel.Instruction? {
    if scanner.accept("store") {
      let memory = try memory(&scanner)
      let index = try index(&scanner)
      try scanner.expect(",")
      return Kernel.Instruction(
        .store(memory, index: index, value: try operand(&scanner)), results: .none)
    }
    if scanner.accept("update") {
      let start = scanner
      let name = try scanner.name()
      guard let operation = Kernel.BinaryOperation(rawValue: name) else {
        throw start.error("no operation '\(name)' takes 2 values")
      }
      let memory = try memory(&scanner)
      let index = try index(&scanner)
      try scanner.expect(",")
      return Kernel.Instruction(
        .update(operation, memory, index: index, value: try operand(&scanner)), results: .none)
    }
    if scanner.accept("for") { return try loop(&scanner) }
    if scanner.accept("reduce") { return try reduction(&scanner) }
    if scanner.accept("if") { return try branch(&scanner) }
    if scanner.accept("while") { return try loopWhile(&scanner) }
    guard let number = try? scanner.number(after: "%") else { return nil }
    try scanner.expect(":")
    let type = try scanner.type()
    try scanner.expect("=")
    let operation = try arithmetic(&scanner)
    let id = define(number, type)
    return Kernel.Instruction(operation, results: Kernel.Results(first: id, count: 1))
  }

  private mutating func arithmetic(
    _ scanner: inout LoopScanner
  ) throws(Diagnostic) -> Kernel.Operation {
    let start = scanner
    let name = try scanner.name()
    switch name {
    case "load":
      let memory = try memory(&scanner)
      return .load(memory, index: try index(&scanner))
    case "select":
      let ids = try operands(&scanner)
      guard ids.count == 3 else { throw start.error("select takes three values") }
      return .select(ids[0], ids[1], ids[2])
    case "convert": return .convert(try operand(&scanner))
    case "bitcast": return .bitcast(try operand(&scanner))
    case "compare":
      let word = try scanner.name()
      let ids = try operands(&scanner)
      guard let comparison = Kernel.Comparison(rawValue: word), ids.count == 2 else {
        throw start.error("expected a comparison of two values")
      }
      return .compare(comparison, ids[0], ids[1])
    default:
      let ids = try operands(&scanner)
      if ids.count == 1, let unary = Kernel.UnaryOperation(rawValue: name) {
        return .unary(unary, ids[0])
      }
      if ids.count == 2, let binary = Kernel.BinaryOperation(rawValue: name) {
        return .binary(binary, ids[0], ids[1])
      }
      throw start.error("no operation '\(name)' takes \(ids.count) values")
    }
  }

  // MARK: Structured operations

  private func kind(_ scanner: inout LoopScanner) -> Kernel.LoopKind {
    let isParallel = scanner.accept("parallel")
    let isVector = scanner.accept("vector")
    return isParallel ? (isVector ? .parallelVector : .parallel) : isVector ? .vector : .sequential
  }

  private mutating func bounds(
    _ scanner: inout LoopScanner
  ) throws(Diagnostic) -> (Kernel.ValueID, Kernel.ValueID) {
    let lower = try operand(&scanner)
    try scanner.expect("..<")
    return (lower, try operand(&scanner))
  }

  /// `(%3 = %1, %4 = 0)`: the numbers of the parameters, and the values they begin with.
  private mutating func carried(
    _ scanner: inout LoopScanner
  ) throws(Diagnostic) -> (numbers: [Int], initial: [Kernel.ValueID]) {
    var numbers: [Int] = []
    var initial: [Kernel.ValueID] = []
    try scanner.expect("(")
    if scanner.accept(")") { return (numbers, initial) }
    repeat {
      numbers.append(try scanner.number(after: "%"))
      try scanner.expect("=")
      initial.append(try operand(&scanner))
    } while scanner.accept(",")
    try scanner.expect(")")
    return (numbers, initial)
  }

  /// The numbers of a block's parameters, which have the types of `values`.
  private mutating func parameters(
    _ numbers: [Int], like values: [Kernel.ValueID]
  ) -> [Kernel.ValueID] {
    zip(numbers, values).map { define($0, kernel.type(of: $1)) }
  }

  private func numbers(_ scanner: inout LoopScanner) throws(Diagnostic) -> [Int] {
    try scanner.list("(", ")") { scanner throws(Diagnostic) in try scanner.number(after: "%") }
  }

  /// `}`, and the results of the operation that it ends.
  private mutating func finish(
    _ operation: Kernel.Operation, _ scanner: inout LoopScanner
  ) throws(Diagnostic) -> Kernel.Instruction {
    try scanner.expect("}")
    var results: [Kernel.ValueID] = []
    if scanner.accept("->") {
      repeat {
        let number = try scanner.number(after: "%")
        try scanner.expect(":")
        results.append(define(number, try scanner.type()))
      } while scanner.accept(",")
    }
    return Kernel.Instruction(
      operation,
      results: results.first.map { Kernel.Results(first: $0, count: results.count) } ?? .none)
  }

  private mutating func loop(
    _ scanner: inout LoopScanner
  ) throws(Diagnostic) -> Kernel.Instruction {
    let number = try scanner.number(after: "%")
    try scanner.expect("in")
    let (lower, upper) = try bounds(&scanner)
    let kind = kind(&scanner)
    let (numbers, initial) = scanner.accept("carry") ? try carried(&scanner) : ([], [])
    try scanner.expect("{")
    let index = define(number, .i64)
    let body = try block(&scanner, [index] + parameters(numbers, like: initial))
    return try finish(
      .loop(Kernel.Loop(kind: kind, lower: lower, upper: upper, initial: initial, body: body)),
      &scanner)
  }

  private mutating func reduction(
    _ scanner: inout LoopScanner
  ) throws(Diagnostic) -> Kernel.Instruction {
    let number = try scanner.number(after: "%")
    try scanner.expect("in")
    let (lower, upper) = try bounds(&scanner)
    let kind = kind(&scanner)
    try scanner.expect("from")
    let initial = try tuple(&scanner)
    try scanner.expect("identity")
    let identity = try tuple(&scanner)
    try scanner.expect("{")
    let body = try block(&scanner, [define(number, .i64)])
    try scanner.expect("}")
    try scanner.expect("combine")
    let numbers = try numbers(&scanner)
    guard numbers.count == 2 * initial.count else {
      throw scanner.error("combine takes \(2 * initial.count) values")
    }
    try scanner.expect("{")
    let combine = try block(&scanner, parameters(numbers, like: initial + initial))
    return try finish(
      .reduce(
        Kernel.Reduction(
          kind: kind, lower: lower, upper: upper, initial: initial, identity: identity, body: body,
          combine: combine)),
      &scanner)
  }

  private mutating func branch(
    _ scanner: inout LoopScanner
  ) throws(Diagnostic) -> Kernel.Instruction {
    let condition = try operand(&scanner)
    try scanner.expect("{")
    let then = try block(&scanner)
    var otherwise = Kernel.Block()
    let start = scanner
    if scanner.accept("}"), scanner.accept("else") {
      try scanner.expect("{")
      otherwise = try block(&scanner)
    } else {
      scanner = start
    }
    return try finish(
      .branch(Kernel.Branch(condition: condition, then: then, otherwise: otherwise)), &scanner)
  }

  private mutating func loopWhile(
    _ scanner: inout LoopScanner
  ) throws(Diagnostic) -> Kernel.Instruction {
    let (numbers, initial) = try carried(&scanner)
    try scanner.expect("{")
    let condition = try block(&scanner, parameters(numbers, like: initial))
    try scanner.expect("}")
    try scanner.expect("do")
    let again = try self.numbers(&scanner)
    guard again.count == initial.count else {
      throw scanner.error("the body takes \(initial.count) values")
    }
    try scanner.expect("{")
    let body = try block(&scanner, parameters(again, like: initial))
    return try finish(
      .loopWhile(Kernel.WhileLoop(initial: initial, condition: condition, body: body)), &scanner)
  }
}
