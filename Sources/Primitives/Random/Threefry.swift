import Core
import HLO
import Tensor
import Transforms

/// Threefry-2x32: the counter-based generator behind every key.
///
/// Twenty rounds of add, rotate and xor on two words, with the key added after every fourth round
/// (Salmon et al., *Parallel Random Numbers: As Easy as 1, 2, 3*). All functions are of one key, two
/// words; arrays of keys map them. They are divided into functions and loops as JAX's are, so that
/// the lowered text is the same; the passes make one elementwise kernel of it.
enum Threefry {
  private static let rotations: [[UInt32]] = [[13, 15, 26, 6], [17, 29, 16, 24]]
  /// Makes the third key word from the first two.
  private static let parity: Double = 0x1BD1_1BDA

  // MARK: What keys are for

  /// The key of an integer: its high word, then its low one.
  static func seed(_ seed: Value) throws -> Value {
    let dtype = seed.dtype
    let unsigned = dtype.kind == .unsigned || seed.aval.weakType
    let common: ElementType =
      dtype.bitWidth == 64 ? dtype : unsigned ? .u32 : Configuration.integer
    let high = try bind1(Binary(.shiftRightLogical), seed, .literal(32, dtype))
    let first = try expandDims(converted(high, to: .u32), [0])
    let mask: Value = .literal(common == .i32 ? -1 : 0xFFFF_FFFF, common)
    let low = try bind1(Binary(.and), converted(seed, to: common), mask)
    let second = try expandDims(converted(low, to: .u32), [0])
    return try bind1(Concatenate(0), first, second)
  }

  /// New keys, an array of `shape`.
  static func split(_ key: Value, _ shape: Shape, isPartitionable: Bool) throws -> Value {
    try shared("_threefry_split", shape, [key], isPartitionable: isPartitionable) { operands in
      guard isPartitionable else { return try splitOriginal(operands[0], shape) }
      let (first, second) = try stream(operands[0], shape)
      return try bind1(
        Concatenate(shape.rank), expandDims(first, [shape.rank]),
        expandDims(second, [shape.rank]))
    }
  }

  /// The key that `data`, a word, makes of `key`.
  static func foldIn(_ key: Value, _ data: Value) throws -> Value {
    try shared("_threefry_fold_in", .scalar, [key, data]) { operands in
      let counter = try seed(operands[1])
      let (first, second) = try words(of: operands[0])
      let results = try bind(
        Threefry2x32(), [first, second] + [0, 1].map { try part($0, of: counter) })
      return try bind1(Concatenate(0), results[0], results[1])
    }
  }

  /// Uniform bits. Both words side by side give 64; fewer are the low ones of their xor.
  static func bits(
    _ key: Value, _ dtype: ElementType, _ shape: Shape, isPartitionable: Bool
  ) throws -> Value {
    guard isPartitionable else { return try bitsOriginal(key, dtype, shape) }
    let (first, second) = try stream(key, shape)
    guard dtype == .u64 else {
      return try converted(bind1(Binary(.xor), first, second), to: dtype)
    }
    return try joined(first, second)
  }

  // MARK: Words

  /// Numbers of 64 bits.
  static func joined(_ high: Value, _ low: Value) throws -> Value {
    let (high, low) = (try converted(high, to: .u64), try converted(low, to: .u64))
    return try bind1(
      Binary(.or), bind1(Binary(.shiftLeft), high, .literal(32, .u64)), low)
  }

  /// The two words of the generator for each element of an array: its counter is its position.
  private static func stream(_ key: Value, _ shape: Shape) throws -> (Value, Value) {
    let (first, second) = try words(of: key)
    let (high, low) = try positions(shape)
    let results = try bind(Threefry2x32(), [first, second, high, low])
    return (results[0], results[1])
  }

