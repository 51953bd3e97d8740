import Tensor

/// A loop of steps turned inside out: where every iteration computes the elements of arrays from
/// their own old values alone, each element runs through all iterations by itself, in registers.
///
///     while … { launch @step(%x) }        @step:  for i parallel { x[i] = f(x[i]) }
///     →   launch @steps(%x)               @steps: for i parallel {
///                                           r = x[i]; for 17 times { r = f(r) }; x[i] = r }
///
/// What computes scalars, the counter above all, is repeated for each element where that needs it,
/// and also stays in the loop.
struct LoopInterchange {
  /// The kernel for all iterations, and the buffers to launch it on.
  private(set) var kernel: Kernel
  private(set) var buffers: [Procedure.BufferID] = []
  /// What stays in the loop: steps on scalars.
  private(set) var rest: [Step] = []
  /// The kernels that the new one does the work of.
  private(set) var replaced: Set<Program.KernelID> = []

  /// Where a buffer is: buffers in the same place are one variable.
  private struct Place: Hashable {
    var root: Procedure.Root
    var offset: Int
    var byteCount: Int

    func overlaps(_ other: Place) -> Bool {
      root == other.root && offset < other.offset + other.byteCount
        && other.offset < offset + byteCount
    }
  }

  /// A variable that the loop changes.
  private struct Variable {
    var type: ElementType
    var count: Int
    /// Does it live from iteration to iteration?
    var isCarried = false
    var buffer: Procedure.BufferID
  }

  private let program: Program
  private let procedure: Procedure
  private var variables: [Place: Variable] = [:]
  /// The elements of the arrays.
  private var count = 1

  /// - Parameters:
  ///   - body: what `iterations` iterations do each.
  ///   - condition: what decides whether there is another one.
  ///   - carried: the buffers that hold the loop's results.
  init?(
    _ body: [Step], condition: [Step], iterations: Int, carried: [Procedure.BufferID],
    in procedure: Procedure, of program: Program
  ) {
    guard iterations >= 2, procedure.donations.isEmpty, body.count <= 64 else { return nil }
    self.program = program
    self.procedure = procedure
    kernel = Kernel(name: "")
    guard findVariables(body) else { return nil }
    for buffer in carried { variables[place(buffer)]?.isCarried = true }
    var vectorSteps: [Step] = []
    for step in body {
      guard let isVector = isVector(step) else { return nil }
      if isVector { vectorSteps.append(step) } else { rest.append(step) }
    }
    guard count > 1, !vectorSteps.isEmpty, isIndependent(condition, of: body) else { return nil }
    let needed = neededScalars(vectorSteps)
    let chosen = body.filter { step in
      isVector(step) == true || program.buffersWritten(step).contains { needed.contains(place($0)) }
    }
    guard let kernel = emit(chosen, needed, iterations) else { return nil }
    self.kernel = kernel
    for case .launch(let id, _) in vectorSteps { replaced.insert(id) }
  }

  // MARK: What the loop changes

  private func place(_ buffer: Procedure.BufferID) -> Place {
    let extent = procedure.extent(of: buffer)
    return Place(root: extent.root, offset: extent.offset, byteCount: extent.byteCount)
  }

  /// Collects what is written; `false` where places overlap without being the same, or arrays differ
  /// in size.
  private mutating func findVariables(_ body: [Step]) -> Bool {
    for buffer in body.flatMap(program.buffersWritten) {
      let info = procedure.buffers[buffer]
      let place = place(buffer)
      if let known = variables[place] {
        if known.type != info.type { return false }
        continue
      }
      if info.shape.count > 1 {
        if count > 1 && count != info.shape.count { return false }
        count = info.shape.count
      }
      variables[place] = Variable(type: info.type, count: info.shape.count, buffer: buffer)
    }
    for buffer in body.flatMap({ program.buffersRead($0) + program.buffersWritten($0) }) {
      let own = place(buffer)
      for (other, variable) in variables where own != other || variable.type != type(buffer) {
        if own.overlaps(other) { return false }
      }
    }
    return true
  }

