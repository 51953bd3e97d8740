import Core

extension ControlFlow {
  /// The carried value of a loop, for messages.
  struct Carry {
    /// `scan body`, `while_loop body`
    var function: String
    /// What the body calls it, if that is known.
    var name: String?

    /// The component at `path`, a `keystr`.
    func component(_ path: String) -> String {
      if let name {
        return path.isEmpty
          ? "the input carry \(name)" : "the input carry component \(name)\(path)"
      }
      return path.isEmpty ? "the input carry" : "the input carry at path \(path)"
    }
  }

  /// - Throws: `TypeError` unless what the body of a loop returns is what it takes.
  static func checkCarry(
    _ carry: Carry, _ outTree: TreeDef, _ outs: [ShapedArray], _ tree: TreeDef,
    _ ins: [ShapedArray]
  ) throws {
    guard try outTree.isEqual(to: tree) else {
      let differences = try tree.differences(
        from: outTree, leaf: "<class 'jax._src.core.ShapedArray'>"
      ).map {
        "\(carry.component($0.path)) is a \($0.first) but the corresponding component of the "
          + "carry output is a \($0.second), so \($0.explanation)"
      }
      throw typeError(
        """
        \(carry.function) function carry input and carry output must have the same pytree \
        structure, but they differ:

        \(listed(differences, gap: "\n"))
        Revise the function so that the carry output has the same pytree structure as the carry \
        input.
        """)
    }
    let paths = try leafPaths(tree)
    let differences = zip(paths, zip(ins, outs)).compactMap { path, avals -> String? in
      guard let explanation = mismatch(avals.0, avals.1) else { return nil }
      return "\(carry.component(path)) has type \(shortType(avals.0)) but the corresponding "
        + "output carry component has type \(shortType(avals.1))\(explanation)"
    }
    guard differences.isEmpty else {
      throw typeError(
        """
        \(carry.function) function carry input and carry output must have equal types, but they \
        differ:

        \(listed(differences, gap: "\n"))
        Revise the function so that all output types match the corresponding input types.
        """)
    }
  }

  /// - Throws: `TypeError` unless two branches return the same type.
  static func checkBranches(
    _ function: String, _ first: (name: String, function: Object, staged: StagedFunction),
    _ second: (name: String, function: Object, staged: StagedFunction)
  ) throws {
    let who =
      """
      \(first.name) is \(describedFunction(first.function))
      \(second.name) is \(describedFunction(second.function))
      """
    let (tree, otherTree) = (first.staged.outTree, second.staged.outTree)
    guard try tree.isEqual(to: otherTree) else {
      let differences = try tree.differences(from: otherTree, leaf: "pytree leaf").map { item in
        let place = item.path.isEmpty ? "" : " at path \(item.path)"
        return "\(first.name) output\(place) is a \(item.first) but \(second.name) "
          + "output\(place) is a \(item.second), so \(item.explanation)"
      }
      throw typeError(
        """
        \(function) branch outputs must have the same pytree structure, but they differ:

        \(who)

        \(listed(differences, gap: "\n", isCapitalized: false))
        Revise \(first.name) and/or \(second.name) so that they have the same pytree structure.
        """)
    }
    let paths = try leafPaths(tree)
    let avals = zip(first.staged.jaxpr.outAvals, second.staged.jaxpr.outAvals)
    let differences = zip(paths, avals).compactMap { path, avals -> String? in
      guard let explanation = mismatch(avals.0, avals.1) else { return nil }
      return "the output of \(first.name)\(path.isEmpty ? "" : " at path \(path)") has type "
        + "\(shortType(avals.0)) but the corresponding output of \(second.name) has type "
        + "\(shortType(avals.1))\(explanation)"
    }
    guard differences.isEmpty else {
      throw typeError(
        """
        \(function) branches must have equal output types but they differ.

        \(who)

        \(listed(differences, gap: ""))
        Revise \(first.name) and/or \(second.name) so that all output types match.
        """)
    }
  }

  /// One sentence, or a list of them.
  ///
  /// - Parameter gap: what stands between two items, except before the last one.
  private static func listed(
    _ items: [String], gap: String, isCapitalized: Bool = true
  ) -> String {
    guard let last = items.last else { return "" }
    let rest = items.dropLast()
    if rest.isEmpty {
      return (isCapitalized ? last.prefix(1).uppercased() + last.dropFirst() : last) + ".\n"
    }
    return rest.map { "  * \($0);\n" }.joined(separator: gap) + "  * \(last).\n"
  }

  /// Why two types do not match, or `nil` where they do; weak types match strong ones.
  private static func mismatch(_ a: ShapedArray, _ b: ShapedArray) -> String? {
    if a.shape == b.shape && a.dtype == b.dtype { return nil }
    let reasons =
      (a.dtype == b.dtype ? [] : ["the dtypes do not match"])
      + (a.shape == b.shape ? [] : ["the shapes do not match"])
    return ", so " + reasons.joined(separator: ", and ")
  }

  private static func shortType(_ aval: ShapedArray) -> String { aval.strengthened.longDescription }

  /// The way to each leaf, as `keystr` prints it.
  static func leafPaths(_ tree: TreeDef) throws -> [String] {
    let object = try tree.unflatten([Object](repeating: .int(0), count: tree.leafCount))
    return try TreeDef.flattenWithPath(object).leaves.map {
      try $0.path.map { try $0.text() }.joined()
    }
  }
}
