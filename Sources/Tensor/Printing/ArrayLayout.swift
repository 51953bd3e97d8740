/// Where the brackets, separators and line breaks of a printed array go.
struct ArrayLayout {
  /// The shown indices of each axis; `nil` stands for `...`.
  let axes: [[Int?]]
  let strides: [Int]
  let separator: String
  let lineWidth: Int

  /// The row-major positions of the shown elements, in order.
  var positions: [Int] {
    var positions = [0]
    for (axis, stride) in zip(axes, strides) {
      let offsets = axis.compactMap { $0 }.map { $0 * stride }
      positions = positions.flatMap { base in offsets.map { base + $0 } }
    }
    return positions
  }

  private var words: ArraySlice<String> = []
  private var separatorWidth: Int { trimmed(separator).utf8.count }

  init(axes: [[Int?]], strides: [Int], separator: String, lineWidth: Int) {
    self.axes = axes
    self.strides = strides
    self.separator = separator
    self.lineWidth = lineWidth
  }

  /// The whole text; `words` are those of `positions`.
  mutating func text(_ words: [String], hangingIndent: String) -> String {
    self.words = words[...]
    return nested(axis: 0, indent: hangingIndent, width: lineWidth)
  }

  private mutating func nested(axis: Int, indent: String, width: Int) -> String {
    if axis == axes.count { return words.popFirst() ?? "" }
    if axis == axes.count - 1 { return row(axis, indent: indent, width: width) }
    let lineBreak =
      trimmed(separator) + String(repeating: "\n", count: axes.count - axis - 1) + indent
    var parts: [String] = []
    for index in axes[axis] {
      parts.append(
        index == nil ? "..." : nested(axis: axis + 1, indent: indent + " ", width: width - 1))
    }
    return "[" + parts.joined(separator: lineBreak) + "]"
  }

  /// The innermost axis: words fill lines.
  private mutating func row(_ axis: Int, indent: String, width: Int) -> String {
    let limit = width - max(separatorWidth, 1)
    var text = ""
    var line = indent
    // Lengths are counted once, since counting characters is linear.
    var length = indent.utf8.count
    let indentLength = length
    for (i, index) in axes[axis].enumerated() {
      if i > 0 {
        line += separator
        length += separator.utf8.count
      }
      let word = index == nil ? "..." : words.popFirst() ?? ""
      let wordLength = word.utf8.count
      if length + wordLength > limit && length > indentLength {
        text += trimmed(line) + "\n"
        line = indent
        length = indentLength
      }
      line += word
      length += wordLength
    }
    text += line
    return "[" + text.dropFirst(indentLength) + "]"
  }

  private func trimmed(_ line: String) -> String {
    var line = line
    while line.hasSuffix(" ") { line.removeLast() }
    return line
  }
}
