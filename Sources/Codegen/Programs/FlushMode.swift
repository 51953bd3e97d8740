/// Flushes subnormals to zero until `restore`.
struct FlushMode {
  let ir: IRBuilder
  let machine: MachineModel
  private let saved: IRValue

  init(_ ir: IRBuilder, _ machine: MachineModel) {
    self.ir = ir
    self.machine = machine
    if machine.isX86 {
      saved = ir.stack(ir.i32, count: 1, alignment: 4)
      let changed = ir.stack(ir.i32, count: 1, alignment: 4)
      _ = ir.intrinsic("llvm.x86.sse.stmxcsr", [], [saved])
      let mode = ir.load(ir.i32, saved, alignment: 4)
      ir.store(ir.or(mode, ir.constant(0x8040, ir.i32)), changed, alignment: 4)
      _ = ir.intrinsic("llvm.x86.sse.ldmxcsr", [], [changed])
    } else {
      saved = ir.intrinsic("llvm.aarch64.get.fpcr", [], [])
      _ = ir.intrinsic(
        "llvm.aarch64.set.fpcr", [], [ir.or(saved, ir.constant(1 << 24, ir.i64))])
    }
  }

  func restore() {
    _ = ir.intrinsic(
      machine.isX86 ? "llvm.x86.sse.ldmxcsr" : "llvm.aarch64.set.fpcr", [], [saved])
  }
}
