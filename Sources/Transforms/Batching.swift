import Core
import Tensor

/// A value with a mapped axis that the traced function does not see.
public final class BatchTracer: Tracer {
  public let value: Value
  public let dim: Int

  init(_ value: Value, _ dim: Int, _ trace: Trace) {
    self.value = value
    self.dim = dim
    var shape = value.shape
    shape.dimensions.remove(at: dim)
    super.init(value.aval.with(shape: shape), trace)
  }

  public override var className: String { "BatchTracer" }

  public override var description: String {
    "VmapTracer(aval=\(aval.longDescription), batched=\(value.aval.longDescription))"
  }
}

/// Vectorisation over one axis. JAX's `BatchTrace`.
public final class BatchTrace: Trace {
  private let parent: Trace
  public let size: Int
  /// The name that collectives know the axis by.
  public let axisName: String?
  /// The mapping that this trace is part of: rules of custom derivatives run in traces of their own,
  /// and their functions may close over tracers of the trace that called them.
  private let mapping: Mapping

  private final class Mapping {}

  public init(
    parent: Trace, size: Int, axisName: String? = nil, partOf outer: BatchTrace? = nil
  ) {
    self.parent = parent
    self.size = size
    self.axisName = axisName
    mapping = outer?.mapping ?? Mapping()
  }

  /// The value that stands for one element of `value` along `dim`.
  public func wrap(_ value: Value, _ dim: Int?) -> Value {
    dim.map { .tracer(BatchTracer(value, $0, self)) } ?? value
  }

  public func unwrap(_ value: Value) -> (Value, Int?) {
    guard case .tracer(let tracer) = value, let tracer = tracer as? BatchTracer,
      tracer.trace === self || (tracer.trace as? BatchTrace)?.mapping === mapping
    else { return (value, nil) }
    return (tracer.value, tracer.dim)
  }

  public override func pure(_ array: DeviceArray) -> Value { parent.pure(array) }

  public override func bind(_ primitive: any Primitive, _ operands: [Value]) throws -> [Value] {
    let pairs = operands.map(unwrap)
    let values = pairs.map(\.0)
    let dims = pairs.map(\.1)
    return try parent.withCurrent {
      if dims.allSatisfy({ $0 == nil }), !(primitive is any CollectivePrimitive) {
        return try parent.bind(primitive, values)
      }
      let (results, outDims) =
        if let collective = primitive as? any CollectivePrimitive, collective.axisName == axisName {
          try collective.batchCollective(values, dims, size: size)
        } else if dims.allSatisfy({ $0 == nil }) {
          (try parent.bind(primitive, values), nil as [Int?]?)
        } else {
          try applyRule(primitive, values, dims)
        }
      guard let outDims else { return results }
      return zip(results, outDims).map { wrap($0, $1) }
    }
  }

  /// Applies the rule of `primitive`; what it maps inside of jaxprs has the name of this axis too.
  private func applyRule(
    _ primitive: any Primitive, _ values: [Value], _ dims: [Int?]
  ) throws -> ([Value], [Int?]?) {
    let saved = BatchTrace.ruleAxisName
    BatchTrace.ruleAxisName = axisName
    defer { BatchTrace.ruleAxisName = saved }
    return try primitive.batch(values, dims, size: size)
  }

  /// The name of the axis whose rule runs.
  nonisolated(unsafe) static var ruleAxisName: String?

