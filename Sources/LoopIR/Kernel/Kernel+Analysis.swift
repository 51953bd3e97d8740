import Tensor

extension Kernel.Operation {
  /// The memory that the operation itself loads from or stores to.
  public var access: (memory: Kernel.MemoryID, index: Kernel.ValueID, isStore: Bool)? {
    switch self {
    case .load(let memory, let index): (memory, index, false)
    case .store(let memory, let index, _), .update(_, let memory, let index, _):
      (memory, index, true)
    case .unary, .binary, .compare, .select, .convert, .bitcast, .loop, .reduce, .branch,
      .loopWhile:
      nil
    }
  }

  /// The values that the operation itself takes, without those of its blocks.
  public var operands: [Kernel.ValueID] {
    switch self {
    case .unary(_, let x), .convert(let x), .bitcast(let x), .load(_, let x): [x]
    case .binary(_, let x, let y), .compare(_, let x, let y): [x, y]
    case .select(let c, let x, let y): [c, x, y]
    case .store(_, let index, let value), .update(_, _, let index, let value): [index, value]
    case .loop(let loop): [loop.lower, loop.upper] + loop.initial
    case .reduce(let r): [r.lower, r.upper] + r.initial + r.identity
    case .branch(let branch): [branch.condition]
    case .loopWhile(let loop): loop.initial
    }
  }

  /// The blocks that the operation owns.
  public var blocks: [Kernel.Block] {
    switch self {
    case .unary, .binary, .compare, .select, .convert, .bitcast, .load, .store, .update: []
    case .loop(let loop): [loop.body]
    case .reduce(let reduction): [reduction.body, reduction.combine]
    case .branch(let branch): [branch.then, branch.otherwise]
    case .loopWhile(let loop): [loop.condition, loop.body]
    }
  }
}

extension Kernel {
  /// The values that `block` uses but does not define, constants excepted, in order of id.
  public func freeValues(of block: Block) -> [ValueID] {
    var used: Set<ValueID> = []
    var defined: Set<ValueID> = []
    func visit(_ block: Block) {
      defined.formUnion(block.parameters)
      used.formUnion(block.results)
      for instruction in block.instructions {
        used.formUnion(instruction.operation.operands)
        defined.formUnion(instruction.results)
        instruction.operation.blocks.forEach(visit)
      }
    }
    visit(block)
    return used.subtracting(defined).filter { values[$0].constant == nil }.sorted()
  }

  /// How many instructions the block has, nested ones included.
  public func instructionCount(of block: Block) -> Int {
    block.instructions.reduce(0) { sum, instruction in
      sum + 1 + instruction.operation.blocks.reduce(0) { $0 + instructionCount(of: $1) }
    }
  }

  /// The width of the widest elements that the block computes or moves; indices do not count.
  public func widestBits(in block: Block) -> Int {
    var widest = 8
    for instruction in block.instructions {
      switch instruction.operation {
      case .store(let memory, _, _), .load(let memory, _), .update(_, let memory, _, _):
        widest = max(widest, memories[memory].type.registerBits)
      case .unary, .binary, .convert, .bitcast, .select, .compare:
        let type = type(of: instruction.results[0])
        if type != .i64 { widest = max(widest, type.registerBits) }
      case .loop, .reduce, .branch, .loopWhile:
        for block in instruction.operation.blocks { widest = max(widest, widestBits(in: block)) }
      }
    }
    return widest
  }

  /// Does the block evaluate an elementary function?
  public func containsElementary(_ block: Block) -> Bool {
    block.instructions.contains { instruction in
      switch instruction.operation {
      case .unary(let operation, _): operation.isElementary
      case .binary(let operation, _, _): operation == .power || operation == .atan2
      case .compare, .select, .convert, .bitcast, .load, .store, .update: false
      case .loop, .reduce, .branch, .loopWhile:
        instruction.operation.blocks.contains(where: containsElementary)
      }
    }
  }

  /// How many elementary functions of one operand the block evaluates.
  public func elementaryCount(_ block: Block) -> Int {
    block.instructions.reduce(0) { sum, instruction in
      if case .unary(let operation, _) = instruction.operation {
        return sum + (operation.isElementary ? 1 : 0)
      }
      return sum + instruction.operation.blocks.reduce(0) { $0 + elementaryCount($1) }
    }
  }

