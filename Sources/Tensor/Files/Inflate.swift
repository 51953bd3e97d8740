import Support

/// Decompression of DEFLATE data (RFC 1951).
struct Inflate {
  private let input: ArraySlice<UInt8>
  private var position: Int
  private var bits: UInt32 = 0
  private var bitCount = 0
  private var output: [UInt8] = []

  /// The decompressed bytes; there may be at most `limit`.
  static func decompress(_ input: ArraySlice<UInt8>, limit: Int) throws -> [UInt8] {
    var inflate = Inflate(input: input, position: input.startIndex)
    try inflate.run(limit)
    return inflate.output
  }

  private init(input: ArraySlice<UInt8>, position: Int) {
    self.input = input
    self.position = position
  }

  private func malformed(_ what: String) -> Diagnostic {
    Diagnostic(.error, "malformed compressed data: \(what)")
  }

  private mutating func take(_ count: Int) throws -> Int {
    while bitCount < count {
      guard position < input.endIndex else { throw malformed("it is cut off") }
      bits |= UInt32(input[position]) << UInt32(bitCount)
      position += 1
      bitCount += 8
    }
    let value = bits & (1 << UInt32(count) - 1)
    bits >>= UInt32(count)
    bitCount -= count
    return Int(value)
  }

  private mutating func run(_ limit: Int) throws {
    var isLast = false
    while !isLast {
      isLast = try take(1) == 1
      switch try take(2) {
      case 0: try stored()
      case 1:
        let lengths = (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }
        try block(Huffman(lengths), Huffman([Int](repeating: 5, count: 30)), limit)
      case 2:
        let (literals, distances) = try dynamicCodes()
        try block(literals, distances, limit)
      default: throw malformed("a block has an unknown type")
      }
      if output.count > limit { throw malformed("it is longer than it says") }
    }
  }

  private mutating func stored() throws {
    bits = 0
    bitCount = 0
    let length = try take(16)
    guard try take(16) == length ^ 0xFFFF, position + length <= input.endIndex else {
      throw malformed("a stored block has a wrong length")
    }
    output += input[position..<(position + length)]
    position += length
  }

  /// A canonical Huffman code: how many codes have each length, and the symbols in their order.
  private struct Huffman {
    var counts = [Int](repeating: 0, count: 16)
    var symbols: [Int] = []

    init(_ lengths: [Int]) {
      for length in lengths { counts[length] += 1 }
      counts[0] = 0
      symbols = lengths.indices.filter { lengths[$0] > 0 }
        .sorted { (lengths[$0], $0) < (lengths[$1], $1) }
    }
  }

  private mutating func symbol(_ code: Huffman) throws -> Int {
    var (value, first, index) = (0, 0, 0)
    for length in 1..<16 {
      value |= try take(1)
      let count = code.counts[length]
      if value - count < first { return code.symbols[index + value - first] }
      index += count
      first = (first + count) << 1
      value <<= 1
    }
    throw malformed("a code is invalid")
  }

  private static let lengthBases = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
  ]
  private static let distanceBases = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
    3073, 4097, 6145, 8193, 12289, 16385, 24577,
  ]

  private mutating func block(_ literals: Huffman, _ distances: Huffman, _ limit: Int) throws {
    while true {
      let symbol = try symbol(literals)
      if symbol < 256 {
        output.append(UInt8(symbol))
      } else if symbol == 256 {
        return
      } else {
        let index = symbol - 257
        guard index < 29 else { throw malformed("a length is invalid") }
        let lengthBits = index < 8 || index == 28 ? 0 : (index - 4) / 4
        let length = Inflate.lengthBases[index] + (try take(lengthBits))
        let code = try self.symbol(distances)
        guard code < 30 else { throw malformed("a distance is invalid") }
        let distance = Inflate.distanceBases[code] + (try take(code < 2 ? 0 : code / 2 - 1))
        guard distance <= output.count else { throw malformed("a distance is too long") }
        for _ in 0..<length { output.append(output[output.count - distance]) }
      }
      if output.count > limit { throw malformed("it is longer than it says") }
    }
  }

  private mutating func dynamicCodes() throws -> (Huffman, Huffman) {
    let literalCount = try take(5) + 257
    let distanceCount = try take(5) + 1
    let codeCount = try take(4) + 4
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    var codeLengths = [Int](repeating: 0, count: 19)
    for i in 0..<codeCount { codeLengths[order[i]] = try take(3) }
    let code = Huffman(codeLengths)
    var lengths: [Int] = []
    while lengths.count < literalCount + distanceCount {
      let symbol = try symbol(code)
      switch symbol {
      case 16:
        guard let last = lengths.last else { throw malformed("a repetition has nothing to repeat") }
        lengths += [Int](repeating: last, count: 3 + (try take(2)))
      case 17: lengths += [Int](repeating: 0, count: 3 + (try take(3)))
      case 18: lengths += [Int](repeating: 0, count: 11 + (try take(7)))
      default: lengths.append(symbol)
      }
    }
    guard lengths.count == literalCount + distanceCount else {
      throw malformed("there are too many code lengths")
    }
    return (Huffman(Array(lengths[..<literalCount])), Huffman(Array(lengths[literalCount...])))
  }
}
