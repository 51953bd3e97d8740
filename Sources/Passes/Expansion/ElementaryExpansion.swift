import HLO
import Support
import Tensor

/// Says the functions of `chlo` in the operations of StableHLO, for tools that know only these.
/// Our own code generator has kernels for them.
///
///     %1 = chlo.square %0
///
/// becomes
///
///     %1 = multiply %0, %0
///
/// and `chlo.lgamma` the hundred operations that `Elementary` defines it by.
public let elementaryExpansion = Pass<Module>(
  "expand-chlo", "say the functions of chlo in operations of StableHLO"
) { module in
  try expandElementary(in: &module, keeping: [])
}

/// The same for functions that are not in `kept`.
public func expandElementary(in module: inout Module, keeping kept: Set<UnaryOp>) throws -> Bool {
  var changed = false
  for index in module.functions.indices {
    let function = module.functions[index]
    let affected = function.operationsInOrder().filter {
      isElementary(function.operations[$0].op, keeping: kept)
    }
    if affected.isEmpty { continue }
    let editor = FunctionEditor(function)
    for id in affected { try expand(id, editor) }
    module.functions[index] = editor.finish()
    changed = changed || editor.changed
  }
  return changed
}

private func isElementary(_ op: Op, keeping kept: Set<UnaryOp>) -> Bool {
  switch op {
  case .unary(let op): op.rawValue.hasPrefix("chlo.") && !kept.contains(op)
  case .binary(.nextAfter): true
  default: false
  }
}

private func expand(_ id: OperationID, _ editor: FunctionEditor) throws {
  let operands = Array(editor[id].operands)
  try editor.replace(id) { b in
    switch editor[id].op {
    case .unary(let op): [try b.expanded(op, operands[0])]
    default: [try b.nextAfter(operands[0], operands[1])]
    }
  }
}

extension FunctionBuilder {
  /// `op` of `x`, a function of chlo, in operations of StableHLO.
  fileprivate func expanded(_ op: UnaryOp, _ x: ValueID) throws -> ValueID {
    let type = try tensorType(of: x)
    func isInfinite(_ value: Double) throws -> ValueID {
      try compare(x, .eq, splat(value, type))
    }
    switch op {
    case .square: return try type.element.isComplex ? complexSquare(x) : multiply(x, x)
    case .chloTan: return try unary(.tan, x)
    case .conj:
      if !type.element.isComplex { return x }
      return try complex(real(x), negate(imag(x)))
    case .cosh where type.element.isComplex:
      let (a, b) = (try real(x), try imag(x))
      return try complex(
        multiply(expanded(.cosh, a), unary(.cosine, b)),
        multiply(expanded(.sinh, a), unary(.sine, b)))
    case .sinh where type.element.isComplex:
      let (a, b) = (try real(x), try imag(x))
      return try complex(
        multiply(expanded(.sinh, a), unary(.cosine, b)),
        multiply(expanded(.cosh, a), unary(.sine, b)))
    case .isPosInf: return try isInfinite(.infinity)
    case .isNegInf: return try isInfinite(-.infinity)
    case .isInf: return try or(isInfinite(.infinity), isInfinite(-.infinity))
    default: break
    }
    guard let function = ElementaryFunction(op), type.element.isFloat else {
      throw unsupported("\(op.rawValue) of \(type.element) in operations of StableHLO")
    }
    // Narrow numbers are computed in single precision.
    let isNarrow = type.element != .f32 && type.element != .f64
    let wide = isNarrow ? type.with(.f32) : type
    let operand = try isNarrow ? convert(x, to: .f32) : x
    let result = try RealEmitter(self, wide).checked {
      function.evaluate(BuiltReal(emitter: $0, value: operand))
    }
    return try isNarrow ? convert(result, to: type.element) : result
  }
}

extension ElementaryFunction {
  /// The definition of a function of chlo.
  fileprivate init?(_ op: UnaryOp) {
    switch op {
    case .acos: self = .acos
    case .acosh: self = .acosh
    case .asin: self = .asin
    case .asinh: self = .asinh
    case .atan: self = .atan
    case .atanh: self = .atanh
    case .besselI1e: self = .besselI1e
    case .cosh: self = .cosh
    case .digamma: self = .digamma
    case .erf: self = .erf
    case .erfInv: self = .erfInv
    case .erfc: self = .erfc
    case .lgamma: self = .lgamma
    case .sinh: self = .sinh
    default: return nil
    }
  }
}
