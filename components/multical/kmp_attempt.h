#pragma once

#include "kmp_protocol.h"
#include "kmp_reader.h"
#include "kmp_request.h"

namespace esphome::multical::kmp {

/// What the line brought when a request was sent once.
enum class Evidence : uint8_t {
  ANSWER,    ///< A reply that passed every check.
  NOTHING,   ///< Not one byte, or nothing but a few 0x00.
  ECHO,      ///< The request itself and nothing else.
  GARBLED,   ///< Bytes, but no frame; or a frame that answers something else.
  CHECKSUM,  ///< A frame of the right shape with a wrong CRC.
};

/// Keeps what was sent and what came back, until the next attempt.
class Attempt {
 public:
  /// Bytes that are kept to be shown; more are counted only. The longest echo and a few more.
  static constexpr size_t MAX_KEPT = MAX_REQUEST_SIZE + 4;

  /// Begins anew with the frame that is sent now.
  /// @return where to write it; its size is set with set_sent_size().
  uint8_t (&begin())[MAX_REQUEST_SIZE];
  void set_sent_size(size_t size) { this->sent_size_ = static_cast<uint8_t>(size); }

  /// Takes a byte from the line and what the reader made of it.
  void receive(uint8_t byte, ReadResult result);

  /// What it comes to, if no answer was among it.
  Evidence evidence() const;

  /// Bytes received in all.
  size_t received_size() const { return this->received_size_; }
  /// The first of them, kept_size() many.
  const uint8_t *kept() const { return this->kept_; }
  size_t kept_size() const { return this->received_size_ < MAX_KEPT ? this->received_size_ : MAX_KEPT; }
  /// How many of the received bytes are our own request, in its order.
  size_t echo_size() const { return this->echo_size_; }
  /// How many are 0x00 and not part of the echo: what a short low pulse looks like to a UART.
  size_t zero_count() const { return this->zero_count_; }

 protected:
  uint8_t sent_[MAX_REQUEST_SIZE];
  uint8_t kept_[MAX_KEPT];
  uint16_t received_size_{0};
  uint16_t zero_count_{0};
  uint8_t sent_size_{0};
  uint8_t echo_size_{0};
  bool bad_checksum_{false};
};

}  // namespace esphome::multical::kmp
