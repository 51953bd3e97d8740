import Support

/// Turns a parsed module into a program: places its variables, decodes its functions, callers
/// before the functions that they call, and joins what each kernel needs.
struct ModuleDecoder {
  private let module: ParsedModule
  private let memory: DeviceMemory
  private let source: SourceFile
  private var indices: [String: Int] = [:]
  private var callees: [[Int]] = []
  private var frames: [Frame]
  private var steps: [Step] = []
  private var spans: [Span] = []
  private var calls: [FunctionDecoder.PendingCall] = []
  private var tables: [[Int32]] = []
  /// Where the registers of the device functions so far end.
  private var functionRegisters = 0
  private var functionPredicates = 0

  /// What is known of a decoded function.
  private struct Frame {
    var registers = 0
    var predicates = 0
    var local = 0
    var registerEnd = 0
    var predicateEnd = 0
    var localEnd = 0
    var entry: Int32 = 0
    var granule = 16
    var constants: [FunctionDecoder.Constant: Int32] = [:]
    var sharedVariables: [Variable] = []
  }

  static func decode(
    _ module: ParsedModule, memory: DeviceMemory, source: SourceFile
  ) throws(Diagnostic) -> Program {
    var decoder = ModuleDecoder(module, memory, source)
    for index in try decoder.callersFirst() { try decoder.decode(index) }
    var sites: [CallSite] = []
    for call in decoder.calls { sites.append(try decoder.link(call)) }
    var kernels: [String: Kernel] = [:]
    for (index, function) in module.functions.enumerated() where function.isKernel {
      kernels[function.name] = try decoder.kernel(index)
    }
    return Program(
      steps: decoder.steps, spans: decoder.spans, source: source, kernels: kernels,
      callSites: sites, branchTables: decoder.tables)
  }

  private init(_ module: ParsedModule, _ memory: DeviceMemory, _ source: SourceFile) {
    self.module = module
    self.memory = memory
    self.source = source
    frames = Array(repeating: Frame(), count: module.functions.count)
    for (index, function) in module.functions.enumerated() { indices[function.name] = index }
  }

  // MARK: Calls

  /// The functions, callers first.
  private mutating func callersFirst() throws(Diagnostic) -> [Int] {
    for function in module.functions {
      var found: [Int] = []
      for instruction in function.instructions where instruction.opcode == "call" {
        for operand in instruction.operands {
          guard case .name(let name) = operand.kind else { continue }
          guard let index = indices[name], !module.functions[index].isDeclaration else {
            throw unsupported(
              "a call of '\(name)', which is not defined in this module", at: operand.span)
          }
          if module.functions[index].isKernel {
            throw Diagnostic(.error, "'\(name)' is a kernel: it cannot be called", at: operand.span)
          }
          found.append(index)
        }
      }
      callees.append(found)
    }
    var openCallers = [Int](repeating: 0, count: callees.count)
    for list in callees { for callee in list { openCallers[callee] += 1 } }
    var order = openCallers.indices.filter { openCallers[$0] == 0 }
    var position = 0
    while position < order.count {
      for callee in callees[order[position]] {
        openCallers[callee] -= 1
        if openCallers[callee] == 0 { order.append(callee) }
      }
      position += 1
    }
    if let recursive = openCallers.firstIndex(where: { $0 > 0 }) {
      throw unsupported("recursion", at: module.functions[recursive].span)
    }
    return order
  }

  private mutating func decode(_ index: Int) throws(Diagnostic) {
    let function = module.functions[index]
    var frame = frames[index]
    frame.entry = Int32(steps.count)
    guard !function.isDeclaration else { return }
    if !function.isKernel {
      // Device functions do not share registers: each has some that hold constants all the time.
      frame.registers = max(frame.registers, functionRegisters)
      frame.predicates = max(frame.predicates, functionPredicates)
    }
    frame.localEnd = try placeLocals(function, from: frame.local)
    var decoder = FunctionDecoder(
      function, registerBase: frame.registers, predicateBase: frame.predicates,
      start: steps.count, firstCall: calls.count, firstTable: tables.count)
    try decoder.decode()
    steps += decoder.steps
    spans += decoder.spans
    calls += decoder.calls
    tables += decoder.tables
    frame.registerEnd = frame.registers + decoder.registerCount
    frame.predicateEnd = frame.predicates + decoder.predicateCount
    if !function.isKernel {
      functionRegisters = frame.registerEnd
      functionPredicates = frame.predicateEnd
    }
    guard frame.registerEnd < 1 << 20, steps.count < AccessRecord.stepLimit else {
      throw unsupported("a function of this size", at: function.span)
    }
    frame.granule = decoder.granule
    frame.constants = decoder.constants
    frame.sharedVariables = decoder.sharedVariables
    frames[index] = frame
    // A function's registers lie behind those of all its callers.
    for callee in callees[index] {
      frames[callee].registers = max(frames[callee].registers, frame.registerEnd)
      frames[callee].predicates = max(frames[callee].predicates, frame.predicateEnd)
      frames[callee].local = max(frames[callee].local, frame.localEnd)
    }
  }

