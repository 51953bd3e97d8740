import Support
import Tensor

// Grid form: a kernel has effects in at most one place, which is a parallel loop if there is one. A
// grid has no barrier, so that what has to wait for all blocks is another kernel.
extension Program {
  /// The same program in grid form.
  ///
  ///     kernel @sum {                            kernel @sum_0 {
  ///       for %0 in 0 ..< 64 parallel { … }        for %0 in 0 ..< 64 parallel { … } }
  ///       store %m1[0], …                    →   kernel @sum_1 { store %m1[0], … }
  ///     }
  ///     launch @sum(…)                         launch @sum_0(…); launch @sum_1(…)
  mutating func takeGridForm() {
    let facts = MemoryFacts(self)
    var split = Arena<KernelTag, Kernel>()
    var places: [[(id: KernelID, parameters: [Int])]] = []
    var shared: [[ElementType]] = []
    for id in kernels.ids {
      let (kernel, scalars) = kernels[id].passingScalars(isAlone: facts.isAlone[id.index])
      let isAlone = facts.isAlone[id.index] + scalars.map { _ in true }
      places.append(
        kernel.gridParts(isAlone: isAlone).map { (split.append($0.kernel), $0.parameters) })
      shared.append(scalars)
    }
    // Names end in the number of the kernel.
    for id in split.ids {
      if let end = split[id].name.lastIndex(of: "_") {
        split[id].name = "\(split[id].name[..<end])_\(id.index)"
      }
    }
    kernels = split
    for id in procedures.ids {
      var scalars: [KernelID: [Procedure.BufferID]] = [:]
      func buffers(for kernel: KernelID) -> [Procedure.BufferID] {
        if let known = scalars[kernel] { return known }
        let new = shared[kernel.index].map { procedures[id].addScalar($0) }
        scalars[kernel] = new
        return new
      }
      procedures[id].body = procedures[id].body.mappingSteps { step in
        switch step {
        case .launch(let kernel, var arguments):
          arguments += buffers(for: kernel)
          return places[kernel.index].map { part in
            .launch(part.id, buffers: part.parameters.map { arguments[$0] })
          }
        case .copy, .fill, .library, .call, .loopWhile, .loop, .branch, .host: return [step]
        }
      }
    }
  }
}

extension Procedure {
  /// A scalar in memory of its own at the end of the workspace.
  fileprivate mutating func addScalar(_ type: ElementType) -> BufferID {
    let offset = (workspaceByteCount + 63) / 64 * 64
    workspaceByteCount = offset + 64
    return buffers.append(Buffer(type: type, shape: .scalar, place: .workspace(offset: offset)))
  }
}

extension Kernel {
  /// A part of a kernel, and which of its parameters it takes.
  typealias GridPart = (kernel: Kernel, parameters: [Int])

  /// The kernels in grid form that do, one after the other, what this one does. What several of them
  /// need, each computes for itself; where that would give something else, because memory has
  /// changed meanwhile, the kernel stays whole, and one block runs it.
  func gridParts(isAlone: [Bool]) -> [GridPart] {
    let phases = gridPhases
    guard phases.count > 1, canBeSplit(phases, isAlone) else {
      return [(self, Array(0..<parameterCount))]
    }
    return phases.map { phase in
      var part = self
      part.body.instructions = body.instructions.enumerated()
        .filter { phase.contains($0.offset) || !$0.element.operation.hasEffects }.map(\.element)
      return part.withoutUnused().withoutUnusedMemories()
    }
  }

  /// The kernel with the scalars that several phases need, and that are costly or would be others if
  /// they were computed again, passed through memory.
  ///
  ///     %1 = reduce …                              %1 = reduce …
  ///     for %2 … parallel { … %1 … }        →      store %m2[0], %1
  ///                                                %3 = load %m2[0]
  ///                                                for %2 … parallel { … %3 … }
  ///
  /// - Returns: the kernel, and the types of its new parameters, which follow the others.
  func passingScalars(isAlone: [Bool]) -> (kernel: Kernel, scalars: [ElementType]) {
    let phases = gridPhases
    guard let last = phases.last?.last, phases.count > 1 || gridLoop != nil else {
      return (self, [])
    }
    let needed = phases.map(places(neededBy:))
    let chosen = body.instructions.indices.prefix(last).filter { place in
      let operation = body.instructions[place].operation
      if operation.hasEffects || body.instructions[place].results.isEmpty { return false }
      let users = phases.indices.filter { needed[$0].contains(place) }
      // A grid would compute it in every block.
      let isShared = users.count > 1 || users.contains { isParallel(phases[$0]) }
      return isShared && isCostly(operation) || isOvertaken(place, phases, isAlone)
    }
    if chosen.isEmpty { return (self, []) }
    let types = chosen.flatMap { body.instructions[$0].results.map { type(of: $0) } }
    var result = self
    // Parameters precede locals.
    var places: [MemoryID: MemoryID] = [:]
    result.memories = Arena()
    for id in memories.ids.prefix(parameterCount) { _ = result.memories.append(memories[id]) }
    for type in types {
      _ = result.memories.append(Memory(access: .readWrite, type: type, count: 1))
    }
    for id in memories.ids.dropFirst(parameterCount) {
      places[id] = result.memories.append(memories[id])
    }
    result.body.renameMemories(places)
    let zero = result.values.append(Value(type: .i64, constant: ScalarBits(0)))
    var next = parameterCount
    var renamed: [ValueID: ValueID] = [:]
    var instructions: [Instruction] = []
    for (place, var instruction) in result.body.instructions.enumerated() {
      instruction.renameValues(renamed)
      instructions.append(instruction)
      guard chosen.contains(place) else { continue }
      for id in instruction.results {
        let memory = MemoryID(next)
        next += 1
        instructions.append(
          Instruction(.store(memory, index: zero, value: id), results: .none))
        let loaded = result.values.append(Value(type: type(of: id)))
        instructions.append(
          Instruction(.load(memory, index: zero), results: Results(first: loaded, count: 1)))
        renamed[id] = loaded
      }
    }
    result.body.instructions = instructions
    return (result, types)
  }