  /// The position of each element of an array, as two words.
  private static func positions(_ shape: Shape) throws -> (high: Value, low: Value) {
    if shape.rank == 0 { return (.literal(0, .u32), .literal(0, .u32)) }
    var stride = shape.count
    let indices = try shape.dimensions.indices.map {
      try bind1(Iota(dtype: .u64, shape: shape, dimension: $0))
    }
    let steps = try zip(indices, shape.dimensions).map { index, extent in
      stride /= max(extent, 1)
      return try mul(.literal(Double(stride), .u64), index)
    }
    let position = try steps.dropFirst().reduce(steps[0], add)
    let high = try bind1(Binary(.shiftRightLogical), position, .literal(32, .u64))
    let low = try converted(position, to: .u32)
    return (try converted(high, to: .u32), low)
  }

  static func words(of key: Value) throws -> (Value, Value) {
    (
      try bind1(Squeeze([0]), part(0, of: key)), try bind1(Squeeze([0]), part(1, of: key))
    )
  }

  private static func part(_ index: Int, of words: Value) throws -> Value {
    try bind1(Slice(starts: [index], limits: [index + 1]), words)
  }

  private static func converted(_ value: Value, to dtype: ElementType) throws -> Value {
    value.dtype == dtype && !value.aval.weakType ? value : try convert(value, to: dtype)
  }

  // MARK: The block function

  /// The two output words for each pair of counter words, at words of the given types.
  fileprivate static func block(_ avals: [ShapedArray]) throws -> ClosedJaxpr {
    try function("threefry2x32", .scalar, avals) { operands in
      let shape = try broadcastShape(operands.map(\.shape), for: "threefry2x32")
      // The words take turns in the loop, and therefore have one shape.
      let keys = try broadcastShape(operands[..<2].map(\.shape), for: "threefry2x32")
      let (first, second) = (
        try broadcast(operands[0], keys), try broadcast(operands[1], keys)
      )
      let third = try bind1(
        Binary(.xor), bind1(Binary(.xor), first, second), .literal(parity, .u32))
      let x = try add(broadcast(operands[2], shape), broadcast(first, shape))
      let y = try add(broadcast(operands[3], shape), broadcast(second, shape))
      let carry =
        [.literal(0, Configuration.integer), x, y, second, third, first]
        + rotations.map { .array(DeviceArray(HostTensor($0))) }
      let group = try function("group", shape, carry.map(\.aval)) { try self.group($0, shape) }
      let loop = Scan(
        jaxpr: group, length: 5, reverse: false, constCount: 0, carryCount: carry.count)
      return Array(try bind(loop, carry)[1...2])
    }
  }

  /// Four rounds, and the key. What the next group needs comes first in it: the words of the key
  /// and the rotations move up.
  private static func group(_ state: [Value], _ shape: Shape) throws -> [Value] {
    let (number, keys, distances) = (state[0], state[3...5], state[6...7])
    let next = try add(number, .literal(1, number.dtype))
    var (x, y) = (state[1], state[2])
    for index in 0..<4 {
      let distance = try bind1(Squeeze([0]), part(index, of: distances[6]))
      x = try add(x, y)
      let high = try bind1(Binary(.shiftLeft), y, distance)
      let low = try bind1(
        Binary(.shiftRightLogical), y, sub(.literal(32, .u32), distance))
      y = try bind1(Binary(.xor), x, bind1(Binary(.or), high, low))
    }
    x = try add(x, broadcast(keys[3], shape))
    y = try add(y, broadcast(keys[4], shape))
    y = try add(y, converted(add(number, .literal(1, number.dtype)), to: .u32))
    return [next, x, y, keys[4], keys[5], keys[3], distances[7], distances[6]]
  }

  /// `words`, a scalar or an array of the rank of `shape`, repeated along axes of extent one.
  private static func broadcast(_ words: Value, _ shape: Shape) throws -> Value {
    if words.shape == shape { return words }
    return try bind1(
      BroadcastInDim(shape: shape, dimensions: Array(words.shape.dimensions.indices)), words)
  }

  // MARK: Functions

  private struct Signature: Hashable {
    var name: String
    var shape: Shape
    var avals: [ShapedArray]
    /// Of counters.
    var integer: ElementType
    var isPartitionable: Bool
  }

  // Tracing and lowering happen on one thread.
  private static nonisolated(unsafe) var functions: [Signature: ClosedJaxpr] = [:]

