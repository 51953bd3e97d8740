/// The source files of a run, by the index that spans name them with.
///
/// A reference type: the loaders that add files and the renderer that shows them share it. It
/// belongs to one thread.
public final class SourceMap {
  public private(set) var files: [SourceFile] = []

  public init() {}

  /// Adds a file and returns its index.
  public func add(name: String, text: [UInt8]) -> UInt32 {
    files.append(SourceFile(name: name, text: text))
    return UInt32(files.count - 1)
  }

  /// Where `span` begins, or `nil` if no such file or byte is known.
  public func location(of span: Span) -> SourceLocation? {
    file(of: span)?.location(at: Int(span.start))
  }

  /// The text of `span`.
  public func text(of span: Span) -> String? {
    guard let file = file(of: span), span.start <= span.end, Int(span.end) <= file.text.count
    else { return nil }
    return String(decoding: file.text[Int(span.start)..<Int(span.end)], as: UTF8.self)
  }

  /// The file that `span` lies in.
  public func file(of span: Span) -> SourceFile? {
    let index = Int(span.file)
    return index < files.count ? files[index] : nil
  }
}

/// A place as people name it.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  public var file: String
  /// From 1.
  public var line: Int
  /// In characters (Unicode scalars), from 1.
  public var column: Int

  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  public var description: String { "\(file):\(line):\(column)" }
}

/// A source file, its name and its bytes.
public final class SourceFile {
  public let name: String
  public let text: [UInt8]
  /// The first byte of every line; computed when a place is asked for.
  private lazy var lineStarts: [Int] = {
    var starts = [0]
    for (index, byte) in text.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(index + 1)
    }
    return starts
  }()

  init(name: String, text: [UInt8]) {
    self.name = name
    self.text = text
  }

  /// What tells the text from others.
  public private(set) lazy var digest: String = {
    var hash = SHA256()
    hash.update(text)
    return hash.finalize()
  }()

  /// The line, from 1, that the byte at `offset` lies in.
  public func line(at offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// The place of the byte at `offset`; bytes behind the end are at the end.
  public func location(at offset: Int) -> SourceLocation {
    let offset = min(offset, text.count)
    let line = line(at: offset)
    let start = lineStarts[line - 1]
    return SourceLocation(file: name, line: line, column: scalars(start..<offset).count + 1)
  }

  /// The bytes of `line`, which counts from 1, without the end of the line.
  public func range(ofLine line: Int) -> Range<Int> {
    let start = lineStarts[line - 1]
    var end = line < lineStarts.count ? lineStarts[line] - 1 : text.count
    if end > start, text[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<max(start, end)
  }

  /// The text in `range`, with invalid bytes replaced.
  func scalars(_ range: Range<Int>) -> String.UnicodeScalarView {
    String(decoding: text[range], as: UTF8.self).unicodeScalars
  }
}
