/// Where an instruction accesses memory.
enum AddressSpace: UInt8 {
  /// The address says where.
  case generic
  /// `.global` and `.const`, whose addresses are generic ones.
  case global
  case shared
  case local
  case param

  /// The generic address of the first byte.
  var window: UInt64 {
    switch self {
    case .generic, .global: 0
    case .shared: 1 << 32
    case .local: 2 << 32
    case .param: 3 << 32
    }
  }

  /// The space that a generic address lies in.
  @inline(__always)
  static func of(_ address: UInt64) -> AddressSpace {
    switch address >> 32 {
    case 1: .shared
    case 2: .local
    case 3: .param
    default: .global
    }
  }

  var name: String {
    switch self {
    case .generic: "generic"
    case .global: "global"
    case .shared: "shared"
    case .local: "local"
    case .param: "parameter"
    }
  }
}

/// What an instruction does to memory.
struct Access {
  var isWrite: Bool
  /// Atomic, volatile or ordered: it does not race with others of its kind.
  var isStrong: Bool
  var name: StaticString

  static let read = Access(isWrite: false, isStrong: false, name: "read")
  static let write = Access(isWrite: true, isStrong: false, name: "write")
  static let strongRead = Access(isWrite: false, isStrong: true, name: "read")
  static let strongWrite = Access(isWrite: true, isStrong: true, name: "write")
  static let atomic = Access(isWrite: true, isStrong: true, name: "atomic access")
}
