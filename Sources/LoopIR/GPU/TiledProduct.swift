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
  /// Steps along the contracted axis whose lines lie evenly in shared memory.
  private static let half = 8

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

  /// How many neighbours one access moves where lines of them begin at multiples of all `extents`.
  fileprivate static func run(_ extents: Int...) -> Int {
    [group, group / 2].first { run in extents.allSatisfy { $0 % run == 0 } } ?? 1
  }

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

  /// What becomes of neighbours in the result: their values, in the type of the product, and where
  /// they are.
  typealias Finish = ([(value: Kernel.ValueID, index: ElementIndex)]) throws -> Void

  /// Writes the loops that multiply the memories `a` and `b`, and finish every element.
  /// - Requires: there is one part.
  func multiply(
    _ builder: KernelBuilder, _ a: Kernel.MemoryID, _ b: Kernel.MemoryID, finish: Finish
  ) throws {
    try TileWriter(self, builder, a, b).write { elements in
      try finish(
        elements.map { value, place in
          (
            builder.convert(value, to: product.type),
            layout.index(builder, place.matrix, place.row, place.column)
          )
        })
    }
  }

  /// Writes the loops that leave what each part gives in `partial`, one after the other.
  func multiply(
    _ builder: KernelBuilder, _ a: Kernel.MemoryID, _ b: Kernel.MemoryID,
    partsTo partial: Kernel.MemoryID
  ) {
    TileWriter(self, builder, a, b).write { elements in
      for (value, place) in elements {
        let number = builder.add(builder.multiply(place.part, by: product.batch), place.matrix)
        let line = builder.add(builder.multiply(number, by: product.rows), place.row)
        builder.store(
          value, to: partial,
          at: builder.add(builder.multiply(line, by: product.columns), place.column))
      }
    }
  }

  /// Writes the loops that add up what the parts gave, and finish every element.
  func addParts(
    _ builder: KernelBuilder, _ partial: Kernel.MemoryID, finish: Finish
  ) throws {
    let count = product.batch * product.rows * product.columns
    try builder.loop(from: builder.index(0), to: builder.index(count), kind: .parallelVector) {
      place in
      let sum = builder.loop(
        from: builder.index(1), to: builder.index(parts),
        carrying: [builder.load(partial, at: place)]
      ) { part, sum in
        let other = builder.add(builder.multiply(part, by: count), place)
        return [builder.binary(add, sum[0], builder.load(partial, at: other))]
      }
      var index = ElementIndex(position: place)
      if !layout.isInOrder {
        let line = builder.divide(place, by: product.columns)
        index = layout.index(
          builder, builder.divide(line, by: product.rows),
          builder.remainder(line, by: product.rows),
          builder.remainder(place, by: product.columns))
      }
      try finish([(builder.convert(sum[0], to: product.type), index)])
    }
  }

  /// Writes the loops.
  private struct TileWriter {
    let plan: TiledProduct
    let builder: KernelBuilder
    let a: Kernel.MemoryID
    let b: Kernel.MemoryID
    /// Parts of the operands, line after line of the contracted axis.
    let left: Kernel.MemoryID
    let right: Kernel.MemoryID
    /// What threads have fetched of both operands, in registers.
    let fetched: [Kernel.MemoryID]
    /// What threads compute.
    let sums: Kernel.MemoryID

    var product: Routine.MatrixProduct { plan.product }
    /// Lines lie further apart than they are long, so that threads which write across them meet
    /// different banks.
    var pitch: Int { plan.extent + TiledProduct.group }
    /// Where a step along the contracted axis begins in shared memory. Of 16 steps, the second half
    /// lies a little further on, where threads that write several steps each meet other banks.
    func line(of step: Kernel.ValueID, _ operand: ProductLayout.Operand) -> Kernel.ValueID {
      let first = builder.multiply(step, by: pitch)
      let half = TiledProduct.half
      if plan.depth <= half { return first }
      let distance = operand.run == 2 ? half / 2 : half
      return builder.add(first, builder.multiply(builder.divide(step, by: half), by: distance))
    }
    var count: Int { plan.side * plan.side }

    init(
      _ plan: TiledProduct, _ builder: KernelBuilder, _ a: Kernel.MemoryID, _ b: Kernel.MemoryID
    ) {
      self.plan = plan
      self.builder = builder
      self.a = a
      self.b = b
      let count = plan.depth * (plan.extent + TiledProduct.group) + plan.depth - TiledProduct.half
      left = builder.local(plan.wide, count: count)
      right = builder.local(plan.wide, count: count)
      fetched = [a, b].map {
        builder.local(builder.type(of: $0), count: plan.depth * plan.extent)
      }
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
    func each(_ count: Int, _ body: (Kernel.ValueID) throws -> Void) rethrows {
      try builder.loop(
        from: builder.index(0), to: builder.index(count), kind: .vector, body: body)
    }
    /// Where element `number` of thread `thread`, one of those along an axis, is on that axis.
    func place(_ thread: Kernel.ValueID, _ number: Int) -> Kernel.ValueID {
      let group = TiledProduct.group
      let first = number / group * (plan.extent / plan.side * group) + number % group
      return builder.add(builder.multiply(thread, by: group), first)
    }

    // MARK: Loops

    /// Where an element of the result is, or what a part of the contracted axis gives for it.
    struct Place {
      var matrix: Kernel.ValueID
      var part: Kernel.ValueID
      var row: Kernel.ValueID
      var column: Kernel.ValueID
    }

    /// - Parameter finish: what becomes of neighbours in the result.
    func write(finish: ([(value: Kernel.ValueID, place: Place)]) throws -> Void) rethrows {
      let (down, along) = (plan.down, plan.along)
      let blocks = product.batch * plan.parts * down * along
      try builder.loop(from: builder.index(0), to: builder.index(blocks), kind: .parallel) {
        number in
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
        func fetch(_ step: Kernel.ValueID) {
          let first = builder.add(start, builder.multiply(step, by: plan.depth))
          self.fetch(
            a, plan.layout.left, to: fetched[0], matrix: matrix, from: row, extent: product.rows,
            depth: first)
          self.fetch(
            b, plan.layout.right, to: fetched[1], matrix: matrix, from: column,
            extent: product.columns, depth: first)
        }
        // The next step is on its way while threads multiply.
        let steps = (min(plan.partSize, product.inner) + plan.depth - 1) / plan.depth
        fetch(builder.index(0))
        builder.loop(from: builder.index(0), to: builder.index(steps)) { step in
          share(fetched[0], plan.layout.left, to: left)
          share(fetched[1], plan.layout.right, to: right)
          if steps > 1 {
            let next = builder.add(step, 1)
            builder.branch(builder.compare(.less, next, builder.index(steps))) { fetch(next) }
          }
          eachThread(multiply)
        }
        try each(plan.threads) { thread in
          try groups(of: thread, from: row, column) { values, row, column in
            try finish(
              values.enumerated().map { number, value in
                let own = builder.add(column, number)
                return (value, Place(matrix: matrix, part: part, row: row, column: own))
              })
          }
        }
      }
    }

    func eachThread(_ body: (Kernel.ValueID) -> Void) { each(plan.threads, body) }

    func sum(_ thread: Kernel.ValueID, _ number: Int) -> Kernel.ValueID {
      builder.add(builder.multiply(thread, by: count), number)
    }

    /// The element of the operand that is number `element` in the order in which threads fetch them:
    /// its line, and its step along the contracted axis.
    func coordinates(
      of element: Kernel.ValueID, _ operand: ProductLayout.Operand
    ) -> (line: Kernel.ValueID, step: Kernel.ValueID) {
      let width = operand.isAlongDepth ? plan.depth : plan.extent
      let (outer, inner) = (
        builder.divide(element, by: width), builder.remainder(element, by: width)
      )
      return operand.isAlongDepth ? (outer, inner) : (inner, outer)
    }

    /// Puts what threads have fetched of an operand where all of them read it.
    func share(
      _ fetched: Kernel.MemoryID, _ operand: ProductLayout.Operand, to shared: Kernel.MemoryID
    ) {
      let run = operand.run
      each(plan.extent * plan.depth / run) { number in
        let first = builder.multiply(number, by: run)
        let (line, step) = coordinates(of: first, operand)
        let place = builder.add(self.line(of: step, operand), line)
        for next in 0..<run {
          builder.store(
            builder.convert(
              builder.load(fetched, at: builder.add(first, next)), to: plan.wide), to: shared,
            at: builder.add(place, operand.isAlongDepth ? next * pitch : next))
        }
      }
    }

    /// Fetches a part of an operand; zeros stand for what is outside.
    func fetch(
      _ memory: Kernel.MemoryID, _ operand: ProductLayout.Operand, to fetched: Kernel.MemoryID,
      matrix: Kernel.ValueID, from first: Kernel.ValueID, extent: Int,
      depth start: Kernel.ValueID
    ) {
      // The last part may have less than the others.
      let unit = plan.parts == 1 ? plan.depth : plan.partSize
      /// Where an element is, and whether it is in the operand, unless that is known.
      func position(
        of element: Kernel.ValueID
      ) -> (place: Kernel.ValueID, isInside: Kernel.ValueID?) {
        let (line, step) = coordinates(of: element, operand)
        let (x, k) = (builder.add(first, line), builder.add(start, step))
        let (place, isElement) = operand.place(builder, matrix, x, k)
        return (
          place,
          both(
            both(isBelow(x, extent, unit: plan.extent), isBelow(k, product.inner, unit: unit)),
            isElement)
        )
      }
      let run = operand.run
      let zero = builder.constant(builder.type(of: memory), ScalarBits(0))
      each(plan.extent * plan.depth / run) { number in
        let element = builder.multiply(number, by: run)
        let (place, isInside) = position(of: element)
        func loaded() -> [Kernel.ValueID] {
          (0..<run).map { step in
            builder.load(memory, at: builder.add(place, step))
          }
        }
        let values =
          isInside.map {
            builder.branch($0, then: loaded, otherwise: { (0..<run).map { _ in zero } })
          } ?? loaded()
        for (step, value) in values.enumerated() {
          builder.store(value, to: fetched, at: builder.add(element, step))
        }
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
        let lines = (line(of: k, plan.layout.left), line(of: k, plan.layout.right))
        let rows = (0..<plan.side).map {
          builder.load(left, at: builder.add(lines.0, place(y, $0)))
        }
        let columns = (0..<plan.side).map {
          builder.load(right, at: builder.add(lines.1, place(x, $0)))
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

    /// The elements of a thread that are in the result, in groups of neighbours: their row, and the
    /// column of the first.
    func groups(
      of thread: Kernel.ValueID, from row: Kernel.ValueID, _ column: Kernel.ValueID,
      _ body: (_ values: [Kernel.ValueID], _ row: Kernel.ValueID, _ column: Kernel.ValueID) throws
        -> Void
    ) rethrows {
      let across = plan.extent / plan.side
      let (x, y) = (builder.remainder(thread, by: across), builder.divide(thread, by: across))
      // Neighbours are inside together where columns come in whole groups.
      let group = TiledProduct.run(product.columns)
      for first in stride(from: 0, to: count, by: group) {
        let i = builder.add(row, place(y, first / plan.side))
        let j = builder.add(column, place(x, first % plan.side))
        let inside = both(
          isBelow(i, product.rows, unit: plan.extent),
          isBelow(j, product.columns, unit: plan.extent))
        let values = (first..<first + group).map { builder.load(sums, at: sum(thread, $0)) }
        if let inside {
          try builder.branch(inside) { try body(values, i, j) }
        } else {
          try body(values, i, j)
        }
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
    /// How many neighbours, along that axis or the other, are in memory together, or not at all: a
    /// thread fetches them with one access.
    var run = 1
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
  /// Are the elements of the result in memory by matrix, row and column?
  var isInOrder: Bool
  /// The axes of the result that tell apart matrices, rows and columns, by their extents, where they
  /// stand in this order.
  var axes: [[Int]]?

  /// Where an element of the result is.
  func index(
    _ builder: KernelBuilder, _ matrix: Kernel.ValueID, _ row: Kernel.ValueID,
    _ column: Kernel.ValueID
  ) -> ElementIndex {
    let position = result.place(builder, matrix, row, column).place
    guard let axes else { return ElementIndex(position: position) }
    let coordinates = zip([matrix, row, column], axes).flatMap {
      builder.coordinates(of: $0, $1)
    }
    return ElementIndex(coordinates, position: position)
  }

  /// Matrices one after the other.
  init(_ product: Routine.MatrixProduct, axes: [[Int]]? = nil) {
    self.axes = axes
    isInOrder = true
    func operand(
      _ lines: Int, _ depth: Int, stride: Int, isAlongDepth: Bool
    ) -> Operand {
      Operand(
        count: stride * (product.batch - 1) + lines * depth, isAlongDepth: isAlongDepth,
        run: TiledProduct.run(isAlongDepth ? depth : lines, product.batch == 1 ? 0 : stride)
      ) { builder, matrix, line, step in
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
    isInOrder = false
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
      let all = builder.coordinates(of: step, depthExtents)
      return featuresAreInner ? (all[3], Array(all.prefix(3))) : (all[0], Array(all.dropFirst()))
    }
    func extent(_ strides: [Int], _ extents: [Int], from start: Int = 0) -> Int {
      zip(strides, extents).reduce(start + 1) { $0 + max(0, $1.0) * ($1.1 - 1) }
    }
    let places = [c.batch] + c.resultExtent
    left = Operand(
      count: extent(c.inputStride, [c.groups, c.batch, c.features] + c.inputExtent),
      isAlongDepth: featuresAreInner,
      run: featuresAreInner ? TiledProduct.run(c.features) : 1
    ) { builder, group, line, step in
      let place = builder.coordinates(of: line, places)
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
      isAlongDepth: c.kernelStride[2] != 1,
      run: c.kernelStride[2] == 1 ? TiledProduct.run(c.outputs) : 1
    ) { builder, group, output, step in
      let (feature, window) = depth(builder, step)
      let place = sum(builder, [group, feature, output] + window, c.kernelStride)
      return (builder.add(place, c.kernelStart), nil)
    }
    result = Operand(
      count: extent(c.resultStride, [c.groups, c.batch, c.outputs] + c.resultExtent)
    ) { builder, group, line, output in
      let place = builder.coordinates(of: line, places)
      return (sum(builder, [group, place[0], output] + place.dropFirst(), c.resultStride), nil)
    }
  }
}

extension KernelBuilder {
  /// The coordinates of element `number` of an array of these extents.
  fileprivate func coordinates(of number: ValueID, _ extents: [Int]) -> [ValueID] {
    var rest = number
    var found: [ValueID] = []
    for (axis, extent) in extents.enumerated().reversed() {
      found.append(axis == 0 ? rest : remainder(rest, by: extent))
      rest = divide(rest, by: extent)
    }
    return found.reversed()
  }
}
