import Support
import Tensor

extension Constant {
  /// Reads `2x3xf32=ELEMENTS`, where the elements are written as in `dense<ELEMENTS>`: one number
  /// for all, or nested lists.
  public init(parsingInput text: String) throws {
    func wrong(_ message: String) -> Diagnostic {
      Diagnostic(
        .error, "'\(text)' is no array: \(message)",
        hint: "write, for example, '2x3xf32=1.5' or '2xi32=[1, 2]'")
    }
    guard let equals = text.firstIndex(of: "=") else { throw wrong("'=' is missing") }
    let (type, elements) = (text[..<equals], text[text.index(after: equals)...])
    var bytes = Array("dense<\(elements)> : tensor<\(type)>".utf8)
    bytes.append(0)
    do {
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
}
