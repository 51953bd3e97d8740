import Core
import HLO
import Tensor
import Testing

@testable import Primitives
@testable import Transforms

/// A small generator, so that a failure can be repeated from its seed.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// What every primitive owes to the transformations.
@Suite(.serialized) struct LawTests {
  static let names = Registry.names.sorted()

  init() {
    EvalTrace.backend = InterpretingBackend()
  }

  private func seed(_ name: String) -> UInt64 {
    name.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
  }

  private func tensor(
    _ operand: Sample.Operand, shape: Shape, _ generator: inout SeededGenerator
  ) -> HostTensor {
    if operand.dtype == .key {
      return HostTensor(
        (0..<shape.count).map { _ in
          KeyData(
            high: UInt32.random(in: 0...9, using: &generator),
            low: UInt32.random(in: 0...99, using: &generator))
        }, shape: shape)
    }
    let (low, high) = (operand.range.lowerBound, operand.range.upperBound)
    var numbers = (0..<shape.count).map { _ in Double.random(in: low...high, using: &generator) }
    if operand.isDistinct {
      // Spread evenly and shuffled, away from zero.
      numbers = (0..<shape.count).map {
        low + (high - low) * (Double($0) + 0.37) / Double(max(shape.count, 1))
      }
      numbers.shuffle(using: &generator)
    }
    return HostTensor(numbers, shape: shape).converted(to: operand.dtype)
  }

  private func values(_ sample: Sample, _ generator: inout SeededGenerator) -> [Value] {
    sample.operands.map { Value(tensor($0, shape: $0.shape, &generator)) }
  }

  private func numbers(_ value: Value) throws -> [Double] {
    let tensor = try #require(value.concrete).tensor()
    return tensor.type == .key
      ? tensor.lowered.elements(as: Double.self) : tensor.elements(as: Double.self)
  }

  private func expectClose(
    _ a: [Double], _ b: [Double], tolerance: Double, _ comment: Comment
  ) {
    #expect(a.count == b.count, comment)
    for (x, y) in zip(a, b) where !(x.isNaN && y.isNaN) && x != y {
      #expect(abs(x - y) <= tolerance * (1 + abs(y)), comment)
    }
  }

  @Test(arguments: names) func everyPrimitiveHasASample(_ name: String) throws {
    #expect(try samples(name) != nil, "add a sample for \(name)")
  }

  /// vmap f = stack of f
  @Test(arguments: names) func batching(_ name: String) throws {
    guard let list = try samples(name) ?? nil else { return }
    var generator = SeededGenerator(state: seed(name))
    for sample in list {
      let size = 3
      for mapped in [sample.operands.map { _ in true }] + oneAtATime(sample.operands.count) {
        let stacked = zip(sample.operands, mapped).map { operand, isMapped in
          tensor(
            operand, shape: isMapped ? Shape([size] + operand.shape.dimensions) : operand.shape,
            &generator)
        }
        let (results, dims) = try vmapInner(
          { try bind(sample.primitive, $0) }, stacked.map { Value($0) },
          mapped.map { $0 ? 0 : nil }, size: size)
        let whole = try zip(results, dims).map { result, dim in
          try numbers(moveBatchAxis(result, dim, to: 0, size: size))
        }
        var parts = whole.map { _ in [Double]() }
        for index in 0..<size {
          let slice = zip(stacked, mapped).map { tensor, isMapped in
            isMapped ? Value(element(tensor, index)) : Value(tensor)
          }
          for (position, result) in try bind(sample.primitive, slice).enumerated() {
            parts[position] += try numbers(result)
          }
        }
        for (a, b) in zip(whole, parts) {
          expectClose(a, b, tolerance: 1e-9, "\(name), mapped \(mapped), seed \(seed(name))")
        }
      }
    }
  }

  /// jvp ≈ finite differences, and ⟨Jv, u⟩ = ⟨v, Jᵀu⟩
  @Test(arguments: names) func derivatives(_ name: String) throws {
    guard let list = try samples(name) ?? nil else { return }
    var generator = SeededGenerator(state: seed(name))
    for sample in list {
      let primals = values(sample, &generator)
      let moves = sample.operands.map { $0.dtype == .f64 }
      guard moves.contains(true),
        try sample.primitive.abstractEval(primals.map(\.aval)).contains(where: {
          $0.dtype == .f64
        })
      else { continue }
      let directions = sample.operands.map {
        tensor(Sample.Operand(shape: $0.shape, range: -1...1), shape: $0.shape, &generator)
      }
      func moved(_ step: Double) throws -> [Value] {
        try zip(zip(primals, directions), moves).map { pair, moves in
          guard moves else { return pair.0 }
          let x = try numbers(pair.0)
          let t = pair.1.elements(as: Double.self)
          return Value(
            HostTensor(zip(x, t).map { $0 + step * $1 }, shape: pair.0.shape))
        }
      }
      let tangents: [Tangent] = zip(zip(primals, directions), moves).map {
        $1 ? .value(Value($0.1)) : .zero($0.0.aval.tangent)
      }
      let results: (primals: [Value], tangents: [Tangent])
      do {
        results = try jvp({ try bind(sample.primitive, $0) }, primals, tangents)
      } catch let error as RaisedError where error.kind == .notImplementedError {
        continue
      }
      let step = 1e-6
      let (after, before) = (
        try bind(sample.primitive, moved(step)), try bind(sample.primitive, moved(-step))
      )
      let comment: Comment = "\(name), seed \(seed(name))"
      for (position, tangent) in results.tangents.enumerated() {
        guard results.primals[position].dtype == .f64 else { continue }
        let slope = try zip(numbers(after[position]), numbers(before[position])).map {
          ($0 - $1) / (2 * step)
        }
        let exact = try numbers(instantiate(tangent))
        expectClose(exact, slope, tolerance: 1e-4, comment)
      }

      let (outputs, map) = try linearize(
        { try bind(sample.primitive, $0) }, primals, nonzero: moves)
      let forward = try map.apply(tangents.compactMap(\.value))
      let cotangents: [Tangent] = outputs.map { output in
        output.dtype == .f64
          ? .value(
            Value(
              tensor(
                Sample.Operand(shape: output.shape, range: -1...1), shape: output.shape,
                &generator))) : .zero(output.aval.tangent)
      }
      let backward = try map.transpose(cotangents)
      let left = try inner(forward, cotangents)
      let right = try inner(backward, zip(tangents, moves).filter(\.1).map(\.0))
      expectClose([left], [right], tolerance: 1e-8, comment)
    }
  }

  private func inner(_ a: [Tangent], _ b: [Tangent]) throws -> Double {
    var sum = 0.0
    for (x, y) in zip(a, b) {
      guard let x = x.value, let y = y.value else { continue }
      sum += try zip(numbers(x), numbers(y)).map { $0 * $1 }.reduce(0, +)
    }
    return sum
  }

  private func oneAtATime(_ count: Int) -> [[Bool]] {
    count < 2 ? [] : (0..<count).map { index in (0..<count).map { $0 == index } }
  }

  /// Element `index` along the first axis.
  private func element(_ tensor: HostTensor, _ index: Int) -> HostTensor {
    let shape = Shape(Array(tensor.shape.dimensions.dropFirst()))
    let size = shape.count * tensor.type.byteCount
    let bytes = UnsafeRawBufferPointer(rebasing: tensor.bytes[index * size..<(index + 1) * size])
    return HostTensor(type: tensor.type, shape: shape, bytes: bytes)
  }
}
