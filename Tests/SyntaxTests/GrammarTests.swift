import Foundation
import Testing

@testable import Syntax

@Suite struct GrammarTests {
  /// Every rule of the grammar is a method of the parser, and every method is a rule.
  @Test func rulesAreParserMethods() throws {
    let grammar = try String(
      contentsOf: SyntaxCase.root.appendingPathComponent("grammar/jx.peg"), encoding: .utf8)
    let rules = Set(grammar.matches(of: /(?m)^(\w+)\s*<-/).map { String($0.1) })
    let folder = SyntaxCase.root.appendingPathComponent("Sources/Syntax")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    var methods: Set<String> = []
    for file in files where file.lastPathComponent.hasPrefix("Parser+") {
      let text = try String(contentsOf: file, encoding: .utf8)
      methods.formUnion(
        text.matches(of: /(?m)^  mutating func (\w+)/).map { String($0.1) })
    }
    #expect(rules.count > 50)
    #expect(rules.subtracting(methods).isEmpty, "rules without a method")
    #expect(methods.subtracting(rules).isEmpty, "methods without a rule")
  }

  /// Every name that a rule mentions is a rule or a token.
  @Test func rulesAreDefined() throws {
    let grammar = try String(
      contentsOf: SyntaxCase.root.appendingPathComponent("grammar/jx.peg"), encoding: .utf8)
    let rules = Set(grammar.matches(of: /(?m)^(\w+)\s*<-/).map { String($0.1) })
    let tokens: Set = [
      "NEWLINE", "INDENT", "DEDENT", "NAME", "NUMBER", "STRING", "FSTRING_START",
      "FSTRING_MIDDLE", "FSTRING_END", "END", "AUGMENTED",
    ]
    var used: Set<String> = []
    for line in grammar.split(separator: "\n") where !line.hasPrefix("#") {
      let body = line.split(separator: "<-", maxSplits: 1).last ?? ""
      let names = body.replacing(/'[^']*'/, with: " ")
      used.formUnion(names.matches(of: /\w+/).map { String($0.0) })
    }
    #expect(used.subtracting(rules).subtracting(tokens).isEmpty)
    #expect(rules.subtracting(used).subtracting(["module"]).isEmpty, "rules that nothing uses")
  }
}
