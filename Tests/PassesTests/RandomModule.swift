import HLO
import Tensor

/// Makes modules of small operations on small arrays, the same ones for the same seed.
struct RandomModule {
  private var state: UInt64
  private let builder: FunctionBuilder
  /// What an operation may use: the values in scope.
  private var values: [ValueID]
  private var callsLibrary = true

  /// A module whose `@main` takes two arrays and gives some of what it computes, with sorts and
  /// large products if it `callsLibrary`.
  static func make(seed: UInt64, operations: Int, callsLibrary: Bool = true) throws -> Module {
    var maker = RandomModule(seed: seed)
    maker.callsLibrary = callsLibrary
    for _ in 0..<operations { try maker.step(depth: 0) }
    return try maker.finish()
  }

  /// Arguments for such a module.
  static func arguments(seed: UInt64) -> [HostTensor] {
    var maker = RandomModule(seed: seed &+ 77)
    let reals = (0..<6).map { _ in Float(maker.below(65)) / 16 - 2 }
    let integers = (0..<6).map { _ in Int32(maker.below(9)) - 4 }
    return [HostTensor(reals, shape: [2, 3]), HostTensor(integers, shape: [2, 3])]
  }

  private init(seed: UInt64) {
    state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    builder = FunctionBuilder(
      name: "main", visibility: .public,
      arguments: [.tensor([2, 3], .f32), .tensor([2, 3], .i32)])
    values = builder.arguments
  }

  private init(seed: UInt64, builder: FunctionBuilder) {
    state = seed | 1
    self.builder = builder
    values = []
  }

