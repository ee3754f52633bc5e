#pragma once

#include <cstdint>
#include <optional>

#include "kmp_frame.h"

namespace esphome::multical {

/// Finds the register that stops a meter answering: instead of leaving it out of its reply, the meter sends no reply at
/// all (reported for register 96 of a 403).
///
/// Asks for half of the suspects at a time. Silence proves something only while the meter is awake, so the meter has to
/// answer another request before and after it, except for the last two suspects; a register that is asked for alone is
/// asked for twice. Eight suspects take at most eight requests, including those proofs.
class SilentRegisterSearch {
 public:
  /// Begins: a request brought no reply. Add each of its registers that may be the cause with add(), at least one.
  void begin();
  void add(uint16_t id) { this->suspects_[this->count_++] = id; }
  void stop() { this->count_ = 0; }
  bool is_active() const { return this->count_ > 0; }

  /// What to ask for next. Valid while it is active.
  kmp::Request request() const;

  /// That request was answered: none of its registers is the cause.
  void answered();
  /// That request brought no reply.
  /// @return whether the meter has to prove that it is awake; if not, send request() next
  bool silent();
  /// The meter has answered another request after the silence: it is awake.
  /// @return the register, if it is found; the search is then over
  std::optional<uint16_t> proved_awake();

 protected:
  uint8_t half_() const { return static_cast<uint8_t>((this->count_ + 1) / 2); }

  uint16_t suspects_[kmp::MAX_REGISTERS];
  uint8_t count_{0};
  bool is_whole_{false};    ///< the silence came after the request with all of them
  bool was_silent_{false};  ///< asking for one register alone has brought no reply once
};

}  // namespace esphome::multical
