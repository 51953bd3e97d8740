import CLLVM
import LoopIR
import Support
import Tensor

extension KernelEmitter {
  /// The flags of arithmetic inside compiled functions: `a * b + c` may round once.
  private var contraction: LLVMFastMathFlags { LLVMFastMathFlags(LLVMFastMathAllowContract) }

  private func contracting<T>(_ body: () throws -> T) rethrows -> T {
    ir.fastMath = contraction
    defer { ir.fastMath = 0 }
    return try body()
  }

  // MARK: One operand

  func emitUnary(_ operation: Kernel.UnaryOperation, _ x: Kernel.ValueID) throws -> LaneValue {
    let type = kernel.type(of: x)
    let operand = matched([value(x)])[0]
    switch type.kind {
    case .bool: return result(ir.not(operand.real), like: operand)
    case .signed, .unsigned:
      return result(try emitInteger(operation, operand.real, type), like: operand)
    case .float:
      let value = try emitElementary(operation, operand.real, type)
      let isPredicate = operation == .isFinite
      return result(isPredicate ? value : try rounded(value, to: type), like: operand)
    case .complex:
      return try emitComplex(operation, operand)
    case .float0, .key: throw unsupported("\(operation.rawValue) of \(type)")
    }
  }

  /// An elementary function, as a call where the kernel evaluates so many that their code would
  /// take long to compile.
  private func emitElementary(
    _ operation: Kernel.UnaryOperation, _ x: IRValue, _ type: ElementType
  ) throws -> IRValue {
    guard operation.isElementary, elementaryCount > 12 else {
      return try emitFloat(operation, x, type)
    }
    let signature = ir.function(x.type, [x.type])
    let name = "jx.\(operation.rawValue).\(type.realPart).\(ir.lanes(x.type))"
    if let known = ir.definedFunction(name) { return ir.call(known, signature, [x]) }
    let function = ir.addFunction(name, signature)
    for attribute in ["nounwind", "noinline", "memory"] {
      ir.addAttribute(attribute, to: function, parameter: nil)
    }
    machine.annotate(function, ir)
    let here = ir.currentBlock
    ir.moveToEnd(of: ir.addBlock("entry", to: function))
    ir.returnValue(try emitFloat(operation, ir.parameter(0, of: function), type))
    ir.moveToEnd(of: here)
    return ir.call(function, signature, [x])
  }

  private func emitInteger(
    _ operation: Kernel.UnaryOperation, _ x: IRValue, _ type: ElementType
  ) throws -> IRValue {
    let zero = ir.zero(x.type)
    switch operation {
    case .negate: return wrapped(ir.sub(zero, x), type)
    case .abs:
      if type.isUnsigned { return x }
      return wrapped(ir.select(ir.icmp(LLVMIntSLT, x, zero), ir.sub(zero, x), x), type)
    case .sign:
      let one = ir.constant(1, x.type)
      let positive = ir.select(ir.icmp(LLVMIntEQ, x, zero), zero, one)
      if type.isUnsigned { return positive }
      return ir.select(ir.icmp(LLVMIntSLT, x, zero), ir.constant(-1, x.type), positive)
    case .not: return wrapped(ir.not(x), type)
    case .popcnt:
      let width = type.bitWidth
      let masked = width < 8 ? ir.and(x, ir.constant(Int64(1) << width - 1, x.type)) : x
      return ir.intrinsic("llvm.ctpop", [x.type], [masked])
    case .countLeadingZeros:
      let width = type.bitWidth
      let masked = width < 8 ? ir.and(x, ir.constant(Int64(1) << width - 1, x.type)) : x
      let count = ir.intrinsic("llvm.ctlz", [x.type], [masked, ir.constant(0, ir.i1)])
      return width < 8 ? ir.sub(count, ir.constant(Int64(8 - width), x.type)) : count
    case .real, .conjugate: return x
    case .imag: return zero
    case .isFinite, .ceil, .floor, .roundNearestAfz, .roundNearestEven, .sqrt, .rsqrt, .cbrt,
      .exponential, .exponentialMinusOne, .log, .logPlusOne, .logistic, .sine, .cosine, .tan,
      .tanh, .asin, .acos, .atan, .sinh, .cosh, .asinh, .acosh, .atanh, .erf, .erfc, .erfInv,
      .lgamma, .digamma, .besselI0e, .besselI1e:
      throw unsupported("\(operation.rawValue) of integers")
    }
  }

