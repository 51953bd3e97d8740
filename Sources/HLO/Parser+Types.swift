import Support
import Tensor

extension Parser {
  func type() throws(Diagnostic) -> ValueType {
    skipSpace()
    let start = at
    if eatWord("tensor") { return .tensor(try tensorType()) }
    if eat("!stablehlo.token") { return .token }
    if eatWord("tuple") {
      return .tuple(
        try nested { () throws(Diagnostic) in
          try list("<", ">") { () throws(Diagnostic) in try type() }
        })
    }
    if eat("!") {
      let name = try expectWord("a type")
      guard let type = typeAliases[name] else {
        throw unsupported("the type !\(name)", at: error("", at: start).span)
      }
      return type
    }
    throw error("expected a type")
  }

  /// `<2x3xf32>`
  private func tensorType() throws(Diagnostic) -> TensorType {
    let start = at
    try expect("<")
    var dimensions: [Int] = []
    var count = 1
    while true {
      skipSpace()
      guard at < end else { throw error("expected a type") }
      if bytes[at] == UInt8(ascii: "?") {
        at += 1
        dimensions.append(TensorType.dynamic)
      } else if isDigit(bytes[at]) {
        let extent = try integer()
        dimensions.append(extent)
        let (product, overflow) = count.multipliedReportingOverflow(by: max(extent, 1))
        if overflow || product > 1 << 48 { throw error("the type is too large", at: start) }
        count = product
      } else {
        break
      }
      try expect("x")
    }
    let element = try elementType()
    skipSpace()
    if next(is: ",") {
      throw unsupported("an encoding of a tensor type", at: error("").span)
    }
    try expect(">")
    return TensorType(dimensions, element)
  }

  private func elementType() throws(Diagnostic) -> ElementType {
    skipSpace()
    let start = at
    if peek() == UInt8(ascii: "!") {
      throw unsupported("a quantised type", at: error("").span)
    }
    if eatWord("complex") {
      try expect("<")
      let part = try elementType()
      try expect(">")
      switch part {
      case .f32: return .c64
      case .f64: return .c128
      default: throw error("complex numbers have parts of f32 or f64", at: start)
      }
    }
    let name = try expectWord("an element type")
    guard let type = ElementType(stablehlo: name), type != .float0, type != .key else {
      throw error("unknown element type '\(name)'", at: start)
    }
    return type
  }

  /// `(types) -> types`
  func functionType() throws(Diagnostic) -> (operands: [ValueType], results: [ValueType]) {
    let operands = try list("(", ")") { () throws(Diagnostic) in try type() }
    try expect("->")
    return (operands, try resultTypes())
  }

  /// One type, or several in parentheses.
  func resultTypes() throws(Diagnostic) -> [ValueType] {
    if next(is: "(") { return try list("(", ")") { () throws(Diagnostic) in try type() } }
    return [try type()]
  }

  func typeList() throws(Diagnostic) -> [ValueType] {
    var types: [ValueType] = []
    repeat { types.append(try type()) } while eat(",")
    return types
  }

  /// Throws unless the operands have the types that the text states.
  func check(_ operands: [ValueID], are types: [ValueType], at place: Int) throws(Diagnostic) {
    guard operands.count == types.count else {
      throw error("\(operands.count) operands, but \(types.count) operand types", at: place)
    }
    for (operand, type) in zip(operands, types) where function.type(of: operand) != type {
      throw error(
        "an operand is \(function.type(of: operand)), the text says \(type)", at: place)
    }
  }
}
