import CLLVM
import Tensor

/// Floating-point values of the code being emitted, one or several lanes, as the `Arithmetic` that
/// `Elementary` is written over: the functions build instructions instead of computing.
struct VectorReal: Arithmetic {
  let ir: IRBuilder
  let value: IRValue
  let precision: Precision

  private func with(_ value: IRValue) -> VectorReal {
    VectorReal(ir: ir, value: value, precision: precision)
  }

  private func mask(_ value: IRValue) -> VectorMask { VectorMask(ir: ir, value: value) }

  func constant(_ value: Double) -> VectorReal {
    with(ir.constant(real: value, self.value.type))
  }

  func integer(_ value: Int64) -> VectorInteger {
    VectorInteger(
      ir: ir, value: ir.constant(value, ir.like(self.value, ir.integer(precision.bitWidth))),
      precision: precision)
  }

  static func + (a: Self, b: Self) -> Self { a.with(a.ir.fadd(a.value, b.value)) }
  static func - (a: Self, b: Self) -> Self { a.with(a.ir.fsub(a.value, b.value)) }
  static func * (a: Self, b: Self) -> Self { a.with(a.ir.fmul(a.value, b.value)) }
  static func / (a: Self, b: Self) -> Self { a.with(a.ir.fdiv(a.value, b.value)) }
  static prefix func - (a: Self) -> Self { a.with(a.ir.fneg(a.value)) }

  func addingProduct(_ a: VectorReal, _ b: VectorReal) -> VectorReal {
    with(ir.intrinsic("llvm.fma", [value.type], [a.value, b.value, value]))
  }

  private func unary(_ intrinsic: String) -> VectorReal {
    with(ir.intrinsic(intrinsic, [value.type], [value]))
  }

  func squareRoot() -> VectorReal { unary("llvm.sqrt") }
  var magnitude: VectorReal { unary("llvm.fabs") }
  func roundedToEven() -> VectorReal { unary("llvm.rint") }
  func roundedDown() -> VectorReal { unary("llvm.floor") }

  private static func compare(_ p: LLVMRealPredicate, _ a: Self, _ b: Self) -> VectorMask {
    a.mask(a.ir.fcmp(p, a.value, b.value))
  }
  static func .< (a: Self, b: Self) -> VectorMask { compare(LLVMRealOLT, a, b) }
  static func .<= (a: Self, b: Self) -> VectorMask { compare(LLVMRealOLE, a, b) }
  static func .== (a: Self, b: Self) -> VectorMask { compare(LLVMRealOEQ, a, b) }
  static func .!= (a: Self, b: Self) -> VectorMask { compare(LLVMRealUNE, a, b) }

  var bits: VectorInteger {
    VectorInteger(
      ir: ir, value: ir.bitcast(value, ir.like(value, ir.integer(precision.bitWidth))),
      precision: precision)
  }

  static func select(_ mask: VectorMask, _ a: Self, _ b: Self) -> Self {
    a.with(a.ir.select(mask.value, a.value, b.value))
  }

  /// A branch around the rare side, taken unless some lane needs it.
  static func rarely(_ mask: VectorMask, _ rare: () -> Self, otherwise common: Self) -> Self {
    let ir = common.ir
    let lanes = ir.lanes(mask.value.type)
    let some =
      lanes == 1
      ? mask.value : ir.intrinsic("llvm.vector.reduce.or", [mask.value.type], [mask.value])
    let function = ir.currentFunction
    let start = ir.currentBlock
    let rareBlock = ir.addBlock("rare", to: function)
    let done = ir.addBlock("", to: function)
    ir.branch(
      ir.intrinsic("llvm.expect", [ir.i1], [some, ir.constant(0, ir.i1)]), rareBlock, done)
    ir.moveToEnd(of: rareBlock)
    let selected = select(mask, rare(), common)
    let rareEnd = ir.currentBlock
    ir.branch(done)
    ir.moveToEnd(of: done)
    let phi = ir.phi(common.value.type)
    ir.addIncoming(common.value, from: start, to: phi)
    ir.addIncoming(selected.value, from: rareEnd, to: phi)
    return common.with(phi)
  }
}

/// Integers as wide as the reals of `precision`.
struct VectorInteger: IntegerArithmetic {
  let ir: IRBuilder
  let value: IRValue
  let precision: Precision

  private func with(_ value: IRValue) -> VectorInteger {
    VectorInteger(ir: ir, value: value, precision: precision)
  }

  private var realType: IRType {
    ir.like(value, precision == .single ? ir.float : ir.double)
  }

  private func real(_ value: IRValue) -> VectorReal {
    VectorReal(ir: ir, value: value, precision: precision)
  }

  func constant(_ value: Int64) -> VectorInteger { with(ir.constant(value, self.value.type)) }
  func adding(_ b: VectorInteger) -> VectorInteger { with(ir.add(value, b.value)) }
  func subtracting(_ b: VectorInteger) -> VectorInteger { with(ir.sub(value, b.value)) }
  static func & (a: Self, b: Self) -> Self { a.with(a.ir.and(a.value, b.value)) }
  static func | (a: Self, b: Self) -> Self { a.with(a.ir.or(a.value, b.value)) }
  static func ^ (a: Self, b: Self) -> Self { a.with(a.ir.xor(a.value, b.value)) }
  func shiftedLeft(by count: Int) -> VectorInteger {
    with(ir.shl(value, constant(Int64(count)).value))
  }
  func shiftedRight(by count: Int) -> VectorInteger {
    with(ir.ashr(value, constant(Int64(count)).value))
  }
  static func .< (a: Self, b: Self) -> VectorMask {
    VectorMask(ir: a.ir, value: a.ir.icmp(LLVMIntSLT, a.value, b.value))
  }
  static func .== (a: Self, b: Self) -> VectorMask {
    VectorMask(ir: a.ir, value: a.ir.icmp(LLVMIntEQ, a.value, b.value))
  }
  static func select(_ mask: VectorMask, _ a: Self, _ b: Self) -> Self {
    a.with(a.ir.select(mask.value, a.value, b.value))
  }
  var real: VectorReal { real(ir.bitcast(value, realType)) }
  func convertedToReal() -> VectorReal { real(ir.sitofp(value, realType)) }
}

/// Truth values of the code being emitted.
struct VectorMask: MaskArithmetic {
  let ir: IRBuilder
  let value: IRValue

  static func .& (a: Self, b: Self) -> Self {
    VectorMask(ir: a.ir, value: a.ir.and(a.value, b.value))
  }
  static func .| (a: Self, b: Self) -> Self {
    VectorMask(ir: a.ir, value: a.ir.or(a.value, b.value))
  }
  static prefix func .! (a: Self) -> Self { VectorMask(ir: a.ir, value: a.ir.not(a.value)) }
}