  /// Gives local variables and parameters their places in a thread's local memory.
  private func placeLocals(_ function: ParsedFunction, from start: Int) throws(Diagnostic) -> Int {
    var end = start
    var parameterEnd = 0
    for variable in function.results + function.parameters + function.variables {
      switch variable.space {
      case .local, .callParam:
        end = aligned(end, variable.alignment)
        variable.address = UInt64(end)
        end += variable.byteCount
      case .param:
        parameterEnd = aligned(parameterEnd, variable.alignment)
        variable.address = UInt64(parameterEnd)
        parameterEnd += variable.byteCount
      case .global, .const, .shared:
        break
      }
    }
    guard end <= 512 << 10 else {
      throw Diagnostic(
        .error, "'\(function.name)' needs \(end) bytes of local memory: a thread has 512 KiB",
        at: function.span)
    }
    guard parameterEnd <= 32764 else {
      throw Diagnostic(
        .error, "'\(function.name)' has \(parameterEnd) bytes of parameters: 32764 are the limit",
        at: function.span)
    }
    return aligned(end, 16)
  }

  private func aligned(_ offset: Int, _ alignment: Int) -> Int {
    (offset + alignment - 1) / alignment * alignment
  }

  private func link(_ call: FunctionDecoder.PendingCall) throws(Diagnostic) -> CallSite {
    let index = indices[call.callee] ?? 0
    let callee = module.functions[index]
    guard callee.parameters.count == call.arguments.count,
      callee.results.count == call.results.count
    else {
      throw Diagnostic(
        .error,
        "'\(callee.name)' has \(callee.parameters.count) parameters and "
          + "\(callee.results.count) results", at: call.span)
    }
    func copies(
      from: [Variable], to: [Variable]
    ) throws(Diagnostic) -> [CallSite.Copy] {
      var copies: [CallSite.Copy] = []
      for (source, result) in zip(from, to) {
        guard source.byteCount == result.byteCount else {
          throw Diagnostic(
            .error, "'\(source.name)' and '\(result.name)' are not of the same size",
            at: call.span)
        }
        copies.append(
          CallSite.Copy(
            from: Int(source.address), to: Int(result.address), byteCount: source.byteCount))
      }
      return copies
    }
    return CallSite(
      entry: frames[index].entry,
      arguments: try copies(from: call.arguments, to: callee.parameters),
      results: try copies(from: callee.results, to: call.results))
  }

  // MARK: Kernels

  private func kernel(_ index: Int) throws(Diagnostic) -> Kernel {
    let function = module.functions[index]
    var reachable = [index]
    var position = 0
    while position < reachable.count {
      for callee in callees[reachable[position]] where !reachable.contains(callee) {
        reachable.append(callee)
      }
      position += 1
    }
    var kernel = Kernel(
      name: function.name, span: function.span, parameters: [], parameterByteCount: 0,
      entry: frames[index].entry, registerCount: 0, predicateCount: 0, localByteCount: 0,
      sharedByteCount: 0, fills: [], granuleShift: 4, requiredThreads: function.requiredThreads,
      maximumThreads: function.maximumThreads)
    var places: [ObjectIdentifier: UInt64] = [:]
    var granule = 16
    for frame in reachable.map({ frames[$0] }) {
      kernel.registerCount = max(kernel.registerCount, frame.registerEnd)
      kernel.predicateCount = max(kernel.predicateCount, frame.predicateEnd)
      kernel.localByteCount = max(kernel.localByteCount, frame.localEnd)
      granule = min(granule, frame.granule)
      for variable in frame.sharedVariables where places[ObjectIdentifier(variable)] == nil {
        let start = aligned(kernel.sharedByteCount, variable.alignment)
        places[ObjectIdentifier(variable)] = UInt64(start)
        kernel.sharedByteCount = start + variable.byteCount
      }
    }
    kernel.sharedByteCount = aligned(kernel.sharedByteCount, 16)
    guard kernel.sharedByteCount <= 48 << 10 else {
      throw Diagnostic(
        .error,
        "kernel '\(kernel.name)' uses \(kernel.sharedByteCount) bytes of static shared memory: "
          + "49152 are the limit", at: kernel.span)
    }
    kernel.granuleShift = granule.trailingZeroBitCount
    for (constant, register) in reachable.flatMap({ frames[$0].constants }) {
      let content: RegisterFill.Content =
        switch constant {
        case .value(let value): .value(value)
        case .special(let special): .special(special)
        case .shared(let variable, let offset): .value((places[variable] ?? 0) &+ offset)
        case .dynamicShared(let offset): .dynamicShared(offset: offset)
        }
      kernel.fills.append(RegisterFill(register: register, content: content))
    }
    for parameter in function.parameters {
      kernel.parameters.append(
        KernelParameter(
          name: parameter.name, offset: Int(parameter.address), byteCount: parameter.byteCount,
          alignment: parameter.alignment))
      kernel.parameterByteCount = Int(parameter.address) + parameter.byteCount
    }
    return kernel
  }
}
