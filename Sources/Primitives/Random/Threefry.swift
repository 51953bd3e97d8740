import Core
import HLO
import Tensor
import Transforms

/// Threefry-2x32: the counter-based generator behind every key.
///
/// Twenty rounds of add, rotate and xor on two words, with the key added after every fourth round
/// (Salmon et al., *Parallel Random Numbers: As Easy as 1, 2, 3*). Written over values, so that
/// it serves eager use and lowering; the rounds are unrolled, so that all of them, the counters and
/// whatever uses the bits become one elementwise kernel.
enum Threefry {
  private static let rotations: [[Double]] = [[13, 15, 26, 6], [17, 29, 16, 24]]
  /// Makes the third key word from the first two.
  private static let parity: Double = 0x1BD1_1BDA

  /// The two output words for each pair of counter words.
  static func block(_ key: (Value, Value), _ counter: (Value, Value)) throws -> (Value, Value) {
    func word(_ number: Double) -> Value { .literal(number, .u32) }
    func rotate(_ x: Value, _ distance: Double) throws -> Value {
      let high = try bind1(Binary(.shiftLeft), x, word(distance))
      let low = try bind1(Binary(.shiftRightLogical), x, word(32 - distance))
      return try bind1(Binary(.or), high, low)
    }
    let third = try bind1(Binary(.xor), bind1(Binary(.xor), key.0, key.1), word(parity))
    let keys = [key.0, key.1, third]
    var (x, y) = (try add(counter.0, keys[0]), try add(counter.1, keys[1]))
    for group in 0..<5 {
      for distance in rotations[group % 2] {
        x = try add(x, y)
        y = try bind1(Binary(.xor), x, rotate(y, distance))
      }
      x = try add(x, keys[(group + 1) % 3])
      y = try add(add(y, keys[(group + 2) % 3]), word(Double(group + 1)))
    }
    return (x, y)
  }

  /// `block` as a function of four arrays of these types, one for each set of types.
  private static func jaxpr(_ avals: [ShapedArray]) throws -> ClosedJaxpr {
    if let known = functions[avals] { return known }
    let staged = try stage(avals) { words in
      let (x, y) = try block((words[0], words[1]), (words[2], words[3]))
      return [x, y]
    }
    functions[avals] = staged
    return staged
  }

  // Tracing and lowering happen on one thread.
  private static nonisolated(unsafe) var functions: [[ShapedArray]: ClosedJaxpr] = [:]

  /// Emits a call of the private function `threefry2x32`.
  static func call(
    _ context: LoweringContext, _ key: (ValueID, ValueID), _ counter: (ValueID, ValueID)
  ) throws -> (ValueID, ValueID) {
    let operands = [key.0, key.1, counter.0, counter.1]
    let avals = try operands.map {
      ShapedArray(Shape(try context.builder.tensorType(of: $0).dimensions), .u32)
    }
    let results = try context.call(jaxpr(avals), name: "threefry2x32", operands)
    return (results[0], results[1])
  }

  /// The two output words at the counters 0, 1, …, `count` - 1 for each of `keys`, along a new
  /// last axis.
  static func stream(_ context: LoweringContext, _ keys: ValueID, count: Int) throws -> (
    ValueID, ValueID
  ) {
    guard count <= Int(UInt32.max) else {
      throw RaisedError.value("cannot draw \(count) values from one key at once")
    }
    let builder = context.builder
    var (first, second) = try words(context, keys)
    let batch = try builder.tensorType(of: first).dimensions
    var shape = batch + [count]
    if batch.isEmpty {
      shape = [count]
    } else {
      first = try builder.broadcastInDim(first, batch + [1], Array(batch.indices))
      second = try builder.broadcastInDim(second, batch + [1], Array(batch.indices))
    }
    let low = try builder.iota(TensorType(shape, .u32), dimension: batch.count)
    let high = try builder.full(0, TensorType(shape, .u32))
    return try call(context, (first, second), (high, low))
  }

  /// The two words of each of `keys`.
  static func words(_ context: LoweringContext, _ keys: ValueID) throws -> (ValueID, ValueID) {
    let builder = context.builder
    let batch = Array(try builder.tensorType(of: keys).dimensions.dropLast())
    func word(_ index: Int) throws -> ValueID {
      let part = try builder.slice(
        keys, start: batch.map { _ in 0 } + [index], limit: batch + [index + 1])
      return try builder.reshape(part, batch)
    }
    return (try word(0), try word(1))
  }

  /// Keys from their words.
  static func join(_ context: LoweringContext, _ first: ValueID, _ second: ValueID) throws
    -> ValueID
  {
    let builder = context.builder
    let batch = try builder.tensorType(of: first).dimensions
    let parts = try [first, second].map {
      try builder.broadcastInDim($0, batch + [1], Array(batch.indices))
    }
    return try builder.concatenate(parts, dimension: batch.count)
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

  public func batch(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    results: [Value], dims: [Int?]
  ) {
    let (aligned, dim) = try alignBatched(operands, dims, size: size)
    return (try bind(self, aligned), [dim, dim])
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    let words = try context.aligned(operands)
    let (x, y) = try Threefry.call(context, (words[0], words[1]), (words[2], words[3]))
    return [x, y]
  }
}
