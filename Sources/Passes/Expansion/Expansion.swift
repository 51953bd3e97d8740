import HLO
import Support
import Tensor

/// Says in simpler operations what has no kernel of its own: normalisation of batches, random bits,
/// tuples, inverse functions of complex numbers, casts of elements narrower than a byte, exchanges of
/// a process with itself, approximate selections, operations of clients, older and asynchronous ones.
///
///     %1 = chlo.square %0 : tensor<4xcomplex<f32>>
///
/// becomes
///
///     %2 = real %0
///     %3 = imag %0
///     %4 = (%2 - %3) * (%2 + %3)      // 0 where |%2| = |%3|
///     %5 = %2 * %3
///     %1 = complex %4, %5 + %5
///
/// The meaning is that of the reference interpreter, step by step.
public let expansion = Pass<Module>("expand", "say in simpler operations what has no kernel") {
  module in
  let whole = module
  return try module.forEachFunction { function in
    var changed = false
    // What is expanded may contain more of the kind: as often as regions are nested.
    while function.operationsInOrder().contains(where: { needsExpansion(function, $0) }) {
      let editor = FunctionEditor(function)
      for id in editor.operationsInOrder()
      where !editor.isErased(id) && needsExpansion(editor.function, id) {
        try expand(id, editor, of: whole)
      }
      if !editor.changed { break }
      function = editor.finish()
      changed = true
    }
    return changed
  }
}

/// What expansion is about; anything else is left alone.
private func needsExpansion(_ function: Function, _ id: OperationID) -> Bool {
  let operation = function.operations[id]
  func element(_ value: ValueID) -> ElementType? { function.values[value].type.tensor?.element }
  func isDynamic(_ value: ValueID) -> Bool {
    function.values[value].type.tensor.map { !$0.isStatic } ?? false
  }
  return isExpanded(operation, element) && !operation.operands.contains(where: isDynamic)
    && !operation.results.contains(where: isDynamic)
}

private func isExpanded(
  _ operation: Operation, _ element: (ValueID) -> ElementType?
) -> Bool {
  switch operation.op {
  case .batchNormInference, .batchNormTraining, .batchNormGrad, .rngBitGenerator, .getTupleElement,
    .broadcasting, .scan, .raggedDot, .asyncStart, .einsum, .torchIndexSelect, .constantLike:
    return true
  case .unary(let op): return element(operation.operands[0])?.isComplex == true && op.isExpanded
  case .binary(.zeta), .binary(.polygamma), .binary(.mulhi): return true
  // LAPACK has no routines for halves of single precision.
  case .triangularSolve, .cholesky: return element(operation.result)?.bitWidth == 16
  case .binary(.maximum), .binary(.minimum), .binary(.atan2):
    return element(operation.operands[0])?.isComplex == true
  case .binary(.nextAfter):
    let type = element(operation.operands[0])
    return type == .f16 || type == .bf16
  // Sums of products take more than eight bits.
  case .convolution:
    let type = element(operation.result)
    return type?.isMinifloat == true
  case .bitcastConvert:
    return [operation.operands[0], operation.result].contains {
      element($0).map { $0 == .bool || $0.bitWidth < 8 } ?? false
    }
  case .customCall(let attributes): return attributes.target == "ApproxTopK"
  // Compiled code is one process.
  case .allGather, .allReduce, .reduceScatter, .allToAll, .collectiveBroadcast,
    .collectivePermute, .collectiveReduce:
    return operation.op.isAmongOneProcess
  default: return false
  }
}

