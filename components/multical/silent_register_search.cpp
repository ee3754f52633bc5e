#include "silent_register_search.h"

namespace esphome::multical {

void SilentRegisterSearch::begin() {
  this->count_ = 0;
  this->is_whole_ = true;
  this->was_silent_ = false;
}

kmp::Request SilentRegisterSearch::request() const {
  auto request = kmp::Request::get_registers();
  for (uint8_t i = 0; i < this->half_(); i++)
    request.add_register(this->suspects_[i]);
  return request;
}

void SilentRegisterSearch::answered() {
  const uint8_t innocent = this->half_();
  this->count_ = static_cast<uint8_t>(this->count_ - innocent);
  for (uint8_t i = 0; i < this->count_; i++)
    this->suspects_[i] = this->suspects_[i + innocent];
  this->was_silent_ = false;
}

bool SilentRegisterSearch::silent() {
  const uint8_t half = this->half_();
  if (half > 2 || this->was_silent_)
    return true;
  // Each of two is asked for alone next: a proof in between would be one request too many.
  this->was_silent_ = half == 1;
  this->count_ = half == 2 ? half : this->count_;
  return false;
}

std::optional<uint16_t> SilentRegisterSearch::proved_awake() {
  if (this->is_whole_) {
    this->is_whole_ = false;
  } else if (this->half_() == 1) {
    this->stop();
    return this->suspects_[0];
  } else {
    this->count_ = this->half_();
  }
  return {};
}

}  // namespace esphome::multical
