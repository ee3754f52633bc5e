#pragma once

#include "esphome/components/sensor/sensor.h"

#include "../register_entity.h"

namespace esphome::multical {

/// Unit of a sensor that publishes the number as the meter sends it, whatever its unit is.
inline constexpr uint8_t UNIT_AS_SENT = 0xFF;

/// What all numbers from the meter have in common: the unit that the configuration asks for, and the doubt when a
/// counter falls.
class RegisterSensor : public sensor::Sensor, public RegisterEntity {
 protected:
  /// @param unit unit number as in units.py, or UNIT_AS_SENT
  RegisterSensor(uint16_t register_id, uint16_t companion_id, uint8_t unit)
      : RegisterEntity(register_id, companion_id), unit_(unit) {}
  ~RegisterSensor() = default;

  /// Tells whether the value is a number in a unit that converts to the sensor's; says why not, once.
  bool accept_(const kmp::RegisterValue &value);
  /// Converts a number in a unit of the same quantity.
  float convert_(const kmp::Decimal &decimal, uint8_t unit) const;
  /// Tells whether a counter's value can be: never less than before, or less twice.
  bool believe_(float state);

  float lower_{NAN};  ///< a counter's value that was lower than the one before and waits for a second reading
  uint8_t unit_;
  bool refusal_logged_{false};
};

}  // namespace esphome::multical