  /// The integers below 8 bits, kept in 8, brought back into their range.
  private func wrapped(_ x: IRValue, _ type: ElementType) -> IRValue {
    guard type.bitWidth < 8 else { return x }
    let shift = ir.constant(Int64(8 - type.bitWidth), x.type)
    return type.isSigned ? ir.ashr(ir.shl(x, shift), shift) : ir.lshr(ir.shl(x, shift), shift)
  }

  func precision(_ type: ElementType) -> Precision { type.realPart == .f64 ? .double : .single }

  /// The least integer that is not less: 1 also above a subnormal number, which instructions take for
  /// zero.
  private func roundedUp(_ x: VectorReal) -> VectorReal {
    let rounded = VectorReal(
      ir: ir, value: ir.intrinsic("llvm.ceil", [x.value.type], [x.value]),
      precision: x.precision)
    let least = x.constant(x.precision.smallestNormal).bits
    let isTiny = (x.integer(0) .< x.bits) .& (x.bits .< least)
    return VectorReal.select(isTiny, x.constant(1), rounded)
  }

  func number(_ value: IRValue, _ type: ElementType) -> VectorReal {
    VectorReal(ir: ir, value: value, precision: precision(type))
  }

  private func emitFloat(
    _ operation: Kernel.UnaryOperation, _ x: IRValue, _ type: ElementType
  ) throws -> IRValue {
    func simple(_ intrinsic: String) -> IRValue { ir.intrinsic(intrinsic, [x.type], [x]) }
    let number = number(x, type)
    switch operation {
    case .negate: return ir.fneg(x)
    case .abs: return simple("llvm.fabs")
    case .sign:
      let one = ir.intrinsic(
        "llvm.copysign", [x.type], [ir.constant(real: 1, x.type), x])
      // Zeros and NaN are their own sign.
      return ir.select(ir.fcmp(LLVMRealONE, x, ir.zero(x.type)), one, x)
    case .ceil: return roundedUp(number).value
    case .floor: return (-roundedUp(-number)).value
    case .roundNearestAfz: return simple("llvm.round")
    case .roundNearestEven: return simple("llvm.rint")
    case .isFinite:
      return ir.fcmp(
        LLVMRealONE, simple("llvm.fabs"), ir.constant(real: .infinity, x.type))
    case .sqrt: return simple("llvm.sqrt")
    case .rsqrt: return ir.fdiv(ir.constant(real: 1, x.type), simple("llvm.sqrt"))
    case .exponential: return Elementary.exp(number).value
    case .exponentialMinusOne: return Elementary.expm1(number).value
    case .log: return Elementary.log(number).value
    case .logPlusOne: return Elementary.log1p(number).value
    case .logistic: return Elementary.logistic(number).value
    case .sine: return Elementary.sin(number).value
    case .cosine: return Elementary.cos(number).value
    case .tan: return Elementary.tan(number).value
    case .tanh: return Elementary.tanh(number).value
    case .cbrt: return Elementary.cbrt(number).value
    case .asin: return Elementary.asin(number).value
    case .acos: return Elementary.acos(number).value
    case .atan: return Elementary.atan(number).value
    case .sinh: return Elementary.sinh(number).value
    case .cosh: return Elementary.cosh(number).value
    case .asinh: return Elementary.asinh(number).value
    case .acosh: return Elementary.acosh(number).value
    case .atanh: return Elementary.atanh(number).value
    case .erf: return Elementary.erf(number).value
    case .erfc: return Elementary.erfc(number).value
    case .lgamma: return Elementary.lgamma(number).value
    case .real, .conjugate: return x
    case .imag: return ir.zero(x.type)
    case .erfInv: return Elementary.erfInv(number).value
    case .digamma: return Elementary.digamma(number).value
    case .besselI0e: return Elementary.besselI0e(number).value
    case .besselI1e: return Elementary.besselI1e(number).value
    case .not, .popcnt, .countLeadingZeros:
      throw unsupported("\(operation.rawValue) of floating-point numbers")
    }
  }

  /// A function of the C library, lane by lane.
  func libm(_ name: String, _ operands: [IRValue], _ type: ElementType) throws -> IRValue {
    let isSingle = precision(type) == .single
    let scalar = isSingle ? ir.float : ir.double
    let signature = ir.function(scalar, operands.map { _ in scalar })
    let name = isSingle ? name + "f" : name
    let count = ir.lanes(operands[0].type)
    if count == 1 { return try callLibrary(name, operands, signature) }
    var result = ir.undefined(operands[0].type)
    for lane in 0..<count {
      let one = try callLibrary(name, operands.map { ir.extract($0, at: lane) }, signature)
      result = ir.insert(one, into: result, at: lane)
    }
    return result
  }

