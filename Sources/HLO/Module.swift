/// A program: functions that call one another by name.
public struct Module: Hashable, Sendable {
  /// `nil` for a module without a name.
  public var name: String?
  public var attributes: [NamedAttribute]
  public var functions: [Function]

  public init(
    name: String? = nil, attributes: [NamedAttribute] = [], functions: [Function] = []
  ) {
    self.name = name
    self.attributes = attributes
    self.functions = functions
  }

  /// The function called `name`. Linear in the number of functions.
  public subscript(name: String) -> Function? {
    get { functions.first { $0.name == name } }
    set {
      let index = functions.firstIndex { $0.name == name }
      switch (index, newValue) {
      case (let index?, let function?): functions[index] = function
      case (let index?, nil): functions.remove(at: index)
      case (nil, let function?): functions.append(function)
      case (nil, nil): break
      }
    }
  }

  /// `main`, or the only function.
  public var entry: Function? { self["main"] ?? (functions.count == 1 ? functions[0] : nil) }
}
