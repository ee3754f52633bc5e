#pragma once

#include "esphome/core/defines.h"
#ifdef USE_MULTICAL_METER_TIME

#include "esphome/components/text_sensor/text_sensor.h"
#ifdef USE_TIME
#include "esphome/components/time/real_time_clock.h"
#endif

#include "../kmp_text.h"
#include "../multical.h"

namespace esphome::multical {

/// Day and time of the meter's clock, and by how much it is off: from the register with both, or from two for a meter
/// that does not have it.
class MeterTimeTextSensor final : public text_sensor::TextSensor, public RegisterEntity, public Parented<Multical> {
 public:
  MeterTimeTextSensor(uint16_t register_id, uint16_t date_register_id, uint16_t clock_register_id)
      : RegisterEntity(register_id), both_id_(register_id), date_id_(date_register_id), clock_id_(clock_register_id) {}

#ifdef USE_TIME
  /// Compares the meter's clock with this one, in the log. While this one is not set yet, it is done when it is.
  void set_time_source(time::RealTimeClock *clock);
#endif

 protected:
  bool on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) override;
  bool on_missing() override;
  void on_new_meter() override;

#ifdef USE_TIME
  void compare_(const kmp::DateTime &meter);

  time::RealTimeClock *clock_{nullptr};
  bool compared_{false};
#endif
  uint16_t both_id_;
  uint16_t date_id_;
  uint16_t clock_id_;
};

}  // namespace esphome::multical

#endif  // USE_MULTICAL_METER_TIME
