/// The memory of an array: a reference, because views, donation and deletion need identity.
///
/// Host memory is 64-byte aligned. A buffer is immutable once it is shared; only code that just
/// allocated it, or that a program donated it to, may write.
public final class Buffer: @unchecked Sendable {
  /// The first byte; valid until the last reference is gone.
  public let address: UnsafeMutableRawPointer
  public let byteCount: Int
  private let release: (@Sendable (UnsafeMutableRawPointer, Int) -> Void)?

  /// Allocates `byteCount` bytes of host memory; the contents are undefined.
  public init(byteCount: Int) {
    self.byteCount = byteCount
    address = .allocate(byteCount: max(byteCount, 1), alignment: 64)
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
    if let release { release(address, byteCount) } else { address.deallocate() }
  }
}