  private mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }

  private mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }

  private mutating func any() -> ValueID {
    // Recent values more often, so that chains arise.
    let recent = values.suffix(6)
    return below(3) == 0 ? pick(values) : pick(Array(recent))
  }

  private func type(_ value: ValueID) throws -> TensorType { try builder.tensorType(of: value) }

  /// A value of the type of `other`: one that exists, a constant, or `other` itself.
  private mutating func like(_ other: ValueID) throws -> ValueID {
    let wanted = try type(other)
    switch below(4) {
    case 0: return try constant(wanted)
    case 1: return other
    default:
      let same = try values.filter { try type($0) == wanted }
      return pick(same.isEmpty ? [other] : same)
    }
  }

  private mutating func constant(_ type: TensorType) throws -> ValueID {
    let isSplat = below(2) == 0
    let count = isSplat ? 1 : type.count
    let shape = isSplat ? Shape.scalar : type.shape
    let tensor: HostTensor
    switch type.element {
    case .bool:
      tensor = HostTensor((0..<count).map { _ in below(2) == 0 }, shape: shape)
    case .i32: tensor = HostTensor((0..<count).map { _ in Int32(below(5)) - 1 }, shape: shape)
    default:
      tensor = HostTensor((0..<count).map { _ in Float(below(9)) / 2 - 2 }, shape: shape)
    }
    return try builder.constant(
      isSplat ? Constant(splat: tensor, shape: type.shape) : Constant(tensor))
  }

  private mutating func step(depth: Int) throws {
    let x = any()
    let type = try type(x)
    let rank = type.rank
    switch below(34) {
    case 0: values.append(try constant(type))
    case 1, 2, 3: try arithmetic(x, type)
    case 4:
      if type.element == .f32 {
        values.append(try builder.unary(pick([.negate, .abs, .tanh, .sine, .floor, .square]), x))
      } else {
        values.append(try builder.unary(type.element == .bool ? .not : .negate, x))
      }
    case 5:
      values.append(try builder.compare(x, pick([.lt, .eq, .ge]), like(x)))
    case 6:
      let wanted = try values.filter { try self.type($0) == TensorType(type.shape, .bool) }
      guard !wanted.isEmpty else { return }
      values.append(try builder.select(pick(wanted), x, like(x)))
    case 7: values.append(try builder.convert(x, to: pick([.f32, .i32])))
    case 8 where rank <= 2:
      let extent = 1 + below(3)
      values.append(
        try builder.broadcastInDim(x, [extent] + type.dimensions, Array(1..<(rank + 1))))
    case 9: values.append(try builder.reshape(x, pick([[type.count], [1] + type.dimensions])))
    case 10 where rank > 0:
      values.append(try builder.transpose(x, Array((0..<rank).reversed())))
    case 11 where rank > 0: values.append(try builder.reverse(x, dimensions: [below(rank)]))
    case 12 where rank > 0 && type.count < 100:
      values.append(try builder.concatenate([x, like(x)], dimension: below(rank)))
    case 13 where rank > 0 && type.count > 0:
      let start = type.dimensions.map { below($0) }
      let limit = zip(start, type.dimensions).map { $0 + 1 + below($1 - $0) }
      values.append(try builder.slice(x, start: start, limit: limit))
    case 14 where rank > 0 && type.count < 60:
      let zero = try constant(.scalar(type.element))
      let low = type.dimensions.map { _ in below(3) - 1 }
      let high = type.dimensions.map { _ in below(2) }
      let interior = type.dimensions.map { _ in below(2) }
      // Not all amounts fit together.
      let padded = try? builder.pad(x, with: zero, low: low, high: high, interior: interior)
      if let padded { values.append(padded) }
    case 15 where rank > 0 && type.count > 0:
      let starts = try type.dimensions.map { _ in try index() }
      values.append(
        try builder.dynamicSlice(x, starts: starts, sizes: type.dimensions.map { max(1, $0 - 1) }))
    case 16 where rank > 0 && type.count > 0:
      let update = try builder.slice(
        x, start: type.dimensions.map { _ in 0 }, limit: type.dimensions.map { max(1, $0 - 1) })
      let starts = try type.dimensions.map { _ in try index() }
      values.append(try builder.dynamicUpdateSlice(like(x), update, starts: starts))
    case 17, 18:
      guard rank > 0, type.element != .bool else { return }
      let op: BinaryOp = pick([.add, .maximum, .minimum])
      let axes = (0..<rank).filter { _ in below(2) == 0 }
      let initial = try builder.convert(builder.scalar(0, .i32), to: type.element)
      values.append(
        try builder.reduce(op, x, initial, dimensions: axes.isEmpty ? [rank - 1] : axes))
    case 19 where rank == 2 && type.element == .f32:
      let other = try builder.transpose(like(x), [1, 0])
      values.append(
        try builder.dotGeneral(
          x, other, DotDimensionNumbers(lhsContracting: [1], rhsContracting: [0])))
    case 20 where depth == 0: try loop(x)
    case 21 where depth == 0: try branch(x)
    case 22 where type.element == .f32:
      // Division by what is not near zero.
      let one = try builder.splat(1.5, type)
      let divisor = below(2) == 0 ? one : try builder.add(builder.abs(like(x)), one)
      values.append(try builder.divide(x, divisor))
    case 23 where rank == 2 && type.element == .f32 && type.count > 0: try rows(x, type)
    case 24 where rank == 2 && type.element == .f32 && type.count > 0: try rows(x, type)
    case 25 where rank == 2 && type.element == .f32 && type.count > 0: try addRows(x, type)
    case 26 where rank == 2 && type.element == .f32 && (1..<60).contains(type.count):
      try convolution(x, type)
    case 27 where rank > 0 && type.element != .bool && callsLibrary:
      try sort(x, dimension: below(rank))
    case 28:
      let tuple = try builder.emitOne(.tuple, [x, like(x)])
      values.append(try builder.emitOne(.getTupleElement(index: below(2)), [tuple]))
    case 29 where rank > 0 && type.count < 8:
      let parts = try (0..<70).map { _ in try like(x) }
      values.append(try builder.concatenate(parts, dimension: rank - 1))
    case 30 where type.element == .f32 && (1..<20).contains(type.count) && callsLibrary:
      try product(x, type)
    case 31 where rank > 0:
      // Sizes that only the operands tell.
      let sizes = try builder.constant(
        HostTensor(type.dimensions.map { Int32($0) }, shape: [rank]))
      let dynamic = TensorType(type.dimensions.map { _ in TensorType.dynamic }, type.element)
      let hidden = try builder.emitOne(.dynamicReshape, [x, sizes], type: .tensor(dynamic))
      values.append(try builder.emitOne(.dynamicReshape, [hidden, sizes], type: .tensor(type)))
    case 32:
      let both = builder.arguments.map { builder.type(of: $0) }
      values.append(try builder.call("pair", builder.arguments, resultTypes: both)[below(2)])
    default: try arithmetic(x, type)
    }
  }

  /// A product that is large enough for a library, with its batches in the middle.
  private mutating func product(_ x: ValueID, _ type: TensorType) throws {
    let flat = try builder.reshape(x, [type.count])
    let large = try builder.broadcastInDim(flat, [20, type.count, 20], [1])
    let products = try builder.dotGeneral(
      large, large,
      DotDimensionNumbers(
        lhsBatching: [1], rhsBatching: [1], lhsContracting: [0], rhsContracting: [0]))
    values.append(
      try builder.reduce(.maximum, products, builder.scalar(0.0, .f32), dimensions: [1, 2]))
  }

  /// A function that takes two arrays through a tuple.
  private static func pair(_ types: [ValueType]) throws -> Function {
    let b = FunctionBuilder(name: "pair", visibility: .private, arguments: types)
    let tuple = try b.call(
      "swap", [b.emitOne(.tuple, Operands(b.arguments))],
      resultTypes: [
        .tuple([types[1], types[0]])
      ])[0]
    try b.return((0..<2).map { try b.emitOne(.getTupleElement(index: 1 - $0), [tuple]) })
    return try b.finish()
  }

  private static func swap(_ types: [ValueType]) throws -> Function {
    let b = FunctionBuilder(name: "swap", visibility: .private, arguments: [.tuple(types)])
    let parts = try (0..<2).map { try b.emitOne(.getTupleElement(index: $0), [b.arguments[0]]) }
    try b.return([b.emitOne(.tuple, [parts[1], b.unary(.negate, parts[0])])])
    return try b.finish()
  }

  /// Writes a row of an array over another, or over itself.
  private mutating func rows(_ x: ValueID, _ type: TensorType) throws {
    let zero = try builder.scalar(0, .i32)
    let (from, to) = (try index(), try index())
    var row = try builder.dynamicSlice(x, starts: [from, zero], sizes: [1, type.dimensions[1]])
    if below(3) == 0 { row = try builder.reverse(row, dimensions: [1]) }
    let update = try builder.unary(.tanh, builder.add(row, like(row)))
    if below(2) == 0 { values.append(update) }
    values.append(try builder.dynamicUpdateSlice(x, update, starts: [to, zero]))
  }

  /// Adds rows of one array to some of another.
  private mutating func addRows(_ x: ValueID, _ type: TensorType) throws {
    let count = 1 + below(type.dimensions[0])
    let columns = type.dimensions[1]
    let places = try (0..<count).map { _ in try builder.reshape(index(), [1, 1]) }
    let updates = try builder.slice(like(x), start: [0, 0], limit: [count, columns])
    values.append(
      try builder.scatter(
        [x], indices: places.count == 1 ? places[0] : builder.concatenate(places, dimension: 0),
        updates: [updates],
        ScatterAttributes(
          ScatterDimensionNumbers(
            updateWindowDims: [1], insertedWindowDims: [0], scatterDimsToOperandDims: [0],
            indexVectorDim: 1))
      ) { b, values in [try b.add(values[0], values[1])] }[0])
  }

  /// A convolution of a picture, perhaps padded, with two kernels, perhaps reversed.
  private mutating func convolution(_ x: ValueID, _ type: TensorType) throws {
    var picture = try builder.reshape(x, [1] + type.dimensions + [1])
    if below(2) == 0 {
      picture = try builder.pad(
        picture, with: builder.scalar(0.0, .f32), low: [0, below(2), below(2), 0],
        high: [0, below(2), below(2), 0], interior: [0, below(2), 0, 0])
    }
    let window = type.dimensions.map { min($0, 1 + below(2)) }
    var kernel = try constant(TensorType(window + [1, 2], .f32))
    if below(2) == 0 { kernel = try builder.reverse(kernel, dimensions: [0, 1]) }
    let result = try builder.convolution(
      picture, kernel,
      ConvolutionAttributes(
        ConvDimensionNumbers(
          inputBatch: 0, inputFeature: 3, inputSpatial: [1, 2], kernelInputFeature: 2,
          kernelOutputFeature: 3, kernelSpatial: [0, 1], outputBatch: 0, outputFeature: 3,
          outputSpatial: [1, 2])))
    values.append(try builder.reshape(result, [self.type(result).count / 2, 2]))
  }

  private mutating func sort(_ x: ValueID, dimension: Int) throws {
    values += try builder.sort([x], dimension: dimension, isStable: true) { b, pair in
      try b.compare(pair[0], .lt, pair[1])
    }
  }

  private mutating func arithmetic(_ x: ValueID, _ type: TensorType) throws {
    let op: BinaryOp =
      type.element == .bool
      ? pick([.and, .or, .xor]) : pick([.add, .subtract, .multiply, .maximum, .minimum])
    values.append(try builder.binary(op, x, like(x)))
  }

  /// A scalar index, constant or not, perhaps out of bounds.
  private mutating func index() throws -> ValueID {
    if below(2) == 0 { return try builder.scalar(below(5) - 1, .i32) }
    let flat = try builder.reshape(builder.arguments[1], [6])
    let at = below(6)
    return try builder.reshape(
      builder.slice(flat, start: [at], limit: [at + 1]), [])
  }

  /// A loop of a few rounds over `x`, with an operation that sees what is around it.
  private mutating func loop(_ x: ValueID) throws {
    let (outside, rounds) = (values, 1 + below(3))
    var inner = self
    let other = try like(x)
    let results = try builder.while([builder.scalar(0, .i32), x, other]) { b, carries in
      try b.compare(carries[0], .lt, b.scalar(rounds, .i32))
    } body: { b, carries in
      inner.values = outside + carries.dropFirst()
      for _ in 0..<2 { try inner.step(depth: 1) }
      let wanted = try inner.type(x)
      let next = try inner.values.last { try inner.type($0) == wanted } ?? carries[1]
      // Rounds keep numbers small, so that small differences stay small.
      let small = wanted.element == .f32 ? try b.unary(.tanh, next) : next
      return [try b.add(carries[0], b.scalar(1, .i32)), small, carries[1]]
    }
    state = inner.state
    values += results.dropFirst()
  }

  private mutating func branch(_ x: ValueID) throws {
    let at = try index()
    let condition = try builder.compare(at, .gt, builder.scalar(0, .i32))
    let outside = values
    var inner = self
    let other = try like(x)
    let results = try builder.if(condition) { b in
      inner.values = outside
      try inner.arithmetic(x, inner.type(x))
      return [inner.values.last ?? x, x]
    } else: { b in
      [x, other]
    }
    state = inner.state
    values += results
  }

  private mutating func finish() throws -> Module {
    var results = Array(values.suffix(3))
    for _ in 0..<2 { results.append(pick(values)) }
    try builder.return(results)
    let types = builder.arguments.map { builder.type(of: $0) }
    let helpers = [try Self.pair(types), try Self.swap(types)]
    return Module(name: "random", functions: [try builder.finish()] + helpers)
  }
}

