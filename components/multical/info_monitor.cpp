#include "info_monitor.h"

#include <cinttypes>

#include "esphome/core/log.h"

#include "multical.h"

namespace esphome::multical {

static const char *const TAG = "multical.info";

bool InfoMonitor::on_value(const Reading &reading) {
  const auto decimal = reading.value.to_decimal();
  if (reading.companion)
    this->is_newer_ = true;
  // Without the companion the form is unknown. The next read may be a new chance for what the meter did not have.
  if (!this->is_newer_ && reading.has_companion) {
    this->has_heat_.reset();
    return false;
  }
  if (!decimal || decimal->exponent != 0 || decimal->negative) {
    ESP_LOGE(TAG, "Register %u is not an info code", reading.value.id);
    return true;
  }
  const auto value = static_cast<uint32_t>(decimal->mantissa);
  if (reading.value.id == INFO_BITS) {
    this->publish_(value, InfoForm::BITS);
  } else if (this->is_newer_) {
    this->publish_(value, InfoForm::DIGITS);
  } else {
    this->value_ = value;
    this->is_short_ = reading.value.data.size() <= 2;
    if (this->has_heat_.has_value()) {
      this->heat_found(*this->has_heat_);
    } else {
      this->hub_->request(&this->heat_evidence_);
    }
  }
  return true;
}

bool HeatEvidence::on_value(const Reading &reading) {
  this->monitor_->heat_found(reading.value.id == HEAT_ENERGY);
  return true;
}

void InfoMonitor::heat_found(bool has_heat) {
  this->has_heat_ = has_heat;
  const InfoForm other = this->is_short_ ? InfoForm::WATER : InfoForm::UNKNOWN;
  this->publish_(this->value_, has_heat ? InfoForm::SUM : other);
}

void InfoMonitor::publish_(uint32_t value, InfoForm form) {
  if (this->published_ == value && this->published_form_ == form)
    return;
  this->published_ = value;
  this->published_form_ = form;
  const auto codes = to_info_codes(value, form);
  const bool is_known = form != InfoForm::UNKNOWN;
  ESP_LOGI(TAG, "Info code %" PRIu32 ", %s", value,
           !is_known        ? LOG_STR_LITERAL("in an unknown form")
           : codes.is_any() ? LOG_STR_LITERAL("active")
                            : LOG_STR_LITERAL("nothing active"));
  this->publish_texts_(value, form);
  this->publish_codes_(is_known ? std::optional(codes) : std::nullopt);
}

void InfoMonitor::on_unknown() {
  this->published_.reset();
#ifdef USE_MULTICAL_INFO_TEXT
  for (auto *text_sensor : {this->info_text_sensor_, this->info_code_text_sensor_}) {
    // Home Assistant shows this text as its own "unknown".
    if (text_sensor != nullptr)
      text_sensor->publish_state("unknown");
  }
#endif
  this->publish_codes_({});
}

void InfoMonitor::on_new_meter() {
  this->published_.reset();
  this->has_heat_.reset();
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

/// @param codes nothing if they are unknown
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
