#include "high_resolution_sensor.h"
#ifdef USE_MULTICAL_HIGH_RESOLUTION

#include <cinttypes>

#include "esphome/core/log.h"

#include "../kmp_units.h"

namespace esphome::multical {

static const char *const TAG = "multical.sensor";

void HighResolutionSensor::on_new_meter() {
  if (this->is_restored_)
    return;
  this->is_restored_ = true;
  this->preference_ = this->make_entity_preference<bool>();
  if (this->preference_.load(&this->remembered_))
    this->total_.restore(this->remembered_);
}

bool HighResolutionSensor::on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) {
  if (!this->accept_(value))
    return true;
  kmp::Decimal decimal;
  uint8_t unit;
  const auto result = this->total_.take(value, companion, !this->has_companion(), &decimal, &unit);
  if (this->total_.disagrees())
    this->log_disagreement_(value, *companion);
  if (result == kmp::FineTotal::Result::HOLD)
    return true;
  const float state = this->convert_(decimal, unit);
  if (!this->believe_(state))
    return false;
  this->total_.published();
  this->remember_();
  this->publish_state(state);
  return true;
}

void HighResolutionSensor::log_disagreement_(const kmp::RegisterValue &coarse, const kmp::RegisterValue &fine) {
  if (this->disagreement_logged_)
    return;
  this->disagreement_logged_ = true;
  char coarse_text[kmp::MAX_UNIT_NAME_SIZE];
  char fine_text[kmp::MAX_UNIT_NAME_SIZE];
  kmp::unit_name(coarse.unit, coarse_text);
  kmp::unit_name(fine.unit, fine_text);
  kmp::Decimal coarse_number;
  kmp::Decimal fine_number;
  coarse.to_decimal(&coarse_number);
  fine.to_decimal(&fine_number);
  ESP_LOGW(TAG, "'%s': register %u (%" PRIu32 "e%d %s) does not fit register %u (%" PRIu32 "e%d %s), not used",
           this->get_name().c_str(), fine.id, static_cast<uint32_t>(fine_number.mantissa), fine_number.exponent,
           fine_text, coarse.id, static_cast<uint32_t>(coarse_number.mantissa), coarse_number.exponent, coarse_text);
}

void HighResolutionSensor::remember_() {
  const bool was_fine = this->total_.was_fine();
  if (was_fine == this->remembered_)
    return;
  this->remembered_ = was_fine;
  this->preference_.save(&this->remembered_);
}

}  // namespace esphome::multical

#endif  // USE_MULTICAL_HIGH_RESOLUTION
