#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

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

/// `value * ratio` as a float; too large values give infinity. For what meters send it is the float nearest to the true
/// value, of two equally near ones the even one: mantissa and powers of ten then fit into the 53 bits of a double, and
/// the one division loses less than decides between two floats. At the ends of the range it may be the second nearest,
/// where the true value lies less than a millionth of a float's last bit beside the middle.
float to_float(const Decimal &value, const Ratio &ratio);

/// Finds what a number is multiplied by to change its unit.
/// @param from  unit byte of a reply
/// @param to    unit number as in units.py, which also has units that no meter sends
/// @param plain what a number without a unit counts in this register; 0: nothing is known of that
/// @return nothing when one of them is unknown, measures something else than the other, or is no amount (date, text …).
std::optional<Ratio> find_ratio(uint8_t from, uint8_t to, uint8_t plain = 0);

/// Whether this is the unit of a plain number, which has none.
bool is_plain(uint8_t unit);

/// Bytes for the name of any unit, its end included.
inline constexpr size_t MAX_UNIT_NAME_SIZE = 18;

/// Writes the name of a unit, for example "kWh", or "unit 77" for one that is not known.
void unit_name(uint8_t unit, std::span<char, MAX_UNIT_NAME_SIZE> name);

}  // namespace esphome::multical::kmp
