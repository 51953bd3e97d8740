import Glibc
import Support
import Tensor

extension Parser {
  /// `{a = 1, b}`
  func dictionary() throws(Diagnostic) -> [NamedAttribute] {
    var names: Set<String> = []
    return try nested { () throws(Diagnostic) in
      try list("{", "}") { () throws(Diagnostic) in
        skipSpace()
        let start = at
        let name =
          peek() == UInt8(ascii: "\"") ? try string() : try expectWord("an attribute's name")
        guard names.insert(name).inserted else {
          throw error("the attribute '\(name)' occurs more than once", at: start)
        }
        return NamedAttribute(name, eat("=") ? try attribute() : .unit)
      }
    }
  }

  /// `{…}` if it is next.
  func optionalDictionary() throws(Diagnostic) -> [NamedAttribute] {
    peek() == UInt8(ascii: "{") ? try dictionary() : []
  }

  func attribute() throws(Diagnostic) -> Attribute {
    skipSpace()
    let start = at
    switch peek() {
    case UInt8(ascii: "\""):
      let text = try string()
      if eat(":") { _ = try typeText() }
      return .string(text)
    case UInt8(ascii: "["):
      return .array(
        try nested { () throws(Diagnostic) in
          try list("[", "]") { () throws(Diagnostic) in try attribute() }
        })
    case UInt8(ascii: "{"): return .dictionary(try dictionary())
    case UInt8(ascii: "@"):
      let name = try symbol()
      guard next(is: "::") else { return .symbol(name) }
      while eat("::") { _ = try symbol() }
      return .opaque(String(decoding: bytes[start..<at], as: UTF8.self))
    case UInt8(ascii: "#"):
      at += 1
      let name = try expectWord("an attribute")
      if let alias = attributeAliases[name] { return alias }
      if at < end, bytes[at] == UInt8(ascii: "<") {
        let inside = at
        _ = try balanced()
        try checkFields(of: name, from: inside)
      } else if !name.contains(".") {
        throw error("undefined attribute alias #\(name)", at: start)
      }
      return .opaque(String(decoding: bytes[start..<at], as: UTF8.self))
    case UInt8(ascii: "-"), 0x30...0x39: return try number()
    case UInt8(ascii: "!"), UInt8(ascii: "("): return try typeAttribute()
    default: break
    }
    if next(is: "dense<") { return try denseAttribute() }
    if next(is: "dense_resource<") { return .dense(try denseResource()) }
    if next(is: "tensor<") || next(is: "tuple<") { return try typeAttribute() }
    guard let word = word() else { throw error("expected an attribute") }
    switch word {
    case "unit": return .unit
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "array": return try denseArray()
    case "loc":
      at = start
      try skipLocation()
      return .opaque(String(decoding: bytes[start..<at], as: UTF8.self))
    default:
      if at < end, bytes[at] == UInt8(ascii: "<") { _ = try balanced() }
      return .opaque(String(decoding: bytes[start..<at], as: UTF8.self))
    }
  }

  private static let fieldNames: [String: Set<String>] = [
    "stablehlo.gather": [
      "offset_dims", "collapsed_slice_dims", "operand_batching_dims",
      "start_indices_batching_dims", "start_index_map", "index_vector_dim",
    ],
    "stablehlo.scatter": [
      "update_window_dims", "inserted_window_dims", "input_batching_dims",
      "scatter_indices_batching_dims", "scatter_dims_to_operand_dims", "index_vector_dim",
    ],
    "stablehlo.dot": [
      "lhs_batching_dimensions", "rhs_batching_dimensions", "lhs_contracting_dimensions",
      "rhs_contracting_dimensions",
    ],
  ]

  /// Throws unless what is inside of `#name<…>` is what StableHLO has there; other attributes are
  /// kept as they are.
  private func checkFields(of name: String, from inside: Int) throws(Diagnostic) {
    let stop = at
    defer { at = stop }
    at = inside
    if name == "stablehlo.conv" {
      try expect("<")
      _ = try convolutionNumbers()
      try expect(">")
    } else if let known = Parser.fieldNames[name] {
      for field in try fields() where !known.contains(field.name) {
        throw error("unknown field '\(field.name)'", at: inside)
      }
    }
  }

  /// A type, kept as text where it is none of a value.
  private func typeAttribute() throws(Diagnostic) -> Attribute {
    let start = at
    if peek() != UInt8(ascii: "(") { return .type(try type()) }
    _ = try functionType()
    return .opaque(String(decoding: bytes[start..<at], as: UTF8.self))
  }

  /// The text of a type of any dialect.
  private func typeText() throws(Diagnostic) -> String {
    skipSpace()
    let start = at
    if at < end, bytes[at] == UInt8(ascii: "!") { at += 1 }
    _ = try expectWord("a type")
    if at < end, bytes[at] == UInt8(ascii: "<") { _ = try balanced() }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  /// `1 : i32`, `2.5 : f32`, `0x7FC00000 : f32`
  private func number() throws(Diagnostic) -> Attribute {
    let start = at
    let (isFloat, isHex) = scanNumber()
    let stop = at
    let type = eat(":") ? try typeText() : isFloat ? "f64" : "i64"
    let text = String(decoding: bytes[start..<stop], as: UTF8.self)
    if let element = ElementType(stablehlo: type), element.floatFormat != nil {
      if isHex {
        guard let bits = UInt64(text.dropFirst(2), radix: 16) else {
          throw error("malformed number", at: start)
        }
        return .float(element.value(ofBits: bits) ?? 0, type: type)
      }
      guard let value = Double(text) else { throw error("malformed number", at: start) }
      return .float(element == .f32 ? Double(Float(text) ?? Float(value)) : value, type: type)
    }
    let integer =
      isHex
      ? UInt64(text.dropFirst(2), radix: 16).map { Int(bitPattern: UInt($0)) }
      : Int(text) ?? UInt64(text).map { Int(bitPattern: UInt($0)) }
    guard !isFloat, let integer else { throw error("malformed number", at: start) }
    return .integer(integer, type: type)
  }

  /// Passes the digits, point and exponent of a number.
  func scanNumber() -> (isFloat: Bool, isHex: Bool) {
    skipSpace()
    if at < end, bytes[at] == UInt8(ascii: "-") { at += 1 }
    if at + 1 < end, bytes[at] == 0x30, bytes[at + 1] == UInt8(ascii: "x") {
      at += 2
      while at < end, hexDigit(bytes[at]) != nil { at += 1 }
      return (false, true)
    }
    var isFloat = false
    while at < end {
      switch bytes[at] {
      case 0x30...0x39: at += 1
      case UInt8(ascii: "."):
        isFloat = true
        at += 1
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        isFloat = true
        at += 1
        if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
      default: return (isFloat, false)
      }
    }
    return (isFloat, false)
  }

  /// `<i64: 1, 2>` after `array`
  private func denseArray() throws(Diagnostic) -> Attribute {
    let start = at
    try expect("<")
    let type = try expectWord("an element type")
    var values: [Int] = []
    if eat(":") {
      repeat {
        if type == "i1" {
          values.append(try bool() ? 1 : 0)
        } else if type.hasPrefix("f") || type.hasPrefix("bf") {
          at = start
          return .opaque("array" + (try balanced()))
        } else {
          values.append(try integer())
        }
      } while eat(",")
    }
    try expect(">")
    return .integers(values, type: type)
  }
}
