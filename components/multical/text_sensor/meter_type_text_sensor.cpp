#include "meter_type_text_sensor.h"

#include <cstdio>

namespace esphome::multical {

void MeterTypeTextSensor::on_meter_type(const kmp::MeterType &meter_type) {
  // Only these are documented (Kamstrup 5512-447, 6.2.1): 601 with Pt500, with Pt100, with four-wire Pt500.
  const bool is_601 = meter_type.type == 0x0001 || meter_type.type == 0x0004 || meter_type.type == 0x0005;
  char text[24];
  std::snprintf(text, sizeof(text), is_601 ? "MULTICAL 601 (0x%04X)" : "0x%04X", meter_type.type);
  this->publish_state(text);
}

}  // namespace esphome::multical
