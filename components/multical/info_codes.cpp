#include "info_codes.h"

#include <cinttypes>
#include <cstdio>

#include "info_code_table.h"
#include "kmp_flash.h"

namespace esphome::multical {

namespace {

constexpr char SEPARATOR[] = ", ";
constexpr char MORE[] = ", ...";

constexpr uint64_t code_bit(uint32_t code) { return uint64_t{1} << code; }

InfoCodes from_bits(uint32_t value) {
  return {.active = value & CODES_IN_BITS,
          .tellable = CODES_IN_BITS,
          .has_unknown = (value & ~static_cast<uint32_t>(CODES_IN_BITS)) != 0};
}

InfoCodes from_digits(uint32_t value) {
  InfoCodes codes{.tellable = CODES_IN_DIGITS};
  uint32_t places = 0;  // four bits per digit, the last digit lowest
  for (uint8_t shift = 0; shift < 32; shift = static_cast<uint8_t>(shift + 4)) {
    places |= value % 10 << shift;
    value /= 10;
  }
  uint32_t explained = 0;
  for (const auto &row : DIGIT_CODES) {
    const uint32_t mask = kmp::read_flash_word(&row[0]);
    if ((places & mask) != kmp::read_flash_word(&row[1]))
      continue;
    codes.active |= code_bit(kmp::read_flash_word(&row[2]));
    explained |= mask;
  }
  codes.has_unknown = value != 0 || (places & ~explained) != 0;
  return codes;
}

InfoCodes from_sum(uint32_t value) {
  InfoCodes codes{.tellable = CODES_IN_SUM};
  for (const auto &row : SUM_CODES) {
    const uint32_t summand = kmp::read_flash_word(&row[0]);
    if ((value & summand) != 0)
      codes.active |= code_bit(kmp::read_flash_word(&row[1]));
    value &= ~summand;
  }
  codes.has_unknown = value != 0;
  return codes;
}

InfoCodes from_water(uint32_t value) {
  return {.active = uint64_t{value} << WATER_SHIFT & CODES_IN_WATER, .tellable = CODES_IN_WATER};
}

/// Finds the name of a code, which ends with a 0.
const char *find_name(uint8_t code) {
  const char *name = INFO_NAMES;
  for (; code > 0; code--) {
    while (kmp::read_flash_char(name++) != '\0') {
    }
  }
  return name;
}

/// A list with commas that ends with dots when it is full.
class ListWriter {
 public:
  explicit ListWriter(std::span<char, MAX_INFO_TEXT_SIZE> text) : text_(text) {}

  /// Adds a name from flash.
  void add(const char *name) {
    if (this->is_full_)
      return;
    size_t length = 0;
    while (kmp::read_flash_char(name + length) != '\0')
      length++;
    const size_t separator = this->size_ > 0 ? sizeof(SEPARATOR) - 1 : 0;
    // Always leaves room for the dots.
    this->is_full_ = this->size_ + separator + length + sizeof(MORE) > this->text_.size();
    if (this->is_full_) {
      this->append_(MORE);
      return;
    }
    if (separator > 0)
      this->append_(SEPARATOR);
    for (size_t i = 0; i < length; i++)
      this->text_[this->size_++] = kmp::read_flash_char(name + i);
    this->text_[this->size_] = '\0';
  }

 protected:
  void append_(const char *text) {
    while (*text != '\0')
      this->text_[this->size_++] = *text++;
    this->text_[this->size_] = '\0';
  }

  std::span<char, MAX_INFO_TEXT_SIZE> text_;
  size_t size_{0};
  bool is_full_{false};
};

}  // namespace

InfoCodes to_info_codes(uint32_t value, InfoForm form) {
  switch (form) {
    case InfoForm::BITS:
      return from_bits(value);
    case InfoForm::DIGITS:
      return from_digits(value);
    case InfoForm::SUM:
      return from_sum(value);
    case InfoForm::WATER:
      return from_water(value);
    case InfoForm::UNKNOWN:
      break;
  }
  return {.has_unknown = true};
}

void to_info_text(uint32_t value, InfoForm form, std::span<char, MAX_INFO_TEXT_SIZE> text) {
  const InfoCodes codes = to_info_codes(value, form);
  ListWriter list(text);
  for (uint8_t code = 0; code < INFO_CODE_COUNT; code++) {
    if ((codes.active >> code & 1) != 0)
      list.add(find_name(code));
  }
  if (codes.has_unknown) {
    char number[MAX_INFO_NUMBER_SIZE];
    to_info_number(value, form, number);
    char unknown[sizeof("unknown in ") + MAX_INFO_NUMBER_SIZE];
    std::snprintf(unknown, sizeof(unknown), "unknown in %s", number);
    list.add(unknown);
  }
  if (!codes.is_any())
    list.add("none");
}

void to_info_number(uint32_t value, InfoForm form, std::span<char, MAX_INFO_NUMBER_SIZE> text) {
  switch (form) {
    case InfoForm::BITS:
      std::snprintf(text.data(), text.size(), "0x%08" PRIX32, value);
      break;
    case InfoForm::DIGITS:
      std::snprintf(text.data(), text.size(), "%08" PRIu32, value);
      break;
    case InfoForm::WATER:
      std::snprintf(text.data(), text.size(), "0x%04" PRIX32, value);
      break;
    default:
      std::snprintf(text.data(), text.size(), "%" PRIu32, value);
      break;
  }
}

}  // namespace esphome::multical