  // MARK: Two operands

  func emitBinary(
    _ operation: Kernel.BinaryOperation, _ x: Kernel.ValueID, _ y: Kernel.ValueID
  ) throws -> LaneValue {
    let type = kernel.type(of: x)
    let (a, b) = (value(x), value(y))
    if type == .i64 {
      if var linear = try emitLinear(operation, a, b) ?? emitSharedQuotient(operation, x, a, b) {
        linear.multiple = multiple(operation, a, b)
        return linear
      }
    }
    let operands = matched([a, b])
    let (p, q) = (operands[0], operands[1])
    if type == .i64 {
      var index = result(
        try emitShortDivision(operation, x, p.real, q.real)
          ?? emitInteger(operation, p.real, q.real, type), like: p)
      index.multiple = multiple(operation, a, b)
      return index
    }
    let swaps = operation == .add && type.kind == .float && operandRanks.swaps(x, y)
    return swaps ? try combine(operation, q, p, type) : try combine(operation, p, q, type)
  }

  /// `p ∘ q`, which vary alike.
  func combine(
    _ operation: Kernel.BinaryOperation, _ p: LaneValue, _ q: LaneValue, _ type: ElementType
  ) throws -> LaneValue {
    switch type.kind {
    case .bool:
      return result(try emitLogical(operation, p.real, q.real), like: p)
    case .signed, .unsigned:
      return result(try emitInteger(operation, p.real, q.real, type), like: p)
    case .float:
      if operation == .complex { return result(p.real, q.real, like: p) }
      let value = try emitFloat(operation, p.real, q.real, type)
      return result(try rounded(value, to: type), like: p)
    case .complex: return try emitComplex(operation, p, q, type)
    case .float0, .key: throw unsupported("\(operation.rawValue) of \(type)")
    }
  }

  /// Index arithmetic that keeps the distance between lanes constant.
  private func emitLinear(
    _ operation: Kernel.BinaryOperation, _ a: LaneValue, _ b: LaneValue
  ) -> LaneValue? {
    guard !a.isVarying, !b.isVarying, a.stride != 0 || b.stride != 0 else { return nil }
    switch operation {
    case .add: return .linear(ir.add(a.real, b.real), stride: a.stride &+ b.stride)
    case .subtract: return .linear(ir.sub(a.real, b.real), stride: a.stride &- b.stride)
    case .multiply:
      if b.stride == 0, let factor = ir.constantInteger(b.real) {
        return .linear(ir.mul(a.real, b.real), stride: a.stride &* factor)
      }
      if a.stride == 0, let factor = ir.constantInteger(a.real) {
        return .linear(ir.mul(a.real, b.real), stride: b.stride &* factor)
      }
      return nil
    case .divide, .remainder, .power, .atan2, .maximum, .minimum, .and, .or, .xor, .shiftLeft,
      .shiftRightLogical, .shiftRightArithmetic, .nextAfter, .complex, .zeta, .polygamma,
      .igamma, .igammac, .multiplyRounded:
      return nil
    }
  }

  /// The power of two that divides an index.
  func multiple(of value: LaneValue) -> Int {
    guard let constant = ir.constantInteger(value.real) else { return value.multiple }
    return 1 << min(6, constant.trailingZeroBitCount)
  }

  /// The power of two that divides `a ∘ b`.
  private func multiple(
    _ operation: Kernel.BinaryOperation, _ a: LaneValue, _ b: LaneValue
  ) -> Int {
    let (p, q) = (multiple(of: a), multiple(of: b))
    switch operation {
    case .add, .subtract, .remainder: return min(p, q)
    case .multiply: return min(64, p * q)
    default: return 1
    }
  }

  /// The quotient and the remainder of lanes that lie between two multiples of the divisor: the
  /// quotient is the same for all of them.
  private func emitSharedQuotient(
    _ operation: Kernel.BinaryOperation, _ x: Kernel.ValueID, _ a: LaneValue, _ b: LaneValue
  ) throws -> LaneValue? {
    guard operation == .divide || operation == .remainder, a.stride == 1, b.isUniform, lanes > 1,
      let divisor = ir.constantInteger(b.real), divisor > 0, indexBounds.bound(of: x) != nil
    else { return nil }
    let fitting = min(lanes, multiple(of: a), 1 << min(6, divisor.trailingZeroBitCount))
    if fitting < lanes {
      try refuseSeparating(fitting)
      return nil
    }
    let first = emitShortDivision(operation, x, a.real, b.real)
    return operation == .divide
      ? .uniform(first ?? ir.udiv(a.real, b.real))
      : .linear(first ?? ir.urem(a.real, b.real), stride: 1)
  }

