import Support
import Tensor

extension Kernel: CustomStringConvertible {
  /// The kernel as text: what `--emit-loops` shows.
  public var description: String {
    var printer = KernelPrinter(kernel: self)
    return printer.text()
  }
}

/// Prints one kernel. Values are numbered in the order in which they appear.
private struct KernelPrinter {
  let kernel: Kernel
  private var numbers: [Kernel.ValueID: Int] = [:]
  private var lines: [String] = []
  private var depth = 0

  init(kernel: Kernel) { self.kernel = kernel }

  mutating func text() -> String {
    let parameters = kernel.memories.ids.prefix(kernel.parameterCount).map { id in
      let memory = kernel.memories[id]
      let access =
        switch memory.access {
        case .read: "read"
        case .write: "write"
        case .readWrite, nil: "readwrite"
        }
      return "%m\(id): \(memory.type)[\(memory.count)] \(access)"
    }
    line("kernel @\(kernel.name)(\(parameters.joined(separator: ", "))) {")
    depth += 1
    for id in kernel.memories.ids.dropFirst(kernel.parameterCount) {
      let memory = kernel.memories[id]
      line("local %m\(id): \(memory.type)[\(memory.count)]")
    }
    instructions(kernel.body)
    depth -= 1
    line("}")
    return lines.joined(separator: "\n")
  }

  private mutating func line(_ text: String) {
    lines.append(String(repeating: "  ", count: depth) + text)
  }

  private mutating func define(_ id: Kernel.ValueID) -> String {
    numbers[id] = numbers.count
    return "%\(numbers.count - 1)"
  }

  private func use(_ id: Kernel.ValueID) -> String {
    let value = kernel[id]
    if let bits = value.constant {
      let text = bits.text(of: value.type)
      return value.type == .i64 || value.type == .bool ? text : "\(text):\(value.type)"
    }
    return numbers[id].map { "%\($0)" } ?? "%undefined\(id)"
  }

  private func list(_ ids: [Kernel.ValueID]) -> String {
    ids.map(use).joined(separator: ", ")
  }

  private mutating func instructions(_ block: Kernel.Block) {
    for instruction in block.instructions { print(instruction) }
  }

  /// `yield …`, where a block has results.
  private mutating func nested(_ block: Kernel.Block) {
    depth += 1
    instructions(block)
    if !block.results.isEmpty { line("yield \(list(block.results))") }
    depth -= 1
  }

  private mutating func print(_ instruction: Kernel.Instruction) {
    switch instruction.operation {
    case .unary(let operation, let x): define(instruction, "\(operation.rawValue) \(use(x))")
    case .binary(let operation, let x, let y):
      define(instruction, "\(operation.rawValue) \(use(x)), \(use(y))")
    case .compare(let comparison, let x, let y):
      define(instruction, "compare \(comparison.rawValue) \(use(x)), \(use(y))")
    case .select(let c, let x, let y):
      define(instruction, "select \(use(c)), \(use(x)), \(use(y))")
    case .convert(let x): define(instruction, "convert \(use(x))")
    case .bitcast(let x): define(instruction, "bitcast \(use(x))")
    case .load(let memory, let index): define(instruction, "load %m\(memory)[\(use(index))]")
    case .store(let memory, let index, let value):
      line("store %m\(memory)[\(use(index))], \(use(value))")
    case .update(let operation, let memory, let index, let value):
      line("update \(operation.rawValue) %m\(memory)[\(use(index))], \(use(value))")
    case .loop(let loop):
      let range = "\(use(loop.lower)) ..< \(use(loop.upper))"
      let initial = loop.initial.map(use)
      let index = define(loop.body.parameters[0])
      let carried = loop.body.parameters.dropFirst().map { define($0) }
      var text = "for \(index) in \(range)\(keyword(loop.kind))"
      if !initial.isEmpty {
        let pairs = zip(carried, initial).map { "\($0) = \($1)" }
        text += " carry (\(pairs.joined(separator: ", ")))"
      }
      open(instruction, text)
      nested(loop.body)
      close(instruction)
    case .reduce(let reduction):
      let range = "\(use(reduction.lower)) ..< \(use(reduction.upper))"
      let start = "from (\(list(reduction.initial))) identity (\(list(reduction.identity)))"
      let index = define(reduction.body.parameters[0])
      open(instruction, "reduce \(index) in \(range)\(keyword(reduction.kind)) \(start)")
      nested(reduction.body)
      let parameters = reduction.combine.parameters.map { define($0) }
      line("} combine (\(parameters.joined(separator: ", "))) {")
      nested(reduction.combine)
      close(instruction)
    case .branch(let branch):
      open(instruction, "if \(use(branch.condition))")
      nested(branch.then)
      if !branch.otherwise.instructions.isEmpty || !branch.otherwise.results.isEmpty {
        line("} else {")
        nested(branch.otherwise)
      }
      close(instruction)
    case .loopWhile(let loop):
      let initial = loop.initial.map(use)
      let first = loop.condition.parameters.map { define($0) }
      let pairs = zip(first, initial).map { "\($0) = \($1)" }
      open(instruction, "while (\(pairs.joined(separator: ", ")))")
      nested(loop.condition)
      let second = loop.body.parameters.map { define($0) }
      line("} do (\(second.joined(separator: ", "))) {")
      nested(loop.body)
      close(instruction)
    }
  }

  private func keyword(_ kind: Kernel.LoopKind) -> String {
    switch kind {
    case .sequential: ""
    case .vector: " vector"
    case .parallel: " parallel"
    case .parallelVector: " parallel vector"
    }
  }

  private mutating func define(_ instruction: Kernel.Instruction, _ text: String) {
    let id = instruction.results[0]
    line("\(define(id)): \(kernel.type(of: id)) = \(text)")
  }

  /// Structured operations define their results after their blocks: `… } -> %5: f32`.
  private mutating func open(_ instruction: Kernel.Instruction, _ text: String) {
    line("\(text) {")
  }

  private mutating func close(_ instruction: Kernel.Instruction) {
    let results = instruction.results.map { "\(define($0)): \(kernel.type(of: $0))" }
    line(results.isEmpty ? "}" : "} -> \(results.joined(separator: ", "))")
  }
}
