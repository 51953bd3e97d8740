import CLLVM
import Support
import Tensor

// What the C library computes for a CPU: a GPU has none, so that the functions are part of the code.
extension GridEmitter {
  func deviceFunction(_ name: String, _ operands: [IRValue], _ signature: IRType) throws -> IRValue
  {
    let symbol = "jx_\(name)"
    if let known = ir.definedFunction(symbol) { return ir.call(known, signature, operands) }
    let function = ir.addFunction(symbol, signature)
    for attribute in ["nounwind", "noinline"] {
      ir.addAttribute(attribute, to: function, parameter: nil)
    }
    let here = ir.currentBlock
    ir.moveToEnd(of: ir.addBlock("entry", to: function))
    let parameters = operands.indices.map { ir.parameter($0, of: function) }
    let format = IEEEFormat(ir, parameters[0].type)
    switch name {
    case "fmod", "fmodf": emitRemainder(format, parameters[0], parameters[1])
    case "nextafter", "nextafterf": emitNextAfter(format, parameters[0], parameters[1])
    default: throw unsupported("the function \(name) on a GPU")
    }
    ir.moveToEnd(of: here)
    return ir.call(function, signature, operands)
  }

  /// The remainder of a division that truncates, by long division of the significands: one bit for
  /// each step between the exponents.
  private func emitRemainder(_ format: IEEEFormat, _ x: IRValue, _ y: IRValue) {
    let word = format.word
    func constant(_ value: Int64) -> IRValue { ir.constant(value, word) }
    let function = ir.currentFunction
    let (a, b) = (format.magnitude(x), format.magnitude(y))
    let sign = ir.and(ir.bitcast(x, word), constant(format.signBit))
    let proper = ir.addBlock("proper", to: function)
    let wrong = ir.addBlock("wrong", to: function)
    let divide = ir.addBlock("divide", to: function)
    let small = ir.addBlock("small", to: function)
    // Subnormal divisors count as zero.
    let isWrong = ir.or(
      ir.icmp(LLVMIntULT, b, constant(format.smallestNormal)),
      ir.or(
        ir.icmp(LLVMIntUGE, a, constant(format.infinity)),
        ir.icmp(LLVMIntUGT, b, constant(format.infinity))))
    ir.branch(isWrong, wrong, proper)
    ir.moveToEnd(of: wrong)
    ir.returnValue(ir.constant(real: .nan, x.type))
    ir.moveToEnd(of: proper)
    ir.branch(ir.icmp(LLVMIntULT, a, b), small, divide)
    ir.moveToEnd(of: small)
    ir.returnValue(x)

    ir.moveToEnd(of: divide)
    let (exponent, least) = (
      ir.lshr(a, constant(format.fractionBits)), ir.lshr(b, constant(format.fractionBits))
    )
    func significand(_ bits: IRValue) -> IRValue {
      ir.or(ir.and(bits, constant(format.fractionMask)), constant(format.smallestNormal))
    }
    let divisor = significand(b)
    let loop = ir.addBlock("step", to: function)
    let done = ir.addBlock("done", to: function)
    let first = significand(a)
    ir.branch(loop)
    ir.moveToEnd(of: loop)
    let (rest, place) = (ir.phi(word), ir.phi(word))
    ir.addIncoming(first, from: divide, to: rest)
    ir.addIncoming(exponent, from: divide, to: place)
    let reduced = ir.select(
      ir.icmp(LLVMIntUGE, rest, divisor), ir.sub(rest, divisor), rest)
    ir.addIncoming(ir.shl(reduced, constant(1)), from: loop, to: rest)
    ir.addIncoming(ir.sub(place, constant(1)), from: loop, to: place)
    ir.branch(ir.icmp(LLVMIntUGT, place, least), loop, done)

    // Normalised; what would be subnormal is zero.
    ir.moveToEnd(of: done)
    let zeros = ir.intrinsic("llvm.ctlz", [word], [reduced, ir.constant(0, ir.i1)])
    let shift = ir.sub(zeros, constant(Int64(format.bits) - 1 - format.fractionBits))
    let isZero = ir.or(
      ir.icmp(LLVMIntEQ, reduced, constant(0)),
      ir.icmp(LLVMIntSLE, ir.sub(least, shift), constant(0)))
    let fraction = ir.and(
      ir.shl(reduced, ir.select(isZero, constant(0), shift)), constant(format.fractionMask))
    let bits = ir.or(
      fraction, ir.shl(ir.sub(least, shift), constant(format.fractionBits)))
    ir.returnValue(
      ir.bitcast(ir.or(sign, ir.select(isZero, constant(0), bits)), x.type))
  }

  /// The neighbour of `x` on the side of `y`.
  private func emitNextAfter(_ format: IEEEFormat, _ x: IRValue, _ y: IRValue) {
    let word = format.word
    func constant(_ value: Int64) -> IRValue { ir.constant(value, word) }
    let (p, q) = (ir.bitcast(x, word), ir.bitcast(y, word))
    let (a, b) = (format.magnitude(x), format.magnitude(y))
    let isNaN = ir.or(
      ir.icmp(LLVMIntUGT, a, constant(format.infinity)),
      ir.icmp(LLVMIntUGT, b, constant(format.infinity)))
    let areZero = ir.icmp(LLVMIntEQ, ir.or(a, b), constant(0))
    let areEqual = ir.or(ir.icmp(LLVMIntEQ, p, q), areZero)
    // As signed integers, numbers of one sign are in order or in reverse.
    let isNegative = ir.icmp(LLVMIntSLT, p, constant(0))
    let yIsNegative = ir.icmp(LLVMIntSLT, q, constant(0))
    let isBelow = ir.select(
      isNegative,
      ir.or(ir.not(yIsNegative), ir.icmp(LLVMIntULT, b, a)),
      ir.and(ir.not(yIsNegative), ir.icmp(LLVMIntULT, a, b)))
    let grows = ir.icmp(LLVMIntNE, isBelow, isNegative)
    let next = ir.select(grows, ir.add(p, constant(1)), ir.sub(p, constant(1)))
    let fromZero = ir.or(ir.and(q, constant(format.signBit)), constant(1))
    let moved = ir.select(ir.icmp(LLVMIntEQ, a, constant(0)), fromZero, next)
    let result = ir.select(isNaN, constant(format.quietNaN), ir.select(areEqual, q, moved))
    ir.returnValue(ir.bitcast(result, x.type))
  }
}

/// The layout of `float` or `double`.
private struct IEEEFormat {
  let ir: IRBuilder
  let word: IRType
  let bits: Int
  let fractionBits: Int64

  init(_ ir: IRBuilder, _ type: IRType) {
    self.ir = ir
    bits = ir.bitWidth(type)
    fractionBits = bits == 32 ? 23 : 52
    word = ir.integer(bits)
  }

  var signBit: Int64 { bits == 32 ? 1 << 31 : .min }
  var smallestNormal: Int64 { 1 << fractionBits }
  var fractionMask: Int64 { smallestNormal - 1 }
  var infinity: Int64 { bits == 32 ? 0x7f80_0000 : 0x7ff0_0000_0000_0000 }
  var quietNaN: Int64 { infinity | smallestNormal >> 1 }

  /// The bits without the sign.
  func magnitude(_ x: IRValue) -> IRValue {
    ir.and(ir.bitcast(x, word), ir.constant(signBit == .min ? .max : 0x7fff_ffff, word))
  }
}
