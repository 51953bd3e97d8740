/// Text with optional line breaks, laid out to a width.
///
/// A group is printed on one line if it fits, else every break of it (not of its inner groups)
/// becomes a new line. After Wadler, *A prettier printer* (1998), and Lindig, *Strictly pretty*
/// (2000).
public indirect enum PrettyDocument: Sendable {
  case text(String)
  /// A break: this text on one line, or a new line.
  case line(String)
  case concat([PrettyDocument])
  case nest(Int, PrettyDocument)
  case group(PrettyDocument)

  /// `documents` with `separator` between them.
  public static func join(_ separator: PrettyDocument, _ documents: [PrettyDocument])
    -> PrettyDocument
  {
    var parts: [PrettyDocument] = []
    for document in documents {
      if !parts.isEmpty { parts.append(separator) }
      parts.append(document)
    }
    return .concat(parts)
  }

  /// The text, no wider than `width` where breaks allow. Time is linear in the text.
  public func layout(width: Int) -> String {
    struct Item {
      var indent: Int
      var flat: Bool
      var document: PrettyDocument
    }
    // What follows a group does not count, as in JAX's printer: lines may be a little longer.
    func fits(_ first: Item, _ room: Int) -> Bool {
      var room = room
      var stack = [first]
      while room >= 0 {
        guard let item = stack.popLast() else { return true }
        switch item.document {
        case .text(let text): room -= text.utf8.count
        case .line(let text):
          if !item.flat { return true }
          room -= text.utf8.count
        case .concat(let parts):
          for part in parts.reversed() {
            stack.append(Item(indent: item.indent, flat: item.flat, document: part))
          }
        case .nest(let indent, let inner):
          stack.append(Item(indent: item.indent + indent, flat: item.flat, document: inner))
        case .group(let inner):
          stack.append(Item(indent: item.indent, flat: item.flat, document: inner))
        }
      }
      return false
    }

    var output = ""
    var column = 0
    var stack = [Item(indent: 0, flat: false, document: self)]
    while let item = stack.popLast() {
      switch item.document {
      case .text(let text):
        output += text
        column += text.count
      case .line(let text):
        if item.flat {
          output += text
          column += text.count
        } else {
          output += "\n" + String(repeating: " ", count: item.indent)
          column = item.indent
        }
      case .concat(let parts):
        for part in parts.reversed() {
          stack.append(Item(indent: item.indent, flat: item.flat, document: part))
        }
      case .nest(let indent, let inner):
        stack.append(Item(indent: item.indent + indent, flat: item.flat, document: inner))
      case .group(let inner):
        let flat = Item(indent: item.indent, flat: true, document: inner)
        if item.flat || fits(flat, width - column) {
          stack.append(flat)
        } else {
          stack.append(Item(indent: item.indent, flat: false, document: inner))
        }
      }
    }
    return output
  }
}