  /// Does the condition neither read the arrays nor write what the body reads or keeps? It may write
  /// where the body puts what it needs for a moment only.
  private func isIndependent(_ condition: [Step], of body: [Step]) -> Bool {
    for step in condition {
      switch step {
      case .launch, .copy, .fill: break
      case .library, .call, .loopWhile, .loop, .branch, .host: return false
      }
    }
    let kept = variables.filter { $0.value.isCarried }.map(\.key)
    let constant = body.flatMap(program.buffersRead).map(place).filter { variables[$0] == nil }
    let arrays = variables.filter { $0.value.count > 1 }.map(\.key)
    return condition.flatMap(program.buffersWritten).map(place).allSatisfy { place in
      !(kept + constant).contains { $0.overlaps(place) }
    }
      && condition.flatMap(program.buffersRead).map(place).allSatisfy { place in
        !arrays.contains { $0.overlaps(place) }
      }
  }

  private func type(_ buffer: Procedure.BufferID) -> ElementType { procedure.buffers[buffer].type }

  /// Does the step work on arrays element by element, or on scalars? `nil` for any other step.
  private func isVector(_ step: Step) -> Bool? {
    switch step {
    case .launch(let id, let buffers):
      return isVector(program.kernels[id], buffers)
    case .copy(let source, let destination):
      let size = procedure.buffers[destination].shape.count
      guard procedure.buffers[source].type == type(destination) else { return nil }
      return size > 1
    case .fill(let buffer, _): return procedure.buffers[buffer].shape.count > 1
    case .library, .call, .loopWhile, .loop, .branch, .host: return nil
    }
  }

  private func isVector(_ kernel: Kernel, _ buffers: [Procedure.BufferID]) -> Bool? {
    let sizes = buffers.map { variables[place($0)]?.count }
    /// Do the instructions reach variables only where `index` says?
    func isPlain(_ instructions: ArraySlice<Kernel.Instruction>, at index: Kernel.ValueID?) -> Bool
    {
      instructions.allSatisfy { instruction in
        func reaches(_ memory: Kernel.MemoryID, _ place: Kernel.ValueID) -> Bool {
          guard memory.index < sizes.count else { return false }
          guard let size = sizes[memory.index] else { return true }
          return size == 1 ? kernel[place].constant?.real == 0 : place == index
        }
        switch instruction.operation {
        case .unary, .binary, .compare, .select, .convert, .bitcast: return true
        case .load(let memory, let place): return reaches(memory, place)
        case .store(let memory, let place, _):
          let isScalar = memory.index < sizes.count && sizes[memory.index] == 1
          return reaches(memory, place) && isScalar == (index == nil)
        case .update, .loop, .reduce, .branch, .loopWhile: return false
        }
      }
    }
    let instructions = kernel.body.instructions
    guard case .loop(let loop)? = instructions.last?.operation else {
      return isPlain(instructions[...], at: nil) ? false : nil
    }
    guard loop.kind.isParallel, loop.initial.isEmpty,
      kernel[loop.lower].constant?.real == 0,
      kernel[loop.upper].constant?.real == UInt64(count),
      instructions.dropLast().allSatisfy({
        if case .store = $0.operation { false } else { true }
      }),
      isPlain(instructions.dropLast(), at: nil),
      isPlain(loop.body.instructions[...], at: loop.body.parameters[0])
    else { return nil }
    return true
  }

  /// The scalars that the elements depend on.
  private func neededScalars(_ vectorSteps: [Step]) -> Set<Place> {
    func scalars(_ step: Step) -> [Place] {
      program.buffersRead(step).map(place).filter { variables[$0]?.count == 1 }
    }
    var needed = Set(vectorSteps.flatMap(scalars))
    while true {
      let before = needed.count
      for step in rest
      where program.buffersWritten(step).contains(where: { needed.contains(place($0)) }) {
        needed.formUnion(scalars(step))
      }
      if needed.count == before { return needed }
    }
  }

  // MARK: The kernel

