#pragma once

#include "register_sensor.h"

namespace esphome::multical {

/// What happens to a value over time. Counters are TotalSensors.
enum class ValueKind : uint8_t {
  MOMENTARY,  ///< no longer valid when the meter is gone
  LASTING,    ///< a peak or an average: keeps its last value
};

/// A number from one register, in the unit that the configuration asks for.
class MulticalSensor final : public RegisterSensor {
 public:
  /// @param unit unit number as in units.py, or UNIT_AS_SENT
  MulticalSensor(uint8_t unit, ValueKind kind) : RegisterSensor(unit), kind_(kind) {}

  bool on_value(const Reading &reading) override;
  void on_unknown() override;

 protected:
  ValueKind kind_;
};

}  // namespace esphome::multical
