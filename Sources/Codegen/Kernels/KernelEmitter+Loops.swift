import CLLVM
import LoopIR
import Tensor

extension KernelEmitter {
  // MARK: Sequential loops

  /// `for index in lower ..< upper`, tested at the end of each iteration; returns what it carries.
  @discardableResult
  func emitSequentialLoop(
    _ loop: Kernel.Loop, from lower: IRValue, to upper: IRValue
  ) throws -> [LaneValue] {
    let body = loop.body
    return try countedLoop(
      from: lower, to: upper, step: 1, initial: loop.initial.map { spread(value($0)) }
    ) { index, carried in
      self.values[body.parameters[0].index] = .uniform(index)
      for (id, value) in zip(body.parameters.dropFirst(), carried) { self.values[id.index] = value }
      return try self.emit(body).map(self.spread)
    }
  }

  /// A loop over `lower`, `lower + step`, … below `upper`, that carries values.
  func countedLoop(
    from lower: IRValue, to upper: IRValue, step: Int, initial: [LaneValue],
    body: (IRValue, [LaneValue]) throws -> [LaneValue]
  ) throws -> [LaneValue] {
    try countedLoop(
      from: lower, to: upper, step: ir.constant(index: step), initial: initial, body: body)
  }

  func countedLoop(
    from lower: IRValue, to upper: IRValue, step: IRValue, initial: [LaneValue],
    body: (IRValue, [LaneValue]) throws -> [LaneValue]
  ) throws -> [LaneValue] {
    let first = ir.constantInteger(lower)
    let last = ir.constantInteger(upper)
    if let first, let last {
      if first >= last { return initial }
      if let step = ir.constantInteger(step), last - first <= step {
        return try body(lower, initial)
      }
    }
    let function = ir.currentFunction
    let before = ir.currentBlock
    let loopBlock = ir.addBlock("loop", to: function)
    let done = ir.addBlock("done", to: function)
    let isGuarded = first == nil || last == nil
    if isGuarded {
      ir.branch(ir.icmp(LLVMIntSLT, lower, upper), loopBlock, done)
    } else {
      ir.branch(loopBlock)
    }
    ir.moveToEnd(of: loopBlock)
    let index = ir.phi(ir.i64)
    ir.addIncoming(lower, from: before, to: index)
    let carried = initial.map { model in
      let parts = model.parts.map { part in
        let phi = ir.phi(part.type)
        ir.addIncoming(part, from: before, to: phi)
        return phi
      }
      return result(parts[0], parts.count > 1 ? parts[1] : nil, like: model)
    }
    let next = try body(index, carried)
    let nextIndex = ir.add(index, step)
    let end = ir.currentBlock
    ir.branch(ir.icmp(LLVMIntSLT, nextIndex, upper), loopBlock, done)
    ir.addIncoming(nextIndex, from: end, to: index)
    for (phi, value) in zip(carried, next) {
      for (phi, part) in zip(phi.parts, value.parts) { ir.addIncoming(part, from: end, to: phi) }
    }
    ir.moveToEnd(of: done)
    return isGuarded ? joined((initial, before), (next, end)) : next
  }

  /// The values that come from one block or the other, in the block that both lead to.
  func joined(
    _ a: (values: [LaneValue], block: IRBlock), _ b: (values: [LaneValue], block: IRBlock)
  ) -> [LaneValue] {
    zip(a.values, b.values).map { old, new in
      let parts = zip(old.parts, new.parts).map { old, new in
        let phi = ir.phi(new.type)
        ir.addIncoming(old, from: a.block, to: phi)
        ir.addIncoming(new, from: b.block, to: phi)
        return phi
      }
      return result(parts[0], parts.count > 1 ? parts[1] : nil, like: new)
    }
  }

  // MARK: Vector loops

  /// Whole vectors, then what is left with the other lanes masked out.
  func emitVectorLoop(_ loop: Kernel.Loop, from lower: IRValue, to upper: IRValue) throws {
    let index = loop.body.parameters[0]
    let width = width(
      of: [loop.body], from: lower, to: upper, times: interleaving(of: loop.body))
    if width == 1 || scalarLoops.contains(index) {
      _ = try emitSequentialLoop(loop, from: lower, to: upper)
      return
    }
    try inLanes(width, of: index) {
      let middle =
        self.masksEverything(in: loop.body)
        ? self.evenEnd(from: lower, to: upper, width)
        : self.wholeVectors(from: lower, to: upper, width)
      _ = try self.countedLoop(from: lower, to: middle, step: width, initial: []) { i, _ in
        self.values[index.index] = .linear(i, stride: 1)
        _ = try self.emit(loop.body)
        return []
      }
      try self.emitRest(from: middle, to: upper, width, initial: []) { i, _ in
        self.values[index.index] = .linear(i, stride: 1)
        _ = try self.emit(loop.body)
        return []
      }
    }
  }

