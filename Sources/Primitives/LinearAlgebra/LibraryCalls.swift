import Core
import HLO
import Tensor

// Calls of LAPACK as JAX lowers them for CPUs: matrices are column-major, and numbers beside the
// results say whether the routine succeeded.

/// A routine of LAPACK: its options, and what its results are.
struct LibraryRoutine {
  /// LAPACK's name without the letter of the type, for real numbers.
  var name: String
  /// The same for complex numbers, where it differs.
  var complexName: String?
  var options: [NamedAttribute] = []
  /// The operand whose memory each of the first results takes.
  var aliases: [Int] = []
}

extension NamedAttribute {
  /// An option of a routine that is a letter.
  static func letter(_ name: String, _ letter: Unicode.Scalar) -> NamedAttribute {
    NamedAttribute(name, .integer(Int(letter.value), type: "ui8"))
  }
}

extension LoweringContext {
  /// Calls a routine of the linear-algebra library.
  ///
  /// - Throws: `NotImplementedError` for what has half the bits of single precision.
  func call(_ routine: LibraryRoutine, _ operands: [ValueID], results: [TensorType]) throws
    -> [ValueID]
  {
    try requireLibraryType()
    let operandTypes = try operands.map { try builder.tensorType(of: $0) }
    let matrixRank = operandTypes.map(\.rank).max() ?? 2
    let attributes = CustomCallAttributes(
      target: target(of: routine), backendConfig: .string(""),
      operandLayouts: operandTypes.map { columnMajor($0, matrixRank) },
      resultLayouts: results.map { columnMajor($0, matrixRank) },
      outputOperandAliases: routine.aliases.isEmpty
        ? nil
        : routine.aliases.enumerated().map { result, operand in
          OutputOperandAlias(
            output: results.count == 1 ? [] : [result], operandIndex: operand, operand: [])
        })
    let batchCount = matrixRank - 2
    return try builder.customCall(
      attributes, operands, resultTypes: results.map { .tensor($0) },
      besides: [
        NamedAttribute("mhlo.backend_config", .dictionary(routine.options)),
        NamedAttribute(
          "mhlo.frontend_attributes",
          .dictionary([NamedAttribute("num_batch_dims", .string("\(batchCount)"))])),
        NamedAttribute(
          "sdy.sharding_rule", .opaque(shardingRule(operandTypes, results, batchCount))),
      ])
  }

  /// Checks that the linear-algebra library has routines for the operand's dtype.
  ///
  /// - Throws: `NotImplementedError` for what has half the bits of single precision, as JAX does.
  func requireLibraryType() throws {
    let dtype = inAvals[0].dtype
    guard dtype == .f16 || dtype == .bf16 else { return }
    let module = dtype == .bf16 ? "ml_dtypes" : "numpy"
    throw RaisedError(
      .notImplementedError,
      "(KeyError(<class '\(module).\(dtype.numpyName)'>), 'Unsupported dtype \(dtype.numpyName).')")
  }

  /// LAPACK's name of a routine for the dtype of the operand.
  private func target(of routine: LibraryRoutine) -> String {
    let (real, complex) = (routine.name, routine.complexName ?? routine.name)
    return switch inAvals[0].dtype {
    case .f64: "lapack_d\(real)_ffi"
    case .c64: "lapack_c\(complex)_ffi"
    case .c128: "lapack_z\(complex)_ffi"
    default: "lapack_s\(real)_ffi"
    }
  }

  // MARK: Success

  /// The type of the numbers that say how it went, one for each matrix.
  var infoType: TensorType {
    TensorType(Array(inAvals[0].shape.dimensions.dropLast(2)), .i32)
  }

  /// Whether `info` says that the routine succeeded with each matrix.
  func succeeded(_ info: ValueID, _ direction: ComparisonDirection = .eq) throws -> ValueID {
    try builder.compare(info, direction, builder.full(0, builder.tensorType(of: info)))
  }

  /// `value` where `isValid`, which has its leading axes, and NaN elsewhere.
  func valid(_ value: ValueID, where isValid: ValueID) throws -> ValueID {
    let type = try builder.tensorType(of: value)
    let batch = try builder.tensorType(of: isValid).dimensions
    let inner = batch + [Int](repeating: 1, count: type.rank - batch.count)
    var mask = try builder.broadcastInDim(isValid, inner, Array(batch.indices))
    let invalid = try notANumber(type)
    if inner != type.dimensions {
      mask = try builder.broadcastInDim(mask, type.dimensions, Array(inner.indices))
    }
    return try builder.select(mask, value, invalid)
  }

  private func notANumber(_ type: TensorType) throws -> ValueID {
    let number = try builder.constant(
      HostTensor(
        type.element.isComplex ? .complex(.init(.nan, .nan)) : .float(.nan), type: type.element))
    return try builder.broadcastInDim(number, type.dimensions, [])
  }
}

/// The order of axes in memory, the fastest first: matrices by columns, all else by rows.
private func columnMajor(_ type: TensorType, _ matrixRank: Int) -> [Int] {
  let order = Array((0..<type.rank).reversed())
  guard type.rank == matrixRank else { return order }
  return [type.rank - 2, type.rank - 1] + order.dropFirst(2)
}

/// How the axes of operands and results may be divided among devices: the batch alone.
private func shardingRule(
  _ operands: [TensorType], _ results: [TensorType], _ batchCount: Int
) -> String {
  var sizes: [Int] = []
  for axis in 0..<batchCount { sizes.append(operands[0].dimensions[axis]) }
  /// Shardy counts `i` to `z`, then `z_1`, `z_2`, ….
  func factor(_ index: Int) -> String {
    index < 18 ? "\(Character(Unicode.Scalar(UInt8(105 + index))))" : "z_\(index - 17)"
  }
  func axes(_ type: TensorType) -> String {
    var names = (0..<min(batchCount, type.rank)).map(factor)
    for extent in type.dimensions.dropFirst(batchCount) {
      names.append(factor(sizes.count))
      sizes.append(extent)
    }
    return "[\(names.joined(separator: ", "))]"
  }
  let (from, to) = (operands.map(axes), results.map(axes))
  let extents = sizes.enumerated().map { "\(factor($0))=\($1)" }.joined(separator: ", ")
  let signature = "(\(from.joined(separator: ", ")))->(\(to.joined(separator: ", ")))"
  return "#sdy.op_sharding_rule<\(signature) {\(extents)}, custom>"
}