  /// The kernel that runs `steps` again and again for each element; `nil` where a step reads a
  /// variable that has no value yet.
  private mutating func emit(
    _ steps: [Step], _ needed: Set<Place>, _ iterations: Int
  ) -> Kernel? {
    let builder = KernelBuilder(name: "")
    let carried = variables.filter { place, variable in
      variable.isCarried && (variable.count > 1 || needed.contains(place))
    }.sorted { $0.value.buffer < $1.value.buffer }
    var memories: [Procedure.BufferID: Kernel.MemoryID] = [:]
    var launched: [Procedure.BufferID] = []
    let targets = carried.map { _, variable in
      launched.append(variable.buffer)
      return builder.parameter(
        variable.type, count: variable.count, access: variable.count > 1 ? .readWrite : .read)
    }
    // Everything else is only read.
    for buffer in steps.flatMap(program.buffersRead) where memories[buffer] == nil {
      if variables[place(buffer)] != nil { continue }
      let info = procedure.buffers[buffer]
      memories[buffer] = builder.parameter(info.type, count: info.shape.count, access: .read)
      launched.append(buffer)
    }
    var isDefined = true
    builder.loop(from: builder.index(0), to: builder.index(count), kind: .parallelVector) {
      element in
      let initial = zip(carried, targets).map { variable, memory in
        builder.load(memory, at: variable.value.count > 1 ? element : builder.index(0))
      }
      let last = builder.loop(
        from: builder.index(0), to: builder.index(iterations), carrying: initial
      ) { _, values in
        var current: [Place: Kernel.ValueID] = [:]
        for (variable, value) in zip(carried, values) { current[variable.key] = value }
        for step in steps where isDefined {
          isDefined = self.emit(step, element, &current, memories, builder)
        }
        return zip(carried, values).map { current[$0.key] ?? $1 }
      }
      for ((_, variable), (memory, value)) in zip(carried, zip(targets, last))
      where variable.count > 1 {
        builder.store(value, to: memory, at: element)
      }
    }
    guard isDefined else { return nil }
    buffers = launched
    return builder.finish()
  }

  /// One step for one element; `false` if it needs a value that is not there.
  private func emit(
    _ step: Step, _ element: Kernel.ValueID, _ current: inout [Place: Kernel.ValueID],
    _ memories: [Procedure.BufferID: Kernel.MemoryID], _ builder: KernelBuilder
  ) -> Bool {
    switch step {
    case .launch(let id, let buffers):
      let kernel = program.kernels[id]
      var values: [Kernel.ValueID: Kernel.ValueID] = [:]
      func value(_ id: Kernel.ValueID) -> Kernel.ValueID {
        if let bits = kernel[id].constant { return builder.constant(kernel.type(of: id), bits) }
        return values[id] ?? id
      }
      func emit(_ instructions: ArraySlice<Kernel.Instruction>) -> Bool {
        for instruction in instructions {
          let result: Kernel.ValueID
          switch instruction.operation {
          case .unary, .binary, .compare, .select, .convert, .bitcast:
            result = builder.scalar(instruction, of: kernel, value)
          case .load(let memory, let index):
            let buffer = buffers[memory.index]
            if variables[place(buffer)] != nil {
              guard let known = current[place(buffer)] else { return false }
              result = known
            } else {
              guard let memory = memories[buffer] else { return false }
              result = builder.load(memory, at: value(index))
            }
          case .store(let memory, _, let stored):
            current[place(buffers[memory.index])] = value(stored)
            continue
          case .loop(let loop):
            values[loop.body.parameters[0]] = element
            if !emit(loop.body.instructions[...]) { return false }
            continue
          case .update, .reduce, .branch, .loopWhile: return false
          }
          values[instruction.results[0]] = result
        }
        return true
      }
      return emit(kernel.body.instructions[...])
    case .copy(let source, let destination):
      if variables[place(source)] != nil {
        guard let known = current[place(source)] else { return false }
        current[place(destination)] = known
      } else {
        guard let memory = memories[source] else { return false }
        let isArray = procedure.buffers[destination].shape.count > 1
        current[place(destination)] = builder.load(
          memory, at: isArray ? element : builder.index(0))
      }
      return true
    case .fill(let buffer, let bits):
      current[place(buffer)] = builder.constant(type(buffer), bits)
      return true
    case .library, .call, .loopWhile, .loop, .branch, .host: return false
    }
  }
}
