import Glibc

/// The memory of an array: a reference, because views, donation and deletion need identity.
///
/// Host memory is 64-byte aligned. A buffer is immutable once it is shared; only code that just
/// allocated it, or that a program donated it to, may write.
public final class Buffer: @unchecked Sendable {
  /// The first byte; valid until the last reference is gone.
  public let address: UnsafeMutableRawPointer
  public let byteCount: Int
  private let release: (@Sendable (UnsafeMutableRawPointer, Int) -> Void)?

  /// Allocates `byteCount` bytes of host memory; the contents are undefined. Ends the process with a
  /// message where there are not as many.
  public init(byteCount: Int) {
    self.byteCount = byteCount
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, 64, max(byteCount, 1)) == 0, let memory else {
      let message = Array("error: out of memory: cannot allocate \(byteCount) bytes\n".utf8)
      _ = write(STDERR_FILENO, message, message.count)
      exit(1)
    }
    address = memory
    release = nil
  }

  /// Adopts memory that `release` gives back.
  public init(
    adopting address: UnsafeMutableRawPointer, byteCount: Int,
    release: @escaping @Sendable (UnsafeMutableRawPointer, Int) -> Void
  ) {
    self.address = address
    self.byteCount = byteCount
    self.release = release
  }

  deinit {
    if let release { release(address, byteCount) } else { free(address) }
  }
}