  /// The division of indices that are known to be small by a constant: processors have no vectors
  /// of products of 64 bits, and GPUs none of their quotients.
  private func emitShortDivision(
    _ operation: Kernel.BinaryOperation, _ x: Kernel.ValueID, _ a: IRValue, _ b: IRValue
  ) -> IRValue? {
    guard operation == .divide || operation == .remainder, ir.lanes(a.type) > 1 || machine.isGPU,
      let divisor = ir.constantSplat(b), divisor > 0, let bound = indexBounds.bound(of: x),
      bound <= Int(Int32.max), divisor <= Int(Int32.max)
    else { return nil }
    let short = ir.like(a, ir.i32)
    let (c, d) = (ir.trunc(a, short), ir.constant(Int64(divisor), short))
    return ir.zext(operation == .divide ? ir.udiv(c, d) : ir.urem(c, d), a.type)
  }

  private func emitLogical(
    _ operation: Kernel.BinaryOperation, _ a: IRValue, _ b: IRValue
  ) throws -> IRValue {
    switch operation {
    case .and, .multiply, .multiplyRounded, .minimum: return ir.and(a, b)
    case .or, .add, .maximum: return ir.or(a, b)
    case .xor: return ir.xor(a, b)
    case .subtract, .divide, .remainder, .power, .atan2, .shiftLeft, .shiftRightLogical,
      .shiftRightArithmetic, .nextAfter, .complex, .zeta, .polygamma, .igamma, .igammac:
      throw unsupported("\(operation.rawValue) of Booleans")
    }
  }

  private func emitInteger(
    _ operation: Kernel.BinaryOperation, _ a: IRValue, _ b: IRValue, _ type: ElementType
  ) throws -> IRValue {
    let isSigned = type.isSigned
    switch operation {
    case .add: return wrapped(ir.add(a, b), type)
    case .subtract: return wrapped(ir.sub(a, b), type)
    case .multiply, .multiplyRounded: return wrapped(ir.mul(a, b), type)
    case .divide, .remainder: return emitDivision(operation, a, b, type)
    case .maximum:
      return ir.select(ir.icmp(isSigned ? LLVMIntSGT : LLVMIntUGT, a, b), a, b)
    case .minimum:
      return ir.select(ir.icmp(isSigned ? LLVMIntSLT : LLVMIntULT, a, b), a, b)
    case .and: return ir.and(a, b)
    case .or: return ir.or(a, b)
    case .xor: return ir.xor(a, b)
    case .shiftLeft, .shiftRightLogical, .shiftRightArithmetic:
      return emitShift(operation, a, b, type)
    case .power: return try emitIntegerPower(a, b, type)
    case .atan2, .nextAfter, .complex, .zeta, .polygamma, .igamma, .igammac:
      throw unsupported("\(operation.rawValue) of integers")
    }
  }

  /// Division that is defined everywhere: see `Kernel.BinaryOperation`.
  private func emitDivision(
    _ operation: Kernel.BinaryOperation, _ a: IRValue, _ b: IRValue, _ type: ElementType
  ) -> IRValue {
    let isQuotient = operation == .divide
    func divided(_ divisor: IRValue) -> IRValue {
      if ir.lanes(a.type) > 1, type.bitWidth <= 32, ir.constantSplat(b) == nil {
        let quotient = dividedByReals(a, divisor, isSigned: type.isSigned)
        return isQuotient ? quotient : ir.sub(a, ir.mul(quotient, divisor))
      }
      return switch (isQuotient, type.isSigned) {
      case (true, true): ir.sdiv(a, divisor)
      case (true, false): ir.udiv(a, divisor)
      case (false, true): ir.srem(a, divisor)
      case (false, false): ir.urem(a, divisor)
      }
    }
    if let divisor = ir.constantSplat(b), divisor != 0, divisor != -1 { return divided(b) }
    let zero = ir.zero(b.type)
    let one = ir.constant(1, b.type)
    let ones = ir.constant(-1, b.type)
    let isZero = ir.icmp(LLVMIntEQ, b, zero)
    var isSpecial = isZero
    if type.isSigned {
      // The smallest number divided by -1 is itself, which dividing by 1 gives too.
      let smallest = ir.constant(Int64.min >> (64 - max(8, type.bitWidth)), b.type)
      let overflows = ir.and(
        ir.icmp(LLVMIntEQ, a, smallest), ir.icmp(LLVMIntEQ, b, ones))
      isSpecial = ir.or(isZero, overflows)
    }
    let quotient = divided(ir.select(isSpecial, one, b))
    return wrapped(ir.select(isZero, isQuotient ? ones : a, quotient), type)
  }

