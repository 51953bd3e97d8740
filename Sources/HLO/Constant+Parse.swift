import Support
import Tensor

extension Constant {
  /// Reads `2x3xf32=ELEMENTS`, where the elements are written as in `dense<ELEMENTS>`: one number
  /// for all, or nested lists. `nan`, `inf` and `-inf` are numbers, too, which MLIR has in bits only.
  public init(parsingInput text: String) throws {
    func wrong(_ message: String) -> Diagnostic {
      Diagnostic(
        .error, "'\(text)' is no array: \(message)",
        hint: "write, for example, '2x3xf32=1.5' or '2xi32=[1, 2]'")
    }
    guard let equals = text.firstIndex(of: "=") else { throw wrong("'=' is missing") }
    let (type, elements) = (text[..<equals], text[text.index(after: equals)...])
    do {
      var bytes = Array("dense<\(try Self.withBits(elements, of: type))> : tensor<\(type)>".utf8)
      bytes.append(0)
      self = try bytes.withUnsafeBufferPointer { buffer in
        let parser = Parser(buffer, from: 0, to: buffer.count - 1, file: 0)
        let constant = try parser.dense()
        guard parser.peek() == 0 else { throw parser.error("the end expected") }
        return constant
      }
    } catch let diagnostic as Diagnostic {
      throw wrong(diagnostic.message)
    }
  }

  /// `elements` with the bits of what is no finite number.
  private static func withBits(
    _ elements: Substring, of type: Substring
  ) throws(Diagnostic) -> String {
    let name = String(type.split(separator: "x").last ?? "")
    guard let element = ElementType(stablehlo: name) else { return String(elements) }
    var text = String(elements)
    for (word, value) in [("nan", Double.nan), ("-inf", -.infinity), ("inf", .infinity)]
    where text.contains(word) {
      guard let bits = element.bits(of: value), let kept = element.value(ofBits: bits),
        kept == value || kept.isNaN && value.isNaN
      else { throw Diagnostic(.error, "\(name) has no \(word)") }
      text = text.replacing(word, with: "0x" + String(bits, radix: 16))
    }
    return text
  }
}
