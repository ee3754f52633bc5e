#include "kmp_text.h"

#include <cinttypes>
#include <cstdio>

#include "kmp_value.h"
#include "unit_numbers_table.h"

namespace esphome::multical::kmp {

namespace {

constexpr size_t DATE_TIME_SIZE = 7;
constexpr size_t RTC_SIZE = 8;
constexpr uint16_t CENTURY = 2000;
constexpr size_t MAX_BYTES_SHOWN = 16;

/// Writes into a buffer of fixed size; anything that does not fit is left out.
class TextWriter {
 public:
  explicit TextWriter(std::span<char, MAX_TEXT_SIZE> text) : text_(text) { text[0] = '\0'; }

  void put(char character) {
    if (this->size_ + 1 < this->text_.size()) {
      this->text_[this->size_++] = character;
      this->text_[this->size_] = '\0';
    }
  }
  void put(const char *text) {
    while (*text != '\0')
      this->put(*text++);
  }
  void put_zeros(int count) {
    for (; count > 0; count--)
      this->put('0');
  }
  void put_hex(uint8_t byte) {
    this->put_hex_digit_(byte >> 4);
    this->put_hex_digit_(byte & 0x0F);
  }
  void put_two_digits(uint8_t number) {
    this->put(static_cast<char>('0' + number / 10 % 10));
    this->put(static_cast<char>('0' + number % 10));
  }

 protected:
  void put_hex_digit_(int digit) { this->put(static_cast<char>(digit < 10 ? '0' + digit : 'A' + digit - 10)); }

