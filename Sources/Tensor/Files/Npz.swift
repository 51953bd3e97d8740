import Support

/// NumPy's file format for several named arrays, `.npz`: a zip archive of `.npy` files.
public enum Npz {
  // MARK: Writing

  /// The bytes of an archive, whose members are not compressed.
  public static func encode(_ arrays: [(name: String, tensor: HostTensor)]) -> [UInt8] {
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for (name, tensor) in arrays {
      let content = Npy.encode(tensor)
      let fileName = Array("\(name).npy".utf8)
      let offset = bytes.count
      var fields: [UInt8] = []
      // Version, flags, method, time and date (1980-01-01), checksum, sizes, name, no extra field.
      append(20, 2, to: &fields)
      append(0, 2, to: &fields)
      append(0, 2, to: &fields)
      append(0, 2, to: &fields)
      append(0x21, 2, to: &fields)
      append(Int(checksum(content)), 4, to: &fields)
      append(content.count, 4, to: &fields)
      append(content.count, 4, to: &fields)
      append(fileName.count, 2, to: &fields)
      append(0, 2, to: &fields)
      append(0x0403_4B50, 4, to: &bytes)
      bytes += fields + fileName + content
      append(0x0201_4B50, 4, to: &directory)
      append(20, 2, to: &directory)
      directory += fields
      // No comment, first disk, no attributes.
      append(0, 2, to: &directory)
      append(0, 2, to: &directory)
      append(0, 2, to: &directory)
      append(0, 4, to: &directory)
      append(offset, 4, to: &directory)
      directory += fileName
    }
    let start = bytes.count
    bytes += directory
    append(0x0605_4B50, 4, to: &bytes)
    append(0, 4, to: &bytes)
    append(arrays.count, 2, to: &bytes)
    append(arrays.count, 2, to: &bytes)
    append(directory.count, 4, to: &bytes)
    append(start, 4, to: &bytes)
    append(0, 2, to: &bytes)
    return bytes
  }

  private static func append(_ value: Int, _ count: Int, to bytes: inout [UInt8]) {
    for i in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
  }

  // MARK: Reading

  /// The arrays of an archive, in its order, with their names.
  ///
  /// - Throws: a diagnostic that says what is wrong with the file.
  public static func decode(_ bytes: [UInt8]) throws -> [(name: String, tensor: HostTensor)] {
    func number(_ position: Int, _ count: Int) throws -> Int {
      guard position >= 0, position + count <= bytes.count else { throw malformed("it is cut off") }
      return (0..<count).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
    }
    // The end record is the last one, before a comment of at most 65535 bytes.
    var end = bytes.count - 22
    while try end >= 0 && number(end, 4) != 0x0605_4B50 { end -= 1 }
    guard end >= 0 else { throw malformed("it has no directory") }
    let count = try number(end + 10, 2)
    var entry = try number(end + 16, 4)
    var arrays: [(name: String, tensor: HostTensor)] = []
    for _ in 0..<count {
      guard try number(entry, 4) == 0x0201_4B50 else { throw malformed("its directory is damaged") }
      let method = try number(entry + 10, 2)
      let expected = try number(entry + 16, 4)
      var (packed, size, header) = (
        try number(entry + 20, 4), try number(entry + 24, 4), try number(entry + 42, 4)
      )
      let (nameLength, extraLength) = (try number(entry + 28, 2), try number(entry + 30, 2))
      guard entry + 46 + nameLength + extraLength <= bytes.count else {
        throw malformed("its directory is cut off")
      }
      let name = String(decoding: bytes[(entry + 46)..<(entry + 46 + nameLength)], as: UTF8.self)
      // Sizes that do not fit in 32 bits are in an extra field.
      var extra = entry + 46 + nameLength
      let extraEnd = extra + extraLength
      while extra + 4 <= extraEnd {
        let (tag, length) = (try number(extra, 2), try number(extra + 2, 2))
        if tag == 1 {
          var field = extra + 4
          if size == 0xFFFF_FFFF { (size, field) = (try number(field, 8), field + 8) }
          if packed == 0xFFFF_FFFF { (packed, field) = (try number(field, 8), field + 8) }
          if header == 0xFFFF_FFFF { header = try number(field, 8) }
        }
        extra += 4 + length
      }
      guard try number(header, 4) == 0x0403_4B50 else { throw malformed("'\(name)' is missing") }
      let start = header + 30 + (try number(header + 26, 2)) + (try number(header + 28, 2))
      guard packed >= 0, start <= bytes.count, packed <= bytes.count - start else {
        throw malformed("'\(name)' is cut off")
      }
      let content: [UInt8]
      switch method {
      case 0: content = Array(bytes[start..<(start + packed)])
      case 8: content = try Inflate.decompress(bytes[start..<(start + packed)], limit: size)
      default: throw malformed("'\(name)' is compressed by method \(method)")
      }
      guard content.count == size, Int(checksum(content)) == expected else {
        throw malformed("'\(name)' is damaged")
      }
      let plain = name.hasSuffix(".npy") ? String(name.dropLast(4)) : name
      arrays.append((plain, try Npy.decode(content)))
      entry = extraEnd + (try number(entry + 32, 2))
    }
    return arrays
  }

  private static func malformed(_ what: String) -> Diagnostic {
    Diagnostic(.error, "malformed .npz file: \(what)")
  }

  private static let checksums: [UInt32] = (0..<256).map { i in
    (0..<8).reduce(UInt32(i)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
    }
  }

  /// CRC-32.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    let table = checksums
    return ~bytes.reduce(~UInt32(0)) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
  }
}
