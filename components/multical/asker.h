#pragma once

#include <cstdint>
#include <optional>

#include "kmp_conversation.h"

namespace esphome::multical {

/// How much an asker needs the line.
enum class Need : uint8_t {
  NOTHING,  ///< It has nothing to ask.
  TURN,     ///< It has something to ask, perhaps only later; others may ask in between.
  LINE,     ///< It is in the middle of something: nobody else may ask before it is done.
};

/// Whoever asks the meter: readings, the wiring check, the scan.
///
/// One request is under way at a time, and what became of it is told to its asker alone: for each request one call of
/// answered() or of failed(), and before it any number of attempt_failed(). Without it next() gives the same request
/// again. All times are milliseconds of a clock that never goes back; with 64 bits it does not wrap around.
class Asker {
 public:
  virtual Need need() const = 0;
  /// What to ask, now that the line is free. Nothing: it is somebody else's turn, or, with Need::LINE, everybody waits.
  virtual std::optional<kmp::Request> next(uint64_t now) = 0;
  virtual void answered(const kmp::Answer &answer, uint64_t now) = 0;
  /// A request was sent once and not answered; it may be repeated.
  virtual void attempt_failed(const kmp::Attempt &) {}
  /// @param evidence what the last attempt brought; NO_PORT when nothing could be sent
  virtual void failed(const kmp::Request &request, kmp::Evidence evidence, uint64_t now) = 0;
  /// The reply to a request that failed has come after all.
  virtual void answered_late() {}
  /// A byte came that no request explains.
  virtual void unasked_byte(uint8_t) {}

 protected:
  ~Asker() = default;
};

}  // namespace esphome::multical
