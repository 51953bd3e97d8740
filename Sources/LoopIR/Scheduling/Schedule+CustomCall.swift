import HLO
import Passes
import Support
import Tensor

// Custom calls: the LAPACK routines that JAX calls by name, and calls of the host.
extension ProgramScheduler {
  func customCall(
    _ id: OperationID, _ operation: Operation, _ attributes: CustomCallAttributes
  ) throws -> [Step] {
    let target = attributes.target
    if target.hasPrefix("lapack_"), target.hasSuffix("_ffi") {
      return try lapack(id, operation, String(target.dropFirst(7).dropLast(4)), attributes)
    }
    // For several devices, the types differ; whoever runs it says so.
    guard attributes.isAnnotation,
      operation.operands.map(function.type(of:)) == operation.results.map(function.type(of:))
    else { return [try hostCall(id, operation, label: target)] }
    return try zip(operation.operands, operation.results).flatMap { operand, result in
      hasMemory(operand) ? copy(try buffer(of: operand), to: try buffer(of: result)) : []
    }
  }

  /// Something that whoever runs the program knows how to do.
  func hostCall(_ id: OperationID, _ operation: Operation, label: String) throws -> Step {
    .host(
      program.callbacks.append(Program.Callback(label: label, operation: id)),
      operands: try operation.operands.filter(hasMemory).map { try buffer(of: $0) },
      results: try operation.results.filter(hasMemory).map { try buffer(of: $0) })
  }

  /// The letter that stands for a LAPACK option: `uplo = 76 : ui8`.
  private func option(
    _ name: String, _ id: OperationID, _ attributes: CustomCallAttributes
  ) -> Character? {
    let besides = function.operationAttributes[id]?["mhlo.backend_config"]
    for config in [attributes.backendConfig, besides] {
      guard case .dictionary(let entries)? = config else { continue }
      switch entries[name] {
      case .integer(let value, _)?:
        return UInt8(exactly: value).map { Character(Unicode.Scalar($0)) }
      case .string(let text)?: return text.first
      default: break
      }
    }
    return nil
  }

  /// Is the LAPACK option `name` true?
  private func flag(
    _ name: String, _ id: OperationID, _ attributes: CustomCallAttributes
  ) -> Bool {
    let besides = function.operationAttributes[id]?["mhlo.backend_config"]
    return [attributes.backendConfig, besides].contains { config in
      guard case .dictionary(let entries)? = config else { return false }
      return entries[name] == .bool(true)
    }
  }

