import HLO
import Support

extension Invocation {
  /// `jxc diff`: says where the modules in two files first differ.
  ///
  /// - Throws: `Failure` with exit code 1 where they do.
  public func diff(_ first: String, _ second: String) throws(Failure) {
    try reporting {
      let (ours, theirs) = (try modules(in: first), try modules(in: second))
      for (mine, yours) in zip(ours, theirs) {
        guard let difference = mine.firstDifference(from: yours) else { continue }
        writeOutput(text(of: difference))
        throw Failure(.programError)
      }
      guard ours.count == theirs.count else {
        writeOutput("the first file has \(ours.count) modules, the second \(theirs.count)\n")
        throw Failure(.programError)
      }
    }
  }

  /// What differs, and the lines of the two files.
  private func text(of difference: ModuleDifference) -> String {
    var text = difference.message + "\n"
    for (mark, span) in [("-", difference.first), ("+", difference.second)] {
      guard let span, let file = sources.file(of: span), let place = sources.location(of: span)
      else { continue }
      let line = String(decoding: file.text[file.range(ofLine: place.line)], as: UTF8.self)
      let trimmed = line.drop { $0 == " " }
      text += "\(mark) \(place.file):\(place.line): \(trimmed)\n"
    }
    return text
  }
}
