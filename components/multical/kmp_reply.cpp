#include "kmp_reply.h"

namespace esphome::multical::kmp {

namespace {

constexpr size_t BLOCK_HEADER_SIZE = 5;  // id 2, unit, length, sign and exponent
constexpr size_t TYPE_SIZE = 4;
constexpr size_t SERIAL_NO_SIZE = 4;
constexpr size_t MAX_NUMBER_SIZE = 4;

uint16_t read_uint16(const uint8_t *data) { return static_cast<uint16_t>((data[0] << 8) | data[1]); }

uint32_t read_uint(const uint8_t *data, size_t size) {
  uint32_t value = 0;
  for (size_t i = 0; i < size; i++)
    value = (value << 8) | data[i];
  return value;
}

}  // namespace

bool RegisterValue::to_decimal(Decimal *value) const {
  if (this->size == 0 || this->size > MAX_NUMBER_SIZE)
    return false;
  value->mantissa = read_uint(this->data, this->size);
  value->negative = (this->sign_exponent & 0x80) != 0;
  const auto exponent = static_cast<int8_t>(this->sign_exponent & 0x3F);
  value->exponent = (this->sign_exponent & 0x40) != 0 ? static_cast<int8_t>(-exponent) : exponent;
  return true;
}

bool Reply::parse(const FrameReader &reader, const Request &request) {
  this->count_ = 0;
  this->command_ = request.command();
  this->payload_ = reader.payload();
  this->payload_size_ = reader.payload_size();
  if (reader.address() != ADDRESS_HEAT_METER || reader.command() != static_cast<uint8_t>(request.command()))
    return false;
  switch (request.command()) {
    case Command::GET_TYPE:
      return this->payload_size_ == TYPE_SIZE;
    case Command::GET_SERIAL_NO:
      return this->payload_size_ == SERIAL_NO_SIZE;
    case Command::GET_REGISTER:
      return this->parse_registers_(request);
  }
  return false;
}

bool Reply::parse_registers_(const Request &request) {
  Request answered = Request::get_registers();
  size_t offset = 0;
  while (offset < this->payload_size_) {
    if (this->payload_size_ - offset < BLOCK_HEADER_SIZE)
      return false;
    const uint8_t *block = this->payload_ + offset;
    const uint16_t id = read_uint16(block);
    const size_t size = BLOCK_HEADER_SIZE + block[3];
    if (this->payload_size_ - offset < size || !request.asks_for(id) || answered.asks_for(id))
      return false;
    answered.add_register(id);
    this->offsets_[this->count_++] = static_cast<uint8_t>(offset);
    offset += size;
  }
  return true;
}

MeterType Reply::meter_type() const {
  return {
      .type = read_uint16(this->payload_), .revision_letter = this->payload_[2], .revision_number = this->payload_[3]};
}

uint32_t Reply::serial_no() const { return read_uint(this->payload_, SERIAL_NO_SIZE); }

RegisterValue Reply::register_value(uint8_t index) const {
  const uint8_t *block = this->payload_ + this->offsets_[index];
  return {.id = read_uint16(block),
          .unit = block[2],
          .size = block[3],
          .sign_exponent = block[4],
          .data = block + BLOCK_HEADER_SIZE};
}

bool Reply::find_register(uint16_t id, RegisterValue *value) const {
  for (uint8_t i = 0; i < this->count_; i++) {
    const RegisterValue candidate = this->register_value(i);
    if (candidate.id == id) {
      *value = candidate;
      return true;
    }
  }
  return false;
}

}  // namespace esphome::multical::kmp
