#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "kmp_frame.h"

namespace esphome::multical::kmp {

/// Bytes for the text of any value including its terminator: sign, 10 digits, 63 zeros, a space and a unit's name.
inline constexpr size_t MAX_TEXT_SIZE = 96;

/// Writes a value exactly as the meter sent it, with its unit:
/// - amounts as decimals with every digit that was sent, for example "12345.67 kWh"; plain numbers without a unit
/// - days as ISO 8601, "2024-12-31"; a day without a year as "12-31"; the day 0 as "none"
/// - times of day as "20:02:43"
/// - date and time in one as ISO 8601, "2024-12-31T00:00:04"; in summer time with the offset that the meter sends,
///   "2016-06-30T14:48:55 DST+01:00". The hour is as sent: only one source says that it already includes the offset.
///   If it is not valid, "unknown in 00 18 0D 1F 00 00 04".
/// - text as text, bit fields as "0x00000100"
/// A value that does not have the form of its unit is written as it is, in decimal or byte by byte in hex; a value
/// without bytes gives an empty text.
void to_text(const RegisterValue &value, std::span<char, MAX_TEXT_SIZE> text);

/// A day and a time of day, in the meter's own time.
struct DateTime {
  uint16_t year{0};  ///< 0 where the meter sends none
  uint8_t month{0};
  uint8_t day{0};
  uint8_t hour{0};
  uint8_t minute{0};
  uint8_t second{0};
  uint8_t dst_minutes{0};  ///< offset of summer time
};

/// Reads a date and time in one, or only a day, or only a time of day.
/// @param other completes a value that is only one of the two
/// @return nothing if it is none of these, or not valid
std::optional<DateTime> to_date_time(const RegisterValue &value, const DateTime &other = {});

/// Writes a day with a time of day in the same form.
void to_text(const DateTime &date_time, std::span<char, MAX_TEXT_SIZE> text);

}  // namespace esphome::multical::kmp
