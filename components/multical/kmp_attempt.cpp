#include "kmp_attempt.h"

namespace esphome::multical::kmp {

uint8_t (&Attempt::begin()) [MAX_REQUEST_SIZE] {
  this->received_size_ = 0;
  this->zero_count_ = 0;
  this->sent_size_ = 0;
  this->echo_size_ = 0;
  this->bad_checksum_ = false;
  return this->sent_;
}

void Attempt::receive(uint8_t byte, ReadResult result) {
  if (result == ReadResult::BAD_CRC)
    this->bad_checksum_ = true;
  if (this->received_size_ == UINT16_MAX)
    return;  // all counts stop together, so that they still fit to each other
  if (this->received_size_ < MAX_KEPT)
    this->kept_[this->received_size_] = byte;
  this->received_size_++;
  if (this->echo_size_ < this->sent_size_ && byte == this->sent_[this->echo_size_]) {
    this->echo_size_++;
  } else if (byte == 0x00) {
    this->zero_count_++;
  }
}

Evidence Attempt::evidence() const {
  if (this->bad_checksum_)
    return Evidence::CHECKSUM;
  const bool whole_echo = this->echo_size_ == this->sent_size_ && this->sent_size_ > 0;
  const size_t explained = this->zero_count_ + (whole_echo ? this->echo_size_ : 0);
  if (explained < this->received_size_)
    return Evidence::GARBLED;
  return whole_echo ? Evidence::ECHO : Evidence::NOTHING;
}

}  // namespace esphome::multical::kmp
