#include "kmp_info.h"

#include "kmp_flash.h"
#include "kmp_info_table.h"

namespace esphome::multical::kmp {

namespace {

constexpr uint64_t code_bit(uint32_t code) { return uint64_t{1} << code; }

InfoCodes from_bits(uint32_t value) {
  return {.active = value & CODES_IN_BITS,
          .tellable = CODES_IN_BITS,
          .has_unknown = (value & ~static_cast<uint32_t>(CODES_IN_BITS)) != 0};
}

InfoCodes from_digits(uint32_t value) {
  InfoCodes codes{.tellable = CODES_IN_DIGITS};
  uint32_t places = 0;  // four bits a digit, the last one lowest
  for (uint8_t shift = 0; shift < 32; shift = static_cast<uint8_t>(shift + 4)) {
    places |= value % 10 << shift;
    value /= 10;
  }
  uint32_t explained = 0;
  for (const auto &row : DIGIT_CODES) {
    const uint32_t mask = read_flash_word(&row[0]);
    if ((places & mask) != read_flash_word(&row[1]))
      continue;
    codes.active |= code_bit(read_flash_word(&row[2]));
    explained |= mask;
  }
  codes.has_unknown = value != 0 || (places & ~explained) != 0;
  return codes;
}

InfoCodes from_sum(uint32_t value) {
  InfoCodes codes{.tellable = CODES_IN_SUM};
  for (const auto &row : SUM_CODES) {
    const uint32_t summand = read_flash_word(&row[0]);
    if ((value & summand) != 0)
      codes.active |= code_bit(read_flash_word(&row[1]));
    value &= ~summand;
  }
  codes.has_unknown = value != 0;
  return codes;
}

}  // namespace

InfoCodes to_info_codes(uint32_t value, InfoForm form) {
  switch (form) {
    case InfoForm::BITS:
      return from_bits(value);
    case InfoForm::DIGITS:
      return from_digits(value);
    case InfoForm::SUM:
      return from_sum(value);
  }
  return {};
}

}  // namespace esphome::multical::kmp
