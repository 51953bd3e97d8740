import Foundation
import Support
import Testing

@testable import HLO

/// The repository's root.
let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// The `.mlir` files of a folder, by name; none where the folder is absent.
func samples(_ folder: URL) -> [URL] {
  let files =
    (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil))
    ?? []
  return files.filter { $0.pathExtension == "mlir" }
    .sorted { $0.lastPathComponent < $1.lastPathComponent }
}

/// Programs as JAX lowers them: `Tests/record/stablehlo.py`.
let lowered = samples(root.appendingPathComponent("Tests/Cases/HLO/lowered"))
/// StableHLO's own tests, where they lie beside the checkout.
let peers = root.deletingLastPathComponent().appendingPathComponent("shared/stablehlo")

func text(_ file: URL) throws -> String { try String(contentsOf: file, encoding: .utf8) }

/// The message of the error that reading `text` gives.
func messageOfReading(_ text: String) -> String? {
  do {
    let modules = try Module.parse(text)
    return modules.flatMap { $0.defects() }.first?.message
  } catch {
    return (error as? Diagnostic)?.message ?? "\(error)"
  }
}

/// What reading a function with this body complains about.
func defect(_ arguments: String, _ body: String) -> String? {
  messageOfReading("func.func @f(\(arguments)) {\n\(body)\nreturn\n}")
}
