import HLO
import Support
import Tensor

/// Chooses what routines of the run-time library compute, and says which.
///
///     %1 = dot_general %a, %b, …       %1 = dot_general %a, %b, … {jxc.library = "matrix_product"}
///     %2 = sort %c                     %2 = sort %c {jxc.library = "sort"}
///     %3 = custom_call @lapack_…       %3 = custom_call @lapack_… {jxc.library = "sgetrf"}
///
/// The meaning of the operations stays; the code generator follows the name. Matrix products are
/// called if they are large enough to be worth it and their operands are what a library reads, which
/// `canonical-dot` has seen to, and convolutions of many features; as loops the others can be fused.
/// Sorts, transforms and decompositions are always called.
public let libraryMatching = Pass<Module>(
  "library-calls", "choose what the run-time library computes"
) { module in
  module.forEachFunction { $0.matchRoutines(for: .library) }
}

/// Who computes routines.
enum RoutineSource {
  case library, device
}

private let libraryAttribute = "jxc.library"

extension Function {
  /// The routine that computes `id`, as the pass `library-calls` chose it; `nil` where loops do.
  public func libraryRoutine(_ id: OperationID) -> String? {
    guard case .string(let name)? = operationAttributes[id]?[libraryAttribute] else { return nil }
    return name
  }

  /// Names the routines of operations; `true` iff something has changed.
  mutating func matchRoutines(for source: RoutineSource) -> Bool {
    var changed = false
    for id in operationsInOrder() {
      let routine = matchingRoutine(id, source)
      if routine == libraryRoutine(id) { continue }
      var attributes = operationAttributes[id] ?? []
      attributes.removeAll { $0.name == libraryAttribute }
      if let routine { attributes.append(NamedAttribute(libraryAttribute, .string(routine))) }
      operationAttributes[id] = attributes.isEmpty ? nil : attributes
      changed = true
    }
    return changed
  }

  /// The routine for an operation; `nil` where there is none, or where it is not worth a call.
  private func matchingRoutine(_ id: OperationID, _ source: RoutineSource) -> String? {
    let operation = operations[id]
    switch operation.op {
    case .dotGeneral(let attributes):
      let numbers = attributes.dimensionNumbers
      let isIntegerProduct = source == .device && isLargeIntegerProduct(operation)
      guard isIntegerProduct || !isInlineProduct(operation, FusionLimits()),
        let lhs = values[operation.operands[0]].type.tensor, lhs.isStatic,
        let rhs = values[operation.operands[1]].type.tensor, rhs.isStatic,
        isLibraryOrder(lhs, numbers.lhsBatching, numbers.lhsContracting),
        isLibraryOrder(rhs, numbers.rhsBatching, numbers.rhsContracting)
      else { return nil }
      return "matrix_product"
    case .convolution(let attributes):
      return isLibraryConvolution(operation, attributes, source) ? "convolution" : nil
    case .sort: return "sort"
    case .topK: return "top_k"
    case .fft(let attributes): return attributes.kind.rawValue.lowercased()
    case .cholesky: return "cholesky"
    case .triangularSolve: return "triangular_solve"
    case .customCall(let attributes):
      let target = attributes.target
      if target.hasPrefix("lapack_"), target.hasSuffix("_ffi") {
        return String(target.dropFirst(7).dropLast(4))
      }
      return nil
    default: return nil
    }
  }

  /// `true` iff integers of whole bytes are multiplied, and many.
  private func isLargeIntegerProduct(_ operation: Operation) -> Bool {
    (Array(operation.operands) + [operation.result]).allSatisfy { value in
      guard let type = values[value].type.tensor?.element else { return false }
      return type.isInteger && type.bitWidth >= 8
    } && productCount(operation) > FusionLimits().inlineProduct
  }

  /// `true` iff the outputs of a group fill vectors, and there are so many features that finding their
  /// places does not matter.
  private func isLibraryConvolution(
    _ operation: Operation, _ attributes: ConvolutionAttributes, _ source: RoutineSource
  ) -> Bool {
    guard let input = values[operation.operands[0]].type.tensor, input.isStatic,
      let kernel = values[operation.operands[1]].type.tensor, kernel.isStatic,
      let result = values[operation.result].type.tensor, result.isStatic,
      source.convolves(result.element), input.element == result.element,
      kernel.element == result.element, min(input.count, kernel.count, result.count) > 0
    else { return false }
    let numbers = attributes.dimensionNumbers
    let groups = max(attributes.featureGroupCount, attributes.batchGroupCount, 1)
    let features = kernel.dimensions[numbers.kernelInputFeature]
    let outputs = kernel.dimensions[numbers.kernelOutputFeature] / groups
    let window = numbers.kernelSpatial.reduce(1) { $0 * kernel.dimensions[$1] }
    // A tile has room for many positions of the window; the library goes from one to the next.
    let depth = source == .device ? features * window : features
    return numbers.kernelSpatial.count <= 3 && outputs >= 8 && depth >= 8
      && features * window * result.count >= 65_536
  }
}

extension RoutineSource {
  /// Does it convolve elements of `type`?
  fileprivate func convolves(_ type: ElementType) -> Bool {
    switch self {
    case .library: type == .f32 || type == .f64
    case .device: type.bitWidth >= 8 && (type.isInteger || type.isFloat && !type.isMinifloat)
    }
  }
}
