#include "total_sensor.h"

#include <cinttypes>

#include "esphome/core/log.h"

namespace esphome::multical {

static const char *const TAG = "multical.sensor";

/// Keeps it apart from anything that an entity stored before this existed.
static constexpr uint32_t KEPT_TOTAL = 1;

void TotalSensorBase::on_new_meter() {
  if (this->is_restored_)
    return;
  this->is_restored_ = true;
  this->kept_total_ = this->make_entity_preference<float>(KEPT_TOTAL);
  float total;
  if (this->kept_total_.load(&total))
    this->guard_.restore(total);
}

bool TotalSensorBase::publish_total_(float total, bool contradicted) {
  const float before = this->guard_.last();
  const bool believed = this->guard_.take(total, contradicted);
  if (this->guard_.must_keep()) {
    const float kept = this->guard_.last();
    this->kept_total_.save(&kept);
  }
  if (believed) {
    this->publish_state(total);
  } else if (!std::isnan(before)) {
    ESP_LOGW(TAG, "'%s': %" PRId32 " after %" PRId32 ", reading again", this->get_name().c_str(), to_whole(total),
             to_whole(before));
  }
  return believed;
}

bool TotalSensor::on_value(const Reading &reading) {
  const auto state = this->convert_(reading.value);
  return !state || this->publish_total_(*state, false);
}

}  // namespace esphome::multical
