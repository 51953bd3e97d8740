import HLO
import LoopIR
import Passes
import Support

/// What a compiled function consists of: its steps with their work, and its memory.
struct Inspection {
  let name: String
  var steps: [Step] = []
  var memory: [Memory] = []
  /// The work of all steps: of a loop, of one iteration.
  let cost: Cost

  /// One kernel, one call of a library, or one loop or branch with steps inside.
  struct Step {
    var depth: Int
    var times: ClosedRange<Int>
    /// `@multiply_0`, or the operation.
    var title: String
    var kind: String
    /// `nil` for loops and branches, whose steps follow.
    var cost: Cost?
    /// The operations that it computes, in order.
    var operations: [(name: String, location: Location)] = []
  }

  /// Memory that arrays share one after the other.
  struct Memory {
    var place: String
    var byteCount: Int
    var lifetime: ClosedRange<Int>
    /// The types of the arrays that live there.
    var types: [TensorType]
  }

  /// Inspects the entry of an optimised module.
  init(_ module: Module) throws {
    let schedule = try Schedule(module)
    name = module.name ?? schedule.function.name
    cost = module.cost
    collectSteps(schedule.function.body, 0, schedule, module)
    collectMemory(schedule)
  }

  // MARK: Steps

  private mutating func collectSteps(
    _ region: RegionID, _ depth: Int, _ schedule: Schedule, _ module: Module
  ) {
    let function = schedule.function
    for id in function.regions[region].operations {
      let operation = function.operations[id]
      var step = Step(
        depth: depth, times: schedule.assignment.times[id.index], title: operation.op.shortName,
        kind: "library call")
      switch operation.op {
      case .while:
        step.kind = "loop"
        steps.append(step)
        for inner in operation.regions { collectSteps(inner, depth + 1, schedule, module) }
        continue
      case .if, .case:
        step.kind = "branch"
        steps.append(step)
        for inner in operation.regions { collectSteps(inner, depth + 1, schedule, module) }
        continue
      case .return, .constant, .reshape, .bitcastConvert, .optimizationBarrier,
        .shardingConstraint, .afterAll, .createToken:
        continue
      default: break
      }
      if let kernel = schedule.kernels[id] {
        step.title = "@" + schedule.program.kernels[kernel].name
        step.kind = "kernel"
      }
      if case .fusion(let kind) = operation.op { step.kind = "\(kind.rawValue) fusion" }
      step.cost = module.cost(of: id, in: function)
      step.operations = fused(id, in: function)
      steps.append(step)
    }
  }

  private func fused(
    _ id: OperationID, in function: Function
  ) -> [(name: String, location: Location)] {
    guard case .fusion = function.operations[id].op else {
      return [(function.operations[id].op.shortName, function.locations[id])]
    }
    return function.regions[function.operations[id].regions[0]].operations.compactMap { inner in
      let op = function.operations[inner].op
      switch op {
      case .return, .constant: return nil
      default: return (op.shortName, function.locations[inner])
      }
    }
  }

  // MARK: Memory

  private mutating func collectMemory(_ schedule: Schedule) {
    let assignment = schedule.assignment
    var types = [[TensorType]](repeating: [], count: assignment.slots.count)
    for index in assignment.slotOfValue.indices {
      guard let slot = assignment.slotOfValue[index],
        let type = schedule.function.type(of: ValueID(index)).tensor,
        !types[slot.index].contains(type)
      else { continue }
      types[slot.index].append(type)
    }
    for (index, slot) in assignment.slots.elements.enumerated() {
      let place =
        switch slot.place {
        case .argument(let number): "argument \(number)"
        case .result(let number): "result \(number)"
        case .constant: "constant"
        case .workspace(let offset): "workspace + \(offset)"
        }
      memory.append(
        Memory(
          place: place, byteCount: slot.byteCount, lifetime: slot.lifetime, types: types[index]))
    }
    figures = MemoryFigures(schedule)
  }

  /// How much memory the function takes.
  private(set) var figures = MemoryFigures()
}

/// The memory of a compiled function, in bytes.
struct MemoryFigures {
  var arguments = 0
  var results = 0
  var constants = 0
  var workspace = 0

  init() {}

  init(_ schedule: Schedule) {
    func bytes(_ types: [ValueType]) -> Int {
      types.compactMap(\.tensor).reduce(0) { $0 + $1.count * $1.element.byteCount }
    }
    arguments = bytes(schedule.function.argumentTypes)
    results = bytes(schedule.function.resultTypes)
    constants = schedule.program.constants.elements.reduce(0) { $0 + $1.bytes.count }
    workspace = schedule.program.workspaceByteCount(of: schedule.program.entry)
  }

  /// What the function has in memory at once, at most.
  var peak: Int { arguments + results + constants + workspace }
}

extension Op {
  /// The mnemonic without its dialect.
  var shortName: String { mnemonic.split(separator: ".").last.map(String.init) ?? mnemonic }
}
