#include "software_revision_text_sensor.h"

#include <cstdio>

#include "publish_text.h"

namespace esphome::multical {

void SoftwareRevisionTextSensor::on_meter_type(const kmp::MeterType &meter_type) {
  if (meter_type.revision_letter == 0 || meter_type.revision_letter > 26) {
    this->parent_->request(this);
    return;
  }
  char text[5];
  std::snprintf(text, sizeof(text), "%c%u", 'A' + meter_type.revision_letter - 1, meter_type.revision_number);
  this->publish_state(text);
}

bool SoftwareRevisionTextSensor::on_value(const Reading &reading) {
  publish_text(this, reading.value);
  return true;
}

}  // namespace esphome::multical
