import Syntax

/// The modules that are written in Swift, by name.
enum NativeModules {
  nonisolated(unsafe) static let table: [String: () -> ModuleObject] = [
    "builtins": { Builtins.module },
    "math": makeMath,
    "functools": makeFunctools,
    "collections": makeCollections,
    "collections.abc": makeAbstractCollections,
    "typing": TypingForms.makeModule,
    "dataclasses": Dataclasses.makeModule,
  ]
}
