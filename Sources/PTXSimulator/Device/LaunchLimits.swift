import Support

/// What a card of architecture sm_90 accepts.
enum LaunchLimits {
  static let threadsPerBlock = 1024
  static let block = (1024, 1024, 64)
  static let grid = (Int(Int32.max), 65535, 65535)
  /// Static and dynamic shared memory together.
  static let sharedByteCount = 227 << 10

  static func checkCooperative(_ kernel: Kernel, blocks: Int) throws(Diagnostic) {
    guard blocks <= PTXDevice.residentBlocks else {
      throw Diagnostic(
        .error,
        "cannot launch '\(kernel.name)': \(blocks) blocks do not run at the same time; "
          + "\(PTXDevice.residentBlocks) are the limit", at: kernel.span)
    }
  }

  static func check(
    _ kernel: Kernel, _ grid: (Int, Int, Int), _ block: (Int, Int, Int), _ dynamicShared: Int,
    _ parameterByteCount: Int
  ) throws(Diagnostic) {
    func invalid(_ message: String) -> Diagnostic {
      Diagnostic(.error, "cannot launch '\(kernel.name)': \(message)", at: kernel.span)
    }
    func text(_ extents: (Int, Int, Int)) -> String {
      "\(extents.0) x \(extents.1) x \(extents.2)"
    }
    func isInside(_ extents: (Int, Int, Int), _ limits: (Int, Int, Int)) -> Bool {
      1...limits.0 ~= extents.0 && 1...limits.1 ~= extents.1 && 1...limits.2 ~= extents.2
    }
    guard isInside(grid, LaunchLimits.grid) else {
      throw invalid("a grid of \(text(grid)) blocks; 1 to \(text(LaunchLimits.grid)) are possible")
    }
    guard isInside(block, LaunchLimits.block) else {
      throw invalid(
        "a block of \(text(block)) threads; 1 to \(text(LaunchLimits.block)) are possible")
    }
    let threads = block.0 * block.1 * block.2
    guard threads <= threadsPerBlock else {
      throw invalid("a block of \(threads) threads; \(threadsPerBlock) are the limit")
    }
    if let required = kernel.requiredThreads, required != block {
      throw invalid("a block of \(text(block)) threads; the kernel requires \(text(required))")
    }
    if let maximum = kernel.maximumThreads, threads > maximum.0 * maximum.1 * maximum.2 {
      throw invalid("a block of \(threads) threads; the kernel allows \(text(maximum))")
    }
    guard dynamicShared >= 0, kernel.sharedByteCount + dynamicShared <= sharedByteCount else {
      throw invalid(
        "\(kernel.sharedByteCount) + \(dynamicShared) bytes of shared memory; "
          + "\(sharedByteCount) are the limit")
    }
    guard parameterByteCount == kernel.parameterByteCount else {
      throw invalid(
        "\(parameterByteCount) bytes of parameters; the kernel has \(kernel.parameterByteCount)")
    }
  }
}