  /// Runs `body` with `width` lanes.
  func inLanes<T>(
    _ width: Int, of loop: Kernel.ValueID, _ body: () throws -> T
  ) rethrows -> T {
    let outer = (lanes, mask, vectorLoop)
    (lanes, mask, vectorLoop) = (width, nil, loop)
    defer { (lanes, mask, vectorLoop) = outer }
    return try body()
  }

  /// The end of the part of the range that fills whole vectors.
  private func wholeVectors(from lower: IRValue, to upper: IRValue, _ width: Int) -> IRValue {
    let count = ir.sub(upper, lower)
    return ir.add(lower, ir.and(count, ir.constant(index: -width)))
  }

  /// Is one loop with a mask better than whole vectors and a rest? The code of long bodies then
  /// exists once, and the mask costs next to nothing.
  private func masksEverything(in body: Kernel.Block) -> Bool {
    machine.vectorBits == 512 && kernel.containsElementary(body)
  }

  /// The upper end where the range is known to fill whole vectors, else the lower one.
  private func evenEnd(from lower: IRValue, to upper: IRValue, _ width: Int) -> IRValue {
    guard let first = ir.constantInteger(lower), let last = ir.constantInteger(upper),
      (last - first) % width == 0
    else { return lower }
    return upper
  }

  /// What follows the whole vectors: less than `width` iterations.
  @discardableResult
  private func emitRest(
    from lower: IRValue, to upper: IRValue, _ width: Int, initial: [LaneValue],
    body: (IRValue, [LaneValue]) throws -> [LaneValue]
  ) throws -> [LaneValue] {
    try countedLoop(from: lower, to: upper, step: width, initial: initial) { i, carried in
      let left = self.ir.sub(upper, i)
      let count = self.ir.constant(index: width)
      let few = self.ir.trunc(
        self.ir.intrinsic("llvm.smin", [self.ir.i64], [left, count]), self.ir.i32)
      self.mask = self.ir.icmp(
        LLVMIntSLT, self.ir.iota(self.ir.i32, lanes: width), self.ir.splat(few, lanes: width))
      defer { self.mask = nil }
      return try body(i, carried)
    }
  }

  /// How many lanes suit blocks that run over a range: as many as fill a vector of the widest type
  /// that they compute, less for short ranges.
  private func width(
    of blocks: [Kernel.Block], from lower: IRValue, to upper: IRValue, times factor: Int = 1
  ) -> Int {
    var bits = 8
    for block in blocks { bits = max(bits, kernel.widestBits(in: block)) }
    var width = machine.lanes(forBits: bits) * factor
    if let lower = ir.constantInteger(lower), let upper = ir.constantInteger(upper) {
      while width > 1, width / 2 >= upper - lower { width /= 2 }
    }
    return width
  }

  /// How many vectors run side by side through a body that is a loop itself, where every iteration
  /// waits for the one before.
  private func interleaving(of body: Kernel.Block) -> Int {
    let carrying = body.instructions.compactMap { instruction -> Kernel.Loop? in
      if case .loop(let loop) = instruction.operation, !loop.initial.isEmpty { loop } else { nil }
    }
    guard carrying.count == 1, !kernel.containsElementary(body) else { return 1 }
    let size = kernel.instructionCount(of: carrying[0].body)
    return size <= 12 ? 4 : size <= 40 ? 2 : 1
  }

  // MARK: Reductions

