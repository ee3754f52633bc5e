#include "register_text_sensor.h"
#ifdef USE_MULTICAL_REGISTER_TEXT

#include "publish_text.h"
namespace esphome::multical {

bool RegisterTextSensor::on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) {
  publish_text(this, value);
  return true;
}

}  // namespace esphome::multical

#endif  // USE_MULTICAL_REGISTER_TEXT
