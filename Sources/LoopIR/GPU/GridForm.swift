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
    for id in kernels.ids {
      let parts = kernels[id].gridParts(isAlone: facts.isAlone[id.index])
      places.append(
        parts.map { part in
          var kernel = part.kernel
          if parts.count > 1 {
            let base = kernel.name.lastIndex(of: "_").map { kernel.name[..<$0] } ?? "\(kernel.name)"
            kernel.name = "\(base)_\(split.count)"
          }
          return (split.append(kernel), part.parameters)
        })
    }
    // Names end in the number of the kernel.
    for id in split.ids {
      if let end = split[id].name.lastIndex(of: "_") {
        split[id].name = "\(split[id].name[..<end])_\(id.index)"
      }
    }
    kernels = split
    for id in procedures.ids {
      procedures[id].body = procedures[id].body.mappingSteps { step in
        switch step {
        case .launch(let kernel, let buffers):
          return places[kernel.index].map { part in
            .launch(part.id, buffers: part.parameters.map { buffers[$0] })
          }
        case .library(var call):
          if case .sort(var sort) = call.routine, case .comparator(let kernel) = sort.order {
            sort.order = .comparator(places[kernel.index][0].id)
            call.routine = .sort(sort)
          }
          return [.library(call)]
        case .copy, .fill, .call, .loopWhile, .loop, .branch, .host: return [step]
        }
      }
    }
  }
}

extension [Step] {
  /// The steps with each that holds no others replaced, inner ones too.
  func mappingSteps(_ transform: (Step) throws -> [Step]) rethrows -> [Step] {
    try flatMap { step -> [Step] in
      switch step {
      case .loopWhile(let condition, let predicate, let body):
        return [
          .loopWhile(
            condition: try condition.mappingSteps(transform), predicate: predicate,
            body: try body.mappingSteps(transform))
        ]
      case .loop(let counter, let count, let body):
        return [.loop(counter: counter, count: count, body: try body.mappingSteps(transform))]
      case .branch(let index, let cases):
        return [.branch(index: index, cases: try cases.map { try $0.mappingSteps(transform) })]
      case .launch, .copy, .fill, .library, .call, .host: return try transform(step)
      }
    }
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
    var results: [ValueID: Int] = [:]
    for (place, instruction) in body.instructions.enumerated() {
      for id in instruction.results { results[id] = place }
    }
    for (number, phase) in phases.enumerated() where number > 0 {
      // Everything that the phase needs, at any distance.
      var needed: Set<Int> = []
      var pending = phase
      while let place = pending.popLast() {
        for id in usedValues(body.instructions[place]) {
          guard let definition = results[id], needed.insert(definition).inserted else { continue }
          if body.instructions[definition].operation.hasEffects { return false }
          pending.append(definition)
        }
      }
      let written = phases[..<number].joined()
      for place in needed {
        for memory in touchedMemories(body.instructions[place].operation) {
          if memories[memory].isLocal { return false }
          for other in written where other > place {
            let stored = touchedMemories(body.instructions[other].operation, storesOnly: true)
            let mayOverlap = !isAlone[memory.index]
            if stored.contains(memory)
              || mayOverlap && stored.contains(where: { !isAlone[$0.index] })
            {
              return false
            }
          }
        }
      }
    }
    return true
  }

  private func usedValues(_ instruction: Instruction) -> [ValueID] {
    instruction.operation.operands + instruction.operation.blocks.flatMap { freeValues(of: $0) }
  }

  /// The memories that an operation loads from or stores to.
  private func touchedMemories(_ operation: Operation, storesOnly: Bool = false) -> Set<MemoryID> {
    switch operation {
    case .load(let memory, _): return storesOnly ? [] : [memory]
    case .store(let memory, _, _): return [memory]
    default:
      return operation.blocks.reduce(into: []) { found, block in
        for instruction in block.instructions {
          found.formUnion(touchedMemories(instruction.operation, storesOnly: storesOnly))
        }
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
