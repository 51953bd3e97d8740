import Core
import Syntax

/// A member of an enumeration of JAX: `GatherScatterMode.CLIP`, `Precision.HIGHEST`.
final class EnumerationMember: NativeObject, ParameterConvertible {
  private let owner: Class
  let name: String

  init(_ owner: Class, _ name: String) {
    self.owner = owner
    self.name = name
  }

  override var cls: Class { owner }
  var parameterValue: ParameterValue {
    .symbol(owner.name == "FftType" ? name : "\(owner.name).\(name)")
  }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "name": .str(self.name)
    case "value": .str(self.name)
    default: nil
    }
  }
  override func repr() throws -> String { "\(owner.name).\(name)" }
  override func str() throws -> String {
    owner.name == "Precision" ? name : "\(owner.name).\(name)"
  }
}

/// The enumerations and records that parameters of primitives are made of.
enum Enumerations {
  static func make(_ name: String, _ members: [String], module: String = "jax.lax") -> Class {
    let cls = Class(builtin: name, base: Types.object, module: module)
    for member in members { cls[Symbol(member)] = .native(EnumerationMember(cls, member)) }
    cls.construct = { cls, arguments in
      let given = arguments.positional.first ?? .none
      if case .native(let member as EnumerationMember) = given, member.cls === cls { return given }
      if case .str(let text) = given {
        for member in members where member == text.text.uppercased() {
          return cls[Symbol(member)] ?? .none
        }
      }
      if case .int(let number) = given, members.indices.contains(number) {
        return cls[Symbol(members[number])] ?? .none
      }
      throw valueError("\(try repr(given)) is not a valid \(cls.name)")
    }
    return cls
  }

  static func define(in module: ModuleObject) {
    let modes = make(
      "GatherScatterMode", ["CLIP", "FILL_OR_DROP", "PROMISE_IN_BOUNDS", "ONE_HOT"])
    modes.staticMethod("from_any(s)") { a in
      let given = a[0] ?? .none
      let name: String
      switch given {
      case .native(let member as EnumerationMember): name = member.name
      case .none: name = "FILL_OR_DROP"
      case .str(let text):
        switch text.text {
        case "clip": name = "CLIP"
        case "fill", "drop": name = "FILL_OR_DROP"
        case "promise_in_bounds": name = "PROMISE_IN_BOUNDS"
        case "one_hot": name = "ONE_HOT"
        default: throw valueError("Unknown gather mode \"\(text.text)\"")
        }
      default: throw valueError("Unknown gather mode \"\(try str(given))\"")
      }
      return modes[Symbol(name)] ?? .none
    }
    module["GatherScatterMode"] = .type(modes)
    module["RoundingMethod"] = .type(
      make("RoundingMethod", ["AWAY_FROM_ZERO", "TO_NEAREST_EVEN"]))
    module["RandomAlgorithm"] = .type(
      make("RandomAlgorithm", ["RNG_DEFAULT", "RNG_THREE_FRY", "RNG_PHILOX"]))
    module["FftType"] = .type(make("FftType", ["FFT", "IFFT", "RFFT", "IRFFT"]))
    let precision = make("Precision", ["DEFAULT", "HIGH", "HIGHEST"])
    module["Precision"] = .type(precision)
    module["DotAlgorithm"] = .type(make("DotAlgorithm", []))
    module["DotAlgorithmPreset"] = .type(make("DotAlgorithmPreset", ["DEFAULT"]))
    module.def("canonicalize_precision(precision)") { a in
      func one(_ object: Object) throws -> Object {
        switch object {
        case .none, .native: return object
        case .str(let text):
          switch text.text {
          case "default", "fastest", "bfloat16": return precision["DEFAULT"] ?? .none
          case "high", "bfloat16_3x", "tensorfloat32": return precision["HIGH"] ?? .none
          case "highest", "float32": return precision["HIGHEST"] ?? .none
          default: throw valueError("invalid precision \(try repr(object))")
          }
        default: throw valueError("invalid precision \(try repr(object))")
        }
      }
      let given = a[0] ?? .none
      guard case .tuple(let pair) = given else {
        let standard = Configuration.traceContext.matrixPrecision.map { Object.str($0) } ?? .none
        let single = try one(given.isNone ? standard : given)
        return single.isNone ? single : .tuple([single, single])
      }
      return .tuple(try pair.items.map(one))
    }
    let records: [(String, [String], [Object])] = [
      (
        "GatherDimensionNumbers",
        [
          "offset_dims", "collapsed_slice_dims", "start_index_map", "operand_batching_dims",
          "start_indices_batching_dims",
        ], [.tuple([]), .tuple([])]
      ),
      (
        "ScatterDimensionNumbers",
        [
          "update_window_dims", "inserted_window_dims", "scatter_dims_to_operand_dims",
          "operand_batching_dims", "scatter_indices_batching_dims",
        ], [.tuple([]), .tuple([])]
      ),
      ("ConvDimensionNumbers", ["lhs_spec", "rhs_spec", "out_spec"], []),
    ]
    for (name, fields, defaults) in records {
      module[Symbol(name)] = .type(
        NamedTuples.make(name, fields, defaults: defaults, module: "jax.lax"))
    }
  }
}
