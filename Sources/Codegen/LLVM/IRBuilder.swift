import CLLVM

/// A type of LLVM IR.
struct IRType: Equatable {
  let ref: LLVMTypeRef
}

/// A value of LLVM IR.
struct IRValue: Equatable {
  let ref: LLVMValueRef

  var type: IRType { IRType(ref: LLVMTypeOf(ref)) }
}

/// The kinds of memory that a GPU tells apart.
enum AddressSpace: UInt32 {
  case generic = 0
  case global = 1
  case shared = 3
}

/// A basic block of LLVM IR.
struct IRBlock {
  let ref: LLVMBasicBlockRef
}

/// Builds one LLVM module: all that code generation asks of LLVM's C interface, in Swift's terms.
///
/// Arithmetic works on scalars and on vectors alike.
final class IRBuilder {
  let context: LLVMContextRef
  let module: LLVMModuleRef
  private let builder: LLVMBuilderRef
  /// Given to floating-point operations as they are built.
  var fastMath: LLVMFastMathFlags = 0
  private var intrinsics: [String: UInt32] = [:]
  /// Read-only data, shared by all that is equal.
  private var data: [Data: IRValue] = [:]

  private struct Data: Hashable {
    let bytes: [UInt8]
    let alignment: Int
  }

  init(moduleName: String) {
    context = LLVMContextCreate()
    module = LLVMModuleCreateWithNameInContext(moduleName, context)
    builder = LLVMCreateBuilderInContext(context)
  }

  deinit {
    LLVMDisposeBuilder(builder)
    LLVMDisposeModule(module)
    LLVMContextDispose(context)
  }

  // MARK: Types

  func integer(_ bits: Int) -> IRType { IRType(ref: LLVMIntTypeInContext(context, UInt32(bits))) }
  var i1: IRType { integer(1) }
  var i8: IRType { integer(8) }
  var i32: IRType { integer(32) }
  var i64: IRType { integer(64) }
  var half: IRType { IRType(ref: LLVMHalfTypeInContext(context)) }
  var float: IRType { IRType(ref: LLVMFloatTypeInContext(context)) }
  var double: IRType { IRType(ref: LLVMDoubleTypeInContext(context)) }
  var pointer: IRType { IRType(ref: LLVMPointerTypeInContext(context, 0)) }
  var void: IRType { IRType(ref: LLVMVoidTypeInContext(context)) }

  func pointer(in space: AddressSpace) -> IRType {
    IRType(ref: LLVMPointerTypeInContext(context, space.rawValue))
  }

  /// `element` itself for one lane, else a vector.
  func vector(_ element: IRType, _ lanes: Int) -> IRType {
    lanes == 1 ? element : IRType(ref: LLVMVectorType(element.ref, UInt32(lanes)))
  }

  func array(_ element: IRType, _ count: Int) -> IRType {
    IRType(ref: LLVMArrayType2(element.ref, UInt64(count)))
  }

  func structure(_ fields: [IRType]) -> IRType {
    var refs: [LLVMTypeRef?] = fields.map(\.ref)
    return IRType(ref: LLVMStructTypeInContext(context, &refs, UInt32(refs.count), 0))
  }

  func function(_ result: IRType, _ parameters: [IRType]) -> IRType {
    var refs: [LLVMTypeRef?] = parameters.map(\.ref)
    return IRType(ref: LLVMFunctionType(result.ref, &refs, UInt32(refs.count), 0))
  }

  /// The number of lanes of a vector type; 1 for others.
  func lanes(_ type: IRType) -> Int {
    LLVMGetTypeKind(type.ref) == LLVMVectorTypeKind ? Int(LLVMGetVectorSize(type.ref)) : 1
  }

  func element(_ type: IRType) -> IRType {
    LLVMGetTypeKind(type.ref) == LLVMVectorTypeKind
      ? IRType(ref: LLVMGetElementType(type.ref)) : type
  }

  /// The bits of a scalar.
  func bitWidth(_ type: IRType) -> Int {
    switch LLVMGetTypeKind(type.ref) {
    case LLVMIntegerTypeKind: Int(LLVMGetIntTypeWidth(type.ref))
    case LLVMHalfTypeKind: 16
    case LLVMFloatTypeKind: 32
    default: 64
    }
  }

  /// The type with another element and as many lanes.
  func like(_ value: IRValue, _ element: IRType) -> IRType { vector(element, lanes(value.type)) }

