#include "wiring_check.h"

#include <cstdio>
#include <iterator>

#include "esphome/core/helpers.h"
#include "esphome/core/log.h"

#include "link_advice.h"
#include "multical.h"

namespace esphome::multical {

static const char *const TAG = "multical.wiring";

static constexpr uint32_t LISTEN_TIME = 3000;

/// A speed of the line. The first one is the only one at which this component reads.
struct LineSetting {
  uint16_t baud_rate;
  uint8_t stop_bits;
};
static constexpr LineSetting SETTINGS[] = {
    {kmp::BAUD_RATE, 2},
#ifdef USE_MULTICAL_SPEED_CHECK
    {kmp::BAUD_RATE, 1}, {300, 2}, {300, 1}, {2400, 2}, {2400, 1}, {9600, 2}, {9600, 1},
#endif
};

void WiringCheck::start() {
  if (this->step_ == Step::NONE)
    this->step_ = Step::BEGIN;
  this->hub_->enable_loop();
}

Need WiringCheck::need() const {
  switch (this->step_) {
    case Step::NONE:
      return Need::NOTHING;
    case Step::BEGIN:
      return Need::TURN;
    default:
      return Need::LINE;
  }
}

std::optional<kmp::Request> WiringCheck::next(uint64_t now) {
  if (this->step_ == Step::BEGIN)
    this->begin_(now);
  if (this->step_ == Step::LISTEN) {
    if (now < this->listen_until_) {
      this->listen_();
      return {};
    }
    this->log_rest_();
    // One is enough here: nothing else on a data port is a single 0x00.
    if (this->unasked_ > 0 && this->unasked_ == this->unasked_zeros_)
      this->health_.pulses_seen(LinkHealth::MIN_PULSES);
    this->step_ = Step::ASK;
  }
  if (this->step_ == Step::ASK) {
    // Not earlier: the answer at the last speed may be late.
    if (this->setting_ > 0)
      this->hub_->port().set_speed(SETTINGS[this->setting_].baud_rate, SETTINGS[this->setting_].stop_bits);
    auto request = this->question_();
    request.set_once();
    return request;
  }
  if (this->step_ == Step::DONE)
    this->finish_();
  return {};
}

void WiringCheck::begin_(uint64_t now) {
  ESP_LOGI(TAG, "Wiring check");
  this->health_ = LinkHealth();
  this->unasked_ = 0;
  this->unasked_zeros_ = 0;
  this->low_samples_ = 0;
  this->high_samples_ = 0;
  this->setting_ = 0;
  this->asked_ = kmp::Command::GET_TYPE;
  this->answered_ = false;
  this->listen_until_ = now + LISTEN_TIME;
  this->step_ = Step::LISTEN;
}

kmp::Request WiringCheck::question_() const {
  switch (this->asked_) {
    case kmp::Command::GET_SERIAL_NO:
      return kmp::Request::get_serial_no();
    case kmp::Command::GET_REGISTER:
      return this->hub_->likely_request();
    default:
      return kmp::Request::get_type();
  }
}

void WiringCheck::listen_() {
  const auto level = this->hub_->port().level();
  if (!level.has_value())
    return;
  this->health_.line_sampled(*level);
  (*level ? this->high_samples_ : this->low_samples_)++;
}

void WiringCheck::answered_late() {
  // The next request has not been sent yet, and no other speed is worth trying.
  if (this->step_ == Step::ASK) {
    this->health_.update_failed();
    this->step_ = Step::DONE;
  }
  this->health_.answered_late();
}

void WiringCheck::unasked_byte(uint8_t byte) {
  if (this->step_ != Step::LISTEN)
    return;
  this->unasked_++;
  if (byte == 0x00)
    this->unasked_zeros_++;
}

void WiringCheck::answered(const kmp::Answer &answer, uint64_t now) {
  char type[sizeof(", its type is 0x0000")] = "";
  if (answer.reply.command() == kmp::Command::GET_TYPE)
    std::snprintf(type, sizeof(type), ", its type is 0x%04X", answer.reply.meter_type().type);
  this->log_outcome_(LOG_STR("a meter answers"), type);
  this->tried_(true);
}

void WiringCheck::attempt_failed(const kmp::Attempt &attempt) {
  if (this->setting_ == 0) {
    this->health_.attempt_failed(attempt);
    if (attempt.zero_count() > 0)
      this->health_.pulses_seen(LinkHealth::MIN_PULSES);
  }
  this->log_attempt_(attempt);
}

void WiringCheck::failed(const kmp::Request &request, kmp::Evidence evidence, uint64_t now) {
  if (evidence == kmp::Evidence::NO_PORT) {
    ESP_LOGI(TAG, "  The serial port cannot be used");
    this->health_.port_checked(false);
    this->step_ = Step::DONE;
    return;
  }
  // Not every meter answers each of them.
  if (this->setting_ == 0 && this->asked_ != kmp::Command::GET_REGISTER) {
    this->asked_ = this->asked_ == kmp::Command::GET_TYPE ? kmp::Command::GET_SERIAL_NO : kmp::Command::GET_REGISTER;
    return;
  }
  this->tried_(false);
}

void WiringCheck::tried_(bool answered) {
  this->answered_ = answered;
  if (this->setting_ == 0) {
    if (answered) {
      this->health_.request_answered();
    } else {
      this->health_.update_failed();
    }
  }
  if (answered || this->setting_ + 1u == std::size(SETTINGS)) {
    this->step_ = Step::DONE;
    return;
  }
  this->setting_++;
  this->asked_ = kmp::Command::GET_TYPE;
}

void WiringCheck::log_rest_() const {
  [[maybe_unused]] const LogString *rest = LOG_STR("cannot be seen on this device");
  if (this->high_samples_ > 0 && this->low_samples_ == 0) {
    rest = LOG_STR("high, as it should be");
  } else if (this->high_samples_ == 0 && this->low_samples_ > 0) {
    rest = LOG_STR("low, which is wrong");
  } else if (this->high_samples_ > 0) {
    rest = LOG_STR("changes although nothing was requested");
  }
  ESP_LOGI(TAG, "  The line at rest: %s", LOG_STR_ARG(rest));
  ESP_LOGI(TAG, "  Unrequested bytes in 3 s: %u, %u of them 00", this->unasked_, this->unasked_zeros_);
}

void WiringCheck::log_attempt_(const kmp::Attempt &attempt) const {
  [[maybe_unused]] const LogString *what = LOG_STR("nothing comes back");
  switch (attempt.evidence()) {
    case kmp::Evidence::ECHO:
      what = LOG_STR("only our own request comes back");
      break;
    case kmp::Evidence::GARBLED:
      what = LOG_STR("bytes come back, but no answer");
      break;
    case kmp::Evidence::CHECKSUM:
      what = LOG_STR("a damaged answer comes back");
      break;
    default:
      if (attempt.zero_count() > 0)
        what = LOG_STR("a pulse comes");
      break;
  }
  char bytes[1 + format_hex_pretty_size(kmp::Attempt::MAX_KEPT)] = "";
  if (!attempt.kept().empty()) {
    bytes[0] = ' ';
    format_hex_pretty_to(bytes + 1, sizeof(bytes) - 1, attempt.kept().data(), attempt.kept().size(), ' ');
  }
  this->log_outcome_(what, bytes);
}

void WiringCheck::log_outcome_(const LogString *what, const char *more) const {
  [[maybe_unused]] const LogString *command = LOG_STR("GetType");
  if (this->asked_ == kmp::Command::GET_SERIAL_NO) {
    command = LOG_STR("GetSerialNo");
  } else if (this->asked_ == kmp::Command::GET_REGISTER) {
    command = LOG_STR("GetRegister");
  }
  ESP_LOGI(TAG, "  %u baud, %u stop bits, %s: %s%s", SETTINGS[this->setting_].baud_rate,
           SETTINGS[this->setting_].stop_bits, LOG_STR_ARG(command), LOG_STR_ARG(what), more);
}

void WiringCheck::finish_() {
  this->step_ = Step::NONE;
  const bool other_setting = this->setting_ > 0;
  if (other_setting)
    this->hub_->port().set_speed(SETTINGS[0].baud_rate, SETTINGS[0].stop_bits);
  const auto status = this->health_.status();
  const LogString *advice = link_advice(status);
  if (other_setting && this->answered_)
    advice = LOG_STR("The meter answers at another speed, which this component cannot use yet: please report it");
  ESP_LOGI(TAG, "  Verdict: %s", link_status_to_string(status));
  ESP_LOGI(TAG, "  %s", LOG_STR_ARG(advice));
  if (status == LinkStatus::OK) {
    // A reading updates every entity.
    this->hub_->update();
  } else {
    this->hub_->link().publish_advice(advice);
  }
}

}  // namespace esphome::multical
