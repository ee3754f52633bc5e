#pragma once

#include <cstdint>
#include <optional>

#include "kmp_frame.h"

namespace esphome::multical {

/// Finds the register that makes a meter silent: one that it does not leave out of its reply, but because of which it
/// sends none (reported for register 96 of a 403).
///
/// Asks for half of the suspects at a time. Silence proves something only while the meter is awake, so it has to answer
/// another question before and after it, but for the last two suspects; a register that is asked for alone is asked for
/// twice. Eight suspects take at most eight requests, those proofs included.
class SilentRegisterSearch {
 public:
  /// Begins: a request was met with silence. Its registers that may be the cause follow with add(), at least one.
  void begin();
  void add(uint16_t id) { this->suspects_[this->count_++] = id; }
  void stop() { this->count_ = 0; }
  bool is_active() const { return this->count_ > 0; }

  /// What to ask for next. Valid while it is active.
  kmp::Request request() const;

  /// That request was answered: none of its registers is the one.
  void answered();
  /// That request was met with silence.
  /// @return whether the meter has to prove that it is awake; if not, request() is asked again
  bool silent();
  /// The meter has proved to be awake after the silence.
  /// @return the register, when it is found; the search is over then
  std::optional<uint16_t> proved_awake();

 protected:
  uint8_t half_() const { return static_cast<uint8_t>((this->count_ + 1) / 2); }

  uint16_t suspects_[kmp::MAX_REGISTERS];
  uint8_t count_{0};
  bool is_whole_{false};    ///< the silence was that after the request with all of them
  bool was_silent_{false};  ///< a register that is asked for alone was met with silence once
};

}  // namespace esphome::multical
