import Support

/// Loads, stores, atomics and addresses.
extension FunctionDecoder {
  /// How an access is ordered and which caches it goes through, which changes no value here.
  /// Returns whether the access is a strong one.
  private func takeOrdering(_ reader: inout InstructionReader) -> Bool {
    var isStrong = reader.take("volatile")
    for name in ["relaxed", "acquire", "release", "acq_rel", "seq_cst", "mmio"]
    where reader.take(name) {
      isStrong = true
    }
    _ = reader.take("weak")
    _ = reader.take(oneOf: ["cta", "cluster", "gpu", "sys"])
    _ = reader.take(oneOf: ["ca", "cg", "cs", "lu", "cv", "wb", "wt", "nc"])
    for modifier in reader.instruction.modifiers
    where modifier.name.hasPrefix("L1::") || modifier.name.hasPrefix("L2::") {
      _ = reader.take(modifier.name)
    }
    return isStrong
  }

  private func takeSpace(_ reader: inout InstructionReader) -> AddressSpace {
    if reader.take("global") || reader.take("const") { return .global }
    if reader.take("shared") || reader.take("shared::cta") { return .shared }
    if reader.take("local") { return .local }
    if reader.take("param") || reader.take("param::entry") || reader.take("param::func") {
      return .param
    }
    return .generic
  }

  private func takeWidth(_ reader: inout InstructionReader) -> Int {
    reader.take("v2") ? 2 : reader.take("v4") ? 4 : 1
  }

  /// Sets the address of an access and returns its space: parameters of device functions lie in
  /// local memory.
  private mutating func setAddress(
    _ operand: Operand, in space: AddressSpace, _ type: ScalarType, width: Int, _ step: inout Step
  ) throws(Diagnostic) -> AddressSpace {
    let variable = try setAddress(operand, &step)
    step.bytes = UInt8(type.byteCount)
    step.width = UInt8(width)
    if space == .shared || space == .generic || space == .global {
      granule = min(granule, type.byteCount * width)
    }
    if let variable {
      try check(variable, space, operand)
      if space == .param { return variable.space == .param ? .param : .local }
      if space == .generic, variable.space != .global, variable.space != .const {
        throw Diagnostic(
          .error, "'\(variable.name)' is not in generic memory", at: operand.span)
      }
    }
    return space == .param && !function.isKernel ? .local : space
  }

  private func check(
    _ variable: Variable, _ space: AddressSpace, _ operand: Operand
  ) throws(Diagnostic) {
    let isThere: Bool =
      switch (space, variable.space) {
      case (.generic, _), (.global, .global), (.global, .const), (.shared, .shared),
        (.local, .local), (.param, .param), (.param, .callParam):
        true
      default: false
      }
    guard isThere else {
      throw Diagnostic(
        .error, "'\(variable.name)' is not in \(space.name) memory", at: operand.span)
    }
  }

  private func memoryType(
    _ reader: inout InstructionReader, width: Int
  ) throws(Diagnostic) -> ScalarType {
    let type = try reader.type()
    guard type != .pred, type != .b128, type.byteCount * width <= 16 else {
      throw reader.unsupported(type)
    }
    return type
  }

  mutating func decodeLoad(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    let isStrong = takeOrdering(&reader)
    let space = takeSpace(&reader)
    let width = takeWidth(&reader)
    let type = try memoryType(&reader, width: width)
    try reader.finish(operands: 2)
    var step = Step(execute: WarpOperations.none)
    let place = try setAddress(reader.operands[1], in: space, type, width: width, &step)
    try setVector(reader.operands[0], type, width: width, isResult: true, &step)
    if isStrong, place == .global || place == .generic { step.flow = .poll }
    step.execute =
      switch (type.byteCount, type.kind == .signed) {
      case (1, false): MemoryOperations.load(UInt8.self, place, isStrong: isStrong)
      case (1, true): MemoryOperations.load(Int8.self, place, isStrong: isStrong)
      case (2, false): MemoryOperations.load(UInt16.self, place, isStrong: isStrong)
      case (2, true): MemoryOperations.load(Int16.self, place, isStrong: isStrong)
      case (4, false): MemoryOperations.load(UInt32.self, place, isStrong: isStrong)
      case (4, true): MemoryOperations.load(Int32.self, place, isStrong: isStrong)
      default: MemoryOperations.load(UInt64.self, place, isStrong: isStrong)
      }
    return step
  }

  mutating func decodeStore(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    let isStrong = takeOrdering(&reader)
    let space = takeSpace(&reader)
    let width = takeWidth(&reader)
    let type = try memoryType(&reader, width: width)
    try reader.finish(operands: 2)
    var step = Step(execute: WarpOperations.none)
    let place = try setAddress(reader.operands[0], in: space, type, width: width, &step)
    try setVector(reader.operands[1], type, width: width, isResult: false, &step)
    step.execute =
      switch type.byteCount {
      case 1: MemoryOperations.store(UInt8.self, place, isStrong: isStrong)
      case 2: MemoryOperations.store(UInt16.self, place, isStrong: isStrong)
      case 4: MemoryOperations.store(UInt32.self, place, isStrong: isStrong)
      default: MemoryOperations.store(UInt64.self, place, isStrong: isStrong)
      }
    return step
  }

