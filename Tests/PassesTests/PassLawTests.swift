import Execution
import HLO
import LoopIR
import Passes
import Support
import Tensor
import Testing

/// Passes keep what a module computes: interpreting before equals interpreting after, and so does
/// running what the pipeline and the code generator make of it.
@Suite struct PassLawTests {
  private static let seeds = UInt64(1)...60

  private func module(_ seed: UInt64, callsLibrary: Bool = true) throws -> Module {
    let module = try RandomModule.make(seed: seed, operations: 24, callsLibrary: callsLibrary)
    #expect(module.defects().isEmpty, "seed \(seed): \(module)")
    return module
  }

  /// Checks that `results` are `expected`, within `tolerance` where they are real numbers.
  private func expect(
    _ results: [HostTensor], _ expected: [HostTensor], tolerance: Double, _ what: String
  ) {
    #expect(results.count == expected.count, "\(what)")
    for (number, (a, b)) in zip(results, expected).enumerated() {
      guard a.type == b.type, a.shape == b.shape else {
        Issue.record("\(what): result \(number) has another type")
        return
      }
      for position in 0..<a.count {
        let (x, y) = (a[position].double, b[position].double)
        let isClose = (x - y).magnitude <= tolerance * max(1, y.magnitude)
        if x == y || x.isNaN && y.isNaN || a.type == .f32 && isClose { continue }
        Issue.record("\(what): result \(number), element \(position): \(x), not \(y)")
        return
      }
    }
  }

  /// All passes, and orders for arrays of any size.
  private static let passes = allPasses + [memoryScheduling(above: 0)]

  /// A law says something about the passes to which the generated modules give work. Rerolling needs
  /// long ones, and has a law of its own; others have theirs below.
  @Test func passesHaveWork() throws {
    var idle = Set(Self.passes.map(\.name))
    for seed in Self.seeds {
      for pass in Self.passes {
        var changed = try module(seed)
        if try pass.run(&changed) { idle.remove(pass.name) }
      }
    }
    let expected = [
      rerolling.name, tupleFlattening.name, epilogueFusion.name, reductionSplitting.name,
      constantFactors.name, scatterSorting.name, sumWidening.name,
    ]
    #expect(idle == Set(expected))
  }

  /// What the passes that these modules leave idle do with modules that are made for them.
  @Test(arguments: RandomModule.Rarity.allCases) func keepsRareMeaning(
    rarity: RandomModule.Rarity
  ) throws {
    let (pass, before): (Pass<Module>, [Pass<Module>]) =
      switch rarity {
      case .tuples: (tupleFlattening, [])
      case .constantFactors: (constantFactors, [])
      case .longRows: (reductionSplitting, [])
      case .epilogues: (epilogueFusion, [deviceMatching, deviceFusion, deadCodeElimination])
      case .scatters: (scatterSorting, [])
      case .narrowSums: (sumWidening, [])
      }
    var changes = 0
    for seed in UInt64(1)...5 {
      var module = try RandomModule.make(seed: seed, rarity: rarity)
      for pass in before { _ = try pass.run(&module) }
      let arguments = RandomModule.arguments(seed: seed)
      var changed = module
      let claim = try pass.run(&changed)
      let what = "seed \(seed), \(pass.name)"
      #expect(claim == (changed != module), "\(what) misreports whether it changed the module")
      #expect(changed.defects().isEmpty, "\(what): \(changed.defects())")
      let given = arguments.map { RuntimeValue.tensor($0) }
      let expected = try Interpreter(module).call(
        "main", values: rarity == .tuples ? [.tuple(given)] : given)
      expect(
        try Interpreter(changed).call("main", arguments), expected.flatMap(\.leaves),
        tolerance: pass.rounds ? 1e-5 : 0, what)
      changes += claim ? 1 : 0
    }
    #expect(changes > 1, "\(pass.name) has nothing to do")
  }

  /// Each pass alone, and after those that come before it in the pipeline.
  @Test(arguments: seeds) func keepsMeaning(seed: UInt64) throws {
    let module = try module(seed)
    let arguments = RandomModule.arguments(seed: seed)
    let expected = try Interpreter(module).call("main", arguments)
    for pass in Self.passes {
      var changed = module
      let claim = try pass.run(&changed)
      let what = "seed \(seed), \(pass.name)"
      #expect(claim == (changed != module), "\(what) misreports whether it changed the module")
      #expect(changed.defects().isEmpty, "\(what): \(changed.defects())")
      expect(
        try Interpreter(changed).call("main", arguments), expected,
        tolerance: pass.rounds ? 1e-5 : 0, what)
    }
    _ = try optimize(module, options: PipelineOptions(verifyEach: true)) { run, after in
      guard let results = try? Interpreter(after).call("main", arguments) else {
        Issue.record("seed \(seed), after \(run.name): the module does not run")
        return
      }
      expect(results, expected, tolerance: 1e-5, "seed \(seed), after \(run.name)")
    }
  }

  /// The same pass once more finds nothing to do, where the pass says that it is finished.
  @Test(arguments: seeds) func isFinished(seed: UInt64) throws {
    for pass in [constantFolding, commonSubexpressionElimination, deadCodeElimination] {
      var module = try module(seed)
      _ = try pass.run(&module)
      let again = try pass.run(&module)
      #expect(!again, "seed \(seed): \(pass.name) is not finished")
    }
  }

  @Test(arguments: seeds) func compiledIsInterpreted(seed: UInt64) throws {
    let module = try module(seed, callsLibrary: false)
    let arguments = RandomModule.arguments(seed: seed)
    let expected = try Interpreter(module).call("main", arguments)
    let program = try schedule(optimize(module), name: "jx_main")
    expect(
      try program.interpret(arguments), expected, tolerance: 1e-4, "seed \(seed), loops")
    expect(
      try compile(program).run(arguments), expected, tolerance: 1e-4, "seed \(seed), compiled")
  }

  /// The same where results are written over arguments.
  @Test func donatedIsInterpreted() throws {
    var donations = 0
    for seed in Self.seeds {
      var module = try module(seed, callsLibrary: false)
      let main = module.functions[0]
      for (number, type) in main.argumentTypes.enumerated() {
        guard let result = main.resultTypes.firstIndex(of: type) else { continue }
        module.functions[0].argumentAttributes[number] = [
          NamedAttribute("tf.aliasing_output", .integer(result, type: "i32"))
        ]
      }
      let expected = try Interpreter(module).call("main", RandomModule.arguments(seed: seed))
      let program = try schedule(optimize(module), name: "jx_main")
      donations += program.procedures[program.entry].donations.count
      let found = try compile(program).run(RandomModule.arguments(seed: seed), donated: [0, 1])
      expect(found, expected, tolerance: 1e-4, "seed \(seed), donated")
    }
    #expect(donations > 10)
  }
}

extension RuntimeValue {
  /// The tensors in a value.
  fileprivate var leaves: [HostTensor] {
    switch self {
    case .tensor(let tensor): [tensor]
    case .tuple(let parts): parts.flatMap(\.leaves)
    case .token: []
    }
  }
}

extension Pass<Module> {
  /// May results differ in the last place?
  var rounds: Bool {
    [reciprocalDivision.name, constantFactors.name, sumWidening.name].contains(name)
  }
}
