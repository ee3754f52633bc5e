#include "multical_text_sensor.h"

#include <cinttypes>
#include <cstdio>

#include "esphome/core/log.h"

namespace esphome::multical {

static const char *const TAG = "multical.text_sensor";

static void publish_number(text_sensor::TextSensor *text_sensor, const kmp::RegisterValue &value) {
  kmp::Decimal decimal;
  if (!value.to_decimal(&decimal) || decimal.exponent != 0 || decimal.negative) {
    ESP_LOGE(TAG, "'%s': register %u is no whole number", text_sensor->get_name().c_str(), value.id);
    return;
  }
  char text[11];
  std::snprintf(text, sizeof(text), "%" PRIu32, decimal.mantissa);
  text_sensor->publish_state(text);
}

bool NumberTextSensor::on_value(const kmp::RegisterValue &value) {
  publish_number(this, value);
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

bool SoftwareRevisionTextSensor::on_value(const kmp::RegisterValue &value) {
  publish_number(this, value);
  return true;
}

}  // namespace esphome::multical