  mutating func decodeAtomic(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    let hasResult = reader.instruction.opcode == "atom"
    _ = takeOrdering(&reader)
    let space = takeSpace(&reader)
    let names = ["add", "min", "max", "exch", "cas", "and", "or", "xor", "inc", "dec"]
    guard let name = reader.take(oneOf: names) else {
      throw Diagnostic(
        .error, "'\(reader.instruction.opcode)' needs an operation", at: reader.instruction.span)
    }
    _ = reader.take("noftz")
    let type = try reader.type()
    let first = hasResult ? 1 : 0
    try reader.finish(operands: first + (name == "cas" ? 3 : 2))
    var step = Step(execute: WarpOperations.none)
    let place = try setAddress(reader.operands[first], in: space, type, width: 1, &step)
    step.d = hasResult ? try destination(reader.operands[0], type) : sink
    step.b = try source(reader.operands[first + 1], type)
    step.c = name == "cas" ? try source(reader.operands[first + 2], type) : step.b
    guard let execute = atomic(name, type, place, hasResult) else {
      throw reader.unsupported(type)
    }
    step.execute = execute
    return step
  }

  private func atomic(
    _ name: String, _ type: ScalarType, _ space: AddressSpace, _ hasResult: Bool
  ) -> Step.Execute? {
    func integers<T: LaneInteger>(
      _: T.Type, _ operation: @escaping @Sendable (T, T, T) -> T
    ) -> Step.Execute {
      MemoryOperations.atomic(T.self, space, hasResult: hasResult, operation)
    }
    func floats<T: FloatLane>(_: T.Type) -> Step.Execute {
      MemoryOperations.atomic(T.self, space, hasResult: hasResult) { old, b, _ in
        T.sum(old, b, .nearest)
      }
    }
    return switch (name, type) {
    case ("add", .u32), ("add", .s32): integers(UInt32.self) { old, b, _ in old &+ b }
    case ("add", .u64), ("add", .s64): integers(UInt64.self) { old, b, _ in old &+ b }
    case ("add", .f32): floats(Float.self)
    case ("add", .f64): floats(Double.self)
    case ("add", .f16): floats(Float16.self)
    case ("add", .bf16): floats(BFloat16.self)
    case ("add", .f16x2): floats(Packed<Float16>.self)
    case ("add", .bf16x2): floats(Packed<BFloat16>.self)
    case ("min", .u32): integers(UInt32.self) { old, b, _ in min(old, b) }
    case ("min", .s32): integers(Int32.self) { old, b, _ in min(old, b) }
    case ("min", .u64): integers(UInt64.self) { old, b, _ in min(old, b) }
    case ("min", .s64): integers(Int64.self) { old, b, _ in min(old, b) }
    case ("max", .u32): integers(UInt32.self) { old, b, _ in max(old, b) }
    case ("max", .s32): integers(Int32.self) { old, b, _ in max(old, b) }
    case ("max", .u64): integers(UInt64.self) { old, b, _ in max(old, b) }
    case ("max", .s64): integers(Int64.self) { old, b, _ in max(old, b) }
    case ("exch", .b32): integers(UInt32.self) { _, b, _ in b }
    case ("exch", .b64): integers(UInt64.self) { _, b, _ in b }
    case ("cas", .b16): integers(UInt16.self) { old, b, c in old == b ? c : old }
    case ("cas", .b32): integers(UInt32.self) { old, b, c in old == b ? c : old }
    case ("cas", .b64): integers(UInt64.self) { old, b, c in old == b ? c : old }
    case ("and", .b32): integers(UInt32.self) { old, b, _ in old & b }
    case ("and", .b64): integers(UInt64.self) { old, b, _ in old & b }
    case ("or", .b32): integers(UInt32.self) { old, b, _ in old | b }
    case ("or", .b64): integers(UInt64.self) { old, b, _ in old | b }
    case ("xor", .b32): integers(UInt32.self) { old, b, _ in old ^ b }
    case ("xor", .b64): integers(UInt64.self) { old, b, _ in old ^ b }
    case ("inc", .u32): integers(UInt32.self) { old, b, _ in old >= b ? 0 : old + 1 }
    case ("dec", .u32): integers(UInt32.self) { old, b, _ in old == 0 || old > b ? b : old - 1 }
    default: nil
    }
  }

  /// `cvta` and `isspacep`.
  mutating func decodeAddressConversion(
    _ reader: inout InstructionReader
  ) throws(Diagnostic) -> Step {
    let isBack = reader.take("to")
    var space = takeSpace(&reader)
    if space == .param, !function.isKernel { space = .local }
    if reader.instruction.opcode == "isspacep" {
      try reader.finish(operands: 2)
      var step = Step(execute: MemoryOperations.isInSpace(space))
      step.q = try predicateDestination(reader.operands[0])
      step.a = try source(reader.operands[1], .b64)
      return step
    }
    let type = try reader.type()
    guard type == .u64, space != .generic else { throw reader.unsupported(type) }
    try reader.finish(operands: 2)
    var step = Step(execute: MemoryOperations.convertAddress)
    step.d = try destination(reader.operands[0], type)
    step.a = try source(reader.operands[1], type)
    step.offset = isBack ? 0 &- space.window : space.window
    return step
  }

  /// Fences and hints: warps run one after the other, so that memory is always in order.
  mutating func decodeHint(_ reader: inout InstructionReader) throws(Diagnostic) -> Step {
    let isWide = reader.instruction.modifiers.contains { $0.name == "gpu" || $0.name == "sys" }
    _ = takeOrdering(&reader)
    _ = takeSpace(&reader)
    var step = Step(execute: WarpOperations.none)
    switch reader.instruction.opcode {
    case "membar":
      if reader.take("gl") || isWide { step.execute = WarpOperations.fence }
    case "fence":
      _ = reader.take("sc")
      if isWide { step.execute = WarpOperations.fence }
    case "nanosleep": _ = try reader.type()
    default: _ = reader.take(oneOf: ["L1", "L2"])
    }
    try reader.finish()
    return step
  }
}
