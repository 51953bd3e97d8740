import Glibc
import Support
import Tensor

extension Parser {
  /// `dense<…> : tensor<…>`; kept as text where the elements are of type `index`.
  func denseAttribute() throws(Diagnostic) -> Attribute {
    skipSpace()
    let start = at
    at += 5
    _ = try skipDense()
    try expect(":")
    skipSpace()
    if next(is: "tensor<") {
      let typeStart = at
      at += 6
      let text = try balanced()
      if text.hasSuffix("index>") {
        return .opaque(String(decoding: bytes[start..<at], as: UTF8.self))
      }
      at = typeStart
    }
    at = start
    return .dense(try dense())
  }

  /// `dense<…> : tensor<…>`, or `dense_resource<…> : tensor<…>`
  func dense() throws(Diagnostic) -> Constant {
    if next(is: "dense_resource") { return try denseResource() }
    try expect("dense")
    let start = at
    let inside = try skipDense()
    try expect(":")
    guard let type = try type().tensor, type.isStatic else {
      throw error("expected a static tensor type")
    }
    let after = at
    at = inside.lowerBound
    let constant = try elements(of: type, end: inside.upperBound)
    skipSpace()
    if at != inside.upperBound { throw error("malformed elements") }
    _ = start
    at = after
    return constant
  }

  /// Passes `<…>` and returns the range inside.
  private func skipDense() throws(Diagnostic) -> Range<Int> {
    try expect("<")
    let start = at
    skipSpace()
    if at < end, bytes[at] == 0x22 {
      // A string of hexadecimal digits, possibly megabytes.
      at += 1
      guard let quote = memchr(bytes.baseAddress! + at, 0x22, end - at) else {
        throw error("the string does not end", at: start)
      }
      at = UnsafeRawPointer(quote) - UnsafeRawPointer(bytes.baseAddress!) + 1
      skipSpace()
    } else {
      guard let close = memchr(bytes.baseAddress! + at, Int32(UInt8(ascii: ">")), end - at) else {
        throw error("'>' is missing", at: start)
      }
      at = UnsafeRawPointer(close) - UnsafeRawPointer(bytes.baseAddress!)
    }
    let stop = at
    try expect(">")
    return start..<stop
  }

  private func elements(of type: TensorType, end stop: Int) throws(Diagnostic) -> Constant {
    let start = at
    let size = type.element.byteCount
    skipSpace()
    if at == stop {
      guard type.count == 0 else { throw error("\(type.count) elements expected", at: start) }
      return Constant(HostTensor.zeros(type.element, type.shape))
    }
    if bytes[at] == 0x22 { return try hexElements(of: type) }
    if bytes[at] != UInt8(ascii: "[") {
      let buffer = Buffer(byteCount: size)
      try element(type.element, into: buffer.address)
      return Constant(
        splat: HostTensor(type: type.element, shape: .scalar, buffer: buffer), shape: type.shape)
    }
    let count = type.count
    // Every element takes at least one character.
    guard count <= stop - start else { throw error("\(count) elements expected", at: start) }
    let buffer = Buffer(byteCount: count * size)
    var index = 0
    // The extents of the lists that are open, counted as they are read.
    var open: [Int] = []
    let dimensions = type.dimensions
    repeat {
      skipSpace()
      guard at < stop else { throw error("a list does not close", at: start) }
      if bytes[at] == UInt8(ascii: "[") {
        at += 1
        guard open.count < dimensions.count else { throw error("a list too many", at: at - 1) }
        open.append(0)
        skipSpace()
        if at < stop, bytes[at] != UInt8(ascii: "]") { continue }
      } else {
        guard open.count == dimensions.count, index < count else {
          throw error("an element does not fit the type \(type)")
        }
        try element(type.element, into: buffer.address + index * size)
        index += 1
        open[open.count - 1] += 1
      }
      // After an element or a list: a comma, or closing brackets.
      while true {
        skipSpace()
        guard at < stop else { throw error("a list does not close", at: start) }
        if bytes[at] == UInt8(ascii: ",") {
          at += 1
          break
        }
        guard bytes[at] == UInt8(ascii: "]") else { throw error("expected ',' or ']'") }
        at += 1
        guard let extent = open.popLast(), extent == dimensions[open.count] else {
          throw error("a list does not fit the type \(type)", at: at - 1)
        }
        if open.isEmpty { break }
        open[open.count - 1] += 1
      }
    } while !open.isEmpty
    guard index == count else { throw error("\(count) elements expected, got \(index)", at: start) }
    return Constant(HostTensor(type: type.element, shape: type.shape, buffer: buffer))
  }

  /// `"0x…"`: the bytes of all elements, or of the one that all equal.
  private func hexElements(of type: TensorType) throws(Diagnostic) -> Constant {
    let start = at
    at += 1
    guard next(is: "0x") else { throw error("expected '0x'", at: start) }
    at += 2
    let first = at
    guard let quote = memchr(bytes.baseAddress! + at, 0x22, end - at) else {
      throw error("the string does not end", at: start)
    }
    let stop = UnsafeRawPointer(quote) - UnsafeRawPointer(bytes.baseAddress!)
    at = stop + 1
    return try constant(of: type, digits: first..<stop)
  }

