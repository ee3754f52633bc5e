#include "register_scan.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "esphome/core/log.h"
#include "esphome/core/version.h"

#include "found_register.h"
#include "kmp_text.h"
#include "kmp_value.h"
#include "multical.h"
#include "register_numbers_table.h"

namespace esphome::multical {

static const char *const TAG = "multical.scan";

static constexpr uint16_t LAST_REGISTER = 1100;
static constexpr uint32_t SILENT_PAUSE = 10000;
static constexpr uint16_t PROGRESS_STEP = 110;

void RegisterScan::start_or_stop() {
  this->hub_->enable_loop();
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
  ESP_LOGI(TAG, "Scanning registers 1 to %u", LAST_REGISTER);
  this->found_.clear();
  this->found_count_ = 0;
  this->meter_type_ = {};
  this->next_ = 1;
  this->needs_company_ = false;
  this->begin_batch_();
  this->step_ = Step::TYPE;
}

std::optional<kmp::Request> RegisterScan::next(uint64_t now) {
  auto request = this->next_request_(now);
  if (request.has_value())
    request->set_once();
  return request;
}

std::optional<kmp::Request> RegisterScan::next_request_(uint64_t now) {
  switch (this->step_) {
    case Step::NONE:
      break;
    case Step::TYPE:
      return kmp::Request::get_type();
    case Step::REGISTERS:
      return this->batch_();
    case Step::SILENT:
      if (now < this->wait_until_)
        break;
      [[fallthrough]];
    case Step::PROVING:
      return kmp::Request::get_serial_no();
    case Step::REPORT:
      this->report_();
      break;
  }
  return {};
}

kmp::Request RegisterScan::batch_() const {
  auto request = kmp::Request::get_registers();
  if (this->search_.is_active()) {
    request = this->search_.request();
  } else {
    for (uint8_t i = 0; i < kmp::MAX_REGISTERS; i++) {
      if ((this->to_ask_ >> i & 1) != 0)
        request.add_register(this->next_ + i);
    }
  }
  // Every meter has it.
  if (this->needs_company_)
    request.add_register(SERIAL_NUMBER);
  return request;
}

void RegisterScan::answered(const kmp::Answer &answer, uint64_t now) {
  switch (this->step_) {
    case Step::TYPE:
      if (answer.reply.command() != kmp::Command::GET_TYPE)
        return;  // from a scan that was stopped
      this->meter_type_ = answer.reply.meter_type();
      this->step_ = Step::REGISTERS;
      break;
    case Step::REGISTERS:
      if (answer.reply.command() == kmp::Command::GET_REGISTER)
        this->registers_answered_(answer);
      break;
    case Step::PROVING:
      this->step_ = Step::REGISTERS;
      this->take_proof_();
      break;
    case Step::SILENT:
      ESP_LOGI(TAG, "  The meter answers again");
      this->step_ = Step::REGISTERS;
      break;
    default:
      break;
  }
}

void RegisterScan::registers_answered_(const kmp::Answer &answer) {
  if (this->search_.is_active())
    this->search_.answered();
  for (uint8_t i = 0; i < answer.request.register_count(); i++) {
    const uint16_t id = answer.request.register_id(i);
    if (id < this->next_ || id >= this->next_ + kmp::MAX_REGISTERS)
      continue;  // company
    if (const auto value = answer.reply.find_register(id))
      this->take_(*value);
    this->asked_(id);
  }
}

void RegisterScan::failed(const kmp::Request &request, kmp::Evidence evidence, uint64_t now) {
  switch (this->step_) {
    case Step::TYPE:
      // The first registers will show whether the meter is there. Any other request is from a scan that was stopped.
      if (request.command() == kmp::Command::GET_TYPE)
        this->step_ = Step::REGISTERS;
      break;
    case Step::REGISTERS:
      if (kmp::is_silence(evidence)) {
        this->registers_silent_();
      } else {
        this->wait_(now);
      }
      break;
    case Step::PROVING:
    case Step::SILENT:
      this->wait_(now);
      break;
    default:
      break;
  }
}

void RegisterScan::registers_silent_() {
  if (!this->search_.is_active() || this->search_.silent())
    this->step_ = Step::PROVING;
}

void RegisterScan::take_proof_() {
  if (!this->needs_company_) {
    // The meter may be one that does not send an empty answer.
    this->needs_company_ = true;
    this->begin_batch_();
    return;
  }
  if (!this->search_.is_active()) {
    this->search_.begin();
    for (uint8_t i = 0; i < kmp::MAX_REGISTERS; i++) {
      if ((this->to_ask_ >> i & 1) != 0)
        this->search_.add(this->next_ + i);
    }
  }
  const auto found = this->search_.proved_awake();
  if (!found.has_value())
    return;
  ESP_LOGW(TAG, "  %u stops this meter answering", *found);
  this->asked_(*found);
}

void RegisterScan::wait_(uint64_t now) {
  if (this->step_ != Step::SILENT)
    ESP_LOGW(TAG, "  The meter does not answer at register %u: the scan waits until it does", this->next_);
  this->search_.stop();
  this->wait_until_ = now + SILENT_PAUSE;
  this->step_ = Step::SILENT;
}

void RegisterScan::asked_(uint16_t id) {
  this->to_ask_ = static_cast<uint8_t>(this->to_ask_ & ~(1u << (id - this->next_)));
  if (this->to_ask_ != 0)
    return;
  const uint16_t before = this->next_;
  this->next_ += this->batch_size_;
  this->begin_batch_();
  if (this->next_ > LAST_REGISTER) {
    this->begin_report_();
  } else if (before / PROGRESS_STEP != this->next_ / PROGRESS_STEP) {
    ESP_LOGI(TAG, "  %u of %u tried, %u found", this->next_ - 1, LAST_REGISTER, this->found_count_);
  }
}

void RegisterScan::begin_batch_() {
  // Company takes up a place.
  const unsigned room = this->needs_company_ ? kmp::MAX_REGISTERS - 1 : kmp::MAX_REGISTERS;
  const unsigned left = this->next_ > LAST_REGISTER ? 0 : LAST_REGISTER + 1u - this->next_;
  this->batch_size_ = static_cast<uint8_t>(std::min(room, left));
  this->to_ask_ = static_cast<uint8_t>((1u << this->batch_size_) - 1);
  this->search_.stop();
}

void RegisterScan::take_(const kmp::RegisterValue &value) {
  char name[MAX_REGISTER_NAME_SIZE];
  FoundRegister(value.id).read_name(name);
  char text[kmp::MAX_TEXT_SIZE];
  kmp::to_text(value, text);
  ESP_LOGI(TAG, "  %u %s: %s", value.id, name, text);
  this->found_count_++;
  if (this->found_.size() < MAX_FOUND)
    this->found_.push_back({value.id, value.unit, value.to_decimal().has_value()});
}

// The report

void RegisterScan::begin_report_() {
  ESP_LOGI(TAG, "  %u registers found; YAML to paste:", this->found_count_);
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
  const FoundRegister known(found.id);
  const YamlEntity entity = known.entity(found.unit, found.is_number);
  const char *more = "";
  const char *quote = "";
  char unit[kmp::MAX_UNIT_NAME_SIZE] = "";
  if (entity.needs_unit) {
    more = ", unit_of_measurement: \"";
    quote = "\"";
    kmp::unit_name(found.unit, unit);
  }
  char key[MAX_REGISTER_NAME_SIZE]{};
  char name[MAX_REGISTER_NAME_SIZE];
  known.read_name(key);
  std::replace_copy(std::begin(key), std::end(key), name, '_', ' ');
  name[0] = static_cast<char>(std::toupper(name[0]));
  if (!known.is_known())
    std::snprintf(name, sizeof(name), "Register %u", found.id);
  if (entity.place == YamlPlace::SENSOR || entity.place == YamlPlace::TEXT_SENSOR) {
    ESP_LOGI(TAG, "|     %s: {name: %s%s%s%s}", key, name, more, unit, quote);
  } else {
    ESP_LOGI(TAG, "|       - {register: %u, name: \"%s\"%s%s%s}", found.id, name, more, unit, quote);
  }
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
  const FoundRegister known(found.id);
  if (known.part_of() != 0 && this->has_(known.part_of()))
    return Part::NONE;
  return static_cast<Part>(known.entity(found.unit, found.is_number).place);
}

bool RegisterScan::has_(uint16_t id) const {
  return std::any_of(this->found_.begin(), this->found_.end(), [id](const Found &found) { return found.id == id; });
}

}  // namespace esphome::multical
