#include "multical_sensor.h"

namespace esphome::multical {

bool MulticalSensor::on_value(const Reading &reading) {
  if (const auto state = this->convert_(reading.value))
    this->publish_state(*state);
  return true;
}

void MulticalSensor::on_unknown() {
  if (this->kind_ == ValueKind::MOMENTARY && this->has_state())
    this->publish_state(NAN);
}

}  // namespace esphome::multical
