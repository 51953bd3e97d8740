import Tensor

extension Routine {
  /// `result[n, o, p] = Σ over positions w of the window and features f of
  /// input[n, f, p · windowStride + w · windowDilation - padding] · kernel[f, o, w]`, where places
  /// between the elements of a dilated input and beyond its edges are zero. Buffers input, kernel,
  /// result.
  ///
  /// Arrays lie in memory as their strides say, which count elements; there are three spatial axes,
  /// those that are missing of extent 1. Every group is a convolution of its own.
  public struct Convolution: Hashable, Sendable {
    public var type: ElementType
    public var groups: Int
    public var batch: Int
    /// Of one group.
    public var features: Int
    public var outputs: Int
    public var window: [Int]
    public var resultExtent: [Int]
    public var inputExtent: [Int]
    public var windowStride: [Int]
    public var padding: [Int]
    public var inputDilation: [Int]
    public var windowDilation: [Int]
    /// Of groups, batch, features, spatial axes.
    public var inputStride: [Int]
    /// Of groups, features, outputs, spatial axes; negative where the kernel is reversed.
    public var kernelStride: [Int]
    /// The element of the kernel that meets the first position of the window.
    public var kernelStart: Int
    /// Of groups, batch, outputs, spatial axes.
    public var resultStride: [Int]

    /// Everything in the order of `JXRuntime.h`, without the type.
    var words: [Int] {
      [groups, batch, features, outputs] + window + resultExtent + inputExtent + windowStride
        + padding + inputDilation + windowDilation + inputStride + kernelStride + [kernelStart]
        + resultStride
    }

    /// The inverse of `words`; `nil` unless there are as many.
    init?(_ type: ElementType, _ words: [Int]) {
      guard words.count == 4 + 7 * 3 + 3 * 6 + 1 else { return nil }
      var rest = words[...]
      func take(_ count: Int) -> [Int] {
        defer { rest.removeFirst(count) }
        return Array(rest.prefix(count))
      }
      self.type = type
      groups = take(1)[0]
      batch = take(1)[0]
      features = take(1)[0]
      outputs = take(1)[0]
      window = take(3)
      resultExtent = take(3)
      inputExtent = take(3)
      windowStride = take(3)
      padding = take(3)
      inputDilation = take(3)
      windowDilation = take(3)
      inputStride = take(6)
      kernelStride = take(6)
      kernelStart = take(1)[0]
      resultStride = take(6)
    }

    public init(
      type: ElementType, groups: Int, batch: Int, features: Int, outputs: Int, window: [Int],
      resultExtent: [Int], inputExtent: [Int], windowStride: [Int], padding: [Int],
      inputDilation: [Int], windowDilation: [Int], inputStride: [Int], kernelStride: [Int],
      kernelStart: Int, resultStride: [Int]
    ) {
      self.type = type
      self.groups = groups
      self.batch = batch
      self.features = features
      self.outputs = outputs
      self.window = window
      self.resultExtent = resultExtent
      self.inputExtent = inputExtent
      self.windowStride = windowStride
      self.padding = padding
      self.inputDilation = inputDilation
      self.windowDilation = windowDilation
      self.inputStride = inputStride
      self.kernelStride = kernelStride
      self.kernelStart = kernelStart
      self.resultStride = resultStride
    }
  }
}