extension RandomModule {
  /// Work that other modules do not have, for one pass each.
  enum Rarity: CaseIterable {
    case tuples, constantFactors, longRows, epilogues, scatters, narrowSums
  }

  /// A module with such work; its arguments are `arguments(seed:)`, for `tuples` in one tuple.
  static func make(seed: UInt64, rarity: Rarity) throws -> Module {
    var maker = RandomModule(seed: seed)
    switch rarity {
    case .tuples: return try maker.tupled()
    case .constantFactors: try maker.factors()
    case .longRows: try maker.longRow()
    case .epilogues: try maker.epilogue()
    case .scatters: try maker.longScatter()
    case .narrowSums: try maker.narrowSum()
    }
    return try maker.finish()
  }

  /// `@main` takes and gives tuples.
  private mutating func tupled() throws -> Module {
    let types = builder.arguments.map { builder.type(of: $0) }
    let b = FunctionBuilder(name: "main", visibility: .public, arguments: [.tuple(types)])
    var inner = RandomModule(seed: state, builder: b)
    for index in 0..<2 {
      inner.values.append(try b.emitOne(.getTupleElement(index: index), [b.arguments[0]]))
    }
    for _ in 0..<6 {
      let x = inner.any()
      try inner.arithmetic(x, inner.type(x))
    }
    let pair = try b.emitOne(.tuple, [inner.any(), inner.any()])
    try b.return([inner.any(), b.emitOne(.tuple, [inner.any(), pair])])
    return Module(name: "random", functions: [try b.finish()])
  }