  // MARK: Constants

  private func splatted(_ scalar: LLVMValueRef, _ type: IRType) -> IRValue {
    let count = lanes(type)
    if count == 1 { return IRValue(ref: scalar) }
    var refs = [LLVMValueRef?](repeating: scalar, count: count)
    return IRValue(ref: LLVMConstVector(&refs, UInt32(count)))
  }

  /// An integer in every lane of `type`.
  func constant(_ value: Int64, _ type: IRType) -> IRValue {
    splatted(LLVMConstInt(element(type).ref, UInt64(bitPattern: value), 1), type)
  }

  func constant(index value: Int) -> IRValue { constant(Int64(value), i64) }

  /// A floating-point number in every lane of `type`.
  func constant(real value: Double, _ type: IRType) -> IRValue {
    splatted(LLVMConstReal(element(type).ref, value), type)
  }

  /// The bits `bits` as a value of `type`.
  func constant(bits: UInt64, _ type: IRType, width: Int) -> IRValue {
    bitcast(constant(Int64(bitPattern: bits), like(type, integer(width))), type)
  }

  private func like(_ type: IRType, _ element: IRType) -> IRType { vector(element, lanes(type)) }

  func undefined(_ type: IRType) -> IRValue { IRValue(ref: LLVMGetPoison(type.ref)) }
  func zero(_ type: IRType) -> IRValue { IRValue(ref: LLVMConstNull(type.ref)) }

  /// `<0, step, 2 step, …>`.
  func iota(_ element: IRType, lanes: Int, step: Int = 1) -> IRValue {
    var refs: [LLVMValueRef?] = (0..<lanes).map {
      LLVMConstInt(element.ref, UInt64(bitPattern: Int64($0 &* step)), 1)
    }
    return IRValue(ref: LLVMConstVector(&refs, UInt32(lanes)))
  }

  func isConstant(_ value: IRValue) -> Bool { LLVMIsConstant(value.ref) != 0 }

  /// The value of a constant integer.
  func constantInteger(_ value: IRValue) -> Int? {
    LLVMIsAConstantInt(value.ref) == nil ? nil : Int(LLVMConstIntGetSExtValue(value.ref))
  }

  // MARK: Functions and globals

  func addFunction(_ name: String, _ type: IRType, isInternal: Bool = true) -> IRValue {
    let function = IRValue(ref: LLVMAddFunction(module, name, type.ref))
    if isInternal { LLVMSetLinkage(function.ref, LLVMInternalLinkage) }
    return function
  }

  /// The function `name` of this module, if there is one.
  func definedFunction(_ name: String) -> IRValue? {
    LLVMGetNamedFunction(module, name).map { IRValue(ref: $0) }
  }

  /// A function of the run-time library or of libm, declared once.
  func declare(_ name: String, _ type: IRType) -> IRValue {
    if let known = LLVMGetNamedFunction(module, name) { return IRValue(ref: known) }
    return addFunction(name, type, isInternal: false)
  }

  /// The functions that others define.
  var declaredFunctions: [String] {
    var names: [String] = []
    var function = LLVMGetFirstFunction(module)
    while let current = function {
      if LLVMIsDeclaration(current) != 0 {
        var length = 0
        names.append(String(cString: LLVMGetValueName2(current, &length)))
      }
      function = LLVMGetNextFunction(current)
    }
    return names
  }

  func addAttribute(_ name: String, value: UInt64 = 0, to function: IRValue, parameter: Int?) {
    let kind = name.withCString { LLVMGetEnumAttributeKindForName($0, name.utf8.count) }
    let index =
      parameter.map { LLVMAttributeIndex($0 + 1) } ?? LLVMAttributeIndex(bitPattern: Int32(-1))
    LLVMAddAttributeAtIndex(
      function.ref, index, LLVMCreateEnumAttribute(context, kind, value))
  }

  func addAttribute(_ name: String, text: String, to function: IRValue) {
    LLVMAddAttributeAtIndex(
      function.ref, LLVMAttributeIndex(bitPattern: Int32(-1)),
      LLVMCreateStringAttribute(
        context, name, UInt32(name.utf8.count), text, UInt32(text.utf8.count)))
  }

  func parameter(_ index: Int, of function: IRValue) -> IRValue {
    IRValue(ref: LLVMGetParam(function.ref, UInt32(index)))
  }