  /// The constant whose bytes, or those of the one element that all equal, are these digits.
  func constant(of type: TensorType, digits: Range<Int>) throws(Diagnostic) -> Constant {
    let first = digits.lowerBound
    let size = type.element.byteCount
    let length = digits.count / 2
    guard digits.count % 2 == 0, length == type.count * size || length == size else {
      throw error("\(length) bytes do not fit the type \(type)", at: first)
    }
    let buffer = Buffer(byteCount: length)
    let target = buffer.address.assumingMemoryBound(to: UInt8.self)
    for index in 0..<length {
      let (high, low) = (bytes[first + index * 2], bytes[first + index * 2 + 1])
      guard let high = hexDigit(high), let low = hexDigit(low) else {
        throw error("expected hexadecimal digits", at: first + index * 2)
      }
      target[index] = high << 4 | low
    }
    if length == type.count * size {
      return Constant(HostTensor(type: type.element, shape: type.shape, buffer: buffer))
    }
    return Constant(
      splat: HostTensor(type: type.element, shape: .scalar, buffer: buffer), shape: type.shape)
  }

  /// One element, written in its bytes.
  private func element(
    _ type: ElementType, into address: UnsafeMutableRawPointer
  ) throws(Diagnostic) {
    switch type.kind {
    case .complex:
      try expect("(")
      let part = type.realPart
      try element(part, into: address)
      try expect(",")
      try element(part, into: address + part.byteCount)
      try expect(")")
      return
    case .bool:
      if eatWord("true") { return address.storeBytes(of: 1, as: UInt8.self) }
      if eatWord("false") { return address.storeBytes(of: 0, as: UInt8.self) }
    case .signed, .unsigned, .float, .float0, .key: break
    }
    skipSpace()
    let start = at
    let (isFloat, isHex) = scanNumber()
    if at == start { throw error("expected an element of type \(type.stablehloName)") }
    var integer: UInt64 = 0
    let isNegative = bytes[start] == UInt8(ascii: "-")
    if isHex {
      for index in (start + (isNegative ? 3 : 2))..<at {
        integer = integer << 4 | UInt64(hexDigit(bytes[index]) ?? 0)
      }
    } else if type.kind != .float {
      if isFloat { throw error("expected an integer", at: start) }
      for index in (start + (isNegative ? 1 : 0))..<at {
        let (product, o1) = integer.multipliedReportingOverflow(by: 10)
        let (sum, o2) = product.addingReportingOverflow(UInt64(bytes[index] - 0x30))
        if o1 || o2 { throw error("the integer is too large", at: start) }
        integer = sum
      }
    }
    let width = UInt64(type == .bool ? 1 : type.bitWidth)
    let isWide = width < 64 && integer >> width != 0
    // Numbers without a sign may fill the bits of a signed type, as in MLIR.
    let isLow =
      isNegative && (type.kind == .unsigned || integer > 1 << (width - 1)) && type.kind != .float
    if isWide || isLow {
      throw error("the number does not fit the type \(type.stablehloName)", at: start)
    }
    if type.kind == .float {
      guard isHex else {
        let text = UnsafeRawPointer(bytes.baseAddress! + start).assumingMemoryBound(to: CChar.self)
        switch type {
        case .f32: address.storeBytes(of: strtof(text, nil), as: Float.self)
        case .f64: address.storeBytes(of: strtod(text, nil), as: Double.self)
        default: store(type.floatFormat?.encode(strtod(text, nil)) ?? 0, type, address)
        }
        return
      }
      store(integer, type, address)
      return
    }
    let signed = isNegative ? 0 &- integer : integer
    // Below 8 bits, host memory keeps the value, not the bits.
    if type.bitWidth < 8 && type.kind == .signed {
      let shift = UInt64(64 - type.bitWidth)
      store(UInt64(bitPattern: Int64(bitPattern: signed << shift) >> Int64(shift)), type, address)
    } else if type == .bool {
      store(signed == 0 ? 0 : 1, type, address)
    } else {
      store(type.bitWidth < 8 ? signed & (1 << UInt64(type.bitWidth) - 1) : signed, type, address)
    }
  }

  /// The low bytes of `bits`.
  private func store(_ bits: UInt64, _ type: ElementType, _ address: UnsafeMutableRawPointer) {
    switch type.byteCount {
    case 1: address.storeBytes(of: UInt8(truncatingIfNeeded: bits), as: UInt8.self)
    case 2: address.storeBytes(of: UInt16(truncatingIfNeeded: bits), as: UInt16.self)
    case 4: address.storeBytes(of: UInt32(truncatingIfNeeded: bits), as: UInt32.self)
    default: address.storeBytes(of: bits, as: UInt64.self)
    }
  }
}
