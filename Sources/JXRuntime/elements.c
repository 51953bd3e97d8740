/* Element types: sizes, and the floating-point formats of at most 8 bits. */
#include <math.h>
#include <string.h>
#include "internal.h"

size_t jx_size_of(int64_t type) {
  switch (type) {
  case JX_I16: case JX_U16: case JX_BF16: case JX_F16: return 2;
  case JX_I32: case JX_U32: case JX_F32: return 4;
  case JX_I64: case JX_U64: case JX_F64: case JX_C64: return 8;
  case JX_C128: return 16;
  default: return 1;
  }
}

/* How such a format is laid out. `top` is the code of its largest finite number. */
typedef struct {
  int significand_bits, bias;
  uint8_t infinity, nan, top;
  int has_infinity, has_negative_zero;
  uint8_t sign; /* Where not 0, the sign bit of a format that has neither infinities nor NaNs. */
} format;

static format format_of(int32_t type) {
  switch (type) {
  case JX_F4E2M1FN: return (format){1, 1, 0, 0, 0x07, 0, 1, 0x08};
  case JX_F6E2M3FN: return (format){3, 1, 0, 0, 0x1f, 0, 1, 0x20};
  case JX_F6E3M2FN: return (format){2, 3, 0, 0, 0x1f, 0, 1, 0x20};
  case JX_F8E3M4: return (format){4, 3, 0x70, 0x78, 0x6f, 1, 1, 0};
  case JX_F8E4M3: return (format){3, 7, 0x78, 0x7c, 0x77, 1, 1, 0};
  case JX_F8E4M3FN: return (format){3, 7, 0, 0x7f, 0x7e, 0, 1, 0};
  case JX_F8E4M3FNUZ: return (format){3, 8, 0, 0x80, 0x7f, 0, 0, 0};
  case JX_F8E4M3B11FNUZ: return (format){3, 11, 0, 0x80, 0x7f, 0, 0, 0};
  case JX_F8E5M2FNUZ: return (format){2, 16, 0, 0x80, 0x7f, 0, 0, 0};
  default: return (format){2, 15, 0x7c, 0x7e, 0x7b, 1, 1, 0}; /* JX_F8E5M2 */
  }
}

static float magnitude(format f, uint8_t code) {
  int exponent = code >> f.significand_bits;
  int significand = code & ((1 << f.significand_bits) - 1);
  if (exponent == 0) return ldexpf((float)significand, 1 - f.bias - f.significand_bits);
  return ldexpf((float)(significand | 1 << f.significand_bits),
                exponent - f.bias - f.significand_bits);
}

float jx_float_from_f8(int32_t type, uint8_t bits) {
  if (type == JX_F8E8M0FNU) return bits == 0xff ? NAN : ldexpf(1, (int)bits - 127);
  format f = format_of(type);
  if (f.sign) return (bits & f.sign ? -1.0f : 1.0f) * magnitude(f, bits & f.top);
  uint8_t code = bits & 0x7f;
  if (!f.has_negative_zero && bits == 0x80) return NAN;
  float sign = bits & 0x80 ? -1.0f : 1.0f;
  if (code > f.top) return copysignf(f.has_infinity && code == f.infinity ? INFINITY : NAN, sign);
  return sign * magnitude(f, code);
}

uint8_t jx_f8_from_float(int32_t type, float value) {
  if (type == JX_F8E8M0FNU) {
    if (!(value > 0) || isinf(value)) return 0xff;
    int exponent;
    float fraction = frexpf(value, &exponent); /* value = fraction 2^exponent, from 1/2 */
    int code = exponent - 1 + 127 + (fraction >= 0.75f); /* ties upward */
    return code < 0 ? 0 : code > 254 ? 0xff : (uint8_t)code;
  }
  format f = format_of(type);
  uint8_t sign = signbit(value) ? f.sign ? f.sign : 0x80 : 0;
  if (isnan(value) && f.sign) return sign ^ f.sign;
  if (isnan(value)) return f.has_negative_zero ? sign | f.nan : f.nan;
  float size = fabsf(value);
  /* The spacing of the format around `size`, and the multiple of it that is nearest. */
  int exponent;
  frexpf(size, &exponent);
  if (size == 0 || exponent - 1 < 1 - f.bias) exponent = 2 - f.bias;
  float steps = nearbyintf(ldexpf(size, f.significand_bits - (exponent - 1)));
  int code = (exponent - 1 + f.bias - 1) * (1 << f.significand_bits) + (int)steps;
  if (isinf(size) || code > f.top) {
    if (f.sign) return sign | f.top;
    if (f.has_infinity) return sign | f.infinity;
    return f.has_negative_zero ? sign | f.nan : f.nan;
  }
  if (code == 0 && !f.has_negative_zero) return 0;
  return sign | (uint8_t)code;
}
