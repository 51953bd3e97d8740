import Foundation
import Support
import Testing

@testable import Syntax

@Suite struct DiagnosticTests {
  /// Each line with `# error: text` has a diagnostic whose message begins with the text, and no
  /// other line has one; how they are shown is recorded.
  @Test(arguments: SyntaxCase.wrong)
  func reportsExpectedErrors(_ syntaxCase: SyntaxCase) throws {
    let source = try syntaxCase.source
    let sources = SourceMap()
    let file = sources.add(name: syntaxCase.url.lastPathComponent, text: source)
    let (_, diagnostics) = Parser.parse(source: source, file: file)
    var found: [Int: String] = [:]
    for diagnostic in diagnostics {
      let location = try #require(diagnostic.span.flatMap { sources.location(of: $0) })
      found[location.line] = diagnostic.message
    }
    let lines = String(decoding: source, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let place = "\(syntaxCase.testDescription):\(index + 1)"
      let message = found[index + 1]
      if let marker = line.range(of: "# error: ") {
        #expect(
          message?.hasPrefix(line[marker.upperBound...]) == true,
          "\(place): found \(message ?? "nothing"): \(line)")
      } else {
        #expect(message == nil, "\(place): \(line)")
      }
    }
    let rendering = DiagnosticRenderer(sources: sources).render(diagnostics)
    try expectGolden(
      rendering,
      at: syntaxCase.url.deletingPathExtension().appendingPathExtension("diagnostics"))
  }

  @Test func rendersEachFormat() {
    let sources = SourceMap()
    let text = "def f(x, w):\n\treturn π + x * w\n"
    let file = sources.add(name: "mlp.jx", text: Array(text.utf8))
    let diagnostic = Diagnostic(
      .error, "cannot multiply f32[3] by f32[4]", at: Span(file: file, start: 26, end: 31),
      notes: ["x: f32[3], from parameter 'x' (mlp.jx:1:7)"],
      hint: "shapes must match or broadcast")
    var renderer = DiagnosticRenderer(sources: sources)
    #expect(
      renderer.render(diagnostic) == """
        mlp.jx:2:13: error: cannot multiply f32[3] by f32[4]
        \treturn π + x * w
        \t           ^^^^^
          x: f32[3], from parameter 'x' (mlp.jx:1:7)
        hint: shapes must match or broadcast

        """)
    renderer.isColored = true
    #expect(renderer.render(diagnostic).contains("\u{1B}[1;31merror: \u{1B}[0m"))
    renderer.format = .short
    renderer.isColored = false
    #expect(
      renderer.render(diagnostic) == "mlp.jx:2:13: error: cannot multiply f32[3] by f32[4]\n")
    renderer.format = .json
    #expect(
      renderer.render(diagnostic) == """
        {"severity":"error","message":"cannot multiply f32[3] by f32[4]","file":"mlp.jx",\
        "line":2,"column":13,"endLine":2,"endColumn":18,\
        "notes":["x: f32[3], from parameter 'x' (mlp.jx:1:7)"],\
        "hint":"shapes must match or broadcast"}

        """)
  }

  @Test func cropsLongLines() {
    let sources = SourceMap()
    let text = String(repeating: "a", count: 1000) + "!" + String(repeating: "b", count: 1000)
    let file = sources.add(name: "long.mlir", text: Array(text.utf8))
    let diagnostic = Diagnostic(.error, "wrong", at: Span(file: file, start: 1000, end: 1001))
    let lines = DiagnosticRenderer(sources: sources).render(diagnostic).split(separator: "\n")
    #expect(lines[0] == "long.mlir:1:1001: error: wrong")
    #expect(lines[1].count < 130)
    #expect(lines[2].count == 42 && lines[2].last == "^")
    #expect(lines[1].dropFirst(41).first == "!")
  }

  @Test func locatesTheEndOfAFile() {
    let sources = SourceMap()
    let file = sources.add(name: "a.jx", text: Array("x\n".utf8))
    let location = sources.location(of: Span(file: file, start: 2, end: 2))
    #expect(location == SourceLocation(file: "a.jx", line: 2, column: 1))
    #expect(sources.location(of: Span(file: 7, start: 0, end: 0)) == nil)
    let empty = sources.add(name: "b.jx", text: [])
    let diagnostic = Diagnostic(.error, "wrong", at: Span(file: empty, start: 9, end: 9))
    #expect(DiagnosticRenderer(sources: sources).render(diagnostic) == "b.jx:1:1: error: wrong\n")
  }
}
