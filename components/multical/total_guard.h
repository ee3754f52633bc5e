#pragma once

#include <cmath>
#include <cstdint>

namespace esphome::multical {

/// Decides whether the value of a counter can be true, because Home Assistant books a wrong one for good: it takes a
/// fall below 90 % for a new counter, and adds all that this one shows.
///
/// A value follows the one before when it is the same or a little more. Any other is in doubt until a second reading
/// shows about the same: one that falls or jumps, one that another register contradicts, and the first one of all.
/// Two wrong values that differ never confirm each other. A 0 is what a meter sends that is not ready yet, perhaps
/// twice in a row: it is believed when it comes again after it was confirmed.
///
/// What has to survive a restart is kept in steps of KEPT_SHARE, so that flash is written a few times a year: what is
/// lost by that is as little as what follows, and Home Assistant takes neither for a new counter.
class TotalGuard {
 public:
  /// Share of a value by which the next one may rise without being a jump: 1/32. Home Assistant's 10 % are more than
  /// three of these, so a few wrong values in a row that all follow do no harm, either.
  static constexpr float JUMP_SHARE = 1.0f / 32;
  /// The same for the second reading of what is in doubt: it comes seconds later.
  static constexpr float SAME_SHARE = 1.0f / 256;

  /// Tells what was kept before a restart.
  void restore(float total) { this->last_ = this->kept_ = total; }

  /// Takes a reading.
  /// @param contradicted whether another register contradicts it
  /// @return whether to publish it; otherwise it is to be read once more
  bool take(float total, bool contradicted = false);

  /// Whether to keep last() over a restart; tells it once.
  bool must_keep();
  /// What take() believed last; NAN before that.
  float last() const { return this->last_; }

 protected:
  float last_{NAN};
  float doubted_{NAN};  ///< what waits for a second reading
  float kept_{NAN};
};

/// A value for the log: whole numbers say enough, and printing a float would need a double.
int32_t to_whole(float value);

}  // namespace esphome::multical
