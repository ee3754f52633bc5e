#pragma once

#include "esphome/core/defines.h"
#ifdef USE_MULTICAL_CUSTOMER_NUMBER

#include "esphome/components/text_sensor/text_sensor.h"

#include "../register_entity.h"

namespace esphome::multical {

/// The customer number, from the register with its eight low digits and the one with its eight high ones.
class CustomerNumberTextSensor final : public text_sensor::TextSensor, public RegisterEntity {
 public:
  CustomerNumberTextSensor(uint16_t low_register_id, uint16_t high_register_id)
      : RegisterEntity(low_register_id, high_register_id) {}

 protected:
  bool on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) override;
};

}  // namespace esphome::multical

#endif  // USE_MULTICAL_CUSTOMER_NUMBER
