import CLLVM
import Glibc
import Support

/// LLVM's code generator for one machine.
final class TargetMachine {
  private let ref: LLVMTargetMachineRef
  private let model: MachineModel
  private let optimization: Int

  init(_ model: MachineModel, optimization: Int) throws {
    initializeLLVM
    if model.isGPU { initializeNVPTX }
    self.model = model
    self.optimization = optimization
    var target: LLVMTargetRef?
    var message: UnsafeMutablePointer<CChar>?
    guard LLVMGetTargetFromTriple(model.triple, &target, &message) == 0, let target else {
      throw Diagnostic(.error, "unknown target '\(model.triple)': \(take(message))")
    }
    let level: LLVMCodeGenOptLevel =
      switch optimization {
      case 0: LLVMCodeGenLevelNone
      case 1: LLVMCodeGenLevelLess
      default: LLVMCodeGenLevelDefault
      }
    guard
      let ref = LLVMCreateTargetMachine(
        target, model.triple, model.cpu, model.features, level, LLVMRelocPIC,
        LLVMCodeModelDefault)
    else { throw Diagnostic(.error, "no code generator for '\(model.triple)'") }
    self.ref = ref
  }

  deinit { LLVMDisposeTargetMachine(ref) }

  /// Gives the module its triple and data layout.
  func prepare(_ ir: IRBuilder) {
    LLVMSetTarget(ir.module, model.triple)
    let layout = LLVMCreateTargetDataLayout(ref)
    LLVMSetModuleDataLayout(ir.module, layout)
    LLVMDisposeTargetData(layout)
  }

  /// The passes that loops need which are already vectors: clean up, hoist, simplify.
  ///
  /// - Parameter inlines: are there functions to inline, so that loops may keep in registers what
  ///   they carry through memory?
  func optimize(_ ir: IRBuilder, inlines: Bool) throws {
    try verify(ir)
    guard optimization > 0 else { return }
    let passes = passes(inlines: inlines, isHuge: isHuge(ir))
    let options = LLVMCreatePassBuilderOptions()
    defer { LLVMDisposePassBuilderOptions(options) }
    if let error = LLVMRunPasses(ir.module, passes, ref, options) {
      throw Diagnostic(.error, "internal error: LLVM: \(describe(error))")
    }
  }

  /// Checks what was emitted: LLVM compiles IR that is not valid without a word, to anything.
  private func verify(_ ir: IRBuilder) throws {
    var report: UnsafeMutablePointer<CChar>?
    defer { LLVMDisposeMessage(report) }
    guard LLVMVerifyModule(ir.module, LLVMReturnStatusAction, &report) == 0 else {
      let said = report.map { String(cString: $0) } ?? ""
      throw Diagnostic(.error, "internal error: the emitted LLVM IR is not valid: \(said)")
    }
  }

  private func passes(inlines: Bool, isHuge: Bool) -> String {
    if model.isGPU { return gpuPasses }
    let simplify = "early-cse<memssa>,instcombine<no-verify-fixpoint>,simplifycfg"
    switch (inlines, isHuge) {
    case (true, true): return "always-inline,function(early-cse<memssa>,simplifycfg),globaldce"
    case (true, false):
      // Small buffers of loops become registers, as in `LoopRegisters`.
      return "always-inline,function(sroa<modify-cfg>,\(simplify),loop(loop-rotate),"
        + "loop-mssa(licm),\(simplify)),globaldce"
    case (false, true): return "function(early-cse,simplifycfg)"
    case (false, false): return "function(\(simplify),loop-mssa(licm),\(simplify)),globaldce"
    }
  }

  /// Arrays of a thread become registers, short loops straight-line code.
  private var gpuPasses: String {
    let simplify = "early-cse<memssa>,instcombine<no-verify-fixpoint>,simplifycfg"
    return "function(sroa<modify-cfg>,\(simplify),loop-mssa(licm),loop(indvars,loop-unroll-full),"
      + "sroa<modify-cfg>,\(simplify),loop-unroll,\(simplify),"
      + "infer-alignment),globaldce"
  }

  /// Straight-line code so long that what LLVM does in quadratic time has to be left out, or so much
  /// code that compiling it matters more than running it.
  private func isHuge(_ ir: IRBuilder) -> Bool {
    let (largest, all) = ir.blockSizes
    return largest > 4_000 || all > 40_000
  }

  /// Whether LLVM is to order the machine instructions. For a GPU `ptxas` does, and LLVM's scheduler
  /// must not: it moves instructions into the middle of calls, which are several lines of PTX.
  private func schedules(_ ir: IRBuilder) -> Bool { !model.isGPU && !isHuge(ir) }

