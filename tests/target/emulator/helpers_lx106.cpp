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

// Floats, as far as to_float() needs them: from at most 24 bits, times a power of two that loses none of them.

float __floatunsisf(uint32_t number) {
  if (number == 0)
    return 0;
  uint32_t exponent = 127 + 23;
  for (; (number & 0x800000) == 0; number <<= 1)
    exponent--;
  return std::bit_cast<float>(exponent << 23 | (number & 0x7FFFFF));
}

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
