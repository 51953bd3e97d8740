import HLO
import Support
import Tensor

// Operations that compute an element from the elements at the same index.
extension ElementGenerator {
  /// The element of an elementwise operation; `nil` if `operation` is none.
  func elementwise(_ operation: Operation, _ index: ElementIndex) throws -> Kernel.ValueID? {
    func operand(_ number: Int) throws -> Kernel.ValueID {
      let value = operation.operands[number]
      // `select` and `clamp` take scalars beside arrays.
      return try element(value, shape(of: value).rank == 0 ? .scalar : index)
    }
    let result = type(of: operation.results[0]).element
    switch operation.op {
    case .unary(let op): return try unary(op, operand(0))
    case .binary(let op): return try binary(op, operand(0), operand(1))
    case .compare(let comparison): return compare(comparison, try operand(0), try operand(1))
    case .select: return builder.select(try operand(0), try operand(1), try operand(2))
    case .clamp:
      let raised = builder.binary(.maximum, try operand(1), try operand(0))
      return builder.binary(.minimum, raised, try operand(2))
    case .convert: return convert(try operand(0), to: result)
    case .bitcastConvert: return try bitcast(operation, index)
    case .reducePrecision(let exponentBits, let mantissaBits):
      return try reducePrecision(operand(0), Int(exponentBits), Int(mantissaBits))
    case .map:
      return try evaluate(operation.regions[0], operation.operands.indices.map(operand))[0]
    case .constant(let constant):
      if let splat = constant.splat { return self.constant(splat) }
      throw internalError("an array constant without memory")
    case .iota(let dimension):
      let coordinate = coordinates(index, shape(of: operation.results[0]))[dimension]
      return convert(coordinate, to: result)
    case .partitionID, .replicaID: return try constant(result, 0)
    default: return nil
    }
  }

  func convert(_ x: Kernel.ValueID, to type: ElementType) -> Kernel.ValueID {
    let source = builder.type(of: x)
    if source == type { return x }
    if let constant = builder.constantIndex(x), source == .i64, type.isInteger {
      return (try? self.constant(type, constant)) ?? builder.convert(x, to: type)
    }
    guard type == .bool else { return builder.convert(x, to: type) }
    return notZero(x)
  }

  private func notZero(_ x: Kernel.ValueID) -> Kernel.ValueID {
    let type = builder.type(of: x)
    // Of a complex number the real part counts, as in any conversion to a real type.
    if type.isComplex { return notZero(builder.unary(.real, x)) }
    return builder.compare(.notEqual, x, builder.constant(type, ScalarBits(0)))
  }

  func compare(
    _ comparison: HLO.Comparison, _ x: Kernel.ValueID, _ y: Kernel.ValueID
  ) -> Kernel.ValueID {
    let type = builder.type(of: x)
    if type.isComplex {
      let direction: Kernel.Comparison = comparison.direction == .ne ? .notEqual : .equal
      let re = builder.compare(direction, builder.unary(.real, x), builder.unary(.real, y))
      let im = builder.compare(direction, builder.unary(.imag, x), builder.unary(.imag, y))
      return builder.binary(comparison.direction == .ne ? .or : .and, re, im)
    }
    if comparison.type == .totalOrder && type.isFloat {
      switch comparison.direction {
      case .lt: return builder.compare(.totalLess, x, y)
      case .gt: return builder.compare(.totalLess, y, x)
      case .ge: return builder.unary(.not, builder.compare(.totalLess, x, y))
      case .le: return builder.unary(.not, builder.compare(.totalLess, y, x))
      case .eq: return builder.compare(.totalEqual, x, y)
      case .ne: return builder.unary(.not, builder.compare(.totalEqual, x, y))
      }
    }
    let direction: Kernel.Comparison =
      switch comparison.direction {
      case .eq: .equal
      case .ne: .notEqual
      case .lt: .less
      case .le: .lessOrEqual
      case .gt: .greater
      case .ge: .greaterOrEqual
      }
    return builder.compare(direction, x, y)
  }

  // MARK: Tables

