import Support
import Tensor

/// Builds a kernel from the outside in.
///
///     let kernel = KernelBuilder(name: "double")
///     let x = kernel.parameter(.f32, count: n, access: .read)
///     let y = kernel.parameter(.f32, count: n, access: .write)
///     kernel.loop(from: kernel.index(0), to: kernel.index(n), kind: .parallelVector) { i in
///       let v = kernel.load(x, at: i)
///       kernel.store(kernel.binary(.add, v, v), to: y, at: i)
///     }
///     let finished = kernel.finish()
///
/// Index arithmetic on constants, and with 0 and 1, is folded as it is built.
public final class KernelBuilder {
  public typealias ValueID = Kernel.ValueID
  public typealias MemoryID = Kernel.MemoryID

  private var kernel: Kernel
  private var constants: [Kernel.Value: ValueID] = [:]
  /// The blocks under construction, innermost last.
  private var open: [[Kernel.Instruction]] = [[]]
  /// The depth of the block that defines each value that is not constant.
  private var depths: [ValueID: Int] = [:]
  /// The depths of the branches under construction: what is inside may not always run.
  private var branches: [Int] = []

  public init(name: String) { kernel = Kernel(name: name) }

  /// The finished kernel.
  /// - Requires: no block is open.
  public func finish() -> Kernel {
    precondition(open.count == 1, "a block is still open")
    kernel.body.instructions = open[0]
    return kernel
  }

  public func type(of value: ValueID) -> ElementType { kernel.type(of: value) }
  public func type(of memory: MemoryID) -> ElementType { kernel.memories[memory].type }

  /// The value of a constant index, or `nil` if `value` is not constant.
  public func constantIndex(_ value: ValueID) -> Int? {
    kernel[value].constant.map { Int(truncatingIfNeeded: $0.real) }
  }

  // MARK: Memory

  /// Declares the next parameter.
  /// - Requires: no local has been declared yet.
  public func parameter(_ type: ElementType, count: Int, access: Kernel.Access) -> MemoryID {
    precondition(kernel.memories.elements.last?.isLocal != true, "parameters precede locals")
    return kernel.memories.append(Kernel.Memory(access: access, type: type, count: count))
  }

  /// Declares scratch memory, private to one iteration of the enclosing parallel loop.
  public func local(_ type: ElementType, count: Int) -> MemoryID {
    kernel.memories.append(Kernel.Memory(access: nil, type: type, count: count))
  }

  public func load(_ memory: MemoryID, at index: ValueID) -> ValueID {
    emit(.load(memory, index: index), type: kernel.memories[memory].type)
  }

  public func store(_ value: ValueID, to memory: MemoryID, at index: ValueID) {
    append(.store(memory, index: index, value: value), types: [])
  }

  /// Combines `value` with what is there, though other iterations do the same.
  func update(
    _ operation: Kernel.BinaryOperation, _ memory: MemoryID, at index: ValueID, with value: ValueID
  ) {
    append(.update(operation, memory, index: index, value: value), types: [])
  }

  // MARK: Constants

  public func constant(_ type: ElementType, _ bits: ScalarBits) -> ValueID {
    let value = Kernel.Value(type: type, constant: bits)
    if let known = constants[value] { return known }
    let id = kernel.values.append(value)
    constants[value] = id
    return id
  }

  public func index(_ value: Int) -> ValueID {
    constant(.i64, ScalarBits(UInt64(bitPattern: Int64(value))))
  }

  public func constant(_ value: Bool) -> ValueID { constant(.bool, ScalarBits(value ? 1 : 0)) }

  public func constant(_ value: Float) -> ValueID {
    constant(.f32, ScalarBits(UInt64(value.bitPattern)))
  }

  // MARK: Arithmetic

  public func unary(_ operation: Kernel.UnaryOperation, _ x: ValueID) -> ValueID {
    emit(.unary(operation, x), type: operation.resultType(type(of: x)))
  }

  public func binary(_ operation: Kernel.BinaryOperation, _ x: ValueID, _ y: ValueID) -> ValueID {
    if let folded = foldIndex(operation, x, y) ?? foldLogic(operation, x, y) { return folded }
    return emit(.binary(operation, x, y), type: operation.resultType(type(of: x)))
  }

  public func compare(_ comparison: Kernel.Comparison, _ x: ValueID, _ y: ValueID) -> ValueID {
    if let folded = foldIndex(comparison, x, y) { return folded }
    return emit(.compare(comparison, x, y), type: .bool)
  }

  public func select(_ condition: ValueID, _ x: ValueID, _ y: ValueID) -> ValueID {
    emit(.select(condition, x, y), type: type(of: x))
  }

  public func convert(_ x: ValueID, to type: ElementType) -> ValueID {
    if self.type(of: x) == type { return x }
    return indexConstant(x, type) ?? emit(.convert(x), type: type)
  }

