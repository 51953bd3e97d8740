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
      try objects(devices(a[1]))
    }
    module.def("device_count(backend=)") { a in .int(try devices(a[0]).count) }
    module.def("local_device_count(backend=)") { a in .int(try devices(a[0]).count) }
    module.def("process_count(backend=)") { _ in .int(1) }
    module.def("process_index(backend=)") { _ in .int(0) }
    module.def("default_backend()") { _ in
      if let failure = Devices.failure { throw RaisedError(.runtimeError, failure) }
      return .str(Devices.platform.rawValue)
    }
    module.def("default_device(new_val=)") { a in
      let device = try DeviceObject.chosen(a[0] ?? .none)
      return .native(
        ContextManager {
          let outer = Devices.chosen
          Devices.chosen = device
          return { Devices.chosen = outer }
        })
    }
    module.def("device_put(x, device=, src=, *, donate=, may_alias=)") { a in
      let (leaves, tree) = try TreeDef.flatten(a[0] ?? .none)
      let targets = try targets(a[1] ?? .none, leaves.count)
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
  private static func targets(_ object: Object, _ count: Int) throws -> [Target?] {
    if let target = try target(object) { return .init(repeating: target, count: count) }
    if object.isNone { return .init(repeating: nil, count: count) }
    let (parts, _) = try TreeDef.flatten(object)
    if parts.count == count, count > 1 {
      return try parts.map { part in
        guard let target = try target(part) else { throw invalidTarget(part) }
        return target
      }
    }
    throw invalidTarget(object)
  }

  private static func invalidTarget(_ object: Object) -> RaisedError {
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
  case "committed": return .bool(array.placement.isCommitted)
  case "to_device":
    return .builtin(
      Builtin("to_device(device, *, stream=)") { a in
        guard let target = try DeviceObject.target(a[0] ?? .none) else {
          throw valueError("to_device takes a device or a sharding")
        }
        return .array(.array(try array.placed(Placement(target, isCommitted: true))))
      })
  default: return .native(ShardingObject(device.device))
  }
}

/// `jax.Device`
final class DeviceObject: NativeObject {
  let device: Device

  private init(_ device: Device) { self.device = device }

  private nonisolated(unsafe) static var known: [Device: DeviceObject] = [:]

  /// The one object for `device`.
  static func of(_ device: Device) -> DeviceObject {
    if let object = known[device] { return object }
    let object = DeviceObject(device)
    known[device] = object
    return object
  }

  /// The device that an argument names: a device or a sharding.
  static func target(_ object: Object) throws -> Device? {
    switch object {
    case .native(let native as DeviceObject): native.device
    case .native(let native as ShardingObject): native.device
    default: nil
    }
  }

  /// The device that takes the place of the default: a device, the name of a platform, or none.
  static func chosen(_ object: Object) throws -> Device? {
    if object.isNone { return nil }
    if let device = try target(object) { return device }
    guard case .str = object else {
      throw valueError(
        "jax.default_device must be passed a Device object (e.g. `jax.devices('cpu')[0]`) or a "
          + "platform name string, got: \(try Host.repr(object))")
    }
    return try DevicesModule.devices(object).first
  }

  nonisolated(unsafe) static let type = Class(
    builtin: "Device", base: Types.object, module: "jaxlib._jax")
  override var cls: Class { DeviceObject.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "id", "local_hardware_id": return .int(device.id)
    case "process_index", "host_id": return .int(0)
    case "platform": return .str(device.platform.rawValue)
    case "device_kind": return .str(device.platform == .cpu ? "cpu" : "NVIDIA GPU")
    case "memory_stats": return .builtin(Builtin("memory_stats()") { _ in .none })
    default: return nil
    }
  }

  override func repr() throws -> String {
    device.platform == .cpu ? "CpuDevice(id=\(device.id))" : "CudaDevice(id=\(device.id))"
  }
  override func str() throws -> String {
    device.platform == .cpu ? "cpu:\(device.id)" : "cuda:\(device.id)"
  }
}

/// `jax.sharding.SingleDeviceSharding(device)`
final class ShardingObject: NativeObject {
  let device: Device

  init(_ device: Device) { self.device = device }

  nonisolated(unsafe) static let type: Class = {
    let cls = Class(builtin: "SingleDeviceSharding", base: Types.object, module: "jax.sharding")
    cls.construct = { _, arguments in
      let given =
        arguments.positional.first
        ?? arguments.keywords.first { $0.name.text == "device" }?.value
      guard case .native(let device as DeviceObject)? = given else {
        throw typeError("SingleDeviceSharding takes a device")
      }
      return .native(ShardingObject(device.device))
    }
    return cls
  }()
  override var cls: Class { ShardingObject.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "device_set": return .set(try SetObject([.native(DeviceObject.of(device))]))
    case "memory_kind": return .str("device")
    default: return nil
    }
  }

  override func equals(_ other: Object) throws -> Bool? {
    if case .native(let native as ShardingObject) = other { return native.device == device }
    return false
  }
  override func hash() throws -> Int { device.hashValue }
  override func repr() throws -> String {
    "SingleDeviceSharding(device=\(try DeviceObject.of(device).repr()), memory_kind=device)"
  }
}
