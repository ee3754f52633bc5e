#pragma once

#include "esphome/components/text_sensor/text_sensor.h"

#include "../kmp_text.h"

namespace esphome::multical {

/// Publishes a value exactly as the meter sent it.
inline void publish_text(text_sensor::TextSensor *text_sensor, const kmp::RegisterValue &value) {
  char text[kmp::MAX_TEXT_SIZE];
  kmp::to_text(value, text);
  text_sensor->publish_state(text);
}

}  // namespace esphome::multical