  func emitReduction(_ reduction: Kernel.Reduction) throws -> [LaneValue] {
    let lower = try uniformOrRefuse(reduction.lower)
    let upper = try uniformOrRefuse(reduction.upper)
    let index = reduction.body.parameters[0]
    let initial = reduction.initial.map { value($0) }
    var width = 1
    if reduction.kind.isVector && lanes == 1 && !scalarLoops.contains(index) {
      width = self.width(of: [reduction.body, reduction.combine], from: lower, to: upper)
    }
    guard width > 1 else { return try emitSequentialReduction(reduction, from: lower, to: upper) }
    var partial = try inLanes(width, of: index) {
      let neutral = reduction.identity.map { self.spread(self.value($0)) }
      let copies = self.copies(of: reduction, width: width, from: lower, to: upper)
      let count = neutral.count
      // Several accumulators hide the latency of `combine`.
      let middle =
        copies == 1 && self.masksEverything(in: reduction.body)
        ? self.evenEnd(from: lower, to: upper, width)
        : self.wholeVectors(from: lower, to: upper, width * copies)
      let accumulators = try self.countedLoop(
        from: lower, to: middle, step: width * copies,
        initial: Array(repeating: neutral, count: copies).flatMap { $0 }
      ) { i, carried in
        try (0..<copies).flatMap { copy in
          self.values[index.index] = .linear(
            self.ir.add(i, self.ir.constant(index: copy * width)), stride: 1)
          let values = try self.emit(reduction.body)
          let mine = Array(carried[copy * count..<(copy + 1) * count])
          return try self.combine(reduction, mine, values).map(self.spread)
        }
      }
      var groups = (0..<copies).map { Array(accumulators[$0 * count..<($0 + 1) * count]) }
      groups[0] = try self.emitRest(from: middle, to: upper, width, initial: groups[0]) {
        i, carried in
        self.values[index.index] = .linear(i, stride: 1)
        let mask = self.mask!
        let next = try self.combine(reduction, carried, try self.emit(reduction.body))
        return zip(next.map(self.spread), carried).map { next, old in
          let parts = zip(next.parts, old.parts).map { self.ir.select(mask, $0, $1) }
          return .varying(parts[0], parts.count > 1 ? parts[1] : nil)
        }
      }
      while groups.count > 1 {
        let half = groups.count / 2
        for position in 0..<half {
          groups[position] = try self.combine(reduction, groups[position], groups[position + half])
            .map(self.spread)
        }
        groups.removeLast(half)
      }
      return groups[0]
    }
    // Fold the lanes in halves.
    while width > 1 {
      let half = width / 2
      let low = partial.map { halves($0, Array(0..<half)) }
      let high = partial.map { halves($0, Array(half..<width)) }
      partial = try inLanes(half, of: index) { try self.combine(reduction, low, high) }
      width = half
    }
    return try combine(reduction, initial, partial)
  }

  /// One element after the other.
  func emitSequentialReduction(
    _ reduction: Kernel.Reduction, from lower: IRValue, to upper: IRValue
  ) throws -> [LaneValue] {
    let initial = reduction.initial.map { spread(value($0)) }
    return try countedLoop(from: lower, to: upper, step: 1, initial: initial) { i, carried in
      self.values[reduction.body.parameters[0].index] = .uniform(i)
      return try self.combine(reduction, carried, try self.emit(reduction.body)).map(self.spread)
    }
  }

  func halves(_ value: LaneValue, _ chosen: [Int]) -> LaneValue {
    let parts = value.parts.map { part in
      chosen.count == 1
        ? ir.extract(part, at: chosen[0]) : ir.shuffle(part, ir.undefined(part.type), chosen)
    }
    return LaneValue(
      real: parts[0], imaginary: parts.count > 1 ? parts[1] : nil, isVarying: chosen.count > 1)
  }

  func combine(
    _ reduction: Kernel.Reduction, _ accumulators: [LaneValue], _ new: [LaneValue]
  ) throws -> [LaneValue] {
    for (id, value) in zip(reduction.combine.parameters, accumulators + new) {
      values[id.index] = value
    }
    return try emit(reduction.combine)
  }

  /// How many accumulators a reduction gets.
  private func copies(
    of reduction: Kernel.Reduction, width: Int, from lower: IRValue, to upper: IRValue
  ) -> Int {
    let size = kernel.instructionCount(of: reduction.body)
    var copies = size <= 8 ? 8 : size <= 24 ? 4 : size <= 100 ? 2 : 1
    if kernel.containsElementary(reduction.body) {
      copies = masksEverything(in: reduction.body) ? 1 : min(copies, 2)
    }
    if let lower = ir.constantInteger(lower), let upper = ir.constantInteger(upper) {
      while copies > 1, width * copies * 2 > upper - lower { copies /= 2 }
    }
    return copies
  }

  // MARK: Branches

