#include "register_sensor.h"

#include <algorithm>
#include <cinttypes>

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
    ESP_LOGE(TAG, "'%s': register %u is no number (%u bytes, %s)", this->get_name().c_str(), value.id,
             static_cast<unsigned>(value.data.size()), sent);
  }
}

/// A state for the log: whole numbers say enough, and printing a float would need a double.
static int32_t to_whole(float state) {
  constexpr float LOWEST = -2147483648.0f;
  constexpr float HIGHEST = 2147483520.0f;  // the largest float that is an int32_t
  return static_cast<int32_t>(std::clamp(state, LOWEST, HIGHEST));
}

bool RegisterSensor::believe_(float state) {
  // A counter never steps back, but a meter may be replaced or reset.
  if (!this->has_state() || !(state < this->get_raw_state())) {
    this->lower_ = NAN;
    return true;
  }
  const bool confirmed = state >= this->lower_;
  ESP_LOGW(TAG, "'%s': %" PRId32 " is lower than %" PRId32 " before, %s", this->get_name().c_str(), to_whole(state),
           to_whole(this->get_raw_state()),
           confirmed ? LOG_STR_LITERAL("confirmed") : LOG_STR_LITERAL("reading again"));
  this->lower_ = confirmed ? NAN : state;
  return confirmed;
}

}  // namespace esphome::multical
