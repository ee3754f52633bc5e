#pragma once

#include <cstdint>
#include <optional>

#include "kmp_conversation.h"

namespace esphome::multical {

/// How healthy the link to the meter is, and what is wrong with it.
enum class LinkStatus : uint8_t {
  STARTING,         ///< Nothing asked yet.
  OK,               ///< More than half of the last requests were answered.
  NO_ANSWER,        ///< Nothing comes back after a request.
  ECHO_ONLY,        ///< The request itself comes back and nothing else.
  GARBLED,          ///< Bytes come back, but none that answer the request.
  CHECKSUM_ERRORS,  ///< Frames come back with a wrong checksum.
  LINE_LOW,         ///< The idle line is at the level of a start bit.
  PULSES,           ///< Single short pulses come in, requested or not.
  LATE_ANSWERS,     ///< Correct answers come, but after the timeout.
  NO_PORT,          ///< There is no serial port to talk through (USB adapters only).
};

/// Works out from what comes back whether the meter is there, and what is wrong with the link.
///
/// A request and its repetitions count as one request. The meter is connected from its first answer until
/// FAILED_UPDATES_UNTIL_GONE updates in a row ended without one. While it is connected, one bad request changes
/// nothing: the status stops being OK when half or fewer of the last WINDOW requests were answered, and becomes OK
/// again when more than half were. When the meter is lost, and before it has ever answered, the last failed attempts
/// decide at once. When it is found, everything before that is forgotten and counts as answered.
class LinkHealth {
 public:
  /// Updates in a row without an answer after which the meter counts as gone.
  static constexpr uint8_t FAILED_UPDATES_UNTIL_GONE = 3;
  /// How many of the latest requests and attempts are considered.
  static constexpr uint8_t WINDOW = 8;
  /// Single pulses since the last answer at which it counts as a pulse output; a meter may send one 0x00 by itself.
  static constexpr uint8_t MIN_PULSES = 3;
  /// Samples of the idle line, all low, at which the line counts as low.
  static constexpr uint8_t MIN_LOW_SAMPLES = 3;

  LinkStatus status() const { return this->status_; }
  bool is_connected() const { return this->connected_; }

  /// A request was answered.
  /// @return whether this means that the meter is found: it was not connected before
  bool request_answered();
  /// A request was sent once and not answered.
  void attempt_failed(const kmp::Attempt &attempt);
  /// A request was not answered, which ends the update.
  /// @return whether this means that the meter is lost: it was connected before
  bool update_failed();

  /// The reply to the last failed request has come after all.
  void answered_late();

  /// Pulses were seen: single bytes 0x00.
  void pulses_seen(size_t count);
  /// A byte came when nothing had been requested. Any other than 0x00 means that the zeros around it were no pulses.
  void unasked_byte(uint8_t byte);
  /// The level of the line while nothing is sent, with `inverted` applied: high is idle.
  void line_sampled(bool high);
  /// Whether there is a port at all.
  void port_checked(bool usable);

 protected:
  void add_attempt_(kmp::Evidence evidence);
  void request_ended_(bool answered);
  LinkStatus fault_() const;
  void update_status_();

  kmp::Evidence attempts_[WINDOW]{};  ///< the newest at attempt_index_ - 1
  uint8_t attempt_count_{0};
  uint8_t attempt_index_{0};
  uint8_t failed_{0};  ///< the last WINDOW requests, one bit each: 1 is not answered, bit 0 is the newest
  static_assert(WINDOW == 8, "failed_ is one byte");
  uint8_t failed_updates_{0};  ///< in a row
  uint8_t pulse_count_{0};
  uint8_t low_samples_{0};
  LinkStatus status_{LinkStatus::STARTING};
  bool asked_{false};
  bool connected_{false};
  bool port_usable_{true};
};

/// Counts the requests, and knows when the last complete reading was.
class LinkCounters {
 public:
  /// A request was sent once.
  void request_sent(bool answered) {
    this->requests_++;
    if (!answered)
      this->failed_requests_++;
  }
  /// Everything due in an update was read.
  void reading_completed(uint64_t now) { this->last_reading_ = now; }

  uint32_t requests() const { return this->requests_; }
  uint32_t failed_requests() const { return this->failed_requests_; }
  /// Seconds since the last complete reading; nothing before the first one.
  std::optional<uint32_t> last_reading_age(uint64_t now) const {
    if (!this->last_reading_.has_value())
      return {};
    return static_cast<uint32_t>((now - *this->last_reading_) / 1000);
  }

 protected:
  std::optional<uint64_t> last_reading_;
  uint32_t requests_{0};
  uint32_t failed_requests_{0};
};

}  // namespace esphome::multical
