/// A list of passes over one intermediate representation, run in order and checked after each.
///
/// A pipeline is a literal list; where a pass occurs twice, the list says why.
public struct Pipeline<IR>: Sendable {
  public let passes: [Pass<IR>]
  /// What is known to be true of every program between two passes.
  public let invariants: Invariants<IR>

  public init(_ passes: [Pass<IR>], invariants: Invariants<IR>) {
    self.passes = passes
    self.invariants = invariants
  }

  /// Runs the passes that `options` leave on; the result is `true` iff one of them changed
  /// `program`.
  ///
  /// Throws a `PassFailure` that names the pass. After it, `program` is what the pass left behind.
  @discardableResult
  public func run(
    on program: inout IR, options: PipelineOptions = PipelineOptions(),
    observer: PassObserver<IR>? = nil
  ) throws -> Bool {
    var runs: [String: Int] = [:]
    var anyChanged = false
    for pass in passes {
      let occurrence = runs[pass.name, default: 0] + 1
      runs[pass.name] = occurrence
      if options.disabled.contains(where: { $0.matches(pass.name, occurrence) }) { continue }
      // A snapshot of a value type costs a few retains, but makes the first write copy: it is taken
      // only where its text may be needed.
      let before = options.verifyEach ? program : nil
      let clock = MonotonicClock()
      let changed: Bool
      RunningPass.enter(pass.name)
      defer { RunningPass.leave() }
      do {
        changed = try pass.run(&program)
      } catch {
        throw failure(of: pass, occurrence, before ?? program, [asDiagnostic(error)])
      }
      let elapsed = clock.elapsedNanoseconds
      if let before { try check(pass, occurrence, changed, before, program) }
      anyChanged = anyChanged || changed
      observer?(
        PassRun(name: pass.name, occurrence: occurrence, changed: changed, nanoseconds: elapsed),
        program)
    }
    return anyChanged
  }

  /// The passes of this pipeline that `names` list, in the order of `names`; throws where one is
  /// unknown.
  public static func named(
    _ names: [String], of known: [Pass<IR>], invariants: Invariants<IR>
  ) throws -> Pipeline {
    let passes = try names.map { name in
      guard let pass = known.first(where: { $0.name == name }) else {
        let all = known.map(\.name).sorted().joined(separator: ", ")
        throw Diagnostic(.error, "no pass is called '\(name)'", hint: "the passes are \(all)")
      }
      return pass
    }
    return Pipeline(passes, invariants: invariants)
  }

  private func check(
    _ pass: Pass<IR>, _ occurrence: Int, _ changed: Bool, _ before: IR, _ after: IR
  ) throws {
    var defects = invariants.defects(after)
    if !changed && !invariants.areEqual(before, after) {
      defects.append(Diagnostic(.error, "the pass changed the program but says that it did not"))
    } else if changed && invariants.areEqual(before, after) {
      defects.append(Diagnostic(.error, "the pass says that it changed the program, and did not"))
    }
    if !defects.isEmpty { throw failure(of: pass, occurrence, before, defects) }
  }

  private func failure(
    of pass: Pass<IR>, _ occurrence: Int, _ before: IR, _ defects: [Diagnostic]
  ) -> PassFailure {
    PassFailure(
      pass: pass.name, occurrence: occurrence, defects: defects,
      programBefore: invariants.text(before))
  }

  private func asDiagnostic(_ error: any Error) -> Diagnostic {
    error as? Diagnostic ?? Diagnostic(.error, "\(error)")
  }
}

/// What a pipeline checks between its passes, and how it shows a program.
public struct Invariants<IR>: Sendable {
  /// All defects of a program: empty iff it is valid.
  public let defects: @Sendable (IR) -> [Diagnostic]
  /// `true` iff two programs are equal, which catches passes that misreport `changed`.
  public let areEqual: @Sendable (IR, IR) -> Bool
  /// The text of a program, valid or not.
  public let text: @Sendable (IR) -> String

  public init(
    defects: @escaping @Sendable (IR) -> [Diagnostic],
    areEqual: @escaping @Sendable (IR, IR) -> Bool, text: @escaping @Sendable (IR) -> String
  ) {
    self.defects = defects
    self.areEqual = areEqual
    self.text = text
  }
}

/// What a user chose for a run of a pipeline.
public struct PipelineOptions: Hashable, Sendable {
  /// `--disable-pass=NAME[:N]`.
  public var disabled: [DisabledPass]
  /// `--verify-each`: check the invariants after every pass.
  public var verifyEach: Bool

  public init(disabled: [DisabledPass] = [], verifyEach: Bool = false) {
    self.disabled = disabled
    self.verifyEach = verifyEach
  }
}

/// One finished run of a pass.
public struct PassRun: Hashable, Sendable {
  public let name: String
  /// The run of this pass within its pipeline, counted from 1.
  public let occurrence: Int
  public let changed: Bool
  public let nanoseconds: UInt64

  public init(name: String, occurrence: Int, changed: Bool, nanoseconds: UInt64) {
    self.name = name
    self.occurrence = occurrence
    self.changed = changed
    self.nanoseconds = nanoseconds
  }
}

/// Called after every pass with the program it left behind: what dumps and time reports hang on.
public typealias PassObserver<IR> = (_ run: PassRun, _ program: IR) -> Void
