#include "kmp_units.h"

#include <cstdio>

#include "kmp_flash.h"
#include "kmp_unit_table.h"

namespace esphome::multical::kmp {

namespace {

uint32_t find_unit(uint8_t unit) { return unit < UNIT_COUNT ? read_flash_word(&UNIT_TABLE[unit]) : 0; }

uint8_t quantity_of(uint32_t entry) { return static_cast<uint8_t>(entry >> 24); }
int8_t exponent_of(uint32_t entry) { return static_cast<int8_t>(entry >> 16); }
uint16_t factor_of(uint32_t entry) { return static_cast<uint16_t>(entry); }

}  // namespace

bool find_ratio(uint8_t from, uint8_t to, Ratio *ratio) {
  const uint32_t source = find_unit(from);
  const uint32_t target = find_unit(to);
  if (from >= WIRE_UNIT_COUNT || quantity_of(source) == NO_AMOUNT || quantity_of(source) != quantity_of(target))
    return false;
  ratio->numerator = factor_of(source);
  ratio->denominator = factor_of(target);
  ratio->exponent = static_cast<int8_t>(exponent_of(source) - exponent_of(target));
  return true;
}

bool convert(const Decimal &value, uint8_t from, uint8_t to, float *result) {
  Ratio ratio;
  if (!find_ratio(from, to, &ratio))
    return false;
  *result = to_float(value, ratio);
  return true;
}

void unit_name(uint8_t unit, char (&name)[MAX_UNIT_NAME_SIZE]) {
  size_t length = 0;
  if (unit < UNIT_COUNT) {
    const char *next = UNIT_NAMES;
    for (uint8_t i = 0; i < unit; i++) {
      while (read_flash_char(next++) != '\0') {
      }
    }
    while ((name[length] = read_flash_char(next++)) != '\0')
      length++;
  }
  if (length == 0)
    std::snprintf(name, sizeof(name), "unit %u", unit);
}

}  // namespace esphome::multical::kmp
