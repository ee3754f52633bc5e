#pragma once

#include "kmp_attempt.h"
#include "kmp_reply.h"
#include "kmp_request.h"

namespace esphome::multical {

/// Something that asks the meter questions of its own beside the readings, with Multical::ask(). What becomes of them
/// is told to it alone: no entity and no link status takes notice.
class SideTask {
 public:
  virtual void on_reply(const kmp::Request &request, const kmp::Reply &reply) = 0;
  /// A request was sent once and not answered; it may be repeated.
  virtual void on_attempt_failed(const kmp::Attempt &attempt) {}
  /// Every attempt failed.
  /// @param attempt the last one
  virtual void on_failure(const kmp::Request &request, const kmp::Attempt &attempt) {}

 protected:
  ~SideTask() = default;
};

}  // namespace esphome::multical
