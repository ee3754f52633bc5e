#include "link_health.h"

namespace esphome::multical {

using kmp::Evidence;

bool LinkHealth::request_answered() {
  const bool is_found = !this->connected_;
  if (is_found) {
    this->attempt_count_ = 0;
    this->attempt_index_ = 0;
    this->failed_ = 0;
  }
  this->connected_ = true;
  this->failed_updates_ = 0;
  this->pulse_count_ = 0;
  this->low_samples_ = 0;
  this->add_attempt_(Evidence::ANSWER);
  this->request_ended_(true);
  return is_found;
}

void LinkHealth::attempt_failed(const kmp::Attempt &attempt) {
  this->add_attempt_(attempt.evidence());
  if (kmp::is_silence(attempt.evidence())) {
    this->pulses_seen(attempt.zero_count());
  } else {
    this->pulse_count_ = 0;
  }
}

void LinkHealth::answered_late() {
  this->attempts_[(this->attempt_index_ + WINDOW - 1) % WINDOW] = Evidence::LATE;
  this->update_status_();
}

bool LinkHealth::update_failed() {
  const bool was_connected = this->connected_;
  if (this->failed_updates_ < FAILED_UPDATES_UNTIL_GONE)
    this->failed_updates_++;
  if (this->failed_updates_ == FAILED_UPDATES_UNTIL_GONE)
    this->connected_ = false;
  this->request_ended_(false);
  return was_connected && !this->connected_;
}

void LinkHealth::add_attempt_(Evidence evidence) {
  this->attempts_[this->attempt_index_] = evidence;
  this->attempt_index_ = static_cast<uint8_t>((this->attempt_index_ + 1) % WINDOW);
  if (this->attempt_count_ < WINDOW)
    this->attempt_count_++;
}

void LinkHealth::request_ended_(bool answered) {
  this->asked_ = true;
  this->failed_ = static_cast<uint8_t>((this->failed_ << 1) | (answered ? 0 : 1));
  this->update_status_();
}

void LinkHealth::pulses_seen(size_t count) {
  const size_t sum = this->pulse_count_ + count;
  this->pulse_count_ = sum < UINT8_MAX ? static_cast<uint8_t>(sum) : UINT8_MAX;
}

void LinkHealth::unasked_byte(uint8_t byte) {
  if (byte == 0x00) {
    this->pulses_seen(1);
  } else {
    this->pulse_count_ = 0;
  }
}

void LinkHealth::line_sampled(bool high) {
  if (high) {
    this->low_samples_ = 0;
  } else if (this->low_samples_ < UINT8_MAX) {
    this->low_samples_++;
  }
}

void LinkHealth::port_checked(bool usable) {
  if (this->port_usable_ == usable)
    return;
  this->port_usable_ = usable;
  this->update_status_();
}

void LinkHealth::update_status_() {
  uint8_t failed = 0;
  for (unsigned bits = this->failed_; bits != 0; bits &= bits - 1)
    failed++;
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

LinkStatus LinkHealth::fault_() const {
  if (this->low_samples_ >= MIN_LOW_SAMPLES)
    return LinkStatus::LINE_LOW;
  uint8_t counts[static_cast<size_t>(Evidence::NO_PORT) + 1]{};
  for (uint8_t i = 0; i < this->attempt_count_; i++)
    counts[static_cast<size_t>(this->attempts_[i])]++;
  // What most of the failed attempts show; in a tie, the more telling one.
  auto most = Evidence::NOTHING;
  for (const auto evidence : {Evidence::ECHO, Evidence::GARBLED, Evidence::CHECKSUM, Evidence::LATE}) {
    const uint8_t count = counts[static_cast<size_t>(evidence)];
    if (count > 0 && count >= counts[static_cast<size_t>(most)])
      most = evidence;
  }
  // When several requests bring no reply, only the last one's answer can be recognized as late.
  if (kmp::is_silence(most) && counts[static_cast<size_t>(Evidence::LATE)] > 0)
    most = Evidence::LATE;
  switch (most) {
    case Evidence::LATE:
      return LinkStatus::LATE_ANSWERS;
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

}  // namespace esphome::multical
