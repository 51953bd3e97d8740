import Foundation
import Support
import Testing

@testable import PTXSimulator

/// A device with typed copies, and PTX from `Tests/PTXSimulatorTests/Samples` or from strings.
struct Harness {
  let device = PTXDevice()

  /// The sample file `name`.
  static func sample(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Samples")

  static func samples() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".ptx") }.sorted()
  }

  /// A module of one kernel `k` with a pointer parameter `p`, whose body is `body`.
  static func kernel(_ body: String, parameters: String = ".param .u64 p") -> String {
    """
    .version 8.0
    .target sm_90
    .address_size 64
    .visible .entry k(\(parameters))
    {
    .reg .pred %p<9>;
    .reg .b16 %rs<9>;
    .reg .b32 %r<32>;
    .reg .b64 %rd<32>;
    .reg .f32 %f<9>;
    .reg .f64 %fd<9>;
    \(body)
    }
    """
  }

  func upload<T>(_ values: [T]) throws -> UInt64 {
    let address = try device.allocate(byteCount: values.count * MemoryLayout<T>.stride)
    let buffer = UnsafeMutableBufferPointer<T>.allocate(capacity: values.count)
    defer { buffer.deallocate() }
    _ = buffer.initialize(from: values)
    try device.copyIn(UnsafeRawBufferPointer(buffer), to: address)
    return address
  }

  func download<T>(_ address: UInt64, _ count: Int, as type: T.Type) throws -> [T] {
    let buffer = UnsafeMutableBufferPointer<T>.allocate(capacity: count)
    defer { buffer.deallocate() }
    try device.copyOut(address, to: UnsafeMutableRawBufferPointer(buffer))
    return Array(buffer)
  }

  /// The diagnostic of a launch that must fail.
  func fault(
    _ text: String, threads: Int = 32, blocks: Int = 1, dynamicShared: Int = 0,
    isCooperative: Bool = false, parameters: [UInt64]
  ) throws -> String {
    let module = try device.load(text, name: "k.ptx")
    do {
      try module.launch(
        "k", grid: (blocks, 1, 1), block: (threads, 1, 1), dynamicShared: dynamicShared,
        isCooperative: isCooperative, parameters: parameters)
    } catch {
      return device.render(error)
    }
    Issue.record("no fault")
    return ""
  }
}
