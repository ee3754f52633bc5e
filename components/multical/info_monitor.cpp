#include "info_monitor.h"

#include <cinttypes>

#include "esphome/core/log.h"

namespace esphome::multical {

static const char *const TAG = "multical.info";

bool InfoMonitor::on_value(const Reading &reading) {
  const auto decimal = reading.value.to_decimal();
  if (reading.companion)
    this->is_newer_ = true;
  // Without it the form is not known.
  if (!this->is_newer_ && reading.has_companion)
    return false;
  if (!decimal || decimal->exponent != 0 || decimal->negative) {
    ESP_LOGE(TAG, "Register %u is no info code", reading.value.id);
    return true;
  }
  const auto value = static_cast<uint32_t>(decimal->mantissa);
  InfoForm form = InfoForm::BITS;
  if (reading.value.id != INFO_BITS)
    form = this->is_newer_ ? InfoForm::DIGITS : InfoForm::SUM;
  if (this->published_ == value && this->published_form_ == form)
    return true;
  this->published_ = value;
  this->published_form_ = form;
  const auto codes = to_info_codes(value, form);
  ESP_LOGI(TAG, "Register %u: %" PRIu32 ", %s", reading.value.id, value,
           codes.is_any() ? LOG_STR_LITERAL("active") : LOG_STR_LITERAL("nothing active"));
  this->publish_texts_(value, form);
  this->publish_codes_(codes);
  return true;
}

void InfoMonitor::on_unknown() {
  this->published_.reset();
  this->publish_codes_({});
}

void InfoMonitor::on_new_meter() {
  this->published_.reset();
  this->is_newer_ = false;
}

void InfoMonitor::publish_texts_(uint32_t value, InfoForm form) {
#ifdef USE_MULTICAL_INFO_TEXT
  if (this->info_text_sensor_ != nullptr) {
    char text[MAX_INFO_TEXT_SIZE];
    to_info_text(value, form, text);
    this->info_text_sensor_->publish_state(text);
  }
  if (this->info_code_text_sensor_ != nullptr) {
    char text[MAX_INFO_NUMBER_SIZE];
    to_info_number(value, form, text);
    this->info_code_text_sensor_->publish_state(text);
  }
#endif
}

/// @param codes nothing when they are unknown
void InfoMonitor::publish_codes_(const std::optional<InfoCodes> &codes) {
#ifdef USE_BINARY_SENSOR
  if (this->problem_binary_sensor_ != nullptr) {
    if (codes) {
      this->problem_binary_sensor_->publish_state(codes->is_any());
    } else {
      this->problem_binary_sensor_->invalidate_state();
    }
  }
  for (const auto &sensor : this->code_binary_sensors_) {
    const uint64_t bit = uint64_t{1} << sensor.code;
    if (codes && (codes->tellable & bit) != 0) {
      sensor.binary_sensor->publish_state((codes->active & bit) != 0);
    } else {
      sensor.binary_sensor->invalidate_state();
    }
  }
#endif
}

}  // namespace esphome::multical