  public func bitcast(_ x: ValueID, to type: ElementType) -> ValueID {
    self.type(of: x) == type ? x : emit(.bitcast(x), type: type)
  }

  public func add(_ x: ValueID, _ y: ValueID) -> ValueID { binary(.add, x, y) }
  public func subtract(_ x: ValueID, _ y: ValueID) -> ValueID { binary(.subtract, x, y) }
  public func multiply(_ x: ValueID, _ y: ValueID) -> ValueID { binary(.multiply, x, y) }

  // Index arithmetic with what is known when the kernel is made.
  public func add(_ x: ValueID, _ offset: Int) -> ValueID { add(x, index(offset)) }
  public func multiply(_ x: ValueID, by factor: Int) -> ValueID { multiply(x, index(factor)) }
  public func divide(_ x: ValueID, by divisor: Int) -> ValueID {
    binary(.divide, x, index(divisor))
  }
  public func remainder(_ x: ValueID, by divisor: Int) -> ValueID {
    binary(.remainder, x, index(divisor))
  }

  // MARK: Control

  /// A loop that carries nothing.
  public func loop(
    from lower: ValueID, to upper: ValueID, kind: Kernel.LoopKind = .sequential,
    body: (ValueID) throws -> Void
  ) rethrows {
    let block = try block(types: [.i64]) { parameters in
      try body(parameters[0])
      return []
    }
    append(
      .loop(Kernel.Loop(kind: kind, lower: lower, upper: upper, initial: [], body: block)),
      types: [])
  }

  /// A sequential loop that carries values; returns them after the last iteration.
  public func loop(
    from lower: ValueID, to upper: ValueID, carrying initial: [ValueID],
    body: (ValueID, [ValueID]) throws -> [ValueID]
  ) rethrows -> [ValueID] {
    let types = initial.map { type(of: $0) }
    let block = try block(types: [.i64] + types) { try body($0[0], Array($0.dropFirst())) }
    return append(
      .loop(
        Kernel.Loop(kind: .sequential, lower: lower, upper: upper, initial: initial, body: block)),
      types: types)
  }

  /// Reduces the tuples that `body` yields with `combine`, starting from `initial`.
  public func reduce(
    from lower: ValueID, to upper: ValueID, kind: Kernel.LoopKind = .vector,
    initial: [ValueID], identity: [ValueID],
    body: (ValueID) throws -> [ValueID],
    combine: (_ accumulators: [ValueID], _ values: [ValueID]) throws -> [ValueID]
  ) rethrows -> [ValueID] {
    let types = initial.map { type(of: $0) }
    let bodyBlock = try block(types: [.i64]) { try body($0[0]) }
    let combineBlock = try block(types: types + types) {
      try combine(Array($0.prefix(types.count)), Array($0.dropFirst(types.count)))
    }
    return append(
      .reduce(
        Kernel.Reduction(
          kind: kind, lower: lower, upper: upper, initial: initial, identity: identity,
          body: bodyBlock, combine: combineBlock)),
      types: types)
  }

  /// `then` if `condition` holds, else `otherwise`; both yield values of the same types.
  public func branch(
    _ condition: ValueID, then: () throws -> [ValueID], otherwise: () throws -> [ValueID]
  ) rethrows -> [ValueID] {
    if let isTrue = constantBool(condition) { return try isTrue ? then() : otherwise() }
    branches.append(open.count)
    defer { branches.removeLast() }
    let thenBlock = try block(types: []) { _ in try then() }
    let otherwiseBlock = try block(types: []) { _ in try otherwise() }
    return append(
      .branch(Kernel.Branch(condition: condition, then: thenBlock, otherwise: otherwiseBlock)),
      types: thenBlock.results.map { type(of: $0) })
  }

  /// `then`, for its stores, if `condition` holds.
  public func branch(_ condition: ValueID, then: () throws -> Void) rethrows {
    _ = try branch(
      condition,
      then: {
        try then()
        return []
      }, otherwise: { [] })
  }

  /// Carries values through `body` as long as `condition` holds; returns them afterwards.
  public func loopWhile(
    carrying initial: [ValueID], condition: ([ValueID]) throws -> ValueID,
    body: ([ValueID]) throws -> [ValueID]
  ) rethrows -> [ValueID] {
    let types = initial.map { type(of: $0) }
    let conditionBlock = try block(types: types) { [try condition($0)] }
    let bodyBlock = try block(types: types, body)
    return append(
      .loopWhile(Kernel.WhileLoop(initial: initial, condition: conditionBlock, body: bodyBlock)),
      types: types)
  }

  // MARK: Construction

  /// How many blocks are around the one under construction.
  public var depth: Int { open.count - 1 }

  /// The depth of the outermost block in which `values` are all known, no further out than the
  /// innermost branch.
  public func depth(knowing values: [ValueID]) -> Int {
    values.reduce(branches.last ?? 0) { max($0, depths[$1] ?? 0) }
  }

