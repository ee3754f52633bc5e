#include "kmp_text.h"

#include <cinttypes>
#include <cstdio>

#include "kmp_units.h"

namespace esphome::multical::kmp {

namespace {

// Unit bytes whose values are no amounts in a unit (see units.py).
constexpr uint8_t UNIT_NONE = 0;
constexpr uint8_t UNIT_CLOCK = 47;
constexpr uint8_t UNIT_DATE = 48;
constexpr uint8_t UNIT_LONG_DATE = 49;  // no frame is known; taken to be like 48 with the whole year
constexpr uint8_t UNIT_MONTH_DAY = 50;
constexpr uint8_t UNIT_NUMBER = 51;
constexpr uint8_t UNIT_TEXT = 54;
constexpr uint8_t UNIT_BITS = 59;
constexpr uint8_t UNIT_DATE_TIME = 79;

constexpr uint8_t DATE_TIME_SIZE = 7;
constexpr uint16_t CENTURY = 2000;
constexpr uint8_t MAX_BYTES_SHOWN = 16;

/// Writes into a text of fixed size; what does not fit is left out.
class TextWriter {
 public:
  explicit TextWriter(char (&text)[MAX_TEXT_SIZE]) : text_(text) { text[0] = '\0'; }

  void put(char character) {
    if (this->size_ + 1 < MAX_TEXT_SIZE) {
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

  char *text_;
  size_t size_{0};
};

/// Without a year (0), 29 February is a day.
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

/// Whole numbers only: with an exponent or a sign it is no date.
bool to_digits(const RegisterValue &value, uint32_t *digits) {
  Decimal decimal;
  if (!value.to_decimal(&decimal) || decimal.exponent != 0 || decimal.negative)
    return false;
  *digits = static_cast<uint32_t>(decimal.mantissa);
  return true;
}

bool to_clock(uint32_t digits, DateTime *date_time) {
  if (!is_time(digits / 10000, digits / 100 % 100, digits % 100))
    return false;
  date_time->hour = static_cast<uint8_t>(digits / 10000);
  date_time->minute = static_cast<uint8_t>(digits / 100 % 100);
  date_time->second = static_cast<uint8_t>(digits % 100);
  return true;
}

bool to_day(uint8_t unit, uint32_t digits, DateTime *date_time) {
  uint32_t year = digits / 10000;
  if (unit == UNIT_DATE) {
    if (year > 99)
      return false;
    year += CENTURY;
  } else if (unit == UNIT_LONG_DATE ? year == 0 || year > 9999 : year != 0) {
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

bool from_seven_bytes(const RegisterValue &value, DateTime *date_time) {
  const uint8_t *data = value.data;
  const auto year = static_cast<uint16_t>(CENTURY + data[1]);
  if (data[1] > 99 || !is_day(year, data[2], data[3]) || !is_time(data[4], data[5], data[6]))
    return false;
  *date_time = {.year = year,
                .month = data[2],
                .day = data[3],
                .hour = data[4],
                .minute = data[5],
                .second = data[6],
                .dst_minutes = data[0]};
  return true;
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

void put_characters(TextWriter *text, const RegisterValue &value) {
  size_t size = value.size;
  while (size > 0 && (value.data[size - 1] == '\0' || value.data[size - 1] == ' '))
    size--;
  for (size_t i = 0; i < size; i++) {
    const auto character = static_cast<char>(value.data[i]);
    text->put(character >= ' ' && character <= '~' ? character : '?');
  }
}

void put_bytes(TextWriter *text, const RegisterValue &value) {
  for (uint8_t i = 0; i < value.size && i < MAX_BYTES_SHOWN; i++) {
    if (i > 0)
      text->put(' ');
    text->put_hex(value.data[i]);
  }
  if (value.size > MAX_BYTES_SHOWN)
    text->put("...");
}

void put_unit(TextWriter *text, uint8_t unit) {
  if (unit == UNIT_NONE || unit == UNIT_NUMBER)
    return;
  char name[MAX_UNIT_NAME_SIZE];
  unit_name(unit, name);
  text->put(' ');
  text->put(name);
}

/// Takes the forms that their units give.
bool put_form(TextWriter *text, const RegisterValue &value) {
  DateTime date_time;
  uint32_t digits;
  switch (value.unit) {
    case UNIT_CLOCK:
      if (!to_date_time(value, &date_time))
        return false;
      put_time(text, date_time);
      return true;
    case UNIT_DATE:
    case UNIT_LONG_DATE:
    case UNIT_MONTH_DAY:
      if (to_date_time(value, &date_time)) {
        put_day(text, date_time);
        return true;
      }
      if (!to_digits(value, &digits) || digits != 0)
        return false;
      text->put("none");
      return true;
    case UNIT_DATE_TIME:
      if (!to_date_time(value, &date_time))
        return false;
      put_date_time(text, date_time);
      return true;
    case UNIT_TEXT:
      put_characters(text, value);
      return true;
    case UNIT_BITS:
      if (!to_digits(value, &digits))
        return false;
      text->put("0x");
      for (uint8_t i = 0; i < value.size; i++)
        text->put_hex(value.data[i]);
      return true;
    default:
      return false;
  }
}

}  // namespace

bool to_date_time(const RegisterValue &value, DateTime *date_time) {
  if (value.unit == UNIT_DATE_TIME)
    return value.size == DATE_TIME_SIZE && from_seven_bytes(value, date_time);
  uint32_t digits;
  if (!to_digits(value, &digits))
    return false;
  if (value.unit == UNIT_CLOCK)
    return to_clock(digits, date_time);
  const bool is_date = value.unit == UNIT_DATE || value.unit == UNIT_LONG_DATE || value.unit == UNIT_MONTH_DAY;
  return is_date && to_day(value.unit, digits, date_time);
}

void to_text(const DateTime &date_time, char (&text)[MAX_TEXT_SIZE]) {
  TextWriter writer(text);
  put_date_time(&writer, date_time);
}

void to_text(const RegisterValue &value, char (&text)[MAX_TEXT_SIZE]) {
  TextWriter writer(text);
  if (value.size == 0 || put_form(&writer, value))
    return;
  Decimal decimal;
  if (value.to_decimal(&decimal)) {
    put_number(&writer, decimal);
  } else {
    put_bytes(&writer, value);
  }
  put_unit(&writer, value.unit);
}

}  // namespace esphome::multical::kmp
