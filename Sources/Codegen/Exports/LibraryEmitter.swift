import CLLVM
import LoopIR
import Support
import Tensor

/// Functions that are compiled together, for others to call.
public struct ExportedLibrary: Hashable, Sendable {
  /// The name of its files.
  public var name: String
  /// Where it was compiled from.
  public var source: String
  /// What its symbols begin with.
  public var prefix: String
  public var functions: [ExportedFunction]
  public var target: Target

  public init(
    name: String, source: String, prefix: String, functions: [ExportedFunction], target: Target
  ) {
    self.name = name
    self.source = source
    self.prefix = prefix
    self.functions = functions
    self.target = target
  }
}

/// The code of a library.
public struct LibraryCode: Sendable {
  public var bytes: [UInt8]
  /// What it calls of the run-time library.
  public var runtimeSymbols: [String]
}

/// Compiles `library` to one object (or another kind of code).
public func generate(
  _ library: ExportedLibrary, as kind: CodeKind, optimization: Int = 2
) throws -> LibraryCode {
  try LibraryEmitter(library).generate(as: kind, optimization: optimization)
}

/// Emits the functions of a library into one module. For each, in C's terms:
///
///     int32_t symbol(const T *argument…, T *result…, void *workspace);
///     const jx_function *symbol_info(void);
///
/// and once `const char *jx_status_message(int32_t)`.
final class LibraryEmitter {
  private let library: ExportedLibrary
  let ir: IRBuilder
  private var inlines = false
  /// The level of x86-64 of the processor at hand, where it chooses the version or must be checked.
  private var level: IRValue?

  init(_ library: ExportedLibrary) {
    self.library = library
    ir = IRBuilder(moduleName: library.name)
  }

  func generate(as kind: CodeKind, optimization: Int) throws -> LibraryCode {
    let versions = library.target.versions
    if versions.count > 1 || library.target.requiredLevel > 0 { level = emitDetection() }
    for function in library.functions {
      if let architecture = library.target.gpu {
        let device = try DeviceProgram(function.program, architecture: architecture)
        emit(function, [emit(device, of: function)])
        emitInfo(function)
        continue
      }
      let entries = try versions.map { machine in
        let emitter = ProgramEmitter(
          function.program, into: ir, machine: machine, embedsConstants: true)
        defer { inlines = inlines || !emitter.inlinedKernels.isEmpty }
        return try emitter.emit()
      }
      emit(function, entries)
      emitInfo(function)
    }
    emitMessages()
    let bytes = try Codegen.generate(
      ir, as: kind, versions[0], optimization: optimization, inlines: inlines)
    return LibraryCode(
      bytes: bytes, runtimeSymbols: ir.declaredFunctions.filter { $0.hasPrefix("jx_") })
  }

  // MARK: Calls

  /// The function that callers see: it checks the processor and pointers, provides a workspace where
  /// there is none, and sets the mode of floating-point arithmetic.
  private func emit(_ exported: ExportedFunction, _ entries: [EmittedProcedure]) {
    let parameters = exported.arguments + exported.results
    let type = ir.function(
      ir.i32, Array(repeating: ir.pointer, count: parameters.count + 1))
    let function = ir.addFunction(exported.symbol, type, isInternal: false)
    ir.addAttribute("nounwind", to: function, parameter: nil)
    ir.moveToEnd(of: ir.addBlock("entry", to: function))
    checkProcessor(function)
    let operands = parameters.indices.map { ir.parameter($0, of: function) }
    for (parameter, operand) in zip(parameters, operands) where parameter.byteCount > 0 {
      returnIf(ir.icmp(LLVMIntEQ, operand, ir.zero(ir.pointer)), .nullPointer, function)
    }
    var workspace = ir.parameter(parameters.count, of: function)
    var owned: IRValue?
    if exported.workspaceByteCount > 0 {
      (workspace, owned) = emitWorkspace(workspace, exported.workspaceByteCount, function)
    }
    let mode = FlushMode(ir, library.target.versions[0])
    let status = emitCall(entries, operands, workspace, function)
    mode.restore()
    if let owned {
      let free = ir.function(ir.void, [ir.pointer])
      _ = ir.call(ir.declare("free", free), free, [owned])
    }
    ir.returnValue(status)
  }

  /// Returns unless the processor has the level that the code is compiled for.
  private func checkProcessor(_ function: IRValue) {
    let required = library.target.requiredLevel
    guard let level, required > 0 else { return }
    // The check itself runs everywhere.
    ir.addAttribute("target-cpu", text: "x86-64", to: function)
    let lacks = ir.icmp(
      LLVMIntSLT, ir.load(ir.i32, level, alignment: 4), ir.constant(Int64(required), ir.i32))
    returnIf(lacks, .unsupportedProcessor, function)
  }

