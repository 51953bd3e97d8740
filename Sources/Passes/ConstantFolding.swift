import HLO
import Support
import Tensor

/// Computes what is known before the program runs.
///
///     %1 = constant [3, 4]
///     %2 = constant 2
///     %3 = add %1, %2          // becomes constant [5, 6]
///
/// The reference interpreter computes the elements, so that folding changes no bits. Equal elements
/// are computed once, whatever the size of the array; other arrays only up to a size: larger ones
/// are cheaper to compute than to load. Subnormal numbers are left to the program, which flushes
/// them.
public let constantFolding = Pass<Module>("fold", "compute what is known already") { module in
  module.forEachFunction { function in
    Rewriter.run(on: &function, at: \.isFoldable) { rewriter, id in
      let operation = rewriter.operation(id)
      guard let type = rewriter.type(of: operation.result),
        type.isStatic, let constant = folded(operation, type, rewriter)
      else { return .keep }
      return .update(.constant(constant), [])
    }
  }
}

/// The most elements that are computed one by one.
private let largestFoldedCount = 1024

/// The value of `operation`, where its operands are constants.
private func folded(_ operation: Operation, _ type: TensorType, _ rewriter: Rewriter) -> Constant? {
  if operation.operands.isEmpty { return nil }
  var operands: [Constant] = []
  for operand in operation.operands {
    guard let constant = rewriter.constant(operand) else { return nil }
    operands.append(constant)
  }
  if operation.op.movesElements, let splat = operands[0].splat {
    return Constant(splat: splat, shape: type.shape)
  }
  // One element stands for all.
  let splats = operands.compactMap(\.splat)
  let isOne = operation.op.isElementwise && splats.count == operands.count
  if !isOne,
    ([type.count] + operands.map(\.type.count)).contains(where: { $0 > largestFoldedCount })
  {
    return nil
  }
  let inputs = isOne ? splats : operands.map(\.tensor)
  if inputs.contains(where: \.hasSubnormal) { return nil }
  let result = isOne ? TensorType.scalar(type.element) : type
  // What the interpreter refuses, the program may report when it runs.
  guard let value = try? evaluate(operation.op, inputs, results: [result]).first,
    value.type == result.element, value.shape == result.shape, !value.hasSubnormal
  else { return nil }
  return isOne ? Constant(splat: value, shape: type.shape) : Constant(value)
}

extension Op {
  /// `true` iff each element of the result depends on the elements at its place alone.
  var isElementwise: Bool {
    switch self {
    case .unary, .binary, .compare, .select, .clamp, .convert, .reducePrecision: true
    default: false
    }
  }

  /// `true` iff every element of the result is one of the first operand's.
  fileprivate var movesElements: Bool {
    switch self {
    case .broadcastInDim, .reshape, .transpose, .reverse, .slice, .dynamicSlice, .gather: true
    default: false
    }
  }

  /// `true` iff the operation gives one array of its operands alone, and does so cheaply.
  fileprivate var isFoldable: Bool {
    switch self {
    case .concatenate, .pad, .dynamicUpdateSlice, .bitcastConvert: true
    default: isElementwise || movesElements
    }
  }
}

extension HostTensor {
  /// `true` iff an element, or a part of it, is a number below the normal ones of its type.
  fileprivate var hasSubnormal: Bool {
    let least: Double
    switch type {
    case .f32, .c64: least = Double(Float.leastNormalMagnitude)
    case .f64, .c128: least = .leastNormalMagnitude
    default: return false
    }
    func isSubnormal(_ x: Double) -> Bool { x != 0 && x.magnitude < least }
    return (0..<count).contains { position in
      switch self[position] {
      case .float(let x): isSubnormal(x)
      case .complex(let z): isSubnormal(z.real) || isSubnormal(z.imaginary)
      case .bool, .int, .uint: false
      }
    }
  }
}
