import HLO
import Support
import Tensor

/// What is known to be true of every module between two passes.
public let moduleInvariants = Invariants<Module>(
  defects: { module in
    var types: [String: (arguments: [ValueType], results: [ValueType])] = [:]
    for function in module.functions {
      types[function.name] = (function.argumentTypes, function.resultTypes)
    }
    return module.functions.flatMap { $0.defects { types[$0] } } + roundTripDefects(module)
  },
  areEqual: { $0 == $1 },
  text: { $0.description })

/// What is wrong with the text of `module`: it has to read back to the same text.
private func roundTripDefects(_ module: Module) -> [Diagnostic] {
  let text = module.description
  do {
    if try Module.parse(text).map(\.description) == [text] { return [] }
    return [Diagnostic(.error, "the module's text reads back differently")]
  } catch {
    return [Diagnostic(.error, "the module's text does not read back: \(error)")]
  }
}

/// All passes, by name: what `jxc opt --passes=` knows.
public let allPasses: [Pass<Module>] = [
  inlining, tupleFlattening, staticShapes, expansion, sumWidening, elementaryExpansion,
  constantFolding,
  reciprocalDivision, constantFactors, deadCodeElimination, commonSubexpressionElimination,
  algebraicSimplification, movementSinking, rerolling, tripCounts, loopInvariants,
  loopInvariantCodeMotion, convolutionCanonicalization, dotCanonicalization, constantSinking,
  concatenateSplitting, libraryMatching, scatterSorting, deviceMatching,
  reductionSplitting, fusion, epilogueFusion, memorySchedule,
]

/// StableHLO to optimised HLO for CPUs.
public let cpuPipeline = pipeline(matching: [libraryMatching], grouping: [fusion])

/// StableHLO to optimised HLO for GPUs.
public let gpuPipeline = devicePipeline(usesAtomics: false)

/// The same where updates that meet are combined by atomic operations, in any order.
public let atomicPipeline = devicePipeline(usesAtomics: true)

private func devicePipeline(usesAtomics: Bool) -> Pipeline<Module> {
  pipeline(
    matching: [updateSorting(usesAtomics: usesAtomics), deviceMatching],
    grouping: [reductionSplitting, deviceFusion, epilogueFusion])
}

/// The passes, of which `matching` decides what is a routine, and `grouping` what becomes one kernel.
private func pipeline(
  matching: [Pass<Module>], grouping: [Pass<Module>]
) -> Pipeline<Module> {
  let simplified: [Pass<Module>] = [
    inlining,
    // Calls might take tuples; expansion will resolve what is left of them.
    tupleFlattening,
    // Shapes cross calls, which are gone now; all that follows wants them static.
    staticShapes,
    // Before the others, so that the other passes see what is computed.
    expansion,
    // Before sums are looked at.
    sumWidening,
    // Afterwards, limits and constants are seen inside loops.
    loopInvariants,
    // Early: counters, and what depends on them, are constants then.
    tripCounts,
    // Before divisors are looked at: most are constants that were converted or broadcast.
    constantFolding,
    reciprocalDivision,
    // Reciprocals are factors.
    constantFactors,
    // Indices that are known make slices and updates of gathers and scatters.
    algebraicSimplification,
    // What simplification has left over would hide repetitions.
    deadCodeElimination,
    // Early: what is a loop now is small for the passes that follow.
    rerolling,
    // Simplification makes constants: a product with zero, a slice of equal elements.
    constantFolding,
    tripCounts,
    commonSubexpressionElimination,
    loopInvariantCodeMotion,
    movementSinking,
    // Before products are looked at: some convolutions are products.
    convolutionCanonicalization,
    dotCanonicalization,
    // Movements have met others: results of loops that were collected, transposes of products.
    algebraicSimplification,
    deadCodeElimination,
    // Fusion would make one huge nest of an array that is listed element by element.
    concatenateSplitting,
    // Fusion sees one region at a time.
    constantSinking,
  ]
  let last: [Pass<Module>] = [
    // Fusion leaves the operations that it copied into groups.
    deadCodeElimination,
    // What is inside a loop nest takes no memory: what does is known now.
    memorySchedule,
  ]
  // Products are as they will be; fusion makes loops of those that no library multiplies.
  return Pipeline(simplified + matching + grouping + last, invariants: moduleInvariants)
}

/// Optimises `module` for the CPU; `observer` sees it after every pass.
public func optimize(
  _ module: Module, options: PipelineOptions = PipelineOptions(),
  observer: PassObserver<Module>? = nil
) throws -> Module {
  var module = module
  try cpuPipeline.run(on: &module, options: options, observer: observer)
  return module
}
