#include "high_resolution_sensor.h"

#include <cinttypes>

#include "esphome/core/log.h"

#include "../kmp_value.h"

namespace esphome::multical {

static const char *const TAG = "multical.sensor";

void HighResolutionSensor::on_new_meter() {
  if (this->is_restored_)
    return;
  TotalSensorBase::on_new_meter();
  this->kept_is_fine_ = this->make_entity_preference<bool>();
  if (this->kept_is_fine_.load(&this->remembered_))
    this->total_.restore(this->remembered_);
}

bool HighResolutionSensor::on_value(const Reading &reading) {
  if (!reading.value.to_decimal()) {
    this->refuse_(reading.value);
    return true;
  }
  const auto total = this->total_.take(reading.value, reading.companion, !reading.has_companion);
  if (this->total_.disagrees())
    this->log_disagreement_(reading.value, *reading.companion);
  if (!total)
    return !this->total_.contradicts();
  const auto state = this->convert_(reading.value, total->value, total->unit);
  if (!state)
    return true;
  if (!this->publish_total_(*state, this->total_.contradicts()))
    return false;
  this->total_.published();
  this->remember_();
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
  const auto coarse_number = coarse.to_decimal().value_or(kmp::Decimal{});
  const auto fine_number = fine.to_decimal().value_or(kmp::Decimal{});
  ESP_LOGW(TAG, "'%s': register %u (%" PRIu32 "e%d %s) does not fit register %u (%" PRIu32 "e%d %s), not used",
           this->get_name().c_str(), fine.id, static_cast<uint32_t>(fine_number.mantissa), fine_number.exponent,
           fine_text, coarse.id, static_cast<uint32_t>(coarse_number.mantissa), coarse_number.exponent, coarse_text);
}

void HighResolutionSensor::remember_() {
  const bool was_fine = this->total_.was_fine();
  if (was_fine == this->remembered_)
    return;
  this->remembered_ = was_fine;
  this->kept_is_fine_.save(&this->remembered_);
}

}  // namespace esphome::multical
