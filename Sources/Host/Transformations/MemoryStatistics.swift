import Core
import Syntax

/// What `Compiled.memory_analysis()` gives: JAX's `CompiledMemoryStats`.
final class MemoryStatistics: NativeObject {
  private let fields: [(name: String, value: Int)]
  private let peak: Int

  init(_ figures: CompiledFigures, aliasBytes: Int) {
    fields = [
      ("generated_code_size_in_bytes", 0), ("argument_size_in_bytes", figures.argumentBytes),
      ("output_size_in_bytes", figures.resultBytes), ("alias_size_in_bytes", aliasBytes),
      ("temp_size_in_bytes", figures.temporaryBytes), ("host_generated_code_size_in_bytes", 0),
      ("host_argument_size_in_bytes", 0), ("host_output_size_in_bytes", 0),
      ("host_alias_size_in_bytes", 0), ("host_temp_size_in_bytes", 0),
    ]
    peak = figures.peakBytes - aliasBytes
  }

  nonisolated(unsafe) static let type = Class(
    builtin: "CompiledMemoryStats", base: Types.object, module: "jaxlib._jax")

  override var cls: Class { MemoryStatistics.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    if name.text == "peak_memory_in_bytes" { return .int(peak) }
    return fields.first { $0.name == name.text }.map { .int($0.value) }
  }

  override func repr() throws -> String {
    let list = fields.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
    return "CompiledMemoryStats(\(list))"
  }
}

/// What compiles.
func compiler() throws -> any Backend {
  guard let backend = EvalTrace.backend else {
    throw RaisedError(.runtimeError, "there is no compiler")
  }
  return backend
}

/// The dict that `cost_analysis()` gives.
func costDictionary(_ figures: [(name: String, value: Double)]) throws -> Object {
  let dict = Dict()
  for (name, value) in figures { try dict.table.set(.str(name), .float(value)) }
  return .dict(dict)
}
