#include "simd.h"

const float EXP_CONSTANTS[16] = {
  -60.0f, 60.0f,                     // see exp4
  1.44269504f,                       // 1 / ln 2
  12582912.0f,                       // 1.5 * 2^23
  0.693359375f, -2.12194440e-4f,     // ln 2 in two parts; the first has few bits, so that n times it is exact
  1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f,
};

#define ROOT 0.7978845608f  // sqrt(2/pi)
#define CUBIC 0.044715f
const float GELU_CONSTANTS[8] = {
  [ONE] = 1, [FAR] = 20, [MINUS_FAR] = -20,
  [TWO_ROOT] = 2 * ROOT, [MINUS_2_ROOT] = -2 * ROOT,
  [MINUS_2_ROOT_CUBIC] = -2 * ROOT * CUBIC, [SIX_ROOT_CUBIC] = 6 * ROOT * CUBIC,
};
