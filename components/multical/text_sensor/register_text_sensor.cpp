#include "register_text_sensor.h"

#include "publish_text.h"

namespace esphome::multical {

bool RegisterTextSensor::on_value(const Reading &reading) {
  publish_text(this, reading.value);
  return true;
}

}  // namespace esphome::multical
