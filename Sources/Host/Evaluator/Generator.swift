import CCoroutine
import Syntax

/// A generator as the program sees it. An abandoned one is closed.
final class Generator: ObjectIterator {
  let body: GeneratorBody
  private let name: String

  init(_ frame: Frame, name: String, body: @escaping Action) {
    self.body = GeneratorBody(frame, body)
    self.name = name
  }

  deinit { body.abandon() }

  override var cls: Class { Types.generator }

  override func next() throws -> Object? { try send(.none) }

  /// The next value, where `yield` returns `value`; `nil` when the body returns.
  func send(_ value: Object) throws -> Object? {
    if case .yielded(let object) = try body.advance(value) { return object }
    return nil
  }

  override func repr() throws -> String { "<generator object \(name) at \(address(self))>" }
}

/// A function body on a stack of its own, which stops at every `yield`.
///
/// The running body keeps this alive but not its `Generator`, so that an abandoned generator is
/// noticed: the body is resumed with `GeneratorExit`, which unwinds and frees the stack.
final class GeneratorBody {
  private enum State {
    case created, suspended, running, finished
  }

  /// What goes into the body, and comes out of it.
  private enum Message {
    case value(Object)
    case error(any Error)
    case returned(Object)
  }

  private let frame: Frame
  private let body: Action
  private var state = State.created
  private var coroutine: OpaquePointer?
  private var message = Message.value(.none)
  /// The exceptions being handled within the body while it is suspended.
  private var handling: [ExceptionObject] = []

  init(_ frame: Frame, _ body: @escaping Action) {
    self.frame = frame
    self.body = body
    frame.generator = self
  }

  /// Ends the body, whatever it does.
  func abandon() {
    if state == .suspended { _ = try? resume(.error(raised("GeneratorExit", ""))) }
    // A body that yields once more is left where it is; its stack stays.
    if state != .suspended { finish() }
  }

  enum Outcome {
    case yielded(Object)
    case returned(Object)
  }

  /// Resumes the body; `yield` returns `value`, or the body's result ends the generator.
  func advance(_ value: Object) throws -> Outcome {
    if state == .created, !value.isNone {
      throw typeError("can't send non-None value to a just-started generator")
    }
    return try resume(.value(value))
  }

  /// Resumes the body with an exception at the `yield`.
  func raise(_ exception: ExceptionObject) throws -> Outcome {
    if state == .created { finish() }
    if state == .finished { throw Raised(exception: exception) }
    return try resume(.error(Raised(exception: exception)))
  }

  func close() throws {
    switch state {
    case .created: finish()
    case .suspended:
      do {
        if case .yielded = try resume(.error(raised("GeneratorExit", ""))) {
          throw raised("RuntimeError", "generator ignored GeneratorExit")
        }
      } catch let error as Raised
        where error.isKind("GeneratorExit") || error.isKind("StopIteration")
      {
      }
    case .running: throw valueError("generator already executing")
    case .finished: break
    }
  }

  private func resume(_ incoming: Message) throws -> Outcome {
    switch state {
    case .finished: return .returned(.none)
    case .running: throw valueError("generator already executing")
    case .created:
      let start: @convention(c) (UnsafeMutableRawPointer?) -> Void = { pointer in
        Unmanaged<GeneratorBody>.fromOpaque(pointer!)._withUnsafeGuaranteedRef { $0.runBody() }
      }
      coroutine = jx_coroutine_create(start, Unmanaged.passUnretained(self).toOpaque())
      if coroutine == nil { throw raised("MemoryError", "no memory for the stack of a generator") }
    case .suspended: break
    }
    guard let coroutine else { return .returned(.none) }
    state = .running
    message = incoming
    let outerLimit = Session.stackLimit
    let outerDepth = Session.depth
    let outerHandling = Session.handling
    Session.stackLimit = UInt(jx_coroutine_stack(coroutine)) + (1 << 19)
    Session.handling += handling
    jx_coroutine_resume(coroutine)
    handling = Array(Session.handling.dropFirst(outerHandling.count))
    Session.handling = outerHandling
    Session.stackLimit = outerLimit
    Session.depth = outerDepth
    switch message {
    case .value(let object):
      state = .suspended
      return .yielded(object)
    case .returned(let object):
      finish()
      return .returned(object)
    case .error(let error):
      finish()
      if let raised = error as? Raised, raised.isKind("StopIteration") {
        let exception = ExceptionObject(
          Exceptions["RuntimeError"], [.str("generator raised StopIteration")])
        exception.cause = raised.exception
        throw Raised(exception: exception)
      }
      throw error
    }
  }

  private func finish() {
    state = .finished
    message = .value(.none)
    frame.generator = nil
    if let coroutine { jx_coroutine_destroy(coroutine) }
    coroutine = nil
  }

  /// On the generator's own stack.
  private func runBody() {
    do {
      _ = try body(frame)
      message = .returned(frame.result)
    } catch {
      message = .error(error)
    }
  }

  /// Within the body: hands `value` out, returns what is sent in.
  func yield(_ value: Object) throws -> Object {
    message = .value(value)
    jx_coroutine_suspend(coroutine)
    switch message {
    case .value(let sent), .returned(let sent): return sent
    case .error(let error): throw error
    }
  }

  /// Within the body: `yield from iterable`.
  func delegate(to iterable: Object) throws -> Object {
    let iterator = try iterate(iterable)
    guard let inner = (iterator as? Generator)?.body else {
      while let item = try iterator.next() { _ = try yield(item) }
      return .none
    }
    var outcome = try inner.advance(.none)
    while true {
      switch outcome {
      case .returned(let result): return result
      case .yielded(let object):
        do {
          outcome = try inner.advance(yield(object))
        } catch let error as Raised where inner.state == .suspended {
          if error.isKind("GeneratorExit") {
            try inner.close()
            throw error
          }
          outcome = try inner.raise(error.exception)
        }
      }
    }
  }
}

func currentGenerator(_ frame: Frame) throws -> GeneratorBody {
  guard let generator = frame.generator else {
    throw raised("SyntaxError", "'yield' outside function")
  }
  return generator
}
