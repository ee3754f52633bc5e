#pragma once

#include "esphome/components/text_sensor/text_sensor.h"

#include "../multical.h"

namespace esphome::multical {

/// What kind of meter it is: the type that GetType tells, by name where it is documented, as a number otherwise.
class MeterTypeTextSensor final : public text_sensor::TextSensor, public MeterTypeListener {
 public:
  void on_meter_type(const kmp::MeterType &meter_type) override;
};

}  // namespace esphome::multical
