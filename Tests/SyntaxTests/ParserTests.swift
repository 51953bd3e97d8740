import Foundation
import Support
import Testing

@testable import Syntax

@Suite struct ParserTests {
  @Test func casesExist() {
    #expect(SyntaxCase.valid.count >= 6)
    #expect(SyntaxCase.wrong.count >= 3)
  }

  /// The tree equals CPython's, recorded by `Tests/record/syntax_trees.py`.
  @Test(arguments: SyntaxCase.valid)
  func equalsRecordedTree(_ syntaxCase: SyntaxCase) throws {
    let (module, diagnostics) = Parser.parse(source: try syntaxCase.source, file: 0)
    #expect(diagnostics.isEmpty)
    let recorded = syntaxCase.url.deletingPathExtension().appendingPathExtension("ast")
    guard let expected = try? String(contentsOf: recorded, encoding: .utf8) else { return }
    let lines = zip(
      expected.split(separator: "\n", omittingEmptySubsequences: false),
      module.dump().split(separator: "\n", omittingEmptySubsequences: false))
    for (old, new) in lines { #expect(new == old) }
    #expect(expected.utf8.count == module.dump().utf8.count)
  }

  /// `parse(unparse(x))` equals `x`, and unparsing once more gives the same text.
  @Test(arguments: SyntaxCase.valid + SyntaxCase.exam)
  func roundTrips(_ syntaxCase: SyntaxCase) throws {
    let (module, diagnostics) = Parser.parse(source: try syntaxCase.source, file: 0)
    #expect(diagnostics.isEmpty)
    let text = Unparser.unparse(module)
    let (again, errors) = Parser.parse(source: Array(text.utf8), file: 0)
    #expect(errors.isEmpty)
    #expect(again.dump() == module.dump())
    #expect(Unparser.unparse(again) == text)
  }

  /// Parsing each top-level chunk alone gives the same statements as parsing the file.
  /// (`fstrings.jx` has fields over several lines, which the scan does not look into.)
  @Test(arguments: SyntaxCase.valid + SyntaxCase.exam)
  func parsesChunks(_ syntaxCase: SyntaxCase) throws {
    if syntaxCase.testDescription == "fstrings.jx" { return }
    let source = try syntaxCase.source
    let (module, _) = Parser.parse(source: source, file: 0)
    var dump = ""
    for chunk in TopLevelChunk.scan(source) {
      let (part, errors) = Parser.parse(source: source, file: 0, range: chunk.range)
      #expect(errors.isEmpty)
      dump += part.dump()
    }
    #expect(dump == module.dump())
  }

  /// Deleting, doubling or replacing a token, each in turn, neither crashes nor hangs, and every place is
  /// inside the source.
  @Test(arguments: SyntaxCase.valid + SyntaxCase.exam)
  func survivesMutations(_ syntaxCase: SyntaxCase) throws {
    let source = try syntaxCase.source
    let replacements = ["(", "]", "}", "'", ":", "=", "def", "\n", "lambda", "f'{", "1"]
    var count = 0
    for chunk in TopLevelChunk.scan(source) {
      let text = Array(source[chunk.range])
      for token in tokens(of: text) where token.end > token.start {
        let range = Int(token.start)..<Int(token.end)
        let replacement: [UInt8] =
          switch count % 3 {
          case 0: []
          case 1: Array(" ".utf8) + text[range] + Array(" ".utf8) + text[range]
          default: Array(replacements[count / 3 % replacements.count].utf8)
          }
        check(text, replacing: range, with: replacement)
        count += 1
      }
    }
    #expect(count > 0)
  }

  private func tokens(of text: [UInt8]) -> [Token] {
    text.withUnsafeBufferPointer { bytes in
      var lexer = Lexer(bytes, file: 0, range: 0..<bytes.count)
      lexer.run()
      return lexer.tokens
    }
  }

  private func check(_ text: [UInt8], replacing range: Range<Int>, with replacement: [UInt8]) {
    var mutated = text
    mutated.replaceSubrange(range, with: replacement)
    let (module, diagnostics) = Parser.parse(source: mutated, file: 0)
    for diagnostic in diagnostics {
      guard let span = diagnostic.span else {
        Issue.record("a diagnostic without a place: \(diagnostic.message)")
        continue
      }
      #expect(span.start <= span.end && Int(span.end) <= mutated.count)
    }
    if diagnostics.isEmpty {
      let unparsed = Array(Unparser.unparse(module).utf8)
      let (again, errors) = Parser.parse(source: unparsed, file: 0)
      #expect(errors.isEmpty)
      #expect(again.dump() == module.dump(), "\(String(decoding: mutated, as: UTF8.self))")
    }
  }

  @Test(arguments: [
    "(", "[", "{", "f'{", "-", "not ", "lambda: ", "a if b else ", "x**", "f(", "a[",
  ])
  func refusesDeepNesting(_ piece: String) {
    let source = "x = " + String(repeating: piece, count: 50_000)
    let (_, diagnostics) = Parser.parse(source: Array(source.utf8), file: 0)
    #expect(!diagnostics.isEmpty)
  }

  @Test(arguments: [" + 1", ".a", "(1)", "[0]"])
  func refusesLongChains(_ piece: String) {
    let source = "x = y" + String(repeating: piece, count: 50_000)
    let (_, diagnostics) = Parser.parse(source: Array(source.utf8), file: 0)
    #expect(!diagnostics.isEmpty)
  }

  @Test func refusesInvalidUTF8() {
    let (_, diagnostics) = Parser.parse(source: Array("x = '".utf8) + [0xFF, 0x27], file: 0)
    #expect(diagnostics.map(\.message) == ["the source is not valid UTF-8"])
    #expect(diagnostics.first?.span?.start == 5)
  }

  /// The spans of nodes are those of their text.
  @Test func spansCoverTheirText() {
    let source = "x = (a + b[1:2]) * f(c, k=d).e\n"
    let (module, _) = Parser.parse(source: Array(source.utf8), file: 3)
    guard case .assign(let assignment)? = module.body.first,
      case .binary(let product) = assignment.value, case .binary(let sum) = product.left,
      case .subscript(let element) = sum.right, case .attribute(let attribute) = product.right
    else {
      Issue.record("unexpected tree")
      return
    }
    func text(_ span: Span) -> Substring {
      let bytes = source.utf8
      let start = bytes.index(bytes.startIndex, offsetBy: Int(span.start))
      return source[start..<bytes.index(bytes.startIndex, offsetBy: Int(span.end))]
    }
    #expect(assignment.span.file == 3)
    #expect(text(assignment.span) == "x = (a + b[1:2]) * f(c, k=d).e")
    #expect(text(sum.span) == "a + b[1:2]")
    #expect(text(element.index.span) == "1:2")
    #expect(text(product.operatorSpan) == "*")
    #expect(text(attribute.span) == "f(c, k=d).e")
    #expect(text(attribute.name.span) == "e")
  }
}