  private func returnIf(_ condition: IRValue, _ status: CallStatus, _ function: IRValue) {
    let failed = ir.addBlock("failed", to: function)
    let next = ir.addBlock("", to: function)
    ir.branch(condition, failed, next)
    ir.moveToEnd(of: failed)
    ir.returnValue(ir.constant(Int64(status.rawValue), ir.i32))
    ir.moveToEnd(of: next)
  }

  /// The caller's workspace, or memory for this call, which is to be freed.
  private func emitWorkspace(
    _ given: IRValue, _ byteCount: Int, _ function: IRValue
  ) -> (workspace: IRValue, owned: IRValue) {
    let own = ir.addBlock("own", to: function)
    let check = ir.addBlock("check", to: function)
    let ready = ir.addBlock("ready", to: function)
    ir.branch(ir.icmp(LLVMIntEQ, given, ir.zero(ir.pointer)), own, check)

    ir.moveToEnd(of: own)
    let type = ir.function(ir.pointer, [ir.i64, ir.i64])
    let rounded = (byteCount + 63) / 64 * 64
    let memory = ir.call(
      ir.declare("aligned_alloc", type), type,
      [ir.constant(index: 64), ir.constant(index: rounded)])
    returnIf(ir.icmp(LLVMIntEQ, memory, ir.zero(ir.pointer)), .outOfMemory, function)
    let fromOwn = ir.currentBlock
    ir.branch(ready)

    ir.moveToEnd(of: check)
    let rest = ir.and(ir.address(asInteger: given), ir.constant(63, ir.i64))
    returnIf(
      ir.icmp(LLVMIntNE, rest, ir.constant(0, ir.i64)), .misalignedWorkspace, function)
    let fromCheck = ir.currentBlock
    ir.branch(ready)

    ir.moveToEnd(of: ready)
    let workspace = ir.phi(ir.pointer)
    ir.addIncoming(memory, from: fromOwn, to: workspace)
    ir.addIncoming(given, from: fromCheck, to: workspace)
    let owned = ir.phi(ir.pointer)
    ir.addIncoming(memory, from: fromOwn, to: owned)
    ir.addIncoming(ir.zero(ir.pointer), from: fromCheck, to: owned)
    return (workspace, owned)
  }

  /// Calls the version for the processor at hand.
  private func emitCall(
    _ entries: [EmittedProcedure], _ operands: [IRValue], _ workspace: IRValue,
    _ function: IRValue
  ) -> IRValue {
    guard let level, entries.count > 1 else { return entries[0].call(ir, operands, workspace) }
    let blocks = entries.map { _ in ir.addBlock("version", to: function) }
    let done = ir.addBlock("done", to: function)
    ir.switchOn(ir.load(ir.i32, level, alignment: 4), blocks, otherwise: blocks[0])
    let statuses = zip(blocks, entries).map { block, entry in
      ir.moveToEnd(of: block)
      let status = entry.call(ir, operands, workspace)
      ir.branch(done)
      return status
    }
    ir.moveToEnd(of: done)
    let status = ir.phi(ir.i32)
    for (block, one) in zip(blocks, statuses) { ir.addIncoming(one, from: block, to: status) }
    return status
  }

  // MARK: Versions

