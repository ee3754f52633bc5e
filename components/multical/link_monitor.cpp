#include "link_monitor.h"

#include <cstdio>

#include "esphome/core/log.h"
#include "esphome/core/progmem.h"

namespace esphome::multical {

static const char *const TAG = "multical.link";

const char *link_status_to_string(kmp::LinkStatus status) {
  switch (status) {
    case kmp::LinkStatus::STARTING:
      return "starting";
    case kmp::LinkStatus::OK:
      return "ok";
    case kmp::LinkStatus::NO_ANSWER:
      return "no_answer";
    case kmp::LinkStatus::ECHO_ONLY:
      return "echo_only";
    case kmp::LinkStatus::GARBLED:
      return "garbled";
    case kmp::LinkStatus::CHECKSUM_ERRORS:
      return "checksum_errors";
    case kmp::LinkStatus::LINE_LOW:
      return "line_low";
    case kmp::LinkStatus::PULSES:
      return "pulses";
    case kmp::LinkStatus::NO_PORT:
      return "no_port";
  }
  return "";
}

#ifdef USE_MULTICAL_LINK_ADVICE
const LogString *link_advice(kmp::LinkStatus status) {
  switch (status) {
    case kmp::LinkStatus::STARTING:
      return LOG_STR("Wait for the first reading");
    case kmp::LinkStatus::OK:
      return LOG_STR("Nothing to do");
    case kmp::LinkStatus::NO_ANSWER:
      return LOG_STR(
          "Not one byte comes back: press a key on the meter to wake its eye, move or turn the head, and check "
          "the wires of TX and RX");
    case kmp::LinkStatus::ECHO_ONLY:
      return LOG_STR(
          "Only our own request comes back: press a key on the meter, move the head or turn it upside down; on "
          "separate wires TX and RX touch");
    case kmp::LinkStatus::GARBLED:
      return LOG_STR(
          "Bytes come but no answer: change 'inverted' of the RX pin, check that nothing else sends, and keep "
          "light off the head");
    case kmp::LinkStatus::CHECKSUM_ERRORS:
      return LOG_STR(
          "Answers come damaged: move the head closer and keep light off it, or shorten the cable and lower "
          "its pull-up");
    case kmp::LinkStatus::LINE_LOW:
      return LOG_STR(
          "RX rests at the wrong level: change 'inverted' of the RX pin, add the missing pull-up, or give the "
          "head its supply");
    case kmp::LinkStatus::PULSES:
      return LOG_STR(
          "Only pulses come: this is a pulse output and no data port, read it with pulse_meter or use the "
          "optical eye");
    case kmp::LinkStatus::NO_PORT:
      return LOG_STR(
          "The serial port is not there: plug in the adapter, check the port's name and the right to open it, "
          "then start this program again");
  }
  return LOG_STR("");
}

void LinkMonitor::publish_advice(const LogString *advice) {
#ifdef USE_TEXT_SENSOR
  if (this->link_advice_text_sensor_ == nullptr)
    return;
  char text[256];
  ESPHOME_strncpy_P(text, LOG_STR_ARG(advice), sizeof(text) - 1);
  text[sizeof(text) - 1] = '\0';
  this->link_advice_text_sensor_->publish_state(text);
#endif
}
#endif

void LinkMonitor::setup() {
#ifdef USE_MULTICAL_LINK_STATUS
  if (this->link_status_text_sensor_ != nullptr)
    this->link_status_text_sensor_->publish_state(link_status_to_string(this->published_));
#endif
#ifdef USE_MULTICAL_LINK_ADVICE
  this->publish_advice(link_advice(this->published_));
#endif
}

void LinkMonitor::dump_config() {
  ESP_LOGCONFIG(TAG, "  Link: %s", link_status_to_string(this->published_));
#ifdef USE_MULTICAL_CONNECTED
  LOG_BINARY_SENSOR("  ", "Connected", this->connected_binary_sensor_);
#endif
#ifdef USE_MULTICAL_LINK_STATUS
  LOG_TEXT_SENSOR("  ", "Link status", this->link_status_text_sensor_);
#endif
#if defined(USE_MULTICAL_LINK_ADVICE) && defined(USE_TEXT_SENSOR)
  LOG_TEXT_SENSOR("  ", "Link advice", this->link_advice_text_sensor_);
#endif
#ifdef USE_MULTICAL_LINK_SENSORS
  LOG_SENSOR("  ", "Requests", this->requests_sensor_);
  LOG_SENSOR("  ", "Failed requests", this->failed_requests_sensor_);
  LOG_SENSOR("  ", "Reply delay", this->reply_delay_sensor_);
  LOG_SENSOR("  ", "Last reading age", this->last_reading_age_sensor_);
#endif
}

void LinkMonitor::attempt_failed(const kmp::Attempt &attempt) {
  this->diagnosis_.attempt_ended(attempt.evidence());
  const size_t pulses = attempt.zero_count();
  this->diagnosis_.pulses_seen(static_cast<uint8_t>(pulses < UINT8_MAX ? pulses : UINT8_MAX));
#ifdef USE_MULTICAL_LINK_SENSORS
  this->requests_++;
  this->failed_requests_++;
#endif
}

void LinkMonitor::request_answered(const kmp::Attempt &attempt, uint32_t reply_delay) {
  this->failed_updates_ = 0;
  this->diagnosis_.attempt_ended(kmp::Evidence::ANSWER);
  this->diagnosis_.request_ended(true, true);
#ifdef USE_MULTICAL_LINK_SENSORS
  this->requests_++;
  if (this->reply_delay_sensor_ != nullptr)
    this->reply_delay_sensor_->publish_state(static_cast<float>(reply_delay));
#endif
  this->set_connected_(true);
  this->publish_status_(&attempt);
}

void LinkMonitor::request_failed(const kmp::Attempt &attempt) {
  if (this->failed_updates_ < FAILED_UPDATES_UNTIL_UNKNOWN)
    this->failed_updates_++;
  const bool connected = this->connected_ && this->failed_updates_ < FAILED_UPDATES_UNTIL_UNKNOWN;
  this->diagnosis_.request_ended(false, connected);
  this->set_connected_(connected);
  this->publish_status_(&attempt);
}

void LinkMonitor::update_ended(bool complete, uint32_t now) {
#ifdef USE_MULTICAL_LINK_SENSORS
  if (complete) {
    this->last_reading_ = now;
    this->has_reading_ = true;
  }
  if (this->requests_sensor_ != nullptr)
    this->requests_sensor_->publish_state(static_cast<float>(this->requests_));
  if (this->failed_requests_sensor_ != nullptr)
    this->failed_requests_sensor_->publish_state(static_cast<float>(this->failed_requests_));
  if (this->last_reading_age_sensor_ != nullptr && this->has_reading_)
    this->last_reading_age_sensor_->publish_state(static_cast<float>((now - this->last_reading_) / 1000));
#endif
}

void LinkMonitor::port_checked(bool usable) {
  this->diagnosis_.port_checked(usable);
  this->publish_status_(nullptr);
}

void LinkMonitor::set_connected_(bool connected) {
  this->connected_ = connected;
#ifdef USE_MULTICAL_CONNECTED
  if (this->connected_binary_sensor_ != nullptr)
    this->connected_binary_sensor_->publish_state(connected);
#endif
}

void LinkMonitor::publish_status_(const kmp::Attempt *attempt) {
  const kmp::LinkStatus status = this->diagnosis_.status();
  if (status == this->published_)
    return;
  this->published_ = status;
  const char *name = link_status_to_string(status);
  if (status == kmp::LinkStatus::OK) {
    ESP_LOGI(TAG, "ok");
    this->component_->status_clear_warning();
  } else {
    this->log_fault_(attempt);
  }
#ifdef USE_MULTICAL_LINK_STATUS
  if (this->link_status_text_sensor_ != nullptr)
    this->link_status_text_sensor_->publish_state(name);
#endif
#ifdef USE_MULTICAL_LINK_ADVICE
  this->publish_advice(link_advice(status));
#endif
  this->on_link_status_callback_.call(StringRef(name));
}

void LinkMonitor::log_fault_(const kmp::Attempt *attempt) {
  const size_t received = attempt != nullptr ? attempt->received_size() : 0;
  const unsigned echo = attempt != nullptr ? attempt->echo_size() : 0;
  char text[72 + format_hex_pretty_size(kmp::Attempt::MAX_KEPT)];
  int length = std::snprintf(text, sizeof(text), "link %s, %u bytes received", link_status_to_string(this->published_),
                             static_cast<unsigned>(received));
  if (received > 0) {
    length += std::snprintf(text + length, sizeof(text) - length, ", %u of them our own request: ", echo);
    format_hex_pretty_to(text + length, sizeof(text) - length, attempt->kept(), attempt->kept_size(), ' ');
  }
  // Setting the flag writes the text into the log.
  if (this->component_->status_has_warning()) {
    ESP_LOGW(TAG, "%s", text);
  } else {
    this->component_->status_set_warning(text);
  }
}

}  // namespace esphome::multical
