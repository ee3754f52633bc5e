// What the ROM of an ESP8266 has and Debian's libgcc has not.

#include <bit>
#include <cstdint>

extern "C" {

uint32_t __udivsi3(uint32_t number, uint32_t by) {
  uint32_t quotient = 0;
  uint32_t rest = 0;
  for (int bit = 31; bit >= 0; bit--) {
    rest = rest << 1 | (number >> bit & 1);
    if (rest >= by) {
      rest -= by;
      quotient |= UINT32_C(1) << bit;
    }
  }
  return quotient;
}

uint32_t __umodsi3(uint32_t number, uint32_t by) { return number - __udivsi3(number, by) * by; }

int32_t __divsi3(int32_t number, int32_t by) {
  const auto size = [](int32_t value) {
    return value < 0 ? -static_cast<uint32_t>(value) : static_cast<uint32_t>(value);
  };
  const uint32_t quotient = __udivsi3(size(number), size(by));
  return static_cast<int32_t>((number < 0) != (by < 0) ? -quotient : quotient);
}

uint64_t __muldi3(uint64_t left, uint64_t right) {
  const auto left_low = static_cast<uint32_t>(left);
  const auto right_low = static_cast<uint32_t>(right);
  // The processor multiplies 32 bits by 32 and keeps 32: of the long product that is enough for 16 by 16.
  const uint32_t low = (left_low & 0xFFFF) * (right_low & 0xFFFF);
  const uint32_t middle_left = (left_low >> 16) * (right_low & 0xFFFF);
  const uint32_t middle_right = (left_low & 0xFFFF) * (right_low >> 16);
  const uint32_t middle = middle_left + (low >> 16);
  const uint32_t middle_sum = middle + middle_right;
  uint32_t high = (left_low >> 16) * (right_low >> 16) + (middle_sum >> 16) + (middle_sum < middle ? 0x10000 : 0);
  high += left_low * static_cast<uint32_t>(right >> 32) + static_cast<uint32_t>(left >> 32) * right_low;
  return static_cast<uint64_t>(high) << 32 | middle_sum << 16 | (low & 0xFFFF);
}

static uint64_t divide(uint64_t number, uint64_t by, uint64_t *rest) {
  uint64_t quotient = 0;
  *rest = 0;
  for (int bit = 63; bit >= 0; bit--) {
    *rest = *rest << 1 | (number >> bit & 1);
    if (*rest >= by) {
      *rest -= by;
      quotient |= UINT64_C(1) << bit;
    }
  }
  return quotient;
}

uint64_t __udivdi3(uint64_t number, uint64_t by) {
  uint64_t rest;
  return divide(number, by, &rest);
}

uint64_t __umoddi3(uint64_t number, uint64_t by) {
  uint64_t rest;
  divide(number, by, &rest);
  return rest;
}

// Floats, as far as they are needed: no infinities, nothing that is too small.

/// From a mantissa with its highest bit at 31, rounded to the nearest; `exponent` is that of the result, biased.
static float pack(uint32_t sign, int exponent, uint32_t mantissa) {
  uint32_t kept = mantissa >> 8;
  const uint32_t rest = mantissa & 0xFF;
  kept += rest > 0x80 || (rest == 0x80 && (kept & 1) != 0) ? 1 : 0;
  // A carry out of the mantissa goes into the exponent, as it should.
  return std::bit_cast<float>(sign | ((static_cast<uint32_t>(exponent) << 23) + (kept - 0x800000)));
}

float __floatunsisf(uint32_t number) {
  if (number == 0)
    return 0;
  int exponent = 127 + 31;
  for (; (number & 0x80000000) == 0; number <<= 1)
    exponent--;
  return pack(0, exponent, number);
}

float __mulsf3(float left, float right) {
  const auto a = std::bit_cast<uint32_t>(left);
  const auto b = std::bit_cast<uint32_t>(right);
  const uint32_t sign = (a ^ b) & 0x80000000;
  if ((a << 1) == 0 || (b << 1) == 0)
    return std::bit_cast<float>(sign);
  const uint64_t product = __muldi3((a & 0x7FFFFF) | 0x800000, (b & 0x7FFFFF) | 0x800000);
  // The highest bit of the product is bit 46 or 47.
  int exponent = static_cast<int>((a >> 23 & 0xFF) + (b >> 23 & 0xFF)) - 127 + 1;
  auto mantissa = static_cast<uint32_t>(product >> 16) | ((product & 0xFFFF) != 0 ? 1 : 0);
  if ((mantissa & 0x80000000) == 0) {
    mantissa = static_cast<uint32_t>(product >> 15) | ((product & 0x7FFF) != 0 ? 1 : 0);
    exponent--;
  }
  return pack(sign, exponent, mantissa);
}

float __divsf3(float left, float right) {
  const auto a = std::bit_cast<uint32_t>(left);
  const auto b = std::bit_cast<uint32_t>(right);
  const uint32_t sign = (a ^ b) & 0x80000000;
  if ((a << 1) == 0)
    return std::bit_cast<float>(sign);
  uint32_t rest = (a & 0x7FFFFF) | 0x800000;
  const uint32_t by = (b & 0x7FFFFF) | 0x800000;
  int exponent = static_cast<int>((a >> 23 & 0xFF) - (b >> 23 & 0xFF)) + 127;
  if (rest < by) {
    rest <<= 1;
    exponent--;
  }
  uint32_t quotient = 0;
  for (int bit = 0; bit < 26; bit++) {
    quotient <<= 1;
    if (rest >= by) {
      rest -= by;
      quotient |= 1;
    }
    rest <<= 1;
  }
  return pack(sign, exponent, quotient << 6 | (rest != 0 ? 1 : 0));
}

/// Less than, equal to or greater than 0, as the left number is.
static int compare(float left, float right) {
  const auto ordered = [](float number) {
    const auto bits = std::bit_cast<int32_t>(number);
    return bits < 0 ? -(bits & 0x7FFFFFFF) : bits;
  };
  const int32_t a = ordered(left);
  const int32_t b = ordered(right);
  return (a > b) - (a < b);
}
int __gtsf2(float left, float right) { return compare(left, right); }
int __gesf2(float left, float right) { return compare(left, right); }
int __ltsf2(float left, float right) { return compare(left, right); }
int __lesf2(float left, float right) { return compare(left, right); }
int __eqsf2(float left, float right) { return compare(left, right); }
int __nesf2(float left, float right) { return compare(left, right); }
int __unordsf2(float left, float right) {
  const auto is_nan = [](float number) { return (std::bit_cast<uint32_t>(number) & 0x7FFFFFFF) > 0x7F800000; };
  return is_nan(left) || is_nan(right) ? 1 : 0;
}
/// For a line of the log that nobody writes.
double __extendsfdf2(float) { return std::bit_cast<double>(uint64_t{0}); }

float ldexpf(float number, int power) {
  const auto bits = std::bit_cast<uint32_t>(number);
  if (bits == 0)
    return number;
  const int exponent = static_cast<int>(bits >> 23 & 0xFF) + power;
  const uint32_t mantissa = bits & 0x7FFFFF;
  if (exponent >= 255)
    return std::bit_cast<float>(uint32_t{255} << 23);
  if (exponent > 0)
    return std::bit_cast<float>(static_cast<uint32_t>(exponent) << 23 | mantissa);
  return std::bit_cast<float>((mantissa | 0x800000) >> (1 - exponent));
}

}  // extern "C"
