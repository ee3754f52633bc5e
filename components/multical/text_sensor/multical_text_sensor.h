#pragma once

#include "esphome/components/text_sensor/text_sensor.h"

#include "../multical.h"

namespace esphome::multical {

/// The whole number in one register as text, for example the serial number.
class NumberTextSensor final : public text_sensor::TextSensor, public RegisterEntity {
 public:
  explicit NumberTextSensor(uint16_t register_id) : RegisterEntity(register_id) {}

 protected:
  bool on_value(const kmp::RegisterValue &value) override;
};

/// What kind of meter it is: the type that GetType tells, by name where it is documented, as a number otherwise.
class MeterTypeTextSensor final : public text_sensor::TextSensor, public MeterTypeListener {
 public:
  void on_meter_type(const kmp::MeterType &meter_type) override;
};

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
  bool on_value(const kmp::RegisterValue &value) override;
};

}  // namespace esphome::multical
