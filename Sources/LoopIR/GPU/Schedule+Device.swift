import HLO
import Support

extension ProgramScheduler {
  /// The steps with kernels in the place of the run-time library where there are such; what the host
  /// has to do stays a call, for which it fetches the arrays.
  func onDevice(_ steps: [Step]) throws -> [Step] {
    guard processor.isGPU else { return steps }
    return try steps.flatMap { step -> [Step] in
      guard case .library(let call) = step else { return [step] }
      return try deviceSteps(call)
    }
  }

  private func deviceSteps(_ call: LibraryCall) throws -> [Step] {
    switch call.routine {
    case .matrixProduct(let product): return try deviceProduct(product, call.buffers)
    case .convolution(let convolution): return try deviceConvolution(convolution, call.buffers)
    case .fft(let transform): return deviceFourier(transform, call.buffers)
    case .cholesky, .triangularSolve, .lu:
      guard let kernel = call.routine.deviceKernel() else { return [] }
      return [.launch(add(kernel, named: call.routine.name), buffers: call.buffers)]
    case .geqrf, .householderProduct, .householderMultiply, .eigh, .svd, .eig, .schur, .hessenberg,
      .tridiagonal,
      .tridiagonalSolve, .pivotedQR:
      return [.library(call)]
    case .sort, .topK: throw unsupported("\(call.routine.name) on a GPU")
    }
  }
}

extension Routine {
  /// What people call it.
  fileprivate var name: String {
    switch self {
    case .matrixProduct: "a matrix product"
    case .convolution: "a convolution"
    case .sort: "sort"
    case .topK: "top_k"
    case .fft: "a Fourier transform"
    case .cholesky: "cholesky"
    case .triangularSolve: "triangular_solve"
    case .lu: "lu"
    case .geqrf: "qr"
    case .householderProduct: "householder_product"
    case .householderMultiply: "householder_multiply"
    case .eigh: "eigh"
    case .svd: "svd"
    case .eig: "eig"
    case .schur: "schur"
    case .hessenberg: "hessenberg"
    case .tridiagonal: "tridiagonal"
    case .tridiagonalSolve: "tridiagonal_solve"
    case .pivotedQR: "qr with pivots"
    }
  }
}
