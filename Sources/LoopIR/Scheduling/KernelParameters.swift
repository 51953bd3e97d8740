import Support

/// The parameters of a kernel under construction: a memory for each buffer that it is launched on.
struct KernelParameters {
  /// In the order of the memories.
  private(set) var buffers: [Procedure.BufferID] = []
  private var memories: [Procedure.BufferID: Kernel.MemoryID] = [:]

  /// Declares the memories of `reads`, then those of `writes`, of which `updates` are read, too.
  init(
    _ builder: KernelBuilder, _ procedure: Procedure, reads: [Procedure.BufferID],
    writes: [Procedure.BufferID], updates: [Procedure.BufferID] = []
  ) {
    for buffer in reads + writes where memories[buffer] == nil {
      let info = procedure.buffers[buffer]
      let isRead = reads.contains(buffer) || updates.contains(buffer)
      memories[buffer] = builder.parameter(
        info.type, count: info.shape.count,
        access: writes.contains(buffer) ? (isRead ? .readWrite : .write) : .read)
      buffers.append(buffer)
    }
  }

  /// - Requires: `buffer` is one of the parameters.
  subscript(buffer: Procedure.BufferID) -> Kernel.MemoryID {
    guard let memory = memories[buffer] else { preconditionFailure("no such parameter") }
    return memory
  }
}
