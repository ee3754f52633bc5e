#pragma once

#include "esphome/core/defines.h"
#ifdef USE_MULTICAL_HIGH_RESOLUTION

#include "esphome/core/preferences.h"

#include "../kmp_fine_total.h"
#include "register_sensor.h"

namespace esphome::multical {

/// An energy that the meter counts twice: in the steps of its display, and in finer ones that start again.
class HighResolutionSensor final : public RegisterSensor {
 public:
  /// @param fine_register_id the register with the finer steps; a meter need not have it
  /// @param unit unit number as in units.py
  HighResolutionSensor(uint16_t register_id, uint16_t fine_register_id, uint8_t unit)
      : RegisterSensor(register_id, fine_register_id, unit) {}

 protected:
  bool on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) override;
  void on_new_meter() override;

  void log_disagreement_(const kmp::RegisterValue &coarse, const kmp::RegisterValue &fine);
  void remember_();

  kmp::FineTotal total_;
  ESPPreferenceObject preference_;  ///< whether the fine register is used; written when that changes only
  bool is_restored_{false};
  bool remembered_{false};
  bool disagreement_logged_{false};
};

}  // namespace esphome::multical

#endif  // USE_MULTICAL_HIGH_RESOLUTION