  /// Processors divide vectors of doubles, not of integers: of integers up to 32 bits, the rounded
  /// quotient never reaches the next integer.
  private func dividedByReals(_ a: IRValue, _ b: IRValue, isSigned: Bool) -> IRValue {
    let real = ir.like(a, ir.double)
    if isSigned {
      return ir.fptosi(ir.fdiv(ir.sitofp(a, real), ir.sitofp(b, real)), a.type)
    }
    return ir.fptoui(ir.fdiv(ir.uitofp(a, real), ir.uitofp(b, real)), a.type)
  }

  private func emitShift(
    _ operation: Kernel.BinaryOperation, _ a: IRValue, _ b: IRValue, _ type: ElementType
  ) -> IRValue {
    let width = ir.constant(Int64(type.bitWidth), b.type)
    let fits = ir.icmp(LLVMIntULT, b, width)
    let count = ir.select(fits, b, ir.zero(b.type))
    switch operation {
    case .shiftLeft:
      return ir.select(fits, wrapped(ir.shl(a, count), type), ir.zero(a.type))
    case .shiftRightLogical:
      var bits = a
      if type.bitWidth < 8 {
        bits = ir.and(a, ir.constant(Int64(1) << type.bitWidth - 1, a.type))
      }
      return ir.select(fits, wrapped(ir.lshr(bits, count), type), ir.zero(a.type))
    default:
      let most = ir.constant(Int64(type.bitWidth - 1), b.type)
      if type.isUnsigned {
        // The sign bit of the pattern is copied in, as for signed numbers.
        let shift = ir.constant(Int64(max(0, 8 - type.bitWidth)), a.type)
        let pattern = type.bitWidth < 8 ? ir.ashr(ir.shl(a, shift), shift) : a
        return wrapped(ir.ashr(pattern, ir.select(fits, count, most)), type)
      }
      return ir.ashr(a, ir.select(fits, count, most))
    }
  }

  /// `fmod`. Where the quotient is small enough to be an exact integer, the remainder by that
  /// integer, or its neighbour, is exact in one multiply-add; else the C library computes it.
  private func emitRemainder(
    _ a: IRValue, _ b: IRValue, _ type: ElementType
  ) throws -> IRValue {
    func absolute(_ x: IRValue) -> IRValue { ir.intrinsic("llvm.fabs", [x.type], [x]) }
    let (x, y) = (absolute(a), absolute(b))
    let quotient = ir.intrinsic("llvm.trunc", [x.type], [ir.fdiv(x, y)])
    let limit = ir.constant(real: precision(type) == .single ? 0x1p22 : 0x1p51, x.type)
    // Subnormal divisors are left to the library, too.
    let least = ir.constant(real: precision(type) == .single ? 0x1p-100 : 0x1p-900, x.type)
    let infinity = ir.constant(real: .infinity, x.type)
    let isSmall = ir.and(
      ir.fcmp(LLVMRealOLT, quotient, limit),
      ir.and(ir.fcmp(LLVMRealOGT, y, least), ir.fcmp(LLVMRealOLT, y, infinity)))
    let allSmall =
      ir.lanes(a.type) == 1
      ? isSmall : ir.intrinsic("llvm.vector.reduce.and", [isSmall.type], [isSmall])
    let function = ir.currentFunction
    let fast = ir.addBlock("exact", to: function)
    let slow = ir.addBlock("library", to: function)
    let done = ir.addBlock("", to: function)
    ir.branch(allSmall, fast, slow)
    ir.moveToEnd(of: fast)
    var rest = ir.intrinsic("llvm.fma", [x.type], [ir.fneg(quotient), y, x])
    rest = ir.select(ir.fcmp(LLVMRealOLT, rest, ir.zero(x.type)), ir.fadd(rest, y), rest)
    rest = ir.select(ir.fcmp(LLVMRealOGE, rest, y), ir.fsub(rest, y), rest)
    let exact = ir.intrinsic("llvm.copysign", [x.type], [rest, a])
    ir.branch(done)
    ir.moveToEnd(of: slow)
    let library = try libm("fmod", [a, b], type)
    let slowEnd = ir.currentBlock
    ir.branch(done)
    ir.moveToEnd(of: done)
    let phi = ir.phi(x.type)
    ir.addIncoming(exact, from: fast, to: phi)
    ir.addIncoming(library, from: slowEnd, to: phi)
    return phi
  }

