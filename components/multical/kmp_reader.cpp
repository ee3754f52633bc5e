#include "kmp_reader.h"

#include "kmp_crc.h"

namespace esphome::multical::kmp {

ReadResult FrameReader::feed(uint8_t byte) {
  if (byte == START_OF_REPLY) {
    this->state_ = State::INSIDE;
    this->size_ = 0;
    this->crc_ = 0;
    return ReadResult::NOTHING;
  }
  if (this->state_ == State::OUTSIDE)
    return ReadResult::NOTHING;
  if (this->state_ == State::ESCAPED) {
    byte = static_cast<uint8_t>(~byte);
    if (!must_be_escaped(byte))
      return this->drop_(ReadResult::BAD_ESCAPE);
    this->state_ = State::INSIDE;
  } else if (byte == STOP) {
    return this->finish_();
  } else if (byte == ESCAPE) {
    this->state_ = State::ESCAPED;
    return ReadResult::NOTHING;
  }
  if (this->size_ == MAX_REPLY_SIZE)
    return this->drop_(ReadResult::TOO_LONG);
  this->buffer_[this->size_++] = byte;
  this->crc_ = crc16_add(this->crc_, byte);
  return ReadResult::NOTHING;
}

ReadResult FrameReader::finish_() {
  this->state_ = State::OUTSIDE;
  if (this->size_ < 4)
    return ReadResult::TOO_SHORT;
  // Over the data and its own CRC the CRC is 0.
  return this->crc_ == 0 ? ReadResult::FRAME : ReadResult::BAD_CRC;
}

}  // namespace esphome::multical::kmp
