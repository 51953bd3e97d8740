import Codegen
import JXRuntime
import Support

/// A device that has memory of its own and runs kernels: a GPU, or the simulator of one.
public final class Accelerator {
  /// What it can do. See `device.h`.
  let table: UnsafeMutablePointer<jx_device>
  /// Keeps alive what the table refers to.
  let owner: AnyObject?

  /// Memory that is kept, by its size.
  var free: [Int: [jx_address]] = [:]
  /// What its kernels are compiled for.
  public let architecture: Architecture

  init(
    _ table: UnsafeMutablePointer<jx_device>, architecture: Architecture, owner: AnyObject? = nil
  ) {
    self.table = table
    self.architecture = architecture
    self.owner = owner
  }

  /// Why there is no GPU; `nil` where there is one.
  public static var absence: String? {
    do {
      _ = try gpu()
      return nil
    } catch let error as Diagnostic {
      return error.message
    } catch {
      return "\(error)"
    }
  }

  /// How many GPUs the CUDA driver finds; none where there is no driver.
  public static var gpuCount: Int { Int(jx_cuda_device_count()) }

  /// The GPU number `ordinal`.
  ///
  /// - Throws: where there is no driver, or no such GPU.
  public static func gpu(_ ordinal: Int = 0) throws -> Accelerator {
    var reason: UnsafePointer<CChar>?
    guard let table = jx_cuda_device(Int32(clamping: ordinal), &reason) else {
      throw Diagnostic(.error, reason.map { String(cString: $0) } ?? "there is no GPU")
    }
    return Accelerator(
      table, architecture: Architecture.newest(upTo: Int(table.pointee.architecture)))
  }

  /// Why the last call failed.
  var message: String { String(cString: jx_device_message()) }

  /// What the device said last.
  var reason: String { String(cString: jx_device_reason(table)) }

  func check(_ status: Int32, _ what: String) throws {
    if status == 0 { return }
    let reason = reason
    throw Diagnostic(.error, reason.isEmpty ? "\(what): status \(status)" : reason)
  }
}
