import HLO
import Passes
import Support
import Tensor

// Operations that the run-time library computes.
extension ProgramScheduler {
  // MARK: Matrix products

  /// The routine for a product whose operands are matrices in row-major or transposed order, batches
  /// first; `nil` for any other.
  func matrixProduct(
    _ operation: Operation, _ attributes: DotAttributes
  ) throws -> Routine.MatrixProduct? {
    let numbers = attributes.dimensionNumbers
    let (lhs, rhs) = (operation.operands[0], operation.operands[1])
    let result = try staticType(operation.result)
    guard
      let a = try layout(lhs, numbers.lhsBatching, numbers.lhsContracting),
      let b = try layout(rhs, numbers.rhsBatching, numbers.rhsContracting)
    else { return nil }
    return Routine.MatrixProduct(
      type: result.element, batch: a.batch, rows: a.free, columns: b.free, inner: a.contracted,
      transposeA: a.contractsFirst, transposeB: !b.contractsFirst)
  }

  private struct MatrixLayout {
    var batch: Int
    var free: Int
    var contracted: Int
    /// The contracted dimensions come before the free ones.
    var contractsFirst: Bool
  }

  /// How `value` is a batch of matrices in memory; `nil` if it is not.
  private func layout(
    _ value: HLO.ValueID, _ batching: [Int], _ contracting: [Int]
  ) throws -> MatrixLayout? {
    let shape = try staticType(value).shape
    let free = shape.dimensions.indices.filter {
      !batching.contains($0) && !contracting.contains($0)
    }
    // Axes of extent 1 are anywhere.
    func significant(_ axes: [Int]) -> [Int] { axes.filter { shape[$0] != 1 } }
    let order = significant(Array(0..<shape.rank))
    func size(_ axes: [Int]) -> Int { axes.map { shape[$0] }.reduce(1, *) }
    let contractsFirst: Bool
    if significant(batching + free + contracting) == order {
      contractsFirst = false
    } else if significant(batching + contracting + free) == order {
      contractsFirst = true
    } else {
      return nil
    }
    return MatrixLayout(
      batch: size(batching), free: size(free), contracted: size(contracting),
      contractsFirst: contractsFirst)
  }

  // MARK: Sorting, transforms, triangular matrices

  /// A call of `routine` for all operands and results.
  func call(_ routine: Routine, _ operation: Operation) throws -> Step {
    let values = Array(operation.operands) + Array(operation.results)
    return .library(LibraryCall(routine, try values.map { try buffer(of: $0) }))
  }

  func library(_ operation: Operation) throws -> Step {
    let type = try staticType(operation.operands[0])
    func call(_ routine: Routine) throws -> Step { try self.call(routine, operation) }
    func batch(_ trailing: Int) -> Int { type.dimensions.dropLast(trailing).reduce(1, *) }
    switch operation.op {
    case .sort(let dimension, _):
      let order = try sortOrder(operation)
      return try call(
        .sort(
          Routine.Sort(
            types: try operation.operands.map { try staticType($0).element },
            outer: type.dimensions.prefix(dimension).reduce(1, *), size: type.dimensions[dimension],
            inner: type.dimensions.dropFirst(dimension + 1).reduce(1, *), order: order)))
    case .topK(let k):
      return try call(
        .topK(
          type: type.element, rows: batch(1), columns: type.dimensions.last ?? 1, k: k))
    case .fft(let attributes):
      let kind: Routine.FFT.Kind =
        switch attributes.kind {
        case .fft: .fft
        case .ifft: .ifft
        case .rfft: .rfft
        case .irfft: .irfft
        }
      return try call(
        .fft(
          Routine.FFT(
            kind: kind, type: type.element.realPart, batch: batch(attributes.length.count),
            lengths: attributes.length)))
    case .cholesky(let lower):
      return try call(
        .cholesky(
          type: type.element, batch: batch(2), size: type.dimensions.last ?? 1, lower: lower))
    case .triangularSolve(let attributes):
      let b = try staticType(operation.operands[1])
      let transpose: Routine.TriangularSolve.Transpose =
        switch attributes.transposeA {
        case .none: .none
        case .transpose: .transpose
        case .adjoint: .adjoint
        }
      return try call(
        .triangularSolve(
          Routine.TriangularSolve(
            type: type.element, batch: batch(2), rows: b.dimensions[b.rank - 2],
            columns: b.dimensions[b.rank - 1], left: attributes.leftSide, lower: attributes.lower,
            unitDiagonal: attributes.unitDiagonal, transpose: transpose)))
    default: throw unsupported("compiling \(operation.op.mnemonic)")
    }
  }

  /// How a sort compares: a known order where its region is one, else a kernel made of the region.
  private func sortOrder(_ operation: Operation) throws -> Routine.Sort.Order {
    let region = operation.regions[0]
    if let direction = simpleOrder(region) {
      return direction == .lt ? .ascending(keys: 1) : .descending(keys: 1)
    }
    let builder = KernelBuilder(name: "")
    let generator = ElementGenerator(function, builder)
    let memories = try function.regions[region].arguments.map {
      builder.parameter(try staticType($0).element, count: 1, access: .read)
    }
    let target = builder.parameter(.bool, count: 1, access: .write)
    let elements = memories.map { builder.load($0, at: builder.index(0)) }
    builder.store(
      try generator.evaluate(region, elements)[0], to: target, at: builder.index(0))
    return .comparator(add(builder.finish(), named: operation))
  }

  /// The direction of a comparator that only compares the first operand's elements, or what it
  /// makes of them to order NaN and zeros; `nil` for any other.
  private func simpleOrder(_ region: RegionID) -> ComparisonDirection? {
    let arguments = function.regions[region].arguments
    guard let last = function.terminator(of: region), arguments.count >= 2,
      let value = function.operations[last].operands.first,
      case .result(let id, _) = function.values[value].definition,
      case .compare(let comparison) = function.operations[id].op,
      let type = function.values[arguments[0]].type.tensor?.element, !type.isComplex,
      function.regions[region].operations.count <= 16
    else { return nil }
    let operands = function.operations[id].operands
    guard comparison.direction == .lt || comparison.direction == .gt else { return nil }
    if operands[0] == arguments[0] && operands[1] == arguments[1] {
      return type.isFloat && comparison.type == .totalOrder ? nil : comparison.direction
    }
    // JAX compares floating-point numbers in total order after making zeros and NaNs equal.
    guard type.isFloat, comparison.type == .totalOrder, operands[0] != operands[1],
      sources(of: operands[0]) == [arguments[0]],
      sources(of: operands[1]) == [arguments[1]],
      function.regions[region].operations.contains(where: {
        if case .select = function.operations[$0].op { true } else { false }
      })
    else { return nil }
    return comparison.direction
  }

  /// The arguments that `value` depends on.
  private func sources(of value: HLO.ValueID) -> Set<HLO.ValueID> {
    var found: Set<HLO.ValueID> = []
    var seen: Set<HLO.ValueID> = []
    var pending = [value]
    while let value = pending.popLast() {
      guard seen.insert(value).inserted else { continue }
      switch function.values[value].definition {
      case .argument: found.insert(value)
      case .result(let id, _): pending += function.operations[id].operands
      }
    }
    return found
  }
}
