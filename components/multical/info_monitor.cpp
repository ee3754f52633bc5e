#include "info_monitor.h"
#ifdef USE_MULTICAL_INFO

#include <cinttypes>

#include "esphome/core/log.h"

#ifdef USE_MULTICAL_INFO_TEXT
#include "kmp_info_text.h"
#endif

namespace esphome::multical {

static const char *const TAG = "multical.info";

static constexpr uint16_t INFO_BITS = 369;
static constexpr uint16_t INFO = 99;
/// Only meters of the newer generation have it.
static constexpr uint16_t FINE_HEAT_ENERGY = 266;

InfoMonitor::InfoMonitor() : RegisterEntity(INFO_BITS) {}

bool InfoMonitor::on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) {
  if (companion != nullptr && !this->is_newer_) {
    this->is_newer_ = true;
    this->has_published_ = false;
  }
  kmp::Decimal decimal;
  if (!value.to_decimal(&decimal) || decimal.exponent != 0 || decimal.negative) {
    ESP_LOGE(TAG, "Register %u is no info code", value.id);
    return true;
  }
  this->publish_(static_cast<uint32_t>(decimal.mantissa));
  return true;
}

bool InfoMonitor::on_missing() {
  if (this->register_id_ != INFO_BITS)
    return false;
  this->use_registers(INFO, FINE_HEAT_ENERGY);
  return true;
}

void InfoMonitor::on_new_meter() {
  this->use_registers(INFO_BITS, 0);
  this->is_newer_ = false;
  this->has_published_ = false;
}

kmp::InfoForm InfoMonitor::form_() const {
  if (this->register_id_ == INFO_BITS)
    return kmp::InfoForm::BITS;
  return this->is_newer_ ? kmp::InfoForm::DIGITS : kmp::InfoForm::SUM;
}

void InfoMonitor::publish_(uint32_t value) {
  if (this->has_published_ && this->published_ == value)
    return;
  this->has_published_ = true;
  this->published_ = value;
  const auto form = this->form_();
  const auto codes = kmp::to_info_codes(value, form);
  ESP_LOGI(TAG, "Register %u: %" PRIu32 ", %s", this->register_id_, value,
           codes.is_any() ? LOG_STR_LITERAL("active") : LOG_STR_LITERAL("nothing active"));
#ifdef USE_MULTICAL_INFO_TEXT
  if (this->info_text_sensor_ != nullptr) {
    char text[kmp::MAX_INFO_TEXT_SIZE];
    kmp::to_info_text(value, form, text);
    this->info_text_sensor_->publish_state(text);
  }
  if (this->info_code_text_sensor_ != nullptr) {
    char text[kmp::MAX_INFO_NUMBER_SIZE];
    kmp::to_info_number(value, form, text);
    this->info_code_text_sensor_->publish_state(text);
  }
#endif
#ifdef USE_MULTICAL_PROBLEM
  if (this->problem_binary_sensor_ != nullptr)
    this->problem_binary_sensor_->publish_state(codes.is_any());
#endif
#ifdef USE_MULTICAL_INFO_CODES
  for (const auto &sensor : this->code_binary_sensors_) {
    const uint64_t bit = uint64_t{1} << sensor.code;
    if ((codes.tellable & bit) != 0) {
      sensor.binary_sensor->publish_state((codes.active & bit) != 0);
    } else {
      sensor.binary_sensor->invalidate_state();
    }
  }
#endif
}

void InfoMonitor::on_unknown() {
  this->has_published_ = false;
#ifdef USE_MULTICAL_PROBLEM
  if (this->problem_binary_sensor_ != nullptr)
    this->problem_binary_sensor_->invalidate_state();
#endif
#ifdef USE_MULTICAL_INFO_CODES
  for (const auto &sensor : this->code_binary_sensors_)
    sensor.binary_sensor->invalidate_state();
#endif
}

}  // namespace esphome::multical

#endif  // USE_MULTICAL_INFO