  func emit(_ ir: IRBuilder, _ kind: LLVMCodeGenFileType) throws -> [UInt8] {
    setSchedulers(enabled: schedules(ir))
    var buffer: LLVMMemoryBufferRef?
    var message: UnsafeMutablePointer<CChar>?
    guard LLVMTargetMachineEmitToMemoryBuffer(ref, ir.module, kind, &message, &buffer) == 0,
      let buffer
    else { throw Diagnostic(.error, "internal error: LLVM: \(take(message))") }
    defer { LLVMDisposeMemoryBuffer(buffer) }
    return bytes(of: buffer)
  }
}

extension IRBuilder {
  var bitcode: [UInt8] {
    let buffer = LLVMWriteBitcodeToMemoryBuffer(module)!
    defer { LLVMDisposeMemoryBuffer(buffer) }
    return bytes(of: buffer)
  }

  /// The number of instructions of the longest basic block, and of all.
  var blockSizes: (largest: Int, all: Int) {
    var largest = 0
    var all = 0
    var function = LLVMGetFirstFunction(module)
    while let current = function {
      var block = LLVMGetFirstBasicBlock(current)
      while let one = block {
        var count = 0
        var instruction = LLVMGetFirstInstruction(one)
        while let next = instruction {
          count += 1
          instruction = LLVMGetNextInstruction(next)
        }
        largest = max(largest, count)
        all += count
        block = LLVMGetNextBasicBlock(one)
      }
      function = LLVMGetNextFunction(current)
    }
    return (largest, all)
  }
}

extension MachineModel {
  /// The machine that this process runs on.
  public static let host: MachineModel = {
    initializeLLVM
    return MachineModel(
      triple: take(LLVMGetDefaultTargetTriple()), cpu: take(LLVMGetHostCPUName()),
      features: take(LLVMGetHostCPUFeatures()))
  }()
}

/// Checks that LLVM knows the processor of `model`.
///
/// LLVM says so on standard error alone, and goes on: what it says is read from there.
func checkProcessor(_ model: MachineModel) throws {
  var ends: [Int32] = [-1, -1]
  let saved = dup(STDERR_FILENO)
  guard pipe(&ends) == 0, saved >= 0 else {
    throw Diagnostic(.error, "cannot make a pipe: \(String(cString: strerror(errno)))")
  }
  dup2(ends[1], STDERR_FILENO)
  let machine = Result { try TargetMachine(model, optimization: 0) }
  dup2(saved, STDERR_FILENO)
  close(saved)
  close(ends[1])
  var byte: UInt8 = 0
  let said = read(ends[0], &byte, 1) > 0
  close(ends[0])
  _ = try machine.get()
  if said {
    throw Diagnostic(
      .error, "unknown processor '\(model.cpu)' for the target '\(model.triple)'",
      hint: model.isX86
        ? "for example native, x86-64-v2, x86-64-v3 or x86-64-v4"
        : "for example generic, cortex-a72 or neoverse-n1")
  }
}

/// Registers the targets, once.
private let initializeLLVM: Void = {
  LLVMInitializeX86TargetInfo()
  LLVMInitializeX86Target()
  LLVMInitializeX86TargetMC()
  LLVMInitializeX86AsmPrinter()
  LLVMInitializeX86AsmParser()
  LLVMInitializeAArch64TargetInfo()
  LLVMInitializeAArch64Target()
  LLVMInitializeAArch64TargetMC()
  LLVMInitializeAArch64AsmPrinter()
  LLVMInitializeAArch64AsmParser()
  // Dependence graphs of huge blocks stay linear.
  setOptions(["-dag-maps-huge-region=100"])
}()

/// Registers the target for NVIDIA's GPUs, once, and only where it is asked for.
private let initializeNVPTX: Void = {
  LLVMInitializeNVPTXTargetInfo()
  LLVMInitializeNVPTXTarget()
  LLVMInitializeNVPTXTargetMC()
  LLVMInitializeNVPTXAsmPrinter()
}()

/// Whether machine instructions are scheduled, before and after register allocation.
private func setSchedulers(enabled: Bool) {
  setOptions(["-enable-misched=\(enabled)", "-disable-post-ra=\(!enabled)"])
}

/// Sets options that LLVM only has on its command line; they are global.
private func setOptions(_ options: [String]) {
  var pointers = (["jxc"] + options).map { UnsafePointer(strdup($0)) }
  LLVMParseCommandLineOptions(Int32(pointers.count), &pointers, nil)
  for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) }
}

private func bytes(of buffer: LLVMMemoryBufferRef) -> [UInt8] {
  let start = UnsafeRawPointer(LLVMGetBufferStart(buffer)!)
  return Array(UnsafeRawBufferPointer(start: start, count: LLVMGetBufferSize(buffer)))
}

/// The text of a message that LLVM allocated.
private func take(_ message: UnsafeMutablePointer<CChar>?) -> String {
  guard let message else { return "" }
  defer { LLVMDisposeMessage(message) }
  return String(cString: message)
}

private func describe(_ error: LLVMErrorRef) -> String {
  let message = LLVMGetErrorMessage(error)!
  defer { LLVMDisposeErrorMessage(message) }
  return String(cString: message)
}
