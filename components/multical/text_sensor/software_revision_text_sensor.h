#pragma once

#include "esphome/components/text_sensor/text_sensor.h"

#include "../multical.h"

namespace esphome::multical {

/// The revision of the meter's software: from GetType, for example "F1"; if the meter does not give it there, the
/// number in its register, which is asked for only then.
class SoftwareRevisionTextSensor final : public text_sensor::TextSensor,
                                         public RegisterEntity,
                                         public MeterTypeListener,
                                         public Parented<Multical> {
 public:
  void on_meter_type(const kmp::MeterType &meter_type) override;
  bool on_value(const Reading &reading) override;
};

}  // namespace esphome::multical
