import Support
import Tensor

/// A matrix product on a GPU.
///
/// A block computes a *tile* of the result. It moves through the contracted axis in steps of `depth`,
/// brings what both operands have there to shared memory, and each of its threads computes `side` ×
/// `side` elements in registers. Where tiles are few and the contracted axis is long, that is cut
/// into *parts*, whose results are added up by a second kernel.
struct TiledProduct {
  let product: Routine.MatrixProduct
  let layout: ProductLayout
  /// The extent of a tile of the result, either way.
  let extent: Int
  let depth: Int
  let side: Int
  /// The parts of the contracted axis, and the size of each but the last.
  let parts: Int
  let partSize: Int

  /// The elements of a thread lie in groups of so many neighbours: one access to shared memory.
  private static let group = 4

  var threads: Int { extent / side * (extent / side) }
  private var down: Int { (product.rows + extent - 1) / extent }
  private var along: Int { (product.columns + extent - 1) / extent }
  /// Short floating-point types are summed in `f32`.
  private var wide: ElementType {
    product.type == .f16 || product.type == .bf16 ? .f32 : product.type
  }
  private var add: Kernel.BinaryOperation { product.type == .bool ? .or : .add }
  /// The elements of memory for the results of parts.
  var scratchCount: Int { parts == 1 ? 0 : parts * product.batch * product.rows * product.columns }
  var scratchType: ElementType { wide }

  init(_ product: Routine.MatrixProduct, _ layout: ProductLayout) {
    self.product = product
    self.layout = layout
    // Large tiles read less; they need that many registers, and enough work for all of the GPU.
    func tiles(_ extent: Int) -> Int {
      (product.rows + extent - 1) / extent * ((product.columns + extent - 1) / extent)
        * product.batch
    }
    let isLarge = product.type.byteCount <= 4 && !product.type.isComplex && tiles(128) >= 96
    extent = isLarge ? 128 : 64
    side = isLarge ? 8 : 4
    depth = isLarge ? 8 : 16
    let wanted = tiles(extent) >= 96 ? 1 : min(192 / max(tiles(extent), 1), product.inner / 512)
    let least = (product.inner + max(wanted, 1) - 1) / max(wanted, 1)
    partSize = (least + depth - 1) / depth * depth
    parts = wanted <= 1 ? 1 : (product.inner + partSize - 1) / partSize
  }

  /// The kernel of the memories `a`, `b`, and the result, or the results of parts.
  func kernel() -> Kernel {
    let writer = TileWriter(self, KernelBuilder(name: "product"))
    return writer.write()
  }

  /// The kernel of the results of parts and the result.
  func sumKernel() -> Kernel {
    let builder = KernelBuilder(name: "product_sum")
    let count = product.batch * product.rows * product.columns
    let source = builder.parameter(wide, count: parts * count, access: .read)
    let target = builder.parameter(product.type, count: layout.result.count, access: .write)
    builder.loop(from: builder.index(0), to: builder.index(count), kind: .parallelVector) {
      place in
      let sum = builder.loop(
        from: builder.index(1), to: builder.index(parts),
        carrying: [builder.load(source, at: place)]
      ) { part, sum in
        let other = builder.add(builder.multiply(part, by: count), place)
        return [builder.binary(add, sum[0], builder.load(source, at: other))]
      }
      let line = builder.divide(place, by: product.columns)
      let position = layout.result.place(
        builder, builder.divide(line, by: product.rows),
        builder.remainder(line, by: product.rows),
        builder.remainder(place, by: product.columns))
      builder.store(
        builder.convert(sum[0], to: product.type), to: target, at: position.place)
    }
    return builder.finish()
  }

  /// Writes the loops.
  private struct TileWriter {
    let plan: TiledProduct
    let builder: KernelBuilder
    let a: Kernel.MemoryID
    let b: Kernel.MemoryID
    let result: Kernel.MemoryID
    /// Parts of the operands, line after line of the contracted axis.
    let left: Kernel.MemoryID
    let right: Kernel.MemoryID
    /// What threads compute.
    let sums: Kernel.MemoryID

