#pragma once

#include <cstdint>
#include <optional>

#include "kmp_conversation.h"

namespace esphome::multical {

/// How badly an asker needs the line.
enum class Need : uint8_t {
  NOTHING,  ///< It has nothing to ask.
  TURN,     ///< It has something to ask, now or later; others may ask in between.
  LINE,     ///< It is in the middle of something: nobody else may ask until it is done.
};

/// Anything that asks the meter: readings, the wiring check, the scan.
///
/// Only one request is under way at a time, and only its asker is told the result: one call of answered() or failed()
/// for each request, after any number of attempt_failed(). If neither call comes, next() gives the same request again.
/// All times are milliseconds of a clock that never goes back; with 64 bits it does not wrap around.
class Asker {
 public:
  virtual Need need() const = 0;
  /// What to ask, now that the line is free. Nothing: it is another asker's turn, or, with Need::LINE, everyone waits.
  virtual std::optional<kmp::Request> next(uint64_t now) = 0;
  virtual void answered(const kmp::Answer &answer, uint64_t now) = 0;
  /// A request was sent once and not answered; it may be repeated.
  virtual void attempt_failed(const kmp::Attempt &) {}
  /// @param evidence what came back on the last attempt; NO_PORT when nothing could be sent
  virtual void failed(const kmp::Request &request, kmp::Evidence evidence, uint64_t now) = 0;
  /// The reply to a failed request has come after all.
  virtual void answered_late() {}
  /// A byte came that belongs to no request.
  virtual void unasked_byte(uint8_t) {}

 protected:
  ~Asker() = default;
};

}  // namespace esphome::multical
