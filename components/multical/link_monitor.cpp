#include "link_monitor.h"

#include "esphome/core/log.h"
#include "esphome/core/progmem.h"

#include "link_advice.h"

namespace esphome::multical {

static const char *const TAG = "multical.link";

const char *link_status_to_string(LinkStatus status) {
  switch (status) {
    case LinkStatus::STARTING:
      return "starting";
    case LinkStatus::OK:
      return "ok";
    case LinkStatus::NO_ANSWER:
      return "no_answer";
    case LinkStatus::ECHO_ONLY:
      return "echo_only";
    case LinkStatus::GARBLED:
      return "garbled";
    case LinkStatus::CHECKSUM_ERRORS:
      return "checksum_errors";
    case LinkStatus::LINE_LOW:
      return "line_low";
    case LinkStatus::PULSES:
      return "pulses";
    case LinkStatus::LATE_ANSWERS:
      return "late_answers";
    case LinkStatus::NO_PORT:
      return "no_port";
  }
  return "";
}

void LinkMonitor::setup() { this->publish_status_(); }

void LinkMonitor::dump_config() {
  ESP_LOGCONFIG(TAG, "  Link: %s", link_status_to_string(this->status_));
#ifdef USE_MULTICAL_CONNECTED
  LOG_BINARY_SENSOR("  ", "Connected", this->connected_binary_sensor_);
#endif
#ifdef USE_MULTICAL_LINK_STATUS
  LOG_TEXT_SENSOR("  ", "Link status", this->link_status_text_sensor_);
#endif
#ifdef USE_MULTICAL_LINK_ADVICE
  LOG_TEXT_SENSOR("  ", "Link advice", this->link_advice_text_sensor_);
#endif
#ifdef USE_MULTICAL_LINK_SENSORS
  LOG_SENSOR("  ", "Requests", this->requests_sensor_);
  LOG_SENSOR("  ", "Failed requests", this->failed_requests_sensor_);
  LOG_SENSOR("  ", "Reply delay", this->reply_delay_sensor_);
  LOG_SENSOR("  ", "Last reading age", this->last_reading_age_sensor_);
#endif
}

void LinkMonitor::publish(const LinkHealth &health, const kmp::Attempt &attempt) {
  const LinkStatus status = health.status();
  if (status != LinkStatus::STARTING)
    this->publish_connected_(health.is_connected());
  if (status == this->status_)
    return;
  this->status_ = status;
  if (status == LinkStatus::OK) {
    ESP_LOGI(TAG, "ok");
    this->component_->status_clear_warning();
  } else {
    this->log_fault_(attempt);
  }
  this->publish_status_();
  this->on_link_status_callback_.call(StringRef(link_status_to_string(status)));
}

void LinkMonitor::publish_connected_(bool connected) {
#ifdef USE_MULTICAL_CONNECTED
  if (this->connected_binary_sensor_ != nullptr)
    this->connected_binary_sensor_->publish_state(connected);
#endif
}

void LinkMonitor::publish_status_() {
#ifdef USE_MULTICAL_LINK_STATUS
  if (this->link_status_text_sensor_ != nullptr)
    this->link_status_text_sensor_->publish_state(link_status_to_string(this->status_));
#endif
#ifdef USE_MULTICAL_LINK_ADVICE
  this->publish_advice(link_advice(this->status_));
  this->shows_other_advice_ = false;
#endif
}

void LinkMonitor::publish_advice(const LogString *advice) {
#ifdef USE_MULTICAL_LINK_ADVICE
  this->shows_other_advice_ = true;
  if (this->link_advice_text_sensor_ == nullptr)
    return;
  char text[256];
  ESPHOME_strncpy_P(text, LOG_STR_ARG(advice), sizeof(text) - 1);
  text[sizeof(text) - 1] = '\0';
  this->link_advice_text_sensor_->publish_state(text);
#endif
}

void LinkMonitor::attempt_ended(const LinkHealth &health, const kmp::Attempt &attempt, std::optional<uint32_t> delay) {
#ifdef USE_MULTICAL_LINK_SENSORS
  this->counters_.request_sent(delay.has_value());
  if (delay.has_value() && this->reply_delay_sensor_ != nullptr)
    this->reply_delay_sensor_->publish_state(static_cast<float>(*delay));
#endif
  this->publish(health, attempt);
  // An answer outweighs a wiring check that got none.
  if (delay.has_value() && this->shows_other_advice_)
    this->publish_status_();
}

void LinkMonitor::update_ended(bool complete, uint64_t now) {
#ifdef USE_MULTICAL_LINK_SENSORS
  if (complete)
    this->counters_.reading_completed(now);
  if (this->requests_sensor_ != nullptr)
    this->requests_sensor_->publish_state(static_cast<float>(this->counters_.requests()));
  if (this->failed_requests_sensor_ != nullptr)
    this->failed_requests_sensor_->publish_state(static_cast<float>(this->counters_.failed_requests()));
  const auto age = this->counters_.last_reading_age(now);
  if (this->last_reading_age_sensor_ != nullptr && age.has_value())
    this->last_reading_age_sensor_->publish_state(static_cast<float>(*age));
#endif
}

void LinkMonitor::log_fault_(const kmp::Attempt &attempt) {
  // Setting the flag writes the status into the log.
  this->component_->status_set_warning(link_status_to_string(this->status_));
  ESP_LOGW(TAG, "link %s, %u bytes received, %u of them our own request", link_status_to_string(this->status_),
           static_cast<unsigned>(attempt.received_size()), static_cast<unsigned>(attempt.echo_size()));
  if (attempt.received_size() == 0)
    return;
  char bytes[format_hex_pretty_size(kmp::Attempt::MAX_KEPT)];
  format_hex_pretty_to(bytes, sizeof(bytes), attempt.kept().data(), attempt.kept().size(), ' ');
  ESP_LOGW(TAG, "  %s", bytes);
}

}  // namespace esphome::multical
