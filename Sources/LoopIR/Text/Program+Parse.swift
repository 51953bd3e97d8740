import HLO
import Support
import Tensor

extension Program {
  /// Reads the text that `description` prints: the same program, but for the ids of the values in
  /// its kernels.
  ///
  /// - Parameter file: the file that spans in errors name.
  public init(parsing text: String, file: UInt32 = 0) throws(Diagnostic) {
    var reader = ProgramReader(procedures: Self.procedureNames(in: text))
    var scanner = LoopScanner(text, file: file)
    self = try reader.program(&scanner)
  }

  /// The names of the procedures, in order: a call may come before what it calls.
  private static func procedureNames(in text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      let words = line.prefix { $0 != "(" }.split(separator: " ")
      guard words.count >= 2, words[words.count - 2] == "procedure", !line.hasPrefix(" ") else {
        return nil
      }
      return String(words[words.count - 1].dropFirst())
    }
  }
}

private struct ProgramReader {
  private let procedures: [String: Program.ProcedureID]
  private var kernels: [String: Program.KernelID] = [:]
  private var program = Program(name: "")

  init(procedures names: [String]) {
    procedures = Dictionary(
      names.enumerated().map { ($1, Program.ProcedureID($0)) },
      uniquingKeysWith: { first, _ in first })
  }

  mutating func program(_ scanner: inout LoopScanner) throws(Diagnostic) -> Program {
    try scanner.expect("program")
    try scanner.expect("@")
    program.name = try scanner.name()
    while scanner.accept("constant") { program.constants.append(try constant(&scanner)) }
    while scanner.accept("callback") { program.callbacks.append(try callback(&scanner)) }
    while !scanner.isAtEnd {
      let start = scanner
      if scanner.accept("kernel") {
        scanner = start
        let kernel = try Kernel(&scanner)
        kernels[kernel.name] = program.kernels.append(kernel)
      } else {
        let isEntry = scanner.accept("entry")
        let id = program.procedures.append(try procedure(&scanner))
        if isEntry { program.entry = id }
      }
    }
    guard program.procedures.count > 0 else { throw scanner.error("expected a procedure") }
    return program
  }

  private func constant(_ scanner: inout LoopScanner) throws(Diagnostic) -> Program.Constant {
    _ = try scanner.number(after: "%c")
    try scanner.expect(":")
    let type = try scanner.type()
    let start = scanner
    let shape = try scanner.shape()
    try scanner.expect("=")
    var bytes: [UInt8] = []
    var count = 0
    _ = try scanner.list("[", "]") { scanner throws(Diagnostic) in
      bytes += try scanner.scalar(type).1.bytes(of: type)
      count += 1
    }
    guard count == shape.count else { throw start.error("\(count) elements for \(shape.count)") }
    return Program.Constant(type: type, shape: shape, bytes: bytes)
  }

  private func callback(_ scanner: inout LoopScanner) throws(Diagnostic) -> Program.Callback {
    _ = try scanner.number(after: "%h")
    try scanner.expect("=")
    let label = try scanner.quoted()
    try scanner.expect("of")
    let operation = OperationID(try scanner.number(after: "#"))
    return Program.Callback(label: label, operation: operation)
  }

  // MARK: Procedures

  private mutating func procedure(_ scanner: inout LoopScanner) throws(Diagnostic) -> Procedure {
    try scanner.expect("procedure")
    try scanner.expect("@")
    var procedure = Procedure(name: try scanner.name())
    var declared: [(id: Int, buffer: Procedure.Buffer, at: LoopScanner)] = []
    func parameters(_ scanner: inout LoopScanner) throws(Diagnostic) -> Int {
      try scanner.list("(", ")") { scanner throws(Diagnostic) in
        let start = scanner
        let (id, type, shape) = try Self.declaration(&scanner)
        declared.append(
          (id, Procedure.Buffer(type: type, shape: shape, place: .parameter(declared.count)), start)
        )
      }.count
    }
    procedure.argumentCount = try parameters(&scanner)
    try scanner.expect("->")
    let resultCount = try parameters(&scanner)
    procedure.parameters = declared.map { Procedure.BufferID($0.id) }
    try scanner.expect("workspace")
    procedure.workspaceByteCount = try scanner.integer()
    try scanner.expect("{")
    while scanner.accept("donate") {
      let argument = try scanner.integer()
      try scanner.expect("to")
      let donation = Procedure.Donation(argument: argument, result: try scanner.integer())
      guard (0..<procedure.argumentCount).contains(argument),
        (0..<resultCount).contains(donation.result)
      else { throw scanner.error("no such argument or result to donate") }
      procedure.donations.append(donation)
    }
    while let (id, type, shape) = try? Self.declaration(&scanner) {
      let start = scanner
      let place = try place(&scanner)
      declared.append((id, Procedure.Buffer(type: type, shape: shape, place: place), start))
    }
    for (number, next) in declared.sorted(by: { $0.id < $1.id }).enumerated() {
      guard next.id == number else { throw next.at.error("%b\(number) has no declaration") }
      procedure.buffers.append(next.buffer)
    }
    procedure.body = try steps(&scanner, procedure)
    try scanner.expect("}")
    return procedure
  }

  /// `%b0: f32[8]`
  private static func declaration(
    _ scanner: inout LoopScanner
  ) throws(Diagnostic) -> (Int, ElementType, Shape) {
    let start = scanner
    do throws(Diagnostic) {
      let id = try scanner.number(after: "%b")
      try scanner.expect(":")
      let type = try scanner.type()
      return (id, type, try scanner.shape())
    } catch {
      scanner = start
      throw error
    }
  }