  // MARK: Cost

  /// A rough number of cycles.
  public struct Cost: Hashable, Sendable {
    public var perIteration: Double
    /// `nil` where the number of iterations is not known.
    public var iterations: Int?

    /// How many iterations one thread should run at a time, or `nil` if threads do not pay.
    ///
    /// It depends on the size alone, so that results do not depend on the machine.
    public var grain: Int? {
      let total = perIteration * Double(iterations ?? 1 << 20)
      guard total >= 60_000, (iterations ?? 2) > 1 else { return nil }
      let grain = Int(max(1, 30_000 / perIteration))
      return perIteration < 30 ? (grain + 255) / 256 * 256 : grain
    }
  }

  /// What the iterations of `loop` cost where vectors have `lanes` lanes.
  public func cost(of loop: Loop, lanes: Int) -> Cost {
    let scale = loop.kind.isVector ? 1 / Double(lanes) : 1
    return Cost(
      perIteration: max(scale * cost(of: loop.body, lanes: lanes), 0.05),
      iterations: tripCount(loop.lower, loop.upper))
  }

  /// The number of iterations between two bounds; `nil` where they are not constant.
  func tripCount(_ lower: ValueID, _ upper: ValueID) -> Int? {
    guard let lower = values[lower].constant, let upper = values[upper].constant else {
      return nil
    }
    return max(0, Int(Int64(bitPattern: upper.real &- lower.real)))
  }

  /// What running `block` once costs where vectors have `lanes` lanes.
  func cost(of block: Block, lanes: Int) -> Double {
    block.instructions.reduce(0) { sum, instruction in
      switch instruction.operation {
      case .unary(let operation, _): sum + (operation.isElementary ? 25 : 1)
      case .binary(let operation, _, _):
        switch operation {
        case .power, .atan2, .zeta, .polygamma, .igamma, .igammac, .nextAfter: sum + 60
        case .divide, .remainder: sum + 8
        default: sum + 1
        }
      case .load, .store: sum + 2
      case .update: sum + 8
      case .compare, .select, .convert, .bitcast: sum + 1
      case .loop(let loop):
        sum + Double(tripCount(loop.lower, loop.upper) ?? 16) * cost(of: loop.body, lanes: lanes)
          / (loop.kind.isVector ? Double(lanes) : 1)
      case .reduce(let reduction):
        sum + Double(tripCount(reduction.lower, reduction.upper) ?? 16)
          * (cost(of: reduction.body, lanes: lanes) + cost(of: reduction.combine, lanes: lanes))
          / (reduction.kind.isVector ? Double(lanes) : 1)
      case .branch(let branch):
        sum + cost(of: branch.then, lanes: lanes) + cost(of: branch.otherwise, lanes: lanes)
      case .loopWhile(let loop):
        sum + 16 * (cost(of: loop.condition, lanes: lanes) + cost(of: loop.body, lanes: lanes))
      }
    }
  }
}

extension Kernel.UnaryOperation {
  /// Is it evaluated by a polynomial or the like, many instructions long?
  public var isElementary: Bool {
    switch self {
    case .negate, .abs, .sign, .not, .popcnt, .countLeadingZeros, .ceil, .floor,
      .roundNearestAfz, .roundNearestEven, .isFinite, .sqrt, .rsqrt, .real, .imag, .conjugate:
      false
    case .cbrt, .exponential, .exponentialMinusOne, .log, .logPlusOne, .logistic, .sine, .cosine,
      .tan, .tanh, .asin, .acos, .atan, .sinh, .cosh, .asinh, .acosh, .atanh, .erf, .erfc,
      .erfInv, .lgamma, .digamma, .besselI0e, .besselI1e:
      true
    }
  }
}

extension ElementType {
  /// The width of the register that an element is computed in.
  fileprivate var registerBits: Int {
    switch kind {
    case .float: self == .f64 ? 64 : 32
    case .complex: bitWidth / 2
    case .bool, .signed, .unsigned, .float0, .key: max(8, bitWidth)
    }
  }
}
