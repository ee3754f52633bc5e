#include "kmp_value.h"

#include <cstdio>

#include "kmp_flash.h"
#include "unit_numbers_table.h"
#include "unit_table.h"

namespace esphome::multical::kmp {

namespace {

uint32_t find_unit(uint8_t unit) { return unit < UNIT_COUNT ? read_flash_word(&UNIT_TABLE[unit]) : 0; }

uint8_t quantity_of(uint32_t entry) { return static_cast<uint8_t>(entry >> 24); }
int8_t exponent_of(uint32_t entry) { return static_cast<int8_t>(entry >> 16); }
uint16_t factor_of(uint32_t entry) { return static_cast<uint16_t>(entry); }

}  // namespace

float to_float(const Decimal &value, const Ratio &ratio) {
  if (value.mantissa == 0)
    return 0.0f;
  // In halves: unlike the rest, the conversion of 64 bits at once is not in the ESP8266's ROM and would take RAM.
  const auto high = static_cast<uint32_t>(value.mantissa >> 32);
  const auto low = static_cast<uint32_t>(value.mantissa);
  double dividend = low;
  if (high != 0)
    dividend += high * 4294967296.0;
  double divisor = 1.0;
  if (ratio.numerator != ratio.denominator) {
    dividend *= ratio.numerator;
    divisor *= ratio.denominator;
  }
  int exponent = value.exponent + ratio.exponent;
  for (; exponent > 0; exponent--)
    dividend *= 10.0;
  for (; exponent < 0; exponent++)
    divisor *= 10.0;
  const auto magnitude = static_cast<float>(dividend / divisor);
  return value.negative ? -magnitude : magnitude;
}

bool is_plain(uint8_t unit) { return unit == UNIT_NONE || unit == UNIT_NUMBER; }

std::optional<Ratio> find_ratio(uint8_t from, uint8_t to, uint8_t plain) {
  if (plain != UNIT_NONE && is_plain(from))
    from = plain;
  const uint32_t source = find_unit(from);
  const uint32_t target = find_unit(to);
  if (from >= WIRE_UNIT_COUNT || quantity_of(source) == NO_AMOUNT || quantity_of(source) != quantity_of(target))
    return {};
  return Ratio{.numerator = factor_of(source),
               .denominator = factor_of(target),
               .exponent = static_cast<int8_t>(exponent_of(source) - exponent_of(target))};
}

void unit_name(uint8_t unit, std::span<char, MAX_UNIT_NAME_SIZE> name) {
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
    std::snprintf(name.data(), name.size(), "unit %u", unit);
}

}  // namespace esphome::multical::kmp
