#pragma once

#include "esphome/components/sensor/sensor.h"

#include "../register_entity.h"

namespace esphome::multical {

/// Unit of a sensor that publishes the number as the meter sends it, whatever its unit is.
inline constexpr uint8_t UNIT_AS_SENT = 0xFF;

/// A number from one register, in the unit that the configuration asks for.
class MulticalSensor final : public sensor::Sensor, public RegisterEntity {
 public:
  /// @param unit unit number as in units.py, or UNIT_AS_SENT
  /// @param momentary a value that says nothing any more when the meter is gone; otherwise a counter, which keeps it
  MulticalSensor(uint16_t register_id, uint8_t unit, bool momentary)
      : RegisterEntity(register_id), unit_(unit), momentary_(momentary) {}

 protected:
  bool on_value(const kmp::RegisterValue &value) override;
  void on_unknown() override;
  bool believe_(float state);

  float lower_{NAN};  ///< a counter's value that was lower than the one before and waits for a second reading
  uint8_t unit_;
  bool momentary_;
  bool refusal_logged_{false};
};

}  // namespace esphome::multical
