import HLO
import Passes
import Support
import Tensor

// Custom calls: the LAPACK routines that JAX calls by name, and calls of the host.
extension ProgramScheduler {
  func customCall(_ operation: Operation, _ attributes: CustomCallAttributes) throws -> [Step] {
    let target = attributes.target
    if target.hasPrefix("lapack_"), target.hasSuffix("_ffi") {
      return try lapack(operation, String(target.dropFirst(7).dropLast(4)), attributes)
    }
    if target.hasPrefix("linalg.") {
      return try linearAlgebra(operation, String(target.dropFirst(7)), attributes)
    }
    switch target {
    case "Sharding", "annotate_device_placement", "LayoutConstraint":
      return copy(
        try buffer(of: operation.operands[0]), to: try buffer(of: operation.results[0]))
    default:
      // Whoever runs the program knows what the label means.
      let callback = program.callbacks.append(target)
      return [
        .host(
          callback,
          operands: try operation.operands.filter(hasMemory).map { try buffer(of: $0) },
          results: try operation.results.filter(hasMemory).map { try buffer(of: $0) })
      ]
    }
  }

  /// The letter that stands for a LAPACK option: `uplo = 76 : ui8`.
  private func option(_ name: String, _ attributes: CustomCallAttributes) -> Character? {
    guard case .dictionary(let entries)? = attributes.backendConfig else { return nil }
    switch entries[name] {
    case .integer(let value, _)?:
      return UInt8(exactly: value).map { Character(Unicode.Scalar($0)) }
    case .string(let text)?: return text.first
    default: return nil
    }
  }

  /// Decompositions whose results are those of the library's routines.
  private func linearAlgebra(
    _ operation: Operation, _ name: String, _ attributes: CustomCallAttributes
  ) throws -> [Step] {
    func flag(_ name: String) -> Bool {
      guard case .dictionary(let entries)? = attributes.backendConfig else { return false }
      return entries[name] == .bool(true)
    }
    let type = try staticType(operation.operands[0])
    guard type.rank >= 2 else { throw unsupported("custom_call @linalg.\(name) of rank \(type.rank)") }
    let (rows, columns) = (type.dimensions[type.rank - 2], type.dimensions[type.rank - 1])
    let batch = type.dimensions.dropLast(2).reduce(1, *)
    let routine: Routine
    switch name {
    case "lu": routine = .lu(type: type.element, batch: batch, rows: rows, columns: columns)
    case "svd":
      routine = .svd(
        type: type.element, batch: batch, rows: rows, columns: columns, vectors: flag("vectors"),
        full: flag("full"))
    case "eig":
      routine = .eig(
        type: type.element, batch: batch, size: rows, left: flag("left"), right: flag("right"))
    case "schur":
      routine = .schur(type: type.element, batch: batch, size: rows, vectors: flag("vectors"))
    case "hessenberg": routine = .hessenberg(type: type.element, batch: batch, size: rows)
    default: throw unsupported("custom_call @linalg.\(name)")
    }
    let buffers = try (Array(operation.operands) + Array(operation.results)).map {
      try buffer(of: $0)
    }
    return [.library(LibraryCall(routine, buffers))]
  }

  private func lapack(
    _ operation: Operation, _ name: String, _ attributes: CustomCallAttributes
  ) throws -> [Step] {
    let type = try staticType(operation.operands[0])
    let operands = try operation.operands.map { try buffer(of: $0) }
    let results = try operation.results.map { try buffer(of: $0) }
    let rank = type.rank
    guard rank >= 2 else { throw unsupported("custom_call @lapack_\(name)_ffi of rank \(rank)") }
    let (rows, columns) = (type.dimensions[rank - 2], type.dimensions[rank - 1])
    let batch = type.dimensions.dropLast(2).reduce(1, *)
    let element = type.element
    func call(_ routine: Routine, _ used: [Procedure.BufferID]) -> Step {
      .library(LibraryCall(routine, operands + used))
    }
    /// The status says that all went well; the routines write NaN where it does not.
    func status(_ number: Int) -> [Step] {
      number < results.count ? [.fill(results[number], ScalarBits(0))] : []
    }
    let isLower = option("uplo", attributes) != "U"
    switch String(name.dropFirst()) {
    case "potrf":
      return [
        call(.cholesky(type: element, batch: batch, size: rows, lower: isLower), [results[0]])
      ] + status(1)
    case "geqrf":
      return [call(.geqrf(type: element, batch: batch, rows: rows, columns: columns), results)]
    case "orgqr", "ungqr":
      let taus = try staticType(operation.operands[1])
      return [
        call(
          .householderProduct(
            type: element, batch: batch, rows: rows, columns: columns,
            reflectors: taus.dimensions.last ?? 0), [results[0]])
      ]
    case "syevd", "heevd":
      return [
        call(
          .eigh(type: element, batch: batch, size: rows, lower: isLower),
          [results[0], results[1]])
      ] + status(2)
    default:
      throw unsupported("custom_call @\(attributes.target)")
    }
  }
}
