import LoopIR
import Tensor

extension ExportedLibrary {
  /// The header for C and C++.
  public var header: String {
    let guardName = CNames.identifier(name).uppercased() + "_JX_H"
    let refusal =
      target.requiredLevel == 0
      ? "" : "\n   On processors without its instructions, calls return JX_UNSUPPORTED_PROCESSOR."
    return """
      /* Functions of \(source), compiled by jxc.

         Processor: \(target.cpu) (\(target.triple)).\(refusal)

         The caller owns all arrays. They are dense and row-major, aligned as their elements ask, and as
         large as the comment beside each parameter says: that cannot be checked. Arrays that are written
         overlap no others; only a result that takes the place of an argument, as its comment says, may
         be that argument. `workspace` is memory for the call, aligned to 64 bytes, of
         NAME_workspace_bytes bytes at least, which need no initialisation; where it is NULL, the call
         allocates it. Functions may be called from several threads at once, each call with a workspace
         of its own. They return JX_OK or a negative code that jx_status_message explains; the results are
         undefined then.

         Complex numbers are pairs (real, imaginary); f16 and bf16 are uint16_t; keys of random numbers
         are uint32_t[2]. */
      #ifndef \(guardName)
      #define \(guardName)
      #include <stddef.h>
      #include <stdint.h>
      #ifndef __cplusplus
      #include <stdbool.h>
      #endif

      #ifdef __cplusplus
      extern "C" {
      #endif

      #ifndef JX_ABI
      #define JX_ABI 1
      enum {
      \(CallStatus.allCases.map { "  \($0.name) = \($0.rawValue) /* \($0.message) */" }
        .joined(separator: ",\n"))
      };

      /* An array that a function takes or gives. */
      typedef struct {
        const char *name;      /* of the parameter */
        const char *path;      /* its place in the tree that the source takes or returns */
        const char *type;      /* as NumPy names it: "float32" */
        int32_t element_bytes;
        int32_t rank;
        const int64_t *shape;
        int64_t bytes;
      } jx_array;

      /* What NAME_info returns. */
      typedef struct {
        const char *name;      /* in the source */
        int32_t argument_count;
        int32_t result_count;
        const jx_array *arguments;
        const jx_array *results;
        int64_t workspace_bytes;
      } jx_function;

      /* What a status means, in English; never NULL. */
      const char *jx_status_message(int32_t status);
      \(target.gpu == nil ? "" : gpuDeclarations)#endif

      \(functions.map(declaration).joined(separator: "\n"))
      #ifdef __cplusplus
      }
      #endif
      #endif

      """
  }

  /// What functions that run on a GPU have besides.
  private var gpuDeclarations: String {
    """
    /* The functions run on the first GPU, one call at a time, in code for \(target.cpu) or newer. Arrays may
       be in the host's or in the GPU's memory; workspaces are not used. This says why the last call of
       the thread failed, in the driver's words. */
    const char *jx_device_message(void);

    """
  }

  private func declaration(_ function: ExportedFunction) -> String {
    func line(
      _ parameter: ExportedFunction.Parameter, isResult: Bool, inPlaceOf argument: String? = nil
    ) -> String {
      let type = (isResult ? "" : "const ") + parameter.type.cName
      let path = parameter.path == parameter.name ? "" : "  \(parameter.path)"
      let place = argument.map { ", may be \($0)" } ?? ""
      return "    \(type) *\(parameter.name), /* \(parameter.typeText)\(path.inComment)\(place) */"
    }
    let lines =
      function.arguments.map { line($0, isResult: false) }
      + function.results.enumerated().map { position, result in
        line(result, isResult: true, inPlaceOf: function.argument(replacedBy: position)?.name)
      }
    return """
      /* \(function.name.inComment) */
      #define \(function.symbol)_workspace_bytes ((size_t)\(function.workspaceByteCount))
      int32_t \(function.symbol)(
      \(lines.map { $0 + "\n" }.joined())    void *workspace);
      const jx_function *\(function.infoSymbol)(void);

      """
  }

  /// The module map that lets Swift import the header.
  public var moduleMap: String {
    """
    module \(CNames.identifier(name)) {
      header "\(name).h"
      link "\(name)"
      export *
    }

    """
  }

  /// The file for pkg-config, for a library in the same folder.
  ///
  /// - Parameter libraries: what it needs besides, such as `openblas`.
  public func packageConfiguration(version: String, libraries: [String], isShared: Bool) -> String {
    let others = libraries.map { "-l\($0)" }.joined(separator: " ")
    return """
      libdir=${pcfiledir}
      includedir=${pcfiledir}

      Name: \(name)
      Description: functions of \(source), compiled by jxc
      Version: \(version)
      Cflags: -I${includedir}
      Libs: -L${libdir} -l\(name)\(isShared || others.isEmpty ? "" : " " + others)

      """
  }
}

extension String {
  /// The text without the end of a comment.
  fileprivate var inComment: String {
    var result = ""
    for character in self {
      if character == "/", result.last == "*" { result += " " }
      result.append(character)
    }
    return result
  }
}

extension ElementType {
  /// The type of an element in C; of a part, where it is complex.
  var cName: String {
    switch self {
    case .bool, .float0: "bool"
    case .i2, .i4, .i8: "int8_t"
    case .i16: "int16_t"
    case .i32: "int32_t"
    case .i64: "int64_t"
    case .u2, .u4, .u8, .f4E2M1FN, .f6E2M3FN, .f6E3M2FN, .f8E3M4, .f8E4M3, .f8E4M3FN, .f8E4M3FNUZ,
      .f8E4M3B11FNUZ, .f8E5M2,
      .f8E5M2FNUZ, .f8E8M0FNU:
      "uint8_t"
    case .u16, .bf16, .f16: "uint16_t"
    case .u32, .key: "uint32_t"
    case .u64: "uint64_t"
    case .f32, .c64: "float"
    case .f64, .c128: "double"
    }
  }
}