private func expand(_ id: OperationID, _ editor: FunctionEditor, of module: Module) throws {
  let operation = editor[id]
  let operands = Array(operation.operands)
  switch operation.op {
  case .getTupleElement(let index):
    guard let tuple = editor.definition(of: operands[0]), case .tuple = editor[tuple].op else {
      return
    }
    editor.replaceAllUses(of: operation.result, with: editor[tuple].operands[index])
    editor.erase(id)
  case .broadcasting(let op, let dimensions):
    guard let result = editor.type(of: operation.result).tensor else { return }
    try editor.replace(id) { b in
      [try b.broadcasting(op, operands, dimensions: dimensions, result)]
    }
  case .scan(let attributes):
    let results = operation.results.compactMap { editor.type(of: $0).tensor }
    try editor.replace(id) { b in
      try b.scan(attributes, operands, operation.regions[0], results)
    }
  case .einsum(let config):
    guard let result = editor.type(of: operation.result).tensor else { return }
    try editor.replace(id) { b in [try b.einsum(config, operands, result.element)] }
  case .torchIndexSelect(let dimension, let batchDimensions):
    try editor.replace(id) { b in
      [try b.torchIndexSelect(operands[0], operands[1], dimension, batchDimensions)]
    }
  case .constantLike(let constant):
    guard let type = editor.type(of: operation.result).tensor else { return }
    try editor.replace(id) { b in
      [try b.broadcastInDim(b.constant(constant), type.dimensions, [])]
    }
  case .raggedDot(let attributes):
    guard let result = editor.type(of: operation.result).tensor else { return }
    try editor.replace(id) { b in
      [try b.raggedDot(attributes, operands[0], operands[1], operands[2], result.element)]
    }
  case .asyncStart:
    let users = editor.users(of: operation.result)
    guard users.allSatisfy({ editor[$0].op == .asyncDone }) else { return }
    let values = try editor.insert(before: id) { b in
      b.emitCopy(of: operation.regions[0], operands)
    }
    for user in users {
      for (result, value) in zip(editor[user].results, values) {
        editor.replaceAllUses(of: result, with: value)
      }
      editor.erase(user)
    }
    editor.erase(id)
  case .batchNormInference(let attributes):
    try editor.replace(id) { b in [try b.batchNormInference(operands, attributes)] }
  case .batchNormTraining(let attributes):
    try editor.replace(id) { b in try b.batchNormTraining(operands, attributes) }
  case .batchNormGrad(let attributes):
    try editor.replace(id) { b in try b.batchNormGrad(operands, attributes) }
  case .rngBitGenerator(let algorithm):
    guard let result = editor.type(of: operation.results[1]).tensor else { return }
    try editor.replace(id) { b in try b.randomBits(algorithm, state: operands[0], result) }
  case .unary(let op): try editor.replace(id) { b in [try b.complexFunction(op, operands[0])] }
  case .binary(.nextAfter):
    try editor.replace(id) { b in [try b.nextAfter(operands[0], operands[1])] }
  case .convolution:
    guard let type = editor.type(of: operation.result).tensor else { return }
    try editor.replace(id) { b in
      let sums = try b.emitOne(operation.op, operation.operands, type: .tensor(type.with(.f32)))
      return [try b.convert(sums, to: type.element)]
    }
  case .triangularSolve, .cholesky:
    guard let type = editor.type(of: operation.result).tensor else { return }
    try editor.replace(id) { b in
      let wide = try operands.map { try b.convert($0, to: .f32) }
      let result = try b.emitOne(operation.op, Operands(wide), type: .tensor(type.with(.f32)))
      return [try b.convert(result, to: type.element)]
    }
  case .binary(.mulhi):
    try editor.replace(id) { b in [try b.highProduct(operands[0], operands[1])] }
  case .binary(.zeta):
    try editor.replace(id) { b in
      [try b.inDoublePrecision(operands) { try b.hurwitzZeta($0[0], $0[1]) }]
    }
  case .binary(.polygamma):
    try editor.replace(id) { b in
      [try b.inDoublePrecision(operands) { try b.polygamma($0[0], $0[1]) }]
    }
  case .binary(.atan2):
    try editor.replace(id) { b in [try b.complexArcTangent(operands[0], operands[1])] }
  case .binary(let op):
    try editor.replace(id) { b in
      [try b.complexExtremum(operands[0], operands[1], isLargest: op == .maximum)]
    }
  case .allGather, .allReduce, .reduceScatter, .allToAll, .collectiveBroadcast,
    .collectivePermute, .collectiveReduce:
    let types = operation.results.map { editor.type(of: $0) }
    guard operands.prefix(types.count).map({ editor.type(of: $0) }) == types else { return }
    for (result, operand) in zip(operation.results, operands) {
      editor.replaceAllUses(of: result, with: operand)
    }
    editor.erase(id)
  case .customCall(let attributes):
    let besides = editor.function.operationAttributes[id] ?? []
    let results = operation.results.map { editor.type(of: $0) }
    guard let top = ApproximateTopK(attributes, besides: besides),
      top.takes(operands.map { editor.type(of: $0) }, results),
      let comparison = module.comparison(by: top.comparator)
    else { return }
    try editor.replace(id) { b in
      let sorted = try b.sort(
        Array(operands.prefix(results.count)), dimension: top.axis, isStable: true
      ) { b, pairs in
        try b.compare(pairs[0], comparison.direction, pairs[1], type: comparison.type)
      }
      return try zip(sorted, results).map { all, result in
        let dimensions = result.tensor?.dimensions ?? []
        return try b.slice(all, start: dimensions.map { _ in 0 }, limit: dimensions)
      }
    }
  case .bitcastConvert:
    guard let result = editor.type(of: operation.result).tensor else { return }
    try editor.replace(id) { b in [try b.narrowBitcast(operands[0], to: result)] }
  default: return
  }
}

