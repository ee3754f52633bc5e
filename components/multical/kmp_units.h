#pragma once

#include <cstddef>
#include <cstdint>

#include "kmp_decimal.h"

namespace esphome::multical::kmp {

/// Bytes for the name of any unit, its end included.
inline constexpr size_t MAX_UNIT_NAME_SIZE = 18;

/// Finds what a number is multiplied by to change its unit.
/// @param from unit byte of a reply
/// @param to   unit number as in units.py, which also has units that no meter sends
/// @return false when one of them is unknown, measures something else than the other, or is no amount (date, text …).
bool find_ratio(uint8_t from, uint8_t to, Ratio *ratio);

/// Converts a value exactly; the result is the float nearest to the true value.
/// @return false as find_ratio(); then nothing is written.
bool convert(const Decimal &value, uint8_t from, uint8_t to, float *result);

/// Writes the name of a unit, for example "kWh", or "unit 77" for one that is not known.
void unit_name(uint8_t unit, char (&name)[MAX_UNIT_NAME_SIZE]);

}  // namespace esphome::multical::kmp
