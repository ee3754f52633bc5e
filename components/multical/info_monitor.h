#pragma once

#include "esphome/core/defines.h"
#include "esphome/core/helpers.h"
#ifdef USE_BINARY_SENSOR
#include "esphome/components/binary_sensor/binary_sensor.h"
#endif
#ifdef USE_MULTICAL_INFO_TEXT
#include "esphome/components/text_sensor/text_sensor.h"
#endif

#include "info_codes.h"
#include "register_entity.h"
#include "register_numbers_table.h"

namespace esphome::multical {

/// Says what the meter reports about itself: reads its info register, and tells the entities that show it.
///
/// Its own register is INFO_BITS, in which each code is a bit. A meter that does not have it is asked for INFO instead:
/// a meter that also has FINE_HEAT_ENERGY is of the same generation, so INFO should be the display's eight digits (not
/// proven); for all others it is taken to be the sum that Kamstrup documents for the 602.
class InfoMonitor final : public RegisterEntity {
 public:
#ifdef USE_MULTICAL_INFO_TEXT
  SUB_TEXT_SENSOR(info)
  SUB_TEXT_SENSOR(info_code)
#endif
#ifdef USE_BINARY_SENSOR
  SUB_BINARY_SENSOR(problem)

  /// @param code number of the code as in info_codes.py
  void add_code_binary_sensor(uint8_t code, binary_sensor::BinarySensor *binary_sensor) {
    this->code_binary_sensors_.push_back({code, binary_sensor});
  }

 protected:
  struct CodeBinarySensor {
    uint8_t code;
    binary_sensor::BinarySensor *binary_sensor;
  };
  StaticVector<CodeBinarySensor, MULTICAL_MAX_INFO_CODES> code_binary_sensors_;
#endif

 public:
  bool on_value(const Reading &reading) override;
  void on_unknown() override;
  RegisterPair instead_of(uint16_t register_id) const override {
    return register_id == INFO_BITS ? RegisterPair{INFO, FINE_HEAT_ENERGY} : RegisterPair{INFO_BITS};
  }
  void on_new_meter() override;

 protected:
  void publish_texts_(uint32_t value, InfoForm form);
  void publish_codes_(const std::optional<InfoCodes> &codes);

  std::optional<uint32_t> published_;
  InfoForm published_form_{InfoForm::BITS};
  bool is_newer_{false};  ///< the meter has FINE_HEAT_ENERGY
};

}  // namespace esphome::multical
