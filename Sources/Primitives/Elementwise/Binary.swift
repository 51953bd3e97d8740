import Core
import HLO
import Tensor
import Transforms

/// Functions of two arrays without parameters, from `add` to `polygamma`.
public struct Binary: Elementwise {
  /// The functions, by the names of their primitives.
  public enum Function: String, CaseIterable, Sendable {
    case add, sub, mul, div, rem, max, min, pow, atan2, nextafter, complex
    case and, or, xor
    case shiftLeft = "shift_left"
    case shiftRightLogical = "shift_right_logical"
    case shiftRightArithmetic = "shift_right_arithmetic"
    case polygamma, zeta
  }

  public let function: Function

  public init(_ function: Function) { self.function = function }

  public var name: String { function.rawValue }
  public var parameters: [Parameter] { [] }
  public func allParameters(for operands: [ShapedArray]) -> [Parameter] {
    function == .mul ? [Parameter("out_dtype", .none)] : []
  }

  public func resultType(_ operands: [ShapedArray]) throws -> ElementType {
    let dtype = operands[0].dtype
    switch function {
    case .pow:
      // The exponent may be an integer.
      let exponent = operands[1].dtype.isInteger ? operands[0] : operands[1]
      try require([operands[0], exponent], in: .inexact, for: name)
    case .add, .sub, .mul, .div: try require(operands, in: .numeric, for: name)
    case .rem: try require(operands, in: [.integer, .floating], for: name)
    case .max, .min:
      try require(operands, in: .comparable, for: name)
    case .atan2: try require(operands, in: .inexact, for: name)
    case .nextafter, .polygamma, .zeta: try require(operands, in: [.floating], for: name)
    case .complex: try require(operands, in: [.float32, .float64], for: name)
    case .and, .or, .xor: try require(operands, in: [.integer, .bool], for: name)
    case .shiftLeft, .shiftRightLogical, .shiftRightArithmetic:
      try require(operands, in: [.integer], for: name)
    }
    if function == .pow && operands[1].dtype.isInteger { return dtype }
    try requireEqualTypes(operands, for: name)
    return function == .complex ? dtype.complexType : dtype
  }

  public func jvp(_ primals: [Value], _ tangents: [Tangent]) throws -> (
    primals: [Value], tangents: [Tangent]
  ) {
    let result = try bind(self, primals)[0]
    guard result.dtype.isInexact else { return ([result], [.zero(result.aval.tangent)]) }
    let (x, y) = (primals[0], primals[1])
    let (t, u) = (tangents[0].value, tangents[1].value)
    if isLinearInBoth {
      let derivative: Value
      switch (t, u) {
      case (let t?, let u?): derivative = try bind1(self, t, u)
      case (let t?, nil):
        derivative =
          function == .complex
          ? try bind1(self, t, residualZeros(t.aval)) : try repeated(t, result)
      case (nil, let u?):
        switch function {
        case .sub: derivative = try repeated(neg(u), result)
        case .complex: derivative = try bind1(self, residualZeros(u.aval), u)
        default: derivative = try repeated(u, result)
        }
      case (nil, nil): return ([result], [.zero(result.aval.tangent)])
      }
      return ([result], [.value(derivative)])
    }
    let first = try t.flatMap { try tangent1($0, x, y, result) }
    let second = try u.flatMap { try tangent2($0, x, y, result) }
    switch (first, second) {
    case (let first?, let second?):
      return (
        [result],
        [.value(try bind1(AddAny(), repeated(first, result), repeated(second, result)))]
      )
    case (let only?, nil), (nil, let only?): return ([result], [.value(try repeated(only, result))])
    case (nil, nil): return ([result], [.zero(result.aval.tangent)])
    }
  }

  private var isLinearInBoth: Bool {
    function == .add || function == .sub || function == .complex
  }

  /// A tangent of an operand that is repeated in the result.
  private func repeated(_ tangent: Value, _ result: Value) throws -> Value {
    if tangent.shape == result.shape { return tangent }
    let dimensions = tangent.rank == 0 ? [] : Array(0..<tangent.rank)
    return try bind1(BroadcastInDim(shape: result.shape, dimensions: dimensions), tangent)
  }