  private func isParallel(_ phase: [Int]) -> Bool {
    phase.contains {
      if case .loop(let loop) = body.instructions[$0].operation {
        loop.kind.isParallel
      } else {
        false
      }
    }
  }

  /// Does the operation have loops of many iterations?
  private func isCostly(_ operation: Operation) -> Bool {
    switch operation {
    case .reduce(let reduction): (tripCount(reduction.lower, reduction.upper) ?? .max) >= 64
    case .loop(let loop): (tripCount(loop.lower, loop.upper) ?? .max) >= 64
    case .loopWhile: true
    case .branch: operation.blocks.contains { $0.instructions.contains { isCostly($0.operation) } }
    case .unary, .binary, .compare, .select, .convert, .bitcast, .load, .store, .update: false
    }
  }

  /// Does the instruction at `place` read memory that a later one writes?
  private func isOvertaken(_ place: Int, _ phases: [[Int]], _ isAlone: [Bool]) -> Bool {
    let read = touchedMemories(body.instructions[place].operation).filter { !memories[$0].isLocal }
    if read.isEmpty || phases.count < 2 { return false }
    return phases.joined().contains { other in
      guard other > place else { return false }
      let stored = touchedMemories(body.instructions[other].operation, storesOnly: true)
      return !stored.isDisjoint(with: read)
        || read.contains { !isAlone[$0.index] }
          && stored.contains { !memories[$0].isLocal && !isAlone[$0.index] }
    }
  }

  /// The places of the instructions with effects: parallel loops, each by itself, and what is
  /// between them.
  private var gridPhases: [[Int]] {
    var phases: [[Int]] = []
    var isOpen = false
    for (place, instruction) in body.instructions.enumerated()
    where instruction.operation.hasEffects {
      if case .loop(let loop) = instruction.operation, loop.kind.isParallel {
        phases.append([place])
        isOpen = false
      } else if isOpen {
        phases[phases.count - 1].append(place)
      } else {
        phases.append([place])
        isOpen = true
      }
    }
    return phases
  }

  /// `true` iff what phases share can be computed again in each: it reads no memory that an earlier
  /// phase, but a later instruction, writes; and no local memory outlives its phase.
  private func canBeSplit(_ phases: [[Int]], _ isAlone: [Bool]) -> Bool {
    var locals: [MemoryID: Int] = [:]
    for (number, phase) in phases.enumerated() {
      for place in phase {
        for memory in touchedMemories(body.instructions[place].operation)
        where memories[memory].isLocal {
          if locals.updateValue(number, forKey: memory) ?? number != number { return false }
        }
      }
    }
    for (number, phase) in phases.enumerated() where number > 0 {
      let needed = places(neededBy: phase)
      if needed.contains(where: { body.instructions[$0].operation.hasEffects }) { return false }
      let written = phases[..<number].joined()
      for place in needed {
        for memory in touchedMemories(body.instructions[place].operation) {
          if memories[memory].isLocal { return false }
          for other in written where other > place {
            let stored = touchedMemories(body.instructions[other].operation, storesOnly: true)
            let mayOverlap = !isAlone[memory.index]
            if stored.contains(memory)
              || mayOverlap
                && stored.contains(where: { !memories[$0].isLocal && !isAlone[$0.index] })
            {
              return false
            }
          }
        }
      }
    }
    return true
  }

  /// The instructions that define what those at `phase` need, at any distance.
  private func places(neededBy phase: [Int]) -> Set<Int> {
    var results: [ValueID: Int] = [:]
    for (place, instruction) in body.instructions.enumerated() {
      for id in instruction.results { results[id] = place }
    }
    var needed: Set<Int> = []
    var pending = phase
    while let place = pending.popLast() {
      for id in usedValues(body.instructions[place]) {
        if let definition = results[id], needed.insert(definition).inserted {
          pending.append(definition)
        }
      }
    }
    return needed
  }