  public override func bindCustomJVP(_ call: CustomJVP, _ operands: [Value]) throws -> [Value] {
    let pairs = operands.map(unwrap)
    let dims = pairs.map(\.1)
    if dims.allSatisfy({ $0 == nil }) {
      return try parent.withCurrent { try parent.bindCustomJVP(call, operands) }
    }
    var outDims: [Int?] = []
    let size = size
    var batched = call
    batched.function = { inputs in
      let (results, dims) = try vmapInner(call.function, inputs, dims, size: size, partOf: self)
      outDims = dims
      return results
    }
    // Tangents are batched like their primals; results and their tangents share their dims.
    batched.jvp = { primals, tangents in
      let tangentDims = zip(tangents, dims).compactMap { $0.isZero ? nil : .some($1) }
      let isZero = tangents.map(\.isZero)
      let count = primals.count
      var outZero: [Bool] = []
      var outAvals: [ShapedArray] = []
      let (results, resultDims) = try vmapInner(
        { inputs in
          var rest = inputs.dropFirst(count)
          let unbatched = Array(inputs.prefix(count))
          let inner: [Tangent] = zip(unbatched, isZero).map {
            $1 ? .zero($0.aval.tangent) : .value(rest.removeFirst())
          }
          let (outs, outTangents) = try call.jvp(unbatched, inner)
          outZero = outTangents.map(\.isZero)
          outAvals = outTangents.map(\.aval)
          return outs + outTangents.compactMap(\.value)
        }, primals + tangents.compactMap(\.value), dims + tangentDims, size: size, partOf: self)
      let outCount = outZero.count
      var tangentResults = zip(results, resultDims).dropFirst(outCount).map { $0 }[...]
      var outs: [Value] = []
      var outTangents: [Tangent] = []
      outDims = []
      for index in 0..<outCount {
        var dim = resultDims[index]
        var value = results[index]
        if outZero[index] {
          outs.append(value)
          outDims.append(dim)
          var aval = value.aval.tangent
          aval.shape = value.shape
          outTangents.append(.zero(aval))
          continue
        }
        var (tangent, tangentDim) = tangentResults.removeFirst()
        if dim == nil && tangentDim != nil {
          value = try moveBatchAxis(value, nil, to: 0, size: size)
          dim = 0
        }
        if let dim {
          tangent = try moveBatchAxis(tangent, tangentDim, to: dim, size: size)
          tangentDim = dim
        }
        outs.append(value)
        outDims.append(dim)
        outTangents.append(.value(tangent))
      }
      _ = outAvals
      return (outs, outTangents)
    }
    let results = try parent.withCurrent { try parent.bindCustomJVP(batched, pairs.map(\.0)) }
    return zip(results, outDims).map { wrap($0, $1) }
  }

  public override func bindCustomVJP(_ call: CustomVJP, _ operands: [Value]) throws -> [Value] {
    let pairs = operands.map(unwrap)
    let dims = pairs.map(\.1)
    let size = size
    var outDims: [Int?] = []
    var residualDims: [Int?] = []
    var batched = call
    batched.function = { inputs in
      let (results, dims) = try vmapInner(call.function, inputs, dims, size: size, partOf: self)
      outDims = dims
      return results
    }
    batched.forward = { inputs in
      var resultCount = 0
      let (values, valueDims) = try vmapInner(
        { inputs in
          let (results, residuals) = try call.forward(inputs)
          resultCount = results.count
          return results + residuals
        }, inputs, dims, size: size, partOf: self)
      outDims = Array(valueDims.prefix(resultCount))
      residualDims = Array(valueDims.dropFirst(resultCount))
      return (Array(values.prefix(resultCount)), Array(values.dropFirst(resultCount)))
    }
    let operandAvals = pairs.map(\.0.aval)
    batched.backward = { residuals, cotangents in
      let cotangentDims: [Int?] = zip(cotangents, outDims).map { $1 }
      let count = residuals.count
      var zero: [Bool] = []
      let (results, resultDims) = try vmapInner(
        { inputs in
          let results = try call.backward(
            Array(inputs.prefix(count)), Array(inputs.dropFirst(count)))
          zero = results.map(\.isZero)
          return results.compactMap(\.value)
        }, residuals + cotangents, residualDims + cotangentDims, size: size, partOf: self)
      var rest = zip(results, resultDims).map { $0 }[...]
      return try zero.indices.map { index in
        if zero[index] { return .zero(operandAvals[index].tangent) }
        let (value, dim) = rest.removeFirst()
        if let wanted = dims[index] {
          return .value(try moveBatchAxis(value, dim, to: wanted, size: size))
        }
        // An operand that is shared by all elements collects their cotangents.
        guard let dim else { return .value(value) }
        return .value(try bind1(ReduceSum(axes: [dim]), value))
      }
    }
    let results = try parent.withCurrent { try parent.bindCustomVJP(batched, pairs.map(\.0)) }
    return zip(results, outDims).map { wrap($0, $1) }
  }
}

