import Tensor

/// The names that MLIR gives to the values of a function.
///
/// Values are numbered region by region: first all of a region, then those inside it, each of
/// which continues the counters of the one around it. Some operations suggest names, which get a
/// number when they are taken.
struct ValueNames {
  private(set) var names: [String]

  subscript(value: ValueID) -> String { names[value.index] }

  private struct Context {
    var region: RegionID
    var depth: Int
    var nextValue: Int
    var nextArgument: Int
    var nextConflict: Int
  }

  init(_ function: Function) {
    names = [String](repeating: "", count: function.values.count)
    // Suggested names in use, with the depth of the region that uses them.
    var used: [String: Int] = [:]
    var usedAtDepth: [[String]] = []
    var argumentNames: [RegionID: [String]] = [:]
    var stack = [
      Context(region: function.body, depth: 0, nextValue: 0, nextArgument: 0, nextConflict: 0)
    ]
    while var context = stack.popLast() {
      while usedAtDepth.count > context.depth {
        for name in usedAtDepth.removeLast() { used[name] = nil }
      }
      usedAtDepth.append([])

      func unique(_ name: String) -> String {
        var unique = name
        while used[unique] != nil {
          unique = "\(name)_\(context.nextConflict)"
          context.nextConflict += 1
        }
        used[unique] = context.depth
        usedAtDepth[context.depth].append(unique)
        return "%" + unique
      }

      let region = function.regions[context.region]
      let suggestions = argumentNames[context.region]
      for (index, argument) in region.arguments.enumerated() {
        if let suggestions, index < suggestions.count {
          names[argument.index] = unique(suggestions[index])
        } else {
          names[argument.index] = unique("arg\(context.nextArgument)")
          context.nextArgument += 1
        }
      }
      for id in region.operations {
        let operation = function.operations[id]
        let suggested = operation.op.resultNames
        if suggested.isEmpty && operation.results.count > 0 {
          let number = "%\(context.nextValue)"
          context.nextValue += 1
          for (index, result) in operation.results.enumerated() {
            names[result.index] = operation.results.count == 1 ? number : number + "#\(index)"
          }
        } else {
          for (name, result) in zip(suggested, operation.results) {
            names[result.index] = unique(name)
          }
        }
      }
      for id in region.operations {
        let operation = function.operations[id]
        for inner in operation.regions {
          argumentNames[inner] = operation.op.argumentNames(function.regions[inner].arguments.count)
          var child = context
          child.region = inner
          child.depth += 1
          stack.append(child)
        }
      }
    }
  }
}

extension Op {
  /// The names that the operation suggests for its results.
  var resultNames: [String] {
    switch self {
    case .constant(let constant):
      [constant.type.element.isInteger || constant.type.element == .bool ? "c" : "cst"]
    case .rngBitGenerator: ["output_state", "output"]
    case .batchNormTraining: ["output", "batch_mean", "batch_var"]
    case .batchNormGrad: ["grad_operand", "grad_scale", "grad_offset"]
    case .topK: ["values", "indices"]
    default: []
    }
  }

  /// The names that the operation suggests for the arguments of its regions.
  fileprivate func argumentNames(_ count: Int) -> [String]? {
    switch self {
    case .while: [String](repeating: "iterArg", count: count)
    case .scan(let attributes):
      (0..<count).map { $0 < attributes.inputCount ? "input" : "carry" }
    default: nil
    }
  }
}