    var product: Routine.MatrixProduct { plan.product }
    /// Lines lie further apart than they are long, so that threads which write across them meet
    /// different banks.
    var pitch: Int { plan.extent + TiledProduct.group }
    var count: Int { plan.side * plan.side }

    init(_ plan: TiledProduct, _ builder: KernelBuilder) {
      self.plan = plan
      self.builder = builder
      let product = plan.product
      let matrix = product.rows * product.columns
      a = builder.parameter(product.type, count: plan.layout.left.count, access: .read)
      b = builder.parameter(product.type, count: plan.layout.right.count, access: .read)
      result =
        plan.parts > 1
        ? builder.parameter(
          plan.wide, count: plan.parts * product.batch * matrix, access: .write)
        : builder.parameter(product.type, count: plan.layout.result.count, access: .write)
      let pitch = plan.extent + TiledProduct.group
      left = builder.local(plan.wide, count: plan.depth * pitch)
      right = builder.local(plan.wide, count: plan.depth * pitch)
      sums = builder.local(plan.wide, count: plan.threads * plan.side * plan.side)
    }

    // MARK: Index arithmetic

    /// `x < limit`, unless that is known.
    func isBelow(_ x: Kernel.ValueID, _ limit: Int, unit: Int) -> Kernel.ValueID? {
      limit % unit == 0 ? nil : builder.compare(.less, x, builder.index(limit))
    }
    func both(_ x: Kernel.ValueID?, _ y: Kernel.ValueID?) -> Kernel.ValueID? {
      guard let x, let y else { return x ?? y }
      return builder.binary(.and, x, y)
    }
    func each(_ count: Int, _ body: (Kernel.ValueID) -> Void) {
      builder.loop(from: builder.index(0), to: builder.index(count), kind: .vector, body: body)
    }
    /// Where element `number` of thread `thread`, one of those along an axis, is on that axis.
    func place(_ thread: Kernel.ValueID, _ number: Int) -> Kernel.ValueID {
      let group = TiledProduct.group
      let first = number / group * (plan.extent / plan.side * group) + number % group
      return builder.add(builder.multiply(thread, by: group), first)
    }

    // MARK: Loops

    func write() -> Kernel {
      let (down, along) = (plan.down, plan.along)
      let blocks = product.batch * plan.parts * down * along
      builder.loop(from: builder.index(0), to: builder.index(blocks), kind: .parallel) { number in
        let column = builder.multiply(builder.remainder(number, by: along), by: plan.extent)
        let row = builder.multiply(
          builder.remainder(builder.divide(number, by: along), by: down), by: plan.extent)
        let line = builder.divide(number, by: along * down)
        let part = plan.parts == 1 ? builder.index(0) : builder.remainder(line, by: plan.parts)
        let matrix = product.batch == 1 ? builder.index(0) : builder.divide(line, by: plan.parts)
        let start = builder.multiply(part, by: plan.partSize)
        eachThread { thread in
          let zero = builder.constant(plan.wide, ScalarBits(0))
          for number in 0..<count { builder.store(zero, to: sums, at: sum(thread, number)) }
        }
        let steps = (min(plan.partSize, product.inner) + plan.depth - 1) / plan.depth
        builder.loop(from: builder.index(0), to: builder.index(steps)) { step in
          let first = builder.add(start, builder.multiply(step, by: plan.depth))
          fetch(
            a, plan.layout.left, to: left, matrix: matrix, from: row, extent: product.rows,
            depth: first)
          fetch(
            b, plan.layout.right, to: right, matrix: matrix, from: column,
            extent: product.columns, depth: first)
          eachThread(multiply)
        }
        eachThread { store($0, from: row, column, matrix: matrix, part: part) }
      }
      return builder.finish()
    }