  /// By squaring; negative exponents give 0 except for bases 1 and -1.
  private func emitIntegerPower(
    _ a: IRValue, _ b: IRValue, _ type: ElementType
  ) throws -> IRValue {
    let one = ir.constant(1, a.type)
    let zero = ir.zero(a.type)
    var result = one
    var base = a
    var exponent = b
    for _ in 0..<min(type.bitWidth, 64) {
      let isOdd = ir.icmp(LLVMIntNE, ir.and(exponent, one), zero)
      result = ir.select(isOdd, ir.mul(result, base), result)
      base = ir.mul(base, base)
      exponent = ir.lshr(exponent, one)
    }
    guard type.isSigned else { return wrapped(result, type) }
    let isOdd = ir.icmp(LLVMIntNE, ir.and(b, one), zero)
    let minusOne = ir.constant(-1, a.type)
    let inverse = ir.select(
      ir.icmp(LLVMIntEQ, a, one), one,
      ir.select(
        ir.icmp(LLVMIntEQ, a, minusOne), ir.select(isOdd, minusOne, one), zero))
    return wrapped(ir.select(ir.icmp(LLVMIntSLT, b, zero), inverse, result), type)
  }

  private func emitFloat(
    _ operation: Kernel.BinaryOperation, _ a: IRValue, _ b: IRValue, _ type: ElementType
  ) throws -> IRValue {
    switch operation {
    case .add: return contracting { ir.fadd(a, b) }
    case .subtract: return contracting { ir.fsub(a, b) }
    case .multiply: return contracting { ir.fmul(a, b) }
    case .multiplyRounded: return ir.fmul(a, b)
    case .divide: return ir.fdiv(a, b)
    case .remainder: return try emitRemainder(a, b, type)
    case .power: return Elementary.pow(number(a, type), number(b, type)).value
    case .atan2: return Elementary.atan2(number(a, type), number(b, type)).value
    case .maximum: return emitExtremum("max", a, b, type)
    case .minimum: return emitExtremum("min", a, b, type)
    case .nextAfter:
      return type.isSmallFloat
        ? try unsupportedResult("next_after of \(type)") : try libm("nextafter", [a, b], type)
    case .and, .or, .xor, .shiftLeft, .shiftRightLogical, .shiftRightArithmetic, .complex, .zeta,
      .polygamma, .igamma, .igammac:
      return try unsupportedResult("\(operation.rawValue) of floating-point numbers")
    }
  }

  private func unsupportedResult(_ what: String) throws -> IRValue { throw unsupported(what) }

  /// IEEE 754's `maximum` or `minimum`.
  ///
  /// It is not spelled out by comparisons, for the reason that `fenced` has.
  private func emitExtremum(
    _ name: String, _ a: IRValue, _ b: IRValue, _ type: ElementType
  ) -> IRValue {
    if machine.hasMaximum(bits: precision(type).bitWidth) {
      return ir.intrinsic("llvm.\(name)imum", [a.type], [a, b])
    }
    let number = ir.intrinsic("llvm.\(name)num", [a.type], [a, b])
    return ir.select(ir.fcmp(LLVMRealUNO, a, b), ir.fadd(a, b), number)
  }

  // MARK: Comparison and selection

  /// Do all lanes, which hold an index and those after it, lie on one side of a limit? They do where
  /// it is between vectors.
  private func isShared(
    _ comparison: Kernel.Comparison, _ a: LaneValue, _ b: LaneValue
  ) throws -> Bool {
    guard comparison == .less || comparison == .greaterOrEqual, lanes > 1, !a.isVarying,
      a.stride == 1, b.isUniform, let limit = ir.constantInteger(b.real)
    else { return false }
    let fitting = min(lanes, multiple(of: a), 1 << min(6, limit.trailingZeroBitCount))
    if fitting == lanes { return true }
    try refuseParting(fitting)
    return false
  }

