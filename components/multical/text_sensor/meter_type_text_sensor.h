#pragma once

#include "esphome/components/text_sensor/text_sensor.h"

#include "../multical.h"

namespace esphome::multical {

/// What kind of meter it is: the type from GetType, by name if it is documented, otherwise as a number.
class MeterTypeTextSensor final : public text_sensor::TextSensor, public MeterTypeListener {
 public:
  void on_meter_type(const kmp::MeterType &meter_type) override;
};

}  // namespace esphome::multical
