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

  init(_ product: Routine.MatrixProduct) {
    self.product = product
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
    let target = builder.parameter(product.type, count: count, access: .write)
    builder.loop(from: builder.index(0), to: builder.index(count), kind: .parallelVector) {
      place in
      let sum = builder.loop(
        from: builder.index(1), to: builder.index(parts),
        carrying: [builder.load(source, at: place)]
      ) { part, sum in
        let other = builder.add(builder.multiply(part, builder.index(count)), place)
        return [builder.binary(add, sum[0], builder.load(source, at: other))]
      }
      builder.store(builder.convert(sum[0], to: product.type), to: target, at: place)
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
      a = builder.parameter(
        product.type, count: product.strideA * (product.batch - 1) + product.rows * product.inner,
        access: .read)
      b = builder.parameter(
        product.type,
        count: product.strideB * (product.batch - 1) + product.inner * product.columns,
        access: .read)
      result = builder.parameter(
        plan.parts > 1 ? plan.wide : product.type, count: plan.parts * product.batch * matrix,
        access: .write)
      let pitch = plan.extent + TiledProduct.group
      left = builder.local(plan.wide, count: plan.depth * pitch)
      right = builder.local(plan.wide, count: plan.depth * pitch)
      sums = builder.local(plan.wide, count: plan.threads * plan.side * plan.side)
    }

    // MARK: Index arithmetic

    func index(_ value: Int) -> Kernel.ValueID { builder.index(value) }
    func times(_ x: Kernel.ValueID, _ factor: Int) -> Kernel.ValueID {
      builder.multiply(x, index(factor))
    }
    func quotient(_ x: Kernel.ValueID, _ divisor: Int) -> Kernel.ValueID {
      builder.binary(.divide, x, index(divisor))
    }
    func rest(_ x: Kernel.ValueID, _ divisor: Int) -> Kernel.ValueID {
      builder.binary(.remainder, x, index(divisor))
    }
    /// `x < limit`, unless that is known.
    func isBelow(_ x: Kernel.ValueID, _ limit: Int, unit: Int) -> Kernel.ValueID? {
      limit % unit == 0 ? nil : builder.compare(.less, x, index(limit))
    }
    func both(_ x: Kernel.ValueID?, _ y: Kernel.ValueID?) -> Kernel.ValueID? {
      guard let x, let y else { return x ?? y }
      return builder.binary(.and, x, y)
    }
    func each(_ count: Int, _ body: (Kernel.ValueID) -> Void) {
      builder.loop(from: index(0), to: index(count), kind: .vector, body: body)
    }
    /// Where element `number` of thread `thread`, one of those along an axis, is on that axis.
    func place(_ thread: Kernel.ValueID, _ number: Int) -> Kernel.ValueID {
      let group = TiledProduct.group
      let first = number / group * (plan.extent / plan.side * group) + number % group
      return builder.add(times(thread, group), index(first))
    }

    // MARK: Loops

    func write() -> Kernel {
      let (down, along) = (plan.down, plan.along)
      let blocks = product.batch * plan.parts * down * along
      builder.loop(from: index(0), to: index(blocks), kind: .parallel) { number in
        let column = times(rest(number, along), plan.extent)
        let row = times(rest(quotient(number, along), down), plan.extent)
        let line = quotient(number, along * down)
        let part = plan.parts == 1 ? index(0) : rest(line, plan.parts)
        let matrix = product.batch == 1 ? index(0) : quotient(line, plan.parts)
        let start = times(part, plan.partSize)
        eachThread { thread in
          let zero = builder.constant(plan.wide, ScalarBits(0))
          for number in 0..<count { builder.store(zero, to: sums, at: sum(thread, number)) }
        }
        let steps = (min(plan.partSize, product.inner) + plan.depth - 1) / plan.depth
        builder.loop(from: index(0), to: index(steps)) { step in
          let first = builder.add(start, times(step, plan.depth))
          fetch(
            a, to: left, matrix: times(matrix, product.strideA), from: row,
            extent: product.rows, depth: first, isAlongDepth: !product.transposeA)
          fetch(
            b, to: right, matrix: times(matrix, product.strideB), from: column,
            extent: product.columns, depth: first, isAlongDepth: product.transposeB)
          eachThread(multiply)
        }
        let target =
          product.batch * plan.parts == 1
          ? index(0)
          : times(
            builder.add(times(part, product.batch), matrix), product.rows * product.columns)
        eachThread { store($0, from: row, column, to: target) }
      }
      return builder.finish()
    }

    func eachThread(_ body: (Kernel.ValueID) -> Void) { each(plan.threads, body) }

    func sum(_ thread: Kernel.ValueID, _ number: Int) -> Kernel.ValueID {
      builder.add(times(thread, count), index(number))
    }

    /// Brings a part of an operand to shared memory; zeros stand for what is outside.
    func fetch(
      _ memory: Kernel.MemoryID, to shared: Kernel.MemoryID, matrix: Kernel.ValueID,
      from first: Kernel.ValueID, extent: Int, depth start: Kernel.ValueID, isAlongDepth: Bool
    ) {
      let width = isAlongDepth ? plan.depth : plan.extent
      each(plan.extent * plan.depth) { element in
        let (outer, inner) = (quotient(element, width), rest(element, width))
        let (line, step) = isAlongDepth ? (outer, inner) : (inner, outer)
        let (x, k) = (builder.add(first, line), builder.add(start, step))
        let place = builder.add(
          matrix,
          isAlongDepth
            ? builder.add(times(x, product.inner), k) : builder.add(times(k, extent), x))
        // The last part may have less than the others.
        let unit = plan.parts == 1 ? plan.depth : plan.partSize
        let inside = both(
          isBelow(x, extent, unit: plan.extent), isBelow(k, product.inner, unit: unit))
        func fetched() -> Kernel.ValueID {
          builder.convert(builder.load(memory, at: place), to: plan.wide)
        }
        let zero = builder.constant(plan.wide, ScalarBits(0))
        let value =
          inside.map { builder.branch($0, then: { [fetched()] }, otherwise: { [zero] })[0] }
          ?? fetched()
        builder.store(value, to: shared, at: builder.add(times(step, pitch), line))
      }
    }

    /// Adds the products of what is in shared memory to the elements of a thread.
    func multiply(_ thread: Kernel.ValueID) {
      let across = plan.extent / plan.side
      let (x, y) = (rest(thread, across), quotient(thread, across))
      let next = builder.loop(
        from: index(0), to: index(plan.depth),
        carrying: (0..<count).map { builder.load(sums, at: sum(thread, $0)) }
      ) { k, sums in
        let line = times(k, pitch)
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
      to target: Kernel.ValueID
    ) {
      let across = plan.extent / plan.side
      let (x, y) = (rest(thread, across), quotient(thread, across))
      for number in 0..<count {
        let i = builder.add(row, place(y, number / plan.side))
        let j = builder.add(column, place(x, number % plan.side))
        let value = builder.convert(
          builder.load(sums, at: sum(thread, number)),
          to: plan.parts > 1 ? plan.wide : product.type)
        let position = builder.add(target, builder.add(times(i, product.columns), j))
        let inside = both(
          isBelow(i, product.rows, unit: plan.extent),
          isBelow(j, product.columns, unit: plan.extent))
        guard let inside else {
          builder.store(value, to: result, at: position)
          continue
        }
        builder.branch(inside) { builder.store(value, to: result, at: position) }
      }
    }
  }
}

extension ProgramScheduler {
  /// A matrix product by kernels.
  func deviceProduct(
    _ product: Routine.MatrixProduct, _ buffers: [Procedure.BufferID]
  ) -> [Step] {
    if product.batch * product.rows * product.columns == 0 { return [] }
    if product.inner == 0 { return [.fill(buffers[2], ScalarBits(0))] }
    let plan = TiledProduct(product)
    let kernel = add(plan.kernel(), named: "product")
    if plan.parts == 1 { return [.launch(kernel, buffers: buffers)] }
    var scratch = DeviceScratch(self)
    let partial = scratch.buffer(plan.scratchType, count: plan.scratchCount)
    return [
      .launch(kernel, buffers: [buffers[0], buffers[1], partial]),
      .launch(add(plan.sumKernel(), named: "product_sum"), buffers: [partial, buffers[2]]),
    ]
  }
}
