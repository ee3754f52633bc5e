#pragma once

#include "esphome/core/defines.h"
#ifdef USE_MULTICAL_INFO

#include "esphome/core/helpers.h"
#ifdef USE_BINARY_SENSOR
#include "esphome/components/binary_sensor/binary_sensor.h"
#endif
#ifdef USE_TEXT_SENSOR
#include "esphome/components/text_sensor/text_sensor.h"
#endif

#include "kmp_info.h"
#include "register_entity.h"

#ifndef MULTICAL_MAX_INFO_CODES
#define MULTICAL_MAX_INFO_CODES 0
#endif

namespace esphome::multical {

/// Says what the meter reports about itself: reads its info register, and tells the entities that show it.
///
/// Asks for register 369, in which each code is a bit. A meter that does not have it is asked for 99 instead: a meter
/// that also has 266 is of the same generation, so 99 should be the display's eight digits (not proven); for all others
/// it is taken to be the sum that Kamstrup documents for the 602.
class InfoMonitor final : public RegisterEntity {
 public:
  InfoMonitor();

#ifdef USE_MULTICAL_INFO_TEXT
  SUB_TEXT_SENSOR(info)
  SUB_TEXT_SENSOR(info_code)
#endif
#ifdef USE_MULTICAL_PROBLEM
  SUB_BINARY_SENSOR(problem)
#endif
#ifdef USE_MULTICAL_INFO_CODES
  /// @param code number of the code as in info_codes.py
  void add_code_binary_sensor(uint8_t code, binary_sensor::BinarySensor *binary_sensor) {
    this->code_binary_sensors_.push_back({code, binary_sensor});
  }
#endif

 protected:
  bool on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) override;
  void on_unknown() override;
  bool on_missing() override;
  void on_new_meter() override;

  kmp::InfoForm form_() const;
  void publish_(uint32_t value);

#ifdef USE_MULTICAL_INFO_CODES
  struct CodeBinarySensor {
    uint8_t code;
    binary_sensor::BinarySensor *binary_sensor;
  };
  StaticVector<CodeBinarySensor, MULTICAL_MAX_INFO_CODES> code_binary_sensors_;
#endif
  uint32_t published_{0};
  bool has_published_{false};
  bool is_newer_{false};  ///< the meter has register 266
};

}  // namespace esphome::multical

#endif  // USE_MULTICAL_INFO
