#pragma once

#include "esphome/components/text_sensor/text_sensor.h"
#include "esphome/core/defines.h"
#ifdef USE_TIME
#include "esphome/components/time/real_time_clock.h"
#endif

#include "../kmp_text.h"
#include "../multical.h"

namespace esphome::multical {

/// Date and time of the meter's clock, and how far off it is: from the register with both, or from two registers if the
/// meter does not have that one.
class MeterTimeTextSensor final : public text_sensor::TextSensor, public RegisterEntity, public Parented<Multical> {
 public:
  /// @param both_id  register with date and time
  /// @param date_id  register with the date, for a meter that does not have the one with both
  /// @param clock_id register with the time of day, for such a meter
  MeterTimeTextSensor(uint16_t both_id, uint16_t date_id, uint16_t clock_id)
      : both_id_(both_id), date_id_(date_id), clock_id_(clock_id) {}

#ifdef USE_TIME
  /// Compares the meter's clock with this one, in the log. If this one is not set yet, compares once it is.
  void set_time_source(time::RealTimeClock *clock);
#endif

  bool on_value(const Reading &reading) override;
  RegisterPair instead_of(uint16_t register_id) const override {
    return register_id == this->both_id_ ? RegisterPair{this->date_id_, this->clock_id_} : RegisterPair{this->both_id_};
  }

 protected:
#ifdef USE_TIME
  void compare_(const kmp::DateTime &meter);

  time::RealTimeClock *clock_{nullptr};
  bool compared_{false};  ///< or requested for the comparison
#endif
  uint16_t both_id_;
  uint16_t date_id_;
  uint16_t clock_id_;
};

}  // namespace esphome::multical