    func eachThread(_ body: (Kernel.ValueID) -> Void) { each(plan.threads, body) }

    func sum(_ thread: Kernel.ValueID, _ number: Int) -> Kernel.ValueID {
      builder.add(builder.multiply(thread, by: count), number)
    }

    /// Brings a part of an operand to shared memory; zeros stand for what is outside.
    func fetch(
      _ memory: Kernel.MemoryID, _ operand: ProductLayout.Operand, to shared: Kernel.MemoryID,
      matrix: Kernel.ValueID, from first: Kernel.ValueID, extent: Int,
      depth start: Kernel.ValueID
    ) {
      let width = operand.isAlongDepth ? plan.depth : plan.extent
      each(plan.extent * plan.depth) { element in
        let (outer, inner) = (
          builder.divide(element, by: width), builder.remainder(element, by: width)
        )
        let (line, step) = operand.isAlongDepth ? (outer, inner) : (inner, outer)
        let (x, k) = (builder.add(first, line), builder.add(start, step))
        let (place, isElement) = operand.place(builder, matrix, x, k)
        // The last part may have less than the others.
        let unit = plan.parts == 1 ? plan.depth : plan.partSize
        let inside = both(
          both(isBelow(x, extent, unit: plan.extent), isBelow(k, product.inner, unit: unit)),
          isElement)
        func fetched() -> Kernel.ValueID {
          builder.convert(builder.load(memory, at: place), to: plan.wide)
        }
        let zero = builder.constant(plan.wide, ScalarBits(0))
        let value =
          inside.map { builder.branch($0, then: { [fetched()] }, otherwise: { [zero] })[0] }
          ?? fetched()
        builder.store(value, to: shared, at: builder.add(builder.multiply(step, by: pitch), line))
      }
    }

    /// Adds the products of what is in shared memory to the elements of a thread.
    func multiply(_ thread: Kernel.ValueID) {
      let across = plan.extent / plan.side
      let (x, y) = (builder.remainder(thread, by: across), builder.divide(thread, by: across))
      let next = builder.loop(
        from: builder.index(0), to: builder.index(plan.depth),
        carrying: (0..<count).map { builder.load(sums, at: sum(thread, $0)) }
      ) { k, sums in
        let line = builder.multiply(k, by: pitch)
        let rows = (0..<plan.side).map { builder.load(left, at: builder.add(line, place(y, $0))) }
        let columns = (0..<plan.side).map {
          builder.load(right, at: builder.add(line, place(x, $0)))
        }
        return sums.enumerated().map { number, sum in
          let factor = builder.multiply(rows[number / plan.side], columns[number % plan.side])
          return builder.binary(plan.add, sum, factor)
        }
      }
      for (number, value) in next.enumerated() {
        builder.store(value, to: sums, at: sum(thread, number))
      }
    }

    /// Writes the elements of a thread to the result.
    func store(
      _ thread: Kernel.ValueID, from row: Kernel.ValueID, _ column: Kernel.ValueID,
      matrix: Kernel.ValueID, part: Kernel.ValueID
    ) {
      func position(_ i: Kernel.ValueID, _ j: Kernel.ValueID) -> Kernel.ValueID {
        if plan.parts == 1 { return plan.layout.result.place(builder, matrix, i, j).place }
        let number = builder.add(builder.multiply(part, by: product.batch), matrix)
        return builder.add(
          builder.multiply(number, by: product.rows * product.columns),
          builder.add(builder.multiply(i, by: product.columns), j))
      }
      let across = plan.extent / plan.side
      let (x, y) = (builder.remainder(thread, by: across), builder.divide(thread, by: across))
      for number in 0..<count {
        let i = builder.add(row, place(y, number / plan.side))
        let j = builder.add(column, place(x, number % plan.side))
        let value = builder.convert(
          builder.load(sums, at: sum(thread, number)),
          to: plan.parts > 1 ? plan.wide : product.type)
        let inside = both(
          isBelow(i, product.rows, unit: plan.extent),
          isBelow(j, product.columns, unit: plan.extent))
        guard let inside else {
          builder.store(value, to: result, at: position(i, j))
          continue
        }
        builder.branch(inside) { builder.store(value, to: result, at: position(i, j)) }
      }
    }
  }
}

