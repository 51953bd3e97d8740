import Support

/// NumPy's file format for one array, `.npy`: a magic number, a header that is a Python dictionary,
/// and the elements.
public enum Npy {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  // MARK: Writing

  /// The bytes of a file that holds `tensor`; keys are written as their words.
  public static func encode(_ tensor: HostTensor) -> [UInt8] {
    var shape = tensor.shape.dimensions
    if tensor.type == .key { shape.append(2) }
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header =
      "{'descr': '\(descriptor(tensor.type))', 'fortran_order': False, 'shape': (\(extents)), }"
    // The elements start at a multiple of 64 bytes.
    let prefix = magic.count + 4
    let unpadded = prefix + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = UInt16(header.utf8.count)
    return magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8)
      + Array(tensor.bytes)
  }

  /// The type in NumPy's notation. Types that NumPy does not have are opaque bytes to it.
  private static func descriptor(_ type: ElementType) -> String {
    switch type.kind {
    case .bool: "|b1"
    case .signed: type.byteCount == 1 ? "|i1" : "<i\(type.byteCount)"
    case .unsigned: type.byteCount == 1 ? "|u1" : "<u\(type.byteCount)"
    case .complex: "<c\(type.byteCount)"
    case .key: "<u4"
    case .float0: "|b1"
    case .float:
      switch type {
      case .f16, .f32, .f64: "<f\(type.byteCount)"
      case .bf16: "<V2"
      default: "|V1"
      }
    }
  }

  // MARK: Reading

  /// The array that the bytes of a file hold.
  ///
  /// - Throws: a diagnostic that says what is wrong with the file.
  public static func decode(_ bytes: [UInt8]) throws -> HostTensor {
    guard bytes.count >= 10, Array(bytes[..<6]) == magic else {
      throw malformed("it does not start with the magic number of .npy files")
    }
    let isLong = bytes[6] >= 2
    guard bytes[6] <= 3, bytes.count >= 12 else {
      throw malformed("its format version is \(bytes[6]).\(bytes[7])")
    }
    let length =
      Int(bytes[8]) | Int(bytes[9]) << 8
      | (isLong ? Int(bytes[10]) << 16 | Int(bytes[11]) << 24 : 0)
    let start = (isLong ? 12 : 10) + length
    guard start <= bytes.count else { throw malformed("its header is cut off") }
    let header = try parse(String(decoding: bytes[(start - length)..<start], as: UTF8.self))
    guard header.shape.allSatisfy({ $0 >= 0 }),
      let count = product(header.shape + [header.type.byteCount])
    else { throw malformed("its shape is impossible") }
    guard bytes.count - start >= count else {
      throw malformed("it holds \(bytes.count - start) bytes of elements instead of \(count)")
    }
    var elements = Array(bytes[start..<(start + count)])
    if header.isBigEndian { swapBytes(&elements, header.type) }
    if header.type == .bool { for i in elements.indices { elements[i] = elements[i] == 0 ? 0 : 1 } }
    let shape = header.isFortran ? header.shape.reversed() : header.shape
    let tensor = elements.withUnsafeBytes {
      HostTensor(type: header.type, shape: Shape(Array(shape)), bytes: $0)
    }
    return header.isFortran ? tensor.transposed(Array((0..<shape.count).reversed())) : tensor
  }

  private struct Header {
    var type = ElementType.f64
    var isBigEndian = false
    var isFortran = false
    var shape: [Int] = []
  }

  private static func malformed(_ what: String) -> Diagnostic {
    Diagnostic(.error, "malformed .npy file: \(what)")
  }

  private static func product(_ factors: [Int]) -> Int? {
    var product = 1
    for factor in factors {
      let (result, overflow) = product.multipliedReportingOverflow(by: factor)
      if overflow { return nil }
      product = result
    }
    return product
  }

  /// The header's three entries, in any order.
  private static func parse(_ text: String) throws -> Header {
    func value(of key: String) throws -> Substring {
      for quote in ["'", "\""] {
        if let range = find("\(quote)\(key)\(quote)", in: text) {
          let rest = text[range.upperBound...].drop { $0 == " " }
          if rest.first == ":" { return rest.dropFirst().drop { $0 == " " } }
        }
      }
      throw malformed("its header has no '\(key)'")
    }
    var header = Header()
    let descriptor = try value(of: "descr")
    guard let quote = descriptor.first, quote == "'" || quote == "\"" else {
      throw malformed("its elements are records")
    }
    let name = descriptor.dropFirst().prefix { $0 != quote }
    header.isBigEndian = name.hasPrefix(">")
    let plain = name.drop { "<>|=".contains($0) }
    if plain == "V2" {
      header.type = .bf16
    } else if plain == "V1" {
      // Of ml_dtypes: the bits of what NumPy has no type for.
      header.type = .u8
    } else if let type = ElementType(numpy: plain), !plain.hasPrefix("V") {
      header.type = type
    } else {
      throw malformed("its elements are of type '\(name)', which is not one of arrays")
    }
    let order = try value(of: "fortran_order")
    guard order.hasPrefix("True") || order.hasPrefix("False") else {
      throw malformed("its header's 'fortran_order' is neither True nor False")
    }
    header.isFortran = order.hasPrefix("True")
    let shape = try value(of: "shape")
    guard shape.first == "(", let end = shape.firstIndex(of: ")") else {
      throw malformed("its header's 'shape' is not a tuple")
    }
    for word in shape[..<end].dropFirst().split(whereSeparator: { $0 == "," || $0 == " " }) {
      guard let extent = Int(word.hasSuffix("L") ? word.dropLast() : word) else {
        throw malformed("its header's 'shape' holds '\(word)'")
      }
      header.shape.append(extent)
    }
    return header
  }

  private static func find(_ part: String, in text: String) -> Range<String.Index>? {
    var start = text.startIndex
    while start < text.endIndex {
      if text[start...].hasPrefix(part) {
        return start..<text.index(start, offsetBy: part.count)
      }
      start = text.index(after: start)
    }
    return nil
  }

  private static func swapBytes(_ bytes: inout [UInt8], _ type: ElementType) {
    let size = type.realPart.byteCount
    for start in stride(from: 0, to: bytes.count - size + 1, by: size) {
      bytes[start..<(start + size)].reverse()
    }
  }
}
