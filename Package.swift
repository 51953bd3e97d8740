// swift-tools-version: 6.1
import PackageDescription

/// Settings of every Swift target.
let swift: [SwiftSetting] = [.swiftLanguageMode(.v6)]

/// The modules in the order of processing; a module imports only modules above it, and the front
/// (`Core` to `Host`) never imports the back (`Passes` to `Execution`): `Driver` joins them.
let package = Package(
  name: "jxc",
  products: [
    .executable(name: "jxc", targets: ["jxc"]),
    .library(name: "jxrt", type: .static, targets: ["JXRuntime"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/attaswift/BigInt", from: "6.0.1"),
  ],
  targets: [
    // C: headers of LLVM and OpenBLAS, the run-time library, the embedded standard library.
    .target(name: "CLLVM", linkerSettings: [.linkedLibrary("LLVM-19")]),
    .target(name: "COpenBLAS", linkerSettings: [.linkedLibrary("openblas")]),
    .target(name: "JXRuntime", dependencies: ["COpenBLAS"]),
    .target(name: "CStdlib"),
    .target(name: "CCoroutine"),

    .target(name: "Support", swiftSettings: swift),
    .target(
      name: "Tensor",
      dependencies: ["Support", .product(name: "RealModule", package: "swift-numerics")],
      swiftSettings: swift),
    .target(name: "Syntax", dependencies: ["Support"], swiftSettings: swift),
    .target(name: "HLO", dependencies: ["Support", "Tensor"], swiftSettings: swift),
    .target(name: "Core", dependencies: ["Support", "Tensor", "HLO"], swiftSettings: swift),
    .target(
      name: "Transforms", dependencies: ["Support", "Tensor", "HLO", "Core"],
      swiftSettings: swift),
    .target(
      name: "Primitives", dependencies: ["Support", "Tensor", "HLO", "Core", "Transforms"],
      swiftSettings: swift),
    .target(
      name: "Host",
      dependencies: [
        "Support", "Tensor", "Syntax", "HLO", "Core", "Transforms", "Primitives", "CStdlib",
        "CCoroutine", "COpenBLAS",
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "OrderedCollections", package: "swift-collections"),
        .product(name: "BigInt", package: "BigInt"),
      ],
      swiftSettings: swift),
    .target(
      name: "Passes",
      dependencies: [
        "Support", "Tensor", "HLO", .product(name: "HeapModule", package: "swift-collections"),
      ],
      swiftSettings: swift),
    .target(
      name: "LoopIR", dependencies: ["Support", "Tensor", "HLO", "Passes"], swiftSettings: swift),
    .target(
      name: "Codegen", dependencies: ["Support", "Tensor", "LoopIR", "CLLVM"],
      swiftSettings: swift),
    .target(name: "PTXSimulator", dependencies: ["Support"], swiftSettings: swift),
    .target(
      name: "Execution",
      dependencies: [
        "Support", "Tensor", "HLO", "LoopIR", "PTXSimulator", "Codegen", "CLLVM", "COpenBLAS",
        "JXRuntime",
      ],
      swiftSettings: swift),
    .target(
      name: "Driver",
      dependencies: [
        "Support", "Tensor", "Syntax", "HLO", "Core", "Transforms", "Primitives", "Host", "Passes",
        "LoopIR", "Codegen", "Execution",
      ],
      swiftSettings: swift),
    .executableTarget(
      name: "jxc",
      dependencies: [
        "Support", "Tensor", "HLO", "Driver",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swift),

    .testTarget(
      name: "BackendTests",
      dependencies: ["Support", "Tensor", "LoopIR", "Codegen", "Execution", "JXRuntime"],
      swiftSettings: swift),
    .testTarget(
      name: "SyntaxTests", dependencies: ["Support", "Syntax"], swiftSettings: swift),
    .testTarget(
      name: "HLOTests", dependencies: ["Support", "Tensor", "HLO"], swiftSettings: swift),
    .testTarget(
      name: "PassesTests",
      dependencies: ["Support", "Tensor", "HLO", "Passes", "LoopIR", "Execution"],
      swiftSettings: swift),
    .testTarget(
      name: "PrimitivesTests",
      dependencies: ["Support", "Tensor", "HLO", "Core", "Transforms", "Primitives"],
      swiftSettings: swift),
    .testTarget(name: "TensorTests", dependencies: ["Tensor"], swiftSettings: swift),
    .testTarget(
      name: "PTXSimulatorTests", dependencies: ["Support", "PTXSimulator"], exclude: ["Samples"],
      swiftSettings: swift),
  ]
)