/// Where the elements of a product's operands and result lie in memory.
struct ProductLayout {
  struct Operand {
    /// The elements of the memory.
    var count: Int
    /// Is the contracted axis the one along which elements are neighbours?
    var isAlongDepth = false
    /// The place of an element: of a matrix, by its line and its step along the contracted axis (of
    /// the result: by row and column); and whether there is one, where not all are in memory.
    var place:
      (KernelBuilder, _ matrix: Kernel.ValueID, _ line: Kernel.ValueID, _ step: Kernel.ValueID) -> (
        place: Kernel.ValueID, isElement: Kernel.ValueID?
      )
  }

  var left: Operand
  var right: Operand
  var result: Operand

  /// Matrices one after the other.
  init(_ product: Routine.MatrixProduct) {
    func operand(
      _ lines: Int, _ depth: Int, stride: Int, isAlongDepth: Bool
    ) -> Operand {
      Operand(count: stride * (product.batch - 1) + lines * depth, isAlongDepth: isAlongDepth) {
        builder, matrix, line, step in
        let (outer, inner, width) = isAlongDepth ? (line, step, depth) : (step, line, lines)
        let within = builder.add(builder.multiply(outer, by: width), inner)
        return (builder.add(builder.multiply(matrix, by: stride), within), nil)
      }
    }
    left = operand(
      product.rows, product.inner, stride: product.strideA, isAlongDepth: !product.transposeA)
    right = operand(
      product.columns, product.inner, stride: product.strideB, isAlongDepth: product.transposeB)
    result = operand(
      product.rows, product.columns, stride: product.rows * product.columns, isAlongDepth: true)
  }

