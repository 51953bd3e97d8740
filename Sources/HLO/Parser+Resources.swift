import Glibc
import Support
import Tensor

// Arrays whose elements stand behind the module, by name:
//
//     %0 = stablehlo.constant dense_resource<weights> : tensor<2xf32>
//     {-# dialect_resources: { builtin: { weights: "0x040000000000803F00000040" } } #-}
extension Parser {
  struct Resources {
    /// Where the digits of each are.
    var digits: [String: Range<Int>] = [:]
    /// Behind them.
    var end: Int
  }

  /// `dense_resource<name> : tensor<…>`
  func denseResource() throws(Diagnostic) -> Constant {
    let start = at
    try expect("dense_resource")
    try expect("<")
    let name = try resourceName()
    try expect(">")
    try expect(":")
    guard let type = try type().tensor, type.isStatic else {
      throw error("expected a static tensor type")
    }
    if resources == nil { try findResources() }
    guard let digits = resources?.digits[name] else {
      throw error("there is no resource '\(name)'", at: start)
    }
    // The first four bytes say how the others are aligned.
    guard digits.count >= 8 else { throw error("malformed resource '\(name)'", at: start) }
    return try constant(of: type, digits: digits.dropFirst(8))
  }

  /// `{-# … #-}` if it is next.
  func skipResources() throws(Diagnostic) {
    guard next(is: "{-#") else { return }
    if resources == nil { try readResources() }
    at = resources?.end ?? at
  }

  private func readResources() throws(Diagnostic) {
    resources = Resources(end: at)
    try expect("{-#")
    try resourceEntries(until: "#-}")
    resources?.end = at
  }

  /// Reads the resources behind the place where the first of them is used.
  private func findResources() throws(Diagnostic) {
    let here = at
    defer { at = here }
    resources = Resources(end: end)
    while at < end {
      switch peek() {
      case UInt8(ascii: "{") where next(is: "{-#"): return try readResources()
      case 0x22: _ = try string()
      default: at += 1
      }
    }
  }

  /// `name: value, name: { … }` up to `close`; strings of digits are noted by their names.
  private func resourceEntries(until close: StaticString) throws(Diagnostic) {
    try nested { () throws(Diagnostic) in
      if eat(close) { return }
      repeat {
        let name = try resourceName()
        try expect(":")
        if eat("{") {
          try resourceEntries(until: "}")
        } else if next(is: "\"0x") {
          let first = at + 3
          guard let quote = memchr(bytes.baseAddress! + first, 0x22, end - first) else {
            throw error("the string does not end")
          }
          at = UnsafeRawPointer(quote) - UnsafeRawPointer(bytes.baseAddress!) + 1
          resources?.digits[name] = first..<at - 1
        } else {
          _ = try attribute()
        }
      } while eat(",")
      try expect(close)
    }
  }

  private func resourceName() throws(Diagnostic) -> String {
    peek() == UInt8(ascii: "\"") ? try string() : try expectWord("the name of a resource")
  }
}
