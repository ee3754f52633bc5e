#pragma once

#include "esphome/core/defines.h"
#ifdef USE_MULTICAL_REGISTER_TEXT

#include "esphome/components/text_sensor/text_sensor.h"

#include "../register_entity.h"

namespace esphome::multical {

/// One register exactly as the meter sends it: a number with all its digits and its unit, a day, a time, a text.
class RegisterTextSensor final : public text_sensor::TextSensor, public RegisterEntity {
 public:
  explicit RegisterTextSensor(uint16_t register_id) : RegisterEntity(register_id) {}

 protected:
  bool on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) override;
};

}  // namespace esphome::multical

#endif  // USE_MULTICAL_REGISTER_TEXT