  func unary(_ op: UnaryOp, _ x: Kernel.ValueID) throws -> Kernel.ValueID {
    let type = builder.type(of: x)
    func direct(_ operation: Kernel.UnaryOperation) -> Kernel.ValueID {
      builder.unary(operation, x)
    }
    switch op {
    case .abs: return type.isUnsigned ? x : direct(.abs)
    case .cbrt: return direct(.cbrt)
    case .ceil: return direct(.ceil)
    case .cosine: return direct(.cosine)
    case .countLeadingZeros: return direct(.countLeadingZeros)
    case .exponential: return direct(.exponential)
    case .exponentialMinusOne: return direct(.exponentialMinusOne)
    case .floor: return direct(.floor)
    case .imag: return type.isComplex ? direct(.imag) : try constant(type, 0)
    case .isFinite: return direct(.isFinite)
    case .log: return direct(.log)
    case .logPlusOne: return direct(.logPlusOne)
    case .logistic: return direct(.logistic)
    case .negate: return direct(.negate)
    case .not: return direct(.not)
    case .popcnt: return direct(.popcnt)
    case .real: return type.isComplex ? direct(.real) : x
    case .roundNearestAfz: return direct(.roundNearestAfz)
    case .roundNearestEven: return direct(.roundNearestEven)
    case .rsqrt: return direct(.rsqrt)
    case .sign: return direct(.sign)
    case .sine: return direct(.sine)
    case .sqrt: return direct(.sqrt)
    case .tan, .chloTan: return direct(.tan)
    case .tanh: return direct(.tanh)
    case .acos: return direct(.acos)
    case .acosh: return direct(.acosh)
    case .asin: return direct(.asin)
    case .asinh: return direct(.asinh)
    case .atan: return direct(.atan)
    case .atanh: return direct(.atanh)
    case .besselI1e: return direct(.besselI1e)
    case .conj: return type.isComplex ? direct(.conjugate) : x
    case .cosh: return direct(.cosh)
    case .digamma: return direct(.digamma)
    case .erf: return direct(.erf)
    case .erfInv: return direct(.erfInv)
    case .erfc: return direct(.erfc)
    case .isInf:
      return builder.compare(
        .equal, direct(.abs), try constant(type, Double.infinity))
    case .isNegInf: return builder.compare(.equal, x, try constant(type, -Double.infinity))
    case .isPosInf: return builder.compare(.equal, x, try constant(type, Double.infinity))
    case .lgamma: return direct(.lgamma)
    case .sinh: return direct(.sinh)
    case .square: return builder.multiply(x, x)
    }
  }

  func binary(
    _ op: BinaryOp, _ x: Kernel.ValueID, _ y: Kernel.ValueID
  ) throws -> Kernel.ValueID {
    builder.binary(try operation(op, builder.type(of: x)), x, y)
  }

  /// What `op` is on elements of `type`.
  func operation(_ op: BinaryOp, _ type: ElementType) throws -> Kernel.BinaryOperation {
    let isBool = type.isBool
    return switch op {
    // On Booleans, addition is `or` and multiplication is `and`.
    case .add: isBool ? .or : .add
    case .multiply: isBool ? .and : .multiply
    case .maximum: isBool ? .or : .maximum
    case .minimum: isBool ? .and : .minimum
    case .subtract: isBool ? .xor : .subtract
    case .and: .and
    case .atan2: .atan2
    case .complex: .complex
    case .divide: .divide
    case .or: .or
    case .power: .power
    case .remainder: .remainder
    case .shiftLeft: .shiftLeft
    case .shiftRightArithmetic: .shiftRightArithmetic
    case .shiftRightLogical: .shiftRightLogical
    case .xor: .xor
    // Expanded before.
    case .mulhi: throw unsupported("\(op.rawValue) in a kernel")
    case .nextAfter: .nextAfter
    case .polygamma: .polygamma
    case .zeta: .zeta
    }
  }

  // MARK: Bits

  /// The bits of `x` as an unsigned integer.
  private func bits(_ x: Kernel.ValueID) throws -> Kernel.ValueID {
    let type = builder.type(of: x)
    guard let integer = ElementType.integer(bits: type.bitWidth, signed: false) else {
      throw unsupported("the bits of \(type.stablehloName)")
    }
    return builder.bitcast(x, to: integer)
  }

