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

class InfoMonitor;
class Multical;

/// Finds out for an InfoMonitor whether the meter counts heat, that is, has HEAT_ENERGY. A meter without it is asked
/// for INFO instead, which it is known to have.
class HeatEvidence final : public RegisterEntity {
 public:
  explicit HeatEvidence(InfoMonitor *monitor) : monitor_(monitor) {}

  bool on_value(const Reading &reading) override;
  RegisterPair instead_of(uint16_t register_id) const override {
    return {register_id == HEAT_ENERGY ? INFO : HEAT_ENERGY};
  }

 protected:
  InfoMonitor *monitor_;
};

/// Reads what the meter reports about itself from its info register, and updates the entities that show it.
///
/// Its own register is INFO_BITS, in which each code is a bit. A meter without it is asked for INFO instead:
/// - if it has FINE_HEAT_ENERGY, it is of the same generation, so INFO should be the display's eight digits (not
///   proven);
/// - any other heat meter is assumed to send the sum that Kamstrup documents for the 602;
/// - if it counts no heat and INFO has two bytes, the form is that of the water meters MULTICAL 21 and flowIQ 2101;
/// - otherwise the form is unknown.
class InfoMonitor final : public RegisterEntity {
 public:
  explicit InfoMonitor(Multical *hub) : hub_(hub) {}

  RegisterEntity *heat_evidence() { return &this->heat_evidence_; }
  /// Tells whether the meter counts heat.
  void heat_found(bool has_heat);

#ifdef USE_MULTICAL_INFO_TEXT
  SUB_TEXT_SENSOR(info)
  SUB_TEXT_SENSOR(info_code)
#endif
#ifdef USE_BINARY_SENSOR
  SUB_BINARY_SENSOR(problem)

  /// @param code the code's number in info_codes.py
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
  void publish_(uint32_t value, InfoForm form);
  void publish_texts_(uint32_t value, InfoForm form);
  void publish_codes_(const std::optional<InfoCodes> &codes);

  HeatEvidence heat_evidence_{this};
  Multical *hub_;
  std::optional<uint32_t> published_;
  std::optional<bool> has_heat_;
  uint32_t value_{0};  ///< of INFO
  InfoForm published_form_{InfoForm::BITS};
  bool is_short_{false};  ///< INFO has two bytes
  bool is_newer_{false};  ///< the meter has FINE_HEAT_ENERGY
};

}  // namespace esphome::multical