  /// A read-only array of bytes. Equal ones are one.
  func addConstant(_ name: String, bytes: [UInt8], alignment: Int) -> IRValue {
    let key = Data(bytes: bytes, alignment: alignment)
    if let known = data[key] { return known }
    let global = addPrivateConstant(name, bytes: bytes, alignment: alignment)
    data[key] = global
    return global
  }

  private func addPrivateConstant(_ name: String, bytes: [UInt8], alignment: Int) -> IRValue {
    let data = bytes.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        LLVMConstStringInContext2(context, $0.baseAddress, $0.count, 1)
      }
    }
    let global = LLVMAddGlobal(module, LLVMTypeOf(data), name)!
    LLVMSetInitializer(global, data)
    LLVMSetGlobalConstant(global, 1)
    LLVMSetLinkage(global, LLVMPrivateLinkage)
    LLVMSetUnnamedAddress(global, LLVMGlobalUnnamedAddr)
    LLVMSetAlignment(global, UInt32(alignment))
    return IRValue(ref: global)
  }

  /// A read-only array of 64-bit integers.
  func addConstant(_ name: String, words: [Int64]) -> IRValue {
    var bytes: [UInt8] = []
    for word in words {
      withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return addConstant(name, bytes: bytes, alignment: 8)
  }

  /// A C string.
  func addConstant(_ name: String, text: String) -> IRValue {
    addConstant(name, bytes: Array(text.utf8) + [0], alignment: 1)
  }

  /// A constant of values that may be addresses: a C `struct`, or an array of them.
  func addConstant(_ name: String, fields: [IRValue]) -> IRValue {
    let record = self.record(fields)
    let global = LLVMAddGlobal(module, record.type.ref, name)!
    LLVMSetInitializer(global, record.ref)
    LLVMSetGlobalConstant(global, 1)
    LLVMSetLinkage(global, LLVMPrivateLinkage)
    LLVMSetAlignment(global, 8)
    return IRValue(ref: global)
  }

  /// The value of a C `struct`.
  func record(_ fields: [IRValue]) -> IRValue {
    var refs: [LLVMValueRef?] = fields.map(\.ref)
    return IRValue(ref: LLVMConstStructInContext(context, &refs, UInt32(refs.count), 0))
  }

  /// A variable of the module.
  func addVariable(
    _ name: String, _ type: IRType, in space: AddressSpace = .generic
  ) -> IRValue {
    let global = LLVMAddGlobalInAddressSpace(module, type.ref, name, space.rawValue)!
    LLVMSetInitializer(global, LLVMConstNull(type.ref))
    LLVMSetLinkage(global, LLVMInternalLinkage)
    return IRValue(ref: global)
  }

  /// Memory that the threads of a block share.
  func addShared(_ name: String, _ element: IRType, count: Int, alignment: Int) -> IRValue {
    let type = array(element, count)
    let global = LLVMAddGlobalInAddressSpace(module, type.ref, name, AddressSpace.shared.rawValue)!
    LLVMSetInitializer(global, LLVMGetUndef(type.ref))
    LLVMSetLinkage(global, LLVMInternalLinkage)
    LLVMSetAlignment(global, UInt32(alignment))
    return IRValue(ref: global)
  }

  /// Memory that the threads of a block share, as much of it as the launch says.
  func addDynamicShared(_ name: String) -> IRValue {
    let type = array(i8, 0)
    let global = LLVMAddGlobalInAddressSpace(module, type.ref, name, AddressSpace.shared.rawValue)!
    LLVMSetLinkage(global, LLVMExternalLinkage)
    LLVMSetAlignment(global, 16)
    return IRValue(ref: global)
  }

  /// Makes a function one that the host launches on a GPU, in blocks of `threads` threads.
  ///
  /// - Parameter blocks: how many blocks a processor has to have registers for.
  func makeDeviceKernel(_ function: IRValue, threads: Int, blocks: Int) {
    LLVMSetFunctionCallConv(function.ref, 71)  // ptx_kernel
    func note(_ name: String, _ value: Int) {
      var fields: [LLVMMetadataRef?] = [
        LLVMValueAsMetadata(function.ref),
        LLVMMDStringInContext2(context, name, name.utf8.count),
        LLVMValueAsMetadata(constant(Int64(value), i32).ref),
      ]
      let node = LLVMMDNodeInContext2(context, &fields, fields.count)
      LLVMAddNamedMetadataOperand(
        module, "nvvm.annotations", LLVMMetadataAsValue(context, node))
    }
    note("reqntidx", threads)
    if blocks > 1 { note("minctasm", blocks) }
  }

  /// Makes a function one of many equal ones, of which the linker keeps any.
  func mergeAcrossObjects(_ function: IRValue) {
    LLVMSetLinkage(function.ref, LLVMWeakODRLinkage)
  }

  /// Runs `function` when the code is loaded.
  func addConstructor(_ function: IRValue) {
    let entry = record([constant(0, i32), function, zero(pointer)])
    var entries: [LLVMValueRef?] = [entry.ref]
    let list = LLVMConstArray2(entry.type.ref, &entries, 1)!
    let global = LLVMAddGlobal(module, LLVMTypeOf(list), "llvm.global_ctors")!
    LLVMSetInitializer(global, list)
    LLVMSetLinkage(global, LLVMAppendingLinkage)
  }

  /// Calls assembly text, whose results are a record of `results`.
  func assembly(
    _ text: String, constraints: String, results: [IRType], _ arguments: [IRValue]
  ) -> IRValue {
    assembly(text, constraints: constraints, result: structure(results), arguments)
  }

  /// Calls assembly text, which has a result of type `result` or, where that is `void`, none.
  func assembly(
    _ text: String, constraints: String, result: IRType, _ arguments: [IRValue]
  ) -> IRValue {
    let type = function(result, arguments.map(\.type))
    let code = LLVMGetInlineAsm(
      type.ref, text, text.utf8.count, constraints, constraints.utf8.count, 1, 0,
      LLVMInlineAsmDialectATT, 0)
    return call(IRValue(ref: code!), type, arguments)
  }

  /// Field `index` of a record.
  func extract(field index: Int, of record: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildExtractValue(builder, record.ref, UInt32(index), ""))
  }

  /// Data that whoever loads the code provides.
  func addExternal(_ name: String) -> IRValue {
    if let known = LLVMGetNamedGlobal(module, name) { return IRValue(ref: known) }
    return IRValue(ref: LLVMAddGlobal(module, i8.ref, name))
  }

  // MARK: Blocks and branches

  func addBlock(_ name: String, to function: IRValue) -> IRBlock {
    IRBlock(ref: LLVMAppendBasicBlockInContext(context, function.ref, name))
  }

  /// Makes a function a declaration again.
  func removeBlocks(of function: IRValue) {
    var block = LLVMGetFirstBasicBlock(function.ref)
    while let current = block {
      // Values may be used across blocks: cut every use before the blocks go.
      while let instruction = LLVMGetFirstInstruction(current) {
        let type = LLVMTypeOf(instruction)
        if LLVMGetTypeKind(type) != LLVMVoidTypeKind {
          LLVMReplaceAllUsesWith(instruction, LLVMGetPoison(type))
        }
        LLVMInstructionEraseFromParent(instruction)
      }
      block = LLVMGetNextBasicBlock(current)
    }
    while let empty = LLVMGetFirstBasicBlock(function.ref) { LLVMDeleteBasicBlock(empty) }
  }

  func moveToEnd(of block: IRBlock) { LLVMPositionBuilderAtEnd(builder, block.ref) }

  /// The start of a block that already has instructions.
  func moveToStart(of block: IRBlock) {
    if let first = LLVMGetFirstInstruction(block.ref) {
      LLVMPositionBuilderBefore(builder, first)
    } else {
      moveToEnd(of: block)
    }
  }

  var currentBlock: IRBlock { IRBlock(ref: LLVMGetInsertBlock(builder)) }
  var currentFunction: IRValue { IRValue(ref: LLVMGetBasicBlockParent(currentBlock.ref)) }
  func entry(of function: IRValue) -> IRBlock { IRBlock(ref: LLVMGetEntryBasicBlock(function.ref)) }

  func branch(_ target: IRBlock) { LLVMBuildBr(builder, target.ref) }

  func branch(_ condition: IRValue, _ then: IRBlock, _ otherwise: IRBlock) {
    LLVMBuildCondBr(builder, condition.ref, then.ref, otherwise.ref)
  }

  func switchOn(_ value: IRValue, _ cases: [IRBlock], otherwise: IRBlock) {
    let instruction = LLVMBuildSwitch(builder, value.ref, otherwise.ref, UInt32(cases.count))
    for (index, block) in cases.enumerated() {
      LLVMAddCase(instruction, constant(Int64(index), value.type).ref, block.ref)
    }
  }

  func returnValue(_ value: IRValue?) {
    if let value { LLVMBuildRet(builder, value.ref) } else { LLVMBuildRetVoid(builder) }
  }

  func phi(_ type: IRType) -> IRValue { IRValue(ref: LLVMBuildPhi(builder, type.ref, "")) }

  func addIncoming(_ value: IRValue, from block: IRBlock, to phi: IRValue) {
    var values: [LLVMValueRef?] = [value.ref]
    var blocks: [LLVMBasicBlockRef?] = [block.ref]
    LLVMAddIncoming(phi.ref, &values, &blocks, 1)
  }

  /// A loop whose body runs for 0, `step`, `2 * step`, … below `limit`, and at least once.
  func loop(
    _ name: String, below limit: Int, step: Int = 1, _ body: (IRValue) throws -> Void
  ) rethrows {
    let before = currentBlock
    let block = addBlock(name, to: currentFunction)
    let done = addBlock("done", to: currentFunction)
    branch(block)
    moveToEnd(of: block)
    let index = phi(i64)
    addIncoming(constant(index: 0), from: before, to: index)
    try body(index)
    let next = add(index, constant(index: step))
    addIncoming(next, from: currentBlock, to: index)
    branch(icmp(LLVMIntSLT, next, constant(index: limit)), block, done)
    moveToEnd(of: done)
  }

  func call(_ function: IRValue, _ type: IRType, _ arguments: [IRValue]) -> IRValue {
    var refs: [LLVMValueRef?] = arguments.map(\.ref)
    return flagged(LLVMBuildCall2(builder, type.ref, function.ref, &refs, UInt32(refs.count), ""))
  }

  /// Is `value` a call of the intrinsic `name`?
  func isCall(_ value: IRValue, of name: String) -> Bool {
    guard LLVMIsACallInst(value.ref) != nil, let callee = LLVMGetCalledValue(value.ref) else {
      return false
    }
    return LLVMGetIntrinsicID(callee) == LLVMLookupIntrinsicID(name, name.utf8.count)
  }

  /// An intrinsic that is overloaded on `types`.
  func intrinsic(_ name: String, _ types: [IRType], _ arguments: [IRValue]) -> IRValue {
    let id: UInt32
    if let known = intrinsics[name] {
      id = known
    } else {
      id = LLVMLookupIntrinsicID(name, name.utf8.count)
      intrinsics[name] = id
    }
    var refs: [LLVMTypeRef?] = types.map(\.ref)
    let declaration = LLVMGetIntrinsicDeclaration(module, id, &refs, refs.count)!
    let type = LLVMGlobalGetValueType(declaration)!
    return call(IRValue(ref: declaration), IRType(ref: type), arguments)
  }

  /// A special register of PTX, 32 bits wide: `tid.x` and the like. It is known to be less than `limit`:
  /// sums of it and multiples of powers of two beyond are then taken apart into addresses with offsets.
  func specialRegister(_ name: String, below limit: Int? = nil) -> IRValue {
    let value = intrinsic("llvm.nvvm.read.ptx.sreg.\(name)", [], [])
    if let limit, limit > 0, limit < Int(Int32.max) {
      var bounds: [LLVMMetadataRef?] = [0, limit].map {
        LLVMValueAsMetadata(constant(Int64($0), i32).ref)
      }
      let node = LLVMMDNodeInContext2(context, &bounds, bounds.count)
      let kind = LLVMGetMDKindIDInContext(context, "range", 5)
      LLVMSetMetadata(value.ref, kind, LLVMMetadataAsValue(context, node))
    }
    return value
  }

  // MARK: Memory

  /// Stack memory of the current function, allocated on entry.
  func stack(_ element: IRType, count: Int, alignment: Int) -> IRValue {
    let here = currentBlock
    moveToStart(of: entry(of: currentFunction))
    let memory = LLVMBuildAlloca(builder, array(element, count).ref, "")!
    LLVMSetAlignment(memory, UInt32(alignment))
    moveToEnd(of: here)
    return IRValue(ref: memory)
  }

  func load(_ type: IRType, _ pointer: IRValue, alignment: Int) -> IRValue {
    let value = LLVMBuildLoad2(builder, type.ref, pointer.ref, "")!
    LLVMSetAlignment(value, UInt32(alignment))
    return IRValue(ref: value)
  }

  func store(_ value: IRValue, _ pointer: IRValue, alignment: Int) {
    LLVMSetAlignment(LLVMBuildStore(builder, value.ref, pointer.ref), UInt32(alignment))
  }

  /// `&pointer[index]`.
  func address(_ element: IRType, _ pointer: IRValue, _ index: IRValue) -> IRValue {
    var indices: [LLVMValueRef?] = [index.ref]
    return IRValue(ref: LLVMBuildGEP2(builder, element.ref, pointer.ref, &indices, 1, ""))
  }

  /// `&pointer->field`.
  func field(_ index: Int, of record: IRType, at pointer: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildStructGEP2(builder, record.ref, pointer.ref, UInt32(index), ""))
  }

  func copy(from source: IRValue, to destination: IRValue, byteCount: IRValue) {
    LLVMBuildMemCpy(builder, destination.ref, 1, source.ref, 1, byteCount.ref)
  }

  func setMemory(_ destination: IRValue, byte: IRValue, byteCount: IRValue) {
    LLVMBuildMemSet(builder, destination.ref, byte.ref, byteCount.ref, 1)
  }

  // MARK: Arithmetic

  private func flagged(_ ref: LLVMValueRef?) -> IRValue {
    if fastMath != 0, LLVMIsAInstruction(ref) != nil, LLVMCanValueUseFastMathFlags(ref) != 0 {
      LLVMSetFastMathFlags(ref, fastMath)
    }
    return IRValue(ref: ref!)
  }

  func fadd(_ a: IRValue, _ b: IRValue) -> IRValue {
    flagged(LLVMBuildFAdd(builder, a.ref, b.ref, ""))
  }
  func fsub(_ a: IRValue, _ b: IRValue) -> IRValue {
    flagged(LLVMBuildFSub(builder, a.ref, b.ref, ""))
  }
  func fmul(_ a: IRValue, _ b: IRValue) -> IRValue {
    flagged(LLVMBuildFMul(builder, a.ref, b.ref, ""))
  }
  func fdiv(_ a: IRValue, _ b: IRValue) -> IRValue {
    flagged(LLVMBuildFDiv(builder, a.ref, b.ref, ""))
  }
  func fneg(_ a: IRValue) -> IRValue { flagged(LLVMBuildFNeg(builder, a.ref, "")) }

  func add(_ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildAdd(builder, a.ref, b.ref, ""))
  }
  func sub(_ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildSub(builder, a.ref, b.ref, ""))
  }
  func mul(_ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildMul(builder, a.ref, b.ref, ""))
  }
  func sdiv(_ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildSDiv(builder, a.ref, b.ref, ""))
  }
  func udiv(_ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildUDiv(builder, a.ref, b.ref, ""))
  }
  func srem(_ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildSRem(builder, a.ref, b.ref, ""))
  }
  func urem(_ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildURem(builder, a.ref, b.ref, ""))
  }
  func and(_ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildAnd(builder, a.ref, b.ref, ""))
  }
  func or(_ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildOr(builder, a.ref, b.ref, ""))
  }
  func xor(_ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildXor(builder, a.ref, b.ref, ""))
  }
  func not(_ a: IRValue) -> IRValue { IRValue(ref: LLVMBuildNot(builder, a.ref, "")) }
  func shl(_ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildShl(builder, a.ref, b.ref, ""))
  }
  func lshr(_ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildLShr(builder, a.ref, b.ref, ""))
  }
  func ashr(_ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildAShr(builder, a.ref, b.ref, ""))
  }

  func icmp(_ predicate: LLVMIntPredicate, _ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildICmp(builder, predicate, a.ref, b.ref, ""))
  }
  func fcmp(_ predicate: LLVMRealPredicate, _ a: IRValue, _ b: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildFCmp(builder, predicate, a.ref, b.ref, ""))
  }
  func select(_ mask: IRValue, _ a: IRValue, _ b: IRValue) -> IRValue {
    a == b ? a : IRValue(ref: LLVMBuildSelect(builder, mask.ref, a.ref, b.ref, ""))
  }

  // MARK: Conversion

  func bitcast(_ a: IRValue, _ type: IRType) -> IRValue {
    a.type == type ? a : IRValue(ref: LLVMBuildBitCast(builder, a.ref, type.ref, ""))
  }
  func trunc(_ a: IRValue, _ type: IRType) -> IRValue {
    IRValue(ref: LLVMBuildTrunc(builder, a.ref, type.ref, ""))
  }
  func zext(_ a: IRValue, _ type: IRType) -> IRValue {
    IRValue(ref: LLVMBuildZExt(builder, a.ref, type.ref, ""))
  }
  func sext(_ a: IRValue, _ type: IRType) -> IRValue {
    IRValue(ref: LLVMBuildSExt(builder, a.ref, type.ref, ""))
  }
  func fptrunc(_ a: IRValue, _ type: IRType) -> IRValue {
    IRValue(ref: LLVMBuildFPTrunc(builder, a.ref, type.ref, ""))
  }
  func fpext(_ a: IRValue, _ type: IRType) -> IRValue {
    IRValue(ref: LLVMBuildFPExt(builder, a.ref, type.ref, ""))
  }
  func sitofp(_ a: IRValue, _ type: IRType) -> IRValue {
    IRValue(ref: LLVMBuildSIToFP(builder, a.ref, type.ref, ""))
  }
  func fptosi(_ a: IRValue, _ type: IRType) -> IRValue {
    IRValue(ref: LLVMBuildFPToSI(builder, a.ref, type.ref, ""))
  }
  func fptoui(_ a: IRValue, _ type: IRType) -> IRValue {
    IRValue(ref: LLVMBuildFPToUI(builder, a.ref, type.ref, ""))
  }
  func uitofp(_ a: IRValue, _ type: IRType) -> IRValue {
    IRValue(ref: LLVMBuildUIToFP(builder, a.ref, type.ref, ""))
  }

  /// The address that a pointer holds, as `i64`.
  func address(asInteger pointer: IRValue) -> IRValue {
    IRValue(ref: LLVMBuildPtrToInt(builder, pointer.ref, i64.ref, ""))
  }

  // MARK: Vectors

  /// The scalar `a` in each of `lanes` lanes.
  func splat(_ a: IRValue, lanes: Int) -> IRValue {
    if lanes == 1 { return a }
    if isConstant(a) { return splatted(a.ref, vector(a.type, lanes)) }
    let type = vector(a.type, lanes)
    let one = insert(a, into: undefined(type), at: 0)
    return shuffle(one, undefined(type), [Int](repeating: 0, count: lanes))
  }

  func insert(_ a: IRValue, into vector: IRValue, at lane: Int) -> IRValue {
    IRValue(
      ref: LLVMBuildInsertElement(builder, vector.ref, a.ref, constant(Int64(lane), i32).ref, ""))
  }

  func extract(_ vector: IRValue, at lane: Int) -> IRValue {
    IRValue(
      ref: LLVMBuildExtractElement(builder, vector.ref, constant(Int64(lane), i32).ref, ""))
  }

  func shuffle(_ a: IRValue, _ b: IRValue, _ lanes: [Int]) -> IRValue {
    var refs: [LLVMValueRef?] = lanes.map { constant(Int64($0), i32).ref }
    let mask = LLVMConstVector(&refs, UInt32(refs.count))
    return IRValue(ref: LLVMBuildShuffleVector(builder, a.ref, b.ref, mask, ""))
  }

  // MARK: Text

  /// The module as `.ll` text.
  var text: String {
    let message = LLVMPrintModuleToString(module)!
    defer { LLVMDisposeMessage(message) }
    return String(cString: message)
  }
}

extension IRBuilder {
  /// The integer that every lane of a constant holds.
  func constantSplat(_ value: IRValue) -> Int? {
    if let scalar = constantInteger(value) { return scalar }
    guard LLVMIsConstant(value.ref) != 0, LLVMGetTypeKind(value.type.ref) == LLVMVectorTypeKind
    else { return nil }
    if LLVMIsNull(value.ref) != 0 { return 0 }
    var common: Int?
    for lane in 0..<lanes(value.type) {
      guard let element = LLVMGetAggregateElement(value.ref, UInt32(lane)),
        let integer = constantInteger(IRValue(ref: element)), common == nil || common == integer
      else { return nil }
      common = integer
    }
    return common
  }
}
