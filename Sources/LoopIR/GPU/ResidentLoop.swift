import Support
import Tensor

/// A loop of steps as one kernel, which runs from the first iteration to the last: the host is not
/// asked whether there is another one.
///
///     while { launch @test(%b0, %b1) }          launch @loop(%b0, %b1)
///     %b1 do { launch @step(%b0) }         →      while { …; load %m1[0] } do { … }
///
/// Where an iteration is little work, one block does it: parallel loops become loops that its threads
/// share. Of more work, which is one kernel, each parallel loop is shared by all blocks of a grid,
/// which wait for each other after it: see `GridPlan.Mode.wholeGrid`. Anything else stays as it is.
struct ResidentLoop {
  private(set) var kernel: Kernel
  /// What the kernel is launched on.
  private(set) var buffers: [Procedure.BufferID] = []

  /// What one iteration of one block may cost: see `Kernel.cost`. A thousand threads do that in a few
  /// microseconds.
  private static let mostCost = 1 << 18
  /// The local memory of all kernels together, in bytes: it is shared memory of the block.
  private static let mostLocalBytes = 32_768
  /// What is less work than this counts for nothing.
  private static let leastCost = 256.0
  /// The kernels that may tell whether the loop goes on, where all blocks run it.
  private static let mostTests = 3

  private let procedure: Procedure
  private let program: Program
  private let builder = KernelBuilder(name: "")
  private var parameters: KernelParameters
  private var isOneBlock = true
  private var cost = 0.0
  private var localBytes = 0

  /// `nil` where the loop does more than a kernel should, or something that none does.
  ///
  /// - Parameter hasCount: is it known how often it runs? The host then launches what one block cannot
  ///   do, and asks nobody.
  init?(
    condition: [Step], predicate: Procedure.BufferID, body: [Step], hasCount: Bool,
    in procedure: Procedure, of program: Program
  ) {
    kernel = Kernel(name: "")
    self.procedure = procedure
    self.program = program
    var touched = Touched(reads: [predicate])
    for step in condition + body {
      guard touched.add(step, procedure, program) else { return nil }
    }
    parameters = KernelParameters(
      builder, procedure, reads: touched.reads, writes: touched.writes)
    for step in condition + body { measure(step) }
    if cost > Double(Self.mostCost) || localBytes > Self.mostLocalBytes {
      guard !hasCount, launches(condition) <= Self.mostTests, launches(body) == 1 else {
        return nil
      }
      isOneBlock = false
    }
    _ = builder.loopWhile(
      carrying: [],
      condition: { _ in
        for step in condition { emit(step) }
        return builder.load(parameters[predicate], at: builder.index(0))
      },
      body: { _ in
        for step in body { emit(step) }
        return []
      })
    kernel = builder.finish().withoutUnused()
    buffers = parameters.buffers
    if !isOneBlock, !kernel.isForWholeGrid || kernel.sharedBytes > Self.mostLocalBytes {
      return nil
    }
  }

  /// The kernels that the steps launch, apart from those for a few numbers, such as a counter.
  private func launches(_ steps: [Step]) -> Int {
    steps.reduce(0) { count, step in
      switch step {
      case .launch(let id, _):
        let kernel = program.kernels[id]
        return kernel.cost(of: kernel.body, lanes: 1) > Self.leastCost ? count + 1 : count
      case .copy, .fill: return count
      // Not one kernel.
      case .branch, .library, .call, .loopWhile, .loop, .host: return count + Self.mostTests + 1
      }
    }
  }

  /// The buffers that steps read and write.
  private struct Touched {
    var reads: [Procedure.BufferID]
    var writes: [Procedure.BufferID] = []

    /// `false` for a step that no kernel does.
    mutating func add(_ step: Step, _ procedure: Procedure, _ program: Program) -> Bool {
      reads += program.buffersRead(step)
      writes += program.buffersWritten(step)
      switch step {
      case .launch, .fill: return true
      case .copy(let source, let destination):
        // Element by element.
        return procedure.buffers[source].type == procedure.buffers[destination].type
      case .branch(let index, let cases):
        reads.append(index)
        for step in cases.joined() {
          if !add(step, procedure, program) { return false }
        }
        return true
      case .library, .call, .loopWhile, .loop, .host: return false
      }
    }
  }