  /// One jaxpr for each signature, so that lowered modules share its function.
  private static func function(
    _ name: String, _ shape: Shape, _ avals: [ShapedArray], isPartitionable: Bool = true,
    _ body: FlatFunction
  ) throws -> ClosedJaxpr {
    let signature = Signature(
      name: name, shape: shape, avals: avals, integer: Configuration.integer,
      isPartitionable: isPartitionable)
    if let known = functions[signature] { return known }
    let staged = try stage(avals, body)
    functions[signature] = staged
    return staged
  }

  /// Calls a function that lowered modules have once.
  private static func shared(
    _ name: String, _ shape: Shape, _ operands: [Value], isPartitionable: Bool = true,
    _ body: @escaping ([Value]) throws -> Value
  ) throws -> Value {
    let jaxpr = try function(
      name, shape, operands.map(\.aval), isPartitionable: isPartitionable
    ) { [try body($0)] }
    return try bind(Jit(name: name, jaxpr: jaxpr), operands)[0]
  }
}

extension LoweringContext {
  /// Lowers a primitive on arrays by what it is for single keys, which are two words each.
  /// Operands without axes serve all keys.
  func expandKeys(
    _ operands: [ValueID], _ definition: @escaping ([Value]) throws -> Value
  ) throws -> ValueID {
    let ranks = inAvals.map(\.rank)
    let avals = inAvals.map {
      $0.dtype == .key ? ShapedArray($0.loweredType.shape, .u32) : $0
    }
    let function = mapped(definition, ranks.map { $0 > 0 }, axes: ranks.max() ?? 0)
    return try inline(stage(avals, function), operands)[0]
  }
}

/// `function` applied to all elements along the first `axes` axes of the operands that have them;
/// one element serves all others.
private func mapped(
  _ function: @escaping ([Value]) throws -> Value, _ haveAxes: [Bool], axes: Int
) -> FlatFunction {
  guard axes > 0 else { return { [try function($0)] } }
  return { operands in
    let extents = zip(operands, haveAxes).map { $1 ? $0.shape[0] : 1 }
    let size = extents.first { $0 != 1 } ?? 1
    let isMapped = zip(extents, haveAxes).map { $1 && $0 == size }
    let elements = try operands.indices.map {
      haveAxes[$0] && !isMapped[$0] ? try bind1(Squeeze([0]), operands[$0]) : operands[$0]
    }
    let (results, dims) = try vmapInner(
      mapped(function, haveAxes, axes: axes - 1), elements, isMapped.map { $0 ? 0 : nil },
      size: size)
    return try zip(results, dims).map { try moveBatchAxis($0, $1, to: 0, size: size) }
  }
}

/// `threefry2x32 k0 k1 x0 x1`: the block function on arrays of words.
public struct Threefry2x32: DiscretePrimitive {
  public init() {}

  public var name: String { "threefry2x32" }
  public var parameters: [Parameter] { [] }

  public func abstractEval(_ operands: [ShapedArray]) throws -> [ShapedArray] {
    guard operands.allSatisfy({ $0.dtype == .u32 }) else {
      throw RaisedError.type(
        "Arguments to threefry2x32 must have uint32 type, got "
          + operands.map(\.description).joined(separator: ", "))
    }
    let shape = try broadcastShape(operands.map(\.shape), for: name)
    return [ShapedArray(shape, .u32), ShapedArray(shape, .u32)]
  }

  /// Operands that are the same for all elements, or have fewer axes, get axes of extent one.
  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    var operands = operands
    for (index, dim) in dims.enumerated() where operands[index].shape.rank > 0 {
      operands[index] = try moveBatchAxis(
        operands[index], dim, to: 0, size: dim == nil ? 1 : size, marks: false)
    }
    let rank = operands.map(\.shape.rank).max() ?? 0
    for (index, dim) in dims.enumerated() where dim != nil {
      let missing = Array(operands[index].shape.rank..<rank)
      operands[index] = try expandDims(operands[index], missing)
    }
    return (try bind(self, operands), [0, 0])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    try context.call(Threefry.block(context.inAvals), name: name, operands)
  }
}
