import Support
import Tensor

extension Parser {
  func type() throws(Diagnostic) -> ValueType {
    skipSpace()
    let start = at
    if eatWord("tensor") { return .tensor(try tensorType()) }
    if eat("!stablehlo.token") { return .token }
    if eat("!stablehlo.future") {
      return .future(
        try nested { () throws(Diagnostic) in
          try list("<", ">") { () throws(Diagnostic) in try type() }
        })
    }
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
    if peek() == UInt8(ascii: "!") {
      let quantization = try quantizationOrAlias(rank: dimensions.count)
      try expect(">")
      return TensorType(
        Shape(dimensions), quantization.storage, note: .quantization(quantization))
    }
    if eatWord("index") {
      try expect(">")
      return TensorType(Shape(dimensions), .i64, note: .index)
    }
    let element = try elementType()
    let bounds = eat(",") ? try bounds(of: dimensions) : nil
    try expect(">")
    return TensorType(Shape(dimensions), element, note: bounds.map { .bounds($0) })
  }

  /// `#stablehlo.bounds<8, ?>`, or the older `#stablehlo.type_extensions<bounds = [8, -1]>`
  private func bounds(of dimensions: [Int]) throws(Diagnostic) -> [Int?] {
    skipSpace()
    let start = at
    var bounds: [Int?]
    if eat("#stablehlo.bounds") {
      bounds = try list("<", ">") { () throws(Diagnostic) in eat("?") ? nil : try integer() }
    } else if eat("#stablehlo.type_extensions<") {
      try expect("bounds")
      try expect("=")
      bounds = try list("[", "]") { () throws(Diagnostic) in
        if eat("?") { return nil }
        let bound = try integer()
        return bound < 0 ? nil : bound
      }
      try expect(">")
    } else {
      throw unsupported("an encoding of a tensor type", at: error("").span)
    }
    let fits =
      bounds.count == dimensions.count
      && zip(bounds, dimensions).allSatisfy { $0 == nil || $1 == TensorType.dynamic && $0! >= 0 }
    if !fits { throw error("bounds are for the dimensions that are dynamic", at: start) }
    return bounds
  }

  /// `!quant.uniform<…>`, or the name that it has in the text.
  private func quantizationOrAlias(rank: Int) throws(Diagnostic) -> Quantization {
    let start = at
    at += 1
    guard let name = word(), let place = quantizationAliases[name] else {
      at = start
      return try quantization(rank: rank)
    }
    let behind = at
    at = place
    let quantization = try quantization(rank: rank)
    at = behind
    return quantization
  }

  /// `!quant.uniform<i8<-127:127>:f32:1, {0.1:-30,0.5}>`
  private func quantization(rank: Int) throws(Diagnostic) -> Quantization {
    let start = at
    guard eat("!quant.uniform") else {
      throw unsupported("a type of elements that is none of StableHLO's", at: error("").span)
    }
    try expect("<")
    let name = try expectWord("a storage type")
    let spelling = name.hasPrefix("u") && !name.hasPrefix("ui") ? "ui" + name.dropFirst() : name
    guard let storage = ElementType(stablehlo: spelling), storage.isInteger, storage.bitWidth <= 32
    else { throw error("'\(name)' stores no quantised numbers", at: start) }
    func violation(_ label: String, _ message: String, at place: Int) -> Diagnostic {
      error("quantized_element_type.\(label): \(message)", at: place)
    }
    var range = Quantization.range(of: storage)
    if eat("<") {
      let low = try integer()
      try expect(":")
      let high = try integer()
      guard range.contains(low), range.contains(high), low < high else {
        throw violation("C3", "\(low):\(high) is no range of \(storage.stablehloName)", at: start)
      }
      range = low...high
      try expect(">")
    }
    try expect(":")
    let expressed = try elementType()
    guard expressed.isFloat else { throw error("quantised numbers are real", at: start) }
    let axis = eat(":") ? try integer() : nil
    if let axis {
      if axis < 0 { throw violation("C11", "the axis is \(axis)", at: start) }
      // A constraint of the type of the array.
      if axis >= rank {
        throw error("quantized_tensor_type.C12: there is no axis \(axis)", at: start)
      }
    }
    try expect(",")
    func parameter() throws(Diagnostic) -> (scale: Double, zeroPoint: Int) {
      skipSpace()
      let number = at
      _ = scanNumber()
      guard let scale = Double(String(decoding: bytes[number..<at], as: UTF8.self)) else {
        throw error("expected a scale", at: number)
      }
      if scale <= 0 { throw violation("C5", "the scale \(scale) is not positive", at: number) }
      if let format = expressed.floatFormat,
        !(scale <= format.largest && scale >= format.smallestNormal)
      {
        throw violation(
          "C6", "the scale \(scale) is out of the range of \(expressed.stablehloName)", at: number)
      }
      let zeroPoint = eat(":") ? try integer() : 0
      guard range.contains(zeroPoint) else {
        throw violation("C7", "the zero point \(zeroPoint) is out of range", at: number)
      }
      return (scale, zeroPoint)
    }
    let parameters =
      axis == nil
      ? [try parameter()] : try list("{", "}") { () throws(Diagnostic) in try parameter() }
    if parameters.isEmpty { throw error("a quantised type has a scale", at: start) }
    try expect(">")
    return Quantization(
      storage: storage, range: range, expressed: expressed, axis: axis,
      scales: parameters.map(\.scale), zeroPoints: parameters.map(\.zeroPoint))
  }

  private func elementType() throws(Diagnostic) -> ElementType {
    skipSpace()
    let start = at
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
