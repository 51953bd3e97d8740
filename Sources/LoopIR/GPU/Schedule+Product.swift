import HLO
import Passes
import Support
import Tensor

/// What computes a matrix product on a GPU.
///
/// Tensor cores, and NVIDIA's libraries where they are installed, will be cases of their own, which
/// `init` chooses by the type and the shape; every case finishes its elements with the epilogue.
enum ProductMethod {
  /// Tiles in shared memory, for every type and layout.
  case tiles(TiledProduct)

  init(_ product: Routine.MatrixProduct, _ layout: ProductLayout) {
    self = .tiles(TiledProduct(product, layout))
  }
}

/// What becomes of the elements of a product: where a kernel finds and leaves arrays for that.
private struct ProductEpilogue {
  /// The arrays that finishing needs.
  var reads: [Procedure.BufferID] = []
  var writes: [Procedure.BufferID]
  /// Begins a kernel.
  var begin: (KernelBuilder, KernelParameters) -> TiledProduct.Finish
}

extension ProgramScheduler {
  /// A matrix product by kernels.
  func deviceProduct(
    _ product: Routine.MatrixProduct, _ buffers: [Procedure.BufferID]
  ) throws -> [Step] {
    try deviceProduct(
      product, ProductLayout(product), named: "product", Array(buffers.prefix(2)),
      stored(to: buffers[2]))
  }

  /// A convolution by kernels.
  func deviceConvolution(
    _ convolution: Routine.Convolution, _ buffers: [Procedure.BufferID]
  ) throws -> [Step] {
    try deviceProduct(
      convolution.product, ProductLayout(convolution), named: "convolution",
      Array(buffers.prefix(2)), stored(to: buffers[2]))
  }

  /// A product or a convolution with the operations that finish it.
  func finishedProduct(_ fusion: Operation) throws -> [Step] {
    let region = fusion.regions[0]
    guard let id = function.finishedProduct(in: region) else {
      throw Diagnostic(.error, "internal error: a fusion without the product that it finishes")
    }
    let operation = function.operations[id]
    let buffers = try fusion.operands.map { try buffer(of: $0) }
    // The first arguments are what is multiplied, perhaps in a narrower type.
    let factors = Array(buffers.prefix(operation.operands.count))
    let epilogue = try self.epilogue(fusion, of: operation.result, buffers)
    switch operation.op {
    case .dotGeneral(let attributes):
      guard let product = try matrixProduct(operation, attributes) else { break }
      let numbers = attributes.dimensionNumbers
      let extents = try staticType(operation.result).dimensions
      let batch = numbers.lhsBatching.count
      let rows =
        try staticType(operation.operands[0]).rank - batch - numbers.lhsContracting.count
      let layout = ProductLayout(
        product,
        axes: [
          Array(extents[..<batch]), Array(extents[batch..<batch + rows]),
          Array(extents[(batch + rows)...]),
        ])
      return try deviceProduct(product, layout, named: "product", factors, epilogue)
    case .convolution(let attributes):
      guard let convolution = try convolution(operation, attributes) else { break }
      return try deviceProduct(
        convolution.product, ProductLayout(convolution), named: "convolution", factors, epilogue)
    default: break
    }
    throw Diagnostic(.error, "internal error: a product that no kernel computes")
  }

  /// Elements go to `target`.
  private func stored(to target: Procedure.BufferID) -> ProductEpilogue {
    ProductEpilogue(writes: [target]) { builder, parameters in
      { elements in
        for (value, index) in elements {
          guard let position = index.position else { continue }
          builder.store(value, to: parameters[target], at: position)
        }
      }
    }
  }

  /// Elements of `product` go through the other operations of `fusion`, whose operands are in
  /// `buffers`.
  private func epilogue(
    _ fusion: Operation, of product: HLO.ValueID, _ buffers: [Procedure.BufferID]
  ) throws -> ProductEpilogue {
    let results = try fusion.results.map { try buffer(of: $0) }
    let function = function
    let arguments = function.regions[fusion.regions[0]].arguments
    // The first two are what is multiplied.
    let own = Array(zip(arguments, buffers).dropFirst(2))
    return ProductEpilogue(reads: own.map(\.1), writes: results) { builder, parameters in
      let generator = ElementGenerator(function, builder)
      for (argument, buffer) in own { generator.memories[argument] = parameters[buffer] }
      let outputs = generator.results(of: fusion.regions[0])
      return { elements in
        try generator.scoped {
          // All of them first: a result may be written over an operand, and one access stores several.
          let finished = try elements.map { value, index in
            generator.scalars[product] = value
            return try outputs.map { try generator.element($0, index) }
          }
          for (number, (output, buffer)) in zip(outputs, results).enumerated() {
            for (own, (_, index)) in zip(finished, elements) {
              builder.store(
                own[number], to: parameters[buffer],
                at: generator.position(index, generator.shape(of: output)))
            }
          }
        }
      }
    }
  }

  private func deviceProduct(
    _ product: Routine.MatrixProduct, _ layout: ProductLayout, named name: String,
    _ factors: [Procedure.BufferID], _ epilogue: ProductEpilogue
  ) throws -> [Step] {
    if product.batch * product.rows * product.columns == 0 { return [] }
    guard product.inner > 0 else {
      throw Diagnostic(.error, "internal error: a product that contracts nothing")
    }
    switch ProductMethod(product, layout) {
    case .tiles(let plan): return try tiles(plan, named: name, factors, epilogue)
    }
  }

  private func tiles(
    _ plan: TiledProduct, named name: String, _ factors: [Procedure.BufferID],
    _ epilogue: ProductEpilogue
  ) throws -> [Step] {
    let builder = KernelBuilder(name: name)
    if plan.parts == 1 {
      let parameters = KernelParameters(
        builder, procedure, reads: factors + epilogue.reads, writes: epilogue.writes)
      try plan.multiply(
        builder, parameters[factors[0]], parameters[factors[1]],
        finish: epilogue.begin(builder, parameters))
      return [.launch(add(builder.finish(), named: name), buffers: parameters.buffers)]
    }
    var scratch = DeviceScratch(self)
    let partial = scratch.buffer(plan.scratchType, count: plan.scratchCount)
    let parameters = KernelParameters(builder, procedure, reads: factors, writes: [partial])
    plan.multiply(
      builder, parameters[factors[0]], parameters[factors[1]], partsTo: parameters[partial])
    let adder = KernelBuilder(name: "\(name)_sum")
    let sums = KernelParameters(
      adder, procedure, reads: [partial] + epilogue.reads, writes: epilogue.writes)
    try plan.addParts(adder, sums[partial], finish: epilogue.begin(adder, sums))
    return [
      .launch(add(builder.finish(), named: name), buffers: parameters.buffers),
      .launch(add(adder.finish(), named: "\(name)_sum"), buffers: sums.buffers),
    ]
  }
}

extension Routine.Convolution {
  /// The product that it is: its rows are the positions of the result, its columns the outputs, and
  /// it contracts the positions of the window and the features. Every group is a matrix.
  fileprivate var product: Routine.MatrixProduct {
    Routine.MatrixProduct(
      type: type, batch: groups, rows: batch * resultExtent.reduce(1, *), columns: outputs,
      inner: features * window.reduce(1, *))
  }
}