  private func place(_ scanner: inout LoopScanner) throws(Diagnostic) -> Procedure.Place {
    try scanner.expect("at")
    if scanner.accept("constant") {
      let start = scanner
      let number = try scanner.number(after: "%c")
      guard number < program.constants.count else {
        throw start.error("%c\(number) is not declared")
      }
      return .constant(Program.ConstantID(number))
    }
    if scanner.accept("workspace") {
      try scanner.expect("+")
      return .workspace(offset: try scanner.integer())
    }
    let base = try scanner.number(after: "%b")
    try scanner.expect("+")
    return .view(Procedure.BufferID(base), offset: try scanner.integer())
  }

  // MARK: Steps

  private mutating func steps(
    _ scanner: inout LoopScanner, _ procedure: Procedure
  ) throws(Diagnostic) -> [Step] {
    var steps: [Step] = []
    while let step = try step(&scanner, procedure) { steps.append(step) }
    return steps
  }

  private func buffer(
    _ scanner: inout LoopScanner, _ procedure: Procedure
  ) throws(Diagnostic) -> Procedure.BufferID {
    let start = scanner
    let number = try scanner.number(after: "%b")
    guard number < procedure.buffers.count else { throw start.error("%b\(number) is not declared") }
    return Procedure.BufferID(number)
  }

  private func buffers(
    _ scanner: inout LoopScanner, _ procedure: Procedure
  ) throws(Diagnostic) -> [Procedure.BufferID] {
    try scanner.list("(", ")") { scanner throws(Diagnostic) in
      try buffer(&scanner, procedure)
    }
  }

  /// What `@name` names among `known`.
  private func reference<ID>(
    _ scanner: inout LoopScanner, _ known: [String: ID]
  ) throws(Diagnostic) -> ID {
    let start = scanner
    try scanner.expect("@")
    let name = try scanner.name()
    guard let id = known[name] else { throw start.error("there is no @\(name)") }
    return id
  }

  /// The next step, or `nil` at the end of a block.
  private mutating func step(
    _ scanner: inout LoopScanner, _ procedure: Procedure
  ) throws(Diagnostic) -> Step? {
    if scanner.accept("launch") {
      let kernel = try reference(&scanner, kernels)
      return .launch(kernel, buffers: try buffers(&scanner, procedure))
    }
    if scanner.accept("call") {
      let callee = try reference(&scanner, procedures)
      return .call(callee, buffers: try buffers(&scanner, procedure))
    }
    if scanner.accept("copy") {
      let source = try buffer(&scanner, procedure)
      try scanner.expect("to")
      return .copy(source: source, destination: try buffer(&scanner, procedure))
    }
    if scanner.accept("fill") {
      let target = try buffer(&scanner, procedure)
      try scanner.expect(",")
      return .fill(target, try scanner.scalar(procedure.buffers[target].type).1)
    }
    if scanner.accept("library") {
      let routine = try routine(&scanner)
      return .library(LibraryCall(routine, try buffers(&scanner, procedure)))
    }
    if scanner.accept("host") { return try host(&scanner, procedure) }
    if scanner.accept("while") {
      let condition = try body(&scanner, procedure)
      let predicate = try buffer(&scanner, procedure)
      try scanner.expect("do")
      return .loopWhile(
        condition: condition, predicate: predicate, body: try body(&scanner, procedure))
    }
    if scanner.accept("repeat") {
      let count = try scanner.integer()
      return .loop(count: count, body: try body(&scanner, procedure))
    }
    if scanner.accept("case") {
      let index = try buffer(&scanner, procedure)
      var cases = [try body(&scanner, procedure)]
      while scanner.accept("or") { cases.append(try body(&scanner, procedure)) }
      return .branch(index: index, cases: cases)
    }
    return nil
  }

  /// `{ … }`
  private mutating func body(
    _ scanner: inout LoopScanner, _ procedure: Procedure
  ) throws(Diagnostic) -> [Step] {
    try scanner.expect("{")
    let steps = try steps(&scanner, procedure)
    try scanner.expect("}")
    return steps
  }

  private func host(
    _ scanner: inout LoopScanner, _ procedure: Procedure
  ) throws(Diagnostic) -> Step {
    let start = scanner
    let number = try scanner.number(after: "%h")
    guard number < program.callbacks.count else { throw start.error("%h\(number) is not declared") }
    let operands = try buffers(&scanner, procedure)
    try scanner.expect("->")
    return .host(
      Program.CallbackID(number), operands: operands, results: try buffers(&scanner, procedure))
  }

  /// `jx_fft<20, 0, 1, 1, 1, 8>`
  private func routine(_ scanner: inout LoopScanner) throws(Diagnostic) -> Routine {
    let start = scanner
    let symbol = try scanner.name()
    var words: [Int64] = []
    var comparator: Program.KernelID?
    _ = try scanner.list("<", ">") { scanner throws(Diagnostic) in
      if let word = try? scanner.integer() {
        words.append(Int64(word))
      } else {
        comparator = try reference(&scanner, kernels)
      }
    }
    guard let routine = Routine(symbol: symbol, parameters: words, comparator: comparator) else {
      throw start.error("no routine '\(symbol)' has these parameters")
    }
    return routine
  }
}
