#pragma once

#include "esphome/core/preferences.h"

#include "../total_guard.h"
#include "register_sensor.h"

namespace esphome::multical {

/// What all counters have in common: an implausible value is read once more before it is published, even after a
/// restart.
class TotalSensorBase : public RegisterSensor {
 public:
  void on_new_meter() override;

 protected:
  explicit TotalSensorBase(uint8_t unit) : RegisterSensor(unit) {}
  ~TotalSensorBase() = default;

  /// @param contradicted whether another register contradicts it
  /// @return whether it was published; if not, read it once more
  bool publish_total_(float total, bool contradicted);

  TotalGuard guard_;
  ESPPreferenceObject kept_total_;
  bool is_restored_{false};
};

/// A counter from one register, in the unit that the configuration asks for.
class TotalSensor final : public TotalSensorBase {
 public:
  /// @param unit unit number as in units.py, or UNIT_AS_SENT
  explicit TotalSensor(uint8_t unit) : TotalSensorBase(unit) {}

  bool on_value(const Reading &reading) override;
};

}  // namespace esphome::multical
