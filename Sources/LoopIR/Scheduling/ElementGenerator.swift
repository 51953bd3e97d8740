import HLO
import Support
import Tensor

/// Computes single elements: the value of an HLO array at an index, as scalar code in a kernel.
///
/// An array that has memory is loaded; every other one is computed from the elements that its
/// operation needs, producers included. So a fusion is evaluated by asking for the elements of its
/// result, and one rule per operation (`ElementGenerator+….swift`) serves every mix of operations.
///
///     y = exp(broadcast(x)) * 2     at [i, j]     →     multiply(exp(load x[j]), 2)
///
/// Elements are remembered while they can be used: until the loop or branch that computed them ends.
final class ElementGenerator {
  /// What was computed, and can be found again.
  enum Key: Hashable {
    case element(HLO.ValueID, ElementIndex)
    case index(Kernel.BinaryOperation, Kernel.ValueID, Kernel.ValueID)
  }

  let function: Function
  let builder: KernelBuilder
  /// Do the threads of a GPU's block share reductions?
  var sharesReductions = false
  /// The arrays that have memory.
  var memories: [HLO.ValueID: Kernel.MemoryID] = [:]
  /// Values kept for the row at hand, with the number of coordinates that tell rows apart.
  var rowMemories: [HLO.ValueID: (memory: Kernel.MemoryID, rank: Int)] = [:]
  /// The scalars that are known: arguments of regions under evaluation.
  var scalars: [HLO.ValueID: Kernel.ValueID] = [:]
  /// What the arguments of a fusion's region stand for.
  var aliases: [HLO.ValueID: HLO.ValueID] = [:]
  /// Sums of a value and a constant, taken apart.
  var offsets: [Kernel.ValueID: (base: Kernel.ValueID, offset: Int)] = [:]
  private var scopes = [Scope(depth: 0)]

  /// What was computed in a block, or in a part of one.
  private struct Scope {
    /// The depth of the block.
    let depth: Int
    var known: [Key: Kernel.ValueID] = [:]
  }

  init(_ function: Function, _ builder: KernelBuilder) {
    self.function = function
    self.builder = builder
  }

  // MARK: Memory of what was computed

  func lookUp(_ key: Key) -> Kernel.ValueID? {
    for scope in scopes.reversed() {
      if let value = scope.known[key] { return value }
    }
    return nil
  }

  func remember(_ key: Key, _ value: Kernel.ValueID) {
    scopes[scopes.count - 1].known[key] = value
  }

  /// Runs `body`, and forgets afterwards what it computed: its block ends.
  func scoped<T>(_ body: () throws -> T) rethrows -> T {
    scopes.append(Scope(depth: builder.depth))
    defer { scopes.removeLast() }
    return try body()
  }

  // MARK: Types

  /// The tensor type of `value`, which code generation takes for granted.
  func type(of value: HLO.ValueID) -> TensorType {
    function.values[value].type.tensor ?? TensorType([0], .bool)
  }

  func shape(of value: HLO.ValueID) -> Shape { type(of: value).shape }

  func resolve(_ value: HLO.ValueID) -> HLO.ValueID {
    var value = value
    while let alias = aliases[value] { value = alias }
    return value
  }

  // MARK: Elements of arrays

  /// The only element of a scalar.
  func scalar(_ value: HLO.ValueID) throws -> Kernel.ValueID { try element(value, .scalar) }

  /// The element of `value` at `index`.
  func element(_ value: HLO.ValueID, _ index: ElementIndex) throws -> Kernel.ValueID {
    let value = resolve(value)
    if let scalar = scalars[value] { return scalar }
    let key = Key.element(value, index)
    if let known = lookUp(key) { return known }
    let result: Kernel.ValueID
    if let (memory, rank) = rowMemories[value] {
      let shape = shape(of: value)
      let inner = Array(coordinates(index, shape).dropFirst(rank))
      result = builder.load(
        memory, at: position(of: inner, Array(shape.dimensions.dropFirst(rank))))
    } else if let memory = memories[value] {
      result = builder.load(memory, at: position(index, shape(of: value)))
    } else if case .result(let id, let number) = function.values[value].definition {
      return try hoisted(id, index) {
        let results = try elements(of: id, index)
        for (other, element) in zip(function.operations[id].results, results) {
          remember(.element(other, index), element)
        }
        return results[number]
      }
    } else {
      throw internalError("an argument without memory")
    }
    return remembered(key, result)
  }

