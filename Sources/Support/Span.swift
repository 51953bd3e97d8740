/// A half-open range of bytes of one source file.
public struct Span: Hashable, Sendable {
  /// The file, as an index into the `SourceMap` that loaded it.
  public var file: UInt32
  /// The first byte.
  public var start: UInt32
  /// One past the last byte.
  public var end: UInt32

  public init(file: UInt32, start: UInt32, end: UInt32) {
    self.file = file
    self.start = start
    self.end = end
  }

  /// The smallest span that covers `self` and `other`, which lie in the same file.
  public func union(_ other: Span) -> Span {
    Span(file: file, start: min(start, other.start), end: max(end, other.end))
  }
}
