import Synchronization

/// An interned identifier: equal names have equal symbols, in every file of the process.
///
/// Symbols are dense small integers in the order of their first use, so that they serve as keys
/// and as indices. The keywords of the language come first (see `TokenKind.keywords`).
public struct Symbol: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Interns `name`.
  public init(_ name: String) {
    var name = name
    self = name.withUTF8 { Symbol(utf8: $0) }
  }

  /// Interns the name that `bytes` spell in UTF-8.
  public init(utf8 bytes: UnsafeBufferPointer<UInt8>) {
    rawValue = SymbolTable.shared.withLock { $0.intern(bytes) }
  }

  /// The name.
  public var text: String { SymbolTable.shared.withLock { $0.names[Int(rawValue)] } }

  public var description: String { text }

  public static func < (a: Symbol, b: Symbol) -> Bool { a.rawValue < b.rawValue }
}

extension Symbol: ExpressibleByStringLiteral {
  public init(stringLiteral name: StaticString) {
    self = name.withUTF8Buffer { Symbol(utf8: $0) }
  }
}

extension Symbol {
  /// `true` iff the name is a reserved word.
  var isKeyword: Bool { rawValue < 35 }

  // Names that are special in some places only.
  static let match = Symbol(rawValue: 35)
  static let `case` = Symbol(rawValue: 36)
  static let type = Symbol(rawValue: 37)
  static let underscore = Symbol(rawValue: 38)
  static let print = Symbol(rawValue: 39)

  fileprivate static let soft: [(Symbol, String)] = [
    (match, "match"), (`case`, "case"), (type, "type"), (underscore, "_"), (print, "print"),
  ]
}

/// The names of all symbols, and an open-addressing hash table from their bytes.
struct SymbolTable: Sendable {
  static let shared = Mutex(SymbolTable())

  private(set) var names: [String] = []
  private var hashes: [UInt32] = []
  /// One more than the symbol, or 0 where free; the size is a power of two, at most half full.
  private var slots = [UInt32](repeating: 0, count: 4096)

  init() {
    for keyword in TokenKind.keywords {
      var name = keyword.rawValue
      _ = name.withUTF8 { intern($0) }
    }
    for (symbol, name) in Symbol.soft {
      var name = name
      let interned = name.withUTF8 { intern($0) }
      precondition(interned == symbol.rawValue)
    }
  }

  mutating func intern(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var hash: UInt32 = 2_166_136_261
    for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    var slot = Int(hash) & (slots.count - 1)
    while slots[slot] != 0 {
      let candidate = Int(slots[slot] - 1)
      if hashes[candidate] == hash, spells(names[candidate], bytes) { return UInt32(candidate) }
      slot = (slot + 1) & (slots.count - 1)
    }
    let symbol = UInt32(names.count)
    names.append(String(decoding: bytes, as: UTF8.self))
    hashes.append(hash)
    slots[slot] = symbol + 1
    if names.count * 2 > slots.count { grow() }
    return symbol
  }

  private func spells(_ name: String, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let utf8 = name.utf8
    return utf8.count == bytes.count && utf8.elementsEqual(bytes)
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for (symbol, hash) in hashes.enumerated() {
      var slot = Int(hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(symbol) + 1
    }
  }
}
