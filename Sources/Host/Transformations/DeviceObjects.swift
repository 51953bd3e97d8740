import Core
import Syntax

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
    guard case .str(let name) = object, platformNames.contains(name.text) else {
      throw valueError(
        "jax.default_device must be passed either a Device object (e.g. `jax.devices('cpu')[0]`) or "
          + "a platform name string like 'cpu' or 'gpu', got: \(try Host.repr(object))")
    }
    return try DevicesModule.devices(object).first
  }

  private static let platformNames: Set = ["cpu", "gpu", "tpu", "cuda", "rocm"]

  nonisolated(unsafe) static let type = Class(
    builtin: "Device", base: Types.object, module: "jaxlib._jax")
  override var cls: Class { DeviceObject.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "id", "local_hardware_id": return .int(device.id)
    case "process_index", "host_id", "task_id": return .int(0)
    case "client": return .native(ClientObject.of(device.platform))
    case "default_memory":
      return .builtin(Builtin("default_memory()") { _ in self.memories[0] })
    case "addressable_memories":
      return .builtin(Builtin("addressable_memories()") { _ in .list(self.memories) })
    case "memory": return .builtin(Builtin("memory(kind)") { a in try self.memory(a[0] ?? .none) })
    case "live_buffers": return .builtin(Builtin("live_buffers()") { _ in .list([]) })
    case "platform": return .str(device.platform.rawValue)
    case "device_kind": return .str(device.platform == .cpu ? "cpu" : "NVIDIA GPU")
    case "memory_stats": return .builtin(Builtin("memory_stats()") { _ in .none })
    default: return nil
    }
  }

  /// The memories that it reaches, its own first.
  private var memories: [Object] {
    MemoryObject.kinds(of: device.platform).indices.map { .native(MemoryObject(device, $0)) }
  }

  private func memory(_ kind: Object) throws -> Object {
    let kinds = MemoryObject.kinds(of: device.platform)
    let wanted = try Host.str(kind)
    guard let number = kinds.firstIndex(of: wanted) else {
      let name = device.platform.rawValue
      throw RaisedError(
        .jaxRuntimeError,
        "INVALID_ARGUMENT: Could not find memory addressable by device \(name). Device \(name) can "
          + "address the following memory kinds: \(kinds.joined(separator: ", ")). Got memory kind: "
          + wanted)
    }
    return .native(MemoryObject(device, number))
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
    case "device_set", "addressable_devices":
      return .set(try SetObject([.native(DeviceObject.of(device))]))
    case "memory_kind": return .str("device")
    case "is_fully_replicated", "is_fully_addressable", "has_addressable_devices":
      return .bool(true)
    case "num_devices": return .int(1)
    case "_device": return .native(DeviceObject.of(device))
    case "shard_shape":
      return .builtin(Builtin("shard_shape(global_shape)") { a in .tuple(try list(a[0] ?? .none)) })
    case "with_memory_kind":
      return .builtin(Builtin("with_memory_kind(kind)") { _ in .native(self) })
    case "is_equivalent_to":
      return .builtin(
        Builtin("is_equivalent_to(other, ndim)") { a in
          .bool(try self.equals(a[0] ?? .none) ?? false)
        })
    case "devices_indices_map", "addressable_devices_indices_map":
      return .builtin(
        Builtin("\(name.text)(global_shape)") { a in
          let all = Object.slice(Slice(.none, .none, .none))
          let part = Object.tuple(try list(a[0] ?? .none).map { _ in all })
          return .dict(try Dict([(.native(DeviceObject.of(self.device)), part)]))
        })
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

/// `device.client`: what a process knows of all devices of a platform.
final class ClientObject: NativeObject {
  private let platform: Device.Platform

  private init(_ platform: Device.Platform) { self.platform = platform }

  private nonisolated(unsafe) static var known: [Device.Platform: ClientObject] = [:]

  static func of(_ platform: Device.Platform) -> ClientObject {
    if let object = known[platform] { return object }
    let object = ClientObject(platform)
    known[platform] = object
    return object
  }

  nonisolated(unsafe) static let type = Class(
    builtin: "Client", base: Types.object, module: "jaxlib._jax")
  override var cls: Class { ClientObject.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    let platform = platform
    switch name.text {
    case "platform", "platform_version": return .str(platform.rawValue)
    case "runtime_type": return .str("pjrt_ifrt")
    case "process_index", "host_id", "task_id":
      return .builtin(Builtin("\(name.text)()") { _ in .int(0) })
    case "device_count", "local_device_count":
      return .builtin(Builtin("\(name.text)()") { _ in .int(Devices.all(of: platform).count) })
    case "devices", "local_devices":
      return .builtin(
        Builtin("\(name.text)()") { _ in
          .list(Devices.all(of: platform).map { .native(DeviceObject.of($0)) })
        })
    default: return nil
    }
  }
}

/// A memory that a device reaches.
final class MemoryObject: NativeObject {
  private let device: Device
  private let number: Int

  init(_ device: Device, _ number: Int) {
    self.device = device
    self.number = number
  }

  static func kinds(of platform: Device.Platform) -> [String] {
    switch platform {
    case .cpu: ["device", "pinned_host", "unpinned_host"]
    case .gpu: ["device", "pinned_host"]
    }
  }

  nonisolated(unsafe) static let type = Class(
    builtin: "Memory", base: Types.object, module: "jaxlib._jax")
  override var cls: Class { MemoryObject.type }

  private var kind: String { MemoryObject.kinds(of: device.platform)[number] }

  override func attribute(_ name: Symbol) throws -> Object? {
    switch name.text {
    case "kind": return .str(kind)
    case "platform": return .str(device.platform.rawValue)
    case "process_index": return .int(0)
    case "addressable_by_devices":
      return .builtin(
        Builtin("addressable_by_devices()") { _ in .list([.native(DeviceObject.of(self.device))]) })
    default: return nil
    }
  }

  override func equals(_ other: Object) throws -> Bool? {
    guard case .native(let other as MemoryObject) = other else { return false }
    return other.device == device && other.number == number
  }
  override func hash() throws -> Int { device.hashValue ^ number }

  /// Memories are numbered over all devices of a platform.
  private var place: Int {
    device.id * MemoryObject.kinds(of: device.platform).count + number
  }

  override func str() throws -> String {
    let own = device.platform == .cpu ? "CpuDeviceMemory" : "GpuDeviceMemory"
    let name =
      ["device": own, "pinned_host": "PinnedHostMemory"][kind] ?? "UnpinnedHostMemorySpace"
    return "\(name)(id=\(place), process_index=0, client=\(device.platform.rawValue))"
  }
  override func repr() throws -> String {
    let own = device.platform == .cpu ? "CPU_DEVICE" : "GPU_DEVICE"
    return "\(kind == "device" ? own : kind.uppercased())_\(place)"
  }
}

/// `jax.default_device`: a setting that a context changes.
final class DefaultDevice: NativeObject {
  /// What the program called the device that takes the place of the default.
  nonisolated(unsafe) static var name = Object.none

  /// A platform that is absent is noticed when something needs it.
  static func choose(_ object: Object) throws {
    let (chosen, absence) = try resolved(object)
    (Devices.chosen, Devices.absentDefault) = (chosen, absence)
    name = object
  }

  /// Checks that `object` names a device or a platform, be it absent.
  static func check(_ object: Object) throws { _ = try resolved(object) }

  private static func resolved(_ object: Object) throws -> (Device?, absence: String?) {
    do {
      return (try DeviceObject.chosen(object), nil)
    } catch let error as RaisedError where error.kind == .runtimeError {
      return (nil, error.message)
    }
  }

  nonisolated(unsafe) static let type = Class(
    builtin: "State", base: Types.object, module: "jax._src.config")
  override var cls: Class { DefaultDevice.type }

  override func attribute(_ name: Symbol) throws -> Object? {
    name.text == "value" ? DefaultDevice.name : nil
  }

  override var isCallable: Bool { true }
  override func call(_ arguments: Arguments) throws -> Object {
    let object =
      arguments.positional.first ?? arguments.keywords.first { $0.name.text == "new_val" }?.value
      ?? .none
    return .native(try Configuration.context("jax_default_device", object))
  }
}
