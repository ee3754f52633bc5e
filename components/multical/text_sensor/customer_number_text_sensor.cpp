#include "customer_number_text_sensor.h"

#include <cinttypes>
#include <cstdio>

#include "esphome/core/log.h"

namespace esphome::multical {

static const char *const TAG = "multical.text_sensor";

/// Each of the two registers of a customer number is below this.
static constexpr uint32_t CUSTOMER_NUMBER_HALF = 100000000;

/// Nothing if it is not a number of up to eight digits.
static std::optional<uint32_t> to_half(const kmp::RegisterValue &value) {
  const auto decimal = value.to_decimal();
  if (!decimal || decimal->exponent != 0 || decimal->negative || decimal->mantissa >= CUSTOMER_NUMBER_HALF)
    return {};
  return static_cast<uint32_t>(decimal->mantissa);
}

bool CustomerNumberTextSensor::on_value(const Reading &reading) {
  const auto low = to_half(reading.value);
  const auto high = reading.companion ? to_half(*reading.companion) : 0;
  if (!low || !high) {
    ESP_LOGE(TAG, "'%s': register %u is not half of a customer number", this->get_name().c_str(),
             low ? reading.companion->id : reading.value.id);
    return true;
  }
  // Publishes nothing until the other half is there, or known to be missing.
  if (!reading.companion && reading.has_companion)
    return false;
  char text[21];
  if (*high != 0) {
    std::snprintf(text, sizeof(text), "%" PRIu32 "%08" PRIu32, *high, *low);
  } else {
    std::snprintf(text, sizeof(text), "%08" PRIu32, *low);
  }
  this->publish_state(text);
  return true;
}

}  // namespace esphome::multical
