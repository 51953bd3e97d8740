/// A Python string: a sequence of Unicode code points, indexed in constant time.
public final class Str {
  let text: String
  /// Every code point is one byte of UTF-8.
  let isASCII: Bool
  /// The code points, once something has indexed a string that is not ASCII.
  private lazy var scalars: [Unicode.Scalar] = Array(text.unicodeScalars)
  private var cachedHash: Int?

  init(_ text: String) {
    self.text = text
    isASCII = text.utf8.allSatisfy { $0 < 0x80 }
  }

  init(_ scalars: some Sequence<Unicode.Scalar>) {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    text = String(view)
    isASCII = text.utf8.allSatisfy { $0 < 0x80 }
  }

  /// The number of code points.
  var count: Int { isASCII ? text.utf8.count : scalars.count }

  /// The code points.
  var points: [Unicode.Scalar] { isASCII ? text.utf8.map { Unicode.Scalar($0) } : scalars }

  /// The one-character string at `index`, which is in range.
  func character(at index: Int) -> Str {
    if isASCII {
      let utf8 = text.utf8
      return Str.ascii[Int(utf8[utf8.index(utf8.startIndex, offsetBy: index)])]
    }
    return Str(String(scalars[index]))
  }

  /// The code points from `lower` to `upper`, which are in range.
  func slice(_ lower: Int, _ upper: Int) -> Str {
    guard lower < upper else { return Str.empty }
    if isASCII {
      let utf8 = text.utf8
      let start = utf8.index(utf8.startIndex, offsetBy: lower)
      return Str(String(text[start..<utf8.index(start, offsetBy: upper - lower)]))
    }
    return Str(scalars[lower..<upper])
  }

  var hash: Int {
    if let cachedHash { return cachedHash }
    let hash = text.hashValue
    cachedHash = hash
    return hash
  }

  static func == (a: Str, b: Str) -> Bool {
    if a === b { return true }
    if a.isASCII && b.isASCII { return a.text == b.text }
    return a.text.utf8.elementsEqual(b.text.utf8)
  }

  /// Orders by code points.
  static func < (a: Str, b: Str) -> Bool {
    a.text.unicodeScalars.lexicographicallyPrecedes(b.text.unicodeScalars)
  }

  nonisolated(unsafe) static let empty = Str("")
  /// The strings of one ASCII character.
  nonisolated(unsafe) static let ascii = (0..<128).map { Str(String(Unicode.Scalar(UInt8($0)))) }
}

/// A Python `bytes`.
public final class Bytes {
  let elements: [UInt8]
  init(_ elements: [UInt8]) { self.elements = elements }
}
