import Foundation

/// The lines of `Tests/Cases/Tensor/<name>`, split at spaces.
func cases(_ name: String, file: String = #filePath) throws -> [[Substring]] {
  let folder = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
  let text = try String(
    contentsOf: folder.appendingPathComponent("Cases/Tensor/\(name)"), encoding: .utf8)
  return text.split(separator: "\n").map { $0.split(separator: " ") }
}
