#pragma once

#include "esphome/components/text_sensor/text_sensor.h"

#include "../multical.h"

namespace esphome::multical {

/// One register exactly as the meter sends it: a number with all its digits and its unit, a day, a time, a text.
class RegisterTextSensor final : public text_sensor::TextSensor, public RegisterEntity {
 public:
  explicit RegisterTextSensor(uint16_t register_id) : RegisterEntity(register_id) {}

 protected:
  bool on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) override;
};

/// The customer number, from the register with its eight low digits and the one with its eight high ones.
class CustomerNumberTextSensor final : public text_sensor::TextSensor, public RegisterEntity {
 public:
  CustomerNumberTextSensor(uint16_t low_register_id, uint16_t high_register_id)
      : RegisterEntity(low_register_id, high_register_id) {}

 protected:
  bool on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) override;
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
  bool on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) override;
};

}  // namespace esphome::multical