  private mutating func measure(_ step: Step) {
    switch step {
    case .launch(let id, _):
      let kernel = program.kernels[id]
      // What is not parallel, one block does anyway.
      if kernel.isParallel { cost += kernel.cost(of: kernel.body, lanes: 1) }
      localBytes += kernel.memories.elements.reduce(0) {
        $0 + ($1.isLocal ? $1.count * $1.type.byteCount : 0)
      }
    case .copy(_, let buffer), .fill(let buffer, _):
      let info = procedure.buffers[buffer]
      cost += Double(info.byteCount)
    case .branch(_, let cases):
      for step in cases.joined() { measure(step) }
    case .library, .call, .loopWhile, .loop, .host: break
    }
  }

  // MARK: The kernel

  private func emit(_ step: Step) {
    switch step {
    case .launch(let id, let launched):
      let kernel = program.kernels[id]
      let memories = kernel.memories.ids.map { id in
        id.index < launched.count
          ? parameters[launched[id.index]]
          : builder.local(kernel.memories[id].type, count: kernel.memories[id].count)
      }
      builder.inline(kernel, on: memories) { loop in
        if !isOneBlock { return loop.kind }
        return switch loop.kind {
        case .sequential, .vector: loop.kind
        case .parallelVector: .vector
        // Its threads share what is inside; each iteration has the local memory to itself.
        case .parallel: kernel.isShared(loop.body) ? .sequential : .vector
        }
      }
    case .copy(let source, let destination):
      each(procedure.buffers[destination].shape.count) { element in
        builder.store(
          builder.load(parameters[source], at: element), to: parameters[destination], at: element)
      }
    case .fill(let buffer, let bits):
      let info = procedure.buffers[buffer]
      each(info.shape.count) { element in
        builder.store(builder.constant(info.type, bits), to: parameters[buffer], at: element)
      }
    case .branch(let index, let cases):
      let number = builder.load(parameters[index], at: builder.index(0))
      emit(cases, at: builder.convert(number, to: .i64))
    case .library, .call, .loopWhile, .loop, .host: break
    }
  }

  private func each(_ count: Int, _ body: (Kernel.ValueID) -> Void) {
    builder.loop(
      from: builder.index(0), to: builder.index(count),
      kind: isOneBlock ? .vector : .parallelVector, body: body)
  }

  /// The last case stands for every number that has none.
  private func emit(_ cases: [[Step]], at number: Kernel.ValueID, from first: Int = 0) {
    func run() -> [Kernel.ValueID] {
      for step in cases[first] { emit(step) }
      return []
    }
    if first >= cases.count - 1 {
      _ = cases.isEmpty ? [] : run()
      return
    }
    _ = builder.branch(
      builder.compare(.equal, number, builder.index(first)), then: run,
      otherwise: {
        emit(cases, at: number, from: first + 1)
        return []
      })
  }
}

extension Kernel {
  /// The bytes of the local memory that no thread has a part of for itself.
  fileprivate var sharedBytes: Int {
    let own = ThreadMemory(self, in: residentLoops.map(\.body)).divisions
    return memories.ids.reduce(0) { bytes, id in
      let memory = memories[id]
      return memory.isLocal && own[id] == nil
        ? bytes + memory.count * memory.type.byteCount : bytes
    }
  }

  fileprivate var isParallel: Bool {
    body.instructions.contains {
      guard case .loop(let loop) = $0.operation else { return false }
      return loop.kind.isParallel
    }
  }

  /// Is there something in `block` that the threads of a block share, or memory that an iteration has
  /// for itself?
  fileprivate func isShared(_ block: Block) -> Bool {
    block.instructions.contains { instruction in
      switch instruction.operation {
      case .load(let memory, _), .store(let memory, _, _), .update(_, let memory, _, _):
        memories[memory].isLocal
      case .loop(let loop): loop.kind != .sequential || isShared(loop.body)
      case .reduce: true
      case .branch, .loopWhile: instruction.operation.blocks.contains(where: isShared)
      case .unary, .binary, .compare, .select, .convert, .bitcast: false
      }
    }
  }
}