  private func lapack(
    _ id: OperationID, _ operation: Operation, _ name: String,
    _ attributes: CustomCallAttributes
  ) throws -> [Step] {
    let type = try staticType(operation.operands[0])
    let operands = try operation.operands.map { try buffer(of: $0) }
    let results = try operation.results.map { try buffer(of: $0) }
    let rank = type.rank
    if name.hasSuffix("gtsv"), rank >= 1, operands.count == 4, results.count == 5 {
      let b = try staticType(operation.operands[3])
      let routine = Routine.tridiagonalSolve(
        type: type.element, batch: type.dimensions.dropLast().reduce(1, *),
        size: type.dimensions[rank - 1], columns: b.dimensions.last ?? 1)
      return [
        .library(LibraryCall(routine, operands + results.dropLast())),
        .fill(results[4], ScalarBits(0)),
      ]
    }
    guard rank >= 2 else { throw unsupported("custom_call @\(attributes.target) of rank \(rank)") }
    let (rows, columns) = (type.dimensions[rank - 2], type.dimensions[rank - 1])
    let batch = type.dimensions.dropLast(2).reduce(1, *)
    let element = type.element
    func option(_ name: String) -> Character? { self.option(name, id, attributes) }
    func call(_ routine: Routine, _ used: [Procedure.BufferID]) -> Step {
      .library(LibraryCall(routine, operands + used))
    }
    /// Numbers that say that all went well; the routines write NaN where it does not.
    func zero(_ numbers: Int...) -> [Step] {
      numbers.filter { $0 < results.count }.map { .fill(results[$0], ScalarBits(0)) }
    }
    func scratch(_ type: TensorType) throws -> Procedure.BufferID {
      guard let slot = assignment.scratch[id] else {
        throw Diagnostic(.error, "internal error: no scratch memory for \(attributes.target)")
      }
      return try buffer(slot, type)
    }
    let isLower = option("uplo") != "U"
    switch String(name.dropFirst()) {
    case "potrf":
      let routine = Routine.cholesky(type: element, batch: batch, size: rows, lower: isLower)
      return [call(routine, [results[0]])] + zero(1)
    case "getrf":
      let permutation = try scratch(TensorType([batch * rows], .i32))
      let routine = Routine.lu(type: element, batch: batch, rows: rows, columns: columns)
      // LAPACK counts pivots from 1.
      let count = batch * min(rows, columns)
      return [
        call(routine, [results[0], results[1], permutation]),
        .launch(
          elementwise(.i32, count) { builder, x in
            builder.add(x, builder.constant(.i32, ScalarBits(1)))
          }, buffers: [results[1]]),
      ] + zero(2)
    case "geqrf":
      return [call(.geqrf(type: element, batch: batch, rows: rows, columns: columns), results)]
    case "orgqr", "ungqr":
      let taus = try staticType(operation.operands[1])
      let routine = Routine.householderProduct(
        type: element, batch: batch, rows: rows, columns: columns,
        reflectors: taus.dimensions.last ?? 0)
      return [call(routine, [results[0]])]
    case "ormqr", "unmqr":
      let c = try staticType(operation.operands[2])
      let taus = try staticType(operation.operands[1])
      let routine = Routine.HouseholderMultiply(
        type: element, batch: batch, size: rows, columns: columns,
        reflectors: taus.dimensions.last ?? 0, otherRows: c.dimensions[c.rank - 2],
        otherColumns: c.dimensions[c.rank - 1], left: flag("left", id, attributes),
        adjoint: flag("transpose", id, attributes))
      return [call(.householderMultiply(routine), [results[0]])]
    case "trsm":
      let b = try staticType(operation.operands[1])
      let transpose: Routine.TriangularSolve.Transpose =
        switch option("trans_x") {
        case "T": .transpose
        case "C": .adjoint
        default: .none
        }
      let routine = Routine.TriangularSolve(
        type: element, batch: batch, rows: b.dimensions[b.rank - 2],
        columns: b.dimensions[b.rank - 1], left: option("side") != "R", lower: isLower,
        unitDiagonal: option("diag") == "U", transpose: transpose)
      return [call(.triangularSolve(routine), [results[0]])]
    case "gesdd", "gesvd":
      let wantsVectors = option("mode") != "N"
      let routine = Routine.svd(
        type: element, batch: batch, rows: rows, columns: columns, vectors: wantsVectors,
        full: option("mode") == "A")
      return [
        call(routine, wantsVectors ? [results[1], results[2], results[3]] : [results[1]])
      ] + zero(4)
    case "syevd", "heevd":
      let routine = Routine.eigh(type: element, batch: batch, size: rows, lower: isLower)
      return [call(routine, [results[0], results[1]])] + zero(2)
    case "geev":
      let (left, right) = (option("compute_left") == "V", option("compute_right") == "V")
      let routine = Routine.eig(
        type: element, batch: batch, size: rows, left: left, right: right)
      let first = element.isComplex ? 1 : 2
      let vectors = (left ? [results[first]] : []) + (right ? [results[first + 1]] : [])
      if element.isComplex { return [call(routine, [results[0]] + vectors)] + zero(3) }
      let values = try scratch(TensorType([batch * rows], element.complexType))
      return [
        call(routine, [values] + vectors),
        .launch(
          parts(element, batch * rows), buffers: [values, results[0], results[1]]),
      ] + zero(4)
    case "gees":
      let wantsVectors = option("mode") == "V"
      let routine = Routine.schur(
        type: element, batch: batch, size: rows, vectors: wantsVectors)
      return [call(routine, [results[0]] + (wantsVectors ? [results[1]] : []))]
        + (element.isComplex ? zero(2, 3, 4) : zero(2, 3, 4, 5))
    case "geqp3":
      let routine = Routine.pivotedQR(type: element, batch: batch, rows: rows, columns: columns)
      return [call(routine, results)]
    case "sytrd", "hetrd":
      let routine = Routine.tridiagonal(type: element, batch: batch, size: rows, lower: isLower)
      return [call(routine, Array(results.prefix(4)))] + zero(4)
    case "gehrd":
      let routine = Routine.hessenberg(type: element, batch: batch, size: rows)
      return [call(routine, [results[0], results[1]])] + zero(2)
    default: throw unsupported("custom_call @\(attributes.target)")
    }
  }

  /// A kernel that replaces each of `count` elements of its only buffer.
  private func elementwise(
    _ type: ElementType, _ count: Int,
    _ function: (KernelBuilder, Kernel.ValueID) -> Kernel.ValueID
  ) -> Program.KernelID {
    let builder = KernelBuilder(name: "")
    let memory = builder.parameter(type, count: count, access: .readWrite)
    builder.loop(from: builder.index(0), to: builder.index(count), kind: .vector) { index in
      builder.store(function(builder, builder.load(memory, at: index)), to: memory, at: index)
    }
    return add(builder.finish(), named: "elementwise")
  }

  /// A kernel that takes complex numbers apart.
  private func parts(_ type: ElementType, _ count: Int) -> Program.KernelID {
    let builder = KernelBuilder(name: "")
    let values = builder.parameter(type.complexType, count: count, access: .read)
    let real = builder.parameter(type, count: count, access: .write)
    let imaginary = builder.parameter(type, count: count, access: .write)
    builder.loop(from: builder.index(0), to: builder.index(count)) { index in
      let value = builder.load(values, at: index)
      builder.store(builder.unary(.real, value), to: real, at: index)
      builder.store(builder.unary(.imag, value), to: imaginary, at: index)
    }
    return add(builder.finish(), named: "parts")
  }
}

/// The memory that a LAPACK call needs besides its results.
func lapackScratchByteCount(
  _ function: Function, _ operation: Operation, _ attributes: CustomCallAttributes
) -> Int {
  let name = attributes.target
  guard name.hasPrefix("lapack_"), let operand = operation.operands.first,
    let type = function.values[operand].type.tensor, type.isStatic, type.rank >= 2
  else { return 0 }
  let rows = type.dimensions.dropLast().reduce(1, *)
  if name.hasSuffix("getrf_ffi") { return rows * 4 }
  if name.hasSuffix("geev_ffi") { return rows * type.element.complexType.byteCount }
  return 0
}
