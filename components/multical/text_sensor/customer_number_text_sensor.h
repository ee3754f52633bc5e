#pragma once

#include "esphome/components/text_sensor/text_sensor.h"

#include "../register_entity.h"

namespace esphome::multical {

/// The customer number: from the register with its eight low digits and, as companion, the one with its eight high
/// digits.
class CustomerNumberTextSensor final : public text_sensor::TextSensor, public RegisterEntity {
 public:
  bool on_value(const Reading &reading) override;
};

}  // namespace esphome::multical
