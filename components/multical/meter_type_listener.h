#pragma once

#include "kmp_frame.h"

namespace esphome::multical {

/// Anything that shows what the meter says about itself in reply to GetType.
class MeterTypeListener {
 public:
  virtual void on_meter_type(const kmp::MeterType &meter_type) = 0;

 protected:
  ~MeterTypeListener() = default;
};

}  // namespace esphome::multical