  func emitCompare(
    _ comparison: Kernel.Comparison, _ x: Kernel.ValueID, _ y: Kernel.ValueID
  ) throws -> LaneValue {
    let type = kernel.type(of: x)
    let compared = [value(x), value(y)]
    let operands =
      try isShared(comparison, compared[0], compared[1])
      ? compared.map { .uniform($0.real) } : matched(compared)
    let (a, b) = (operands[0], operands[1])
    switch type.kind {
    case .bool, .signed, .unsigned, .float0, .key:
      return result(
        ir.icmp(comparison.integerPredicate(isSigned: type.isSigned), a.real, b.real), like: a)
    case .float:
      if comparison == .totalLess || comparison == .totalEqual {
        let predicate = comparison == .totalLess ? LLVMIntSLT : LLVMIntEQ
        return result(
          ir.icmp(predicate, totalOrder(a.real, type), totalOrder(b.real, type)), like: a)
      }
      return result(
        ir.fcmp(comparison.realPredicate, fenced(a.real), fenced(b.real)), like: a)
    case .complex:
      let real = ir.fcmp(comparison.realPredicate, a.real, b.real)
      let imaginary = ir.fcmp(comparison.realPredicate, a.imaginary!, b.imaginary!)
      return result(
        comparison == .notEqual ? ir.or(real, imaginary) : ir.and(real, imaginary), like: a)
    }
  }

  /// `x` so that LLVM does not look for a magnitude in it: LLVM 19 simplifies
  /// `isnan(x) ? |x| : |x| > 0 ? |x| : 0` to a comparison of `x` itself with zero.
  private func fenced(_ x: IRValue) -> IRValue {
    ir.isCall(x, of: "llvm.fabs") ? ir.intrinsic("llvm.arithmetic.fence", [x.type], [x]) : x
  }

  /// Bits whose order as signed integers is IEEE's total order.
  private func totalOrder(_ x: IRValue, _ type: ElementType) -> IRValue {
    let width = precision(type).bitWidth
    let bits = ir.bitcast(x, ir.like(x, ir.integer(width)))
    let sign = ir.ashr(bits, ir.constant(Int64(width - 1), bits.type))
    return ir.xor(bits, ir.lshr(sign, ir.constant(1, bits.type)))
  }

  func emitSelect(
    _ condition: Kernel.ValueID, _ x: Kernel.ValueID, _ y: Kernel.ValueID
  ) -> LaneValue {
    let operands = matched([value(condition), value(x), value(y)])
    let (c, a, b) = (operands[0], operands[1], operands[2])
    return result(
      ir.select(c.real, a.real, b.real),
      a.imaginary.map { ir.select(c.real, $0, b.imaginary!) }, like: c)
  }

  // MARK: Conversion

  func emitConvert(_ x: Kernel.ValueID, to target: ElementType) throws -> LaneValue {
    let source = kernel.type(of: x)
    let operand = value(x)
    // Indices keep their stride through a change of width that cannot lose bits of an index.
    let lanesOperand = matched([operand])[0]
    let real = try convert(lanesOperand.real, from: source.realPart, to: target.realPart)
    guard target.isComplex else { return result(real, like: lanesOperand) }
    let imaginary = try lanesOperand.imaginary.map {
      try convert($0, from: source.realPart, to: target.realPart)
    }
    return result(real, imaginary ?? ir.zero(real.type), like: lanesOperand)
  }

