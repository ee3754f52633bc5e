#pragma once

#include <cstdint>
#include <span>

namespace esphome::multical {

/// How a register says which info codes are active: info_codes.py has the lists and their sources.
enum class InfoForm : uint8_t {
  BITS,     ///< a bit each: 403, 603, 303, 803
  DIGITS,   ///< eight decimal digits, as the display of the same meters shows them; not proven on the wire
  SUM,      ///< the sum of the codes' numbers: 602; for 601 and 402 likely
  WATER,    ///< a bit each in the lowest four, counters of hours above: MULTICAL 21, flowIQ 2101
  UNKNOWN,  ///< not known: 61, 62
};

/// The active info codes; bit n stands for the code with the number n in info_codes.py.
struct InfoCodes {
  uint64_t active{0};
  uint64_t tellable{0};     ///< all that this form has
  bool has_unknown{false};  ///< something is active that is not in the list

  bool is_any() const { return this->active != 0 || this->has_unknown; }
};

/// Reads the value of an info register.
InfoCodes to_info_codes(uint32_t value, InfoForm form);

/// Bytes of the longest text, its end included: as many as Home Assistant takes.
inline constexpr uint16_t MAX_INFO_TEXT_SIZE = 256;
/// Bytes of the longest number, its end included.
inline constexpr uint16_t MAX_INFO_NUMBER_SIZE = 11;

/// Writes the names of all active codes with commas between them, or "none". When something unknown is among them, as
/// always where the form is not known, the value follows, "unknown in 0x00000400"; names that find no room become
/// "...".
void to_info_text(uint32_t value, InfoForm form, std::span<char, MAX_INFO_TEXT_SIZE> text);

/// Writes the value of an info register as people write it: bits in hex, the rest in decimal, digits all eight.
void to_info_number(uint32_t value, InfoForm form, std::span<char, MAX_INFO_NUMBER_SIZE> text);

}  // namespace esphome::multical
