import HLO
import Support
import Tensor

/// Makes a module smaller as long as a test holds: what is left shows what the test is about.
///
/// Results of the entry, functions, and operations go away, many at first, then fewer, until none
/// can. Values that are still needed become arguments, or zeros inside regions.
struct Reducer {
  private(set) var module: Module
  /// Whether a smaller module still shows it.
  let holds: (Module) -> Bool

  init(_ module: Module, holds: @escaping (Module) -> Bool) {
    self.module = module
    self.holds = holds
  }

  /// The number of operations that are left.
  var size: Int { module.functions.reduce(0) { $0 + $1.operationsInOrder().count } }

  mutating func run() {
    var size = size
    while true {
      dropFunctions()
      dropResults()
      for index in module.functions.indices { dropOperations(of: index) }
      if self.size == size { break }
      size = self.size
    }
    dropArguments()
  }

  /// Goes on with `candidate` if it is a module and the test holds.
  private mutating func accept(_ candidate: Module) -> Bool {
    guard candidate.defects().isEmpty, holds(candidate) else { return false }
    module = candidate
    return true
  }

  private var entryIndex: Int? {
    module.functions.firstIndex { $0.name == module.entry?.name }
  }

  // MARK: Steps

  /// Functions that nothing calls.
  private mutating func dropFunctions() {
    for name in module.functions.map(\.name) where name != module.entry?.name {
      var candidate = module
      candidate.functions.removeAll { $0.name == name }
      _ = accept(candidate)
    }
  }

  /// Results of the entry.
  private mutating func dropResults() {
    guard let entry = entryIndex else { return }
    let count = module.functions[entry].resultTypes.count
    shrink(entry, count: count) { dropped, module in
      var function = module.functions[entry]
      guard let last = function.terminator(of: function.body) else { return nil }
      func kept<T>(_ list: some Sequence<T>) -> [T] {
        list.enumerated().filter { !dropped.contains($0.offset) }.map(\.element)
      }
      function.operations[last].operands = Operands(kept(function.operations[last].operands))
      function.resultTypes = kept(function.resultTypes)
      function.resultAttributes = kept(function.resultAttributes)
      return function.swept()
    }
  }

  /// Operations of a function, in its regions too.
  private mutating func dropOperations(of index: Int) {
    let isEntry = index == entryIndex
    let count = module.functions[index].operationsInOrder().count
    shrink(index, count: count) { dropped, module in
      module.functions[index].without(dropped, addingArguments: isEntry)
    }
  }

  /// Arguments of the entry that nothing uses.
  private mutating func dropArguments() {
    guard let entry = entryIndex else { return }
    var candidate = module
    var function = candidate.functions[entry]
    let used = Set(function.operationsInOrder().flatMap { Array(function.operations[$0].operands) })
    let kept = function.arguments.indices.filter { used.contains(function.arguments[$0]) }
    guard kept.count < function.arguments.count else { return }
    function.argumentAttributes = kept.map { function.argumentAttributes[$0] }
    function.regions[function.body].arguments = kept.map { function.arguments[$0] }
    for (position, argument) in function.arguments.enumerated() {
      function.values[argument].definition = .argument(function.body, position)
    }
    candidate.functions[entry] = function
    _ = accept(candidate)
  }

  /// Tries to leave out some of `count` things of a function: the last half, the first, then quarters, and so on
  /// to single ones.
  ///
  /// - Parameter candidate: the function without the things with these numbers; `nil` if it cannot
  ///   be.
  private mutating func shrink(
    _ index: Int, count: Int, _ candidate: (Set<Int>, Module) -> Function?
  ) {
    var length = max(1, count / 2)
    while true {
      // From the end: what is left out there changes few numbers before it.
      var end = count
      while end > 0 {
        let start = max(0, end - length)
        if let function = candidate(Set(start..<end), module) {
          var smaller = module
          smaller.functions[index] = function
          _ = accept(smaller)
        }
        end = start
      }
      if length == 1 { return }
      length /= 2
    }
  }
}
