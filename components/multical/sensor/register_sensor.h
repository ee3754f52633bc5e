#pragma once

#include <optional>

#include "esphome/components/sensor/sensor.h"

#include "../register_entity.h"

namespace esphome::multical {

/// Unit of a sensor that publishes the number as the meter sends it, whatever its unit is.
inline constexpr uint8_t UNIT_AS_SENT = 0xFF;

/// What all numbers from the meter have in common: the unit that the configuration asks for.
class RegisterSensor : public sensor::Sensor, public RegisterEntity {
 public:
  /// @param plain_unit the unit to assume for a number without a unit in this register
  void set_plain_unit(uint8_t plain_unit) { this->plain_unit_ = plain_unit; }

 protected:
  /// @param unit unit number as in units.py, or UNIT_AS_SENT
  explicit RegisterSensor(uint8_t unit) : unit_(unit) {}
  ~RegisterSensor() = default;

  /// Converts a register's value to the sensor's unit.
  /// @return nothing if it is not a number, or its unit does not convert; the log then says why, once
  std::optional<float> convert_(const kmp::RegisterValue &value);
  /// The same for a number that was computed from the register's.
  /// @param unit unit number of `number`
  std::optional<float> convert_(const kmp::RegisterValue &value, const kmp::Decimal &number, uint8_t unit);

  void refuse_(const kmp::RegisterValue &value);

  uint8_t unit_;
  uint8_t plain_unit_{0};
  bool refusal_logged_{false};
};

}  // namespace esphome::multical
