/// The name of the pass that runs now, as bytes that a signal handler may read; empty between passes.
public enum RunningPass {
  /// Bytes that end with a zero. Pipelines run on one thread.
  public nonisolated(unsafe) static let name: UnsafeMutablePointer<CChar> = {
    let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: capacity)
    bytes.initialize(repeating: 0, count: capacity)
    return bytes
  }()

  private static let capacity = 64

  static func enter(_ pass: String) {
    var position = 0
    for byte in pass.utf8.prefix(capacity - 1) {
      name[position] = CChar(bitPattern: byte)
      position += 1
    }
    name[position] = 0
  }

  static func leave() { name[0] = 0 }
}
