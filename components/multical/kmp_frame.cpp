#include "kmp_frame.h"

namespace esphome::multical::kmp {

namespace {

constexpr size_t BLOCK_HEADER_SIZE = 5;  // id 2, unit, length, sign and exponent
constexpr size_t TYPE_SIZE = 4;
constexpr size_t SERIAL_NO_SIZE = 4;
constexpr size_t MAX_NUMBER_SIZE = 4;

/// Writes escaped bytes and keeps the CRC over the original ones.
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

/// Up to 4 bytes, most significant first.
uint32_t read_uint(std::span<const uint8_t> data) {
  uint32_t value = 0;
  for (const uint8_t byte : data)
    value = (value << 8) | byte;
  return value;
}

/// The register whose block comes first; nothing if there is no whole block.
std::optional<RegisterValue> read_block(std::span<const uint8_t> data) {
  if (data.size() < BLOCK_HEADER_SIZE || data.size() - BLOCK_HEADER_SIZE < data[3])
    return {};
  return RegisterValue{.id = static_cast<uint16_t>(read_uint(data.first(2))),
                       .unit = data[2],
                       .sign_exponent = data[4],
                       .data = data.subspan(BLOCK_HEADER_SIZE, data[3])};
}

/// Everything after a block that read_block() has read.
std::span<const uint8_t> behind_block(std::span<const uint8_t> data) {
  return data.subspan(BLOCK_HEADER_SIZE + data[3]);
}

/// Whether this consists of whole blocks, each for a register that was asked for, and none twice.
bool answers(std::span<const uint8_t> payload, const Request &request) {
  Request answered = Request::get_registers();
  for (; !payload.empty(); payload = behind_block(payload)) {
    const auto value = read_block(payload);
    if (!value || !request.asks_for(value->id) || answered.asks_for(value->id))
      return false;
    answered.add_register(value->id);
  }
  return true;
}

}  // namespace

bool Request::add_register(uint16_t id) {
  if (this->asks_for(id))
    return true;
  if (this->count_ == MAX_REGISTERS)
    return false;
  this->ids_[this->count_++] = id;
  return true;
}

bool Request::add_registers(uint16_t first, uint16_t second) {
  const uint8_t before = this->count_;
  if (this->add_register(first) && this->add_register(second))
    return true;
  this->count_ = before;
  return false;
}

bool Request::asks_for(uint16_t id) const {
  for (uint8_t i = 0; i < this->count_; i++) {
    if (this->ids_[i] == id)
      return true;
  }
  return false;
}

size_t Request::encode(std::span<uint8_t, MAX_REQUEST_SIZE> frame) const {
  FrameWriter writer(frame.data());
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
  // The CRC over the data and its own CRC is 0.
  return this->crc_ == 0 ? ReadResult::FRAME : ReadResult::BAD_CRC;
}

std::optional<Decimal> RegisterValue::to_decimal() const {
  if (this->data.empty() || this->data.size() > MAX_NUMBER_SIZE)
    return {};
  const int exponent = this->sign_exponent & 0x3F;
  const bool is_exponent_negative = (this->sign_exponent & 0x40) != 0;
  return Decimal{.mantissa = read_uint(this->data),
                 .exponent = static_cast<int8_t>(is_exponent_negative ? -exponent : exponent),
                 .negative = (this->sign_exponent & 0x80) != 0};
}

std::optional<Reply> Reply::parse(const FrameReader &reader, const Request &request) {
  if (reader.address() != ADDRESS_HEAT_METER || reader.command() != static_cast<uint8_t>(request.command()))
    return {};
  const auto payload = reader.payload();
  bool is_right = false;
  switch (request.command()) {
    case Command::GET_TYPE:
      is_right = payload.size() == TYPE_SIZE;
      break;
    case Command::GET_SERIAL_NO:
      is_right = payload.size() == SERIAL_NO_SIZE;
      break;
    case Command::GET_REGISTER:
      is_right = answers(payload, request);
      break;
  }
  if (!is_right)
    return {};
  return Reply(request.command(), payload);
}

MeterType Reply::meter_type() const {
  return {.type = static_cast<uint16_t>(read_uint(this->payload_.first(2))),
          .revision_letter = this->payload_[2],
          .revision_number = this->payload_[3]};
}

uint32_t Reply::serial_no() const { return read_uint(this->payload_.first(SERIAL_NO_SIZE)); }

std::optional<RegisterValue> Reply::find_register(uint16_t id) const {
  if (this->command_ != Command::GET_REGISTER)
    return {};
  for (auto rest = this->payload_; !rest.empty(); rest = behind_block(rest)) {
    const auto value = read_block(rest);
    if (value->id == id)
      return value;
  }
  return {};
}

}  // namespace esphome::multical::kmp
