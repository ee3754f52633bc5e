#include "customer_number_text_sensor.h"
#ifdef USE_MULTICAL_CUSTOMER_NUMBER

#include <cinttypes>
#include <cstdio>

#include "esphome/core/log.h"
namespace esphome::multical {

static const char *const TAG = "multical.text_sensor";

/// Digits of each of the two registers of a customer number.
static constexpr uint32_t CUSTOMER_NUMBER_HALF = 100000000;

static bool to_half(const kmp::RegisterValue &value, uint32_t *half) {
  kmp::Decimal decimal;
  if (!value.to_decimal(&decimal) || decimal.exponent != 0 || decimal.negative ||
      decimal.mantissa >= CUSTOMER_NUMBER_HALF)
    return false;
  *half = static_cast<uint32_t>(decimal.mantissa);
  return true;
}

bool CustomerNumberTextSensor::on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) {
  uint32_t low;
  uint32_t high = 0;
  if (!to_half(value, &low) || (companion != nullptr && !to_half(*companion, &high))) {
    ESP_LOGE(TAG, "'%s': register %u is no half of a customer number", this->get_name().c_str(), value.id);
    return true;
  }
  // Nothing until the other half is there, or known not to be.
  if (companion == nullptr && this->has_companion())
    return true;
  char text[21];
  if (high != 0) {
    std::snprintf(text, sizeof(text), "%" PRIu32 "%08" PRIu32, high, low);
  } else {
    std::snprintf(text, sizeof(text), "%08" PRIu32, low);
  }
  this->publish_state(text);
  return true;
}

}  // namespace esphome::multical

#endif  // USE_MULTICAL_CUSTOMER_NUMBER
