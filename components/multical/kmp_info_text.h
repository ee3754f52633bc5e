#pragma once

#include "kmp_info.h"

namespace esphome::multical::kmp {

/// Bytes of the longest text, its end included: as many as Home Assistant takes.
inline constexpr uint16_t MAX_INFO_TEXT_SIZE = 256;
/// Bytes of the longest number, its end included.
inline constexpr uint16_t MAX_INFO_NUMBER_SIZE = 11;

/// Writes the names of all active codes with commas between them, or "none". When something unknown is among them the
/// value follows, "unknown in 0x00000400"; names that find no room become "...".
void to_info_text(uint32_t value, InfoForm form, char (&text)[MAX_INFO_TEXT_SIZE]);

/// Writes the value of an info register as people write it: bits in hex, the rest in decimal, digits all eight.
void to_info_number(uint32_t value, InfoForm form, char (&text)[MAX_INFO_NUMBER_SIZE]);

}  // namespace esphome::multical::kmp
