import Core
import Primitives
import Transforms

/// `lax.custom_linear_solve`.
enum LinearSolve {
  static func define(in module: ModuleObject) {
    module.def("custom_linear_solve(matvec, b, solve, transpose_solve=, symmetric=, has_aux=)") {
      a in
      if try a[5].map(isTrue) ?? false {
        throw RaisedError(
          .notImplementedError, "custom_linear_solve with has_aux=True is not supported")
      }
      return try solve(
        a[0] ?? .none, a[1] ?? .none, a[2] ?? .none, transposed: a[3],
        isSymmetric: a[4].map(isTrue) ?? false)
    }
  }

  private static func solve(
    _ matvec: Object, _ b: Object, _ solver: Object, transposed: Object?, isSymmetric: Bool
  ) throws -> Object {
    let (leaves, tree) = try TreeDef.flatten(b)
    let values = try leaves.map { try argumentValue($0) }
    let avals = values.map(\.aval)

    /// Stages a function of one tree like `b`; its constants become operands.
    func part(_ function: ([Value]) throws -> [Value]) throws -> (
      CustomLinearSolve.Part, consts: [Value]
    ) {
      let (jaxpr, consts) = hoistConstants(try stage(avals, function))
      return (CustomLinearSolve.Part(jaxpr, constCount: consts.count), consts)
    }
    func callback(_ name: String, _ function: Object, _ operator: Object?) -> FlatFunction {
      { inputs in
        let x = try tree.unflatten(inputs.map { .array($0) })
        let result = try call(function, (`operator`.map { [$0] } ?? []) + [x])
        let (leaves, outTree) = try TreeDef.flatten(result)
        guard try outTree.isEqual(to: tree) else {
          throw typeError(
            "\(name)() output pytree structure must match \(try tree.text()), got "
              + "\(try outTree.text()).")
        }
        return try leaves.map { try argumentValue($0) }
      }
    }

    let (matvecPart, matvecConsts) = try part(callback("matvec", matvec, nil))
    let (solvePart, solveConsts) = try part(callback("solve", solver, matvec))
    var vecmatPart: CustomLinearSolve.Part?
    var vecmatConsts: [Value] = []
    var transposePart: CustomLinearSolve.Part?
    var transposeConsts: [Value] = []
    if isSymmetric {
      (vecmatPart, vecmatConsts) = (matvecPart, matvecConsts)
      (transposePart, transposeConsts) = (solvePart, solveConsts)
    } else if let transposed, !transposed.isNone {
      let linear = try stage(avals, folds: false, callback("matvec", matvec, nil))
      let vecmat: FlatFunction = { cotangents in
        try backwardPass(linear, cotangents.map { .value($0) }).map(instantiate)
      }
      let (part1, consts1) = try part(vecmat)
      (vecmatPart, vecmatConsts) = (part1, consts1)
      let product = Object.builtin(
        Builtin(named: "vecmat") { arguments in
          let (leaves, _) = try TreeDef.flatten(arguments.positional.first ?? .none)
          return try tree.unflatten(
            vecmat(leaves.map { try argumentValue($0) }).map { .array($0) })
        })
      let (part2, consts2) = try part(callback("transpose_solve", transposed, product))
      (transposePart, transposeConsts) = (part2, consts2)
    }
    let primitive = CustomLinearSolve(
      matvec: matvecPart, vecmat: vecmatPart, solve: solvePart, transposeSolve: transposePart)
    let results = try bind(
      primitive, matvecConsts + vecmatConsts + solveConsts + transposeConsts + values)
    return try tree.unflatten(results.map { .array($0) })
  }
}
