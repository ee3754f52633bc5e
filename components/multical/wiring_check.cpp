#include "wiring_check.h"
#ifdef USE_MULTICAL_CHECK_WIRING

#include <cstdio>

#include "esphome/core/helpers.h"
#include "esphome/core/log.h"

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
  if (!this->is_active())
    this->step_ = Step::BEGIN;
}

void WiringCheck::unasked_byte(uint8_t byte) {
  if (this->step_ != Step::LISTEN)
    return;
  this->unasked_++;
  if (byte == 0x00)
    this->unasked_zeros_++;
}

void WiringCheck::loop(uint32_t now) {
  switch (this->step_) {
    case Step::NONE:
      break;
    case Step::BEGIN:
      ESP_LOGI(TAG, "Wiring check");
      this->diagnosis_ = kmp::Diagnosis();
      this->unasked_ = 0;
      this->unasked_zeros_ = 0;
      this->low_samples_ = 0;
      this->high_samples_ = 0;
      this->setting_ = 0;
      this->answered_ = false;
      this->listen_until_ = now + LISTEN_TIME;
      this->step_ = Step::LISTEN;
      if (!this->hub_->port_is_usable()) {
        ESP_LOGI(TAG, "  The serial port cannot be used");
        this->diagnosis_.port_checked(false);
        this->step_ = Step::DONE;
      }
      break;
    case Step::LISTEN: {
      const auto level = this->hub_->line_level();
      if (level.has_value()) {
        this->diagnosis_.line_sampled(*level);
        (*level ? this->high_samples_ : this->low_samples_)++;
      }
      if (static_cast<int32_t>(now - this->listen_until_) < 0)
        break;
      this->log_rest_();
      // One is enough here: nothing else that is meant for a data port stands alone.
      if (this->unasked_ > 0 && this->unasked_ == this->unasked_zeros_)
        this->diagnosis_.pulses_seen(kmp::Diagnosis::MIN_PULSES);
      this->step_ = Step::ASK;
      this->ask_(now);
      break;
    }
    case Step::ASK: {
      if (this->setting_ == 0)
        this->diagnosis_.request_ended(this->answered_, this->answered_);
      this->setting_++;
      if (this->answered_ || this->setting_ == std::size(SETTINGS)) {
        this->step_ = Step::DONE;
        break;
      }
      const auto &setting = SETTINGS[this->setting_];
      this->hub_->set_line_speed(setting.baud_rate, setting.stop_bits);
      this->ask_(now);
      break;
    }
    case Step::DONE:
      this->finish_();
      this->step_ = Step::NONE;
      break;
  }
}

void WiringCheck::ask_(uint32_t now) { this->hub_->ask(this, kmp::Request::get_type(), now, 1); }

void WiringCheck::on_reply(const kmp::Request &request, const kmp::Reply &reply) {
  this->answered_ = true;
  ESP_LOGI(TAG, "  %u baud, %u stop bits: a meter answers, its type is 0x%04X", SETTINGS[this->setting_].baud_rate,
           SETTINGS[this->setting_].stop_bits, reply.meter_type().type);
}

void WiringCheck::on_attempt_failed(const kmp::Attempt &attempt) {
  if (this->setting_ == 0) {
    this->diagnosis_.attempt_ended(attempt.evidence());
    if (attempt.zero_count() > 0)
      this->diagnosis_.pulses_seen(kmp::Diagnosis::MIN_PULSES);
  }
  this->log_attempt_(attempt);
}

void WiringCheck::log_rest_() const {
  [[maybe_unused]] const LogString *rest = LOG_STR("cannot be seen on this device");
  if (this->high_samples_ > 0 && this->low_samples_ == 0) {
    rest = LOG_STR("high, as it should be");
  } else if (this->high_samples_ == 0 && this->low_samples_ > 0) {
    rest = LOG_STR("low, which is wrong");
  } else if (this->high_samples_ > 0) {
    rest = LOG_STR("changes, although nothing was asked");
  }
  ESP_LOGI(TAG, "  The line at rest: %s", LOG_STR_ARG(rest));
  ESP_LOGI(TAG, "  Unasked bytes in 3 s: %u, %u of them 00", this->unasked_, this->unasked_zeros_);
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
  char bytes[format_hex_pretty_size(kmp::Attempt::MAX_KEPT)] = "";
  if (attempt.kept_size() > 0)
    format_hex_pretty_to(bytes, sizeof(bytes), attempt.kept(), attempt.kept_size(), ' ');
  ESP_LOGI(TAG, "  %u baud, %u stop bits: %s %s", SETTINGS[this->setting_].baud_rate,
           SETTINGS[this->setting_].stop_bits, LOG_STR_ARG(what), bytes);
}

void WiringCheck::finish_() {
  const bool other_setting = this->setting_ > 1;
  if (other_setting)
    this->hub_->set_line_speed(SETTINGS[0].baud_rate, SETTINGS[0].stop_bits);
  const auto status = this->diagnosis_.status();
  const LogString *advice = link_advice(status);
  if (other_setting && this->answered_)
    advice = LOG_STR("The meter answers at another speed, which this component cannot use yet: please report it");
  ESP_LOGI(TAG, "  Verdict: %s", link_status_to_string(status));
  ESP_LOGI(TAG, "  %s", LOG_STR_ARG(advice));
  this->hub_->link().publish_advice(advice);
}

}  // namespace esphome::multical

#endif  // USE_MULTICAL_CHECK_WIRING