  /// Runs `body`, which computes the elements of `id` at `index`, outside the loops that do not
  /// change `index`, where that saves much.
  ///
  ///     for j { … sum over k of x[i, k] … }     →     sum over k of x[i, k]; for j { … }
  private func hoisted<T>(
    _ id: OperationID, _ index: ElementIndex, _ body: () throws -> T
  ) rethrows -> T {
    let operation = function.operations[id]
    let known = (index.coordinates ?? []) + (index.position.map { [$0] } ?? [])
    let depth = builder.depth(knowing: known)
    guard depth < builder.depth, scalars.isEmpty, hasLoops(operation) else { return try body() }
    let inner = scopes.firstIndex { $0.depth > depth } ?? scopes.count
    let hidden = Array(scopes[inner...])
    scopes.removeLast(hidden.count)
    defer { scopes += hidden }
    return try builder.hoisting(to: depth, body)
  }

  /// `true` iff an element of `operation` takes loops or an elementary function.
  private func hasLoops(_ operation: Operation) -> Bool {
    switch operation.op {
    case .reduce, .reduceWindow, .dotGeneral, .convolution: true
    default: function.cost(of: operation) >= 16
    }
  }

  /// The elements of all results of `id` at `index`.
  private func elements(of id: OperationID, _ index: ElementIndex) throws -> [Kernel.ValueID] {
    let operation = function.operations[id]
    if let one = try elementwise(operation, index) ?? moved(operation, index) { return [one] }
    switch operation.op {
    case .reduce(let dimensions): return try reduction(operation, dimensions, index)
    case .reduceWindow(let window): return try windowReduction(operation, window, index)
    case .dotGeneral(let attributes): return [try dotElement(operation, attributes, index)]
    case .convolution(let attributes):
      return [try convolutionElement(operation, attributes, index)]
    case .optimizationBarrier, .shardingConstraint:
      return [try element(operation.operands[0], index)]
    case .fusion:
      let region = operation.regions[0]
      for (argument, operand) in zip(function.regions[region].arguments, operation.operands) {
        aliases[argument] = operand
      }
      return try results(of: region).map { try element($0, index) }
    default:
      throw unsupported(
        "\(operation.op.mnemonic) inside a loop nest", at: function.locations[id].span)
    }
  }

  /// The operands of the `return` of `region`.
  func results(of region: RegionID) -> [HLO.ValueID] {
    guard let last = function.terminator(of: region) else { return [] }
    return Array(function.operations[last].operands)
  }

  /// The values that `region`, which works on scalars, gives for `arguments`.
  func evaluate(_ region: RegionID, _ arguments: [Kernel.ValueID]) throws -> [Kernel.ValueID] {
    let parameters = function.regions[region].arguments
    let outer = parameters.map { scalars[$0] }
    for (parameter, argument) in zip(parameters, arguments) { scalars[parameter] = argument }
    defer { for (parameter, value) in zip(parameters, outer) { scalars[parameter] = value } }
    return try scoped { try results(of: region).map { try scalar($0) } }
  }

  private func remembered(_ key: Key, _ value: Kernel.ValueID) -> Kernel.ValueID {
    remember(key, value)
    return value
  }

  func internalError(_ message: String) -> Diagnostic {
    Diagnostic(.error, "internal error: scheduling @\(function.name): \(message)")
  }

  // MARK: Loops and branches that forget at their end

