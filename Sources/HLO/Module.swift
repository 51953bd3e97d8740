/// A program: functions that call one another by name.
public struct Module: Hashable, Sendable {
  /// `nil` for a module without a name.
  public var name: String?
  public var attributes: [NamedAttribute]
  /// How shardings call the devices.
  public var meshes: [Mesh]
  public var functions: [Function]
  /// What the text says about where the module comes from.
  public var location: StatedLocation?

  public init(
    name: String? = nil, attributes: [NamedAttribute] = [], meshes: [Mesh] = [],
    functions: [Function] = []
  ) {
    self.name = name
    self.attributes = attributes
    self.meshes = meshes
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

/// `sdy.mesh`: devices in the order of axes that shardings name. One device serves here whatever
/// the mesh, so that its text is all there is to know.
public struct Mesh: Hashable, Sendable {
  public var name: String
  /// `<["x"=2]>`
  public var axes: String
  public var attributes: [NamedAttribute]

  public init(name: String, axes: String, attributes: [NamedAttribute] = []) {
    self.name = name
    self.axes = axes
    self.attributes = attributes
  }
}
