#pragma once

#include <cmath>
#include <cstdint>

namespace esphome::multical {

/// Decides whether the value of a counter is plausible, because Home Assistant records a wrong one permanently: it
/// takes a fall below 90 % for a new counter, and adds everything that the new one shows.
///
/// A value follows the previous one if it is the same or a little more. Any other is in doubt until a second reading
/// shows about the same: one that falls or jumps, one that another register contradicts, and the very first one. Two
/// wrong values that differ never confirm each other. A meter that is not ready yet may send 0, perhaps twice in a row:
/// a 0 is believed only when it comes once more after it was confirmed.
///
/// What has to survive a restart is kept in steps of JUMP_SHARE, so that flash is written only a few times a year. What
/// is lost by that is no more than a value may rise, and Home Assistant takes neither for a new counter.
class TotalGuard {
 public:
  /// Share of a value by which the next one may rise without being a jump: 1/32. Home Assistant's 10 % is more than
  /// three of these, so a few wrong values in a row, each a small step from the last, do no harm either.
  static constexpr float JUMP_SHARE = 1.0f / 32;
  /// The same for the second reading of a doubtful value: it comes seconds later.
  static constexpr float SAME_SHARE = 1.0f / 256;

  /// Tells which value was kept before a restart.
  void restore(float total) { this->last_ = this->kept_ = total; }

  /// Takes a reading.
  /// @param contradicted whether another register contradicts it
  /// @return whether to publish it; if not, read it once more
  bool take(float total, bool contradicted = false);

  /// Whether to keep last() over a restart; true only once for each value.
  bool must_keep();
  /// The last value that take() believed; NAN before that.
  float last() const { return this->last_; }

 protected:
  float last_{NAN};
  float doubted_{NAN};  ///< the value that waits for a second reading
  float kept_{NAN};
};

/// A value for the log: whole numbers are enough, and printing a float would need a double.
int32_t to_whole(float value);

}  // namespace esphome::multical