  func loop(
    _ count: Int, kind: Kernel.LoopKind = .sequential, body: (Kernel.ValueID) throws -> Void
  ) rethrows {
    if count == 0 { return }
    if count == 1 && !kind.isParallel { return try body(builder.index(0)) }
    try builder.loop(from: builder.index(0), to: builder.index(count), kind: kind) { index in
      try scoped { try body(index) }
    }
  }

  /// A loop that carries values.
  func loop(
    _ count: Int, carrying initial: [Kernel.ValueID],
    body: (Kernel.ValueID, [Kernel.ValueID]) throws -> [Kernel.ValueID]
  ) rethrows -> [Kernel.ValueID] {
    if count == 0 { return initial }
    if count == 1 { return try body(builder.index(0), initial) }
    return try builder.loop(
      from: builder.index(0), to: builder.index(count), carrying: initial
    ) { index, carried in
      try scoped { try body(index, carried) }
    }
  }

  /// Nested loops over `extents`, outermost first, that carry values.
  func nest(
    _ extents: [Int], carrying initial: [Kernel.ValueID],
    body: ([Kernel.ValueID], [Kernel.ValueID]) throws -> [Kernel.ValueID]
  ) rethrows -> [Kernel.ValueID] {
    guard let extent = extents.first else { return try body([], initial) }
    return try loop(extent, carrying: initial) { index, carried in
      try nest(Array(extents.dropFirst()), carrying: carried) { inner, carried in
        try body([index] + inner, carried)
      }
    }
  }

  /// Nested sequential loops over `extents`, outermost first.
  func nest(_ extents: [Int], body: ([Kernel.ValueID]) throws -> Void) rethrows {
    guard let extent = extents.first else { return try body([]) }
    try loop(extent) { index in
      try nest(Array(extents.dropFirst())) { inner in try body([index] + inner) }
    }
  }

  func branch(
    _ condition: Kernel.ValueID, then: () throws -> [Kernel.ValueID],
    otherwise: () throws -> [Kernel.ValueID]
  ) rethrows -> [Kernel.ValueID] {
    try builder.branch(
      condition, then: { try scoped(then) }, otherwise: { try scoped(otherwise) })
  }

  // MARK: Constants

  /// `bytes` hold one element of `type`.
  func constant(_ type: ElementType, _ bytes: UnsafeRawPointer) -> Kernel.ValueID {
    builder.constant(type, ScalarBits(type, bytes))
  }

  func constant(_ scalar: HostTensor) -> Kernel.ValueID {
    constant(scalar.type, UnsafeRawPointer(scalar.buffer.address))
  }

  /// `value` as an element of `type`.
  func constant(_ type: ElementType, _ value: Int) throws -> Kernel.ValueID {
    guard let scalar = Constant(value, .scalar(type)).splat else {
      throw internalError("a constant without value")
    }
    return constant(scalar)
  }

  func constant(_ type: ElementType, _ value: Double) throws -> Kernel.ValueID {
    guard let scalar = Constant(value, .scalar(type)).splat else {
      throw internalError("a constant without value")
    }
    return constant(scalar)
  }
}

extension ScalarBits {
  /// Reads one element of `type`.
  init(_ type: ElementType, _ bytes: UnsafeRawPointer) {
    switch type.byteCount {
    case 1: self.init(UInt64(bytes.loadUnaligned(as: UInt8.self)))
    case 2: self.init(UInt64(bytes.loadUnaligned(as: UInt16.self)))
    case 4: self.init(UInt64(bytes.loadUnaligned(as: UInt32.self)))
    case 8 where type == .c64:
      self.init(
        UInt64(bytes.loadUnaligned(as: UInt32.self)),
        imaginary: UInt64(bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
    case 8: self.init(bytes.loadUnaligned(as: UInt64.self))
    case 16:
      self.init(
        bytes.loadUnaligned(as: UInt64.self),
        imaginary: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    default: self.init(0)
    }
  }
}
