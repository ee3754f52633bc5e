#include "kmp_diagnosis.h"

namespace esphome::multical::kmp {

void Diagnosis::attempt_ended(Evidence evidence) {
  this->attempts_[this->attempt_index_] = evidence;
  this->attempt_index_ = static_cast<uint8_t>((this->attempt_index_ + 1) % WINDOW);
  if (this->attempt_count_ < WINDOW)
    this->attempt_count_++;
  if (evidence == Evidence::ANSWER) {
    this->pulse_count_ = 0;
    this->low_samples_ = 0;
  }
}

void Diagnosis::request_ended(bool answered, bool connected) {
  if (connected && !this->connected_) {
    this->attempt_count_ = 0;
    this->attempt_index_ = 0;
    this->failed_ = 0;
  }
  this->connected_ = connected;
  this->asked_ = true;
  this->failed_ = static_cast<uint8_t>((this->failed_ << 1) | (answered ? 0 : 1));
  this->update_status_();
}

void Diagnosis::pulses_seen(uint8_t count) {
  const unsigned sum = this->pulse_count_ + count;
  this->pulse_count_ = sum < UINT8_MAX ? static_cast<uint8_t>(sum) : UINT8_MAX;
}

void Diagnosis::line_sampled(bool high) {
  if (high) {
    this->low_samples_ = 0;
  } else if (this->low_samples_ < UINT8_MAX) {
    this->low_samples_++;
  }
}

void Diagnosis::port_checked(bool usable) {
  if (this->port_usable_ == usable)
    return;
  this->port_usable_ = usable;
  this->update_status_();
}

void Diagnosis::update_status_() {
  uint8_t failed = 0;
  for (uint8_t i = 0; i < WINDOW; i++)
    failed = static_cast<uint8_t>(failed + ((this->failed_ >> i) & 1));
  if (!this->port_usable_) {
    this->status_ = LinkStatus::NO_PORT;
  } else if (!this->asked_) {
    this->status_ = LinkStatus::STARTING;
  } else if (this->connected_ && 2 * failed < WINDOW) {
    this->status_ = LinkStatus::OK;
  } else {
    this->status_ = this->fault_();
  }
}

LinkStatus Diagnosis::fault_() const {
  if (this->low_samples_ >= MIN_LOW_SAMPLES)
    return LinkStatus::LINE_LOW;
  // What most of the failed attempts show; of equally many, what says more.
  constexpr Evidence MOST_TELLING_FIRST[] = {Evidence::CHECKSUM, Evidence::GARBLED, Evidence::ECHO, Evidence::NOTHING};
  Evidence most = Evidence::NOTHING;
  uint8_t most_count = 0;
  for (const auto evidence : MOST_TELLING_FIRST) {
    uint8_t count = 0;
    for (uint8_t i = 0; i < this->attempt_count_; i++)
      count = static_cast<uint8_t>(count + (this->attempts_[i] == evidence ? 1 : 0));
    if (count > most_count) {
      most = evidence;
      most_count = count;
    }
  }
  switch (most) {
    case Evidence::CHECKSUM:
      return LinkStatus::CHECKSUM_ERRORS;
    case Evidence::GARBLED:
      return LinkStatus::GARBLED;
    case Evidence::ECHO:
      return LinkStatus::ECHO_ONLY;
    default:
      return this->pulse_count_ >= MIN_PULSES ? LinkStatus::PULSES : LinkStatus::NO_ANSWER;
  }
}

}  // namespace esphome::multical::kmp