  func emitBranch(_ branch: Kernel.Branch) throws -> [LaneValue] {
    let condition = value(branch.condition)
    guard condition.isUniform else { return try emitMaskedBranch(branch, condition.real) }
    let function = ir.currentFunction
    let then = ir.addBlock("then", to: function)
    let otherwise = ir.addBlock("else", to: function)
    let done = ir.addBlock("", to: function)
    ir.branch(condition.real, then, otherwise)
    ir.moveToEnd(of: then)
    let thenResults = try emit(branch.then).map(spread)
    let thenEnd = ir.currentBlock
    ir.branch(done)
    ir.moveToEnd(of: otherwise)
    let otherwiseResults = try emit(branch.otherwise).map(spread)
    let otherwiseEnd = ir.currentBlock
    ir.branch(done)
    ir.moveToEnd(of: done)
    return joined((thenResults, thenEnd), (otherwiseResults, otherwiseEnd))
  }

  /// Both sides, each with the lanes that take it.
  private func emitMaskedBranch(
    _ branch: Kernel.Branch, _ condition: IRValue
  ) throws -> [LaneValue] {
    let then = try masked(by: condition) { try self.emit(branch.then).map(self.spread) }
    let otherwise = try masked(by: ir.not(condition)) {
      try self.emit(branch.otherwise).map(self.spread)
    }
    return zip(then, otherwise).map { a, b in
      let parts = zip(a.parts, b.parts).map { ir.select(condition, $0, $1) }
      return .varying(parts[0], parts.count > 1 ? parts[1] : nil)
    }
  }

  private func masked<T>(by condition: IRValue, _ body: () throws -> T) rethrows -> T {
    let outer = (mask, mayBeInactive)
    mask = mask.map { ir.and($0, condition) } ?? condition
    mayBeInactive = true
    defer { (mask, mayBeInactive) = outer }
    return try body()
  }

  // MARK: While loops

  /// Runs until no lane goes on; lanes that are done keep their values.
  func emitWhile(_ loop: Kernel.WhileLoop) throws -> [LaneValue] {
    let function = ir.currentFunction
    let initial = loop.initial.map { spread(value($0)) }
    let before = ir.currentBlock
    let head = ir.addBlock("while", to: function)
    let bodyBlock = ir.addBlock("do", to: function)
    let done = ir.addBlock("done", to: function)
    ir.branch(head)
    ir.moveToEnd(of: head)
    let carried = initial.map { model in
      let parts = model.parts.map { part in
        let phi = ir.phi(part.type)
        ir.addIncoming(part, from: before, to: phi)
        return phi
      }
      return result(parts[0], parts.count > 1 ? parts[1] : nil, like: model)
    }
    // The lanes that have not finished yet.
    var active: IRValue?
    if lanes > 1 {
      let phi = ir.phi(ir.vector(ir.i1, lanes))
      ir.addIncoming(mask ?? ir.splat(ir.constant(1, ir.i1), lanes: lanes), from: before, to: phi)
      active = phi
    }
    func bind(_ parameters: [Kernel.ValueID]) {
      for (id, value) in zip(parameters, carried) { values[id.index] = value }
    }
    bind(loop.condition.parameters)
    let condition: LaneValue
    var goesOn: IRValue?
    if let active {
      condition = try masked(by: active) { try self.emit(loop.condition)[0] }
      goesOn = ir.and(spread(condition).real, active)
      let some = ir.intrinsic("llvm.vector.reduce.or", [goesOn!.type], [goesOn!])
      ir.branch(some, bodyBlock, done)
    } else {
      condition = try emit(loop.condition)[0]
      ir.branch(condition.real, bodyBlock, done)
    }
    ir.moveToEnd(of: bodyBlock)
    bind(loop.body.parameters)
    var next: [LaneValue]
    if let goesOn {
      next = try masked(by: goesOn) { try self.emit(loop.body).map(self.spread) }
      next = zip(next, carried).map { new, old in
        let parts = zip(new.parts, old.parts).map { ir.select(goesOn, $0, $1) }
        return .varying(parts[0], parts.count > 1 ? parts[1] : nil)
      }
    } else {
      next = try emit(loop.body)
    }
    let end = ir.currentBlock
    ir.branch(head)
    for (phi, value) in zip(carried, next) {
      for (phi, part) in zip(phi.parts, value.parts) { ir.addIncoming(part, from: end, to: phi) }
    }
    if let active, let goesOn { ir.addIncoming(goesOn, from: end, to: active) }
    ir.moveToEnd(of: done)
    return carried
  }
}