  private func usedValues(_ instruction: Instruction) -> [ValueID] {
    instruction.operation.operands + instruction.operation.blocks.flatMap { freeValues(of: $0) }
  }

  /// The memories that an operation loads from or stores to.
  func touchedMemories(_ operation: Operation, storesOnly: Bool = false) -> Set<MemoryID> {
    if let access = operation.access {
      return access.isStore || !storesOnly ? [access.memory] : []
    }
    return operation.blocks.reduce(into: []) { found, block in
      for instruction in block.instructions {
        found.formUnion(touchedMemories(instruction.operation, storesOnly: storesOnly))
      }
    }
  }

  /// The kernel without memories that it does not touch.
  private func withoutUnusedMemories() -> GridPart {
    var used: Set<MemoryID> = []
    for instruction in body.instructions { used.formUnion(touchedMemories(instruction.operation)) }
    var result = self
    result.memories = Arena()
    var places: [MemoryID: MemoryID] = [:]
    for id in memories.ids where used.contains(id) {
      places[id] = result.memories.append(memories[id])
    }
    result.body.renameMemories(places)
    return (result, (0..<parameterCount).filter { used.contains(MemoryID($0)) })
  }
}

extension Kernel.Block {
  /// Loads from and stores to other memories.
  mutating func renameMemories(_ places: [Kernel.MemoryID: Kernel.MemoryID]) {
    for number in instructions.indices {
      switch instructions[number].operation {
      case .load(let memory, let index):
        instructions[number].operation = .load(places[memory] ?? memory, index: index)
      case .store(let memory, let index, let value):
        instructions[number].operation = .store(
          places[memory] ?? memory, index: index, value: value)
      case .update(let operation, let memory, let index, let value):
        instructions[number].operation = .update(
          operation, places[memory] ?? memory, index: index, value: value)
      case .loop(var loop):
        loop.body.renameMemories(places)
        instructions[number].operation = .loop(loop)
      case .reduce(var reduction):
        reduction.body.renameMemories(places)
        instructions[number].operation = .reduce(reduction)
      case .branch(var branch):
        branch.then.renameMemories(places)
        branch.otherwise.renameMemories(places)
        instructions[number].operation = .branch(branch)
      case .loopWhile(var loop):
        loop.condition.renameMemories(places)
        loop.body.renameMemories(places)
        instructions[number].operation = .loopWhile(loop)
      case .unary, .binary, .compare, .select, .convert, .bitcast: break
      }
    }
  }
}

extension Kernel.Instruction {
  /// Uses other values, in its blocks too.
  fileprivate mutating func renameValues(_ names: [Kernel.ValueID: Kernel.ValueID]) {
    if names.isEmpty { return }
    operation.mapOperands { names[$0] ?? $0 }
  }
}

extension Kernel.Operation {
  /// Replaces the values that the operation and its blocks use.
  mutating func mapOperands(_ map: (Kernel.ValueID) -> Kernel.ValueID) {
    func block(_ block: Kernel.Block) -> Kernel.Block {
      var block = block
      for number in block.instructions.indices {
        block.instructions[number].operation.mapOperands(map)
      }
      block.results = block.results.map(map)
      return block
    }
    switch self {
    case .unary(let op, let x): self = .unary(op, map(x))
    case .binary(let op, let x, let y): self = .binary(op, map(x), map(y))
    case .compare(let op, let x, let y): self = .compare(op, map(x), map(y))
    case .select(let c, let x, let y): self = .select(map(c), map(x), map(y))
    case .convert(let x): self = .convert(map(x))
    case .bitcast(let x): self = .bitcast(map(x))
    case .load(let memory, let index): self = .load(memory, index: map(index))
    case .store(let memory, let index, let value):
      self = .store(memory, index: map(index), value: map(value))
    case .update(let op, let memory, let index, let value):
      self = .update(op, memory, index: map(index), value: map(value))
    case .loop(var loop):
      (loop.lower, loop.upper) = (map(loop.lower), map(loop.upper))
      loop.initial = loop.initial.map(map)
      loop.body = block(loop.body)
      self = .loop(loop)
    case .reduce(var reduction):
      (reduction.lower, reduction.upper) = (map(reduction.lower), map(reduction.upper))
      reduction.initial = reduction.initial.map(map)
      reduction.identity = reduction.identity.map(map)
      reduction.body = block(reduction.body)
      reduction.combine = block(reduction.combine)
      self = .reduce(reduction)
    case .branch(var branch):
      branch.condition = map(branch.condition)
      branch.then = block(branch.then)
      branch.otherwise = block(branch.otherwise)
      self = .branch(branch)
    case .loopWhile(var loop):
      loop.initial = loop.initial.map(map)
      loop.condition = block(loop.condition)
      loop.body = block(loop.body)
      self = .loopWhile(loop)
    }
  }
}
