import HLO
import Support

/// Chooses what kernels of their own compute on a GPU, and says which: what `library-calls` does for
/// processors.
///
///     %1 = dot_general %a, %b, …       %1 = dot_general %a, %b, … {jxc.library = "matrix_product"}
///     %2 = convolution(%c, %d) …       %2 = convolution(%c, %d) … {jxc.library = "convolution"}
///
/// These kernels multiply integers as well, convolve numbers of every type, and count the positions
/// of a window as the library counts features.
public let deviceMatching = Pass<Module>(
  "device-calls", "choose what kernels of their own compute on a GPU"
) { module in
  module.forEachFunction { $0.matchRoutines(for: .device) }
}
