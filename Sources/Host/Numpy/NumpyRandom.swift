import BigInt
import Glibc
import Syntax
import Tensor

/// `np.random.RandomState` or, if `isModern`, `np.random.Generator`.
final class NumpyRandomGenerator: NativeObject {
  private var bits: NumpyBitGenerator
  private let isModern: Bool
  /// The second number of the last pair of normal ones.
  private var spare: Double?

  init(_ bits: NumpyBitGenerator, isModern: Bool) {
    self.bits = bits
    self.isModern = isModern
  }

  override var cls: Class { isModern ? NumpyRandomGenerator.modern : NumpyRandomGenerator.legacy }

  override func repr() throws -> String { isModern ? "Generator(PCG64)" : "RandomState(MT19937)" }

  func reseed(_ seed: Object?) throws {
    bits = MersenneTwister(seed: try NumpyRandomGenerator.legacySeed(seed))
    spare = nil
  }

  static func legacySeed(_ seed: Object?) throws -> UInt32 {
    guard let seed, !seed.isNone else { return UInt32.random(in: 0...UInt32.max) }
    guard let value = UInt32(exactly: try requireIndex(plainNumber(seed))) else {
      throw valueError("Seed must be between 0 and 2**32 - 1")
    }
    return value
  }

  /// The words of the seed of a modern generator, lowest first.
  static func modernSeed(_ seed: Object?) throws -> [UInt32] {
    guard let seed, !seed.isNone else {
      return (0..<4).map { _ in UInt32.random(in: 0...UInt32.max) }
    }
    if case .list = seed {
      return try list(seed).flatMap { try modernSeed($0) }
    }
    var value = BigInt(0)
    if case .big(let big) = seed {
      value = big.value
    } else {
      value = BigInt(try requireIndex(plainNumber(seed)))
    }
    guard value >= 0 else { throw valueError("expected non-negative integer") }
    var words: [UInt32] = []
    repeat {
      words.append(UInt32(truncatingIfNeeded: value))
      value >>= 32
    } while value > 0
    return words
  }

  // MARK: Numbers

  private func normal() -> Double {
    if isModern { return NormalZiggurat.sample(bits) }
    if let spare {
      self.spare = nil
      return spare
    }
    while true {
      let x = 2 * bits.nextDouble() - 1
      let y = 2 * bits.nextDouble() - 1
      let square = x * x + y * y
      if square < 1 && square != 0 {
        let factor = (-2 * log(square) / square).squareRoot()
        spare = factor * x
        return factor * y
      }
    }
  }

  /// An integer in `0 ... limit`.
  private func bounded(_ limit: UInt64) -> UInt64 {
    if limit == 0 { return 0 }
    return isModern ? bounded(multiplying: limit) : bounded(masking: limit)
  }

  /// By rejection under the smallest mask.
  private func bounded(masking limit: UInt64) -> UInt64 {
    let mask = UInt64.max >> UInt64(limit.leadingZeroBitCount)
    while true {
      let value = (limit <= UInt64(UInt32.max) ? UInt64(bits.next32()) : bits.next64()) & mask
      if value <= limit { return value }
    }
  }

  private func bounded(multiplying limit: UInt64) -> UInt64 {
    if limit == .max { return bits.next64() }
    if limit < UInt64(UInt32.max) {
      let count = UInt32(limit) + 1
      var product = UInt64(bits.next32()) * UInt64(count)
      if UInt32(truncatingIfNeeded: product) < count {
        let threshold = (UInt32.max - UInt32(limit)) % count
        while UInt32(truncatingIfNeeded: product) < threshold {
          product = UInt64(bits.next32()) * UInt64(count)
        }
      }
      return product >> 32
    }
    if limit == UInt64(UInt32.max) { return UInt64(bits.next32()) }
    let count = limit + 1
    var product = bits.next64().multipliedFullWidth(by: count)
    if product.low < count {
      let threshold = (UInt64.max - limit) % count
      while product.low < threshold { product = bits.next64().multipliedFullWidth(by: count) }
    }
    return product.high
  }

  /// `array`, or one number without a size.
  private func sample(_ size: Object?, _ next: () throws -> Double) throws -> Object {
    guard let size, !size.isNone else { return .float(try next()) }
    let shape = try numpyShape(size)
    return .native(
      NumpyArray(HostTensor(try (0..<shape.count).map { _ in try next() }, shape: shape)))
  }

