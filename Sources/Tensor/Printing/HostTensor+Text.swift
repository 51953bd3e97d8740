extension HostTensor {
  /// What `str` gives: `[1. 2.]`; arrays of rank 0 print as scalars.
  public func text(_ options: PrintOptions = PrintOptions()) -> String {
    if type == .key {
      return "Array(\(tupleText), dtype=key<fry>) overlaying:\n\(words.text(options))"
    }
    if shape.rank == 0 { return elementText(0) }
    return arrayText(options, separator: " ", prefix: "")
  }

  /// What `repr` of a JAX array gives: `Array([1., 2.], dtype=float32, weak_type=True)`.
  public func jaxRepr(weakType: Bool, _ options: PrintOptions = PrintOptions()) -> String {
    if type == .key { return text(options) }
    let prefix = "Array("
    let extras = "dtype=\(type.numpyName)" + (weakType ? ", weak_type=True" : "")
    let body: String
    if count == 0 {
      body = "[], shape=\(tupleText)"
    } else {
      var narrowed = options
      narrowed.lineWidth -= 1
      body = arrayText(narrowed, separator: ", ", prefix: prefix)
    }
    // The last line is measured with two characters more than it has.
    let isLong = lastLineLength(body) + 2 + extras.count + 2 > options.lineWidth
    let gap = isLong ? String(repeating: " ", count: prefix.count) : " "
    return "\(prefix)\(body),\(gap)\(extras))"
  }

  /// What `repr` of a NumPy array gives: `array([1., 2.], dtype=float32)`.
  public func numpyRepr(_ options: PrintOptions = PrintOptions()) -> String {
    let prefix = "array("
    var narrowed = options
    narrowed.lineWidth -= 1
    let body = count == 0 ? "[]" : arrayText(narrowed, separator: ", ", prefix: prefix)
    var extras: [String] = []
    if count == 0 && shape != [0] || count > options.threshold {
      extras.append("shape=\(tupleText)")
    }
    let isImplied = type == .bool || type == .i64 || type == .f64 || type == .c128
    if !isImplied || count == 0 { extras.append("dtype=\(shortTypeName)") }
    if extras.isEmpty { return prefix + body + ")" }
    let head = prefix + body + ","
    let tail = extras.joined(separator: ", ") + ")"
    let isLong = lastLineLength(head) + tail.count + 1 > options.lineWidth
    return head + (isLong ? "\n" + String(repeating: " ", count: prefix.count) : " ") + tail
  }

  /// The element at a row-major position as a scalar prints: `0.1`, `True`, `(1-2j)`.
  public func elementText(_ position: Int) -> String {
    switch type {
    case .f16, .f32, .f64: return ScalarText.repr(self[position].double, type: type)
    case .float0: return "(b'',)"
    case .bool, .i2, .i4, .i8, .i16, .i32, .i64, .u2, .u4, .u8, .u16, .u32, .u64, .f4E2M1FN,
      .f6E2M3FN, .f6E3M2FN, .f8E3M4, .f8E4M3, .f8E4M3FN, .f8E4M3FNUZ, .f8E4M3B11FNUZ, .f8E5M2,
      .f8E5M2FNUZ, .f8E8M0FNU, .bf16, .c64, .c128,
      .key:
      break
    }
    switch self[position] {
    case .bool(let value): return value ? "True" : "False"
    case .int(let value): return String(value)
    case .uint(let value): return String(value)
    case .float(let value): return ScalarText.general(value)
    case .complex(let value): return ScalarText.repr(value, type: type)
    }
  }

  /// The brackets, elements and line breaks; `prefix` is what will stand before them.
  ///
  /// The work is linear in the number of elements that are shown.
  public func arrayText(
    _ options: PrintOptions, separator: String, prefix: String
  ) -> String {
    if count == 0 { return "[]" }
    let isSummary = count > options.threshold
    let shownAxes = shape.dimensions.map { extent -> [Int?] in
      guard isSummary && extent > 2 * options.edgeItems else { return Array(0..<extent) }
      let edge = options.edgeItems
      return Array(0..<edge) + [nil] + Array((extent - edge)..<extent)
    }
    var layout = ArrayLayout(
      axes: shownAxes, strides: shape.strides, separator: separator, lineWidth: options.lineWidth)
    let positions = layout.positions
    let words = elementTexts(positions, options)
    return layout.text(words, hangingIndent: String(repeating: " ", count: prefix.count + 1))
  }

  // MARK: Parts

  /// The two words of each key as a last axis.
  private var words: HostTensor {
    HostTensor(type: .u32, shape: Shape(shape.dimensions + [2]), buffer: buffer)
  }

  /// The shape as a Python tuple.
  private var tupleText: String {
    let extents = shape.dimensions.map(String.init).joined(separator: ", ")
    return shape.rank == 1 ? "(\(extents),)" : "(\(extents))"
  }

  /// The name of the type as NumPy's `repr` writes it: quoted unless it is a word.
  private var shortTypeName: String {
    if type == .float0 { return type.numpyText }
    let name = type.numpyName
    return name.contains("_") || type == .key ? "'\(name)'" : name
  }

  private func lastLineLength(_ text: String) -> Int {
    text.utf8.count
      - (text.utf8.lastIndex(of: UInt8(ascii: "\n")).map {
        text.utf8.distance(from: text.utf8.startIndex, to: $0) + 1
      } ?? 0)
  }

  /// The texts of the elements at `positions`, in the common form of the array.
  private func elementTexts(_ positions: [Int], _ options: PrintOptions) -> [String] {
    switch type.kind {
    case .bool:
      return positions.map { self[$0].isTrue ? (shape.rank == 0 ? "True" : " True") : "False" }
    case .signed, .unsigned:
      return integerTexts(positions, options)
    case .float where type == .f16 || type == .f32 || type == .f64:
      let values = positions.map { self[$0].double }
      let column = FloatColumn(values, type: type, options: options)
      return values.map { column.text($0) }
    case .complex:
      return complexTexts(positions, options)
    case .float, .float0, .key:
      return positions.map { elementText($0) }
    }
  }

  private func integerTexts(_ positions: [Int], _ options: PrintOptions) -> [String] {
    if type.bitWidth < 8 { return positions.map { elementText($0) } }
    let isNegative = positions.contains { self[$0].double < 0 }
    // A leading space stands for a plus only where nothing is negative.
    let plus: String
    switch options.sign {
    case .minus: plus = ""
    case .plus: plus = "+"
    case .space: plus = isNegative ? "" : " "
    }
    let texts = positions.map { position -> String in
      let text = elementText(position)
      return text.hasPrefix("-") ? text : plus + text
    }
    let width = texts.map(\.utf8.count).max() ?? 0
    return texts.map { String(repeating: " ", count: width - $0.utf8.count) + $0 }
  }

  private func complexTexts(_ positions: [Int], _ options: PrintOptions) -> [String] {
    let values = positions.map { position -> Complex<Double> in
      if case .complex(let value) = self[position] { return value }
      return Complex(0)
    }
    var signed = options
    signed.sign = .plus
    let real = FloatColumn(values.map(\.real), type: type.realPart, options: options)
    let imaginary = FloatColumn(values.map(\.imaginary), type: type.realPart, options: signed)
    return values.map { value in
      // The `j` comes before the padding.
      var part = imaginary.text(value.imaginary)
      let padding = part.utf8.reversed().prefix { $0 == UInt8(ascii: " ") }.count
      part.removeLast(padding)
      return real.text(value.real) + part + "j" + String(repeating: " ", count: padding)
    }
  }
}