  /// Products of constants and of what is broadcast; sums of constants.
  private mutating func factors() throws {
    let x = builder.arguments[0]
    let type = try type(x)
    values = [x]
    for _ in 0..<4 {
      let constant = try builder.splat(Double(1 + below(9)) / 4, type)
      let row = try builder.reduce(
        .maximum, x, builder.scalar(0.0, .f32), dimensions: [1])
      let spread = try builder.broadcastInDim(row, type.dimensions, [0])
      let other = below(2) == 0 ? spread : try builder.splat(Double(below(9)) / 8, type)
      let op: BinaryOp = pick([.add, .multiply])
      values.append(try builder.binary(op, builder.binary(op, any(), constant), other))
    }
  }

  /// The largest of many elements, and its place.
  private mutating func longRow() throws {
    let count = 65_536 + below(9_000)
    let scale = try builder.reshape(
      builder.slice(builder.arguments[0], start: [0, 0], limit: [1, 1]), [])
    let places = try builder.iota(TensorType([count], .i32), dimension: 0)
    let row = try builder.unary(
      .sine,
      builder.multiply(
        builder.convert(places, to: .f32), builder.broadcastInDim(scale, [count], [])))
    values += try builder.reduce(
      [row, places], [builder.scalar(-2.0, .f32), builder.scalar(0, .i32)], dimensions: [0]
    ) { b, pairs in
      let isLarger = try b.compare(pairs[0], .gt, pairs[2])
      let isEqual = try b.compare(pairs[0], .eq, pairs[2])
      let isBefore = try b.compare(pairs[1], .lt, pairs[3])
      let takesFirst = try b.binary(.or, isLarger, b.binary(.and, isEqual, isBefore))
      return [
        try b.select(isLarger, pairs[0], pairs[2]), try b.select(takesFirst, pairs[1], pairs[3]),
      ]
    }
  }

