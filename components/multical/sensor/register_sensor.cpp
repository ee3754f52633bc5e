#include "register_sensor.h"

#include "esphome/core/log.h"

#include "../kmp_value.h"

namespace esphome::multical {

static const char *const TAG = "multical.sensor";

std::optional<float> RegisterSensor::convert_(const kmp::RegisterValue &value) {
  if (const auto number = value.to_decimal())
    return this->convert_(value, *number, value.unit);
  this->refuse_(value);
  return {};
}

std::optional<float> RegisterSensor::convert_(const kmp::RegisterValue &value, const kmp::Decimal &number,
                                              uint8_t unit) {
  const auto ratio = this->unit_ == UNIT_AS_SENT ? kmp::Ratio{} : kmp::find_ratio(unit, this->unit_, this->plain_unit_);
  if (!ratio) {
    this->refuse_(value);
    return {};
  }
  this->refusal_logged_ = false;
  return kmp::to_float(number, *ratio);
}

void RegisterSensor::refuse_(const kmp::RegisterValue &value) {
  if (this->refusal_logged_)
    return;
  this->refusal_logged_ = true;
  char sent[kmp::MAX_UNIT_NAME_SIZE];
  kmp::unit_name(value.unit, sent);
  if (value.to_decimal()) {
    char wanted[kmp::MAX_UNIT_NAME_SIZE];
    kmp::unit_name(this->unit_, wanted);
    ESP_LOGE(TAG, "'%s': register %u is in %s, which does not convert to %s", this->get_name().c_str(), value.id, sent,
             wanted);
  } else {
    ESP_LOGE(TAG, "'%s': register %u is not a number (%u bytes, %s)", this->get_name().c_str(), value.id,
             static_cast<unsigned>(value.data.size()), sent);
  }
}

}  // namespace esphome::multical
