#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace esphome::multical::kmp {

/// A number as the meter sends it, or the sum of several: mantissa times a power of ten. Exact until it is published.
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

/// `value * ratio` as a float; values that are too large give infinity. For what meters send it is the nearest float,
/// and the even one of two that are equally near: mantissa and powers of ten then fit into the 53 bits of a double, and
/// the error of the one division is too small to change the float. At the ends of the range it may be the second
/// nearest, if the true value is within a millionth of a float's last bit of the midpoint between the two.
float to_float(const Decimal &value, const Ratio &ratio);

/// Finds what a number is multiplied by to change its unit.
/// @param from  unit byte of a reply
/// @param to    unit number as in units.py, which also has units that no meter sends
/// @param plain the unit to assume for a number without a unit in this register; 0: not known
/// @return nothing if a unit is unknown or is not an amount (date, text …), or if they measure different things
std::optional<Ratio> find_ratio(uint8_t from, uint8_t to, uint8_t plain = 0);

/// Whether this is the unit byte of a plain number.
bool is_plain(uint8_t unit);

/// Bytes for the name of any unit including its terminator.
inline constexpr size_t MAX_UNIT_NAME_SIZE = 18;

/// Writes the name of a unit, for example "kWh", or "unit 77" for one that is not known.
void unit_name(uint8_t unit, std::span<char, MAX_UNIT_NAME_SIZE> name);

}  // namespace esphome::multical::kmp
