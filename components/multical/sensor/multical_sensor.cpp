#include "multical_sensor.h"

namespace esphome::multical {

bool MulticalSensor::on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) {
  if (!this->accept_(value))
    return true;
  kmp::Decimal decimal;
  value.to_decimal(&decimal);
  const float state = this->convert_(decimal, value.unit);
  if (this->kind_ == ValueKind::TOTAL && !this->believe_(state))
    return false;
  this->publish_state(state);
  return true;
}

void MulticalSensor::on_unknown() {
  if (this->kind_ == ValueKind::MOMENTARY && this->has_state())
    this->publish_state(NAN);
}

}  // namespace esphome::multical
