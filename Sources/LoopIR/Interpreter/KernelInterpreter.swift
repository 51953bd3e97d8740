import Support
import Tensor

/// Runs a kernel one operation at a time: slow and plain, the oracle of compiled kernels.
///
/// Every index is checked. All loops run in order; lanes and threads do not exist here.
struct KernelInterpreter {
  private let kernel: Kernel
  private let memories: [UnsafeMutableRawPointer]
  private let locals: [Buffer]
  private var values: [Scalar?]

  /// Binds `parameters` to the kernel's parameters.
  init(_ kernel: Kernel, _ parameters: [UnsafeMutableRawPointer]) {
    self.kernel = kernel
    locals = kernel.memories.elements.dropFirst(kernel.parameterCount).map {
      Buffer(byteCount: $0.count * $0.type.byteCount)
    }
    memories = parameters + locals.map(\.address)
    values = kernel.values.elements.map { value in
      value.constant.map { $0.scalar(of: value.type) }
    }
  }

  mutating func run() throws { _ = try run(kernel.body) }

  private func value(_ id: Kernel.ValueID) throws -> Scalar {
    guard let value = values[id.index] else {
      throw Diagnostic(.error, "internal error: kernel @\(kernel.name): %\(id) has no value")
    }
    return value
  }

  private func index(_ id: Kernel.ValueID) throws -> Int {
    guard case .int(let value) = try value(id) else { return 0 }
    return Int(value)
  }

  private func isTrue(_ id: Kernel.ValueID) throws -> Bool { try value(id).isTrue }

  private mutating func run(_ block: Kernel.Block) throws -> [Scalar] {
    for instruction in block.instructions {
      let results = try run(instruction)
      for (id, result) in zip(instruction.results, results) { values[id.index] = result }
    }
    return try block.results.map { try value($0) }
  }

  private mutating func run(_ block: Kernel.Block, _ arguments: [Scalar]) throws -> [Scalar] {
    for (id, argument) in zip(block.parameters, arguments) { values[id.index] = argument }
    return try run(block)
  }

  private func place(
    _ memory: Kernel.MemoryID, _ index: Kernel.ValueID
  ) throws -> (UnsafeMutableRawPointer, ElementType) {
    let info = kernel.memories[memory]
    let position = try self.index(index)
    guard position >= 0, position < info.count else {
      throw Diagnostic(
        .error,
        "internal error: kernel @\(kernel.name): index \(position) is outside of %m\(memory), "
          + "which has \(info.count) elements")
    }
    return (memories[memory.index] + position * info.type.byteCount, info.type)
  }

  private mutating func run(_ instruction: Kernel.Instruction) throws -> [Scalar] {
    switch instruction.operation {
    case .unary(let operation, let x):
      return [try ScalarArithmetic.unary(operation, value(x), kernel.type(of: x))]
    case .binary(let operation, let x, let y):
      return [try ScalarArithmetic.binary(operation, value(x), value(y), kernel.type(of: x))]
    case .compare(let comparison, let x, let y):
      return [.bool(ScalarArithmetic.compare(comparison, try value(x), try value(y)))]
    case .select(let c, let x, let y): return [try isTrue(c) ? value(x) : value(y)]
    case .convert(let x):
      let tensor = HostTensor(try value(x), type: kernel.type(of: x))
      return [tensor.converted(to: kernel.type(of: instruction.results[0]))[0]]
    case .bitcast(let x):
      let bits = ScalarBits(try value(x), type: kernel.type(of: x))
      let bytes = bits.bytes(of: kernel.type(of: x))
      let type = kernel.type(of: instruction.results[0])
      return [bytes.withUnsafeBytes { ScalarBits(bytes: $0, type: type).scalar(of: type) }]
    case .load(let memory, let index):
      let (address, type) = try place(memory, index)
      let bytes = UnsafeRawBufferPointer(start: address, count: type.byteCount)
      return [ScalarBits(bytes: bytes, type: type).scalar(of: type)]
    case .store(let memory, let index, let stored):
      let (address, type) = try place(memory, index)
      let bytes = ScalarBits(try value(stored), type: type).bytes(of: type)
      bytes.withUnsafeBytes { address.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
      return []
    case .update(let operation, let memory, let index, let operand):
      let (address, type) = try place(memory, index)
      let old = UnsafeRawBufferPointer(start: address, count: type.byteCount)
      let new = try ScalarArithmetic.binary(
        operation, ScalarBits(bytes: old, type: type).scalar(of: type), value(operand), type)
      let bytes = ScalarBits(new, type: type).bytes(of: type)
      bytes.withUnsafeBytes { address.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
      return []
    case .loop(let loop):
      var carried = try loop.initial.map { try value($0) }
      let (lower, upper) = (try index(loop.lower), try index(loop.upper))
      var position = lower
      while position < upper {
        carried = try run(loop.body, [.int(Int64(position))] + carried)
        position += 1
      }
      return carried
    case .reduce(let reduction):
      var accumulators = try reduction.initial.map { try value($0) }
      let (lower, upper) = (try index(reduction.lower), try index(reduction.upper))
      var position = lower
      while position < upper {
        let new = try run(reduction.body, [.int(Int64(position))])
        accumulators = try run(reduction.combine, accumulators + new)
        position += 1
      }
      return accumulators
    case .branch(let branch):
      return try run(try isTrue(branch.condition) ? branch.then : branch.otherwise)
    case .loopWhile(let loop):
      var carried = try loop.initial.map { try value($0) }
      while try run(loop.condition, carried)[0].isTrue { carried = try run(loop.body, carried) }
      return carried
    }
  }
}
