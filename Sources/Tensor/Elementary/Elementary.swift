/// The elementary functions, written once for every tier and both precisions.
///
/// - The error is at most a few units in the last place over the whole range.
/// - NaN gives NaN; infinities, zeros and domain errors are those of C's `<math.h>`.
/// - Subnormal operands are handled where the mode of the machine does not flush them.
/// - `f16` and `bf16` are computed in single precision and rounded.
public enum Elementary {}
