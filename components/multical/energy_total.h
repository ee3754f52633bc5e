#pragma once

#include <cstdint>
#include <optional>

#include "kmp_frame.h"
#include "kmp_value.h"

namespace esphome::multical {

/// Joins two registers that count the same energy: one in the steps of the display, which never starts again, and one
/// in finer steps, which starts again at 0 every 10 MWh.
///
/// Kamstrup's technical description of the 403 shows the pair E1 = 1,234,567.8 kWh and 4,567,890.1 Wh; a 403 that
/// displayed about 60 GJ sent 6,655,807 Wh. Both fit 10 MWh.
///
/// What was published never falls because one register is missing or does not fit: until the coarse counter has caught
/// up, nothing new is published. A counter that really falls (another meter, a reset) comes out as it is.
class EnergyTotal {
 public:
  /// What to publish: in joule when the two registers agree, otherwise the coarse one as it came.
  struct Total {
    kmp::Decimal value;
    uint8_t unit;  ///< number as in units.py
  };

  /// Tells whether the fine register was used before a restart: then the coarse counter alone may be less than what was
  /// published.
  void restore(bool was_fine) { this->was_fine_ = was_fine; }
  /// Whether the fine register is used: the last readings agreed, or it was only missing for a short time since.
  bool was_fine() const { return this->was_fine_; }

  /// Takes a reading.
  /// @param fine         nothing when the meter left it out
  /// @param fine_is_gone the meter has left out the fine register so often that it does not count as missing any more
  /// @return nothing when what was published last is nearer to the truth, or the coarse register is no number
  std::optional<Total> take(const kmp::RegisterValue &coarse, const std::optional<kmp::RegisterValue> &fine,
                            bool fine_is_gone);

  /// Tells that what take() returned last was published.
  void published() { this->published_ = this->taken_; }

  /// Whether the fine register came and did not fit.
  bool disagrees() const { return this->taken_.disagrees; }
  /// Whether it is with what take() returned last that the two begin to disagree: one of them may be wrong.
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
