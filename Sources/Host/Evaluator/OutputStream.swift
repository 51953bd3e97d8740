import Glibc

/// A buffered stream of text to a file descriptor.
final class OutputStream {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  /// Every write goes to the descriptor at once.
  let isUnbuffered: Bool

  init(descriptor: Int32, isUnbuffered: Bool = false) {
    self.descriptor = descriptor
    self.isUnbuffered = isUnbuffered || isatty(descriptor) == 1
  }

  func write(_ text: String) {
    buffer.append(contentsOf: text.utf8)
    if isUnbuffered || buffer.count >= 1 << 16 { flush() }
  }

  func flush() {
    var start = 0
    while start < buffer.count {
      let written = buffer.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + start, $0.count - start)
      }
      if written < 0 && errno == EINTR { continue }
      if written <= 0 { break }
      start += written
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
