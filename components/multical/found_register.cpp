#include "found_register.h"

#include "kmp_value.h"
#include "register_table.h"
#include "unit_numbers_table.h"

namespace esphome::multical {

static_assert(LONGEST_REGISTER_NAME < MAX_REGISTER_NAME_SIZE);

/// Whether a sensor can show values in this unit.
static bool is_amount(uint8_t unit) {
  return !kmp::is_plain(unit) && !kmp::is_tenfold_unit(unit) && kmp::find_ratio(unit, unit).has_value();
}

FoundRegister::FoundRegister(uint16_t id) {
  for (; this->index_ < REGISTER_NAME_COUNT; this->index_++) {
    const uint32_t numbers = kmp::read_flash_word(&REGISTER_ROWS[this->index_][0]);
    if (numbers >> 16 != id)
      continue;
    this->row_[0] = numbers;
    this->row_[1] = kmp::read_flash_word(&REGISTER_ROWS[this->index_][1]);
    return;
  }
}

void FoundRegister::read_name(std::span<char, MAX_REGISTER_NAME_SIZE> name) const {
  const char *next = REGISTER_NAMES;
  for (uint16_t i = 0; i < this->index_; i++) {
    while (kmp::read_flash_char(next++) != '\0') {
    }
  }
  for (size_t i = 0; (name[i] = kmp::read_flash_char(next++)) != '\0'; i++) {
  }
}

YamlEntity FoundRegister::entity(uint8_t unit, bool is_number) const {
  const auto place = static_cast<uint8_t>(this->row_[1] >> 8);
  const auto own_unit = static_cast<uint8_t>(this->row_[1]);
  const auto other_unit = static_cast<uint8_t>(this->row_[1] >> 16);
  const auto plain_unit = static_cast<uint8_t>(this->row_[1] >> 24);
  if (place == TEXT_SENSOR && (is_number || own_unit == kmp::UNIT_NONE))
    return {.place = YamlPlace::TEXT_SENSOR, .needs_unit = false};
  if (is_number && place == SENSOR && kmp::find_ratio(unit, own_unit, plain_unit).has_value())
    return {.place = YamlPlace::SENSOR, .needs_unit = false};
  if (is_number && is_amount(unit)) {
    if (place == NUMBER_ONLY)
      return {.place = YamlPlace::SENSOR_BY_NUMBER, .needs_unit = true};
    if (kmp::find_ratio(unit, other_unit).has_value())
      return {.place = YamlPlace::SENSOR, .needs_unit = true};
  }
  // A text shows everything, and every digit of a plain number.
  return {.place = YamlPlace::TEXT_SENSOR_BY_NUMBER, .needs_unit = false};
}

}  // namespace esphome::multical
