import Core
import Primitives
import Syntax

/// The part of `_native` about devices: which there are, and where arrays are.
enum DevicesModule {
  static func define(in module: ModuleObject) {
    module["Device"] = .type(DeviceObject.type)
    module["SingleDeviceSharding"] = .type(ShardingObject.type)
    module.def("devices(backend=)") { a in try objects(devices(a[0])) }
    module.def("local_devices(process_index=, backend=, host_id=)") { a in
      if let process = a[0].given ?? a[2].given, try index(process) != 0 {
        throw valueError("Unknown process_index \(try repr(process))")
      }
      return try objects(devices(a[1]))
    }
    module.def("device_count(backend=)") { a in .int(try devices(a[0]).count) }
    module.def("local_device_count(backend=)") { a in .int(try devices(a[0]).count) }
    module.def("process_count(backend=)") { _ in .int(1) }
    module.def("process_index(backend=)") { _ in .int(0) }
    module.def("default_backend()") { _ in
      if let failure = Devices.failure { throw RaisedError(.runtimeError, failure) }
      return .str(Devices.platform.rawValue)
    }
    module["default_device"] = .native(DefaultDevice())
    module.def("device_put(x, device=, src=, *, donate=, may_alias=)") { a in
      let (leaves, tree) = try TreeDef.flatten(a[0] ?? .none)
      let targets = try targets(a[1] ?? .none, for: tree)
      let values = try leaves.map { try withoutPythonScalar(argumentValue($0)) }
      if values.contains(where: isTraced) {
        let moves = try leaves.indices.map {
          DevicePut.Move(from: try source(leaves[$0], values[$0]), to: targets[$0]?.name)
        }
        return try tree.unflatten(bind(DevicePut(moves), values).map { .array($0) })
      }
      return try tree.unflatten(zip(values, targets).map { try put($0, on: $1?.device) })
    }
    module.def("put_like(x, other)") { a in
      guard case .array(.array(let model))? = a[1], model.placement.isCommitted,
        let object = a[0], case .array(let value) = object
      else { return a[0] ?? .none }
      return try put(value, on: model.placement.device)
    }
  }

  private static func objects(_ devices: [Device]) -> Object {
    .list(devices.map { .native(DeviceObject.of($0)) })
  }

  /// The devices of the platform called `backend`, or of that which programs run on.
  static func devices(_ backend: Object?) throws -> [Device] {
    if let failure = Devices.failure { throw RaisedError(.runtimeError, failure) }
    guard let backend, !backend.isNone else { return Devices.all(of: Devices.platform) }
    let name = try str(backend)
    let platforms = Devices.platforms
    let wanted: Device.Platform? =
      switch name {
      case "cpu": .cpu
      case "gpu": .gpu
      case "cuda" where platforms.contains(.gpu): .gpu
      default: nil
      }
    if let wanted, platforms.contains(wanted) { return Devices.all(of: wanted) }
    let names = platforms.map(\.rawValue)
    if name == "gpu" {
      throw RaisedError(
        .runtimeError,
        "Unknown backend: 'gpu' requested, but no platforms that are instances of gpu are present. "
          + "Platforms present are: \(names.joined(separator: ","))")
    }
    throw RaisedError(
      .runtimeError,
      "Unknown backend \(name). Available backends are "
        + "[\(names.map { "'\($0)'" }.joined(separator: ", "))]")
  }

  /// Where an array goes: a device, and how the program names it.
  private typealias Target = (device: Device, name: String)

  private static func target(_ object: Object) throws -> Target? {
    try DeviceObject.target(object).map { ($0, try repr(object)) }
  }

  /// For each leaf the device that it goes to; `nil` where it may stay.
  private static func targets(_ object: Object, for tree: TreeDef) throws -> [Target?] {
    let count = tree.leafCount
    if let target = try target(object) { return .init(repeating: target, count: count) }
    if object.isNone { return .init(repeating: nil, count: count) }
    // A tree that the values' begins with: each of its leaves is for all that is below.
    let full = try tree.unflatten(Array(repeating: Object.int(0), count: count))
    let isTarget = { (part: Object) throws -> Bool in
      if part.isNone { return true }
      return try target(part) != nil
    }
    if let mismatch = try prefixMismatch(
      object, full, name: "device_put device", leaf: "<class 'jax._src.api_util.PytreeLeaf'>",
      isLeaf: isTarget)
    {
      throw valueError(
        "device_put device specification must be a tree prefix of the corresponding value; \n"
          + "  Mismatch details (1 found):\n  \(mismatch)")
    }
    let parts = try broadcastPrefix(object, full, isLeaf: isTarget)
    return try parts.map { part in
      if part.isNone { return nil }
      guard let target = try target(part) else { throw invalidTarget(part) }
      return target
    }
  }

  fileprivate static func invalidTarget(_ object: Object) -> RaisedError {
    RaisedError(
      .valueError,
      "`jax.device_put` only accepts `None`, `jax.sharding.Sharding`, `jax.Device`, `Format`, "
        + "`jax.memory.Space` or a pytree of these values. Received invalid value: "
        + "\((try? str(object)) ?? "?")")
  }

  /// `true` iff moving `value` is a part of a function that is traced.
  private static func isTraced(_ value: Value) -> Bool {
    if case .tracer = traced(value) { true } else { false }
  }

  /// Where a leaf of the program is, as an equation prints it: arrays know.
  private static func source(_ leaf: Object, _ value: Value) throws -> String? {
    guard case .array = leaf, case .array(let array) = value, !array.isLiteral else { return nil }
    return try ShardingObject(array.placement.device).repr()
  }

  private static func put(_ value: Value, on device: Device?) throws -> Object {
    guard case .array(let array) = value else { return .array(value) }
    let placement =
      device.map { Placement($0, isCommitted: true) }
      ?? (array.isLiteral ? Devices.standard : array.placement)
    return .array(.array(try array.placed(placement)))
  }
}

/// What an array says about where it is; `nil` for a tracer.
func placementAttribute(_ value: Value, _ name: String) throws -> Object? {
  guard case .array(let array) = value else { return nil }
  let device = DeviceObject.of(array.placement.device)
  switch name {
  case "device": return .native(device)
  case "platform":
    return .builtin(Builtin("platform()") { _ in .str(device.device.platform.rawValue) })
  case "devices":
    return .builtin(Builtin("devices()") { _ in .set(try SetObject([.native(device)])) })
  case "committed", "_committed": return .bool(array.placement.isCommitted)
  case "to_device":
    return .builtin(
      Builtin("to_device(device, *, stream=)") { a in
        guard let target = try DeviceObject.target(a[0] ?? .none) else {
          throw DevicesModule.invalidTarget(a[0] ?? .none)
        }
        return .array(.array(try array.placed(Placement(target, isCommitted: true))))
      })
  case "unsafe_buffer_pointer":
    return .builtin(
      Builtin("unsafe_buffer_pointer()") { _ in
        .int(Int(bitPattern: try array.tensor().buffer.address))
      })
  default: return .native(ShardingObject(device.device))
  }
}