  private func bitcast(_ operation: Operation, _ index: ElementIndex) throws -> Kernel.ValueID {
    let source = type(of: operation.operands[0])
    let target = type(of: operation.results[0])
    if source.element == target.element { return try element(operation.operands[0], index) }
    let (from, to) = (source.element.bitWidth, target.element.bitWidth)
    if from == to {
      return builder.bitcast(try element(operation.operands[0], index), to: target.element)
    }
    let coordinates = coordinates(index, target.shape)
    if from > to {
      // One element becomes several, least significant first, along a new last axis.
      guard let narrow = ElementType.integer(bits: to, signed: false) else {
        throw unsupported("bitcast_convert to \(target.element.stablehloName)")
      }
      let whole = try bits(
        element(operation.operands[0], ElementIndex(Array(coordinates.dropLast()))))
      let wide = builder.type(of: whole)
      let part = builder.convert(coordinates[coordinates.count - 1], to: wide)
      let shift = builder.multiply(part, try constant(wide, to))
      let shifted = builder.binary(.shiftRightLogical, whole, shift)
      let mask = builder.constant(wide, ScalarBits(UInt64(1) << UInt64(to) - 1))
      let low = builder.convert(builder.binary(.and, shifted, mask), to: narrow)
      return builder.bitcast(low, to: target.element)
    }
    guard let wide = ElementType.integer(bits: to, signed: false) else {
      throw unsupported("bitcast_convert to \(target.element.stablehloName)")
    }
    var whole = builder.constant(wide, ScalarBits(0))
    for part in 0..<(to / from) {
      let piece = try bits(
        element(operation.operands[0], ElementIndex(coordinates + [builder.index(part)])))
      let shifted = builder.binary(
        .shiftLeft, builder.convert(piece, to: wide), try constant(wide, part * from))
      whole = builder.binary(.or, whole, shifted)
    }
    return builder.bitcast(whole, to: target.element)
  }

  /// `x` rounded to a format with fewer bits, as StableHLO's `reduce_precision`.
  private func reducePrecision(
    _ x: Kernel.ValueID, _ exponentBits: Int, _ mantissaBits: Int
  ) throws -> Kernel.ValueID {
    let type = builder.type(of: x)
    let format: (exponent: Int, mantissa: Int)
    switch type {
    case .f16: format = (5, 10)
    case .bf16: format = (8, 7)
    case .f32: format = (8, 23)
    case .f64: format = (11, 52)
    default: throw unsupported("reduce_precision of \(type.stablehloName)")
    }
    var pattern = try bits(x)
    let word = builder.type(of: pattern)
    func literal(_ value: UInt64) -> Kernel.ValueID { builder.constant(word, ScalarBits(value)) }
    let signMask = UInt64(1) << UInt64(type.bitWidth - 1)
    if mantissaBits < format.mantissa {
      // Round half to even: add just under half a unit, plus the last bit that stays.
      let dropped = UInt64(format.mantissa - mantissaBits)
      let last = builder.binary(
        .and, builder.binary(.shiftRightLogical, pattern, literal(dropped)), literal(1))
      let half = literal(UInt64(1) << (dropped - 1) - 1)
      pattern = builder.add(pattern, builder.add(half, last))
      let keep = ~(UInt64(1) << dropped - 1) & (signMask | (signMask - 1))
      pattern = builder.binary(.and, pattern, literal(keep))
    }
    if exponentBits < format.exponent {
      // Too large becomes infinite, too small becomes zero, both with the sign.
      let bias = UInt64(1) << UInt64(format.exponent - 1) - 1
      let reducedBias = UInt64(1) << UInt64(exponentBits - 1) - 1
      let mantissaShift = UInt64(format.mantissa)
      let exponentMask = (UInt64(1) << UInt64(format.exponent) - 1) << mantissaShift
      let exponent = builder.binary(.and, pattern, literal(exponentMask))
      let sign = builder.binary(.and, pattern, literal(signMask))
      let tooLarge = builder.compare(
        .greater, exponent, literal((bias + reducedBias) << mantissaShift))
      let tooSmall = builder.compare(
        .lessOrEqual, exponent, literal((bias - reducedBias) << mantissaShift))
      let infinity = builder.binary(.or, sign, literal(exponentMask))
      pattern = builder.select(
        tooLarge, infinity, builder.select(tooSmall, sign, pattern))
    }
    let isNaN = builder.compare(.notEqual, x, x)
    if mantissaBits == 0 {
      // Without a mantissa there is no NaN.
      let infinity = try constant(type, Double.infinity)
      return builder.select(isNaN, infinity, builder.bitcast(pattern, to: type))
    }
    return builder.select(isNaN, x, builder.bitcast(pattern, to: type))
  }
}