  /// Sums and running sums of halves of single precision that need no rounding: small integers.
  private mutating func narrowSum() throws {
    let type: ElementType = pick([.f16, .bf16])
    let x = builder.arguments[0]
    let digits = try builder.unary(.floor, builder.add(x, x))
    let numbers = try builder.convert(digits, to: type)
    let zero = try builder.scalar(0.0, type)
    let op: BinaryOp = pick([.add, .maximum])
    let sum = try builder.reduce(.add, numbers, zero, dimensions: [1])
    values += [sum, try builder.reduce(op, numbers, zero, dimensions: [0])]
    let columns = try builder.tensorType(of: numbers).dimensions[1]
    let window = WindowAttributes(
      dimensions: [1, columns], padding: [Padding(0, 0), Padding(columns - 1, 0)])
    values += try builder.reduceWindow([numbers], [zero], window) { b, pair in
      [try b.add(pair[0], pair[1])]
    }
  }

  /// Many updates, of which the last one or the sum counts where several fall on one place.
  private mutating func longScatter() throws {
    let (count, width) = (4096 + below(99), 2 + below(2))
    let places = try builder.iota(TensorType([count, 1], .i32), dimension: 0)
    let number = try builder.splat(3 + below(9), TensorType([count, 1], .i32))
    let updates = try builder.iota(TensorType([count, width], .f32), dimension: 0)
    let target = try builder.splat(0.5, TensorType([20, width], .f32))
    let replaces = below(2) == 0
    let numbers = ScatterDimensionNumbers(
      updateWindowDims: [1], insertedWindowDims: [0], scatterDimsToOperandDims: [0],
      indexVectorDim: 1)
    values = try builder.scatter(
      [target], indices: builder.binary(.remainder, places, number), updates: [updates],
      ScatterAttributes(numbers)
    ) { b, pair in [replaces ? pair[1] : try b.add(pair[0], pair[1])] }
  }

  /// A large product and what is done with each of its elements.
  private mutating func epilogue() throws {
    let (rows, columns, depth) = (20 + below(9), 40 + below(9), 6)
    let flat = try builder.reshape(builder.arguments[0], [depth])
    var x = try builder.dotGeneral(
      builder.broadcastInDim(flat, [rows, depth], [1]),
      builder.broadcastInDim(flat, [depth, columns], [0]),
      DotDimensionNumbers(lhsContracting: [1], rhsContracting: [0]))
    let bias = try builder.iota(TensorType([columns], .f32), dimension: 0)
    for _ in 0..<1 + below(4) {
      x =
        below(2) == 0
        ? try builder.unary(pick([.negate, .abs, .floor, .square]), x)
        : try builder.binary(
          pick([.add, .maximum, .subtract]), x,
          builder.broadcastInDim(bias, [rows, columns], [1]))
    }
    values = [x]
  }
}
