#pragma once

#include <cstdint>
#include <span>

namespace esphome::multical {

/// How a register encodes which info codes are active: info_codes.py has the lists and their sources.
enum class InfoForm : uint8_t {
  BITS,     ///< one bit per code: 403, 603, 303, 803
  DIGITS,   ///< eight decimal digits, as the display of the same meters shows them; not proven on the wire
  SUM,      ///< the sum of the codes' numbers: 602; likely 601 and 402
  WATER,    ///< one bit per code in the lowest four, hour counters above: MULTICAL 21, flowIQ 2101
  UNKNOWN,  ///< not known: 61, 62
};

/// The active info codes; bit n stands for the code with the number n in info_codes.py.
struct InfoCodes {
  uint64_t active{0};
  uint64_t tellable{0};     ///< all codes that this form can report
  bool has_unknown{false};  ///< something that is not in the list is active

  bool is_any() const { return this->active != 0 || this->has_unknown; }
};

/// Reads the value of an info register.
InfoCodes to_info_codes(uint32_t value, InfoForm form);

/// Bytes of the longest text including its terminator: as many as Home Assistant accepts.
inline constexpr uint16_t MAX_INFO_TEXT_SIZE = 256;
/// Bytes of the longest number including its terminator.
inline constexpr uint16_t MAX_INFO_NUMBER_SIZE = 11;

/// Writes the names of all active codes with commas between them, or "none". If any of them is unknown, which is always
/// so when the form is unknown, the value follows, "unknown in 0x00000400"; names that do not fit become "...".
void to_info_text(uint32_t value, InfoForm form, std::span<char, MAX_INFO_TEXT_SIZE> text);

/// Writes the value of an info register as people write it: bits in hex, digits all eight, the rest in decimal.
void to_info_number(uint32_t value, InfoForm form, std::span<char, MAX_INFO_NUMBER_SIZE> text);

}  // namespace esphome::multical