  /// The derivative along a tangent of the first operand.
  private func tangent1(_ t: Value, _ x: Value, _ y: Value, _ result: Value) throws -> Value? {
    switch function {
    case .mul: return try Primitives.mul(t, y)
    case .div: return try Primitives.div(t, y)
    case .rem: return t
    case .max, .min: return try Primitives.mul(t, share(x, y, result))
    case .pow:
      if y.dtype.isInteger {
        // Zero to the power of zero has the slope zero, not NaN.
        let exponent = try repeated(convert(y, to: x.dtype), result)
        let isZero = try compare(exponent, .eq, constant(0, like: exponent))
        let none = try full(0, like: exponent)
        let isZeroToo = try compare(exponent, .eq, constant(0, like: exponent))
        let factor = try select(isZeroToo, full(1, like: exponent), exponent)
        let power = try bind1(self, x, Primitives.sub(exponent, full(1, like: exponent)))
        return try Primitives.mul(t, select(isZero, none, Primitives.mul(factor, power)))
      }
      let strongX = try strengthen(x)
      let strongY = try strengthen(y)
      let power = try bind1(self, strongX, Primitives.sub(strongY, full(1, like: strongY)))
      return try Primitives.mul(t, Primitives.mul(strongY, power))
    case .atan2:
      let norm = try Primitives.add(square(x), square(y))
      return try Primitives.mul(t, Primitives.div(y, norm))
    case .add, .sub, .complex, .nextafter, .and, .or, .xor, .shiftLeft, .shiftRightLogical,
      .shiftRightArithmetic, .polygamma, .zeta:
      throw RaisedError(
        .notImplementedError, "Differentiation rule for '\(name)' not implemented")
    }
  }

  /// The derivative along a tangent of the second operand.
  private func tangent2(_ u: Value, _ x: Value, _ y: Value, _ result: Value) throws -> Value? {
    switch function {
    case .mul: return try Primitives.mul(x, u)
    case .div:
      return try Primitives.mul(Primitives.mul(neg(u), x), integerPow(y, -2))
    case .rem:
      let negative = try neg(u)
      let sign = try Primitives.sign(Primitives.div(x, y))
      let whole = try bind1(Unary(.floor), bind1(Unary(.abs), Primitives.div(x, y)))
      return try Primitives.mul(negative, Primitives.mul(sign, whole))
    case .max, .min: return try Primitives.mul(u, share(y, x, result))
    case .pow:
      let isZero = try compare(x, .eq, constant(0, like: x))
      let safe = try select(isZero, full(1, like: x), x)
      let slope = try Primitives.mul(log(safe), result)
      let derivative = try Primitives.mul(u, slope)
      return derivative.aval.weakType ? try strengthen(derivative) : derivative
    case .atan2:
      let negative = try neg(x)
      let norm = try Primitives.add(square(x), square(y))
      return try Primitives.mul(u, Primitives.div(negative, norm))
    case .polygamma:
      let next = try bind1(
        Binary(.polygamma), Primitives.add(x, constant(1, like: x)), y)
      return try Primitives.mul(u, next)
    case .add, .sub, .complex, .nextafter, .and, .or, .xor, .shiftLeft, .shiftRightLogical,
      .shiftRightArithmetic, .zeta:
      throw RaisedError(
        .notImplementedError, "Differentiation rule for '\(name)' not implemented")
    }
  }

  /// The share of `x` in the derivative of the maximum or minimum of `x` and `y`: a half where
  /// they are equal.
  private func share(_ x: Value, _ y: Value, _ result: Value) throws -> Value {
    let isX = try compare(x, .eq, result)
    let numerator = try select(isX, full(1, result.aval), full(0, result.aval))
    let isY = try compare(y, .eq, result)
    let denominator = try select(isY, full(2, result.aval), full(1, result.aval))
    return try Primitives.div(numerator, denominator)
  }

  private func strengthen(_ x: Value) throws -> Value {
    x.aval.weakType ? try convert(x, to: x.dtype) : x
  }

