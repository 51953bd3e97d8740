extension ClosedJaxpr {
  /// The same function without equations whose results nothing uses.
  public func withoutDeadEquations() -> ClosedJaxpr {
    pruned(outvars.map { _ in true }, keepsInputs: true).jaxpr
  }
}