  /// A convolution is a product: its rows are the positions of the result, its columns the outputs,
  /// and it contracts the positions of the window and the features. Every group is a matrix.
  init(_ convolution: Routine.Convolution) {
    let c = convolution
    func coordinates(
      _ builder: KernelBuilder, _ number: Kernel.ValueID, _ extents: [Int]
    ) -> [Kernel.ValueID] {
      var rest = number
      var found: [Kernel.ValueID] = []
      for (axis, extent) in extents.enumerated().reversed() {
        let isFirst = axis == 0
        found.append(isFirst ? rest : builder.remainder(rest, by: extent))
        rest = builder.divide(rest, by: extent)
      }
      return found.reversed()
    }
    func sum(
      _ builder: KernelBuilder, _ coordinates: [Kernel.ValueID], _ strides: [Int]
    ) -> Kernel.ValueID {
      zip(coordinates, strides).reduce(builder.index(0)) { sum, term in
        builder.add(sum, builder.multiply(term.0, by: term.1))
      }
    }
    // Features are the inner part of the contracted axis where they are neighbours in the input.
    let featuresAreInner = c.inputStride[2] == 1
    let depthExtents = featuresAreInner ? c.window + [c.features] : [c.features] + c.window
    func depth(
      _ builder: KernelBuilder, _ step: Kernel.ValueID
    ) -> (feature: Kernel.ValueID, window: [Kernel.ValueID]) {
      let all = coordinates(builder, step, depthExtents)
      return featuresAreInner ? (all[3], Array(all.prefix(3))) : (all[0], Array(all.dropFirst()))
    }
    func extent(_ strides: [Int], _ extents: [Int], from start: Int = 0) -> Int {
      zip(strides, extents).reduce(start + 1) { $0 + max(0, $1.0) * ($1.1 - 1) }
    }
    let places = [c.batch] + c.resultExtent
    left = Operand(
      count: extent(c.inputStride, [c.groups, c.batch, c.features] + c.inputExtent),
      isAlongDepth: featuresAreInner
    ) { builder, group, line, step in
      let place = coordinates(builder, line, places)
      let (feature, window) = depth(builder, step)
      var isElement: Kernel.ValueID?
      func require(_ condition: Kernel.ValueID) {
        isElement = isElement.map { builder.binary(.and, $0, condition) } ?? condition
      }
      var own = [group, place[0], feature]
      for axis in 0..<3 {
        let dilation = c.inputDilation[axis]
        var position = builder.subtract(
          builder.add(
            builder.multiply(place[axis + 1], by: c.windowStride[axis]),
            builder.multiply(window[axis], by: c.windowDilation[axis])),
          builder.index(c.padding[axis]))
        let reach =
          (c.resultExtent[axis] - 1) * c.windowStride[axis]
          + (c.window[axis] - 1) * c.windowDilation[axis] - c.padding[axis]
        if c.padding[axis] > 0 {
          require(builder.compare(.greaterOrEqual, position, builder.index(0)))
        }
        if reach > (c.inputExtent[axis] - 1) * dilation {
          let end = (c.inputExtent[axis] - 1) * dilation + 1
          require(builder.compare(.less, position, builder.index(end)))
        }
        if dilation > 1 {
          let rest = builder.remainder(position, by: dilation)
          require(builder.compare(.equal, rest, builder.index(0)))
          position = builder.divide(position, by: dilation)
        }
        own.append(position)
      }
      return (sum(builder, own, c.inputStride), isElement)
    }
    right = Operand(
      count: extent(
        c.kernelStride, [c.groups, c.features, c.outputs] + c.window, from: c.kernelStart),
      isAlongDepth: c.kernelStride[2] != 1
    ) { builder, group, output, step in
      let (feature, window) = depth(builder, step)
      let place = sum(builder, [group, feature, output] + window, c.kernelStride)
      return (builder.add(place, c.kernelStart), nil)
    }
    result = Operand(
      count: extent(c.resultStride, [c.groups, c.batch, c.outputs] + c.resultExtent)
    ) { builder, group, line, output in
      let place = coordinates(builder, line, places)
      return (sum(builder, [group, place[0], output] + place.dropFirst(), c.resultStride), nil)
    }
  }
}

extension ProgramScheduler {
  /// A matrix product by kernels.
  func deviceProduct(
    _ product: Routine.MatrixProduct, _ buffers: [Procedure.BufferID]
  ) -> [Step] {
    deviceProduct(product, ProductLayout(product), named: "product", buffers)
  }

  /// A convolution by kernels.
  func deviceConvolution(
    _ convolution: Routine.Convolution, _ buffers: [Procedure.BufferID]
  ) -> [Step] {
    let product = Routine.MatrixProduct(
      type: convolution.type, batch: convolution.groups,
      rows: convolution.batch * convolution.resultExtent.reduce(1, *),
      columns: convolution.outputs,
      inner: convolution.features * convolution.window.reduce(1, *))
    return deviceProduct(product, ProductLayout(convolution), named: "convolution", buffers)
  }

  private func deviceProduct(
    _ product: Routine.MatrixProduct, _ layout: ProductLayout, named name: String,
    _ buffers: [Procedure.BufferID]
  ) -> [Step] {
    if product.batch * product.rows * product.columns == 0 { return [] }
    if product.inner == 0 { return [.fill(buffers[2], ScalarBits(0))] }
    let plan = TiledProduct(product, layout)
    let kernel = add(plan.kernel(), named: name)
    if plan.parts == 1 { return [.launch(kernel, buffers: buffers)] }
    var scratch = DeviceScratch(self)
    let partial = scratch.buffer(plan.scratchType, count: plan.scratchCount)
    return [
      .launch(kernel, buffers: [buffers[0], buffers[1], partial]),
      .launch(add(plan.sumKernel(), named: "\(name)_sum"), buffers: [partial, buffers[2]]),
    ]
  }
}