extension FunctionBuilder {
  /// The high half of the product of two integers.
  fileprivate func highProduct(_ a: ValueID, _ b: ValueID) throws -> ValueID {
    let type = try tensorType(of: a)
    let width = type.element.bitWidth
    let shift: BinaryOp = type.element.isSigned ? .shiftRightArithmetic : .shiftRightLogical
    if width < 64 {
      let wide: ElementType = type.element.isSigned ? .i64 : .u64
      let product = try multiply(convert(a, to: wide), convert(b, to: wide))
      return try convert(
        binary(shift, product, splat(width, type.with(wide))), to: type.element)
    }
    // Schoolbook multiplication of 32-bit halves; the high halves carry the sign.
    let half = try splat(32, type)
    func high(_ x: ValueID) throws -> ValueID { try binary(shift, x, half) }
    func low(_ x: ValueID) throws -> ValueID { try and(x, splat(0xFFFF_FFFF, type)) }
    let (aHigh, aLow, bHigh, bLow) = (try high(a), try low(a), try high(b), try low(b))
    let carry = try binary(.shiftRightLogical, multiply(aLow, bLow), half)
    let first = try add(multiply(aHigh, bLow), carry)
    let second = try add(multiply(aLow, bHigh), low(first))
    return try add(multiply(aHigh, bHigh), add(high(first), high(second)))
  }

  /// The neighbour of `x` in the direction of `y`, by the bits.
  func nextAfter(_ x: ValueID, _ y: ValueID) throws -> ValueID {
    let type = try tensorType(of: x)
    let width = type.element.bitWidth
    guard let word = ElementType.integer(bits: width, signed: true) else {
      throw unsupported("next_after of \(type.element)")
    }
    let words = type.with(word)
    func literal(_ value: Int) throws -> ValueID { try splat(value, words) }
    let zero = try splat(0.0, type)
    let isNegative = try compare(x, .lt, zero)
    let isRising = try compare(x, .lt, y)
    // Away from zero is one more, for either sign.
    let isOutward = try compare(isNegative, .ne, isRising)
    let step = try select(isOutward, literal(1), literal(-1))
    let neighbour = try add(bitcastConvert(x, to: words), step)
    // The smallest number has the sign of the direction.
    let least = try select(isRising, literal(1), literal(Int.min >> (Int.bitWidth - width) | 1))
    let isZero = try compare(x, .eq, zero)
    let moved = try bitcastConvert(select(isZero, least, neighbour), to: type)
    let hasNaN = try or(compare(x, .ne, x), compare(y, .ne, y))
    let isSame = try compare(x, .eq, y)
    return try select(hasNaN, add(x, y), select(isSame, y, moved))
  }

  /// A cast from, or to, elements narrower than a byte: in memory each has a byte of its own.
  fileprivate func narrowBitcast(_ x: ValueID, to target: TensorType) throws -> ValueID {
    let source = try tensorType(of: x)
    let (from, to) = (source.element.packedWidth, target.element.packedWidth)
    let wide = max(from, to)
    guard let word = ElementType.integer(bits: max(wide, 8), signed: false) else {
      throw unsupported("bitcast_convert of \(source.element) to \(target.element)")
    }
    // The bits of the operand's elements, as words.
    var bits: ValueID
    if from < 8, source.element.isMinifloat {
      bits = try minifloatBits(x, word)
    } else if from < 8 {
      let mask = try splat((1 << from) - 1, source.with(word))
      bits = try and(convert(x, to: word), mask)
    } else {
      bits = try source.element == word ? x : bitcastConvert(x, to: source.with(word))
    }
    if from < to {
      // The last axis becomes one element, its first part lowest.
      let shifts = try multiply(
        iota(source.with(word), dimension: source.rank - 1), splat(from, source.with(word)))
      bits = try reduce(
        .or, binary(.shiftLeft, bits, shifts), scalar(0, word), dimensions: [source.rank - 1])
    } else if from > to {
      let parts = target.with(word)
      let shifts = try multiply(iota(parts, dimension: parts.rank - 1), splat(to, parts))
      let spread = try broadcastInDim(bits, parts.dimensions, Array(0..<source.rank))
      bits = try binary(.shiftRightLogical, spread, shifts)
    }
    if to >= 8 { return target.element == word ? bits : try bitcastConvert(bits, to: target) }
    let mask = try splat((1 << to) - 1, target.with(word))
    let kept = try and(bits, mask)
    if target.element == .bool { return try compare(kept, .ne, splat(0, target.with(word))) }
    if target.element.isMinifloat { return try minifloat(kept, target) }
    return try convert(kept, to: target.element)
  }
}

extension ElementType {
  /// The bits that an element has by itself: 1 for Booleans.
  fileprivate var packedWidth: Int { self == .bool ? 1 : bitWidth }
}
