#include "register_scan.h"
#ifdef USE_MULTICAL_SCAN

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "esphome/core/hal.h"
#include "esphome/core/log.h"
#include "esphome/core/version.h"

#include "kmp_text.h"
#include "kmp_units.h"
#include "multical.h"
#include "register_names.h"

namespace esphome::multical {

static const char *const TAG = "multical.scan";

static constexpr uint16_t LAST_REGISTER = 1100;
/// Every meter has it.
static constexpr uint16_t SERIAL_NUMBER = 1001;
static constexpr uint32_t SILENT_PAUSE = 10000;
static constexpr uint16_t PROGRESS_STEP = 110;

/// What is known of a register.
struct Row {
  uint16_t index{REGISTER_NAME_COUNT};  ///< REGISTER_NAME_COUNT: nothing
  uint16_t part_of{0};
  uint32_t place{NUMBER_ONLY};
  uint8_t unit{0};
};

static Row find_row(uint16_t id) {
  for (uint16_t i = 0; i < REGISTER_NAME_COUNT; i++) {
    const uint32_t numbers = kmp::read_flash_word(&REGISTER_ROWS[i][0]);
    if (numbers >> 16 != id)
      continue;
    const uint32_t place = kmp::read_flash_word(&REGISTER_ROWS[i][1]);
    return {.index = i,
            .part_of = static_cast<uint16_t>(numbers),
            .place = place >> 8,
            .unit = static_cast<uint8_t>(place)};
  }
  return {};
}

/// Copies the name of a register.
static void read_name(const Row &row, char (&name)[MAX_REGISTER_NAME_SIZE]) {
  const char *next = row.index < REGISTER_NAME_COUNT ? REGISTER_NAMES : UNKNOWN_REGISTER_NAME;
  for (uint16_t i = 0; i < row.index && row.index < REGISTER_NAME_COUNT; i++) {
    while (kmp::read_flash_char(next++) != '\0') {
    }
  }
  for (size_t i = 0; (name[i] = kmp::read_flash_char(next++)) != '\0'; i++) {
  }
}

/// Whether a sensor can show values in this unit.
static bool is_amount(uint8_t unit) {
  kmp::Ratio ratio;
  const bool is_number = unit == 0 || unit == 51;
  const bool is_tenfold = unit >= 55 && unit <= 57;  // "m³ x 10": no sensor has such a unit
  return !is_number && !is_tenfold && kmp::find_ratio(unit, unit, &ratio);
}

void RegisterScan::start_or_stop() {
  switch (this->step_) {
    case Step::NONE:
      this->begin_();
      break;
    case Step::REPORT:
      this->step_ = Step::NONE;
      break;
    default:
      ESP_LOGI(TAG, "Scan stopped before register %u", this->next_);
      this->begin_report_();
      break;
  }
}

void RegisterScan::begin_() {
  ESP_LOGI(TAG, "Scan of the registers 1 to %u", LAST_REGISTER);
  this->found_.clear();
  this->found_count_ = 0;
  this->meter_type_ = {};
  this->next_ = 1;
  this->batch_size_ = kmp::MAX_REGISTERS;
  this->needs_company_ = false;
  this->step_ = Step::TYPE;
}

void RegisterScan::loop(uint32_t now) {
  switch (this->step_) {
    case Step::NONE:
      break;
    case Step::TYPE:
      this->hub_->ask(this, kmp::Request::get_type(), now, 1);
      break;
    case Step::REGISTERS:
      this->ask_registers_(now);
      break;
    case Step::ALIVE:
      this->hub_->ask(this, kmp::Request::get_serial_no(), now, 1);
      break;
    case Step::SILENT:
      if (static_cast<int32_t>(now - this->wait_until_) >= 0)
        this->hub_->ask(this, kmp::Request::get_serial_no(), now, 1);
      break;
    case Step::REPORT:
      this->report_();
      break;
  }
}

uint16_t RegisterScan::batch_end_() const {
  return std::min<uint16_t>(this->next_ + this->batch_size_, LAST_REGISTER + 1);
}

void RegisterScan::ask_registers_(uint32_t now) {
  auto request = kmp::Request::get_registers();
  for (uint16_t id = this->next_; id < this->batch_end_(); id++)
    request.add_register(id);
  if (this->needs_company_)
    request.add_register(SERIAL_NUMBER);
  this->hub_->ask(this, request, now, 1);
}

void RegisterScan::on_reply(const kmp::Request &request, const kmp::Reply &reply) {
  switch (this->step_) {
    case Step::TYPE:
      if (reply.command() != kmp::Command::GET_TYPE)
        return;  // of a scan that was stopped
      this->meter_type_ = reply.meter_type();
      this->step_ = Step::REGISTERS;
      break;
    case Step::REGISTERS:
      for (uint8_t i = 0; i < reply.register_count(); i++) {
        const auto value = reply.register_value(i);
        if (value.id >= this->next_ && value.id < this->batch_end_())
          this->take_(value);
      }
      this->skip_(this->batch_end_() - this->next_);
      break;
    case Step::ALIVE:
      this->batch_silent_();
      break;
    case Step::SILENT:
      ESP_LOGI(TAG, "  The meter answers again");
      this->step_ = Step::REGISTERS;
      break;
    default:
      break;
  }
}

void RegisterScan::on_failure(const kmp::Request &request, const kmp::Attempt &attempt) {
  const bool silent = attempt.evidence() == kmp::Evidence::NOTHING || attempt.evidence() == kmp::Evidence::ECHO;
  switch (this->step_) {
    case Step::TYPE:
      // Whether the meter is there is seen with the first registers.
      this->step_ = Step::REGISTERS;
      break;
    case Step::REGISTERS:
      if (silent) {
        this->step_ = Step::ALIVE;
        break;
      }
      [[fallthrough]];
    case Step::ALIVE:
      ESP_LOGW(TAG, "  The meter does not answer at register %u: the scan waits for it", this->next_);
      [[fallthrough]];
    case Step::SILENT:
      this->wait_until_ = millis() + SILENT_PAUSE;
      this->step_ = Step::SILENT;
      break;
    default:
      break;
  }
}

void RegisterScan::take_(const kmp::RegisterValue &value) {
  char name[MAX_REGISTER_NAME_SIZE];
  read_name(find_row(value.id), name);
  char text[kmp::MAX_TEXT_SIZE];
  kmp::to_text(value, text);
  ESP_LOGI(TAG, "  %u %s: %s", value.id, name, text);
  this->found_count_++;
  if (this->found_.size() < MAX_FOUND)
    this->found_.push_back({value.id, value.unit});
}

void RegisterScan::skip_(uint16_t count) {
  const uint16_t before = this->next_;
  this->next_ += count;
  this->batch_size_ = this->needs_company_ ? kmp::MAX_REGISTERS - 1 : kmp::MAX_REGISTERS;
  this->step_ = Step::REGISTERS;
  if (this->next_ > LAST_REGISTER) {
    this->begin_report_();
  } else if (before / PROGRESS_STEP != this->next_ / PROGRESS_STEP) {
    ESP_LOGI(TAG, "  %u of %u asked, %u found", this->next_ - 1, LAST_REGISTER, this->found_count_);
  }
}

void RegisterScan::batch_silent_() {
  this->step_ = Step::REGISTERS;
  if (!this->needs_company_) {
    // The meter may be one that does not send an empty answer.
    this->needs_company_ = true;
    this->batch_size_ = kmp::MAX_REGISTERS - 1;
  } else if (this->batch_size_ > 1) {
    this->batch_size_ /= 2;
  } else {
    ESP_LOGW(TAG, "  %u makes this meter silent", this->next_);
    this->skip_(1);
  }
}

// The report

void RegisterScan::begin_report_() {
  ESP_LOGI(TAG, "  %u registers found; to be pasted into the YAML:", this->found_count_);
  this->part_ = Part::SENSORS;
  this->reported_ = 0;
  this->has_platform_ = false;
  this->has_registers_ = false;
  this->step_ = Step::REPORT;
}

void RegisterScan::report_() {
  while (this->part_ < Part::SUMMARY) {
    for (; this->reported_ < this->found_.size(); this->reported_++) {
      const Found &found = this->found_[this->reported_];
      if (this->part_of_(found) != this->part_)
        continue;
      if (this->report_heading_())
        return;
      this->report_entity_(found);
      this->reported_++;
      return;
    }
    this->reported_ = 0;
    this->has_registers_ = false;
    this->part_ = static_cast<Part>(static_cast<uint8_t>(this->part_) + 1);
    if (this->part_ == Part::TEXT_SENSORS)
      this->has_platform_ = false;
  }
  if (this->part_ == Part::SUMMARY) {
    ESP_LOGI(TAG,
             "  Report: meter type 0x%04X, revision 0x%02X%02X, ESPHome " ESPHOME_VERSION
             ", %u registers, as number/unit:",
             this->meter_type_.type, this->meter_type_.revision_letter, this->meter_type_.revision_number,
             this->found_count_);
    this->part_ = Part::LIST;
  } else if (this->reported_ < this->found_.size()) {
    this->report_list_();
  } else {
    ESP_LOGI(TAG, "Scan done");
    this->step_ = Step::NONE;
  }
}

bool RegisterScan::report_heading_() {
  if (!this->has_platform_) {
    this->has_platform_ = true;
    const bool is_text = this->part_ >= Part::TEXT_SENSORS;
    ESP_LOGI(TAG, "| %s:\n|   - platform: multical", is_text ? "text_sensor" : "sensor");
    return true;
  }
  const bool by_number = this->part_ == Part::SENSORS_BY_NUMBER || this->part_ == Part::TEXT_SENSORS_BY_NUMBER;
  if (by_number && !this->has_registers_) {
    this->has_registers_ = true;
    ESP_LOGI(TAG, "|     registers:");
    return true;
  }
  return false;
}

void RegisterScan::report_entity_(const Found &found) const {
  const Row row = find_row(found.id);
  kmp::Ratio ratio;
  char unit[kmp::MAX_UNIT_NAME_SIZE];
  kmp::unit_name(found.unit, unit);
  const bool by_number = row.place == NUMBER_ONLY;
  const bool is_sensor = this->part_ < Part::TEXT_SENSORS;
  // A key has a unit of its own, which may be one of another quantity.
  const bool needs_unit =
      is_sensor && is_amount(found.unit) && (by_number || !kmp::find_ratio(found.unit, row.unit, &ratio));
  const char *more = needs_unit ? ", unit_of_measurement: " : "";
  if (!needs_unit)
    unit[0] = '\0';
  char name[MAX_REGISTER_NAME_SIZE];
  read_name(row, name);
  if (by_number) {
    if (row.index == REGISTER_NAME_COUNT)
      std::snprintf(name, sizeof(name), "Register %u", found.id);
    ESP_LOGI(TAG, "|       - {register: %u, name: \"%s\"%s%s}", found.id, name, more, unit);
    return;
  }
  char key[MAX_REGISTER_NAME_SIZE];
  std::copy(std::begin(name), std::end(name), key);
  std::replace(std::begin(name), std::end(name), '_', ' ');
  name[0] = static_cast<char>(std::toupper(name[0]));
  ESP_LOGI(TAG, "|     %s: {name: %s%s%s}", key, name, more, unit);
}

void RegisterScan::report_list_() {
  constexpr uint8_t IN_ONE_LINE = 12;
  char line[IN_ONE_LINE * sizeof("65535/255")];
  size_t length = 0;
  for (uint8_t i = 0; i < IN_ONE_LINE && this->reported_ < this->found_.size(); i++) {
    const Found &found = this->found_[this->reported_++];
    length += std::snprintf(line + length, sizeof(line) - length, " %u/%u", found.id, found.unit);
  }
  ESP_LOGI(TAG, "   %s", line);
}

RegisterScan::Part RegisterScan::part_of_(const Found &found) const {
  const Row row = find_row(found.id);
  if (row.part_of != 0 && this->has_(row.part_of))
    return Part::NONE;
  if (row.place == SENSOR)
    return Part::SENSORS;
  if (row.place == TEXT_SENSOR)
    return Part::TEXT_SENSORS;
  // A text shows everything, a plain number to its last digit.
  return is_amount(found.unit) ? Part::SENSORS_BY_NUMBER : Part::TEXT_SENSORS_BY_NUMBER;
}

bool RegisterScan::has_(uint16_t id) const {
  return std::any_of(this->found_.begin(), this->found_.end(), [id](const Found &found) { return found.id == id; });
}

}  // namespace esphome::multical

#endif  // USE_MULTICAL_SCAN
