#include "kmp_request.h"

#include "kmp_crc.h"

namespace esphome::multical::kmp {

namespace {

/// Writes bytes escaped and keeps the CRC over what they were before.
class FrameWriter {
 public:
  explicit FrameWriter(uint8_t *out) : begin_(out), out_(out) {}

  void raw(uint8_t byte) { *this->out_++ = byte; }

  void escaped(uint8_t byte) {
    this->crc_ = crc16_add(this->crc_, byte);
    if (must_be_escaped(byte)) {
      this->raw(ESCAPE);
      byte = static_cast<uint8_t>(~byte);
    }
    this->raw(byte);
  }

  uint16_t crc() const { return this->crc_; }
  size_t size() const { return static_cast<size_t>(this->out_ - this->begin_); }

 protected:
  uint8_t *begin_;
  uint8_t *out_;
  uint16_t crc_{0};
};

}  // namespace

bool Request::add_register(uint16_t id) {
  if (this->asks_for(id))
    return true;
  if (this->count_ == MAX_REGISTERS)
    return false;
  this->ids_[this->count_++] = id;
  return true;
}

bool Request::asks_for(uint16_t id) const {
  for (uint8_t i = 0; i < this->count_; i++) {
    if (this->ids_[i] == id)
      return true;
  }
  return false;
}

size_t Request::encode(uint8_t (&frame)[MAX_REQUEST_SIZE]) const {
  FrameWriter writer(frame);
  writer.raw(START_OF_REQUEST);
  writer.escaped(ADDRESS_HEAT_METER);
  writer.escaped(static_cast<uint8_t>(this->command_));
  if (this->command_ == Command::GET_REGISTER) {
    writer.escaped(this->count_);
    for (uint8_t i = 0; i < this->count_; i++) {
      writer.escaped(static_cast<uint8_t>(this->ids_[i] >> 8));
      writer.escaped(static_cast<uint8_t>(this->ids_[i]));
    }
  }
  const uint16_t crc = writer.crc();
  writer.escaped(static_cast<uint8_t>(crc >> 8));
  writer.escaped(static_cast<uint8_t>(crc));
  writer.raw(STOP);
  return writer.size();
}

}  // namespace esphome::multical::kmp