  private func convert(
    _ x: IRValue, from source: ElementType, to target: ElementType
  ) throws -> IRValue {
    let type = ir.like(x, ir.register(target))
    switch (source.kind, target.kind) {
    case (.bool, .bool): return x
    case (.bool, .signed), (.bool, .unsigned): return ir.zext(x, type)
    case (.bool, .float): return ir.uitofp(x, type)
    case (.signed, .bool), (.unsigned, .bool): return ir.icmp(LLVMIntNE, x, ir.zero(x.type))
    case (.float, .bool): return ir.fcmp(LLVMRealUNE, x, ir.zero(x.type))
    case (.signed, .signed), (.signed, .unsigned), (.unsigned, .signed), (.unsigned, .unsigned):
      let from = max(8, source.bitWidth)
      let to = max(8, target.bitWidth)
      let resized =
        from == to
        ? x
        : from > to
          ? ir.trunc(x, type) : source.isSigned ? ir.sext(x, type) : ir.zext(x, type)
      return wrapped(resized, target)
    case (.signed, .float): return try rounded(ir.sitofp(x, type), to: target)
    case (.unsigned, .float): return try rounded(ir.uitofp(x, type), to: target)
    case (.float, .signed), (.float, .unsigned):
      let narrow = target.bitWidth < 8
      let limits =
        narrow && target.isSigned
        ? (-(Int64(1) << (target.bitWidth - 1)), Int64(1) << (target.bitWidth - 1) - 1)
        : (Int64(0), narrow ? Int64(1) << target.bitWidth - 1 : 0)
      let value = ir.intrinsic(
        target.isSigned ? "llvm.fptosi.sat" : "llvm.fptoui.sat", [type, x.type], [x])
      guard narrow else { return value }
      let low = ir.constant(limits.0, type)
      let high = ir.constant(limits.1, type)
      let isSigned = target.isSigned
      let raised = ir.select(ir.icmp(isSigned ? LLVMIntSLT : LLVMIntULT, value, low), low, value)
      return ir.select(
        ir.icmp(isSigned ? LLVMIntSGT : LLVMIntUGT, raised, high), high, raised)
    case (.float, .float):
      let from = source == .f64 ? 64 : 32
      let to = target == .f64 ? 64 : 32
      let resized = from == to ? x : from > to ? ir.fptrunc(x, type) : ir.fpext(x, type)
      return target.isSmallFloat && source != target ? try rounded(resized, to: target) : resized
    case (.complex, _), (_, .complex), (.float0, _), (_, .float0), (.key, _), (_, .key):
      throw unsupported("conversion from \(source) to \(target)")
    }
  }

  func emitBitcast(_ x: Kernel.ValueID, to target: ElementType) throws -> LaneValue {
    let source = kernel.type(of: x)
    guard source.bitWidth == target.bitWidth, !source.isComplex, !target.isComplex else {
      throw unsupported("bitcast from \(source) to \(target)")
    }
    let operand = matched([value(x)])[0]
    let real = operand.real
    if ir.register(source) == ir.register(target), source.isSmallFloat == target.isSmallFloat {
      return result(
        target.isInteger ? wrapped(rewrapped(real, source), target) : real, like: operand)
    }
    // Through the bits as they are in memory.
    let bitsType = ir.like(real, ir.integer(max(8, source.bitWidth)))
    let bits: IRValue
    switch source {
    case .f16: bits = ir.bitcast(ir.fptrunc(real, ir.like(real, ir.half)), bitsType)
    case .bf16:
      let wide = ir.bitcast(real, ir.like(real, ir.i32))
      bits = ir.trunc(ir.lshr(wide, ir.constant(16, wide.type)), bitsType)
    case _ where source.isMinifloat:
      if lanes > 1 { throw refusal() }
      bits = try narrowMinifloat(real, source)
    default: bits = ir.bitcast(real, bitsType)
    }
    switch target {
    case .f16:
      return result(
        ir.fpext(ir.bitcast(bits, ir.like(real, ir.half)), ir.like(real, ir.float)),
        like: operand)
    case .bf16:
      let wide = ir.zext(bits, ir.like(real, ir.i32))
      return result(
        ir.bitcast(ir.shl(wide, ir.constant(16, wide.type)), ir.like(real, ir.float)),
        like: operand)
    case _ where target.isMinifloat:
      if lanes > 1 { throw refusal() }
      return result(try widenMinifloat(bits, target), like: operand)
    default: return result(ir.bitcast(bits, ir.like(real, ir.register(target))), like: operand)
    }
  }

  private func rewrapped(_ x: IRValue, _ type: ElementType) -> IRValue {
    type.bitWidth < 8 && type.isInteger
      ? ir.and(x, ir.constant(Int64(1) << type.bitWidth - 1, x.type)) : x
  }
}

extension Kernel.Comparison {
  func integerPredicate(isSigned: Bool) -> LLVMIntPredicate {
    switch self {
    case .equal, .totalEqual: LLVMIntEQ
    case .notEqual: LLVMIntNE
    case .less, .totalLess: isSigned ? LLVMIntSLT : LLVMIntULT
    case .lessOrEqual: isSigned ? LLVMIntSLE : LLVMIntULE
    case .greater: isSigned ? LLVMIntSGT : LLVMIntUGT
    case .greaterOrEqual: isSigned ? LLVMIntSGE : LLVMIntUGE
    }
  }

  var realPredicate: LLVMRealPredicate {
    switch self {
    case .equal, .totalEqual: LLVMRealOEQ
    case .notEqual: LLVMRealUNE
    case .less, .totalLess: LLVMRealOLT
    case .lessOrEqual: LLVMRealOLE
    case .greater: LLVMRealOGT
    case .greaterOrEqual: LLVMRealOGE
    }
  }
}
