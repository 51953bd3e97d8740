import Support
import Tensor

extension Kernel {
  /// What is wrong with the kernel; empty iff it is well formed.
  ///
  /// - (K1) Values are defined before they are used, and once.
  /// - (K2) Operands have the types that their operation asks for.
  /// - (K3) Indices, and bounds of loops, are `i64`.
  /// - (K4) What a block yields has the types of the results or of what it carries.
  /// - (K5) Only outermost loops are parallel, and those that an outermost while loop, which carries
  ///   nothing, begins anew; only sequential loops carry values.
  /// - (K6) Stores go to memory that may be written, loads come from memory that may be read.
  /// - (K7) Constant indices lie within the memory.
  /// - (K8) A combination uses its parameters and constants only.
  public func verify() -> [Diagnostic] {
    let verifier = KernelVerifier(kernel: self)
    verifier.visit(body, isTop: true)
    return verifier.defects
  }
}

private final class KernelVerifier {
  let kernel: Kernel
  var defects: [Diagnostic] = []
  private var defined: Set<Kernel.ValueID> = []

  init(kernel: Kernel) { self.kernel = kernel }

  private func report(_ constraint: String, _ message: String) {
    defects.append(
      Diagnostic(.error, "internal error: kernel @\(kernel.name): \(message) (\(constraint))"))
  }

  private func require(
    _ condition: Bool, _ constraint: String, _ message: @autoclosure () -> String
  ) {
    if !condition { report(constraint, message()) }
  }

  private func use(_ id: Kernel.ValueID) {
    require(
      kernel[id].constant != nil || defined.contains(id), "K1", "%\(id) is used but not defined")
  }

  private func define(_ ids: some Sequence<Kernel.ValueID>) {
    for id in ids {
      require(defined.insert(id).inserted, "K1", "%\(id) is defined twice")
    }
  }

  private func type(_ id: Kernel.ValueID) -> ElementType { kernel.type(of: id) }

  private func visitNested(_ block: Kernel.Block, isTop: Bool = false) {
    let outer = defined
    define(block.parameters)
    visit(block, isTop: isTop)
    for id in block.results { use(id) }
    defined = outer
  }

  private func same(
    _ a: [Kernel.ValueID], _ b: [Kernel.ValueID], _ what: String
  ) {
    require(a.map { type($0) } == b.map { type($0) }, "K4", "\(what) differ in type")
  }

  func visit(_ block: Kernel.Block, isTop: Bool) {
    for instruction in block.instructions {
      for id in instruction.operation.operands { use(id) }
      visit(instruction, isTop: isTop)
      define(instruction.results)
    }
  }

  private func visit(_ instruction: Kernel.Instruction, isTop: Bool) {
    let results = Array(instruction.results)
    switch instruction.operation {
    case .unary(let operation, let x):
      require(
        type(results[0]) == operation.resultType(type(x)), "K2",
        "\(operation.rawValue) of \(type(x)) is no \(type(results[0]))")
    case .binary(let operation, let x, let y):
      require(
        type(x) == type(y) && type(results[0]) == operation.resultType(type(x)), "K2",
        "\(operation.rawValue) of \(type(x)) and \(type(y)) to \(type(results[0]))")
    case .compare(let comparison, let x, let y):
      require(
        type(x) == type(y) && type(results[0]) == .bool, "K2",
        "compare \(comparison.rawValue) of \(type(x)) and \(type(y))")
    case .select(let c, let x, let y):
      require(
        type(c) == .bool && type(x) == type(y) && type(results[0]) == type(x), "K2",
        "select \(type(c)) between \(type(x)) and \(type(y))")
    case .convert: break
    case .bitcast(let x):
      require(
        type(x).bitWidth == type(results[0]).bitWidth, "K2",
        "bitcast from \(type(x)) to \(type(results[0]))")
    case .load(let memory, let index):
      let info = kernel.memories[memory]
      require(info.access != .write, "K6", "%m\(memory) is read")
      require(type(results[0]) == info.type, "K2", "load of \(info.type)")
      visitIndex(index, info)
    case .store(let memory, let index, let value):
      let info = kernel.memories[memory]
      require(info.access != .read, "K6", "%m\(memory) is written")
      require(type(value) == info.type, "K2", "store of \(type(value)) to \(info.type)")
      visitIndex(index, info)
    case .update(let operation, let memory, let index, let value):
      let info = kernel.memories[memory]
      require(info.access == .readWrite, "K6", "%m\(memory) is updated")
      require(
        type(value) == info.type && operation.resultType(info.type) == info.type, "K2",
        "update of \(info.type) by \(operation.rawValue) with \(type(value))")
      visitIndex(index, info)
    case .loop(let loop):
      visitBounds(loop.lower, loop.upper)
      require(isTop || !loop.kind.isParallel, "K5", "an inner loop is parallel")
      require(
        loop.initial.isEmpty || loop.kind == .sequential, "K5", "a loop carries values")
      require(loop.body.parameters.count == loop.initial.count + 1, "K4", "a loop's parameters")
      same(loop.initial, Array(loop.body.parameters.dropFirst()), "what a loop carries")
      same(loop.initial, loop.body.results, "what a loop carries on")
      same(loop.initial, results, "a loop's results")
      visitNested(loop.body)
    case .reduce(let reduction):
      visitBounds(reduction.lower, reduction.upper)
      require(!reduction.kind.isParallel, "K5", "a reduction is parallel")
      same(reduction.initial, reduction.identity, "a reduction's identity and start")
      same(reduction.initial, reduction.body.results, "a reduction's values and start")
      same(reduction.initial, reduction.combine.results, "a combination and its operands")
      same(
        reduction.initial + reduction.initial, reduction.combine.parameters,
        "a combination's parameters")
      same(reduction.initial, results, "a reduction's results")
      require(
        kernel.freeValues(of: reduction.combine).isEmpty, "K8",
        "a combination uses values from outside")
      visitNested(reduction.body)
      visitNested(reduction.combine)
    case .branch(let branch):
      require(type(branch.condition) == .bool, "K2", "a condition is no bool")
      same(branch.then.results, results, "a branch's results")
      same(branch.otherwise.results, results, "a branch's results")
      visitNested(branch.then)
      visitNested(branch.otherwise)
    case .loopWhile(let loop):
      same(loop.initial, loop.condition.parameters, "what a while loop carries")
      same(loop.initial, loop.body.parameters, "what a while loop carries")
      same(loop.initial, loop.body.results, "what a while loop carries on")
      same(loop.initial, results, "a while loop's results")
      require(
        loop.condition.results.map { type($0) } == [.bool], "K4", "a condition is no bool")
      let isOutermost = isTop && loop.initial.isEmpty
      visitNested(loop.condition, isTop: isOutermost)
      visitNested(loop.body, isTop: isOutermost)
    }
  }

  private func visitBounds(_ lower: Kernel.ValueID, _ upper: Kernel.ValueID) {
    require(type(lower) == .i64 && type(upper) == .i64, "K3", "a bound is no i64")
  }

  private func visitIndex(_ index: Kernel.ValueID, _ memory: Kernel.Memory) {
    require(type(index) == .i64, "K3", "an index is no i64")
    if let constant = kernel[index].constant {
      let position = Int64(bitPattern: constant.real)
      require(
        position >= 0 && position < memory.count, "K7",
        "index \(position) is outside of \(memory.count) elements")
    }
  }
}
