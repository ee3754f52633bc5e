#pragma once

#include "kmp_attempt.h"

namespace esphome::multical::kmp {

/// What the link to the meter is worth, and what is wrong with it.
enum class LinkStatus : uint8_t {
  STARTING,         ///< Nothing asked yet.
  OK,               ///< More than half of the last requests were answered.
  NO_ANSWER,        ///< Not one byte comes after a request.
  ECHO_ONLY,        ///< The request itself comes back and nothing else.
  GARBLED,          ///< Bytes come, but nothing that answers the request.
  CHECKSUM_ERRORS,  ///< Frames come with a wrong checksum.
  LINE_LOW,         ///< The line rests at the level of a start bit.
  PULSES,           ///< Lone short pulses come, asked or not.
  NO_PORT,          ///< There is no serial port to talk through (USB adapters only).
};

/// Tells from what the line brings what is wrong with it.
///
/// A request is what was asked once with all its repetitions. While the meter counts as connected, one bad request
/// changes nothing: the status leaves OK when not more than half of the last WINDOW requests were answered, and comes
/// back likewise. When the meter is given up, and before it has ever answered, the last failed attempts decide at once.
/// When it is found, what was before is forgotten and counts as answered.
class Diagnosis {
 public:
  /// Requests and attempts that are looked back on.
  static constexpr uint8_t WINDOW = 8;
  /// Lone pulses since the last answer from which on it is a pulse output; a meter may send one 0x00 by itself.
  static constexpr uint8_t MIN_PULSES = 3;
  /// Samples of the resting line, all low, from which on it rests low.
  static constexpr uint8_t MIN_LOW_SAMPLES = 3;

  LinkStatus status() const { return this->status_; }

  /// One attempt has ended with an answer or without.
  void attempt_ended(Evidence evidence);
  /// One request has ended: answered, or all its attempts failed.
  /// @param connected whether the meter counts as connected after it
  void request_ended(bool answered, bool connected);
  /// Pulses were seen while nothing was asked: bytes 0x00 that stand alone.
  void pulses_seen(uint8_t count);
  /// The level of the line while nothing is sent, `inverted` taken into account: high is rest.
  void line_sampled(bool high);
  /// Whether there is a port at all.
  void port_checked(bool usable);

 protected:
  LinkStatus fault_() const;
  void update_status_();

  Evidence attempts_[WINDOW]{};  ///< the newest at attempt_index_ - 1
  uint8_t attempt_count_{0};
  uint8_t attempt_index_{0};
  uint8_t failed_{0};  ///< the last WINDOW requests, a bit each: 1 is not answered, bit 0 is the newest
  static_assert(WINDOW == 8, "failed_ is one byte");
  uint8_t pulse_count_{0};
  uint8_t low_samples_{0};
  LinkStatus status_{LinkStatus::STARTING};
  bool asked_{false};
  bool connected_{false};
  bool port_usable_{true};
};

}  // namespace esphome::multical::kmp
