import Foundation
import Testing

@testable import Tensor

/// Printed arrays against what JAX and NumPy print.
@Suite struct PrintingTests {
  struct Case: Decodable {
    struct Options: Decodable {
      var precision: Int?
      var suppress: Bool?
      var floatmode: String?
      var sign: String?
      var linewidth: Int?
      var threshold: Int?
      var edgeitems: Int?
      var nanstr: String?
      var infstr: String?
    }
    var dtype: String
    var shape: [Int]
    var weak: Bool
    var data: String
    var options: Options
    var str: String
    var jax: String
    var numpy: String
  }

  @Test func arraysPrintAsInNumPy() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Cases/Tensor/printing.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
    #expect(cases.count > 500)
    for test in cases {
      let type = try #require(ElementType(numpy: test.dtype))
      let tensor = bytes(test.data, type).withUnsafeBytes {
        HostTensor(type: type, shape: Shape(test.shape), bytes: $0)
      }
      let options = printOptions(test.options)
      #expect(tensor.text(options) == test.str, "\(test.dtype) \(test.options)")
      #expect(tensor.jaxRepr(weakType: test.weak, options) == test.jax, "\(test.options)")
      #expect(tensor.numpyRepr(options) == test.numpy, "\(test.options)")
    }
  }

  private func printOptions(_ given: Case.Options) -> PrintOptions {
    var options = PrintOptions()
    if let value = given.precision { options.precision = value }
    if let value = given.suppress { options.suppress = value }
    if let value = given.floatmode.flatMap({ PrintOptions.FloatMode(rawValue: $0) }) {
      options.floatMode = value
    }
    if let value = given.sign.flatMap({ PrintOptions.Sign(rawValue: $0) }) { options.sign = value }
    if let value = given.linewidth { options.lineWidth = value }
    if let value = given.threshold { options.threshold = value }
    if let value = given.edgeitems { options.edgeItems = value }
    if let value = given.nanstr { options.nan = value }
    if let value = given.infstr { options.infinity = value }
    return options
  }

  private func bytes(_ hex: String, _ type: ElementType) -> [UInt8] {
    let digits = Array(hex.utf8)
    let unused = type.isSigned ? Int8(max(8 - type.bitWidth, 0)) : 0
    return stride(from: 0, to: digits.count, by: 2).map { i in
      let byte = UInt8(String(decoding: digits[i..<(i + 2)], as: UTF8.self), radix: 16) ?? 0
      return UInt8(bitPattern: (Int8(bitPattern: byte) << unused) >> unused)
    }
  }

  @Test func keysPrintTheirWords() {
    let keys = HostTensor([KeyData(high: 0, low: 7), KeyData(high: 1, low: 2)])
    #expect(keys.text() == "Array((2,), dtype=key<fry>) overlaying:\n[[0 7]\n [1 2]]")
  }
}
