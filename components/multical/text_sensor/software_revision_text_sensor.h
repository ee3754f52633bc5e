#pragma once

#include "esphome/core/defines.h"
#ifdef USE_MULTICAL_SOFTWARE_REVISION

#include "esphome/components/text_sensor/text_sensor.h"

#include "../multical.h"

namespace esphome::multical {

/// The revision of the meter's software: from GetType, for example "F1"; of meters that do not tell it there, the
/// number in register 1005.
class SoftwareRevisionTextSensor final : public text_sensor::TextSensor,
                                         public RegisterEntity,
                                         public MeterTypeListener,
                                         public Parented<Multical> {
 public:
  explicit SoftwareRevisionTextSensor(uint16_t register_id) : RegisterEntity(register_id) {
    this->schedule_ = Schedule::REQUEST;
  }

  void on_meter_type(const kmp::MeterType &meter_type) override;

 protected:
  bool on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) override;
};

}  // namespace esphome::multical

#endif  // USE_MULTICAL_SOFTWARE_REVISION
