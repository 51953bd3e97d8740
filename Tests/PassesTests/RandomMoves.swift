import HLO
import Tensor

/// Makes short chains of operations that move integers, with any attributes that they may have:
/// axes in any order and of extent 0 and 1, indices outside, numbers of padding below 0. Most are
/// nearly what a rule of simplification looks for.
struct RandomMoves {
  private var state: UInt64
  private let builder: FunctionBuilder
  private var values: [ValueID]

  /// A module whose `@main` takes an array of integers and two indices.
  static func make(seed: UInt64, operations: Int) throws -> Module {
    var maker = RandomMoves(seed: seed)
    for _ in 0..<operations { try maker.step() }
    try maker.builder.return(Array(maker.values.dropFirst().suffix(3)))
    return Module(name: "moves", functions: [try maker.builder.finish()])
  }

  /// Arguments for such a module.
  static func arguments(_ module: Module) -> [HostTensor] {
    module.functions[0].argumentTypes.enumerated().map { number, type in
      let count = type.tensor?.count ?? 1
      return number == 0
        ? HostTensor((0..<count).map { Int32($0 * 37 % 101 - 40) }, shape: type.tensor?.shape ?? [])
        : HostTensor([Int32(3 * number - 4)], shape: .scalar)
    }
  }

  private init(seed: UInt64) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(bound))
    }
    let dimensions = (0..<1 + below(3)).map { _ in [1, 2, 3, 4, 2, 3][below(6)] }
    builder = FunctionBuilder(
      name: "main", visibility: .public,
      arguments: [
        .tensor(dimensions, .i32), .tensor(.scalar(.i32)), .tensor(.scalar(.i32)),
      ])
    self.state = state
    values = [builder.arguments[0]]
  }

  private mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }

  private mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }
  private mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }

  private mutating func shuffled<T>(_ list: [T]) -> [T] {
    var list = list
    for position in list.indices.reversed() where position > 0 {
      list.swapAt(position, below(position + 1))
    }
    return list
  }

  private func type(_ value: ValueID) throws -> TensorType { try builder.tensorType(of: value) }

  /// The latest value, or another.
  private mutating func any() -> ValueID { oneIn(4) ? pick(values) : values[values.count - 1] }

  /// A value of the type of `x`.
  private mutating func like(_ x: ValueID) throws -> ValueID {
    let wanted = try type(x)
    let same = try values.filter { try type($0) == wanted }
    switch below(4) {
    case 0: return try builder.splat(below(3), wanted)
    case 1: return x
    default: return pick(same)
    }
  }

  private mutating func index() throws -> ValueID {
    oneIn(3) ? pick(Array(builder.arguments[1...])) : try builder.scalar(below(5) - 1, .i32)
  }

  private mutating func step() throws {
    let x = any()
    let type = try type(x)
    // What has become large, or has too many axes, is cut down.
    if type.count > 120 || type.rank > 4 {
      values.append(
        try builder.slice(
          x, start: type.dimensions.map { _ in 0 }, limit: type.dimensions.map { min($0, 2) }))
      return
    }
    switch below(17) {
    case 0: try broadcast(x, type)
    case 1, 2: try reshape(x, type)
    case 3, 4: values.append(try builder.transpose(x, shuffled(Array(0..<type.rank))))
    case 5: try reverse(x, type)
    case 6, 7: try slice(x, type)
    case 8: try pad(x, type)
    case 9, 10: try concatenate(x, type)
    case 11: try update(x, type)
    case 12: try gather(x, type)
    case 13: try scatter(x, type)
    case 14: try reduce(x, type)
    case 15: try positions()
    default: try arithmetic(x, type)
    }
  }

  // MARK: Moves

  private mutating func broadcast(_ x: ValueID, _ type: TensorType) throws {
    let rank = type.rank + below(2)
    var places = Array(shuffled(Array(0..<rank)).prefix(type.rank))
    if oneIn(2) { places.sort() }
    var shape = (0..<rank).map { _ in 1 + below(3) }
    for (axis, place) in places.enumerated() where type.dimensions[axis] != 1 || oneIn(2) {
      shape[place] = type.dimensions[axis]
    }
    values.append(try builder.broadcastInDim(x, shape, places))
  }

  private mutating func reshape(_ x: ValueID, _ type: TensorType) throws {
    var dimensions = type.dimensions
    switch below(5) {
    case 0: dimensions = [type.count]
    case 1: dimensions.insert(1, at: below(type.rank + 1))
    case 2: dimensions.removeAll { $0 == 1 }
    case 3: dimensions = shuffled(dimensions)
    default:
      if let axis = dimensions.indices.last, dimensions[axis] % 2 == 0 {
        dimensions[axis] /= 2
        dimensions.append(2)
      }
    }
    values.append(try builder.reshape(x, dimensions))
  }

  private mutating func reverse(_ x: ValueID, _ type: TensorType) throws {
    let axes = (0..<type.rank).filter { _ in oneIn(2) }
    values.append(try builder.reverse(x, dimensions: axes))
  }

  private mutating func slice(_ x: ValueID, _ type: TensorType) throws {
    if oneIn(4) {
      let sizes = type.dimensions.map { oneIn(2) ? $0 : below($0 + 1) }
      let starts = try sizes.map { _ in try index() }
      values.append(try builder.dynamicSlice(x, starts: starts, sizes: sizes))
      return
    }
    let start = type.dimensions.map { oneIn(2) ? 0 : below($0 + 1) }
    let limit = zip(start, type.dimensions).map { oneIn(2) ? $1 : $0 + below($1 - $0 + 1) }
    values.append(
      try builder.slice(
        x, start: start, limit: limit, strides: start.map { _ in oneIn(3) ? 2 : 1 }))
  }

  private mutating func pad(_ x: ValueID, _ type: TensorType) throws {
    let value =
      type.element == .i32 && !oneIn(3)
      ? try builder.scalar(7, .i32) : try builder.convert(index(), to: type.element)
    let (isCut, isDilated) = (oneIn(3), oneIn(3))
    func amount(_ amount: Int) -> Int { isCut ? -amount : amount }
    let low = type.dimensions.map { _ in amount(below(2)) }
    let high = type.dimensions.map { _ in oneIn(4) ? -1 : amount(below(3)) }
    let interior = type.dimensions.map { _ in isDilated ? below(2) : 0 }
    if let padded = try? builder.pad(x, with: value, low: low, high: high, interior: interior) {
      values.append(padded)
      if oneIn(2), try self.type(padded).count < 60 { try pad(padded, self.type(padded)) }
    }
  }

  private mutating func concatenate(_ x: ValueID, _ type: TensorType) throws {
    guard type.rank > 0 else { return }
    let axis = below(type.rank)
    var parts = [x, try like(x)]
    if oneIn(2) {
      // Pieces of one array, some of which are neighbours.
      parts = try (0..<3).map { piece in
        var (start, limit) = (type.dimensions.map { _ in 0 }, type.dimensions)
        let at = [0, type.dimensions[axis] / 2, type.dimensions[axis]]
        start[axis] = piece == 2 ? below(type.dimensions[axis] + 1) : at[piece]
        limit[axis] = piece == 2 ? type.dimensions[axis] : at[piece + 1]
        var strides = type.dimensions.map { _ in 1 }
        if oneIn(4) { strides[axis] = 2 }
        return try builder.slice(x, start: start, limit: limit, strides: strides)
      }
    }
    if oneIn(4) { parts.swapAt(0, 1) }
    if oneIn(5) { parts = [x] }
    values.append(try builder.concatenate(parts, dimension: axis))
  }

  private mutating func update(_ x: ValueID, _ type: TensorType) throws {
    let starts = try type.dimensions.map { _ in try index() }
    let sizes = type.dimensions.map { oneIn(2) ? $0 : below($0 + 1) }
    let source = try like(x)
    let part: ValueID
    switch below(3) {
    case 0: part = try builder.dynamicSlice(source, starts: starts, sizes: sizes)
    case 1:
      let others = try type.dimensions.map { _ in try index() }
      part = try builder.dynamicSlice(x, starts: others, sizes: sizes)
    default:
      let corner = try builder.slice(source, start: sizes.map { _ in 0 }, limit: sizes)
      part = try builder.reverse(corner, dimensions: Array(0..<type.rank))
    }
    values.append(try builder.dynamicUpdateSlice(x, part, starts: starts))
  }

  // MARK: Indices

  /// A vector of `count` indices at each of `places`: constant, a progression, or computed.
  private mutating func indices(_ places: Int, _ count: Int) throws -> ValueID {
    if oneIn(4) && places * count > 0 {
      let parts = try (0..<places * count).map { _ in try builder.reshape(index(), [1]) }
      return try builder.reshape(builder.concatenate(parts, dimension: 0), [places, count])
    }
    let (first, step) = (below(4) - 1, below(4) - 2)
    let isEven = oneIn(2)
    let numbers = (0..<places * count).map { Int32(isEven ? first + step * $0 : below(5) - 1) }
    return try builder.constant(HostTensor(numbers, shape: [places, count]))
  }

  private mutating func gather(_ x: ValueID, _ type: TensorType) throws {
    guard type.rank > 0, type.count > 0 else { return }
    let mapped = Array(shuffled(Array(0..<type.rank)).prefix(oneIn(2) ? 1 : below(type.rank + 1)))
    let sizes = type.dimensions.enumerated().map { axis, extent in
      mapped.contains(axis) ? (oneIn(3) ? 1 + below(extent) : 1) : oneIn(3) ? 1 : extent
    }
    let collapsed = (0..<type.rank).filter { sizes[$0] == 1 && (mapped.contains($0) || oneIn(3)) }
    let places = oneIn(2) ? 1 : below(4)
    let windowRank = type.rank - collapsed.count
    let batchAxis = below(windowRank + 1)
    let offsets = (0...windowRank).filter { $0 != batchAxis }
    values.append(
      try builder.gather(
        x, indices: indices(places, mapped.count),
        GatherAttributes(
          GatherDimensionNumbers(
            offsetDims: offsets, collapsedSliceDims: collapsed, startIndexMap: mapped,
            indexVectorDim: 1), sliceSizes: sizes)))
  }

  private mutating func scatter(_ x: ValueID, _ type: TensorType) throws {
    guard type.rank > 0, type.count > 0 else { return }
    let mapped = Array(shuffled(Array(0..<type.rank)).prefix(1 + below(type.rank)))
    let inserted = (0..<type.rank).filter { _ in oneIn(2) }
    let window = (0..<type.rank).filter { !inserted.contains($0) }.map {
      oneIn(2) ? type.dimensions[$0] : 1
    }
    let places = oneIn(3) ? 2 : 1
    let shape = [places] + window
    let count = shape.reduce(1, *)
    let updates = try builder.convert(
      builder.constant(HostTensor((0..<count).map { Int32($0 - 2) }, shape: Shape(shape))),
      to: type.element)
    let kind = type.element == .bool ? 4 : below(5)
    values += try builder.scatter(
      [x], indices: indices(places, mapped.count), updates: [updates],
      ScatterAttributes(
        ScatterDimensionNumbers(
          updateWindowDims: Array(1..<(window.count + 1)), insertedWindowDims: inserted,
          scatterDimsToOperandDims: mapped, indexVectorDim: 1))
    ) { b, pair in
      switch kind {
      case 0: [try b.add(pair[0], pair[1])]
      case 1: [try b.subtract(pair[0], pair[1])]
      case 2: [try b.subtract(pair[1], pair[0])]
      case 3: [try b.add(pair[0], b.add(pair[1], pair[1]))]
      default: [pair[1]]
      }
    }
  }

  // MARK: Sums

  private mutating func reduce(_ x: ValueID, _ type: TensorType) throws {
    guard type.element == .i32, type.rank > 0 else { return }
    let moved = oneIn(2) ? try builder.transpose(x, shuffled(Array(0..<type.rank))) : x
    let axes = (0..<type.rank).filter { _ in oneIn(2) }
    if type.rank > 1 && oneIn(2) {
      // A product of an array with itself, along axes of the same extents.
      let other = try builder.transpose(moved, shuffled(Array(0..<type.rank)))
      let (a, b) = (try self.type(moved), try self.type(other))
      let pairs = (0..<type.rank).filter { a.dimensions[$0] == b.dimensions[$0] }
      let (batch, contracted) = (pairs.filter { _ in oneIn(3) }, pairs)
      let summed = contracted.filter { !batch.contains($0) }
      guard (a.count * b.count) < 4000, 2 * type.rank - batch.count - 2 * summed.count < 5
      else { return }
      values.append(
        try builder.dotGeneral(
          moved, other,
          DotDimensionNumbers(
            lhsBatching: batch, rhsBatching: batch, lhsContracting: summed, rhsContracting: summed)
        ))
      return
    }
    let kind = below(5)
    values += try builder.reduce(
      [moved], [builder.scalar(kind == 1 ? Int(Int32.min) : 0, .i32)], dimensions: axes
    ) { b, pair in
      switch kind {
      case 0: [try b.add(pair[0], pair[1])]
      case 1: [try b.maximum(pair[0], pair[1])]
      case 2: [try b.subtract(pair[0], pair[1])]
      case 3: [try b.add(pair[0], pair[0])]
      default: [try b.add(pair[1], b.add(pair[0], pair[0]))]
      }
    }
  }

  /// Multiples of positions, some of which are those in row-major order.
  private mutating func positions() throws {
    let type = TensorType([2, 1 + below(3), pick([2, 3, 150])], pick([.i32, .i32, .u8]))
    if oneIn(4) {
      let iota = try builder.iota(TensorType([2, 3], .i32), dimension: below(2))
      values.append(try builder.transpose(iota, shuffled([0, 1])))
      return
    }
    if oneIn(3) {
      let iota = try builder.iota(TensorType([pick([3, 200])], pick([.i8, .i32])), dimension: 0)
      let shifted =
        oneIn(2)
        ? iota
        : try builder.binary(
          .shiftRightLogical, iota, builder.splat(below(9), self.type(iota)))
      values.append(try builder.convert(shifted, to: pick([.i64, .i32, .u8])))
      return
    }
    var sum: ValueID?
    for (axis, stride) in [type.dimensions[1] * type.dimensions[2], type.dimensions[2], 1]
      .enumerated()
    {
      let factor = try builder.splat(oneIn(5) ? stride + 1 : stride, type)
      let term = try builder.multiply(factor, builder.iota(type, dimension: oneIn(9) ? 0 : axis))
      sum = try sum.map { try builder.add($0, term) } ?? term
    }
    if let sum { values.append(try builder.slice(sum, start: [0, 0, 0], limit: [2, 1, 2])) }
  }

  private mutating func arithmetic(_ x: ValueID, _ type: TensorType) throws {
    switch below(3) {
    case 0: values.append(try builder.convert(x, to: pick([.i8, .u8, .i64, .f32, .bool, .bf16])))
    case 1:
      // And back, perhaps: some conversions lose nothing.
      let middle = try builder.convert(x, to: pick([.i8, .u32, .i64, .f32, .f64, .bf16, .bool]))
      values.append(try builder.convert(middle, to: .i32))
    default:
      if type.element == .i32 { values.append(try builder.add(x, like(x))) }
    }
  }
}
