import Support

extension Program {
  /// Lets launches of kernels that differ only in where they work share one kernel: straight-line
  /// code that repeats itself at other indices is compiled once.
  ///
  /// - Returns: by kernel that was, the one that takes its place.
  mutating func shareKernels() -> [KernelID] {
    if kernels.count < 2 { return Array(kernels.ids) }
    let rebased = kernels.elements.map { kernel in
      var (kernel, offsets) = kernel.rebased()
      kernel.name = ""
      return (kernel: kernel, offsets: offsets)
    }
    var sharers: [Kernel: [Int]] = [:]
    for (number, one) in rebased.enumerated() { sharers[one.kernel, default: []].append(number) }
    if sharers.count == kernels.count { return Array(kernels.ids) }

    // The first of each group stays, at the place that it has among those that stay.
    var kept = Arena<KernelTag, Kernel>()
    var known: [Kernel: KernelID] = [:]
    var replacements: [(id: KernelID, offsets: [Int]?)] = []
    for (number, one) in rebased.enumerated() {
      let isShared = sharers[one.kernel, default: []].count > 1
      if isShared, let id = known[one.kernel] {
        replacements.append((id, one.offsets))
        continue
      }
      var kernel = isShared ? one.kernel : kernels.elements[number]
      let name = kernels.elements[number].name
      kernel.name =
        name.lastIndex(of: "_").map { "\(name[..<$0])_\(kept.count)" } ?? name
      let id = kept.append(kernel)
      if isShared { known[one.kernel] = id }
      replacements.append((id, isShared ? one.offsets : nil))
    }
    kernels = kept
    for id in procedures.ids { procedures[id].replaceKernels(replacements, kernels) }
    return replacements.map(\.id)
  }

  /// Removes the kernels that nothing launches any more.
  ///
  /// - Returns: by kernel that was, what it is now.
  mutating func removeUnusedKernels() -> [KernelID?] {
    var used: Set<KernelID> = []
    func visit(_ steps: [Step]) {
      for step in steps {
        switch step {
        case .launch(let id, _): used.insert(id)
        case .library(let call):
          if case .sort(let sort) = call.routine, case .comparator(let id) = sort.order {
            used.insert(id)
          }
        case .loopWhile(let condition, _, let body): visit(condition + body)
        case .loop(_, let body): visit(body)
        case .branch(_, let cases): for body in cases { visit(body) }
        case .copy, .fill, .call, .host: break
        }
      }
    }
    for procedure in procedures.elements { visit(procedure.body) }
    if used.count == kernels.count { return Array(kernels.ids) }
    var kept = Arena<KernelTag, Kernel>()
    let places = kernels.ids.map { id -> KernelID? in
      if !used.contains(id) { return nil }
      var kernel = kernels[id]
      kernel.name =
        kernel.name.lastIndex(of: "_").map { "\(kernel.name[..<$0])_\(kept.count)" } ?? kernel.name
      return kept.append(kernel)
    }
    kernels = kept
    for id in procedures.ids {
      procedures[id].replaceKernels(places.map { ($0 ?? KernelID(0), nil) }, kernels)
    }
    return places
  }
}

extension Procedure {
  /// Launches other kernels, each of which finds its memories further on in the buffers.
  fileprivate mutating func replaceKernels(
    _ replacements: [(id: Program.KernelID, offsets: [Int]?)],
    _ kernels: Arena<Program.KernelTag, Kernel>
  ) {
    var views: [Buffer: BufferID] = [:]
    func view(_ buffer: BufferID, _ offset: Int, _ memory: Kernel.Memory) -> BufferID {
      if offset == 0 { return buffer }
      let view = Buffer(
        type: memory.type, shape: [memory.count],
        place: .view(buffer, offset: offset * memory.type.byteCount))
      if let known = views[view] { return known }
      let id = buffers.append(view)
      views[view] = id
      return id
    }
    body = body.mappingSteps { step in
      switch step {
      case .launch(let id, let buffers):
        let (new, offsets) = replacements[id.index]
        guard let offsets else { return [.launch(new, buffers: buffers)] }
        let memories = kernels[new].memories.elements
        return [
          .launch(
            new, buffers: buffers.indices.map { view(buffers[$0], offsets[$0], memories[$0]) })
        ]
      case .library(var call):
        if case .sort(var sort) = call.routine, case .comparator(let id) = sort.order {
          sort.order = .comparator(replacements[id.index].id)
          call.routine = .sort(sort)
        }
        return [.library(call)]
      case .copy, .fill, .call, .host, .loopWhile, .loop, .branch: return [step]
      }
    }
  }
}
