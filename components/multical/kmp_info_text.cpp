#include "kmp_info_text.h"

#include <cinttypes>
#include <cstdio>

#include "kmp_flash.h"
#include "kmp_info_names.h"

namespace esphome::multical::kmp {

namespace {

constexpr char SEPARATOR[] = ", ";
constexpr char MORE[] = ", ...";

/// Finds the name of a code; its end is a 0.
const char *find_name(uint8_t code) {
  const char *name = INFO_NAMES;
  for (; code > 0; code--) {
    while (read_flash_char(name++) != '\0') {
    }
  }
  return name;
}

/// A list with commas that ends with dots when it is full.
class ListWriter {
 public:
  explicit ListWriter(char (&text)[MAX_INFO_TEXT_SIZE]) : text_(text) { text[0] = '\0'; }

  /// Adds a name from flash.
  void add(const char *name) {
    if (this->is_full_)
      return;
    uint16_t length = 0;
    while (read_flash_char(name + length) != '\0')
      length++;
    const uint16_t separator = this->size_ > 0 ? sizeof(SEPARATOR) - 1 : 0;
    // Room for the dots is always left.
    this->is_full_ = this->size_ + separator + length + sizeof(MORE) > MAX_INFO_TEXT_SIZE;
    if (this->is_full_) {
      this->append_(MORE);
      return;
    }
    if (separator > 0)
      this->append_(SEPARATOR);
    for (uint16_t i = 0; i < length; i++)
      this->text_[this->size_++] = read_flash_char(name + i);
    this->text_[this->size_] = '\0';
  }

 protected:
  void append_(const char *text) {
    while (*text != '\0')
      this->text_[this->size_++] = *text++;
    this->text_[this->size_] = '\0';
  }

  char *text_;
  uint16_t size_{0};
  bool is_full_{false};
};

}  // namespace

void to_info_text(uint32_t value, InfoForm form, char (&text)[MAX_INFO_TEXT_SIZE]) {
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

void to_info_number(uint32_t value, InfoForm form, char (&text)[MAX_INFO_NUMBER_SIZE]) {
  switch (form) {
    case InfoForm::BITS:
      std::snprintf(text, sizeof(text), "0x%08" PRIX32, value);
      break;
    case InfoForm::DIGITS:
      std::snprintf(text, sizeof(text), "%08" PRIu32, value);
      break;
    case InfoForm::SUM:
      std::snprintf(text, sizeof(text), "%" PRIu32, value);
      break;
  }
}

}  // namespace esphome::multical::kmp
