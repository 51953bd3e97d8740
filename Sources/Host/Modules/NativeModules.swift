import Syntax

/// The modules that are written in Swift, by name.
enum NativeModules {
  nonisolated(unsafe) static let table: [String: () -> ModuleObject] = [
    "builtins": { Builtins.module },
    "_native": makeNative,
    "_primitives": PrimitivesModule.make,
    "jax.debug": RuntimeModule.debug,
    "jax.errors": RuntimeModule.errors,
    "_os": makeOperatingSystem,
    "_re": makeRegularExpressions,
    "math": makeMath,
    "numpy": NumpyModule.make,
    "numpy.random": NumpyModule.makeRandom,
    "numpy.linalg": NumpyModule.makeLinalg,
    "numpy.testing": NumpyModule.makeTesting,
    "functools": makeFunctools,
    "collections": makeCollections,
    "collections.abc": makeAbstractCollections,
    "typing": TypingForms.makeModule,
    "dataclasses": Dataclasses.makeModule,
  ]
}

/// `_native`: what the library needs of the evaluator.
private func makeNative() -> ModuleObject {
  let module = ModuleObject("_native", isLibrary: true)
  TransformationsModule.define(in: module)
  RuntimeModule.define(in: module)
  for name in ["debug", "errors"] {
    module[Symbol(name)] = try? Session.loader.find("jax.\(name)").map { .module($0) }
  }
  ArrayModule.define(in: module)
  return module
}
