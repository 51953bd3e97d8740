import Foundation
import Support
import Testing

@testable import Syntax

/// A file below `Tests/Cases/Syntax`, or one of the exam's programs.
struct SyntaxCase: CustomTestStringConvertible, Sendable {
  let url: URL

  var testDescription: String { url.lastPathComponent }

  var source: [UInt8] { get throws { try Array(Data(contentsOf: url)) } }

  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The programs in a folder, in the order of their names.
  static func all(below folder: String) -> [SyntaxCase] {
    let url = root.appendingPathComponent(folder)
    let files = try? FileManager.default.contentsOfDirectory(
      at: url, includingPropertiesForKeys: nil)
    return (files ?? []).filter { $0.pathExtension == "jx" }
      .sorted { $0.path < $1.path }.map { SyntaxCase(url: $0) }
  }

  static let valid = all(below: "Tests/Cases/Syntax")
  static let wrong = all(below: "Tests/Cases/Syntax/errors")
  static let exam = all(below: "../shared/exam/programs")
}

/// Compares `text` with the file at `url`; with `JXC_UPDATE=1`, rewrites the file and still fails.
func expectGolden(_ text: String, at url: URL) throws {
  let expected = try? String(contentsOf: url, encoding: .utf8)
  if text == expected { return }
  if ProcessInfo.processInfo.environment["JXC_UPDATE"] != nil {
    try text.write(to: url, atomically: true, encoding: .utf8)
    Issue.record("recorded \(url.lastPathComponent)")
    return
  }
  let old = (expected ?? "").split(separator: "\n", omittingEmptySubsequences: false)
  let new = text.split(separator: "\n", omittingEmptySubsequences: false)
  for (index, line) in new.enumerated() where index >= old.count || old[index] != line {
    let before = index < old.count ? String(old[index]) : "nothing"
    Issue.record(
      "\(url.lastPathComponent):\(index + 1): expected \(before), found \(String(line))")
    return
  }
  Issue.record("\(url.lastPathComponent) has more lines than expected")
}
