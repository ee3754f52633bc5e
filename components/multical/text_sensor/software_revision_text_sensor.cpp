#include "software_revision_text_sensor.h"
#ifdef USE_MULTICAL_SOFTWARE_REVISION

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

bool SoftwareRevisionTextSensor::on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) {
  publish_text(this, value);
  return true;
}

}  // namespace esphome::multical

#endif  // USE_MULTICAL_SOFTWARE_REVISION
