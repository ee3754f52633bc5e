#pragma once

#include "../energy_total.h"
#include "total_sensor.h"

namespace esphome::multical {

/// An energy that the meter counts twice: in the steps of its display, and in finer ones that roll over. The register
/// with the finer ones is the companion; a meter need not have it.
class HighResolutionSensor final : public TotalSensorBase {
 public:
  /// @param unit unit number as in units.py
  explicit HighResolutionSensor(uint8_t unit) : TotalSensorBase(unit) {}

  bool on_value(const Reading &reading) override;
  void on_new_meter() override;

 protected:
  void log_disagreement_(const kmp::RegisterValue &coarse, const kmp::RegisterValue &fine);
  void remember_();

  EnergyTotal total_;
  ESPPreferenceObject kept_is_fine_;  ///< whether the fine register is used; written only when that changes
  bool remembered_{false};
  bool disagreement_logged_{false};
};

}  // namespace esphome::multical