  /// A variable that holds, once the code is loaded, the highest level of x86-64 that the processor
  /// has, from 0 (x86-64) to 3 (x86-64-v4).
  private func emitDetection() -> IRValue {
    let level = ir.addVariable("jx.level", ir.i32)
    let function = ir.addFunction("jx.detect", ir.function(ir.void, []))
    ir.addAttribute("target-cpu", text: "x86-64", to: function)
    ir.moveToEnd(of: ir.addBlock("entry", to: function))
    func identify(_ leaf: Int64) -> [IRValue] {
      let words = ir.assembly(
        "cpuid", constraints: "={eax},={ebx},={ecx},={edx},{eax},{ecx},~{dirflag},~{fpsr},~{flags}",
        results: [ir.i32, ir.i32, ir.i32, ir.i32],
        [ir.constant(leaf, ir.i32), ir.constant(0, ir.i32)])
      return (0..<4).map { ir.extract(field: $0, of: words) }
    }
    func has(_ word: IRValue, _ bits: [Int]) -> IRValue {
      let mask = ir.constant(bits.reduce(Int64(0)) { $0 | 1 << Int64($1) }, ir.i32)
      return ir.icmp(LLVMIntEQ, ir.and(word, mask), mask)
    }
    let basic = identify(1)[2]
    let more = identify(0x8000_0001 - 1 << 32)[2]
    // Leaf 7 exists where the greatest leaf says so; xgetbv where bit 27 does.
    let greatest = identify(0)[0]
    let hasSeven = ir.icmp(LLVMIntUGE, greatest, ir.constant(7, ir.i32))
    let seven = ir.select(hasSeven, identify(7)[1], ir.constant(0, ir.i32))
    // SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT; LAHF.
    let isSecond = ir.and(has(basic, [0, 9, 13, 19, 20, 23]), has(more, [0]))
    // FMA, MOVBE, OSXSAVE, AVX, F16C; BMI1, AVX2, BMI2; LZCNT.
    let isThird = ir.and(
      ir.and(isSecond, has(basic, [12, 22, 27, 28, 29])),
      ir.and(has(seven, [3, 5, 8]), has(more, [5])))
    let second = ir.addBlock("second", to: function)
    let third = ir.addBlock("third", to: function)
    ir.branch(isThird, third, second)
    ir.moveToEnd(of: second)
    ir.store(ir.zext(isSecond, ir.i32), level, alignment: 4)
    ir.returnValue(nil)

    // The system must save the wide registers, too.
    ir.moveToEnd(of: third)
    let saved = ir.extract(
      field: 0,
      of: ir.assembly(
        "xgetbv", constraints: "={eax},={edx},{ecx},~{dirflag},~{fpsr},~{flags}",
        results: [ir.i32, ir.i32], [ir.constant(0, ir.i32)]))
    let savesThird = has(saved, [1, 2])
    // AVX512 F, DQ, CD, BW, VL.
    let isFourth = ir.and(has(seven, [16, 17, 28, 30, 31]), has(saved, [1, 2, 5, 6, 7]))
    let chosen = ir.select(
      isFourth, ir.constant(3, ir.i32),
      ir.select(savesThird, ir.constant(2, ir.i32), ir.constant(1, ir.i32)))
    ir.store(chosen, level, alignment: 4)
    ir.returnValue(nil)
    ir.addConstructor(function)
    return level
  }

  // MARK: Descriptions

  /// The function that returns a `jx_function`.
  private func emitInfo(_ exported: ExportedFunction) {
    func text(_ string: String) -> IRValue {
      ir.addConstant("\(exported.symbol).text", text: string)
    }
    func arrays(_ parameters: [ExportedFunction.Parameter]) -> IRValue {
      if parameters.isEmpty { return ir.zero(ir.pointer) }
      return ir.addConstant(
        "\(exported.symbol).arrays",
        fields: parameters.map { parameter in
          ir.record([
            text(parameter.name), text(parameter.path), text(parameter.type.numpyName),
            ir.constant(Int64(parameter.type.byteCount), ir.i32),
            ir.constant(Int64(parameter.shape.rank), ir.i32),
            ir.addConstant(
              "\(exported.symbol).shape", words: parameter.shape.dimensions.map { Int64($0) }),
            ir.constant(index: parameter.byteCount),
          ])
        })
    }
    let record = ir.addConstant(
      "\(exported.symbol).description",
      fields: [
        text(exported.name), ir.constant(Int64(exported.arguments.count), ir.i32),
        ir.constant(Int64(exported.results.count), ir.i32), arrays(exported.arguments),
        arrays(exported.results), ir.constant(index: exported.workspaceByteCount),
      ])
    let function = ir.addFunction(
      exported.infoSymbol, ir.function(ir.pointer, []), isInternal: false)
    ir.addAttribute("nounwind", to: function, parameter: nil)
    ir.moveToEnd(of: ir.addBlock("entry", to: function))
    ir.returnValue(record)
  }

  /// `jx_status_message`, the same in every object.
  private func emitMessages() {
    let type = ir.function(ir.pointer, [ir.i32])
    let function = ir.addFunction("jx_status_message", type, isInternal: false)
    ir.mergeAcrossObjects(function)
    ir.addAttribute("nounwind", to: function, parameter: nil)
    ir.moveToEnd(of: ir.addBlock("entry", to: function))
    var message = ir.addConstant("jx.message", text: "unknown status")
    for status in CallStatus.allCases {
      let matches = ir.icmp(
        LLVMIntEQ, ir.parameter(0, of: function), ir.constant(Int64(status.rawValue), ir.i32))
      message = ir.select(matches, ir.addConstant("jx.message", text: status.message), message)
    }
    ir.returnValue(message)
  }
}