  public func transpose(_ cotangents: [Tangent], _ operands: [LinearOperand]) throws -> [Value?] {
    guard let cotangent = cotangents[0].value else { return [nil, nil] }
    let shapes = operands.map(\.aval.shape)
    func known(_ index: Int) -> Value {
      guard case .known(let value) = operands[index] else { preconditionFailure() }
      return value
    }
    switch function {
    case .add:
      return try operands.indices.map {
        operands[$0].isLinear ? try unbroadcast(cotangent, to: shapes[$0]) : nil
      }
    case .sub:
      return [
        operands[0].isLinear ? try unbroadcast(cotangent, to: shapes[0]) : nil,
        operands[1].isLinear ? try unbroadcast(neg(cotangent), to: shapes[1]) : nil,
      ]
    case .mul:
      if operands[0].isLinear && operands[1].isLinear {
        let types = operands.map { "ValAccum(\($0.aval.longDescription))" }
        throw RaisedError(.assertionError, "(\(types.joined(separator: ", ")))")
      }
      if operands[0].isLinear {
        return [try unbroadcast(Primitives.mul(cotangent, known(1)), to: shapes[0]), nil]
      }
      return [nil, try unbroadcast(Primitives.mul(known(0), cotangent), to: shapes[1])]
    case .div:
      guard operands[0].isLinear, !operands[1].isLinear else { throw notLinear(self) }
      return [try unbroadcast(Primitives.div(cotangent, known(1)), to: shapes[0]), nil]
    case .complex:
      return [
        operands[0].isLinear ? try bind1(Unary(.real), cotangent) : nil,
        operands[1].isLinear ? try neg(bind1(Unary(.imag), cotangent)) : nil,
      ]
    case .rem, .max, .min, .pow, .atan2, .nextafter, .and, .or, .xor, .shiftLeft,
      .shiftRightLogical, .shiftRightArithmetic, .polygamma, .zeta:
      throw notLinear(self)
    }
  }

  public func lower(_ context: LoweringContext, _ operands: [ValueID]) throws -> [ValueID] {
    if function == .pow, context.inAvals[1].dtype != context.inAvals[0].dtype {
      return try context.expand(operands) {
        [try bind1(self, $0[0], convert($0[1], to: $0[0].dtype))]
      }
    }
    if function == .max || function == .min, context.inAvals[0].dtype.isComplex {
      return try context.expand(operands) { operands in
        let repeated = try operands.map { operand in
          operand.shape == context.outAvals[0].shape
            ? operand
            : try bind1(
              BroadcastInDim(shape: context.outAvals[0].shape, dimensions: []), operand)
        }
        return [try extremum(repeated[0], repeated[1])]
      }
    }
    let operands = try context.aligned(operands)
    return [try context.builder.binary(op, operands[0], operands[1])]
  }

  /// The greater or the smaller of complex numbers: by their real parts, then by the others.
  private func extremum(_ x: Value, _ y: Value) throws -> Value {
    let direction: Comparison.Direction = function == .max ? .gt : .lt
    let reals = (try bind1(Unary(.real), x), try bind1(Unary(.real), y))
    let isTie = try compare(reals.0, .eq, reals.1)
    let isFirst = try compare(reals.0, direction, reals.1)
    let imaginaries = (try bind1(Unary(.imag), x), try bind1(Unary(.imag), y))
    let isFirstOfTie = try compare(imaginaries.0, direction, imaginaries.1)
    return try select(select(isTie, isFirstOfTie, isFirst), x, y)
  }

  private var op: BinaryOp {
    switch function {
    case .add: .add
    case .sub: .subtract
    case .mul: .multiply
    case .div: .divide
    case .rem: .remainder
    case .max: .maximum
    case .min: .minimum
    case .pow: .power
    case .atan2: .atan2
    case .nextafter: .nextAfter
    case .complex: .complex
    case .and: .and
    case .or: .or
    case .xor: .xor
    case .shiftLeft: .shiftLeft
    case .shiftRightLogical: .shiftRightLogical
    case .shiftRightArithmetic: .shiftRightArithmetic
    case .polygamma: .polygamma
    case .zeta: .zeta
    }
  }
}
