import Codegen
import Execution
import LoopIR
import Support
import Tensor
import Testing

@Suite struct ProgramTests {
  /// `i = 0; while i < limit { i += step }` through buffers, a constant, a call and a host call.
  @Test func controlFlow() throws {
    var program = Program(name: "control")
    let step = program.constants.append(
      .init(type: .i32, shape: .scalar, bytes: [3, 0, 0, 0]))
    let test = KernelBuilder(name: "test")
    do {
      let i = test.parameter(.i32, count: 1, access: .read)
      let n = test.parameter(.i32, count: 1, access: .read)
      let p = test.parameter(.bool, count: 1, access: .write)
      let zero = test.index(0)
      test.store(
        test.compare(.less, test.load(i, at: zero), test.load(n, at: zero)), to: p, at: zero)
    }
    let add = KernelBuilder(name: "add")
    do {
      let i = add.parameter(.i32, count: 1, access: .readWrite)
      let s = add.parameter(.i32, count: 1, access: .read)
      let zero = add.index(0)
      add.store(add.add(add.load(i, at: zero), add.load(s, at: zero)), to: i, at: zero)
    }
    let testID = program.kernels.append(test.finish())
    let addID = program.kernels.append(add.finish())
    let seen = program.callbacks.append(Program.Callback(label: "seen", operation: EntityID(0)))
    var helper = Procedure(name: "advance")
    let helperStep = helper.parameter(.i32, .scalar)
    let helperState = helper.parameter(.i32, .scalar, isResult: true)
    helper.body = [.launch(addID, buffers: [helperState, helperStep])]
    let helperID = program.procedures.append(helper)
    var main = Procedure(name: "main")
    let limit = main.parameter(.i32, .scalar)
    let state = main.parameter(.i32, .scalar, isResult: true)
    let doubled = main.parameter(.i32, [20], isResult: true)
    let predicate = main.buffers.append(
      .init(type: .bool, shape: .scalar, place: .workspace(offset: 0)))
    let constant = main.buffers.append(
      .init(type: .i32, shape: .scalar, place: .constant(step)))
    main.workspaceByteCount = 64
    main.body = [
      .fill(state, ScalarBits(0)),
      .fill(doubled, ScalarBits(7)),
      .loopWhile(
        condition: [.launch(testID, buffers: [state, limit, predicate])], predicate: predicate,
        body: [.call(helperID, buffers: [constant, state])]),
      .branch(
        index: predicate,
        cases: [[.host(seen, operands: [state], results: [state])], [.fill(state, ScalarBits(0))]]),
    ]
    program.entry = program.procedures.append(main)
    let executable = try compile(
      program,
      callbacks: [
        { operands in
          [HostTensor([operands[0].elements(as: Int32.self)[0] + 100], shape: .scalar)]
        }
      ])
    let result = try executable.run([HostTensor(scalar: Int32(10))])
    #expect(result[0].elements(as: Int32.self) == [112])
    #expect(result[1].elements(as: Int32.self) == Array(repeating: 7, count: 20))
  }

  /// What a loop carries through scalar buffers stays in registers: its code neither loads nor stores.
  @Test func scalarLoopsUseNoMemory() throws {
    var program = Program(name: "sum")
    let test = KernelBuilder(name: "test")
    do {
      let i = test.parameter(.i32, count: 1, access: .read)
      let p = test.parameter(.bool, count: 1, access: .write)
      let zero = test.index(0)
      let limit = test.constant(.i32, ScalarBits(1000))
      test.store(test.compare(.less, test.load(i, at: zero), limit), to: p, at: zero)
    }
    let add = KernelBuilder(name: "add")
    do {
      let i = add.parameter(.i32, count: 1, access: .read)
      let s = add.parameter(.i32, count: 1, access: .readWrite)
      let zero = add.index(0)
      add.store(add.add(add.load(s, at: zero), add.load(i, at: zero)), to: s, at: zero)
    }
    let next = KernelBuilder(name: "next")
    do {
      let i = next.parameter(.i32, count: 1, access: .readWrite)
      let zero = next.index(0)
      let one = next.constant(.i32, ScalarBits(1))
      next.store(next.add(next.load(i, at: zero), one), to: i, at: zero)
    }
    let (testID, addID) = (
      program.kernels.append(test.finish()), program.kernels.append(add.finish())
    )
    let nextID = program.kernels.append(next.finish())
    var main = Procedure(name: "main")
    let start = main.parameter(.i32, .scalar)
    let sum = main.parameter(.i32, .scalar, isResult: true)
    func scalar(_ type: ElementType, at offset: Int) -> Procedure.BufferID {
      main.buffers.append(.init(type: type, shape: .scalar, place: .workspace(offset: offset)))
    }
    let (i, predicate) = (scalar(.i32, at: 0), scalar(.bool, at: 64))
    main.workspaceByteCount = 128
    main.body = [
      .fill(i, ScalarBits(0)), .copy(source: start, destination: sum),
      .loopWhile(
        condition: [.launch(testID, buffers: [i, predicate])], predicate: predicate,
        body: [.launch(addID, buffers: [i, sum]), .launch(nextID, buffers: [i])]),
    ]
    program.entry = program.procedures.append(main)
    let result = try run(program, [HostTensor(scalar: Int32(5))])[0]
    #expect(result.elements(as: Int32.self) == [499_505])
    let text = String(decoding: try emit(program, as: .optimizedLLVM), as: UTF8.self)
    let loops = text.split(separator: "\n").split { $0.contains("; preds = ") }
      .filter { block in block.contains { $0.contains(" phi ") } }
    #expect(!loops.isEmpty)
    for block in loops {
      #expect(!block.contains { $0.contains(" load ") || $0.contains(" store ") })
    }
  }

  @Test func emitsEveryKind() throws {
    let kernel = elementwise("f", [.f32], to: .f32, count: 100) { k, v in
      k.unary(.tanh, v[0])
    }
    let text = String(decoding: try emit(program(kernel), as: .optimizedLLVM), as: UTF8.self)
    #expect(text.contains("define i32 @f("))
    #expect(!(try emit(program(kernel), as: .object)).isEmpty)
    let arm = MachineModel(triple: "aarch64-unknown-linux-gnu", cpu: "generic", features: "")
    let assembly = String(
      decoding: try emit(program(kernel), as: .assembly, machine: arm), as: UTF8.self)
    #expect(assembly.contains("fmla"))
  }
}