  /// Runs `body` to append to the block at `depth`, before the loop in it that is under construction.
  public func hoisting<T>(to depth: Int, _ body: () throws -> T) rethrows -> T {
    let inner = Array(open[(depth + 1)...])
    open.removeLast(inner.count)
    defer { open += inner }
    return try body()
  }

  private func block(
    types: [ElementType], _ body: ([ValueID]) throws -> [ValueID]
  ) rethrows -> Kernel.Block {
    let parameters = types.map { kernel.values.append(Kernel.Value(type: $0)) }
    open.append([])
    for parameter in parameters { depths[parameter] = depth }
    do {
      let results = try body(parameters)
      return Kernel.Block(
        parameters: parameters, instructions: open.removeLast(), results: results)
    } catch {
      open.removeLast()
      throw error
    }
  }

  private func emit(_ operation: Kernel.Operation, type: ElementType) -> ValueID {
    append(operation, types: [type])[0]
  }

  @discardableResult
  private func append(_ operation: Kernel.Operation, types: [ElementType]) -> [ValueID] {
    let results = types.map { kernel.values.append(Kernel.Value(type: $0)) }
    for result in results { depths[result] = depth }
    let first = results.first ?? ValueID(0)
    open[open.count - 1].append(
      Kernel.Instruction(operation, results: Kernel.Results(first: first, count: types.count)))
    return results
  }

  /// `x ∘ y` for indices where it needs no instruction.
  private func foldIndex(
    _ comparison: Kernel.Comparison, _ x: ValueID, _ y: ValueID
  ) -> ValueID? {
    guard type(of: x) == .i64, let a = constantIndex(x), let b = constantIndex(y) else {
      return nil
    }
    switch comparison {
    case .equal: return constant(a == b)
    case .notEqual: return constant(a != b)
    case .less: return constant(a < b)
    case .lessOrEqual: return constant(a <= b)
    case .greater: return constant(a > b)
    case .greaterOrEqual: return constant(a >= b)
    case .totalLess, .totalEqual: return nil
    }
  }

  /// A constant integer as an index.
  private func indexConstant(_ x: ValueID, _ type: ElementType) -> ValueID? {
    let value = kernel[x]
    guard type == .i64, value.type.isInteger, let bits = value.constant?.real else { return nil }
    let shift = 64 - value.type.bitWidth
    let word = Int64(bitPattern: bits << shift)
    return index(Int(value.type.isSigned ? word >> shift : Int64(bitPattern: bits)))
  }

  /// The value of a Boolean that is known.
  private func constantBool(_ value: ValueID) -> Bool? {
    let value = kernel.values[value]
    return value.type == .bool ? value.constant.map { $0.real & 1 != 0 } : nil
  }

  private func foldLogic(
    _ operation: Kernel.BinaryOperation, _ x: ValueID, _ y: ValueID
  ) -> ValueID? {
    guard type(of: x) == .bool else { return nil }
    switch (operation, constantBool(x), constantBool(y)) {
    case (.and, false?, _), (.or, true?, _), (.and, _, true?), (.or, _, false?): return x
    case (.and, _, false?), (.or, _, true?), (.and, true?, _), (.or, false?, _): return y
    default: return nil
    }
  }

  private func foldIndex(
    _ operation: Kernel.BinaryOperation, _ x: ValueID, _ y: ValueID
  ) -> ValueID? {
    guard type(of: x) == .i64 else { return nil }
    let (a, b) = (constantIndex(x), constantIndex(y))
    switch (operation, a, b) {
    case (.add, let a?, let b?): return index(a &+ b)
    case (.subtract, let a?, let b?): return index(a &- b)
    case (.multiply, let a?, let b?): return index(a &* b)
    case (.divide, let a?, let b?) where b > 0: return index(a / b)
    case (.remainder, let a?, let b?) where b > 0: return index(a % b)
    case (.add, _, 0), (.subtract, _, 0), (.multiply, _, 1), (.divide, _, 1): return x
    case (.add, 0, _), (.multiply, 1, _): return y
    case (.multiply, 0, _), (.multiply, _, 0), (.remainder, _, 1): return index(0)
    default: return nil
    }
  }
}

extension Kernel.UnaryOperation {
  /// The type of the result for an operand of type `type`.
  public func resultType(_ type: ElementType) -> ElementType {
    switch self {
    case .isFinite: .bool
    case .real, .imag, .abs: type == .c64 ? .f32 : type == .c128 ? .f64 : type
    default: type
    }
  }
}

extension Kernel.BinaryOperation {
  /// The type of the result for operands of type `type`.
  public func resultType(_ type: ElementType) -> ElementType {
    switch self {
    case .complex: type == .f64 ? .c128 : .c64
    default: type
    }
  }
}