  std::span<char, MAX_TEXT_SIZE> text_;
  size_t size_{0};
};

/// Without a year (0), 29 February is valid.
bool is_day(uint32_t year, uint8_t month, uint8_t day) {
  if (month < 1 || month > 12 || day < 1 || day > 31)
    return false;
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (month == 2)
    return day <= (is_leap ? 29 : 28);
  const bool is_short = month == 4 || month == 6 || month == 9 || month == 11;
  return !is_short || day <= 30;
}

bool is_time(uint32_t hour, uint32_t minute, uint32_t second) { return hour < 24 && minute < 60 && second < 60; }

/// Whole numbers only: a date has no exponent and no sign.
std::optional<uint32_t> to_digits(const RegisterValue &value) {
  const auto decimal = value.to_decimal();
  if (!decimal || decimal->exponent != 0 || decimal->negative)
    return {};
  return static_cast<uint32_t>(decimal->mantissa);
}

/// Changes only the time of day.
/// @return false if it is not a valid one
bool fill_clock(DateTime *date_time, uint32_t digits) {
  if (!is_time(digits / 10000, digits / 100 % 100, digits % 100))
    return false;
  date_time->hour = static_cast<uint8_t>(digits / 10000);
  date_time->minute = static_cast<uint8_t>(digits / 100 % 100);
  date_time->second = static_cast<uint8_t>(digits % 100);
  return true;
}

/// Changes only the date.
/// @return false if it is not a valid one
bool fill_day(DateTime *date_time, uint8_t unit, uint32_t digits) {
  uint32_t year = digits / 10000;
  if (unit == UNIT_DATE) {
    if (year > 99)
      return false;
    year += CENTURY;
  } else if (unit == UNIT_LONG_DATE ? year == 0 || year > 9999 : year != 0) {
    // No frame with UNIT_LONG_DATE is known; it is assumed to be UNIT_DATE with a four-digit year.
    return false;
  }
  const auto month = static_cast<uint8_t>(digits / 100 % 100);
  const auto day = static_cast<uint8_t>(digits % 100);
  if (!is_day(year, month, day))
    return false;
  date_time->year = static_cast<uint16_t>(year);
  date_time->month = month;
  date_time->day = day;
  return true;
}

/// @param date_time straight from the bytes, with a two-digit year
/// @return false if it is not a valid date and time
bool complete(DateTime *date_time) {
  const bool is_year = date_time->year < 100;
  date_time->year += CENTURY;
  return is_year && is_day(date_time->year, date_time->month, date_time->day) &&
         is_time(date_time->hour, date_time->minute, date_time->second);
}

/// @return false if the bytes are not a valid date and time
bool fill_date_time(DateTime *date_time, std::span<const uint8_t> data) {
  if (data.size() != DATE_TIME_SIZE)
    return false;
  *date_time = {.year = data[1],
                .month = data[2],
                .day = data[3],
                .hour = data[4],
                .minute = data[5],
                .second = data[6],
                .dst_minutes = data[0]};
  return complete(date_time);
}

/// Flags, whose meaning is unknown, and the day of the week come before the time.
/// @return false if the bytes are not a valid date and time
bool fill_rtc(DateTime *date_time, std::span<const uint8_t> data) {
  if (data.size() != RTC_SIZE)
    return false;
  *date_time = {
      .year = data[7], .month = data[6], .day = data[5], .hour = data[4], .minute = data[3], .second = data[2]};
  return complete(date_time);
}

void put_day(TextWriter *text, const DateTime &date_time) {
  if (date_time.year != 0) {
    text->put_two_digits(static_cast<uint8_t>(date_time.year / 100));
    text->put_two_digits(static_cast<uint8_t>(date_time.year % 100));
    text->put('-');
  }
  text->put_two_digits(date_time.month);
  text->put('-');
  text->put_two_digits(date_time.day);
}

void put_time(TextWriter *text, const DateTime &date_time) {
  text->put_two_digits(date_time.hour);
  text->put(':');
  text->put_two_digits(date_time.minute);
  text->put(':');
  text->put_two_digits(date_time.second);
}

void put_date_time(TextWriter *text, const DateTime &date_time) {
  put_day(text, date_time);
  text->put('T');
  put_time(text, date_time);
  if (date_time.dst_minutes != 0) {
    text->put(" DST+");
    text->put_two_digits(date_time.dst_minutes / 60);
    text->put(':');
    text->put_two_digits(date_time.dst_minutes % 60);
  }
}

void put_number(TextWriter *text, const Decimal &decimal) {
  char digits[11];
  const int count = std::snprintf(digits, sizeof(digits), "%" PRIu32, static_cast<uint32_t>(decimal.mantissa));
  if (decimal.negative)
    text->put('-');
  const int whole = count + decimal.exponent;  // digits before the point
  if (whole <= 0) {
    text->put("0.");
    text->put_zeros(-whole);
  }
  for (int i = 0; i < count; i++) {
    if (i == whole && i > 0)
      text->put('.');
    text->put(digits[i]);
  }
  if (decimal.mantissa != 0)
    text->put_zeros(decimal.exponent);
}

void put_characters(TextWriter *text, std::span<const uint8_t> data) {
  while (!data.empty() && (data.back() == '\0' || data.back() == ' '))
    data = data.first(data.size() - 1);
  for (const uint8_t byte : data)
    text->put(byte >= ' ' && byte <= '~' ? static_cast<char>(byte) : '?');
}

void put_bytes(TextWriter *text, std::span<const uint8_t> data) {
  for (size_t i = 0; i < data.size() && i < MAX_BYTES_SHOWN; i++) {
    if (i > 0)
      text->put(' ');
    text->put_hex(data[i]);
  }
  if (data.size() > MAX_BYTES_SHOWN)
    text->put("...");
}

void put_unit(TextWriter *text, uint8_t unit) {
  if (is_plain(unit))
    return;
  char name[MAX_UNIT_NAME_SIZE];
  unit_name(unit, name);
  text->put(' ');
  text->put(name);
}

/// Writes values whose unit has a form of its own.
/// @return false, and writes nothing, if the unit has no such form or the value does not follow it
bool put_form(TextWriter *text, const RegisterValue &value) {
  const auto date_time = to_date_time(value);
  const auto digits = to_digits(value);
  switch (value.unit) {
    case UNIT_CLOCK:
      if (date_time)
        put_time(text, *date_time);
      return date_time.has_value();
    case UNIT_DATE:
    case UNIT_LONG_DATE:
    case UNIT_MONTH_DAY:
      if (date_time) {
        put_day(text, *date_time);
        return true;
      }
      if (!digits || *digits != 0)
        return false;
      text->put("none");
      return true;
    case UNIT_RTC:
    case UNIT_DATE_TIME:
      if (date_time) {
        put_date_time(text, *date_time);
      } else {
        text->put("unknown in ");
        put_bytes(text, value.data);
      }
      return true;
    case UNIT_TEXT:
      put_characters(text, value.data);
      return true;
    case UNIT_BITS:
      if (!digits)
        return false;
      text->put("0x");
      for (const uint8_t byte : value.data)
        text->put_hex(byte);
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<DateTime> to_date_time(const RegisterValue &value, const DateTime &other) {
  std::optional<DateTime> date_time = other;
  const auto digits = to_digits(value);
  bool is_valid = false;
  switch (value.unit) {
    case UNIT_DATE_TIME:
      is_valid = fill_date_time(&*date_time, value.data);
      break;
    case UNIT_RTC:
      is_valid = fill_rtc(&*date_time, value.data);
      break;
    case UNIT_CLOCK:
      is_valid = digits && fill_clock(&*date_time, *digits);
      break;
    case UNIT_DATE:
    case UNIT_LONG_DATE:
    case UNIT_MONTH_DAY:
      is_valid = digits && fill_day(&*date_time, value.unit, *digits);
      break;
    default:
      break;
  }
  if (!is_valid)
    date_time.reset();
  return date_time;
}

void to_text(const DateTime &date_time, std::span<char, MAX_TEXT_SIZE> text) {
  TextWriter writer(text);
  put_date_time(&writer, date_time);
}

void to_text(const RegisterValue &value, std::span<char, MAX_TEXT_SIZE> text) {
  TextWriter writer(text);
  if (value.data.empty() || put_form(&writer, value))
    return;
  if (const auto decimal = value.to_decimal()) {
    put_number(&writer, *decimal);
  } else {
    put_bytes(&writer, value.data);
  }
  put_unit(&writer, value.unit);
}

}  // namespace esphome::multical::kmp
