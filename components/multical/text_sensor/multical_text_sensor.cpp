#include "multical_text_sensor.h"

#include <cinttypes>
#include <cstdio>

#include "esphome/core/log.h"

#include "../kmp_text.h"

namespace esphome::multical {

static const char *const TAG = "multical.text_sensor";

/// Digits of each of the two registers of a customer number.
static constexpr uint32_t CUSTOMER_NUMBER_HALF = 100000000;

static void publish_text(text_sensor::TextSensor *text_sensor, const kmp::RegisterValue &value) {
  char text[kmp::MAX_TEXT_SIZE];
  kmp::to_text(value, text);
  text_sensor->publish_state(text);
}

static bool to_half(const kmp::RegisterValue &value, uint32_t *half) {
  kmp::Decimal decimal;
  if (!value.to_decimal(&decimal) || decimal.exponent != 0 || decimal.negative ||
      decimal.mantissa >= CUSTOMER_NUMBER_HALF)
    return false;
  *half = static_cast<uint32_t>(decimal.mantissa);
  return true;
}

bool RegisterTextSensor::on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) {
  publish_text(this, value);
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
  char text[17];
  if (high != 0) {
    std::snprintf(text, sizeof(text), "%" PRIu32 "%08" PRIu32, high, low);
  } else {
    std::snprintf(text, sizeof(text), "%08" PRIu32, low);
  }
  this->publish_state(text);
  return true;
}

void MeterTypeTextSensor::on_meter_type(const kmp::MeterType &meter_type) {
  // Only these are documented (Kamstrup 5512-447, 6.2.1): 601 with Pt500, with Pt100, with four-wire Pt500.
  const bool is_601 = meter_type.type == 0x0001 || meter_type.type == 0x0004 || meter_type.type == 0x0005;
  char text[24];
  std::snprintf(text, sizeof(text), is_601 ? "MULTICAL 601 (0x%04X)" : "0x%04X", meter_type.type);
  this->publish_state(text);
}

void SoftwareRevisionTextSensor::on_meter_type(const kmp::MeterType &meter_type) {
  if (meter_type.revision_letter == 0 || meter_type.revision_letter > 26) {
    this->parent_->request(this);
    return;
  }
  char text[5];
  std::snprintf(text, sizeof(text), "%c%u", 'A' + meter_type.revision_letter - 1, meter_type.revision_number);
  this->publish_state(text);
}

bool SoftwareRevisionTextSensor::on_value(const kmp::RegisterValue &value, const kmp::RegisterValue *companion) {
  publish_text(this, value);
  return true;
}

}  // namespace esphome::multical
