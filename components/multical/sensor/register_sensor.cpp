#include "register_sensor.h"

#include <cinttypes>

#include "esphome/core/log.h"

#include "../kmp_units.h"

namespace esphome::multical {

static const char *const TAG = "multical.sensor";

bool RegisterSensor::accept_(const kmp::RegisterValue &value) {
  kmp::Decimal decimal;
  kmp::Ratio ratio;
  const bool is_number = value.to_decimal(&decimal);
  if (is_number && (this->unit_ == UNIT_AS_SENT || kmp::find_ratio(value.unit, this->unit_, &ratio))) {
    this->refusal_logged_ = false;
    return true;
  }
  if (this->refusal_logged_)
    return false;
  this->refusal_logged_ = true;
  char sent[kmp::MAX_UNIT_NAME_SIZE];
  kmp::unit_name(value.unit, sent);
  if (is_number) {
    char wanted[kmp::MAX_UNIT_NAME_SIZE];
    kmp::unit_name(this->unit_, wanted);
    ESP_LOGE(TAG, "'%s': register %u is in %s, which does not convert to %s", this->get_name().c_str(),
             this->register_id(), sent, wanted);
  } else {
    ESP_LOGE(TAG, "'%s': register %u is no number (%u bytes, %s)", this->get_name().c_str(), this->register_id(),
             value.size, sent);
  }
  return false;
}

float RegisterSensor::convert_(const kmp::Decimal &decimal, uint8_t unit) const {
  kmp::Ratio ratio;
  if (this->unit_ != UNIT_AS_SENT)
    kmp::find_ratio(unit, this->unit_, &ratio);
  return kmp::to_float(decimal, ratio);
}

bool RegisterSensor::believe_(float state) {
  // A counter never steps back, but a meter may be replaced or reset.
  if (!this->has_state() || !(state < this->get_raw_state())) {
    this->lower_ = NAN;
    return true;
  }
  const bool confirmed = state >= this->lower_;
  // Whole numbers say enough, and printing a float would need a double.
  ESP_LOGW(TAG, "'%s': %" PRId32 " is lower than %" PRId32 " before, %s", this->get_name().c_str(),
           static_cast<int32_t>(state), static_cast<int32_t>(this->get_raw_state()),
           confirmed ? LOG_STR_LITERAL("confirmed") : LOG_STR_LITERAL("reading again"));
  this->lower_ = confirmed ? NAN : state;
  return confirmed;
}

}  // namespace esphome::multical
