import Testing

@testable import Tensor

/// Promotion and conversion against what JAX does.
@Suite struct ElementTypeTests {
  @Test func everyPairPromotesAsInJAX() throws {
    let lines = try cases("promotion.txt")
    #expect(lines.count == 35 * 35)
    for line in lines {
      let types = try line.map { try dtype($0) }
      let operands = types[..<2].compactMap { $0 }
      #expect(Promotion.resultType(operands, x64: false) == types[2], "\(line)")
      #expect(Promotion.resultType(operands, x64: true) == types[3], "\(line)")
      #expect(Promotion.resultType(operands, x64: true, strict: true) == types[4], "\(line)")
    }
  }

  private func dtype(_ name: Substring) throws -> DType? {
    if name == "-" { return nil }
    let isWeak = name.hasSuffix("*")
    let type = try #require(ElementType(numpy: isWeak ? name.dropLast() : name))
    return DType(type, isWeak: isWeak)
  }

  @Test func everyPairConvertsAsInJAX() throws {
    let lines = try cases("conversion.txt")
    #expect(lines.count == 27 * 27)
    for line in lines {
      let source = try #require(ElementType(numpy: line[0]))
      let target = try #require(ElementType(numpy: line[1]))
      for pair in line[2...] {
        let sides = pair.split(separator: "=").map { bytes($0) }
        let operand = tensor(source, sides[0])
        let (actual, expected) = (operand.converted(to: target), tensor(target, sides[1]))
        #expect(
          actual.isIdentical(to: expected) || bothNaN(actual, expected),
          "\(source) -> \(target): \(pair), got \(Array(actual.bytes))")
      }
    }
  }

  /// `true` iff all parts that differ are NaN in both.
  private func bothNaN(_ a: HostTensor, _ b: HostTensor) -> Bool {
    guard case .float(let x) = a[0], case .float(let y) = b[0] else {
      guard case .complex(let x) = a[0], case .complex(let y) = b[0] else { return false }
      return x.real.isNaN && y.real.isNaN && x.imaginary == y.imaginary
    }
    return x.isNaN && y.isNaN
  }

  private func tensor(_ type: ElementType, _ bytes: [UInt8]) -> HostTensor {
    // NumPy leaves the unused bits of narrow integers clear; we extend the sign.
    let unused = type.isSigned ? Int8(max(8 - type.bitWidth, 0)) : 0
    let extended = bytes.map { UInt8(bitPattern: (Int8(bitPattern: $0) << unused) >> unused) }
    return extended.withUnsafeBytes { HostTensor(type: type, shape: .scalar, bytes: $0) }
  }

  private func bytes(_ hex: Substring) -> [UInt8] {
    var bytes: [UInt8] = []
    var digits = hex[...]
    while !digits.isEmpty {
      bytes.append(UInt8(digits.prefix(2), radix: 16) ?? 0)
      digits = digits.dropFirst(2)
    }
    return bytes
  }

  @Test func namesRoundTrip() {
    for type in ElementType.allCases {
      #expect(ElementType(numpy: type.numpyName) == type)
      #expect(ElementType(jaxpr: type.jaxprName) == type)
      if type != .float0 && type != .key {
        #expect(ElementType(stablehlo: type.stablehloName) == type)
      }
    }
  }
}
