import Syntax

/// The module `numpy`: arrays on the host.
enum NumpyModule {
  static func make() -> ModuleObject {
    let module = ModuleObject("numpy", isLibrary: true)
    for (name, value) in [
      ("pi", Double.pi), ("e", 2.718281828459045), ("inf", .infinity), ("nan", .nan),
      ("euler_gamma", 0.5772156649015329),
    ] {
      module[Symbol(name)] = .float(value)
    }
    module["newaxis"] = Object.none
    module["s_"] = .native(IndexExpression(alwaysTuple: false))
    module["index_exp"] = .native(IndexExpression(alwaysTuple: true))
    module["__version__"] = .str("2.0.0")
    defineTypes(in: module)
    defineCreation(in: module)
    defineElementwise(in: module)
    NumpyMethods.defineShared { module.def($0, $1) }
    defineShaping(in: module)
    defineSelection(in: module)
    defineStatistics(in: module)
    defineComparison(in: module)
    definePrinting(in: module)
    defineFiles(in: module)
    module["random"] = .module(makeRandom())
    module["testing"] = .module(makeTesting())
    return module
  }
}

func unsupportedNumpy(_ what: String) -> any Error {
  raised("NotImplementedError", "numpy: \(what) is not supported")
}
