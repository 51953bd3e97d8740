import Support

/// Puts the variables of a module into device memory.
enum VariableLoader {
  /// Allocates and initializes; returns the addresses, for when the module goes.
  static func load(
    _ variables: [Variable], into memory: DeviceMemory
  ) throws(Diagnostic) -> [UInt64] {
    var addresses: [UInt64] = []
    do throws(Diagnostic) {
      for variable in variables where variable.space != .shared {
        guard !variable.isExtern else {
          throw unsupported(
            "'\(variable.name)', which another module defines", at: variable.span)
        }
        variable.address = try memory.allocate(
          byteCount: variable.byteCount, name: variable.name,
          isReadOnly: variable.space == .const)
        addresses.append(variable.address)
      }
      for variable in variables where variable.space != .shared {
        try initialize(variable, in: memory)
      }
      return addresses
    } catch {
      for address in addresses { memory.release(address) }
      throw error
    }
  }

  /// Variables without an initial value, and what an initializer does not reach, are zero.
  private static func initialize(
    _ variable: Variable, in memory: DeviceMemory
  ) throws(Diagnostic) {
    let bytes = try memory.bytes(variable.address, byteCount: variable.byteCount)
    bytes.initializeMemory(as: UInt8.self, repeating: 0, count: variable.byteCount)
    for value in variable.initializer {
      var bits: UInt64
      switch value.content {
      case .bits(let literal):
        bits = literal
      case .address(let target, let offset, let isGeneric, let mask):
        guard target.space == .global || target.space == .const || !isGeneric else {
          throw unsupported("this address as an initial value", at: variable.span)
        }
        bits = target.address &+ UInt64(bitPattern: offset)
        if mask != .max, mask != 0 { bits = (bits & mask) >> UInt64(mask.trailingZeroBitCount) }
      }
      for index in 0..<min(value.byteCount, 8) {
        bytes.storeBytes(
          of: UInt8(truncatingIfNeeded: bits >> UInt64(index * 8)),
          toByteOffset: value.offset + index, as: UInt8.self)
      }
    }
  }
}