/// A primitive that combines values along a named mapped axis.
public protocol CollectivePrimitive: Primitive {
  var axisName: String { get }

  /// The rule for the `vmap` that maps the named axis; `dims` may be all `nil`.
  func batchCollective(_ operands: [Value], _ dims: [Int?], size: Int) throws -> (
    [Value], [Int?]?
  )
}

/// Evaluates `function` once for all elements of `operands` along `dims`. Results come with the
/// axis that holds the elements, `nil` for those that are the same for all.
public func vmapInner(
  _ function: FlatFunction, _ operands: [Value], _ dims: [Int?], size: Int, axisName: String? = nil,
  partOf outer: BatchTrace? = nil
) throws -> (results: [Value], dims: [Int?]) {
  let trace = BatchTrace(
    parent: Trace.current, size: size, axisName: axisName, partOf: outer)
  let axes = axisName.map { [NamedAxis(name: $0, size: size)] } ?? []
  let inputs = zip(operands, dims).map { trace.wrap($0, $1) }
  let outputs = try NamedAxis.within(axes) { try trace.withCurrent { try function(inputs) } }
  trace.invalidate()
  let pairs = outputs.map(trace.unwrap)
  return (pairs.map(\.0), pairs.map(\.1))
}

/// The jaxpr that applies `jaxpr` to all elements at once. Results in `forced` are mapped along
/// axis 0 even where they are the same for all elements.
public func batchJaxpr(_ jaxpr: ClosedJaxpr, dims: [Int?], size: Int, forced: [Bool]) throws -> (
  jaxpr: ClosedJaxpr, dims: [Int?]
) {
  let name = "vmap" + (BatchTrace.ruleAxisName.map { " " + $0 } ?? "")
  return try jaxpr.memoized(Key(name: name, second: forced, dims: dims, size: size)) {
    var outDims: [Int?] = []
    let avals = zip(jaxpr.inAvals, dims).map { aval, dim in
      var aval = aval
      if let dim { aval.shape.dimensions.insert(size, at: dim) }
      return aval
    }
    let result = try stage(avals) { inputs in
      let (results, dims) = try vmapInner(
        { try evaluate(jaxpr, $0) }, inputs, dims, size: size, axisName: BatchTrace.ruleAxisName)
      outDims = zip(dims, forced).map { $1 ? 0 : $0 }
      return try results.indices.map {
        forced[$0] ? try moveBatchAxis(results[$0], dims[$0], to: 0, size: size) : results[$0]
      }
    }
    return (result, outDims)
  }
}

/// Moves the mapped axis of `value` to `target`, or repeats an unmapped value along a new axis.
public func moveBatchAxis(
  _ value: Value, _ dim: Int?, to target: Int, size: Int, marks: NumPyMarks = true
) throws -> Value {
  guard let dim else {
    var shape = value.shape
    shape.dimensions.insert(size, at: target)
    let dimensions = shape.dimensions.indices.filter { $0 != target }
    return try bind1(
      BroadcastInDim(shape: shape, dimensions: Array(dimensions), marks: marks), value)
  }
  if dim == target { return value }
  var permutation = Array(value.shape.dimensions.indices)
  permutation.remove(at: dim)
  permutation.insert(dim, at: target)
  return try bind1(Transpose(permutation: permutation), value)
}
