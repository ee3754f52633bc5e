#pragma once

#include "kmp_protocol.h"

namespace esphome::multical::kmp {

/// Address, command, 8 register blocks (id 2, unit 1, length 1, exponent 1, value) and CRC, escapes removed.
inline constexpr size_t MAX_REPLY_SIZE = 1 + 1 + MAX_REGISTERS * (5 + MAX_VALUE_SIZE) + 2;

/// What one more byte from the line brought.
enum class ReadResult : uint8_t {
  NOTHING,     ///< No frame ended here.
  FRAME,       ///< A whole frame with the right CRC: address(), command(), payload() are valid until the next byte.
  BAD_ESCAPE,  ///< ESCAPE was followed by a byte that is no escaped one: frame dropped.
  TOO_SHORT,   ///< STOP came before address, command and CRC were there: frame dropped.
  TOO_LONG,    ///< More than MAX_REPLY_SIZE bytes without STOP: frame dropped.
  BAD_CRC,     ///< Right shape, wrong checksum: frame dropped.
};

/// Finds the replies in what comes from the line, byte by byte.
///
/// Everything before START_OF_REPLY is passed over: the echo of our own request from an optical head, noise, the lone
/// 0x00 that a meter may send. START_OF_REPLY always begins anew, because inside a frame it is escaped.
class FrameReader {
 public:
  /// Takes one byte. Never more than MAX_REPLY_SIZE bytes are kept.
  ReadResult feed(uint8_t byte);

  /// Forgets a frame that has begun.
  void reset() { this->state_ = State::OUTSIDE; }

  /// True from START_OF_REPLY until STOP or an error.
  bool in_frame() const { return this->state_ != State::OUTSIDE; }

  uint8_t address() const { return this->buffer_[0]; }
  uint8_t command() const { return this->buffer_[1]; }
  /// The data between command and CRC.
  const uint8_t *payload() const { return this->buffer_ + 2; }
  size_t payload_size() const { return this->size_ - 4; }

 protected:
  enum class State : uint8_t { OUTSIDE, INSIDE, ESCAPED };

  ReadResult drop_(ReadResult reason) {
    this->state_ = State::OUTSIDE;
    return reason;
  }
  ReadResult finish_();

  uint8_t buffer_[MAX_REPLY_SIZE];
  uint16_t crc_{0};
  uint8_t size_{0};
  State state_{State::OUTSIDE};

  static_assert(MAX_REPLY_SIZE <= UINT8_MAX, "size_ is one byte");
};

}  // namespace esphome::multical::kmp
