#include "meter_time_text_sensor.h"
#ifdef USE_MULTICAL_METER_TIME

#include <cinttypes>

#include "esphome/core/log.h"

#include "publish_text.h"

namespace esphome::multical {

static const char *const TAG = "multical.text_sensor";

bool MeterTimeTextSensor::on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) {
  kmp::DateTime date_time;
  const bool needs_both = this->register_id_ == this->date_id_;
  if (needs_both && companion == nullptr && this->has_companion())
    return true;
  if (!kmp::to_date_time(value, &date_time) ||
      (needs_both && (companion == nullptr || !kmp::to_date_time(*companion, &date_time)))) {
    publish_text(this, value);
    return true;
  }
  char text[kmp::MAX_TEXT_SIZE];
  kmp::to_text(date_time, text);
  this->publish_state(text);
#ifdef USE_TIME
  this->compare_(date_time);
#endif
  return true;
}

bool MeterTimeTextSensor::on_missing() {
  if (this->register_id_ != this->both_id_)
    return false;
  this->use_registers(this->date_id_, this->clock_id_);
  return true;
}

void MeterTimeTextSensor::on_new_meter() { this->use_registers(this->both_id_, 0); }

#ifdef USE_TIME
void MeterTimeTextSensor::set_time_source(time::RealTimeClock *clock) {
  this->clock_ = clock;
  clock->add_on_time_sync_callback([this]() {
    if (!this->compared_)
      this->parent_->request(this);
  });
}

void MeterTimeTextSensor::compare_(const kmp::DateTime &meter) {
  if (this->clock_ == nullptr)
    return;
  ESPTime here = this->clock_->now();
  if (!here.is_valid())
    return;
  this->compared_ = true;
  ESPTime there = here;
  there.year = meter.year;
  there.month = meter.month;
  there.day_of_month = meter.day;
  there.hour = meter.hour;
  there.minute = meter.minute;
  there.second = meter.second;
  // Both in local time: only the difference counts.
  here.recalc_timestamp_utc(false);
  there.recalc_timestamp_utc(false);
  const auto ahead = static_cast<int32_t>(there.timestamp - here.timestamp);
  ESP_LOGI(TAG, "'%s': the meter's clock is %" PRId32 " s %s this device's", this->get_name().c_str(),
           ahead < 0 ? -ahead : ahead, ahead < 0 ? LOG_STR_LITERAL("behind") : LOG_STR_LITERAL("ahead of"));
}
#endif

}  // namespace esphome::multical

#endif  // USE_MULTICAL_METER_TIME