  private func integers(
    _ low: Object?, _ high: Object?, _ size: Object?, _ type: ElementType, closed: Bool
  )
    throws -> Object
  {
    var (first, last) = (try requireIndex(plainNumber(low)), 0)
    if let high, !high.isNone {
      last = try requireIndex(plainNumber(high))
    } else {
      (first, last) = (0, first)
    }
    if !closed { last -= 1 }
    guard first <= last else { throw valueError("low >= high") }
    let limit = UInt64(bitPattern: Int64(last &- first))
    func next() -> Int64 { Int64(first) &+ Int64(bitPattern: bounded(limit)) }
    guard let size, !size.isNone else { return .int(Int(next())) }
    let shape = try numpyShape(size)
    return .native(
      NumpyArray(
        HostTensor((0..<shape.count).map { _ in next() }, shape: shape).converted(to: type)))
  }

  private func shuffled(_ count: Int) -> [Int64] {
    var order = (0..<count).map { Int64($0) }
    for i in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(i, Int(bounded(masking: UInt64(i))))
    }
    return order
  }

  private func choice(_ a: Object, _ size: Object?, _ replace: Bool, _ p: Object?) throws -> Object
  {
    let population: NumpyArray
    if let count = try? Host.index(a) {
      population = NumpyArray(HostTensor((0..<count).map { Int64($0) }))
    } else {
      population = try numpy(a)
    }
    let total = population.shape.dimensions.first ?? 0
    guard total > 0 else { throw valueError("a must be non-empty") }
    let shape = try size.given.map(numpyShape)
    let count = shape?.count ?? 1
    var positions: [Int64] = []
    if let p, !p.isNone {
      let weights = try numpy(p).tensor.elements(as: Double.self)
      guard weights.count == total else { throw valueError("'a' and 'p' must have same size") }
      guard abs(weights.reduce(0, +) - 1) < 1e-8 else {
        throw valueError("probabilities do not sum to 1")
      }
      guard replace else { throw unsupportedNumpy("weighted choice without replacement") }
      var sums: [Double] = []
      for weight in weights { sums.append((sums.last ?? 0) + weight) }
      let last = sums[total - 1]
      positions = (0..<count).map { _ in
        let x = bits.nextDouble()
        return Int64(sums.firstIndex { $0 / last > x } ?? total - 1)
      }
    } else if replace {
      positions = (0..<count).map { _ in Int64(bounded(UInt64(total - 1))) }
    } else {
      guard count <= total else {
        throw valueError("Cannot take a larger sample than population when 'replace=False'")
      }
      positions =
        isModern ? sampleWithoutReplacement(total, count) : Array(shuffled(total)[..<count])
    }
    let indices = HostTensor(positions, shape: shape ?? [1])
    let result = try take(population, NumpyArray(indices), 0)
    return shape == nil ? try Host.item(result, .int(0)) : result
  }

  /// Floyd's algorithm, and a shuffle of what it chose.
  private func sampleWithoutReplacement(_ total: Int, _ count: Int) -> [Int64] {
    var chosen: Set<Int64> = []
    var result: [Int64] = []
    for j in (total - count)..<total {
      let value = Int64(bounded(UInt64(j)))
      result.append(chosen.insert(value).inserted ? value : Int64(j))
      chosen.insert(Int64(j) == result[result.count - 1] ? Int64(j) : value)
    }
    for i in stride(from: count - 1, to: 0, by: -1) { result.swapAt(i, Int(bounded(UInt64(i)))) }
    return result
  }

  // MARK: Methods

  private nonisolated(unsafe) static let modern = makeClass("Generator", isModern: true)
  private nonisolated(unsafe) static let legacy = makeClass("RandomState", isModern: false)

  static func legacyClass() -> Class { legacy }

  private static func makeClass(_ name: String, isModern: Bool) -> Class {
    let cls = Class(
      builtin: name, base: Types.object,
      module: isModern ? "numpy.random._generator" : "numpy.random.mtrand")
    for (specification, body) in methods(isModern: isModern) {
      cls.def(
        "\(specification.name)(self, \(specification.parameters)", of: NumpyRandomGenerator.self
      ) { generator, a in try body(generator, Array(a.dropFirst())) }
    }
    if !isModern {
      let signature = Signature("RandomState(seed=)")
      cls.construct = { _, arguments in
        let a = try signature.bind(arguments)
        return .native(
          NumpyRandomGenerator(MersenneTwister(seed: try legacySeed(a[0])), isModern: false))
      }
    }
    return cls
  }

  typealias Method = (
    (name: String, parameters: String), (NumpyRandomGenerator, [Object?]) throws -> Object
  )

  static func methods(isModern: Bool) -> [Method] {
    var methods: [Method] = [
      (
        ("normal", "loc=, scale=, size=)"),
        { g, a in
          try g.broadcasting(a[0] ?? .float(0), a[1] ?? .float(1), a[2]) { $0 + $1 * g.normal() }
        }
      ),
      (
        ("uniform", "low=, high=, size=)"),
        { g, a in
          try g.broadcasting(a[0] ?? .float(0), a[1] ?? .float(1), a[2]) {
            $0 + ($1 - $0) * g.bits.nextDouble()
          }
        }
      ),
      (
        ("choice", "a, size=, replace=, p=)"),
        { g, a in
          try g.choice(a[0] ?? .none, a[1], a[2].map(isTrue) ?? true, a[3])
        }
      ),
      (
        ("permutation", "x)"),
        { g, a in
          if let count = try? Host.index(a[0] ?? .none) {
            return .native(NumpyArray(HostTensor(g.shuffled(count))))
          }
          let array = try numpy(a[0])
          return try take(
            array, NumpyArray(HostTensor(g.shuffled(array.shape.dimensions.first ?? 0))), 0)
        }
      ),
      (
        ("shuffle", "x)"),
        { g, a in
          if case .list(let list)? = a[0] {
            list.items = g.shuffled(list.items.count).map { list.items[Int($0)] }
            return .none
          }
          let array = try numpy(a[0])
          let order = NumpyArray(HostTensor(g.shuffled(array.shape.dimensions.first ?? 0)))
          try array.assign(numpy(take(array, order, 0)).tensor)
          return .none
        }
      ),
    ]
    if isModern {
      methods += [
        (("random", "size=)"), { g, a in try g.sample(a[0], g.bits.nextDouble) }),
        (("standard_normal", "size=)"), { g, a in try g.sample(a[0], g.normal) }),
        (
          ("integers", "low, high=, size=, dtype=, endpoint=)"),
          { g, a in
            try g.integers(
              a[0], a[1], a[2], numpyDType(a[3]) ?? .i64, closed: a[4].map(isTrue) ?? false)
          }
        ),
      ]
    } else {
      let uniform: (NumpyRandomGenerator, [Object?]) throws -> Object = { g, a in
        try g.sample(a[0], g.bits.nextDouble)
      }
      methods += [
        (("random", "size=)"), uniform), (("random_sample", "size=)"), uniform),
        (("rand", "*shape)"), { g, a in try g.sample(shapeArgument(a[0]), g.bits.nextDouble) }),
        (("randn", "*shape)"), { g, a in try g.sample(shapeArgument(a[0]), g.normal) }),
        (("standard_normal", "size=)"), { g, a in try g.sample(a[0], g.normal) }),
        (
          ("randint", "low, high=, size=, dtype=)"),
          { g, a in
            try g.integers(a[0], a[1], a[2], numpyDType(a[3]) ?? .i64, closed: false)
          }
        ),
        (
          ("exponential", "scale=, size=)"),
          { g, a in
            let scale = try a[0].map(double) ?? 1
            return try g.sample(a[1]) { -log(1 - g.bits.nextDouble()) * scale }
          }
        ),
        (
          ("seed", "seed=)"),
          { g, a in
            try g.reseed(a[0])
            return .none
          }
        ),
      ]
    }
    return methods
  }

  private static func shapeArgument(_ arguments: Object?) throws -> Object? {
    guard case .tuple(let shape)? = arguments, !shape.items.isEmpty else { return nil }
    return .tuple(shape)
  }

  /// Samples with two parameters that may be arrays.
  private func broadcasting(
    _ a: Object, _ b: Object, _ size: Object?, _ next: (Double, Double) -> Double
  ) throws -> Object {
    let (x, y) = (try numpy(a).tensor, try numpy(b).tensor)
    if x.shape.rank == 0 && y.shape.rank == 0 {
      let (p, q) = (x[0].double, y[0].double)
      return try sample(size) { next(p, q) }
    }
    let shape =
      try size.given.map(numpyShape)
      ?? broadcastShapes([x.shape, y.shape])
    return wrapped(
      try zipElements(broadcast(x, to: shape), y, as: Double.self, to: .f64, next))
  }
}

extension NumpyModule {
  /// The module `numpy.random`; its functions share one generator.
  static func makeRandom() -> ModuleObject {
    let module = ModuleObject("numpy.random")
    let shared = NumpyRandomGenerator(
      MersenneTwister(seed: UInt32.random(in: 0...UInt32.max)), isModern: false)
    for (specification, body) in NumpyRandomGenerator.methods(isModern: false) {
      module.def("\(specification.name)(\(specification.parameters)") { try body(shared, $0) }
    }
    module["RandomState"] = .type(NumpyRandomGenerator.legacyClass())
    module.def("default_rng(seed=)") { a in
      .native(
        NumpyRandomGenerator(
          PermutedCongruential(seed: try NumpyRandomGenerator.modernSeed(a[0])), isModern: true))
    }
    return module
  }
}
