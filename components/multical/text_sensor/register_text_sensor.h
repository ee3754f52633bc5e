#pragma once

#include "esphome/components/text_sensor/text_sensor.h"

#include "../register_entity.h"

namespace esphome::multical {

/// One register exactly as the meter sends it: a number with all its digits and its unit, a date, a time, a text.
class RegisterTextSensor final : public text_sensor::TextSensor, public RegisterEntity {
 public:
  bool on_value(const Reading &reading) override;
};

}  // namespace esphome::multical
