import Support

/// A static library: object files, and an index of the symbols that each defines.
public struct Archive {
  public struct Member {
    public var name: String
    public var bytes: [UInt8]
    /// The symbols that linkers find it by.
    public var symbols: [String]

    public init(name: String, bytes: [UInt8], symbols: [String]) {
      self.name = name
      self.bytes = bytes
      self.symbols = symbols
    }
  }

  public var members: [Member] = []

  public init() {}

  private static let magic = Array("!<arch>\n".utf8)

  // MARK: Reading

  /// - Throws: a diagnostic if `bytes` are no archive in the form of GNU and System V.
  public init(parsing bytes: [UInt8]) throws {
    let malformed = Diagnostic(.error, "malformed static library")
    guard bytes.starts(with: Archive.magic) else { throw malformed }
    var offsets: [(offset: Int, symbol: String)] = []
    var longNames: [UInt8] = []
    var found: [(offset: Int, member: Member)] = []
    var position = Archive.magic.count
    while position + 60 <= bytes.count {
      func field(_ start: Int, _ count: Int) -> String {
        var text = bytes[position + start..<position + start + count]
        while text.last == UInt8(ascii: " ") { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
      }
      guard let size = Int(field(48, 10)), size >= 0, size <= bytes.count - position - 60 else {
        throw malformed
      }
      let content = Array(bytes[position + 60..<position + 60 + size])
      var name = field(0, 16)
      switch name {
      case "/": offsets = try Archive.index(content)
      case "//": longNames = content
      default:
        if name.hasPrefix("/"), let start = Int(name.dropFirst()), start < longNames.count {
          name = String(
            decoding: longNames[start...].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
        if name.hasSuffix("/") { name.removeLast() }
        found.append((position, Member(name: name, bytes: content, symbols: [])))
      }
      position += 60 + size + size % 2
    }
    for (offset, symbol) in offsets {
      if let index = found.firstIndex(where: { $0.offset == offset }) {
        found[index].member.symbols.append(symbol)
      }
    }
    members = found.map(\.member)
  }

  private static func index(_ content: [UInt8]) throws -> [(offset: Int, symbol: String)] {
    func word(_ position: Int) -> Int? {
      guard position + 4 <= content.count else { return nil }
      return content[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    guard let count = word(0), content.count >= 4 + 4 * count else {
      throw Diagnostic(.error, "malformed index of a static library")
    }
    let names = content[(4 + 4 * count)...].split(separator: 0, omittingEmptySubsequences: false)
    return zip(0..<count, names).compactMap { number, name in
      word(4 + 4 * number).map { ($0, String(decoding: name, as: UTF8.self)) }
    }
  }

  // MARK: Writing

  /// The archive as a file; equal archives give equal bytes.
  public var bytes: [UInt8] {
    var longNames: [UInt8] = []
    let headerNames = members.map { member -> String in
      if member.name.utf8.count < 16 { return member.name + "/" }
      defer { longNames += Array("\(member.name)/\n".utf8) }
      return "/\(longNames.count)"
    }
    let symbols = members.flatMap(\.symbols)
    let indexSize = 4 + 4 * symbols.count + symbols.reduce(0) { $0 + $1.utf8.count + 1 }
    var offset = Archive.magic.count + 60 + indexSize + indexSize % 2
    if !longNames.isEmpty { offset += 60 + longNames.count + longNames.count % 2 }
    var index = Archive.bigEndian(symbols.count)
    for member in members {
      for _ in member.symbols { index += Archive.bigEndian(offset) }
      offset += 60 + member.bytes.count + member.bytes.count % 2
    }
    for symbol in symbols { index += Array(symbol.utf8) + [0] }

    var result = Archive.magic
    func append(_ name: String, _ content: [UInt8]) {
      func padded(_ text: String, _ count: Int) -> String {
        text + String(repeating: " ", count: max(0, count - text.utf8.count))
      }
      // No date, owner or group, so that bytes follow from contents.
      result += Array(
        (padded(name, 16) + padded("0", 12) + padded("0", 6) + padded("0", 6) + padded("644", 8)
          + padded("\(content.count)", 10) + "`\n").utf8)
      result += content
      if content.count % 2 == 1 { result.append(UInt8(ascii: "\n")) }
    }
    append("/", index)
    if !longNames.isEmpty { append("//", longNames) }
    for (name, member) in zip(headerNames, members) { append(name, member.bytes) }
    return result
  }

  private static func bigEndian(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }
}
