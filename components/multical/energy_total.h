#pragma once

#include <cstdint>
#include <optional>

#include "kmp_frame.h"
#include "kmp_value.h"

namespace esphome::multical {

/// Joins two registers that count the same energy: one in the steps of the display, which never resets, and one in
/// finer steps, which rolls over to 0 every 10 MWh.
///
/// Kamstrup's technical description of the 403 shows the pair E1 = 1,234,567.8 kWh and 4,567,890.1 Wh; a 403 that
/// displayed about 60 GJ sent 6,655,807 Wh. Both fit 10 MWh.
///
/// The published value never falls because one register is missing or does not fit: nothing new is published until the
/// coarse counter has caught up. A counter that really falls (another meter, a reset) is published as it is.
class EnergyTotal {
 public:
  /// What to publish: in joules when the two registers agree, otherwise the coarse one as it was sent.
  struct Total {
    kmp::Decimal value;
    uint8_t unit;  ///< number as in units.py
  };

  /// Tells whether the fine register was used before a restart. If so, the coarse counter alone may be less than what
  /// was published.
  void restore(bool was_fine) { this->was_fine_ = was_fine; }
  /// Whether the fine register is used: the last readings agreed, or it has been missing only briefly since.
  bool was_fine() const { return this->was_fine_; }

  /// Takes a reading.
  /// @param fine         nothing if the meter left it out
  /// @param fine_is_gone the meter has left out the fine register so often that it is no longer expected
  /// @return nothing if the last published value is closer to the truth, or the coarse register is not a number
  std::optional<Total> take(const kmp::RegisterValue &coarse, const std::optional<kmp::RegisterValue> &fine,
                            bool fine_is_gone);

  /// Tells that the last result of take() was published.
  void published() { this->published_ = this->taken_; }

  /// Whether the fine register came and did not fit.
  bool disagrees() const { return this->taken_.disagrees; }
  /// Whether the two started to disagree with the last result of take(): one of them may be wrong.
  bool contradicts() const { return this->taken_.disagrees && !this->published_.disagrees; }

 protected:
  bool is_little_less_(uint64_t joule, uint64_t step) const;
  bool coarse_may_fall_(uint64_t joule, uint64_t step);

  struct State {
    uint64_t joule{0};
    bool is_known{false};
    bool is_fine{false};
    bool disagrees{false};
  };

  State published_;    ///< what was published last
  State taken_;        ///< what take() returned last
  uint64_t floor_{0};  ///< the first coarse value after a restart, when was_fine_
  bool has_floor_{false};
  bool was_fine_{false};
};

}  // namespace esphome::multical
