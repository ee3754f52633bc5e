#pragma once

#include <cstdint>

namespace esphome::multical::kmp {

/// A number as the meter sends it, or the sum of several: mantissa times a power of ten. Stays exact until it is
/// published.
struct Decimal {
  uint64_t mantissa{0};  ///< of one register: up to 32 bits
  int8_t exponent{0};    ///< -63 to 63
  bool negative{false};
};

/// What a number is multiplied by to change its unit: numerator / denominator * 10^exponent, an exact ratio.
struct Ratio {
  uint16_t numerator{1};
  uint16_t denominator{1};
  int8_t exponent{0};  ///< -16 to 16
};

/// The float nearest to the true value of `value * ratio`; of two equally near ones the even one, as IEEE 754 rounds.
/// Too large values give infinity. Uses integers only: no double on the device, no error that adds up.
float to_float(const Decimal &value, const Ratio &ratio);

}  // namespace esphome::multical::kmp
