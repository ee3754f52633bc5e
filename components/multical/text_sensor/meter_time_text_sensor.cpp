#include "meter_time_text_sensor.h"

#include <cinttypes>

#include "esphome/core/log.h"

#include "publish_text.h"

namespace esphome::multical {

static const char *const TAG = "multical.text_sensor";

/// The date from one register and the time from the other, or both from one.
static std::optional<kmp::DateTime> join(const Reading &reading, bool is_apart) {
  const auto date_time = kmp::to_date_time(reading.value);
  if (!date_time || !is_apart)
    return date_time;
  if (!reading.companion)
    return {};
  return kmp::to_date_time(*reading.companion, *date_time);
}

bool MeterTimeTextSensor::on_value(const Reading &reading) {
  const bool is_apart = reading.value.id == this->date_id_;
  if (is_apart && !reading.companion && reading.has_companion)
    return false;
  const auto date_time = join(reading, is_apart);
  if (!date_time) {
    publish_text(this, reading.value);
    return true;
  }
  char text[kmp::MAX_TEXT_SIZE];
  kmp::to_text(*date_time, text);
  this->publish_state(text);
#ifdef USE_TIME
  this->compare_(*date_time);
#endif
  return true;
}

#ifdef USE_TIME
void MeterTimeTextSensor::set_time_source(time::RealTimeClock *clock) {
  this->clock_ = clock;
  clock->add_on_time_sync_callback([this]() {
    if (this->compared_)
      return;
    // Only once: a meter without a valid date must not be asked at every synchronization.
    this->compared_ = true;
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
